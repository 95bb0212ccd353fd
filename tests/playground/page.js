// The playground in a real Chromium: built into a folder of its own, and served as a static host serves it.

import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after } from "node:test"
import { fileURLToPath } from "node:url"
import { make, serve } from "../../js/playground/build.js"
import { launch } from "../host/chromium.js"

/** @typedef {import("playwright-core").Page} Page */

/** The folder for pictures of the page. */
const SHOTS = fileURLToPath(new URL("../../target/screenshots/", import.meta.url))

const folder = mkdtempSync(join(tmpdir(), "opencode-delegate-playground-"))
await make(folder)
const { url, files, close } = await serve({ folder })
export { files }
const browser = await launch()
after(async () => {
  await browser.close()
  close()
  rmSync(folder, { recursive: true, force: true })
})

/**
 * Opens an address of the page in a new browser. An error on the page fails the test.
 * @param {string} [hash]
 * @param {{ width?: number, height?: number, dark?: boolean, moves?: boolean, heard?: (page: Page) => void }} [how] `heard` is given
 *   the page before it is opened; `moves`: whether the viewer accepts movement
 */
export async function open(hash = "", { width = 1280, height = 860, dark = false, moves = false, heard } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: dark ? "dark" : "light", reducedMotion: moves ? "no-preference" : "reduce" })
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  page.on("pageerror", (error) => {
    throw error
  })
  heard?.(page)
  await page.goto(url + hash)
  await ready(page)
  return page
}

/** Waits until the page shows the content of its address. @param {Page} page */
export async function ready(page) {
  await page.waitForSelector("html[data-ready], html[data-failed]")
  const failed = await page.evaluate(() => document.documentElement.dataset.failed)
  if (failed) throw new Error(`The page does not open: ${failed}`)
  await page.waitForFunction(() => !document.querySelector("[aria-busy=true]"))
}

/** The texts, fields and drawings of the page, without the focus. @param {Page} page */
export const picture = (page) =>
  page.evaluate(() => {
    const panel = /** @type {HTMLElement} */ (document.querySelector("[role=tabpanel]:not([hidden])"))
    const fields = [...panel.querySelectorAll("input, select, textarea")].map((field) => `${field.id}=${/** @type {any} */ (field).value}`)
    const drawn = [...panel.querySelectorAll(".stage svg")].map((node) => node.outerHTML)
    return { text: panel.innerText, fields, drawn }
  })

/** The address after its last change. @param {Page} page */
export async function address(page) {
  await page.waitForTimeout(400)
  return page.evaluate(() => location.hash)
}

/** Takes a picture of the whole page. @param {Page} page @param {string} name */
export async function shoot(page, name) {
  mkdirSync(SHOTS, { recursive: true })
  await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true })
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")

/** The findings of axe that are serious or worse. @param {Page} page */
export async function grave(page) {
  await page.evaluate(axe)
  const violations = await page.evaluate(async () => (await /** @type {any} */ (globalThis).axe.run()).violations)
  return violations
    .filter((/** @type {any} */ { impact }) => impact === "serious" || impact === "critical")
    .map((/** @type {any} */ { id, nodes }) => `${id}: ${nodes.slice(0, 3).map((/** @type {any} */ { html, failureSummary }) => `${html.slice(0, 120)} ${failureSummary}`).join(" | ")}`)
}

/** Whether the page is wider than its window. @param {Page} page */
export const overflows = (page) => page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth)
