// Every page in both languages, on a wide and a narrow screen, light and dark: axe-core finds nothing, html-validate finds
// nothing, nothing scrolls sideways, nothing is asked of another host, nothing is logged to the console.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
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
const browser = await launch();
const storageState = await signIn(browser, origin, password);
let looked = 0;
for (const colorScheme of ["light", "dark"]) {
  for (const width of [1440, 380]) {
    const context = await browser.newContext({ storageState, colorScheme, viewport: { width, height: 900 }, bypassCSP: true });
    const page = await context.newPage();
    page.on("request", (request) => {
      if (!request.url().startsWith(origin)) wrong.push(`asks another host: ${request.url()}`);
    });
    for (const language of ["en", "fr"]) {
      for (const path of [...PAGES, "/sign-in"]) {
        const at = `${path} ${language} ${width} ${colorScheme}`;
        const answer = await page.goto(address(origin, path, language));
        if (colorScheme === "light" && width === 1440) {
          const report = await validator.validateString(await answer.text());
          for (const result of report.results)
            for (const message of result.messages) wrong.push(`${at}: ${message.ruleId}, line ${message.line}: ${message.message}`);
        }
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        if (wide > 0) wrong.push(`${at}: scrolls sideways by ${wide}`);
        await page.evaluate(axe);
        const found = await page.evaluate(() =>
          axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }),
        );
        for (const violation of found.violations)
          for (const node of violation.nodes.slice(0, 2))
            wrong.push(`${at}: ${violation.id}: ${violation.help}: ${node.html.slice(0, 160)} ${node.any[0]?.message ?? ""}`);
        looked += 1;
      }
    }
    await context.close();
  }
}
await policy();
await keyboard();
await browser.close();
for (const line of new Set(wrong)) console.log(line);
console.log(`${looked} pages, ${wrong.length} faults`);
process.exit(wrong.length === 0 ? 0 : 1);

// What the Content-Security-Policy refuses is said on the console: there must be none of it.
async function policy() {
  const context = await browser.newContext({ storageState });
  const page = await context.newPage();
  for (const path of PAGES) {
    page.on("console", (message) => {
      const expected = path === "/nowhere" && message.text().includes("404");
      if (message.type() === "error" && !expected) wrong.push(`${path}: ${message.text()}`);
    });
    await page.goto(origin + path);
    page.removeAllListeners("console");
  }
  await context.close();
}

// The keyboard alone reaches every link and field of the panorama, and the first stop skips to the content.
async function keyboard() {
  const context = await browser.newContext({ storageState });
  const page = await context.newPage();
  await page.goto(`${origin}/`);
  await page.keyboard.press("Tab");
  const first = await page.evaluate(() => document.activeElement.getAttribute("href"));
  if (first !== "#main") wrong.push(`the keyboard begins at ${first}`);
  const stops = await page.evaluate(() => document.querySelectorAll("a[href], button, input:not([type=hidden]), select, summary").length);
  const seen = new Set();
  for (let at = 0; at < stops * 4; at += 1) {
    await page.keyboard.press("Tab");
    const known = await page.evaluate(() => {
      const all = [...document.querySelectorAll("a[href], button, input, select, summary")];
      return all.indexOf(document.activeElement);
    });
    if (known >= 0) seen.add(known);
  }
  const closed = await page.evaluate(() => document.querySelectorAll("details:not([open]) a[href]").length);
  if (seen.size < stops - closed - 1) wrong.push(`the keyboard reaches ${seen.size} of ${stops - closed}`);
  await context.close();
}
