// Composed plugins with ways of their own: sessions that may delegate, and a task tool.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { script } from "../../host/model.js"
import { AGENTS, MISSING, OPENCODE2, task } from "../fixture.js"
import { hosts, recall, secret, use } from "./world.js"

const agent = {
  ...AGENTS,
  builder: { mode: "subagent", description: "Builds", permission: { task: { fixer: "deny" } } },
  lead: { mode: "subagent", description: "Leads", task_budget: 1 },
}
const world = hosts({
  nesting: { plugin: "./nesting.js", agent, config: { subagent_depth: 3 } },
  "a task tool": { plugin: "./handmade_composed.js" },
})

/** A step that has the plugin start a session that may delegate, and play these steps. @param {string} of @param {object[]} steps */
const nest = (of, ...steps) => use("nest", { agent: of, prompt: script(...steps, { say: "nested saw: {{results}}" }) })

// A plugin of OpenCode 2 creates no child, and gives no session rules.
describe("A session that another plugin lets delegate", { skip: OPENCODE2 }, () => {
  it("A nested call of an agent without a budget runs, and its name resumes its session", async () => {
    const { host, say } = await world("nesting")
    const root = await host.session()
    const saw = await say(root, nest("builder", task("explorer", "Explore", secret("fig"), "map"), task("explorer", "Go on", recall, "map")))
    assert.match(saw, /task_id: map \(spawned: [^]*recalled fig[^]*task_id: map \(resumed: /)
  })

  it("A nested call runs as the session's own rules allow it, whatever its agent's rules say", async () => {
    const { host, say } = await world("nesting")
    const root = await host.session()
    assert.match(await say(root, nest("builder", task("fixer", "Fix"))), /task_id: fix \(spawned: /)
  })

  it("A nested call of an agent with a budget is bound by it", async () => {
    const { host, say } = await world("nesting")
    const root = await host.session()
    assert.match(await say(root, nest("lead", task("explorer", "Explore"))), /Target "explorer" is not callable by subagents/)
  })
})

describe("A composed plugin with a task tool that starts no session", { skip: MISSING }, () => {
  it("A call that starts no session gives its name to the next", async () => {
    const { host, say } = await world("a task tool")
    const root = await host.session()
    const saw = await say(root, task("explorer", "One", "Go.", "auth"), task("explorer", "Two", "Go.", "auth"))
    assert.match(saw, /"One" was done by hand[^]*"Two" was done by hand/)
    assert.doesNotMatch(saw, /task_id/)
  })
})
