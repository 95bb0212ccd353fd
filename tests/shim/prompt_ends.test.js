// The ends of prompts: what they wait for, what is read for them, and what their sessions used. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe } from "node:test"
import { done, of, refused, runs, send, settle } from "./prompts.js"

/** The longest wait of an end for an abort, in milliseconds. */
const QUIET = 5_000

const abort = (sessionID = "ses_a") => ({ type: "abort", sessionID })
const ending = (state = "idle", more = {}) => ({ type: "deliver", ...of(), state, notices: [], ...more })
const messages = () => [{ info: { id: "msg_1", role: "user" }, parts: [{ type: "text", text: "Go." }] }, { info: { role: "assistant" }, parts: [{ type: "text", text: "So far." }] }]

/** An OpenCode whose answers to aborts a test gives. */
const aborting = () => {
  const ends = /** @type {(() => void)[]} */ ([])
  return { ends, abort: () => new Promise((resolve) => ends.push(() => resolve(true))) }
}

describe("The end of a prompt without an answer", () => {
  runs("A call that a limit ends gets the answer so far, once its session rests", async ({ follow, perform, answer, end, calls }) => {
    const prompt = follow()
    await perform(send())
    await perform(abort())
    await perform(ending())
    assert.deepEqual([await end(prompt), calls("messages")], [undefined, []])
    await answer(refused("Aborted"))
    assert.deepEqual(await end(prompt), { state: "idle", message: undefined, notices: [], answer: { text: "So far." } })
  }, { messages })

  runs("A call that a limit ends gets no answer if OpenCode does not show the session's messages", async ({ follow, perform, end }) => {
    const prompt = follow()
    await perform(send())
    await perform(ending())
    assert.deepEqual(await end(prompt), { state: "idle", message: undefined, notices: [], answer: undefined })
  }, { messages: () => { throw new Error("No.") } })

  /** @type {[string, string, boolean][]} */
  const CASES = [["a failed call", "failed", false], ["a cancelled call", "cancelled", false], ["a background task", "idle", true]]
  for (const [what, state, background] of CASES) {
    runs(`The end of ${what} reads no answer from the session`, async ({ follow, perform, end, calls }) => {
      const prompt = follow({}, { background })
      await perform(send())
      await perform(ending(state))
      assert.deepEqual([await end(prompt), calls("messages")], [{ state, message: undefined, notices: [], answer: undefined }, []])
    }, { messages })
  }
})

describe("The result of a background task whose session is aborted", () => {
  /** @type {[string, string, boolean, boolean][]} */
  const CASES = [
    ["A task that a limit ends is delivered once its session rests", "idle", false, true],
    ["A task that has answered is delivered at once", "idle", true, false],
    ["A task that failed is delivered at once", "failed", false, false],
  ]
  for (const [what, state, answers, waits] of CASES) {
    const { ends, abort: asked } = aborting()
    runs(what, async ({ follow, perform, answer, delivered }) => {
      follow({}, { background: true })
      await perform(send())
      if (answers) await answer(done("msg_1"))
      await perform(abort())
      await perform(ending(state, { to: {} }))
      const result = [["deliver", answers ? { text: "Done." } : undefined]]
      assert.deepEqual(delivered, waits ? [] : result)
      if (!answers) await answer(refused("Aborted"))
      ends[0]()
      await settle()
      assert.deepEqual(delivered, result)
    }, { abort: asked })
  }
})

describe("The end of a call whose caller is stopped", () => {
  const twice = aborting()
  runs("A call whose caller is stopped twice ends after OpenCode has heard of the last stop", async ({ follow, perform, end }) => {
    const prompt = follow({ sessionID: "ses_below" }, { callerID: "ses_a" })
    for (const _ of ["once", "again"]) await perform(abort())
    twice.ends[0]()
    await settle()
    await perform(ending("cancelled", { sessionID: "ses_below" }))
    assert.equal(await end(prompt), undefined)
    twice.ends[1]()
    assert.equal((await end(prompt))?.state, "cancelled")
  }, twice)

  runs("A call whose caller is stopped ends after a while, though OpenCode never hears of the stop", async ({ follow, perform, pass, end }) => {
    const prompt = follow({ sessionID: "ses_below" }, { callerID: "ses_a" })
    await perform(abort())
    await perform(ending("cancelled", { sessionID: "ses_below" }))
    assert.equal(await end(prompt), undefined)
    await pass(QUIET)
    assert.equal((await end(prompt))?.state, "cancelled")
  }, aborting())
})

describe("What the session of a prompt used", () => {
  /** @type {[string, boolean, any, any[]][]} */
  const CASES = [
    ["An answered background task notes what its session used until it rested", true, done("msg_1"), [[{ id: "ses_a" }, true]]],
    ["A failed background task notes nothing of its session", true, refused("No."), []],
    ["An answered call notes nothing of its session", false, done("msg_1"), []],
  ]
  for (const [what, background, given, expected] of CASES) {
    runs(what, async ({ follow, perform, answer, noted }) => {
      follow({}, { background })
      await perform(send())
      await answer(given)
      assert.deepEqual(noted, expected)
    })
  }

  let read = () => {}
  runs("The engine hears of an answered background task after it knows what its session used", async ({ follow, perform, answer, noted, types }) => {
    follow({}, { background: true })
    await perform(send())
    await answer(done("msg_1"))
    assert.deepEqual([noted, types()], [[], ["prompt.sent", "prompt.accepted"]])
    read()
    await settle()
    assert.deepEqual([noted.length, types().at(-1)], [1, "prompt.answered"])
  }, { session: (/** @type {string} */ id) => new Promise((resolve) => (read = () => resolve({ id }))) })

  runs("A background task whose session cannot be read ends with its answer", async ({ follow, perform, answer, types }) => {
    follow({}, { background: true })
    await perform(send())
    await answer(done("msg_1"))
    assert.equal(types().at(-1), "prompt.answered")
  }, { session: async () => { throw new Error("No.") } })
})
