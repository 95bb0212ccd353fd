// Replay: the page reads OpenCode's answers, decides each call, and counts the sessions' own tokens.

import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { describe, it } from "node:test"
import { address, open, picture, ready } from "./page.js"

/** @typedef {import("playwright-core").Page} Page */

const sample = (/** @type {string} */ name) => JSON.parse(readFileSync(new URL(`../../js/playground/page/samples/${name}.json`, import.meta.url), "utf8"))

/** @param {Page} page */
const rows = (page) => page.locator("tbody tr").evaluateAll((all) => all.map((row) => [...row.querySelectorAll("td")].map((cell) => cell.firstElementChild?.textContent)))

/** @param {Page} page */
const figures = (page) => page.locator(".figures div").evaluateAll((all) => all.map((each) => [...each.children].map((child) => child.textContent)))

/** @param {Page} page @param {string | object} content */
async function give(page, content) {
  const text = typeof content === "string" ? content : JSON.stringify(content)
  await page.locator("#file").setInputFiles({ name: "sessions.json", mimeType: "application/json", buffer: Buffer.from(text) })
  // The page reads files in the background.
  await ready(page)
}

describe("Replay", async () => {
  it("The calls of an export are decided, the mistyped id among them", async () => {
    const page = await open("#replay/export")
    assert.deepEqual((await rows(page)).map(([call, , was, engine]) => [call, was, engine]), [
      ["Explore auth", "a new session", "spawn explore-auth R12"],
      ["Trace failing refresh", "a new session", "resume Explore auth R11"],
      ["Retry a refresh", "a new session", "spawn retry-a-refresh R12"],
      ["Review the change", "a new session", "resume Explore auth R6"],
      ["Test the retry", "Retry a refresh, resumed", "resume Retry a refresh R4"],
    ])
  })

  it("The tokens of the fresh sessions are counted", async () => {
    const page = await open("#replay/export")
    const [, children] = sample("export")
    const of = (/** @type {string} */ title) => children.find((/** @type {any} */ child) => child.title.startsWith(title)).tokens.input
    const sum = new Intl.NumberFormat("en").format(of("Trace failing refresh") + of("Review the change"))
    const [all, could, would] = await figures(page)
    assert.deepEqual(all, ["5", "delegations", "4 of them began a session"])
    assert.deepEqual([could[0], could[2]], ["2", `${sum} input, 0 cache write, 0 cache read`])
    assert.deepEqual([would[0], would[2]], ["2", `${sum} input, 0 cache write, 0 cache read`])
  })

  it("The configuration changes the decisions, and its fault is marked", async () => {
    const page = await open("#replay/list")
    const config = page.locator("[data-path=config]")
    assert.equal((await figures(page))[2][0], "2")
    await config.fill("{}")
    assert.equal((await figures(page))[1][0], "2")
    assert.equal((await figures(page))[2][0], "0")
    await config.fill('{ "same_agent": "resume", "resume_ttl_ms": 0 }')
    assert.equal((await figures(page))[2][0], "0")
    for (const [text, says] of /** @type {[string, RegExp][]} */ ([["{ same", /not JSON/], ['{ "same_agents": "resume" }', /the field is unknown/]])) {
      await config.fill(text)
      assert.equal(await config.getAttribute("aria-invalid"), "true")
      assert.match(await page.locator("#f-config-note").innerText(), says)
    }
  })

  it("Files are read, also one without delegations, and an unreadable file is reported", async () => {
    const page = await open("#replay")
    await give(page, sample("list"))
    assert.equal((await rows(page)).length, 4)
    await give(page, sample("list").filter((/** @type {any} */ { parentID }) => !parentID))
    assert.match(await page.locator(".result").innerText(), /No delegation/)
    for (const [text, says] of /** @type {[string, RegExp][]} */ ([["{", /not JSON/], ["[]", /There is no session in this/], ['{"a":1}', /no session/]])) {
      await give(page, text)
      assert.match(await page.locator(".trouble").innerText(), says)
    }
  })

  it("Other shapes are read, and foreign content is ignored", async () => {
    const page = await open("#replay")
    const [root, child] = [{ id: "ses_a", title: "Root", time: { created: 1 } }, { id: "ses_b", parentID: "ses_a", title: "Look (@explorer subagent)", time: { created: 2, updated: 3 } }]
    const part = (/** @type {object} */ input) => ({ type: "tool", tool: "task", callID: "c", state: { input, time: { start: 2 }, metadata: { sessionId: "ses_b" } } })
    const made = (/** @type {unknown[]} */ ...messages) => [{ info: root, messages }, child]
    for (const [what, content, calls] of /** @type {[string, unknown, number][]} */ ([
      ["wrapped", { data: [root, child] }, 1],
      ["by id", { ses_a: root, ses_b: child }, 1],
      ["after a byte order mark", `\ufeff${JSON.stringify([root, child])}`, 1],
      ["its own parent", [{ ...child, parentID: "ses_b" }], 1],
      ["each the other's parent", [{ ...child, id: "ses_a", parentID: "ses_b" }, child], 2],
      ["times that are none", [root, child, { ...child, id: "ses_c", time: { created: 1e300 } }, { ...child, id: "ses_d", time: null }], 1],
      ["fields that are no texts", [root, child, { ...child, id: "ses_c", agent: {}, title: 7, tokens: { input: "many" } }], 1],
      ["calls without a message's info", made(null, { parts: "none" }, { parts: [part({ subagent_type: 7 }), part({ subagent_type: "explorer", prompt: 9, description: null })] }), 1],
    ])) {
      await give(page, /** @type {any} */ (content))
      assert.equal(await page.locator(".trouble").count(), 0, what)
      assert.equal((await rows(page)).length, calls, what)
    }
    await give(page, `${"[".repeat(50_000)}${"]".repeat(50_000)}`)
    assert.match(await page.locator(".trouble").innerText(), /no session/)
  })

  it("A long history is counted in full, and its first calls are listed", async () => {
    const page = await open("#replay")
    await give(page, [{ id: "ses_0", title: "Root", time: { created: 1 } }, ...Array.from({ length: 1_500 }, (_, place) => ({ id: `ses_${place + 1}`, parentID: "ses_0", title: "Look (@explorer subagent)", time: { created: 2 + place } }))])
    assert.equal((await figures(page))[0][0], "1,500")
    assert.equal((await rows(page)).length, 1_000)
    assert.match(await page.locator(".result").innerText(), /first 1,000 of 1,500 calls/)
  })

  it("Unknown tokens are not counted", async () => {
    const page = await open("#replay")
    await give(page, sample("list").map((/** @type {any} */ session) => ({ ...session, tokens: undefined })))
    assert.equal((await figures(page))[2][2], "their tokens are unknown")
  })

  it("An address shows the same replay to everybody", async () => {
    const page = await open("#replay")
    await give(page, sample("export"))
    await page.locator("[data-path=config]").fill('{ "same_agent": "resume", "max_depth": 2 }')
    const hash = await address(page)
    assert.ok(hash.length < 4_000, `${hash.length} characters`)
    const other = await open(hash)
    assert.deepEqual(await picture(other), await picture(page))
    assert.equal((await rows(other)).length, 5)
  })
})
