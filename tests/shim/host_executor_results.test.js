// Executor "host": the call that a result or a part belongs to. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { data, trap } from "./opencode.js"
import { calling, isThrough, part, refused } from "./task_calls.js"

describe("The result of a call", () => {
  it("A result names the session of its own caller's call, though another caller's call has the same id", async () => {
    const { add, before, create, end } = await calling()
    add("ses_other")
    await before({ task_id: "one" }, "c1")
    await before({ task_id: "two" }, "c1", "ses_other")
    await create("ses_1")
    assert.match((await end("c1", "ses_1")).output, /\ntask_id: one \(spawned: /)
    await create("ses_2", { parentID: "ses_other" })
    assert.match((await end("c1", "ses_2", { caller: "ses_other" })).output, /\ntask_id: two \(spawned: /)
  })

  it("The first of two calls with one id gets its own result, though it ends first", async () => {
    const { before, create, end } = await calling()
    const [one, two] = [await before({ task_id: "one" }, "c1"), await before({ task_id: "two" }, "c1")]
    for (const id of ["ses_1", "ses_2"]) await create(id)
    assert.match((await end("c1", "ses_1", { args: one })).output, /\ntask_id: one \(spawned: /)
    assert.match((await end("c1", "ses_2", { args: two })).output, /\ntask_id: two \(spawned: /)
  })

  it("A result has its session's name if the engine trapped while the session ran", async () => {
    const { before, begin, end } = await calling()
    await before({ task_id: "auth" }, "c1")
    await begin("c1", "ses_a")
    trap()
    assert.match((await end("c1", "ses_a")).output, /\ntask_id: auth \(spawned: /)
  })

  it("An undecided call whose result shows no session keeps its result, beside the notice", async () => {
    const { before, begin, end } = await calling(({ input }) => (input.client.session.status = refused))
    await before({}, "c1")
    await begin("c1", "ses_a")
    const result = await end("c1", undefined, { metadata: null })
    assert.match(result.output, /^done\nopencode-delegate did not apply its rules[^\n]*$/)
    assert.equal(result.metadata, undefined)
  })
})

describe("The part of a call", () => {
  it("The error of the second of two calls with one id ends the second, and leaves the first", async () => {
    const { before, create, shown, end } = await calling()
    const one = await before({ task_id: "one" }, "c1")
    await before({ task_id: "two" }, "c1")
    await create("ses_1")
    await shown("c1", { status: "running", metadata: { sessionId: "ses_1" } })
    await shown("c1", { status: "error", error: "No." })
    await create("ses_b", { title: "Two (@fixer subagent)" })
    const next = before({ task_id: "two" }, "c3")
    assert.equal(await isThrough(next), true)
    assert.equal((await next).task_id, "ses_b")
    assert.match((await end("c1", "ses_1", { args: one })).output, /\ntask_id: one \(spawned: /)
  })

  it("A completed part in the history leaves a later call with its id", async () => {
    const { before, create, end, history } = await calling()
    await before({ task_id: "one" }, "c1")
    await create("ses_1")
    await end("c1", "ses_1")
    await before({ task_id: "two" }, "c1")
    await history(part("c1", { status: "completed", metadata: { sessionId: "ses_1" } }, { messageID: "msg_0" }))
    await create("ses_2")
    assert.match((await end("c1", "ses_2")).output, /\ntask_id: two \(spawned: /)
  })

  it("A running call whose name is not stored yet holds no request to the model back", async () => {
    const { before, begin, history, input } = await calling()
    const { update } = input.client.session
    let store = () => {}
    const stored = new Promise((resolve) => (store = () => resolve(undefined)))
    input.client.session.update = async (/** @type {any} */ given) => (await stored, update(given))
    await before({ task_id: "auth" }, "c1")
    await begin("c1", "ses_a")
    assert.equal(await isThrough(history(part("c1", { status: "running", metadata: { sessionId: "ses_a" } }))), true)
    // A failed call waits, since its part gives the name to the model.
    const failed = history(part("c1", { status: "error", error: "No.", metadata: { sessionId: "ses_a" } }))
    assert.equal(await isThrough(failed), false)
    store()
    await failed
  })

  it("A call whose child a limit ended is completed with the child's last words, for the model and in OpenCode", async () => {
    const stored = /** @type {any[]} */ ([])
    const { before, begin, emit, shown, history, done } = await calling(({ input }) => {
      const child = [{ info: { id: "msg_u", role: "user" }, parts: [{ type: "text", text: "Go." }] }, { info: { id: "msg_a", role: "assistant" }, parts: [{ type: "text", text: "Half of it." }] }]
      input.client.session.messages = (/** @type {any} */ { path }) => data(path.id === "ses_a" ? child : [])
      input.client._client.patch = (/** @type {any} */ { body }) => (stored.push(body), data(true))
    }, /** @type {any} */ ({ executor: "host", limits: { max_steps: 1 } }))
    await before({ task_id: "auth" }, "c1")
    await begin("c1", "ses_a")
    await emit("message.updated", { info: { id: "msg_a", role: "assistant", sessionID: "ses_a", finish: "tool-calls", tokens: { input: 1, output: 1, reasoning: 0, cache: { read: 0, write: 0 } } } })
    assert.deepEqual(done, [["abort", "ses_a"]])
    const failed = part("c1", { status: "error", error: "Aborted", input: {}, metadata: { sessionId: "ses_a", theirs: 1 } })
    await shown("c1", failed.state)
    await history(failed)
    const { status, title, output, error, metadata: { delegate, ...metadata } } = /** @type {any} */ (failed.state)
    assert.deepEqual([status, title, error, metadata], ["completed", "Mend it · auth spawned", undefined, { sessionId: "ses_a", theirs: 1 }])
    assert.equal("error" in failed.state, false)
    assert.match(output, /<task_result>\nHalf of it\.\n<\/task_result>[^]*\ntask_id: auth \(spawned: [^]*\nIts work is unfinished\. It was ended at its limit of 1 step/)
    assert.deepEqual([delegate.task_id, delegate.action], ["auth", "spawn"])
    assert.deepEqual(stored.map(({ state }) => [state.status, state.output, state.metadata]), [[status, output, { ...metadata, delegate }]])
  })
})
