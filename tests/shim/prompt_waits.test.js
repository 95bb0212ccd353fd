// The prompts of one plugin that wait, and the sessions that it aborts or looks up. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe } from "node:test"
import { done, of, refused, runs, send, settle } from "./prompts.js"

const TEXT = { type: "text", text: "Go." }

/** Pauses of the runner, in milliseconds. */
const [POLL, AGAIN, QUIET] = [250, 250, 5_000]

describe("A session that is aborted", () => {
  const abort = { type: "abort", sessionID: "ses_a" }

  runs("A session without a prompt is aborted once", async ({ perform, asked, pass }) => {
    await perform(abort)
    await pass(AGAIN)
    assert.deepEqual(asked, [["abort", "ses_a"]])
  })

  runs("A session is aborted until its prompt is over, and the next prompt waits", async ({ follow, perform, calls, answer, pass }) => {
    follow()
    await perform(send())
    await perform(abort)
    await pass(AGAIN)
    assert.equal(calls("abort").length, 2)
    follow({ prompt_no: 2 })
    await perform(send({ prompt_no: 2 }))
    assert.equal(calls("prompt").length, 1)
    await answer(refused("Aborted"))
    assert.equal(calls("prompt").length, 2)
    await pass(AGAIN)
    assert.equal(calls("abort").length, 2)
  })

  runs("The next prompt waits five seconds at most", async ({ follow, perform, calls, pass }) => {
    follow()
    await perform(send())
    await perform(abort)
    follow({ prompt_no: 2 })
    await perform(send({ prompt_no: 2 }))
    assert.equal(calls("prompt").length, 1)
    await pass(QUIET)
    assert.equal(calls("prompt").length, 2)
    // The next prompt must not be aborted.
    const { length } = calls("abort")
    await pass(AGAIN)
    assert.equal(calls("abort").length, length)
  })

  runs("A call that ends too late ends neither the next prompt's events nor its wait", async ({ runner, follow, perform, calls, answer, events, pass }) => {
    follow()
    await perform(send())
    await perform(abort)
    for (const prompt_no of [2, 3]) follow({ prompt_no })
    await perform(send({ prompt_no: 2 }))
    await pass(QUIET)
    await answer(refused("Aborted"))
    runner.handleEvent("message.updated", { info: { id: "msg_2", sessionID: "ses_a" } })
    assert.deepEqual(events.at(-1), { type: "prompt.accepted", ...of("ses_a", 2) })
    await perform(send({ prompt_no: 3 }))
    assert.deepEqual(calls("prompt").map(([, , id]) => id), ["msg_1", "msg_2"])
  })

  runs("A second abort of a session without a prompt is not repeated", async ({ perform, asked, pass }) => {
    for (const _ of ["once", "again"]) await perform(abort)
    await pass(AGAIN)
    assert.deepEqual(asked, [["abort", "ses_a"], ["abort", "ses_a"]])
  })

  runs("An abort that OpenCode refuses is repeated", async ({ follow, perform, calls, pass }) => {
    follow()
    await perform(send())
    await perform(abort)
    await pass(AGAIN)
    assert.equal(calls("abort").length, 2)
  }, { abort: () => { throw new Error("No.") } })

  runs("A disposed runner aborts no longer", async ({ runner, follow, perform, calls, pass }) => {
    follow()
    await perform(send())
    await perform(abort)
    runner.dispose()
    await pass(AGAIN)
    assert.equal(calls("abort").length, 1)
  })
})

describe("The fate of a prompt of an ended process", () => {
  const messages = /** @type {any[]} */ ([])
  /** The messages of its session, and the engine's news. @type {[string, any[], string[]][]} */
  const CASES = [
    ["An answered prompt is reported as answered", [{ info: { id: "msg_gone", role: "user" }, parts: [TEXT] }, done("msg_gone").data], ["prompt.accepted", "prompt.answered"]],
    ["A prompt without an answer is reported as lost", [{ info: { id: "msg_gone", role: "user" }, parts: [TEXT] }], ["prompt.accepted", "prompt.failed"]],
    ["A prompt that never arrived is reported as lost", [], ["prompt.failed"]],
    ["A prompt of which a kill left the message without its text is reported as lost", [{ info: { id: "msg_gone", role: "user" }, parts: [] }], ["prompt.failed"]],
  ]
  for (const [what, messages, expected] of CASES) {
    runs(`${what}, once`, async ({ perform, types, calls, pass }) => {
      await perform({ type: "check", ...of(), messageID: "msg_gone" })
      await pass(AGAIN)
      assert.deepEqual([types(), calls("messages")], [expected, [["messages", "ses_a"]]])
    }, { messages: () => messages })
  }

  runs("A message that a disposed instance has on its way is waited for", async ({ runner, another, follow, perform, types, pass, calls }) => {
    follow()
    await perform(send({ message: { messageID: "msg_late", parts: [] } }))
    runner.dispose()
    const next = another()
    next.perform({ type: "check", ...of("ses_b"), messageID: "msg_late" })
    await settle()
    await pass(AGAIN)
    assert.deepEqual([types(), calls("messages").length], [["prompt.sent"], 2])
    messages.push({ info: { id: "msg_late", role: "user" }, parts: [TEXT] })
    await pass(AGAIN)
    assert.deepEqual(types(), ["prompt.sent", "prompt.accepted", "prompt.failed"])
    await next.whenRecovered()
    next.dispose()
  }, { messages: () => messages })

  runs("A prompt without a message is reported as lost without a look", async ({ perform, events, calls }) => {
    await perform({ type: "check", ...of() })
    assert.deepEqual([events, calls("messages")], [[{ type: "prompt.failed", ...of(), failure: { kind: "lost" }, live: false }], []])
  })
})

describe("A session whose prompts wait", () => {
  runs("OpenCode is asked for no status if no prompt waits", async ({ follow, calls, pass }) => {
    follow()
    await pass(POLL)
    assert.deepEqual(calls("status"), [])
  })

  runs("OpenCode is asked once in each pause, until no prompt waits", async ({ follow, perform, calls, pass }) => {
    follow({ behind: 1 })
    follow({ sessionID: "ses_b", behind: 1 })
    for (const _ of ["once", "again"]) await pass(POLL)
    assert.equal(calls("status").length, 2)
    await perform(send())
    await perform(send({ sessionID: "ses_b" }))
    for (const _ of ["once", "again"]) await pass(POLL)
    assert.equal(calls("status").length, 3)
    follow({ prompt_no: 2, behind: 1 })
    await pass(POLL)
    assert.equal(calls("status").length, 4)
  })

  /** OpenCode's answer, the engine's status, and whether the engine hears that the session is idle. @type {[string, () => any, any, boolean][]} */
  const CASES = [
    ["An idle session is reported", () => ({ ses_b: { type: "busy" } }), { status: "busy" }, true],
    ["A session of which OpenCode says that it is idle is reported", () => ({ ses_a: { type: "idle" } }), { status: "busy" }, true],
    ["A session that the engine does not know is reported", () => ({}), undefined, true],
    ["A session that the engine knows as idle is not reported", () => ({}), { status: "idle" }, false],
    ["A busy session is not reported", () => ({ ses_a: { type: "busy" } }), { status: "busy" }, false],
    ["A session is not reported if OpenCode does not answer", () => { throw new Error("No.") }, { status: "busy" }, false],
  ]
  for (const [what, status, session, reported] of CASES) {
    runs(what, async ({ follow, known, events, pass }) => {
      known.ses_a = session
      follow({ behind: 1 })
      await pass(POLL)
      assert.deepEqual(events, reported ? [{ type: "session.status", sessionID: "ses_a", status: "idle" }] : [])
    }, { status })
  }

  runs("A disposed runner asks no longer", async ({ runner, follow, calls, pass }) => {
    follow({ behind: 1 })
    await pass(POLL)
    runner.dispose()
    follow({ prompt_no: 2, behind: 1 })
    for (const _ of ["once", "again"]) await pass(POLL)
    assert.equal(calls("status").length, 2)
  })
})
