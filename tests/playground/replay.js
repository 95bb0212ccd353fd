// Replay: the page reads OpenCode's answers, decides each call, and counts the sessions' own tokens.

import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { describe, it } from "node:test"
import { address, open, picture } from "./page.js"
import { figures, give, headline, rows } from "./replayed.js"

/** The sample: an export, and the children. */
const sample = JSON.parse(readFileSync(new URL("../../js/playground/page/sample.json", import.meta.url), "utf8"))
const list = [sample[0].info, ...sample[1]]

describe("Replay", async () => {
  it("The calls of an export are decided with the default options, the mistyped id among them", async () => {
    const page = await open("#replay/export")
    assert.deepEqual((await rows(page)).map(([call, , was, engine]) => [call, was, engine]), [
      ["Explore auth", "a new session", "spawn explore-auth R12"],
      ["Trace failing refresh", "a new session", "spawn trace-failing-refresh R12"],
      ["Retry a refresh", "a new session", "spawn retry-a-refresh R12"],
      ["Review the change", "a new session", "resume Explore auth R6"],
      ["Test the retry", "Retry a refresh, resumed", "resume Retry a refresh R4"],
    ])
    assert.equal(await headline(page), "2 of 5 hand-offs started over, though a session could have been resumed.")
    assert.deepEqual(await page.locator("tr.over td:first-child b").allInnerTexts(), ["Trace failing refresh", "Review the change"])
  })

  it("The tokens of the sessions that started over are counted", async () => {
    const page = await open("#replay/export")
    const [, children] = sample
    const of = (/** @type {string} */ title) => children.find((/** @type {any} */ child) => child.title.startsWith(title)).tokens.input
    const sum = new Intl.NumberFormat("en").format(of("Trace failing refresh") + of("Review the change"))
    const [sent, spared, resumed] = await figures(page)
    assert.deepEqual([sent[0], sent[2]], [sum, `${sum} input, 0 cache write, 0 cache read`])
    assert.deepEqual(spared.slice(0, 2), ["1", "of them the plugin resumes by itself"])
    assert.deepEqual(resumed, ["1", "resumed a session", "0 failed, 0 were refused"])
  })

  it("A switch asks what if there were other options: it says that it is on, changes the decisions and not the headline, and marks a fault", async () => {
    const page = await open("#replay/export")
    const [config, on] = [page.locator("[data-path=config]"), page.getByLabel("What if the plugin had run with other options?")]
    const before = await headline(page)
    const decisions = async () => (await rows(page)).map(([, , , engine]) => engine)
    const plain = await decisions()
    assert.equal(await on.isChecked(), false)
    assert.equal(await config.isVisible(), false)
    await on.check()
    assert.match(await page.locator("#f-config-note").innerText(), /^This is on: .* with these options\.$/)
    assert.match(await page.locator("thead").innerText(), /The plugin with these options/)
    assert.equal((await decisions())[1], "resume Explore auth R11")
    assert.deepEqual((await figures(page))[1].slice(0, 2), ["2", "of them the plugin resumes with these options"])
    await config.fill('{ "same_agent": "resume", "resume_ttl_ms": 0 }')
    assert.equal((await figures(page))[1][0], "1")
    for (const [text, says] of /** @type {[string, RegExp][]} */ ([["{ same", /not JSON/], ['{ "same_agents": "resume" }', /the field is unknown/]])) {
      await config.fill(text)
      assert.equal(await config.getAttribute("aria-invalid"), "true")
      assert.match(await page.locator("#f-config-note").innerText(), says)
    }
    await config.fill("")
    assert.deepEqual(await decisions(), plain)
    assert.equal(await headline(page), before)
    await on.uncheck()
    assert.deepEqual(await decisions(), plain)
    assert.equal(await address(page), "#replay/export")
  })

  it("A child without its call does not show whether the call named it, so the headline says at most", async () => {
    const page = await open("#replay/list")
    assert.equal(await headline(page), "At most 2 of 4 hand-offs started over, though a session could have been resumed.")
  })

  it("A call did not start over if the agent's session was busy, or unused for more than half an hour", async () => {
    const page = await open("#replay")
    const minute = 60_000
    const call = (/** @type {string} */ id, /** @type {number} */ start, /** @type {number} */ end) => ({
      type: "tool", tool: "task", callID: id, sessionID: "ses_a", state: { status: "completed", input: { subagent_type: "explorer", description: id, prompt: id }, time: { start: start * minute, end: end * minute }, metadata: { sessionId: `ses_${id}` } },
    })
    const parts = [call("one", 1, 10), call("beside", 5, 9), call("after", 11, 12), call("late", 60, 61)]
    await give(page, { info: { id: "ses_a", time: { created: minute } }, messages: [{ parts }] })
    assert.equal(await headline(page), "1 of 4 hand-offs started over, though a session could have been resumed.")
    assert.deepEqual(await page.locator("tr.over td:first-child b").allInnerTexts(), ["after"])
  })

  it("A call that has not ended is shown as such, and is no refusal", async () => {
    const page = await open("#replay")
    const call = (/** @type {string} */ status, /** @type {string | undefined} */ child) => ({ type: "tool", tool: "task", callID: status, sessionID: "ses_a", state: { status, input: { subagent_type: "explorer", description: status }, time: { start: 2 }, metadata: child && { sessionId: child } } })
    await give(page, { info: { id: "ses_a", time: { created: 1 } }, messages: [{ info: { time: { created: 2 } }, parts: [call("running", "ses_b"), call("pending", undefined)] }] })
    assert.deepEqual((await rows(page)).map(([, , was]) => was), ["a new session, not ended", "not ended"])
    assert.equal((await figures(page)).at(-1)?.[2], "0 failed, 0 were refused")
  })

  it("Files are read, also one without delegations, and an unreadable file is reported", async () => {
    const page = await open("#replay")
    await give(page, list)
    assert.equal((await rows(page)).length, 4)
    await give(page, list.filter((/** @type {any} */ { parentID }) => !parentID))
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
    assert.match(await headline(page), / of 1,500 hand-offs /)
    assert.equal((await rows(page)).length, 1_000)
    assert.match(await page.locator(".result").innerText(), /first 1,000 of 1,500 calls/)
  })

  it("Unknown tokens are not counted", async () => {
    const page = await open("#replay")
    await give(page, list.map((/** @type {any} */ session) => ({ ...session, tokens: undefined })))
    assert.deepEqual((await figures(page))[0], ["?", "tokens were sent by the sessions that started over", "their tokens are unknown"])
  })

  it("An address shows the same replay to everybody", async () => {
    const page = await open("#replay")
    await give(page, sample)
    await page.locator("#what-if").check()
    await page.locator("[data-path=config]").fill('{ "same_agent": "resume", "max_depth": 2 }')
    const hash = await address(page)
    assert.ok(hash.length < 4_000, `${hash.length} characters`)
    const other = await open(hash)
    assert.deepEqual(await picture(other), await picture(page))
    assert.equal((await rows(other)).length, 5)
  })
})
