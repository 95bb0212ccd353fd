// A child's permissions in the real OpenCode 2: those of OpenCode itself, or within its caller's. A call only narrows them.

import assert from "node:assert/strict"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { after, before, describe, it } from "node:test"
import { script } from "../../host/model.js"
import { MISSING } from "../../host/opencode2_binary.js"
import { AGENTS, OPENCODE2, boot, task } from "../fixture.js"

const only = { skip: MISSING || (!OPENCODE2 && "this is a test of OpenCode 2") }
const primary = (/** @type {object} */ permission) => ({ mode: "primary", description: "Talks", permission })
const agent = {
  ...AGENTS,
  open: primary({}),
  "no-edit": primary({ edit: "deny" }),
  "echo-only": primary({ bash: { "*": "deny", "echo *": "allow" } }),
  lead: { mode: "subagent", description: "Leads", task_budget: 1 },
  helper: { mode: "subagent", description: "Helps", callable_by_subagents: true, permission: { edit: "allow" } },
  worker: { mode: "subagent", description: "Works", permission: { edit: "allow", bash: "allow", task: "allow", todowrite: "allow" } },
}

const write = (/** @type {string} */ path) => ({ call: { tool: "write", args: { path, content: "written" } } })
const shell = (/** @type {string} */ command) => ({ call: { tool: "shell", args: { command, description: "Runs it" } } })
const deny = (/** @type {string} */ action, resource = "*") => ({ action, resource, effect: "deny" })

/** The world of the calls that follow. @type {Awaited<ReturnType<typeof boot>>} */
let world
const ends = /** @type {(() => Promise<void>)[]} */ ([])
/** @param {object} [options] */
const start = async (options) => {
  if (!only.skip) world = await boot({ after: (/** @type {() => Promise<void>} */ end) => void ends.push(end) }, { agent, options })
}
after(() => Promise.all(ends.map((end) => end())))

/** Has a root's agent delegate this work. @param {string} agent @param {object[]} steps @param {{ root?: string, worker?: string, name?: string }} [more] */
async function as(agent, steps, { root, worker = "worker", name = "work" } = {}) {
  root ??= await world.host.session()
  const { text } = await world.host.prompt(root, script(task(worker, "Work", [...steps, { say: "saw: {{results}}" }], name), { say: "{{results}}" }), { agent })
  return { root, text, id: (await world.host.children(root))[0].id }
}
/** Whether a child has written a file. @param {string} name */
const written = (name) => existsSync(join(world.host.directory, name))
/** What a model reads of a tool that is denied to it as a whole: it is not offered. @param {string} tool */
const withheld = (tool) => new RegExp(`No tool named \\\\"${tool}\\\\" is currently available`)
/** The own rules of a session. @param {string} id */
const rules = async (id) => (await world.host.api("GET", `/session/${id}`)).permissions ?? []

describe("A child under child_permissions \"host\" in OpenCode 2", only, () => {
  before(() => start())

  it("A coordinator that may not edit has its worker write", async () => {
    const { text, id } = await as("no-edit", [write("by-worker.txt")])
    assert.ok(written("by-worker.txt"), text)
    assert.deepEqual(await rules(id), [])
  })
})

describe("A child under child_permissions \"caller\" in OpenCode 2", only, () => {
  before(() => start({ child_permissions: "caller" }))

  it("A child edits nothing that its caller cannot edit", async () => {
    const { text, id } = await as("no-edit", [write("denied.txt")])
    assert.match(text, withheld("write"))
    assert.ok(!written("denied.txt"))
    assert.deepEqual(await rules(id), [deny("edit")])
  })

  it("A child runs the commands that its caller may run, and no others", async () => {
    const { text } = await as("echo-only", [shell("echo fine"), shell("touch nothing")])
    assert.match(text, /fine/)
    assert.match(text, /Permission denied: shell/)
  })

  it("A child of a caller that may do everything has its own agent's permissions", async () => {
    const { text, id } = await as("open", [write("open.txt")])
    assert.ok(written("open.txt"), text)
    assert.deepEqual(await rules(id), [])
  })

  it("A child with a budget delegates, and its own child edits nothing that its caller's caller cannot edit", async () => {
    const { id, text } = await as("no-edit", [task("helper", "Help", [write("deep.txt"), { say: "helper saw: {{results}}" }])], { worker: "lead" })
    assert.match(text, /helper saw/)
    assert.ok(!written("deep.txt"), text)
    const [helper] = await world.host.children(id)
    assert.ok((await rules(helper.id)).some((/** @type {any} */ rule) => rule.action === "edit" && rule.effect === "deny"))
  })

  it("A caller with fewer permissions narrows the child that it resumes, and no call widens it", async () => {
    const { root, id, text } = await as("open", [write("first.txt")])
    assert.ok(written("first.txt"), text)
    for (const [caller, file] of [["no-edit", "second.txt"], ["open", "third.txt"], ["no-edit", "fourth.txt"]]) {
      assert.match((await as(caller, [write(file)], { root })).text, withheld("write"))
      assert.ok(!written(file))
    }
    assert.deepEqual(await rules(id), [deny("edit")])
  })

  it("A denial that others set on a child stays", async () => {
    const { root, id } = await as("open", [])
    await world.host.api("PATCH", `/session/${id}`, { permissions: [deny("shell")] })
    assert.match((await as("no-edit", [shell("echo hello")], { root })).text, withheld("shell"))
    assert.deepEqual(await rules(id), [deny("shell"), deny("edit")])
  })
})
