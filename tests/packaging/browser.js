// Pages in a real Chromium, served from a folder under a content security policy or none.

import { readFile } from "node:fs/promises"
import { createServer } from "node:http"
import { extname, join } from "node:path"
import { launch } from "../host/chromium.js"

const TYPES = /** @type {Record<string, string>} */ ({ ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" })

/** @type {ReturnType<typeof launch> | undefined} */
let browser

export const close = async () => (await browser?.catch(() => undefined))?.close()

/**
 * The fields that a page has written into its body, as soon as all of these are there.
 * @param {string} folder
 * @param {string[]} fields
 * @param {string} [policy]
 */
export async function visit(folder, fields, policy) {
  const context = await (await (browser ??= launch())).newContext()
  const server = createServer(async ({ url = "/" }, response) => {
    const { pathname } = new URL(url, "http://localhost")
    const path = join(folder, pathname === "/" ? "index.html" : pathname)
    const headers = { "content-type": TYPES[extname(path)] ?? "text/plain", ...(policy && { "content-security-policy": policy }) }
    await readFile(path).then((body) => response.writeHead(200, headers).end(body), () => response.writeHead(404).end())
  })
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)))
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address())
  const said = /** @type {string[]} */ ([])
  try {
    const page = await context.newPage()
    page.on("console", (message) => said.push(message.text()))
    page.on("pageerror", (error) => said.push(String(error)))
    await page.goto(`http://127.0.0.1:${port}/`)
    await page.waitForSelector(`body${fields.map((field) => `[data-${field}]`).join("")}`, { state: "attached", timeout: 120_000 })
    return await page.evaluate(() => ({ ...document.body.dataset }))
  } catch (error) {
    throw new Error(`${error}\n${said.join("\n")}`)
  } finally {
    await context.close()
    server.closeAllConnections()
    server.close()
  }
}
