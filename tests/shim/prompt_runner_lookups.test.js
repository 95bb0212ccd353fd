// The lookups of prompts whose process has ended, if OpenCode answers late or not at all. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe } from "node:test"
import { done, of, refused, runs, send, settle } from "./prompts.js"

const TEXT = { type: "text", text: "Go." }

/** The pause between two looks, in milliseconds. */
const AGAIN = 250

const check = (/** @type {number} */ prompt_no = 1) => ({ type: "check", ...of("ses_a", prompt_no), messageID: `msg_${prompt_no}` })
const answered = () => [{ info: { id: "msg_1", role: "user" }, parts: [TEXT] }, done("msg_1").data]
const refuse = () => { throw new Error("No.") }
let looks = 0

describe("The fate of a prompt of an ended process", () => {
  runs("An OpenCode that does not answer is asked four times, and the prompt has no fate", async ({ perform, calls, events, pass }) => {
    await perform(check())
    for (let time = 0; time < 9; time++) await pass(AGAIN)
    assert.deepEqual([calls("messages").length, events], [4, []])
  }, { messages: refuse })

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

describe("The fate of a prompt of a lost engine", () => {
  const looked = (/** @type {any[]} */ asked) => asked.filter(([what]) => what === "messages").map(([, id]) => id)

  runs("A lookup waits for the end of its own prompt, and of no other", async ({ sync, follow, perform, answer, pass, asked, types }) => {
    follow()
    await perform(send())
    sync.process = "next"
    await perform({ type: "check", ...of("ses_b"), messageID: "msg_b" })
    await perform({ ...check(2) })
    await perform(check())
    assert.deepEqual(looked(asked), ["ses_b", "ses_a"])
    await answer(done("msg_1"))
    await pass(0)
    assert.deepEqual(looked(asked), ["ses_b", "ses_a", "ses_a"])
    assert.ok(types().includes("prompt.accepted"))
  })

  runs("A lookup waits for the end of its own prompt, whatever number the next engine gives it", async ({ sync, follow, perform, answer, pass, asked }) => {
    follow()
    await perform(send())
    sync.process = "next"
    await perform({ type: "check", ...of("ses_a", 7), messageID: "msg_1" })
    assert.deepEqual(looked(asked), [])
    await answer(done("msg_1"))
    await pass(0)
    assert.deepEqual(looked(asked), ["ses_a"])
  })

  const late = /** @type {any[]} */ ([])
  runs("A lookup waits for a prompt that was cancelled on its way", async ({ sync, runner, follow, perform, answer, pass, asked, types }) => {
    const prompt = follow()
    await perform(send())
    sync.process = "next"
    runner.cancel(prompt)
    await pass(0)
    assert.deepEqual(asked.at(-1), ["abort", "ses_a"])
    await perform(check())
    assert.deepEqual(looked(asked), [])
    late.push({ info: { id: "msg_1", role: "user" }, parts: [TEXT] })
    await answer(refused("Aborted"))
    assert.deepEqual(looked(asked), ["ses_a"])
    assert.deepEqual(types().slice(-2), ["prompt.accepted", "prompt.failed"])
  }, { messages: () => late })

  runs("A prompt that was cancelled before it was sent is not sent", async ({ sync, runner, follow, perform, pass, calls, end }) => {
    let go = () => {}
    const prompt = follow({}, { prepare: () => new Promise((resolve) => (go = () => resolve(undefined))) })
    await perform(send())
    sync.process = "next"
    runner.cancel(prompt)
    await pass(0)
    assert.deepEqual(await end(prompt), { state: "cancelled", notices: [] })
    go()
    await settle()
    assert.deepEqual(calls("prompt"), [])
  })

  /** @type {any[]} */
  const stored = []
  runs("A call waits no longer than until the message of a running prompt is found, whose event is lost", async ({ sync, runner, follow, perform, pass, types }) => {
    follow()
    await perform(send({ message: { messageID: "msg_lost", parts: [] } }))
    sync.process = "next"
    await perform({ type: "check", ...of() })
    let arrived = false
    runner.whenArrived().then(() => (arrived = true))
    await pass(AGAIN)
    assert.deepEqual([arrived, types()], [false, ["prompt.sent"]])
    stored.push({ info: { id: "msg_lost", role: "user" }, parts: [TEXT] })
    await pass(AGAIN)
    assert.deepEqual([arrived, types()], [true, ["prompt.sent", "prompt.accepted"]])
  }, { messages: () => stored })

  for (const [what, end] of /** @type {[string, (world: any) => Promise<void>][]} */ ([
    ["that ends before its message comes", async ({ answer, pass }) => { await answer(refused("No.")); await pass(0) }],
    ["that a reload of the plugin leaves behind", async ({ runner, pass }) => { runner.dispose(); await pass(AGAIN) }],
  ])) {
    runs(`A call waits no longer for a prompt ${what}, which counts as not arrived`, async (world) => {
      const { sync, runner, follow, perform, pass, calls, types } = world
      follow()
      await perform(send())
      sync.process = "next"
      await perform({ type: "check", ...of() })
      let arrived = false
      void runner.whenArrived().then(() => (arrived = true))
      await pass(AGAIN)
      assert.equal(arrived, false)
      await end(world)
      const looks = calls("messages").length
      for (let time = 0; time < 9; time++) await pass(AGAIN)
      assert.deepEqual([arrived, calls("messages").length, types().includes("prompt.accepted")], [true, looks, false])
    })
  }

  runs("A call waits for the message of a running prompt though OpenCode does not show the session's messages at first", async ({ sync, runner, follow, perform, pass, types }) => {
    looks = 0
    follow()
    await perform(send())
    sync.process = "next"
    await perform({ type: "check", ...of() })
    let arrived = false
    runner.whenArrived().then(() => (arrived = true), () => (arrived = true))
    await pass(AGAIN)
    assert.deepEqual([arrived, looks], [false, 1])
    await pass(AGAIN)
    assert.deepEqual([arrived, looks, types()], [true, 2, ["prompt.sent", "prompt.accepted"]])
  }, { messages: () => (++looks < 2 ? refuse() : answered()) })

  runs("A lookup of a prompt that was not sent waits for nothing", async ({ sync, follow, perform, asked }) => {
    follow({ behind: 1 })
    sync.process = "next"
    await perform(check())
    assert.deepEqual(looked(asked), ["ses_a"])
  })

  runs("A lookup of a prompt of the engine itself waits for nothing", async ({ follow, perform, asked }) => {
    follow()
    await perform(send())
    await perform(check())
    assert.deepEqual(looked(asked), ["ses_a"])
  })

  runs("The failure of a prompt is not reported for another with its number", async ({ sync, follow, perform, answer, types }) => {
    follow()
    await perform(send())
    sync.process = "next"
    follow({ behind: 1 })
    await answer(refused("No."))
    assert.ok(!types().includes("prompt.failed"), types().join())
  })

  runs("A prompt that OpenCode tries again is not aborted", async ({ sync, follow, perform, runner, calls }) => {
    follow()
    await perform(send())
    sync.process = "next"
    runner.handleEvent("session.status", { sessionID: "ses_a", status: { type: "retry", message: "Overloaded" } })
    await settle()
    assert.deepEqual(calls("abort"), [])
  })
})

describe("The fate of a prompt whose instance was disposed", () => {
  /** @type {any[]} */
  const stored = []
  runs("A lookup waits for the message that OpenCode has yet to store", async ({ runner, another, follow, perform, pass, types }) => {
    follow()
    await perform(send())
    runner.dispose()
    another().perform(/** @type {any} */ (check()))
    await settle()
    await pass(AGAIN)
    assert.deepEqual(types(), ["prompt.sent"])
    stored.push(...answered())
    await pass(AGAIN)
    assert.deepEqual(types(), ["prompt.sent", "prompt.accepted", "prompt.answered"])
  }, { messages: () => stored })

  runs("A lookup waits for no message after the end of the request", async ({ runner, another, follow, perform, answer, types }) => {
    follow()
    await perform(send())
    runner.dispose()
    await answer(refused("No."))
    another().perform(/** @type {any} */ (check()))
    await settle()
    assert.deepEqual(types(), ["prompt.sent", "prompt.failed"])
  })

  runs("A lookup waits for no message if the request ended before, though OpenCode did not say whether it has the message", async ({ runner, another, follow, perform, answer, types }) => {
    follow()
    await perform(send())
    await answer(refused("No."))
    runner.dispose()
    another().perform(/** @type {any} */ (check()))
    await settle()
    assert.deepEqual(types(), ["prompt.sent", "prompt.failed"])
  }, { message: refuse })
})
