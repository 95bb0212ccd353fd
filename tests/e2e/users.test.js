// The user's own delegations, and the user's configuration, in the real OpenCode.

import assert from "node:assert/strict"
import { basename } from "node:path"
import { describe, it } from "node:test"
import { script } from "../host/model.js"
import { AGENTS, OPENCODE2, boot, idIn, task } from "./fixture.js"

const secret = (/** @type {string} */ word) => script({ say: `SECRET=${word}` })
const recall = [{ say: "recalled {{recall /SECRET=(\\w+)/}}" }]
const NO_SUBTASKS = OPENCODE2 && "a prompt of OpenCode 2 holds no subtask"
/** A command that a subagent runs. @param {string} template */
const look = (template) => ({ look: { template: `Look at it. ${template}`, description: "Looks", agent: "explorer", subtask: true } })

describe("A user's own delegation", () => {
  it("A subtask of the user has a name and can be resumed", { skip: NO_SUBTASKS }, async (t) => {
    const { host, say, calls, record } = await boot(t)
    const root = await host.session()
    await host.prompt(root, [{ type: "subtask", agent: "explorer", description: "Explore auth", prompt: secret("kumquat") }])
    const [subtask] = await calls(root)
    assert.match(subtask.state.output, /task_id: explore-auth \(spawned: /)
    assert.equal((await record(subtask.state.metadata.sessionId)).slug, "explore-auth")
    assert.match(await say(root, task("explorer", "Go on", recall, "explore-auth")), /recalled kumquat/)
  })

  it("A command of the user that a subagent runs has a name and can be resumed", async (t) => {
    const { host, say, calls } = await boot(t, { config: { command: look(secret("fig")) } })
    const root = await host.session()
    await host.command(root, "look")
    const [{ id }] = await host.children(root)
    // OpenCode 2 runs a command without a call, so no result shows its name.
    if (!OPENCODE2) assert.match((await calls(root))[0].state.output, /task_id: looks \(spawned: /)
    const result = await say(root, task("explorer", "Go on", recall, "looks"))
    assert.match(result, /recalled fig[^]*task_id: looks \(resumed: /)
    assert.equal(idIn(result), id)
    assert.match(await say(root, task("explorer", "Go on", recall, id)), /recalled fig/)
  })

  it("A command of the user ignores the permissions of the agent", async (t) => {
    const build = { permission: { task: { explorer: "deny" } } }
    const { host, say, answers } = await boot(t, { agent: { ...AGENTS, build }, config: { command: look(secret("fig")) } })
    const root = await host.session()
    await host.command(root, "look")
    const [{ id }] = await host.children(root)
    assert.deepEqual(await answers(id), ["SECRET=fig"])
    assert.match(await say(root, task("explorer", "By the model")), /may not delegate to "explorer"/)
  })

  it("A user's subtask or mention ignores the permissions of the agent", { skip: NO_SUBTASKS && `${NO_SUBTASKS}, and a mention there is a text` }, async (t) => {
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
    const ids = ["prt_1"]
    if (!OPENCODE2) {
      await host.prompt(root, [{ type: "subtask", agent: "fixer", description: "Fix", prompt: secret("fig") }])
      const [subtask] = await calls(root)
      assert.match(subtask.state.output, /task_id: fix \(spawned: /)
      ids.push(subtask.id)
    }
    for (const id of ids) {
      const call = (/** @type {object} */ step) => ({ ...step, ids: [id] })
      assert.match(await say(root, call(task("fixer", "Fix"))), /may not delegate to "fixer"/)
      const read = await say(root, call(task("explorer", "Read", recall, secrets)))
      assert.match(read, OPENCODE2 ? /is not owned by this caller/ : /not a child of caller session/)
      assert.ok(!read.includes("kumquat"), read)
      assert.match(await say(root, call(task("explorer", "Explore", "Look.", "map"))), /task_id: map \((spawned|resumed): /)
    }
  })

  it("A user's failed delegation is named, and leaves the session usable", async (t) => {
    const { host, say, calls, told } = await boot(t, { config: { command: look(script({ fail: { status: 400 } }, { say: "back" })) } })
    const root = await host.session()
    await host.command(root, "look")
    if (OPENCODE2) assert.match((await told(root)).join(), /state="error"[^]*scripted failure/)
    else assert.match((await calls(root))[0].state.error, /scripted failure\ntask_id: looks \(its session is kept/)
    assert.match(await say(root, task("explorer", "Still here")), /task_id: still-here \(spawned: /)
    assert.match(await say(root, task("explorer", "Go on", [{ say: "here again" }], "looks")), /here again[^]*task_id: looks \(resumed: /)
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
    const skip = OPENCODE2 && field === "executor" && "OpenCode 2's own tool runs each child, whatever `executor` says"
    it(`A configuration with ${what} is named once, and OpenCode starts`, { skip }, async (t) => {
      const { host, say } = await boot(t, setup)
      const root = await host.session()
      const result = await say(root, task("explorer", "Explore"))
      assert.match(result, /state="completed"[^]*opencode-delegate did not apply its rules to this call: Invalid configuration/)
      const said = host.log().split("\n").filter((line) => line.startsWith("opencode-delegate: "))
      assert.equal(said.length, 1, said.join("\n"))
      assert.ok(said[0].includes(`field "${field}"`), said[0])
    })
  }

  it("A misspelt field of an agent is named once, and calls are decided", async (t) => {
    const lead = { mode: "subagent", description: "Leads" }
    const { host, say } = await boot(t, { own: true, agent: { ...AGENTS, lead: { ...lead, task_buget: 2 }, boss: { ...lead, options: { taskBudget: 2 } } } })
    const root = await host.session()
    assert.match(await say(root, task("explorer", "Explore")), /task_id: explore/)
    await say(root, task("explorer", "Look"))
    for (const field of ["task_buget", "taskBudget"]) assert.equal(host.log().split(field).length, 2, host.log())
    assert.equal(host.log().split("Did you mean").length, 3)
  })

  it("An invalid configuration denies the calls of subagents", async (t) => {
    const lead = { mode: "subagent", description: "Leads", permission: { task: "allow" } }
    const { host, say } = await boot(t, { agent: { ...AGENTS, lead }, options: { nonsense: 1 }, config: { subagent_depth: 3 } })
    const root = await host.session()
    const nested = [task("explorer", "Nested"), { say: "saw: {{results}}" }]
    assert.match(await say(root, task("lead", "Lead", nested)), /saw: A subagent's call that cannot be decided is denied: Invalid configuration, field "nonsense"/)
  })

  it("A configuration without budgets changes no setting of OpenCode", async (t) => {
    const world = await boot(t)
    const stock = await boot(t, { plugin: [] })
    const { host } = world
    // The agents of OpenCode 2 are complete with the first turn.
    for (const of of [world, stock]) await of.say(await of.host.session())
    const config = async (/** @type {typeof host} */ of) => {
      const config = await of.api("GET", "/config")
      return JSON.parse(JSON.stringify(config, (key, value) => (/^(plugin|provider)s?$/.test(key) ? undefined : value)).replaceAll(basename(of.home), "home"))
    }
    assert.deepEqual(await config(host), await config(stock.host))
    const agents = async (/** @type {typeof host} */ of) => JSON.parse(JSON.stringify(await of.api("GET", "/agent")).replaceAll(basename(of.home), "home"))
    assert.deepEqual(await agents(host), await agents(stock.host))
  })

  it("A configuration's own fields are not sent to the model's provider", async (t) => {
    const lead = { mode: "subagent", description: "Leads", prompt: "You lead.", task_budget: 3, callable_by_subagents: true, somebody_elses: 7 }
    const { host, say, model } = await boot(t, { agent: { ...AGENTS, lead } })
    const root = await host.session()
    const id = idIn(await say(root, task("lead", "Lead")))
    const { messages, tools, ...fields } = model.requests.find(({ sessionID }) => sessionID === id)?.body ?? assert.fail()
    // This provider of OpenCode 2 sends no field that it does not know.
    if (OPENCODE2) assert.deepEqual((await host.api("GET", "/agent")).find((/** @type {any} */ { id }) => id === "lead").request.body, { somebody_elses: 7 })
    else assert.equal(fields.somebody_elses, 7)
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
