// Every page in both languages, on wide, middle and narrow screens, light and dark: axe-core finds nothing, html-validate finds
// nothing, nothing scrolls sideways, nothing is asked of another host, nothing is logged to the console.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { gzipSync } from "node:zlib";
import { HtmlValidate } from "html-validate";
import { PAGES, address, launch, signIn } from "./browser.mjs";

const [origin, password] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const validator = new HtmlValidate({
  extends: ["html-validate:recommended", "html-validate:a11y"],
  rules: {
    // Lists without marks are lists all the same, and a void element is written as HTML has it.
    "no-inline-style": "error",
    "void-style": ["error", { style: "omit" }],
    "no-trailing-whitespace": "off",
    "prefer-native-element": "off",
    "long-title": "off",
  },
});
const wrong = [];
let heaviest = 0;
const browser = await launch();
const storageState = await signIn(browser, origin, password);
let looked = 0;
const fault = (text) => {
  if (!wrong.includes(text)) console.log(text);
  wrong.push(text);
};
const FULL = { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] };
// In the dark the same page has other colours and nothing else.
const COLOURS = { runOnly: { type: "rule", values: ["color-contrast", "link-in-text-block"] } };

// Every page in both languages, on one kind of screen.
async function look(colorScheme, width) {
  const context = await browser.newContext({ storageState, colorScheme, viewport: { width, height: 900 }, bypassCSP: true });
  const page = await context.newPage();
  page.on("request", (request) => {
    if (!request.url().startsWith(origin)) fault(`asks another host: ${request.url()}`);
  });
  for (const language of ["en", "fr"]) {
    for (const path of [...PAGES, "/sign-in"]) {
      const at = `${path} ${language} ${width} ${colorScheme}`;
      const answer = await page.goto(address(origin, path, language));
      if (colorScheme === "light" && width === 1440) {
        const report = await validator.validateString(await answer.text());
        for (const result of report.results)
          for (const message of result.messages) fault(`${at}: ${message.ruleId}, line ${message.line}: ${message.message}`);
      }
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (wide > 0) fault(`${at}: scrolls sideways by ${wide}`);
      await page.evaluate(axe);
      const found = await page.evaluate((options) => axe.run(document, { resultTypes: ["violations"], ...options }), colorScheme === "dark" ? COLOURS : FULL);
      for (const violation of found.violations)
        for (const node of violation.nodes.slice(0, 2))
          fault(`${at}: ${violation.id}: ${violation.help}: ${node.html.slice(0, 160)} ${node.any[0]?.message ?? ""}`);
      looked += 1;
    }
  }
  await context.close();
}

// Two at a time: a browser has a process for each.
await Promise.all([1440, 768, 380].map((width) => look("light", width)));
await Promise.all([1440, 380].map((width) => look("dark", width)));
await policy();
await weight();
await keyboard();
await conflict();
await browser.close();
console.log(`${looked} pages, ${wrong.length} faults; the heaviest has ${heaviest} bytes`);
process.exit(wrong.length === 0 ? 0 : 1);

// What the Content-Security-Policy refuses is said on the console: there must be none of it.
async function policy() {
  const context = await browser.newContext({ storageState });
  const page = await context.newPage();
  for (const path of PAGES) {
    page.on("console", (message) => {
      const expected = path === "/nowhere" && message.text().includes("404");
      if (message.type() === "error" && !expected) fault(`${path}: ${message.text()}`);
    });
    await page.goto(origin + path);
    page.removeAllListeners("console");
  }
  await context.close();
}

// A page with everything that it loads is no heavier than 150 kB, compressed as a proxy does it.
async function weight() {
  const context = await browser.newContext({ storageState });
  const page = await context.newPage();
  for (const path of PAGES) {
    const bodies = [];
    page.on("response", (answer) => bodies.push(answer.body().then((body) => gzipSync(body).length, () => 0)));
    await page.goto(origin + path, { waitUntil: "networkidle" });
    const bytes = (await Promise.all(bodies)).reduce((sum, length) => sum + length, 0);
    if (bytes > 150_000 || bytes < 1_000) fault(`${path}: ${bytes} bytes, compressed`);
    heaviest = Math.max(heaviest, bytes);
    page.removeAllListeners("response");
  }
  await context.close();
}

// Two people edit the same record in two browsers: the second is shown what the first saved beside their own, and what they
// changed elsewhere is taken over. Nothing is lost.
async function conflict() {
  const [first, second] = await Promise.all([1, 2].map(async () => (await browser.newContext({ storageState })).newPage()));
  const path = `${origin}/organisations/isro`;
  const field = (page, name) => page.locator(`[name="${name}"]`).first();
  for (const page of [first, second]) await page.goto(`${path}/edit?lang=en`);
  const before = await field(first, "name").inputValue();
  await field(first, "name").fill("ISRO of the first");
  await field(first, "source").fill("What the first knows");
  await first.click("main form button[type=submit]");
  await first.waitForURL(/\/organisations\/isro(\?|$)/);
  await field(second, "name").fill("ISRO of the second");
  await field(second, "short_name").fill("second");
  await Promise.all([
    second.waitForResponse((answer) => answer.status() === 409),
    second.click("main form button[type=submit]"),
  ]);
  await second.locator("[role=alert]").first().waitFor();
  const text = await second.locator("main").innerText();
  for (const said of ["Another user has saved", before, "ISRO of the first", "ISRO of the second"])
    if (!text.includes(said)) fault(`the second is not shown: ${said}`);
  // Only what both changed is open; it is the second's to decide, and what each changed alone is there.
  const kept = { name: "ISRO of the second", short_name: "second", source: "What the first knows" };
  for (const [name, value] of Object.entries(kept)) {
    const shown = await field(second, name).inputValue();
    if (shown !== value) fault(`${name} is ${shown}, not ${value}`);
  }
  await second.click("main form button[type=submit]");
  await second.waitForURL(/\/organisations\/isro(\?|$)/);
  await first.goto(`${path}?lang=en`);
  const saved = await first.locator("main").innerText();
  for (const value of [...Object.values(kept), "ISRO of the first"])
    if (!saved.includes(value)) fault(`after both have saved, the record and its history do not show: ${value}`);
  for (const page of [first, second]) await page.context().close();
}

// The keyboard alone reaches every link and field of the panorama, and the first stop skips to the content.
async function keyboard() {
  const context = await browser.newContext({ storageState });
  const page = await context.newPage();
  await page.goto(`${origin}/`);
  await page.keyboard.press("Tab");
  const first = await page.evaluate(() => document.activeElement.getAttribute("href"));
  if (first !== "#main") fault(`the keyboard begins at ${first}`);
  const stops = await page.evaluate(() => document.querySelectorAll("a[href], button, input:not([type=hidden]), select, summary").length);
  const closed = await page.evaluate(() => document.querySelectorAll("details:not([open]) a[href]").length);
  const seen = new Set();
  for (let at = 0; at < stops * 4 && seen.size < stops - closed - 1; at += 1) {
    await page.keyboard.press("Tab");
    const known = await page.evaluate(() => {
      const all = [...document.querySelectorAll("a[href], button, input, select, summary")];
      return all.indexOf(document.activeElement);
    });
    if (known >= 0) seen.add(known);
  }
  if (seen.size < stops - closed - 1) fault(`the keyboard reaches ${seen.size} of ${stops - closed}`);
  await context.close();
}
