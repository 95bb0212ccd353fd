// The plugin beside another plugin, or composed with one: who decides a call, and what each of the two answers. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { withDelegation } from "../../js/compose.js"
import { composed } from "./composed.js"
import { CHILD, opencode, plugin } from "./opencode.js"

describe("A plugin with tools of its own in the same list", () => {
  /** The plugin in such a list. */
  async function aside() {
    const world = await plugin({})
    await world.hooks.config({ plugin: ["opencode-orchestrator", "opencode-delegate"] })
    await world.speak()
    await world.emit("session.created", { info: world.add("ses_a", CHILD) })
    return world
  }

  it("A warning names the entry for both, and this package offers no tools", async () => {
    const { hooks, toasts } = await aside()
    assert.equal("tool" in hooks, false)
    assert.match(toasts.join(), /^warning,opencode-orchestrator [^]*"\.\/node_modules\/opencode-delegate\/orchestrator"[^]*$/)
  })

  it("No call is decided, a model's or a user's, and no result gets a name", async () => {
    const { hooks, before, subtask } = await aside()
    for (const task_id of ["mend-it", "new-name"]) assert.equal((await before({ task_id }, "c1")).task_id, task_id)
    assert.equal((await subtask({ task_id: "mend-it" })).task_id, "mend-it")
    const result = { title: "Mend it", output: "done", metadata: { sessionId: "ses_a" } }
    await hooks["tool.execute.after"]({ tool: "task", sessionID: "ses_root", callID: "c1", args: {} }, result)
    assert.equal(result.output, "done")
  })

  it("A session that is deleted while it runs is left to the other plugin", async () => {
    const { emit, done } = await aside()
    await emit("session.status", { sessionID: "ses_a", status: { type: "busy" } })
    await emit("session.deleted", { info: { id: "ses_a" } })
    assert.deepEqual(done.filter(([what]) => what === "abort"), [])
  })
})

it("A composed plugin is warned of no slim in the list", async () => {
  const { hooks, speak, toasts } = await plugin({}, opencode(), (input, options) => withDelegation(/** @type {any} */ (async () => ({})), options)(input))
  await hooks.config({ plugin: ["oh-my-opencode-slim", "opencode-delegate"] })
  await speak()
  assert.deepEqual(toasts, [])
})

describe("A composed plugin with tools of its own", () => {
  it("It decides a model's calls of its own task tool, and the engine decides a user's", async () => {
    const tools = { task: { session: "task_id", agent: "subagent_type", child: { text: String.raw`^Session: (ses_\w+)$` } } }
    const { before, subtask } = await composed(undefined, {}, 0, { tools })
    assert.equal((await before({ task_id: "new-name" })).task_id, "new-name")
    assert.equal("task_id" in (await subtask({ task_id: "new-name" })), false)
  })

  it("A call runs as it is while the options have a fault", async () => {
    const { error } = console
    console.error = () => {}
    try {
      const { hooks, call, results } = await composed(async ({ resume }) => `Resumes ${resume}`, { max_depth: -1 })
      await hooks.config({})
      assert.equal(await call({ to: "fixer", resume: "the-mend" }), "Resumes the-mend")
      assert.deepEqual(results[0].metadata, {})
    } finally {
      console.error = error
    }
  })

  it("A result of another tool with the id of a call stays unchanged", async () => {
    const { hooks } = await composed()
    const context = { sessionID: "ses_root", messageID: "msg_1", callID: "c1", agent: "build", abort: new AbortController().signal, metadata() {} }
    const output = await hooks.tool.hand_over.execute({ description: "Mend it", prompt: "Go.", to: "fixer" }, context)
    const [read, handed] = ["read", "hand_over"].map((tool) => ({ tool, result: { title: "", metadata: {}, output: tool === "read" ? "alpha" : output } }))
    for (const { tool, result } of [read, handed]) await hooks["tool.execute.after"]({ tool, sessionID: "ses_root", callID: "c1", args: {} }, result)
    assert.equal(read.result.output, "alpha")
    assert.match(handed.result.output, /\ntask_id: mend-it \(spawned: /)
  })

  it("The engine gives the answer of a session that the plugin does not know", async () => {
    const { call, add, emit, messages } = await composed()
    await emit("session.created", { info: add("ses_x", CHILD) })
    messages.ses_x = [{ info: { id: "msg_9", role: "assistant", finish: "stop" }, parts: [{ type: "text", text: "It is mended." }] }]
    assert.match(await call({ task: "mend-it" }, "read_task"), /It is mended\./)
  })

  it("A session that another process creates is listed after a later message", async ({ mock }) => {
    const { add, speak, list } = await composed()
    add("ses_x", CHILD)
    mock.timers.enable({ apis: ["Date"], now: Date.now() + 60_000 })
    await speak()
    assert.match((await list()).join(), /\n- mend-it \("fixer"\)/)
  })
})
