// The lines that Replay shows, and files for it.

import { ready } from "./page.js"

/** @typedef {import("playwright-core").Page} Page */

/** @param {Page} page */
export const headline = (page) => page.locator(".headline").innerText()

/** The first line of each cell. @param {Page} page */
export const rows = (page) => page.locator("tbody tr").evaluateAll((all) => all.map((row) => [...row.querySelectorAll("td")].map((cell) => cell.firstElementChild?.textContent)))

/** @param {Page} page */
export const figures = (page) => page.locator(".figures div").evaluateAll((all) => all.map((each) => [...each.children].map((child) => child.textContent)))

/** @param {unknown} content */
const buffer = (content) => Buffer.from(typeof content === "string" ? content : JSON.stringify(content))

/** Gives the page a file. @param {Page} page @param {unknown} content */
export const give = (page, content) => giveAll(page, { "sessions.json": content })

/** Gives the page files at once, by their names. @param {Page} page @param {Record<string, unknown>} files */
export async function giveAll(page, files) {
  await page.locator("#file").setInputFiles(Object.entries(files).map(([name, content]) => ({ name, mimeType: "application/json", buffer: buffer(content) })))
  // The page reads files in the background.
  await ready(page)
}
