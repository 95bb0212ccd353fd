// A child's permissions, which never exceed its caller's, in the real OpenCode.

import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import { script } from "../../host/model.js"
import { AGENTS, idIn, task } from "../fixture.js"
import { boot, use } from "./world.js"

const subagent = (/** @type {object} */ fields) => ({ mode: "subagent", description: "Works", ...fields })
const primary = (/** @type {object} */ permission) => ({ mode: "primary", description: "Talks", permission })

const agent = {
  ...AGENTS,
  lead: subagent({ task_budget: 3 }),
  helper: subagent({ callable_by_subagents: true }),
  open: primary({}),
  "no-edit": primary({ edit: "deny" }),
  "no-rm": primary({ bash: { "*": "allow", "rm *": "deny" } }),
  "echo-only": primary({ bash: { "*": "deny", "echo *": "allow" } }),
  "asks-first": primary({ task: { "*": "allow", explorer: "ask", lead: "allow" } }),
  boss: subagent({ task_budget: 1, permission: { task: { "*": "ask" } } }),
}

/** @type {Awaited<ReturnType<typeof boot>>} */
let world
const ends = /** @type {(() => Promise<void>)[]} */ ([])
before(async () => {
  const config = { experimental: { primary_tools: ["webfetch"], continue_loop_on_deny: true } }
  world = await boot({ after: (/** @type {() => Promise<void>} */ end) => void ends.push(end) }, { own: true, agent, config })
})
after(() => Promise.all(ends.map((end) => end())))

/** Has a root's agent make these calls, and returns their results. @param {string} agent @param {object[]} steps @param {string} [root] */
async function as(agent, steps, root) {
  root ??= await world.host.session()
  const { text } = await world.host.prompt(root, script(...steps, { say: "{{results}}" }), { agent })
  return { root, text, id: idIn(text) }
}

/** The tools that the model was offered in a session's last request. @param {string} id */
const tools = (id) => world.model.requests.findLast(({ kind, sessionID }) => kind === "chat" && sessionID === id)?.body.tools?.map((tool) => tool.function.name) ?? []

const bash = (/** @type {string} */ command) => ({ call: { tool: "bash", args: { command, description: "Runs it" } } })
const write = (/** @type {string} */ filePath) => ({ call: { tool: "write", args: { filePath, content: "written" } } })
const REFUSED = /specified a rule which prevents you from using this specific tool call/

describe("A child", () => {
  it("A child has its caller's permissions, without delegation, a todo list and the tools of primaries", async () => {
    const { root, text, id } = await as("open", [task("explorer", "Work", [write("open.txt"), { say: "{{results}}" }])])
    assert.match(text, /Wrote file successfully/)
    const kept = ["task", "todowrite", "webfetch", "delegate_output", "delegate_cancel", "delegate_list"]
    assert.deepEqual(tools(root).filter((tool) => !tools(id).includes(tool)).sort(), kept.sort())
  })

  it("A child of an agent with a `task` rule delegates, and watches its own tasks", async () => {
    const { id } = await as("open", [task("lead", "Lead", "Go.")])
    for (const tool of ["task", "delegate_output", "delegate_cancel", "delegate_list"]) assert.ok(tools(id).includes(tool), tool)
  })

  it("A child edits nothing that its caller cannot edit, at any depth and with any tool", async () => {
    const nested = [task("helper", "Help", [write("denied.txt"), { say: "helper saw: {{results}}" }]), { say: "lead saw: {{results}}" }]
    const { id, text } = await as("no-edit", [task("lead", "Lead", nested)])
    const [{ id: helper }] = await world.host.children(id)
    for (const child of [id, helper]) assert.deepEqual(tools(child).filter((tool) => ["edit", "write", "patch", "apply_patch"].includes(tool)), [])
    assert.match(text, /helper saw: [^]*unavailable tool 'write'/)
  })

  for (const [caller, allowed, refused] of [["no-rm", "echo fine", "rm -f nothing"], ["echo-only", "echo fine", "rm -f nothing"]]) {
    it(`A child of "${caller}" may run "${allowed}" and not "${refused}"`, async () => {
      const { text } = await as(caller, [task("explorer", "Work", [bash(allowed), bash(refused), { say: "{{results}}" }])])
      assert.match(text, /fine/)
      assert.match(text, REFUSED)
    })
  }

  it("A child inherits a denial of its caller's session", async () => {
    const root = await world.host.session({ permission: [{ permission: "bash", pattern: "rm *", action: "deny" }] })
    const { text } = await as("open", [task("explorer", "Work", [bash("echo fine"), bash("rm -f nothing"), { say: "{{results}}" }])], root)
    assert.match(text, /fine/)
    assert.match(text, REFUSED)
  })

  it("A child gets its permission when it is created", async () => {
    const events = await world.host.events()
    const { id } = await as("no-edit", [task("explorer", "Work")])
    const { properties } = await events.wait(({ type, properties }) => type === "session.created" && properties.info.id === id)
    events.stop()
    const { permission } = await world.host.api("GET", `/session/${id}`)
    assert.deepEqual(properties.info.permission, permission)
    for (const denied of ["edit", "task", "todowrite", "webfetch", "delegate_*"]) {
      assert.ok(permission.some((/** @type {any} */ rule) => rule.permission === denied && rule.pattern === "*" && rule.action === "deny"), denied)
    }
  })
})

describe("A resumed child", () => {
  it("A resumed child has the permissions of the caller that resumes it", async () => {
    const work = (/** @type {string} */ file) => [task("explorer", "Work", [write(file), { say: "{{results}}" }], "worker")]
    const { root, id } = await as("open", work("one.txt"))
    assert.ok(tools(id).includes("write"))
    for (const [caller, may] of /** @type {[string, boolean][]} */ ([["no-edit", false], ["no-edit", false], ["open", true], ["no-edit", false], ["open", true]])) {
      const { text } = await as(caller, work("two.txt"), root)
      assert.match(text, may ? /Wrote file successfully[^]*\(resumed: / : /unavailable tool 'write'[^]*\(resumed: /)
      assert.equal(tools(id).includes("write"), may, caller)
    }
    const { permission } = await world.host.api("GET", `/session/${id}`)
    assert.ok(permission.length < 100, `${permission.length} rules`)
  })

  it("A resumed child gets each rule of one caller once", async () => {
    const { root, id } = await as("no-edit", [task("explorer", "Work", "Go.", "worker")])
    const { permission } = await world.host.api("GET", `/session/${id}`)
    await as("no-edit", [task("explorer", "Work", "Go.", "worker")], root)
    assert.deepEqual((await world.host.api("GET", `/session/${id}`)).permission, permission)
  })
})

describe("A `task` rule that asks", () => {
  /** Answers permission requests as the user. @param {("once" | "reject" | "always")[]} replies @param {() => Promise<any>} work */
  async function answering(replies, work) {
    const events = await world.host.events()
    const asked = () => events.list.filter(({ type }) => type === "permission.asked")
    const answer = async () => {
      for (const [index, reply] of replies.entries()) {
        await events.wait(() => asked().length > index)
        await world.host.api("POST", `/permission/${asked()[index].properties.id}/reply`, { reply })
      }
    }
    const [result] = await Promise.all([work(), answer()])
    events.stop()
    return { ...result, asked: asked().map(({ properties }) => properties) }
  }

  it("The user is asked as OpenCode asks, and a refusal starts nothing", async () => {
    const { root, text, asked } = await answering(["reject", "once"], () => as("asks-first", [task("explorer", "Explore", "Go.", "explore"), task("explorer", "Explore", "Go.", "explore"), task("lead", "Lead", "Go.")]))
    assert.match(text, /^The user rejected permission[^]*task_id: explore \(spawned: [^]*task_id: lead \(spawned: /)
    assert.equal((await world.host.children(root)).length, 2)
    assert.deepEqual(asked.map((/** @type {any} */ { sessionID, permission, patterns, metadata }) => ({ sessionID, permission, patterns, metadata })), [1, 2].map(() => (
      { sessionID: root, permission: "task", patterns: ["explorer"], metadata: { description: "Explore", subagent_type: "explorer" } }
    )))
  })

  it("A user's refusal costs a subagent nothing", async () => {
    const work = [task("helper", "Refused"), task("helper", "Done"), task("helper", "Too many"), { say: "saw: {{results}}" }]
    const { text } = await answering(["reject", "once"], () => as("open", [task("boss", "Lead", work)]))
    assert.match(text, /saw: The user rejected permission[^]*task_id: done \(spawned: [^]*Task budget exhausted \(1\/1 calls\)/)
  })

  it("The user is not asked after naming the agent", async () => {
    const root = await world.host.session()
    const text = `@explorer ${script(task("explorer", "Mentioned"), { say: "{{results}}" })}`
    const answer = await world.host.prompt(root, [{ type: "text", text }, { type: "agent", name: "explorer" }], { agent: "asks-first" })
    assert.match(answer.text, /task_id: mentioned \(spawned: /)
  })
})

describe("The small tools", () => {
  it("The small tools reach no session of another root, and a subagent's tools only its own", async () => {
    const other = await as("open", [task("explorer", "Elsewhere", "Go.", "elsewhere")])
    const { text } = await as("open", [
      task("explorer", "Mine", "Go.", "mine"),
      use("output", { task_id: other.id }), use("output", { task_id: "elsewhere" }), use("cancel", { task_id: other.id }),
      task("lead", "Lead", [use("output", { task_id: "mine" }), use("output", { task_id: "own" }), { say: "{{results}}" }]),
    ])
    assert.equal(text.split("within reach. There are: mine.").length - 1, 3, text)
    assert.match(text, /There is no subagent session "own" within reach\. There is none yet\./)
  })
})
