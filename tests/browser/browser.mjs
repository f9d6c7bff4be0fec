// Chromium, signed in, and the pages that are looked at.
import { chromium } from "playwright-core";

export const PAGES = [
  "/",
  "/?area=climate&order=name",
  "/nations",
  "/nations/IN",
  "/areas/climate",
  "/projects",
  "/projects?nation=US&area=climate&sort=-launch_date",
  "/projects/trishna",
  "/projects/trishna/edit",
  "/projects/new",
  "/agreements",
  "/agreements/in-2021-gaganyaan",
  "/organisations",
  "/organisations/isro",
  "/reviews",
  "/review",
  "/review/minutes",
  "/findings",
  "/findings?rule=end-unknown&nation=IN",
  "/changes?from=2020-01-01",
  "/changes?from=r40&to=r60",
  "/network",
  "/documents",
  "/dismissals/new",
  "/search?q=climate",
  "/sessions",
  "/about",
  "/nowhere",
];

export async function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
}

// The cookies of a session: signed in once, with the form.
export async function signIn(browser, origin, password, name = "admin") {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${origin}/sign-in`);
  await page.fill("#username", name);
  await page.fill("#password", password);
  await page.click("main button[type=submit]");
  await page.waitForURL(`${origin}/`);
  const state = await context.storageState();
  await context.close();
  return state;
}

export const address = (origin, path, language) =>
  `${origin}${path}${path.includes("?") ? "&" : "?"}lang=${language}`;
