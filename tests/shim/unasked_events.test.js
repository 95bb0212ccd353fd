// Events and calls that concern no call of this package, or not its end: they change nothing, and fail no hook. Runs under Node
// and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { CHILD, plugin } from "./opencode.js"

describe("An event of an unknown session", () => {
  it("A deleted session that no conversation has is not aborted", async () => {
    const { speak, emit, done } = await plugin({})
    await speak()
    await emit("session.deleted", { info: { id: "ses_theirs" } })
    assert.deepEqual(done, [])
  })
})

describe("An event during a call of OpenCode's own task tool", () => {
  /** The result of a call during which OpenCode sends an event. @param {string} type @param {any} properties */
  async function during(type, properties) {
    const { hooks, add, speak, emit, before } = await plugin()
    await speak()
    const args = await before({ task_id: "auth" }, "c1")
    await emit(type, properties)
    await emit("session.created", { info: add("ses_a", CHILD) })
    const result = { title: "", output: "done", metadata: { sessionId: "ses_a" } }
    await hooks["tool.execute.after"]({ tool: "task", sessionID: "ses_root", callID: "c1", args }, result)
    return result.output
  }

  for (const type of ["busy", "retry"]) {
    it(`The caller's status ${type} ends no call`, async () => {
      assert.match(await during("session.status", { sessionID: "ses_root", status: { type } }), /\ntask_id: auth \(spawned: /)
    })
  }

  for (const of of [{ type: "tool", tool: "read" }, { type: "theirs", tool: "task" }]) {
    it(`A failed part of type ${of.type} and tool ${of.tool} with the id of a call does not end the call`, async () => {
      const part = { id: "prt_1", messageID: "msg_1", sessionID: "ses_root", callID: "c1", state: { status: "error", error: "No.", input: {} }, ...of }
      assert.match(await during("message.part.updated", { part }), /\ntask_id: auth \(spawned: /)
    })
  }
})

describe("A call of another plugin's task tool", () => {
  it("A call without arguments passes to its tool", async () => {
    const { hooks, speak } = await plugin({})
    await speak()
    const call = { tool: "task", sessionID: "ses_root", callID: "c1" }
    const output = {}
    await hooks["tool.execute.before"](call, output)
    assert.deepEqual(output, {})
  })

  it("A call without a result is warned of", async () => {
    const { hooks, speak, emit, before, toasts } = await plugin({})
    await speak()
    await emit("message.updated", { info: { id: "msg_1", sessionID: "ses_root", role: "assistant" } })
    await emit("message.part.updated", { part: { id: "prt_1", messageID: "msg_1", sessionID: "ses_root", callID: "c1", type: "tool", tool: "task", state: { status: "running", input: {} } } })
    const args = await before({}, "c1")
    await hooks["tool.execute.after"]({ tool: "task", sessionID: "ses_root", callID: "c1", args }, undefined)
    await null
    assert.match(toasts.join(), /Move "opencode-delegate" to the end of that list/)
  })
})
