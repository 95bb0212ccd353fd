// The lookups of prompts whose process has ended, if OpenCode answers late or not at all. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe } from "node:test"
import { done, of, runs, settle } from "./prompts.js"

/** The pause between two looks, in milliseconds. */
const AGAIN = 250

const check = (/** @type {number} */ prompt_no = 1) => ({ type: "check", ...of("ses_a", prompt_no), messageID: `msg_${prompt_no}` })
const answered = () => [{ info: { id: "msg_1", role: "user" }, parts: [] }, done("msg_1").data]
const refuse = () => { throw new Error("No.") }

describe("The fate of a prompt of an ended process", () => {
  runs("An OpenCode that does not answer is asked four times, and the prompt has no fate", async ({ perform, calls, events, pass }) => {
    await perform(check())
    for (let time = 0; time < 9; time++) await pass(AGAIN)
    assert.deepEqual([calls("messages").length, events], [4, []])
  }, { messages: refuse })

  let looks = 0
  runs("A look that fails is repeated after a pause, until OpenCode answers", async ({ perform, calls, types, pass }) => {
    looks = 0
    await perform(check())
    assert.equal(calls("messages").length, 1)
    for (let time = 0; time < 9; time++) await pass(AGAIN)
    assert.deepEqual([calls("messages").length, types()], [3, ["prompt.accepted", "prompt.answered"]])
  }, { messages: () => (++looks < 3 ? refuse() : answered()) })

  runs("A disposed runner looks no longer", async ({ runner, perform, calls, pass }) => {
    await perform(check())
    runner.dispose()
    for (const _ of ["once", "again"]) await pass(AGAIN)
    assert.equal(calls("messages").length, 1)
  }, { messages: refuse })

  const answers = /** @type {((messages: any[]) => void)[]} */ ([])
  runs("The runner says when every prompt is looked up, those of a later lookup included", async ({ runner, perform, types }) => {
    answers.length = 0
    await perform(check())
    let recovered = false
    void runner.whenRecovered().then(() => (recovered = true))
    await perform(check(2))
    for (const answer of answers) {
      assert.equal(recovered, false)
      answer(answered())
      await settle()
    }
    assert.deepEqual([recovered, types()], [true, ["prompt.accepted", "prompt.answered", "prompt.failed"]])
  }, { messages: () => new Promise((resolve) => answers.push(resolve)) })
})
