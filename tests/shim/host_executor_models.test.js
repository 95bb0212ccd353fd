// Executor "host": the model that a call chose, in the first message of its child. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { CHILD, opencode, plugin } from "./opencode.js"
import { refused } from "./task_calls.js"

/** @param {string} name */
const model = (name) => ({ providerID: "p", modelID: name })

/** The plugin with an agent that lists two models. */
async function choosing(host = opencode()) {
  const world = await plugin({ executor: "host" }, host)
  const { hooks, emit, add } = world
  await hooks.config({ agent: { fixer: { models: ["p/one", "p/two"] } } })
  await world.speak()
  /** OpenCode creates the child of a call. @param {string} id @param {string} [callID] the call whose part names the child by now */
  const create = async (id, callID) => {
    await emit("session.created", { info: add(id, CHILD) })
    const part = { id: `prt_${callID}`, messageID: "msg_1", sessionID: "ses_root", callID, type: "tool", tool: "task", state: { status: "running", input: {}, metadata: { sessionId: id } } }
    if (callID) await emit("message.part.updated", { part })
  }
  /** The model of a message that OpenCode is about to store. @param {string} sessionID @param {string} text */
  const modelOf = async (sessionID, text) => {
    const message = { id: "msg_2", agent: "fixer", model: model("own") }
    await hooks["chat.message"]({ sessionID }, { message, parts: [{ type: "text", text }] })
    return message.model.modelID
  }
  return { ...world, create, modelOf }
}

describe("The model of a call", () => {
  it("A child runs on the model of its call, though no part names the child yet", async () => {
    const { before, create, modelOf } = await choosing()
    await before({ model: "p/two", prompt: "Mend it." }, "c1")
    await create("ses_a")
    assert.equal(await modelOf("ses_a", "Mend it."), "two")
  })

  it("The child of a call without a model runs on the agent's own, beside a call with the same prompt", async () => {
    const { before, create, modelOf } = await choosing()
    await before({ model: "p/two" }, "c1")
    await before({ task_id: "other" }, "c2")
    await create("ses_b", "c2")
    assert.equal(await modelOf("ses_b", "Go."), "own")
    await create("ses_a", "c1")
    assert.equal(await modelOf("ses_a", "Go."), "two")
  })

  it("A prompt that another plugin changes has the model of its call", async () => {
    const { before, create, modelOf } = await choosing()
    const args = await before({ model: "p/one", prompt: "Mend it." }, "c1")
    Object.assign(args, { prompt: "Rules first. Mend it." })
    await create("ses_a", "c1")
    assert.equal(await modelOf("ses_a", "Rules first. Mend it."), "one")
  })

  it("A resumed session runs on the model of its call, and a new one on its own call's, though the prompts are the same", async () => {
    const { before, create, modelOf } = await choosing()
    await create("ses_a")
    assert.equal((await before({ model: "p/two", task_id: "mend-it" }, "c1")).task_id, "ses_a")
    await before({ task_id: "other" }, "c2")
    await create("ses_b")
    assert.deepEqual([await modelOf("ses_a", "Go."), await modelOf("ses_b", "Go.")], ["two", "own"])
  })

  it("The child of an undecided call runs on the agent's own model, and a call with the same prompt has its own", async () => {
    const host = opencode()
    const { session } = host.input.client
    const { status } = session
    session.status = refused
    const { before, create, modelOf } = await choosing(host)
    await before({ model: "p/one" }, "c1")
    session.status = status
    await before({ model: "p/two", task_id: "other" }, "c2")
    await create("ses_b")
    assert.equal(await modelOf("ses_b", "Go."), "two")
    await create("ses_a", "c1")
    assert.equal(await modelOf("ses_a", "Go."), "own")
  })

  it("A message of the user changes no model", async () => {
    const { before, create, modelOf } = await choosing()
    await before({ model: "p/one", prompt: "Mend it." }, "c1")
    await create("ses_a", "c1")
    assert.equal(await modelOf("ses_a", "Look here."), "own")
  })
})
