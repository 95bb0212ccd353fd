// An attempt of a prompt, from its sending to its answer or failure: what is heard of it meanwhile. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { Attempt } from "../../js/opencode1/execute/attempt.js"
import { kept } from "./opencode.js"

const MESSAGE = /** @type {any} */ ({ messageID: "msg_1", agent: "fixer", parts: [] })
const DONE = { data: { info: { role: "assistant", parentID: "msg_1", finish: "stop" }, parts: [{ type: "text", text: "Done." }] } }
const LONG = 60_000

/**
 * An attempt whose prompt is answered when that is said.
 * @param {{ stall?: number, stored?: boolean, looks?: (() => any)[], messages?: () => any[] }} [given] whether OpenCode has
 *   stored the message, what comes of asking it that first, and what its session holds
 */
function attempt({ stall = LONG, stored = false, looks = [], messages = () => [] } = {}) {
  const heard = /** @type {any[]} */ ([])
  /** @type {(answer: any) => void} */
  let answer = () => {}
  const host = /** @type {any} */ ({
    prompt: (/** @type {any} */ ...asked) => (heard.push(["sent", ...asked]), new Promise((resolve) => (answer = resolve))),
    messages: async () => messages(),
    message: async (/** @type {any} */ ...asked) => { heard.push(["looked", ...asked]); return looks.length ? looks.shift()?.() : stored ? {} : undefined },
  })
  const run = new Attempt(MESSAGE, { accepted: () => heard.push(["accepted"]), troubled: (trouble) => heard.push(["troubled", trouble]) })
  const outcome = run.run(host, "ses_1", stall)
  heard.shift()
  return { run, heard, outcome, ends: (/** @type {any} */ with_) => (answer(with_), outcome) }
}

describe("an attempt", () => {
  it("sends its message to its session", async () => {
    const asked = /** @type {any[]} */ ([])
    const host = /** @type {any} */ ({ prompt: async (/** @type {any[]} */ ...all) => (asked.push(all), DONE) })
    await new Attempt(MESSAGE, { accepted() {}, troubled() {} }).run(host, "ses_1", LONG)
    assert.deepEqual(asked, [["ses_1", MESSAGE]])
  })

  /** What OpenCode answers, what comes of the attempt, and whether its message was accepted. @type {[string, any, any, boolean][]} */
  const CASES = [
    ["is answered", DONE, { answer: { text: "Done." } }, true],
    ["is answered, to whatever message", { data: { ...DONE.data, info: { ...DONE.data.info, parentID: "msg_0" } } }, { answer: { text: "Done." } }, false],
    ["fails as the answer says", { data: { info: { role: "assistant", parentID: "msg_1", error: { name: "APIError", data: { message: "429", isRetryable: true } } }, parts: [] } }, { trouble: { name: "APIError", message: "429", retryable: true } }, true],
    ["fails as OpenCode says", { error: { name: "BadRequest", data: { message: "No agent." } } }, { trouble: { name: "BadRequest", message: "No agent." } }, false],
    ["fails where OpenCode says little", { error: {} }, { trouble: { name: "UnknownError", message: "OpenCode gave no answer." } }, false],
    ["fails where OpenCode says nothing", {}, { trouble: { name: "UnknownError", message: "OpenCode gave no answer." } }, false],
    ["fails where the answer is the user's own", { data: { info: { role: "user" }, parts: [] } }, { trouble: { name: "UnknownError", message: "OpenCode gave no answer." } }, false],
    ["fails where the answer is none", { data: {} }, { trouble: { name: "UnknownError", message: "OpenCode gave no answer." } }, false],
  ]
  for (const [what, answer, expected, accepted] of CASES) {
    it(what, async () => {
      const { heard, ends } = attempt()
      assert.deepEqual(await ends(answer), expected)
      assert.deepEqual(heard.filter(([what]) => what !== "looked"), accepted ? [["accepted"]] : [])
    })
  }

  it("fails where OpenCode is not reached, and may be tried again", async () => {
    const { outcome, ends } = attempt()
    ends(Promise.reject(new Error("fetch failed")))
    assert.deepEqual(await outcome, { trouble: { name: "ConnectionError", message: "Error: fetch failed", retryable: true } })
  })

  it("fails with what OpenCode said of its session, which the refusal does not say", async () => {
    const { run, ends } = attempt()
    run.handleEvent("session.error", { sessionID: "ses_1", error: { name: "APIError", data: { message: "429", isRetryable: true } } })
    assert.deepEqual(await ends({ error: {} }), { trouble: { name: "APIError", message: "429", retryable: true } })
  })

  it("fails with the name of an error that says no more, and not with none", async () => {
    const { run, ends } = attempt()
    run.handleEvent("session.error", { sessionID: "ses_1", error: { name: "UnknownError" } })
    run.handleEvent("session.error", { sessionID: "ses_1" })
    assert.deepEqual(await ends({ error: {} }), { trouble: { name: "UnknownError", message: "UnknownError", retryable: undefined } })
  })

  for (const [what, end] of /** @type {[string, () => any][]} */ ([["though it fails", () => ({ error: {} })], ["though OpenCode is not reached", () => Promise.reject(new Error("fetch failed"))]])) {
    it(`was accepted where its message is stored, ${what}`, async () => {
      const { heard, ends } = attempt({ stored: true })
      await ends(end())
      assert.deepEqual(heard, [["looked", "ses_1", "msg_1"], ["accepted"]])
    })
  }

  it("is looked for again where OpenCode does not say whether it is there, a few times", async () => {
    const refuse = () => { throw new Error("fetch failed") }
    const [found, none] = [attempt({ stored: true, looks: [refuse, refuse] }), attempt({ stored: true, looks: Array(9).fill(refuse) })]
    await kept(Promise.all([found.ends({ error: {} }), none.ends({ error: {} })]))
    assert.deepEqual([found, none].map(({ heard }) => heard.map(([what]) => what)), [["looked", "looked", "looked", "accepted"], ["looked", "looked", "looked", "looked"]])
  })
})

describe("while an attempt runs", () => {
  const updated = (/** @type {string} */ id) => /** @type {[string, any]} */ (["message.updated", { info: { id } }])

  it("its message is accepted once, when that is seen", async () => {
    const { run, heard, ends } = attempt({ stored: true })
    run.handleEvent(...updated("msg_0"))
    run.handleEvent("message.removed", { info: { id: "msg_1" } })
    assert.deepEqual(heard, [])
    for (const _ of ["once", "again"]) run.handleEvent(...updated("msg_1"))
    await ends({ error: {} })
    assert.deepEqual(heard, [["accepted"]])
  })

  it("is told that OpenCode tries again", async () => {
    const { run, heard, ends } = attempt()
    run.handleEvent("session.status", { sessionID: "ses_1", status: { type: "busy" } })
    run.handleEvent("session.status", { sessionID: "ses_1", status: { type: "retry", message: "429" } })
    assert.deepEqual(heard, [["troubled", { name: "Retrying", message: "429", retryable: true }]])
    await ends(DONE)
  })

  const STALLED = ["troubled", { name: "Stalled", message: "It gave no sign of life for 0 seconds.", retryable: true }]
  const STALL = 40
  const tool = (/** @type {string} */ status, type = "tool") => /** @type {[string, any]} */ (["message.part.updated", { part: { id: "prt_1", type, state: { status } } }])
  const holding = (/** @type {string} */ status, parentID = "msg_1") => () => [{ info: { role: "assistant", parentID }, parts: [{ type: "text" }, { id: "prt_1", type: "tool", state: { status } }] }]
  const wait = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms))

  /** What is seen of it, whether that is a sign of life for as long as it is looked at, and what its session holds. @type {[string, [string, any][], boolean, (() => any[])?][]} */
  const CASES = [
    ["that nothing is seen of", [], false],
    ["whose model writes no more", [["message.part.updated", { part: { id: "prt_1", type: "text" } }]], false],
    ["whose tool runs", [tool("running")], true, holding("running")],
    ["whose tool is about to run", [tool("pending")], true, holding("pending")],
    ["whose tool has ended", [tool("running"), tool("completed")], false],
    ["whose tool has failed", [tool("running"), tool("error")], false],
    ["whose tool has ended unheard", [tool("running")], false, holding("completed")],
    ["whose tool has ended unheard, beside another's", [tool("running")], false, holding("running", "msg_0")],
    ["whose session cannot be read", [tool("running")], true, () => { throw new Error("No.") }],
  ]
  for (const [what, events, lives, messages] of CASES) {
    it(`${lives ? "nothing is" : "that is"} told of one ${what}`, async () => {
      const { run, heard, ends } = attempt({ stall: STALL, messages })
      for (const event of events) run.handleEvent(...event)
      await wait(4 * STALL)
      await ends(DONE)
      // Once, however long it lasts.
      assert.deepEqual(heard, [...(lives ? [] : [STALLED]), ["accepted"]])
    })
  }

  it("any event is a sign of life", async () => {
    const { run, heard, ends } = attempt({ stall: 25 * STALL })
    for (let time = 0; time < 30; time++) {
      run.handleEvent("session.idle", {})
      await wait(STALL)
    }
    await ends(DONE)
    assert.deepEqual(heard, [["accepted"]])
  })

  it("nothing is told of it any more once it has ended", async () => {
    const { heard, ends } = attempt({ stall: STALL })
    await ends(DONE)
    await wait(4 * STALL)
    assert.deepEqual(heard, [["accepted"]])
  })
})
