// An undo in OpenCode, from its events to the next call: reverts, removed messages, and calls that name a session. Runs under
// Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { CHILD, plugin } from "./opencode.js"

/** A conversation whose message msg_1 has spawned a session, and the session that the name resumes. */
async function undoable() {
  const world = await plugin()
  await world.speak()
  const info = world.add("ses_a", CHILD)
  await world.emit("session.created", { info })
  const part = { id: "prt_1", messageID: "msg_1", sessionID: "ses_root", callID: "c0", type: "tool", tool: "task", state: { status: "completed", metadata: { sessionId: "ses_a" } } }
  await world.emit("message.part.updated", { part })
  const resumed = async () => (await world.before({ task_id: "mend-it" })).task_id
  const revert = (/** @type {object | undefined} */ of) => world.emit("session.updated", { info: { ...world.sessions.ses_root, revert: of } })
  return { ...world, resumed, revert }
}

describe("An undo", () => {
  it("A name resumes its session as long as its message stands", async () => assert.equal(await (await undoable()).resumed(), "ses_a"))

  it("A reverted message frees the name of its session", async () => {
    const { revert, resumed } = await undoable()
    await revert({ messageID: "msg_1" })
    assert.equal(await resumed(), undefined)
  })

  it("A revert that is taken back gives the name back", async () => {
    const { revert, resumed } = await undoable()
    await revert({ messageID: "msg_1" })
    await revert(undefined)
    assert.equal(await resumed(), "ses_a")
  })

  for (const [type, of] of /** @type {[string, object][]} */ ([["message.removed", {}], ["message.part.removed", { partID: "prt_1" }]])) {
    it(`A ${type} of its call frees the name of its session`, async () => {
      const { emit, resumed } = await undoable()
      await emit(type, { sessionID: "ses_root", messageID: "msg_1", ...of })
      assert.equal(await resumed(), undefined)
    })
  }

  it("A part of another tool names no session", async () => {
    const { emit, resumed } = await undoable()
    const part = { id: "prt_2", messageID: "msg_2", sessionID: "ses_root", callID: "c1", state: { status: "completed", metadata: { sessionId: "ses_a" } } }
    for (const of of [{ type: "tool", tool: "read" }, { type: "text", tool: "task" }]) await emit("message.part.updated", { part: { ...part, ...of } })
    await emit("message.removed", { sessionID: "ses_root", messageID: "msg_1" })
    assert.equal(await resumed(), undefined)
  })
})
