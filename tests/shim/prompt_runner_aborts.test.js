// The aborts of a session that meet each other and a prompt. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe } from "node:test"
import { refused, runs, send, settle } from "./prompts.js"

const abort = /** @type {any} */ ({ type: "abort", sessionID: "ses_a" })

describe("Two aborts of a session", () => {
  const ends = /** @type {(() => void)[]} */ ([])

  runs("A prompt waits for both aborts, and neither is repeated", async ({ runner, follow, perform, calls }) => {
    ends.length = 0
    for (const _ of ["once", "again"]) runner.perform(abort)
    await settle()
    assert.equal(calls("abort").length, 2)
    ends[0]()
    await settle()
    follow()
    await perform(send())
    assert.deepEqual(calls("prompt"), [])
    ends[1]()
    await settle()
    assert.deepEqual([calls("abort").length, calls("prompt").length], [2, 1])
  }, { abort: () => new Promise((resolve) => ends.push(() => resolve(true))) })
})

describe("The abort of a caller", () => {
  const ends = /** @type {(() => void)[]} */ ([])

  runs("A call whose caller is stopped too ends after OpenCode has heard of that", async ({ runner, follow, perform, end }) => {
    const prompt = follow({ sessionID: "ses_below" }, { callerID: "ses_a" })
    runner.perform(abort)
    await perform({ type: "deliver", sessionID: "ses_below", prompt_no: 1, state: "cancelled", notices: [] })
    assert.equal(await end(prompt), undefined)
    ends[0]()
    assert.equal((await end(prompt))?.state, "cancelled")
  }, { abort: () => new Promise((resolve) => ends.push(() => resolve(true))) })
})

describe("The abort of an attempt", () => {
  const error = { name: "MessageAbortedError", data: {} }
  const retry = { type: "retry", sessionID: "ses_a", prompt_no: 1, attempt: 2, message: { messageID: "msg_1", parts: [] }, stall: 60_000, after: 7 }

  runs("An abort that makes room for the next attempt leaves the session's own tasks alone, and a later one does not", async ({ runner, follow, perform, pass, answer, types, calls }) => {
    follow()
    await perform(send())
    runner.perform(abort)
    await perform(retry)
    await answer({ error })
    runner.handleEvent("session.error", { sessionID: "ses_a", error })
    assert.equal(types().includes("session.aborted"), false)
    await pass(7)
    assert.equal(calls("prompt").length, 2)
    runner.handleEvent("session.error", { sessionID: "ses_a", error })
    assert.equal(types().includes("session.aborted"), true)
  })

  runs("An abort by a person before the first attempt cancels the session's own tasks", async ({ runner, follow, perform, types, calls }) => {
    follow()
    await perform(send())
    assert.deepEqual(calls("prompt"), [])
    runner.handleEvent("session.error", { sessionID: "ses_a", error })
    assert.deepEqual(types(), ["session.aborted"])
  }, { stored: () => new Promise(() => {}) })

  runs("An abort by a person in the pause after a failed attempt cancels the session's own tasks", async ({ runner, follow, perform, answer, types }) => {
    follow()
    await perform(send())
    await answer(refused("429"))
    await perform(retry)
    runner.handleEvent("session.error", { sessionID: "ses_a", error })
    assert.equal(types().at(-1), "session.aborted")
  })

  runs("An abort by a person cancels the session's own tasks", async ({ runner, follow, perform, types }) => {
    follow()
    await perform(send())
    runner.handleEvent("session.error", { sessionID: "ses_a", error })
    assert.equal(types().includes("session.aborted"), true)
  })
})
