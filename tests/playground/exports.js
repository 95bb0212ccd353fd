// Replay of real exports: those that OpenCode 1.18.33 wrote with this plugin, without it, of a fork, redacted, and with slim. The
// fixtures lack the fields that the page does not read.

import assert from "node:assert/strict"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, it } from "node:test"
import { address, grave, open, overflows, picture, ready, shoot } from "./page.js"
import { figures, give, giveAll, headline, rows } from "./replayed.js"

/** @typedef {import("playwright-core").Page} Page */

/** The exports of a conversation, by file. @param {string} name @returns {Record<string, any>} */
const exported = (name) => JSON.parse(readFileSync(new URL(`exports/${name}.json`, import.meta.url), "utf8"))

/** The tokens that the children with these titles sent, as the page writes them. @param {Record<string, any>} files @param {string[]} titles */
const tokens = (files, titles) => String(Object.values(files).filter(({ info }) => titles.some((title) => info.title.startsWith(title))).reduce((sum, { info }) => sum + info.tokens.input, 0))

/** Drops a file or a folder of this machine on the page. @param {Page} page @param {string} path */
async function drop(page, path) {
  const { x = 0, y = 0 } = (await page.locator(".drop").boundingBox()) ?? {}
  const session = await page.context().newCDPSession(page)
  for (const type of /** @type {const} */ (["dragEnter", "dragOver", "drop"])) await session.send("Input.dispatchDragEvent", { type, x: x + 9, y: y + 9, data: { items: [], files: [path], dragOperationsMask: 1 } })
}

/** @param {Page} page */
const shownRows = async (page) => (await rows(page)).map(([call, , was, plugin]) => [call, was, plugin])

describe("A real export", async () => {
  it("Of stock OpenCode, shows refused calls with their reason, and the calls that started over", async () => {
    const page = await open("#replay")
    await giveAll(page, exported("stock"))
    assert.equal(await headline(page), "2 of 4 hand-offs started over, though a session could have been resumed.")
    assert.deepEqual(await shownRows(page), [
      ["Explore auth", "a new session", "spawn explore-auth R12"],
      ["By name", "refused", "not decided again"],
      ["By id", "Explore auth, resumed", "resume Explore auth R4"],
      ["Mistyped id", "a new session", "resume Explore auth R6"],
      ["Unnamed look", "a new session", "spawn unnamed-look R12"],
      ...["Unknown agent", "Fails", "Plan it", "In background"].map((call) => [call, "refused", "not decided again"]),
    ])
    assert.match(await page.locator("tbody tr").nth(1).innerText(), /Expected a string starting with "ses", got "explore-auth"/)
    assert.equal(await page.locator(".absent").count(), 0)
    assert.deepEqual((await figures(page)).map(([value]) => value), [tokens(exported("stock"), ["Mistyped id", "Unnamed look"]), "1", "1"])
    await page.locator("#what-if").check()
    assert.equal((await shownRows(page))[1][2], "resume Explore auth R4")
  })

  it("Of a root alone, names the commands that export its children, which then join it", async () => {
    const page = await open("#replay")
    const { "root.json": root, ...children } = exported("stock")
    await give(page, root)
    assert.equal(await headline(page), "2 of 4 hand-offs started over, though a session could have been resumed.")
    assert.equal((await figures(page))[0][0], "?")
    const commands = await page.locator(".absent pre").innerText()
    const ids = Object.values(children).map(({ info }) => info.id)
    assert.deepEqual(commands.split("\n").sort(), ids.map((id) => `opencode export ${id} > ${id}.json`).sort())
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"])
    await page.getByRole("button", { name: "Copy", exact: true }).click()
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), commands)
    assert.deepEqual(await grave(page), [])
    await shoot(page, "replay-root-alone")
    await giveAll(page, children)
    assert.equal(await page.locator(".absent").count(), 0)
    assert.equal((await figures(page))[0][0], tokens(children, ["Mistyped id", "Unnamed look"]))
    // Another conversation takes the place of the first.
    await give(page, exported("slim")["root.json"])
    assert.equal((await rows(page)).length, 4)
  })

  it("Of this plugin, shows what it decided then, and what failed or was denied", async () => {
    const page = await open("#replay")
    await giveAll(page, exported("plugin"))
    assert.equal(await headline(page), "1 of 8 hand-offs started over, though a session could have been resumed.")
    assert.deepEqual(await shownRows(page), [
      ["Explore auth", "a new session", "spawn explore-auth R5"],
      ["By name", "explore-auth, resumed", "resume explore-auth R4"],
      ["By id", "explore-auth, resumed", "resume explore-auth R4"],
      ["Mistyped id", "explore-auth, resumed", "resume explore-auth R6"],
      ["Unnamed look", "a new session", "spawn unnamed-look R12"],
      ["Unknown agent", "refused", "not decided again"],
      ["Fails", "a new session, failed", "not decided again"],
      ["Plan it", "a new session", "spawn plan-it R5"],
      ["Nested one", "a new session", "spawn nested-one R5"],
      ["Nested two", "refused", "not decided again"],
      ["Not callable", "refused", "not decided again"],
      ["In background", "a new session", "spawn bg-look R5"],
    ])
    const text = await page.locator("tbody").innerText()
    for (const reason of [/Unknown agent "nobody"/, /scripted failure/, /Task budget exhausted \(1\/1 calls\)/, /not callable by subagents/, /Decided then: The task_id names this session\./]) assert.match(text, reason)
    assert.equal((await figures(page)).at(-1)?.[2], "1 failed, 3 were refused")
    const other = await open(await address(page))
    assert.deepEqual(await picture(other), await picture(page))
  })

  it("Of a fork, counts each copied call once, and for its own caller", async () => {
    const page = await open("#replay")
    const { "fork.json": fork, "root.json": root } = exported("fork")
    await give(page, fork)
    const alone = await shownRows(page)
    assert.equal(alone.length, 10)
    assert.deepEqual(alone[1], ["By name", "Explore auth, resumed", "resume Explore auth R4"])
    assert.match(await page.locator(".absent pre").innerText(), new RegExp(root.info.id))
    await giveAll(page, { "fork.json": fork, "root.json": root })
    assert.deepEqual(await shownRows(page), alone)
    // With executor "host", the call's own task_id is not its input.
    assert.deepEqual((await rows(page)).slice(0, 2).map(([, task_id]) => task_id), ["explore-auth", "explore-auth"])
  })

  it("Of slim, shows the refusal of its hook", async () => {
    const page = await open("#replay")
    await giveAll(page, exported("slim"))
    assert.deepEqual((await shownRows(page)).map(([, was]) => was), ["a new session", "refused", "a new session", "refused"])
    assert.match(await page.locator("tbody").innerText(), /is still running and cannot be resumed/)
  })

  it("An export that is redacted says so", async () => {
    const page = await open("#replay")
    await giveAll(page, exported("redacted"))
    assert.match(await page.locator(".result").innerText(), /^9 hand-offs cannot be read: the export is redacted\. Export it again without --sanitize\.$/)
  })

  it("An export that a terminal mixed with the line of the command is read", async () => {
    const page = await open("#replay")
    await give(page, `Exporting session: ses_ddaee524fffeZXvAFEYlUIVWXD\n${JSON.stringify(exported("stock")["root.json"])}`)
    assert.equal((await rows(page)).length, 9)
  })

  /** @type {[string, (page: Page, folder: string) => Promise<void>][]} */
  const GIVEN = [
    ["chosen", (page, folder) => page.locator("#folder").setInputFiles(folder)],
    ["dropped", drop],
  ]
  for (const [how, giveFolder] of GIVEN) {
    it(`In a folder that is ${how} is read with the others in it, and files without a session are named`, async (t) => {
      const folder = mkdtempSync(join(tmpdir(), "opencode-delegate-exports-"))
      t.after(() => rmSync(folder, { recursive: true, force: true }))
      mkdirSync(join(folder, "children"))
      for (const [name, content] of Object.entries(exported("stock"))) writeFileSync(join(folder, name === "root.json" ? name : `children/${name}`), JSON.stringify(content))
      writeFileSync(join(folder, "package.json"), "{}")
      writeFileSync(join(folder, "broken.json"), "{")
      writeFileSync(join(folder, "notes.txt"), "no JSON")
      const page = await open("#replay")
      await giveFolder(page, folder)
      await page.locator("tbody tr").first().waitFor()
      await ready(page)
      assert.equal((await rows(page)).length, 9)
      assert.equal(await page.locator(".absent").count(), 0)
      assert.match(await page.locator(".trouble").innerText(), /^2 of 6 files hold no session, and are left out: (broken|package)\.json, (broken|package)\.json\.$/)
    })
  }

  it("Is read if it is dropped as text", async () => {
    const page = await open("#replay")
    await page.evaluate((text) => {
      const data = new DataTransfer()
      data.setData("text", text)
      document.querySelector("#panel-replay")?.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }))
    }, JSON.stringify(exported("stock")["root.json"]))
    await page.locator("tbody tr").first().waitFor()
    assert.equal((await rows(page)).length, 9)
  })

  it("Puts nothing into a command but an id, and shows the texts of others on one line, cut", async () => {
    const page = await open("#replay")
    const part = (/** @type {string} */ child, /** @type {object} */ more = {}) => ({
      type: "tool", tool: "task", callID: `c ${child}`, sessionID: "ses_a",
      state: { status: "completed", input: { subagent_type: "explorer\nx", description: "Look\u001b[31m\n".repeat(90) }, time: { start: 2, end: 3 }, metadata: { sessionId: child, delegate: { action: "spawn verdict", rule: "R9" } }, ...more },
    })
    await give(page, { info: { id: "ses_a", time: { created: 1 } }, messages: [{ parts: [part("ses_b; rm -rf ~"), part("ses_b\nreboot"), part("ses_c"), part("", { status: "error", error: "why\n".repeat(900), metadata: {} })] }] })
    assert.equal(await page.locator(".absent pre").innerText(), "opencode export ses_c > ses_c.json")
    const texts = await page.locator("tbody td > *").allTextContents()
    for (const text of texts) assert.ok(text.length <= 260 && !/[\p{Cc}\u2028]/u.test(text), text)
  })

  it("Fits a phone", async () => {
    const page = await open("#replay", { width: 390, height: 844 })
    await giveAll(page, exported("plugin"))
    assert.equal(await overflows(page), false)
    assert.deepEqual(await grave(page), [])
    await shoot(page, "replay-plugin-phone")
  })
})
