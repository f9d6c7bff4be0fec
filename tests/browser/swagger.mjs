// Swagger UI as a developer meets it: signs in under Authorize with name and password, and tries operations as they are
// filled in. usage: tests/browser/run PROGRAM swagger
import { launch } from "./browser.mjs";

const [origin, password] = process.argv.slice(2);
// Tag, operation, and the status that it is to answer.
const OPERATIONS = [
  ["auth", "get_me", 200],
  ["projects", "list_projects", 200],
  ["projects", "read_project", 200],
  ["projects", "list_project_history", 200],
  ["reviews", "create_review", 201],
  ["search", "search_records", 200],
  ["analytics", "list_partnerships", 200],
  ["analytics", "summarise_projects", 200],
  ["changes", "list_changes", 200],
  ["users", "list_users", 200],
  ["users", "create_user", 422],
  ["releases", "create_release", 201],
];

const browser = await launch();
const page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
const faults = [];
page.on("pageerror", (error) => faults.push(`script: ${error}`));
page.on("request", (request) => new URL(request.url()).origin === origin || faults.push(`asks ${request.url()}`));
await page.goto(`${origin}/docs/`);
await page.waitForSelector(".opblock-tag");
await page.screenshot({ path: "swagger-start.png" });

await page.click(".btn.authorize");
await page.waitForSelector(".auth-container");
const first = await page.textContent(".auth-container h4");
if (!first.includes("oauth2")) faults.push(`the first choice under Authorize is ${first}`);
await page.fill("#oauth_username", "admin");
await page.fill("#oauth_password", password);
await page.screenshot({ path: "swagger-authorize.png" });
await page.click(".auth-container .auth-btn-wrapper .authorize");
await page.waitForSelector(".auth-container .btn.auth:has-text('Logout')");
await page.click(".btn-done");

for (const [tag, id, wanted] of OPERATIONS) {
  const block = page.locator(`#operations-${tag}-${id}`);
  if (!(await block.isVisible())) await page.click(`#operations-tag-${tag}`);
  await block.locator(".opblock-summary-control").click();
  await block.locator("button.execute").click();
  const status = block.locator(".live-responses-table .response-col_status").last();
  await status.waitFor();
  const found = parseInt(await status.textContent(), 10);
  const asked = await block.locator(".request-url pre").textContent();
  console.log(`${found} ${id} ${asked.trim().slice(0, 200)}`);
  if (found !== wanted) faults.push(`${id}: ${found}, not ${wanted}: ${await block.locator(".live-responses-table .highlight-code").first().textContent()}`);
  await block.screenshot({ path: `swagger-${id}.png` });
  await block.locator(".opblock-summary-control").click();
}
await browser.close();
faults.forEach((fault) => console.error(fault));
console.log(`${OPERATIONS.length} operations, ${faults.length} faults`);
process.exit(faults.length ? 1 : 0);
