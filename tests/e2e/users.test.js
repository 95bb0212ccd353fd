// The user's own delegations, and the user's configuration, in the real OpenCode.

import assert from "node:assert/strict"
import { basename } from "node:path"
import { describe, it } from "node:test"
import { script } from "../host/model.js"
import { AGENTS, boot, idIn, task } from "./fixture.js"

const secret = (/** @type {string} */ word) => script({ say: `SECRET=${word}` })
const recall = [{ say: "recalled {{recall /SECRET=(\\w+)/}}" }]

describe("A user's own delegation", () => {
  it("A subtask or command of the user has a name and can be resumed", async (t) => {
    const command = { look: { template: "Look at it. " + secret("fig"), description: "Looks", agent: "explorer", subtask: true } }
    const { host, say, calls, record } = await boot(t, { config: { command } })
    const root = await host.session()
    await host.prompt(root, [{ type: "subtask", agent: "explorer", description: "Explore auth", prompt: secret("kumquat") }])
    await host.api("POST", `/session/${root}/command`, { command: "look", arguments: "" })
    const [subtask, look] = await calls(root)
    assert.match(subtask.state.output, /task_id: explore-auth \(spawned: /)
    assert.match(look.state.output, /task_id: looks \(spawned: /)
    assert.equal((await record(subtask.state.metadata.sessionId)).slug, "explore-auth")
    assert.match(await say(root, task("explorer", "Go on", recall, "explore-auth")), /recalled kumquat/)
    assert.match(await say(root, task("explorer", "Go on", recall, "looks")), /recalled fig/)
  })

  it("A user's subtask or mention ignores the permissions of the agent", async (t) => {
    const build = { permission: { task: { explorer: "deny" } } }
    const { host, say, calls } = await boot(t, { agent: { ...AGENTS, build } })
    const root = await host.session()
    await host.prompt(root, [{ type: "subtask", agent: "explorer", description: "Explore", prompt: secret("kumquat") }])
    assert.match((await calls(root))[0].state.output, /task_id: explore \(spawned: /)
    const mention = script(task("explorer", "Mentioned"), { say: "{{results}}" })
    const { text } = await host.prompt(root, [{ type: "text", text: `@explorer ${mention}` }, { type: "agent", name: "explorer" }])
    assert.match(text, /task_id: mentioned \(spawned: /)
    assert.match(await say(root, task("explorer", "Not mentioned")), /may not delegate to "explorer"/)
  })

  it("A model's call is no user's, whatever its id looks like", async (t) => {
    const build = { permission: { task: { fixer: "deny" } } }
    const { host, say, calls } = await boot(t, { agent: { ...AGENTS, build } })
    const [root, other] = [await host.session(), await host.session()]
    const secrets = idIn(await say(other, task("explorer", "Explore", secret("kumquat"))))
    await host.prompt(root, [{ type: "subtask", agent: "fixer", description: "Fix", prompt: secret("fig") }])
    const [subtask] = await calls(root)
    assert.match(subtask.state.output, /task_id: fix \(spawned: /)
    for (const id of ["prt_1", subtask.id]) {
      const call = (/** @type {object} */ step) => ({ ...step, ids: [id] })
      assert.match(await say(root, call(task("fixer", "Fix"))), /may not delegate to "fixer"/)
      const read = await say(root, call(task("explorer", "Read", recall, secrets)))
      assert.match(read, /not a child of caller session/)
      assert.ok(!read.includes("kumquat"), read)
      assert.match(await say(root, call(task("explorer", "Explore", "Look.", "map"))), /task_id: map \((spawned|resumed): /)
    }
  })

  it("A user's failed delegation is named, and leaves the session usable", async (t) => {
    const { host, say, calls } = await boot(t)
    const root = await host.session()
    await host.prompt(root, [{ type: "subtask", agent: "explorer", description: "Fail", prompt: script({ fail: { status: 400 } }) }])
    assert.match((await calls(root))[0].state.error, /scripted failure\ntask_id: fail \(its session is kept/)
    assert.match(await say(root, task("explorer", "Still here")), /task_id: still-here \(spawned: /)
  })
})

describe("A configuration", () => {
  for (const [what, setup, field] of /** @type {[string, object, string][]} */ ([
    ["an unknown option", { options: { max_dept: 2 } }, "max_dept"],
    ["an unknown executor", { options: { executor: "mine" } }, "executor"],
    ["an option out of range", { options: { context_limit: 3 } }, "context_limit"],
    ["a budget that is not a number", { agent: { ...AGENTS, lead: { mode: "subagent", description: "Leads", task_budget: "many" } } }, "agents.lead.task_budget"],
    ["a negative budget", { agent: { ...AGENTS, lead: { mode: "subagent", description: "Leads", task_budget: -1 } } }, "agents.lead.task_budget"],
    ["callable_by_subagents that is not a boolean", { agent: { ...AGENTS, lead: { mode: "subagent", description: "Leads", callable_by_subagents: "yes" } } }, "agents.lead.callable_by_subagents"],
  ])) {
    it(`A configuration with ${what} is named once, and OpenCode starts`, async (t) => {
      const { host, say } = await boot(t, setup)
      const root = await host.session()
      const result = await say(root, task("explorer", "Explore"))
      assert.match(result, /state="completed"[^]*opencode-delegate did not apply its rules to this call: Invalid configuration/)
      const said = host.log().split("\n").filter((line) => line.startsWith("opencode-delegate: "))
      assert.equal(said.length, 1, said.join("\n"))
      assert.ok(said[0].includes(`field "${field}"`), said[0])
    })
  }

  it("An invalid configuration denies the calls of subagents", async (t) => {
    const lead = { mode: "subagent", description: "Leads", permission: { task: "allow" } }
    const { host, say } = await boot(t, { agent: { ...AGENTS, lead }, options: { nonsense: 1 }, config: { subagent_depth: 3 } })
    const root = await host.session()
    const nested = [task("explorer", "Nested"), { say: "saw: {{results}}" }]
    assert.match(await say(root, task("lead", "Lead", nested)), /saw: A subagent's call that cannot be decided is denied: Invalid configuration, field "nonsense"/)
  })

  it("A configuration without budgets changes no setting of OpenCode", async (t) => {
    const { host } = await boot(t)
    const stock = await boot(t, { plugin: [] })
    const config = async (/** @type {typeof host} */ of) => {
      const { plugin, provider, ...rest } = await of.api("GET", "/config")
      return rest
    }
    assert.deepEqual(await config(host), await config(stock.host))
    assert.deepEqual(await host.api("GET", "/agent"), await stock.host.api("GET", "/agent").then((agents) => JSON.parse(JSON.stringify(agents).replaceAll(basename(stock.host.home), basename(host.home)))))
  })

  it("A configuration's own fields are not sent to the model's provider", async (t) => {
    const lead = { mode: "subagent", description: "Leads", prompt: "You lead.", task_budget: 3, callable_by_subagents: true, somebody_elses: 7 }
    const { host, say, model } = await boot(t, { agent: { ...AGENTS, lead } })
    const root = await host.session()
    const id = idIn(await say(root, task("lead", "Lead")))
    const { messages, tools, ...fields } = model.requests.find(({ sessionID }) => sessionID === id)?.body ?? assert.fail()
    assert.equal(fields.somebody_elses, 7)
    assert.ok(!("task_budget" in fields) && !("callable_by_subagents" in fields), JSON.stringify(fields))
  })

  it("A configuration is also read from an agent's own file", async (t) => {
    const files = { ".opencode/agent/lead.md": "---\nmode: subagent\ndescription: Leads\ntask_budget: 1\n---\nYou lead.\n", ".opencode/agent/flash.md": "---\nmode: subagent\ndescription: Helps\ncallable_by_subagents: true\n---\nYou help.\n" }
    const { host, say } = await boot(t, { files })
    const root = await host.session()
    const nested = [task("flash", "One"), task("flash", "Two"), { say: "saw: {{results}}" }]
    assert.match(await say(root, task("lead", "Lead", nested)), /task_id: one \(spawned[^]*Task budget exhausted \(1\/1 calls\)/)
  })

  it("A configuration sets the options of the decision table", async (t) => {
    const { host, say, model } = await boot(t, { options: { same_agent: "resume", on_agent_mismatch: "spawn" } })
    const root = await host.session()
    const first = await say(root, task("explorer", "Explore", secret("kumquat")))
    const next = await say(root, task("explorer", "Go on", recall))
    assert.match(next, /recalled kumquat[^]*task_id: explore \(resumed: No session was named, and `same_agent` resumes this agent's most recent one/)
    assert.equal(idIn(next), idIn(first))
    assert.match(await say(root, task("fixer", "Fix", recall, "explore")), /recalled \(nothing\)[^]*task_id: explore-2 \(spawned: /)
    const last = model.requests.filter(({ kind, sessionID }) => kind === "chat" && sessionID === root).at(-1)?.body.messages ?? []
    const asked = last.flatMap(({ tool_calls = [] }) => tool_calls).map((call) => JSON.parse(/** @type {any} */ (call).function.arguments).task_id)
    assert.deepEqual(asked, [undefined, undefined, "explore"], "the model is shown its own calls")
  })
})
