// Screenshots of every page at three widths, light and dark, in both languages, and on paper; and the picture of README.
import { mkdirSync } from "node:fs";
import { PAGES, address, launch, signIn } from "./browser.mjs";

const [origin, password, root] = process.argv.slice(2);
const only = process.env.ONLY?.split(" ");
const pages = only ?? PAGES;
const browser = await launch();
const storageState = await signIn(browser, origin, password);
mkdirSync("shots", { recursive: true });
const name = (path) => path.replace(/^\//, "").replace(/[^a-z0-9-]+/gi, "_") || "panorama";
const widths = (process.env.WIDTHS ?? "1440 768 380").split(" ").map(Number);
for (const colorScheme of (process.env.SCHEMES ?? "light dark").split(" ")) {
  for (const width of widths) {
    const context = await browser.newContext({ storageState, colorScheme, viewport: { width, height: 900 } });
    const page = await context.newPage();
    for (const language of (process.env.LANGUAGES ?? "en fr").split(" ")) {
      for (const path of pages) {
        await page.goto(address(origin, path, language));
        await page.screenshot({ path: `shots/${name(path)}-${language}-${width}-${colorScheme}.png`, fullPage: true });
      }
    }
    await context.close();
  }
}
const context = await browser.newContext({ storageState, viewport: { width: 1440, height: 900 } });
const page = await context.newPage();
for (const path of pages) {
  await page.goto(address(origin, path, "en"));
  await page.pdf({ path: `shots/${name(path)}.pdf`, format: "A4", landscape: path === "/", printBackground: false });
}
if (!only) {
  const fresh = await (await browser.newContext({ storageState, viewport: { width: 1440, height: 900 } })).newPage();
  await fresh.goto(`${origin}/?lang=en`, { waitUntil: "networkidle" });
  await fresh.screenshot({ path: `${root}/docs/panorama.png`, clip: { x: 0, y: 0, width: 1440, height: 1150 }, fullPage: true });
}
await browser.close();
