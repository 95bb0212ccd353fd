// An attempt: one try of a prompt with one model, from its message to its answer or failure. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import "../../js/engine.js"
import { Attempt } from "../../js/opencode1/execute/attempt.js"
import { kept } from "./opencode.js"

const MESSAGE = /** @type {any} */ ({ messageID: "msg_1", agent: "fixer", parts: [] })
const DONE = { data: { info: { role: "assistant", parentID: "msg_1", finish: "stop" }, parts: [{ type: "text", text: "Done." }] } }
const LONG = 60_000

/**
 * An attempt. The test answers its prompt.
 * @param {{ stall?: number, stored?: boolean, looks?: (() => any)[], messages?: () => any[] }} [given] whether OpenCode has
 *   stored the message, the first answers to that question, and the messages of the session
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
  const run = new Attempt(MESSAGE, { accepted: () => heard.push(["accepted"]), failed: (failure) => heard.push(["failed", failure]) })
  const outcome = run.run(host, "ses_1", stall)
  heard.shift()
  return { run, heard, outcome, ends: (/** @type {any} */ with_) => (answer(with_), outcome) }
}

describe("An attempt", () => {
  it("An attempt sends its message to its session", async () => {
    const asked = /** @type {any[]} */ ([])
    const host = /** @type {any} */ ({ prompt: async (/** @type {any[]} */ ...all) => (asked.push(all), DONE) })
    await new Attempt(MESSAGE, { accepted() {}, failed() {} }).run(host, "ses_1", LONG)
    assert.deepEqual(asked, [["ses_1", MESSAGE]])
  })

  /** OpenCode's answer, the outcome of the attempt, and whether its message was accepted. @type {[string, any, any, boolean][]} */
  const CASES = [
    ["An attempt returns the answer", DONE, { answer: { text: "Done." } }, true],
    ["An attempt returns an answer to another message, and leaves its own unaccepted", { data: { ...DONE.data, info: { ...DONE.data.info, parentID: "msg_0" } } }, { answer: { text: "Done." } }, false],
    ["An attempt fails with the error of the answer", { data: { info: { role: "assistant", parentID: "msg_1", error: { name: "APIError", data: { message: "429", isRetryable: true } } }, parts: [] } }, { failure: { kind: "host", name: "APIError", message: "429", retryable: true } }, true],
    ["An attempt fails with OpenCode's refusal", { error: { name: "BadRequest", data: { message: "No agent." } } }, { failure: { kind: "host", name: "BadRequest", message: "No agent." } }, false],
    ["An attempt fails if OpenCode's error is empty", { error: {} }, { failure: { kind: "host", name: "UnknownError", message: "OpenCode gave no answer." } }, false],
    ["An attempt fails if OpenCode's answer is empty", {}, { failure: { kind: "host", name: "UnknownError", message: "OpenCode gave no answer." } }, false],
    ["An attempt is tried again if the turn ended with a summary", { data: { info: { role: "assistant", summary: true, finish: "stop" }, parts: [{ type: "text", text: "All." }] } }, { failure: { kind: "empty", message: "OpenCode gave no answer." } }, false],
    ["An attempt fails if the answer is a user's message", { data: { info: { role: "user" }, parts: [] } }, { failure: { kind: "host", name: "UnknownError", message: "OpenCode gave no answer." } }, false],
    ["An attempt fails if the answer has no message", { data: {} }, { failure: { kind: "host", name: "UnknownError", message: "OpenCode gave no answer." } }, false],
  ]
  for (const [what, answer, expected, accepted] of CASES) {
    it(what, async () => {
      const { heard, ends } = attempt()
      assert.deepEqual(await ends(answer), expected)
      assert.deepEqual(heard.filter(([what]) => what !== "looked"), accepted ? [["accepted"]] : [])
    })
  }

  const asks = (/** @type {string} */ id, fields = {}) => ({ info: { id, role: "user" }, parts: [{ type: "text", text: "Go.", ...fields }] })
  const says = (/** @type {string} */ parentID, /** @type {string} */ text, finish = "stop") => ({ info: { id: `${parentID}_answer`, role: "assistant", parentID, finish }, parts: [{ type: "text", text }] })
  const steers = { metadata: { delegate: { steers: true } } }
  /** The messages of a session whose turn went on with another message, the answer, and whether it is known to be the attempt's own. @type {[string, any[], string, boolean][]} */
  const JOINED = [
    ["that came after its end", [asks("msg_1"), says("msg_1", "Mine."), asks("msg_2"), says("msg_2", "Theirs.")], "Mine.", true],
    ["that joined it before its end", [asks("msg_1"), says("msg_1", "Let me look.", "tool-calls"), asks("msg_2"), says("msg_2", "Theirs.")], "Theirs.", false],
    ["that joined it before a tool's result was read", [asks("msg_1"), { ...says("msg_1", "Let me look."), parts: [{ type: "text", text: "Let me look." }, { type: "tool", state: { status: "completed" } }] }, asks("msg_2"), says("msg_2", "Theirs.")], "Theirs.", false],
    ["that steers it", [asks("msg_1"), says("msg_1", "Mine."), asks("msg_2", steers), says("msg_2", "More.")], "Mine.\n\nMore.", true],
  ]
  for (const [what, messages, expected, own] of JOINED) {
    it(`An attempt returns ${{ "Mine.": "its own answer", "Theirs.": "the last answer" }[expected] ?? "both answers"} beside a message ${what}`, async () => {
      const { heard, ends } = attempt({ messages: () => messages })
      assert.deepEqual(await ends({ data: messages.at(-1) }), { answer: { text: expected } })
      assert.deepEqual(heard.some(([what]) => what === "accepted"), own)
    })
  }

  it("An attempt that fails with a turn that ran already finds its message in the session", async () => {
    const { heard, ends } = attempt({ stored: true })
    const info = { role: "assistant", parentID: "msg_0", error: { name: "APIError", data: { message: "400", isRetryable: false } } }
    assert.deepEqual(await ends({ data: { info, parts: [] } }), { failure: { kind: "host", name: "APIError", message: "400", retryable: false } })
    assert.deepEqual(heard, [["looked", "ses_1", "msg_1"], ["accepted"]])
  })

  it("An attempt that does not reach OpenCode fails by its connection", async () => {
    const { outcome, ends } = attempt()
    ends(Promise.reject(new Error("fetch failed")))
    assert.deepEqual(await outcome, { failure: { kind: "connection", message: "Error: fetch failed" } })
  })

  it("An attempt fails with the session's error if the refusal is empty", async () => {
    const { run, ends } = attempt()
    run.handleEvent("session.error", { sessionID: "ses_1", error: { name: "APIError", data: { message: "429", isRetryable: true } } })
    assert.deepEqual(await ends({ error: {} }), { failure: { kind: "host", name: "APIError", message: "429", retryable: true } })
  })

  it("An attempt fails with the error's name if the error has no message", async () => {
    const { run, ends } = attempt()
    run.handleEvent("session.error", { sessionID: "ses_1", error: { name: "ProviderAuthError" } })
    run.handleEvent("session.error", { sessionID: "ses_1" })
    assert.deepEqual(await ends({ error: {} }), { failure: { kind: "host", name: "ProviderAuthError", message: "ProviderAuthError" } })
  })

  it("An attempt does not fail with the error of a tool", async () => {
    const { run, ends } = attempt()
    run.handleEvent("session.next.tool.failed", { sessionID: "ses_1", callID: "c1", error: { name: "APIError", data: { message: "No file." } } })
    assert.deepEqual(await ends({ error: {} }), { failure: { kind: "host", name: "UnknownError", message: "OpenCode gave no answer." } })
  })

  for (const [what, end] of /** @type {[string, () => any][]} */ ([["though the prompt fails", () => ({ error: {} })], ["though OpenCode is not reached", () => Promise.reject(new Error("fetch failed"))]])) {
    it(`A stored message is accepted, ${what}`, async () => {
      const { heard, ends } = attempt({ stored: true })
      await ends(end())
      assert.deepEqual(heard, [["looked", "ses_1", "msg_1"], ["accepted"]])
    })
  }

  it("An attempt looks for its message up to four times if OpenCode does not answer", async () => {
    const refuse = () => { throw new Error("fetch failed") }
    const [found, none] = [attempt({ stored: true, looks: [refuse, refuse] }), attempt({ stored: true, looks: Array(9).fill(refuse) })]
    await kept(Promise.all([found.ends({ error: {} }), none.ends({ error: {} })]))
    assert.deepEqual([found, none].map(({ heard }) => heard.map(([what]) => what)), [["looked", "looked", "looked", "accepted"], ["looked", "looked", "looked", "looked"]])
  })
})

describe("A running attempt", () => {
  const updated = (/** @type {string} */ id) => /** @type {[string, any]} */ (["message.updated", { info: { id } }])

  it("Its message is accepted once, at its first event", async () => {
    const { run, heard, ends } = attempt({ stored: true })
    run.handleEvent(...updated("msg_0"))
    run.handleEvent("message.removed", { info: { id: "msg_1" } })
    assert.deepEqual(heard, [])
    for (const _ of ["once", "again"]) run.handleEvent(...updated("msg_1"))
    await ends({ error: {} })
    assert.deepEqual(heard, [["accepted"]])
  })

  it("A retry of OpenCode is reported", async () => {
    const { run, heard, ends } = attempt()
    run.handleEvent("session.status", { sessionID: "ses_1", status: { type: "busy" } })
    run.handleEvent("session.status", { sessionID: "ses_1", status: { type: "retry", message: "429" } })
    assert.deepEqual(heard, [["failed", { kind: "retrying", message: "429" }]])
    await ends(DONE)
  })

  const STALL = 40
  const STALLED = ["failed", { kind: "stalled", after_ms: STALL }]
  const tool = (/** @type {string} */ status, type = "tool") => /** @type {[string, any]} */ (["message.part.updated", { part: { id: "prt_1", type, state: { status } } }])
  const holding = (/** @type {string} */ status, parentID = "msg_1") => () => [{ info: { role: "assistant", parentID }, parts: [{ type: "text" }, { id: "prt_1", type: "tool", state: { status } }] }]
  const wait = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms))

  /** The events of the attempt, whether they are a sign of life, and the messages of its session. @type {[string, [string, any][], boolean, (() => any[])?][]} */
  const CASES = [
    ["without events", [], false],
    ["whose model stopped writing", [["message.part.updated", { part: { id: "prt_1", type: "text" } }]], false],
    ["whose tool runs", [tool("running")], true, holding("running")],
    ["whose tool is about to run", [tool("pending")], true, holding("pending")],
    ["whose tool has ended", [tool("running"), tool("completed")], false],
    ["whose tool has ended before its session became unreadable", [tool("running"), tool("completed")], false, () => { throw new Error("No.") }],
    ["whose tool has failed", [tool("running"), tool("error")], false],
    ["whose tool has ended unheard", [tool("running")], false, holding("completed")],
    ["whose tool has ended unheard beside another prompt's", [tool("running")], false, holding("running", "msg_0")],
    ["whose session is unreadable", [tool("running")], true, () => { throw new Error("No.") }],
  ]
  for (const [what, events, lives, messages] of CASES) {
    it(`An attempt ${what} ${lives ? "never stalls" : "stalls"}`, async () => {
      const { run, heard, ends } = attempt({ stall: STALL, messages })
      for (const event of events) run.handleEvent(...event)
      await wait(4 * STALL)
      // On a busy machine, the stall is noticed late.
      for (let tries = 0; !lives && !heard.length && tries < 100; tries++) await wait(STALL)
      await ends(DONE)
      // A stall is reported once, however long it lasts.
      assert.deepEqual(heard, [...(lives ? [] : [STALLED]), ["accepted"]])
    })
  }

  it("Any event is a sign of life", async () => {
    const { run, heard, ends } = attempt({ stall: 25 * STALL })
    for (let time = 0; time < 30; time++) {
      run.handleEvent("session.idle", {})
      await wait(STALL)
    }
    await ends(DONE)
    assert.deepEqual(heard, [["accepted"]])
  })

  it("An attempt that has ended never stalls", async () => {
    const { heard, ends } = attempt({ stall: STALL })
    await ends(DONE)
    await wait(4 * STALL)
    assert.deepEqual(heard, [["accepted"]])
  })
})
