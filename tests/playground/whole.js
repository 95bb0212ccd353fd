// The page as a whole: its size, its accessibility, and pictures of it.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { files, grave, open, overflows, shoot } from "./page.js"

/** @typedef {import("playwright-core").Page} Page */

const BYTES = 257 * 1_024
const TABS = ["#play/names", "#decide/R4", "#replay/export"]

/** Counts the bytes that a page loads, as they come over the wire. @param {Page} page */
function weigh(page) {
  const loaded = /** @type {Map<string, number>} */ (new Map())
  page.on("requestfinished", (request) => {
    const name = new URL(request.url()).pathname.slice(1) || "index.html"
    loaded.set(name, files.get(name)?.br.length ?? NaN)
  })
  return loaded
}

describe("The page", async () => {
  it(`The page opens, and loads less than ${BYTES / 1_024} KB, all tabs and samples together`, async (t) => {
    const times = []
    for (let round = 0; round < 3; round++) {
      const page = await open()
      times.push(await page.evaluate(() => performance.getEntriesByName("ready")[0].startTime))
      await page.context().close()
    }
    /** @type {Map<string, number>} */
    let loaded = new Map()
    const page = await open("", { heard: (page) => (loaded = weigh(page)) })
    const first = sum(loaded)
    for (const hash of [...TABS, "#replay/list"]) {
      await page.evaluate((hash) => (location.hash = hash), hash)
      await page.waitForFunction((tab) => document.documentElement.dataset.ready === tab, hash.slice(1).split("/")[0])
    }
    await page.waitForTimeout(300)
    t.diagnostic(`open in ${times.map(Math.round).join(", ")} ms; ${first} bytes to open, ${sum(loaded)} in all, ${loaded.get("opencode_delegate_bg.wasm")} of them the engine`)
    assert.deepEqual([...loaded.keys()].sort(), [...files.keys()].sort(), "each file is loaded, once")
    assert.ok(first < BYTES, `${first} bytes to open`)
    assert.ok(sum(loaded) < BYTES, `${sum(loaded)} bytes in all`)
  })

  it("The page sends requests only to its own host", async () => {
    const asked = /** @type {Set<string>} */ (new Set())
    const page = await open("#play", { heard: (page) => page.on("request", (request) => asked.add(new URL(request.url()).origin)) })
    assert.deepEqual([...asked], [new URL(page.url()).origin])
    assert.deepEqual(await page.context().cookies(), [])
  })

  for (const hash of TABS) {
    const [, tab] = /#(\w+)/.exec(hash) ?? []
    for (const [how, options] of /** @type {[string, { dark?: boolean, width?: number, height?: number }][]} */ ([["light", {}], ["dark", { dark: true }], ["phone", { width: 390, height: 844 }], ["small phone", { width: 360 }]])) {
      it(`The page has no serious finding of axe, and fits: ${tab}, ${how}`, async () => {
        const page = await open(hash, options)
        assert.deepEqual(await grave(page), [])
        assert.equal(await overflows(page), false)
        await shoot(page, `${tab}-${how.replace(" ", "-")}`)
        await page.context().close()
      })
    }
  }

  it("The page turns dark and light by hand", async () => {
    const page = await open()
    const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    const light = await paper()
    await page.click("#theme")
    assert.notEqual(await paper(), light)
    assert.deepEqual(await grave(page), [])
    await page.click("#theme")
    assert.equal(await paper(), light)
  })
})

/** @param {Map<string, number>} loaded */
const sum = (loaded) => [...loaded.values()].reduce((all, bytes) => all + bytes, 0)
