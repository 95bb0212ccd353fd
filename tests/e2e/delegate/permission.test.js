// A child's permissions in the real OpenCode: those of OpenCode itself, or within its caller's. A resume only narrows them.

import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import { script } from "../../host/model.js"
import { AGENTS, OURS, PLUGIN, idIn, task } from "../fixture.js"
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
  worker: subagent({ permission: { edit: "allow" } }),
  "open-lead": subagent({ permission: { task: "allow", todowrite: "allow" } }),
  coordinator0: primary({ edit: "deny" }),
  coordinator1: primary({ "*": "deny", task: "allow" }),
  coordinator2: { ...primary({}), tools: { write: false } },
}

const ends = /** @type {(() => Promise<void>)[]} */ ([])
/** @param {string | [string, object]} [plugin] */
const start = (plugin) => {
  const config = { experimental: { primary_tools: ["webfetch"], continue_loop_on_deny: true } }
  return boot({ after: (/** @type {() => Promise<void>} */ end) => void ends.push(end) }, { agent, config, plugin: plugin ? [plugin] : [] })
}
/** The world of the calls that follow. @type {Awaited<ReturnType<typeof boot>>} */
let world
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
/** The own rules of a session. @param {string} id */
const rules = async (id) => (await world.host.api("GET", `/session/${id}`)).permission ?? []
const deny = (/** @type {string} */ permission, pattern = "*") => ({ permission, pattern, action: "deny" })
const REFUSED = /specified a rule which prevents you from using this specific tool call/

describe("A child under child_permissions \"host\"", () => {
  before(async () => void (world = await start(OURS)))

  for (const [index, denied] of ["edit: deny", "*: deny", "tools: { write: false }"].entries()) {
    it(`A coordinator with ${denied} has its worker write`, async () => {
      const { id, text } = await as(`coordinator${index}`, [task("worker", "Write", [write(`by-worker-${index}.txt`), { say: "{{results}}" }])])
      assert.match(text, /Wrote file successfully/)
      assert.ok(tools(id).includes("write"))
    })
  }

  it("A child has its agent's permissions, without delegation, a todo list and the tools of primaries", async () => {
    const { root, text, id } = await as("open", [task("explorer", "Work", [write("open.txt"), { say: "{{results}}" }])])
    assert.match(text, /Wrote file successfully/)
    const kept = ["task", "todowrite", "webfetch", "delegate_output", "delegate_cancel", "delegate_list", "delegate_steer"]
    assert.deepEqual(tools(root).filter((tool) => !tools(id).includes(tool)).sort(), kept.sort())
  })

  it("A child of an agent with a `task` rule delegates, and watches its own tasks", async () => {
    const { id } = await as("open", [task("lead", "Lead", "Go.")])
    for (const tool of ["task", "delegate_output", "delegate_cancel", "delegate_list", "delegate_steer"]) assert.ok(tools(id).includes(tool), tool)
  })

  it("A child has the rules that OpenCode's own tool gives it", async () => {
    const permission = [deny("bash", "rm *"), { permission: "read", pattern: "*", action: "ask" }, { permission: "external_directory", pattern: "/tmp/*", action: "allow" }]
    const children = async () => {
      const root = await world.host.session({ permission })
      await as("no-edit", [task("explorer", "Explore", "Go."), task("open-lead", "Lead", "Go.")], root)
      const children = await world.host.children(root)
      return Promise.all(children.sort((a, b) => a.title.localeCompare(b.title)).map(({ id }) => rules(id)))
    }
    const ours = await children()
    const before = world
    world = await start()
    const stock = await children()
    world = before
    assert.equal(stock.length, 2)
    assert.deepEqual(ours.map((list) => list.filter((/** @type {any} */ rule) => rule.permission !== "delegate_*")), stock)
  })

  it("A child inherits a denial of its caller's session", async () => {
    const root = await world.host.session({ permission: [deny("bash", "rm *")] })
    const { text } = await as("open", [task("explorer", "Work", [bash("echo fine"), bash("rm -f nothing"), { say: "{{results}}" }])], root)
    assert.match(text, /fine/)
    assert.match(text, REFUSED)
  })

  it("A resume by a caller with fewer permissions leaves the child its tools", async () => {
    const work = [task("worker", "Work", [write("again.txt"), { say: "{{results}}" }], "worker")]
    const { root, id } = await as("open", work)
    const before = await rules(id)
    for (const caller of ["no-edit", "open", "coordinator1"]) assert.match((await as(caller, work, root)).text, /Wrote file successfully[^]*\(resumed: /)
    assert.deepEqual(await rules(id), before)
  })

  denialsOfOthers()
})

describe("A child under child_permissions \"caller\"", () => {
  before(async () => void (world = await start([PLUGIN, { ...OURS[1], child_permissions: "caller" }])))

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

  it("A child gets its permission when it is created", async () => {
    const events = await world.host.events()
    const { id } = await as("no-edit", [task("explorer", "Work")])
    const { properties } = await events.wait(({ type, properties }) => type === "session.created" && properties.info.id === id)
    events.stop()
    const permission = await rules(id)
    assert.deepEqual(properties.info.permission, permission)
    for (const denied of ["edit", "task", "todowrite", "webfetch", "delegate_*"]) {
      assert.ok(permission.some((/** @type {any} */ rule) => rule.permission === denied && rule.pattern === "*" && rule.action === "deny"), denied)
    }
  })

  it("A resumed child stays within the permissions of each caller that it had", async () => {
    const work = (/** @type {string} */ file) => [task("explorer", "Work", [write(file), { say: "{{results}}" }], "worker")]
    const { root, id } = await as("open", work("one.txt"))
    assert.ok(tools(id).includes("write"))
    for (const caller of ["no-edit", "open"]) {
      assert.match((await as(caller, work("two.txt"), root)).text, /unavailable tool 'write'[^]*\(resumed: /)
      assert.ok(!tools(id).includes("write"), caller)
    }
  })

  it("Callers that take turns leave a handful of rules, and each exception", async () => {
    const work = [task("explorer", "Work", [bash("echo fine"), bash("rm -f nothing"), { say: "{{results}}" }], "worker")]
    const { root, id } = await as("open", work)
    for (const caller of ["no-rm", "echo-only", "no-edit"]) await as(caller, work, root)
    const narrowed = await rules(id)
    for (const caller of ["no-rm", "echo-only", "open", "no-edit", "echo-only"]) {
      const { text } = await as(caller, work, root)
      assert.match(text, /fine/)
      assert.match(text, REFUSED)
    }
    assert.deepEqual(await rules(id), narrowed)
    assert.ok(narrowed.length < 30, `${narrowed.length} rules`)
  })

  denialsOfOthers()
})

/** A denial that another client set on a child stands, after a resume by any caller. */
function denialsOfOthers() {
  const work = [task("explorer", "Work", [bash("echo ran"), { say: "{{results}}" }], "worker")]

  it("A denial that another client sets on a child stands over each resume", async () => {
    const { root, text, id } = await as("open", work)
    assert.match(text, /ran/)
    await world.host.api("PATCH", `/session/${id}`, { permission: [deny("bash")] })
    for (const caller of ["open", "no-rm", "echo-only", "open"]) assert.match((await as(caller, work, root)).text, /unavailable tool 'bash'[^]*\(resumed: /, caller)
  })

  it("A tool that another prompt turns off in a child stays off over each resume", async () => {
    const { root, id } = await as("open", work)
    await world.host.api("POST", `/session/${id}/message`, { parts: [{ type: "text", text: "No bash." }], tools: { bash: false }, agent: "explorer" })
    for (const caller of ["no-rm", "echo-only", "open"]) assert.match((await as(caller, work, root)).text, /unavailable tool 'bash'[^]*\(resumed: /, caller)
  })
}

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

describe("A subagent with slug_scope \"caller\"", () => {
  it("A subagent reads neither the list, the names nor the ids of other callers' sessions", async (t) => {
    const { host, say } = await boot(t, { agent, options: { slug_scope: "caller" } })
    const root = await host.session()
    const mine = idIn(await say(root, task("helper", "Mine", "Go.", "mine")))
    const nested = [
      task("helper", "Own", "Go.", "own"), use("list"), use("list", { format: "mermaid" }),
      task("helper", "Steal", "Go.", "mine"), task("helper", "Near", "Go.", "mime"), { say: "{{results}}" },
    ]
    const text = await say(root, task("lead", "Lead", nested, "led"))
    assert.match(text, /\n\| own \| helper \| idle \|/)
    assert.match(text, /s0\["led<br>lead<br>running"\]\n  s0 --> s1\["own<br>helper<br>idle"\]/)
    assert.match(text, /Session "mine" is not owned by this caller\./)
    assert.match(text, /task_id: mime \(spawned: No session has this name yet\.\)/)
    assert.ok(!text.includes(mine) && !text.includes("| mine |") && !text.includes("If you meant"), text)
    assert.match(await say(root, use("list")), /\| mine \| helper \|[^]*\| led \| lead \|[^]*\|   own \| helper \|/)
  })
})
