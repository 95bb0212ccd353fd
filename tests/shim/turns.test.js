// The turns of sessions, as OpenCode's messages begin them: a subagent's budget, and a host that answers late. Runs under Node
// and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { hosting, running } from "./children.js"
import { CHILD, data, opencode, plugin } from "./opencode.js"

describe("A message to a subagent that has spent its budget", () => {
  const text = { type: "text", text: "Go on." }
  const synthetic = { ...text, synthetic: true }

  /** @type {[string, any[], boolean][]} */
  const CASES = [
    ["A user's text refills the budget", [text], true],
    ["A text that a plugin made up refills nothing", [synthetic], false],
    ["A user's text beside one that a plugin made up refills the budget", [synthetic, text], true],
    ["A user's file refills the budget", [synthetic, { type: "file", synthetic: true }], true],
    ["A text that is marked as the user's refills the budget", [{ ...text, synthetic: false }], true],
  ]
  for (const [what, parts, refills] of CASES) {
    it(what, async () => {
      const { hooks, add, emit, speak, before } = await plugin()
      await hooks.config({ agent: { lead: { mode: "subagent", task_budget: 1 }, fixer: { callable_by_subagents: true } } })
      await speak()
      await emit("session.created", { info: add("ses_a", { ...CHILD, agent: "lead" }) })
      const call = (/** @type {string} */ callID) => before({ task_id: callID }, callID, "ses_a")
      await call("one")
      await assert.rejects(call("two"), /Task budget exhausted/)
      await hooks["chat.message"]({ sessionID: "ses_a" }, { message: { id: "msg_2", agent: "lead" }, parts })
      if (refills) await call("three")
      else await assert.rejects(call("three"), /Task budget exhausted/)
    })
  }
})

describe("An OpenCode that answers late", () => {
  it("A call is decided once the agents can be read", async () => {
    const host = opencode()
    const { app } = host.input.client
    const { agents } = app
    app.agents = async () => { throw new Error("busy") }
    const { add, speak, emit, before } = await plugin({ executor: "host" }, host)
    await speak()
    app.agents = agents
    await speak()
    await emit("session.created", { info: add("ses_a", CHILD) })
    assert.equal((await before({ task_id: "mend-it" })).task_id, "ses_a")
  })
})

describe("The tools of primary agents alone", () => {
  for (const [what, experimental, denied] of /** @type {[string, any, string[]][]} */ ([
    ["A child lacks the tools that opencode.json reserves for primary agents", { primary_tools: ["theirs"] }, ["theirs"]],
    ["A child lacks no tool if opencode.json reserves none", {}, []],
    ["A child lacks no tool if opencode.json has no such field", undefined, []],
    ["A child lacks no tool if opencode.json is not read yet", null, []],
  ])) {
    it(what, async () => {
      const host = hosting()
      host.input.client.app.agents = () => data([{ name: "build" }, { name: "fixer", mode: "subagent", permission: [{ permission: "task", pattern: "*", action: "allow" }, { permission: "todowrite", pattern: "*", action: "allow" }] }])
      const { hooks, call, created } = await running(host)
      if (experimental !== null) await hooks.config({ experimental })
      await call()
      const known = ["task", "todowrite"]
      assert.deepEqual(created[0].permission.map((/** @type {any} */ { permission }) => permission).filter((/** @type {string} */ name) => !known.includes(name)), denied)
    })
  }
})
