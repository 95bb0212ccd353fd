// The prompts of one plugin: prepared, sent, answered, cancelled and ended as the engine has it. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe } from "node:test"
import { done, of, refused, runs, send, settle } from "./prompts.js"

describe("A prompt", () => {
  runs("A prompt is sent once, though the engine sends it before it is followed", async ({ follow, perform, asked, events, answer, end }) => {
    await perform(send())
    assert.deepEqual(asked, [])
    const prompt = follow()
    await settle()
    assert.deepEqual([asked, events], [[["prompt", "ses_a", "msg_1"]], [{ type: "prompt.sent", ...of() }]])
    await answer(done("msg_1"))
    assert.deepEqual(events.slice(1), [{ type: "prompt.accepted", ...of() }, { type: "prompt.answered", ...of() }])
    await perform({ type: "deliver", ...of(), state: "idle", notices: ["One."] })
    assert.deepEqual(await end(prompt), { state: "idle", message: undefined, notices: ["One."], answer: { text: "Done." } })
    follow()
    await settle()
    assert.equal(asked.length, 1)
  })

  runs("A prompt that fails is reported as failed, and sent again after the engine's pause", async ({ follow, perform, events, answer, calls, pass }) => {
    follow()
    await perform(send())
    await answer(refused("429"))
    const failure = { kind: "host", name: "BadRequest", message: "429" }
    assert.deepEqual(events.at(-1), { type: "prompt.failed", ...of(), failure, live: false })
    await perform({ ...send({ attempt: 2 }), type: "retry", after: 70 })
    assert.equal(calls("prompt").length, 1)
    await pass(70)
    assert.equal(calls("prompt").length, 2)
    assert.deepEqual(events.at(-1), { type: "prompt.sent", ...of("ses_a", 1, 2) })
  })

  runs("An attempt that a later one replaces is neither prepared nor sent", async ({ follow, perform, calls, pass }) => {
    const prepared = /** @type {number[]} */ ([])
    follow({}, { prepare: async () => void prepared.push(calls("prompt").length) })
    await perform({ ...send({ attempt: 2 }), type: "retry", after: 70 })
    await perform({ ...send({ attempt: 3 }), type: "retry", after: 80 })
    await pass(70)
    assert.deepEqual([prepared, calls("prompt").length], [[], 0])
    await pass(80)
    assert.deepEqual([prepared, calls("prompt").length], [[0], 1])
  })

  runs("An event reaches the attempt of its session, and an abort the engine", async ({ runner, follow, perform, events }) => {
    follow()
    await perform(send())
    events.length = 0
    const message = { id: "msg_1" }
    runner.handleEvent("message.updated", { info: { ...message, sessionID: "ses_b" } })
    assert.deepEqual(events, [])
    runner.handleEvent("message.updated", { info: { ...message, sessionID: "ses_a" } })
    assert.deepEqual(events.splice(0), [{ type: "prompt.accepted", ...of() }])
    runner.handleEvent("message.part.updated", { part: { id: "prt_1", type: "text", sessionID: "ses_a" } })
    runner.handleEvent("session.status", { sessionID: "ses_a", status: { type: "retry", message: "429" } })
    assert.deepEqual(events.splice(0), [{ type: "prompt.failed", ...of(), failure: { kind: "retrying", message: "429" }, live: true }])
    const error = { name: "MessageAbortedError", data: {} }
    for (const [type, properties] of /** @type {[string, object][]} */ ([["session.error", { error }], ["session.idle", { sessionID: "ses_a", error }], ["session.error", { sessionID: "ses_a", error: { name: "APIError", data: {} } }]])) runner.handleEvent(type, properties)
    assert.deepEqual(events, [])
    runner.handleEvent("session.error", { sessionID: "ses_a", error })
    assert.deepEqual(events, [{ type: "session.aborted", sessionID: "ses_a" }])
  })

  runs("An event after the end of a prompt does not reach its attempt", async ({ runner, follow, perform, answer, events }) => {
    follow()
    await perform(send())
    await answer(done("msg_1"))
    events.length = 0
    runner.handleEvent("session.status", { sessionID: "ses_a", status: { type: "retry", message: "429" } })
    assert.deepEqual(events, [])
  })

  runs("A prompt that the engine does not end, after a trap, ends with its answer or its error", async ({ follow, perform, answer, end, pass }) => {
    const [one, two] = [follow(), follow({ sessionID: "ses_b" })]
    await perform(send())
    await perform(send({ sessionID: "ses_b" }))
    await answer(done("msg_1"))
    await answer(refused("No."), 1)
    assert.equal(await end(one), undefined)
    await pass(0)
    assert.deepEqual(await end(one), { state: "idle", message: undefined, notices: [], answer: { text: "Done." } })
    assert.deepEqual(await end(two), { state: "failed", message: "No.", notices: [], answer: undefined })
  })

  runs("A prompt that the engine sends again does not end with its earlier failure", async ({ follow, perform, answer, end, pass }) => {
    const prompt = follow()
    await perform(send())
    await answer(refused("429"))
    await perform({ ...send({ attempt: 2 }), type: "retry" })
    await pass(0)
    assert.equal(await end(prompt), undefined)
  })

  runs("A prompt waits for the end of its session's last call", async ({ follow, perform, calls, answer }) => {
    follow()
    follow({ prompt_no: 2 })
    await perform(send())
    await perform(send({ prompt_no: 2 }))
    assert.equal(calls("prompt").length, 1)
    await answer(done("msg_1"))
    assert.equal(calls("prompt").length, 2)
  })

  for (const background of [true, false]) {
    let store = (/** @type {boolean} */ _) => {}
    runs(`A prompt in the ${background ? "background" : "foreground"} waits until urgent records are stored`, async ({ follow, perform, calls }) => {
      follow({}, { background })
      await perform(send())
      assert.equal(calls("prompt").length, 0)
      store(true)
      await settle()
      assert.equal(calls("prompt").length, 1)
    }, { stored: () => new Promise((resolve) => (store = resolve)) })
  }
})

describe("The preparation of a prompt", () => {
  const rules = [{ permission: "edit", pattern: "*", action: "deny" }]

  runs("A session is prepared before its first prompt alone, with the rules that its callers pass on", async ({ follow, perform, answer, calls }) => {
    const prepared = /** @type {any[]} */ ([])
    follow({}, { prepare: async (/** @type {any} */ passed) => void prepared.push([passed, calls("prompt").length]) })
    await perform(send({ permission: rules }))
    await answer(refused("429"))
    await perform({ ...send({ attempt: 2 }), type: "retry" })
    assert.deepEqual([prepared, calls("prompt").length], [[[rules, 0]], 2])
  })

  runs("A session whose callers pass on no rules is prepared", async ({ follow, perform }) => {
    const prepared = /** @type {any[]} */ ([])
    follow({}, { prepare: async (/** @type {any} */ passed) => void prepared.push(passed) })
    await perform(send())
    assert.deepEqual(prepared, [[]])
  })

  for (const [what, error, message] of /** @type {[string, any, string][]} */ ([["an error", new Error("No."), "No."], ["a text", "No.", "No."]])) {
    runs(`A preparation that fails with ${what} is reported, and repeated with the same rules`, async ({ follow, perform, events, calls }) => {
      const prepared = /** @type {any[]} */ ([])
      follow({}, { prepare: async (/** @type {any} */ passed) => { if (prepared.push(passed) === 1) throw error } })
      await perform(send({ permission: rules }))
      assert.deepEqual([events, calls("prompt")], [[{ type: "prompt.failed", ...of(), failure: { kind: "prepare", message }, live: false }], []])
      await perform({ ...send({ attempt: 2 }), type: "retry" })
      assert.deepEqual([prepared, calls("prompt").length], [[rules, rules], 1])
    })
  }

  runs("A prompt whose preparation fails ends with the failure if its engine was lost", async ({ follow, perform, pass, end }) => {
    const prompt = follow({}, { prepare: async () => { throw new Error("No.") } })
    await perform(send())
    assert.equal(await end(prompt), undefined)
    await pass(0)
    assert.deepEqual(await end(prompt), { state: "failed", message: "No.", notices: [], answer: undefined })
  })

  for (const fails of [false, true]) {
    runs(`A session is aborted if its prompt ends while it is prepared, and not after it ${fails ? "failed" : "ended"}`, async ({ runner, follow, perform, asked, calls, pass }) => {
      let end = () => {}
      const prompt = follow({}, { prepare: () => new Promise((resolve, reject) => (end = () => (fails ? reject(new Error("No.")) : resolve(undefined)))) })
      await perform(send())
      for (const _ of ["once", "again"]) runner.cancel(prompt)
      await pass(0)
      assert.deepEqual(asked, [["abort", "ses_a"]])
      const other = follow({ prompt_no: 2 }, { prepare: () => new Promise((resolve, reject) => (end = () => (fails ? reject(new Error("No.")) : resolve(undefined)))) })
      await perform(send({ prompt_no: 2 }))
      end()
      await settle()
      runner.cancel(other)
      await pass(0)
      assert.deepEqual(calls("abort"), [["abort", "ses_a"]])
    })
  }

  runs("A prompt that ended while its session was prepared is not sent", async ({ follow, perform, calls, end }) => {
    let go = () => {}
    const prompt = follow({}, { prepare: () => new Promise((resolve) => (go = () => resolve(undefined))) })
    await perform(send())
    await perform({ type: "deliver", ...of(), state: "cancelled", notices: [] })
    assert.equal((await end(prompt))?.state, "cancelled")
    go()
    await settle()
    assert.deepEqual(calls("prompt"), [])
  })
})

describe("The end of a prompt", () => {
  runs("A cancelled prompt ends, though the engine does not know it", async ({ runner, follow, perform, events, pass, end }) => {
    const prompt = follow()
    await perform(send())
    runner.cancel(prompt)
    assert.deepEqual(events.at(-1), { type: "prompt.cancelled", ...of() })
    await pass(0)
    assert.deepEqual(await end(prompt), { state: "cancelled", notices: [] })
  })

  runs("All prompts of a session are cancelled, and no other session's", async ({ runner, follow, events, asked, pass, end }) => {
    const [one, two, other] = [follow(), follow({ prompt_no: 2 }), follow({ sessionID: "ses_b" })]
    assert.equal(runner.cancelAll("ses_a", "ses_root"), 2)
    assert.deepEqual(events, [{ type: "session.cancelled", sessionID: "ses_a", callerID: "ses_root" }])
    await pass(0)
    assert.deepEqual(asked, [])
    const ends = /** @type {any[]} */ ([])
    for (const prompt of [one, two, other]) ends.push((await end(prompt))?.state)
    assert.deepEqual(ends, ["cancelled", "cancelled", undefined])
  })

  runs("A forgotten prompt ends in the background alone, and is followed no longer", async ({ runner, follow, perform, end }) => {
    const [front, back] = [follow(), follow({ prompt_no: 2 }, { background: true })]
    for (const prompt_no of [1, 2, 3]) await perform({ type: "forget", sessionID: "ses_a", prompt_no })
    assert.deepEqual([await end(front), await end(back)], [undefined, { state: "idle", message: undefined, notices: [], answer: undefined }])
    assert.deepEqual(runner.prompts(() => true), [front])
    assert.equal(await end(follow({ prompt_no: 3 }, { background: true })), undefined)
  })

  runs("The answer of a background prompt is delivered with its end, once", async ({ follow, perform, answer, delivered }) => {
    follow({}, { background: true })
    follow({ sessionID: "ses_b" })
    await perform(send())
    await perform(send({ sessionID: "ses_b" }))
    for (const nth of [0, 1]) await answer(done("msg_1"), nth)
    const ending = { type: "deliver", ...of(), state: "idle", notices: [], to: {} }
    for (const effect of [ending, ending, { ...ending, sessionID: "ses_b" }]) await perform(effect)
    assert.deepEqual(delivered, [["deliver", { text: "Done." }], ["deliver", undefined], ["deliver", undefined]])
  })

  runs("A disposed runner cancels its prompts, and does nothing more", async ({ runner, follow, perform, end, asked, types }) => {
    await perform(send({ prompt_no: 2 }))
    const prompt = follow()
    runner.dispose()
    assert.deepEqual(await end(prompt), { state: "cancelled", notices: [] })
    await perform(send())
    follow({ prompt_no: 2 })
    await perform({ type: "abort", sessionID: "ses_a" })
    assert.deepEqual([asked, types(), runner.prompts(({ prompt_no }) => prompt_no === 1)], [[], [], []])
  })

  runs("A disposed runner ignores the answer of its prompt", async ({ runner, follow, perform, answer, types }) => {
    follow()
    await perform(send())
    runner.dispose()
    await answer(refused("No."))
    assert.deepEqual(types(), ["prompt.sent"])
  })
})

