// Steering and stopping sessions, in the real OpenCode, whatever runs the children.

import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import { steerCommand, terminalRPC } from "../../js/core/index.js"
import { later, times, until, use } from "./delegate/world.js"
import { AGENTS, EXECUTOR, MISSING, OPENCODE2, boot, task } from "./fixture.js"

const LIMIT = { timeout: 90_000 }
const agent = {
  ...AGENTS,
  lead: { mode: "subagent", description: "Leads", task_budget: 5 },
  helper: { mode: "subagent", description: "Helps", callable_by_subagents: true },
}
/** A step that calls a tool of OpenCode. */
const look = { call: { tool: "glob", args: { pattern: "*.none" } } }

/** @type {Awaited<ReturnType<typeof boot>>} */
let world
const ends = /** @type {(() => Promise<void>)[]} */ ([])
before(async () => {
  if (MISSING) return
  world = await boot({ after: (/** @type {() => Promise<void>} */ end) => void ends.push(end) }, { own: true, agent, env: { OPENCODE_EXPERIMENTAL_BACKGROUND_SUBAGENTS: "true" } })
})
after(() => Promise.all(ends.map((end) => end())))

/** The requests of a session to the model, without those for titles. @param {string} id */
const requests = (id) => world.model.requests.filter(({ kind, sessionID }) => kind === "chat" && sessionID === id)

/** Waits until a session is at rest. @param {string} id */
const rests = (id) => until(async () => !(await world.running())[id], `${id} at rest`)

/** Waits until a text stands in what neither a person nor a model wrote into a session. @param {string} id @param {string} text */
const hears = (id, text) => until(async () => (await world.told(id)).some((given) => given.includes(text)), `${text} in ${id}`)

/** The prompts of a session: each message that is no result. @param {string} id */
const prompts = async (id) => (await world.asked(id)).filter((text) => !text.includes("<task id=") && !text.includes("<subagent "))

/**
 * A root with a child in the background, which waits at a gate with the root's id.
 * @param {(gate: string) => object[]} steps of the child
 * @param {string} [agent]
 */
async function atWork(steps, agent = "explorer") {
  const root = await world.host.session()
  const called = world.say(root, later(agent, "Explore auth", steps(root), "explore"))
  await world.model.reached(root)
  await called
  const [{ id }] = await world.host.children(root)
  return { root, id }
}

describe("delegate_steer", { skip: MISSING }, () => {
  it("A running session reads the message at its next step, and its answer is part of its own result", LIMIT, async () => {
    const { root, id } = await atWork((gate) => [{ gate, ...look }, { say: "It said {{recall /ADDED=(\\w+)/}}." }])
    const said = await world.say(root, use("steer", { task_id: "explore", message: "ADDED=kiwi" }))
    assert.equal(said, '"explore" reads the message at its next step; if its turn ends before that, when it is resumed. Its answer is part of its result.')
    world.model.open(root)
    await hears(root, "It said kiwi.")
    await rests(id)
    assert.equal(requests(id).length, 2)
    assert.equal((await world.told(root)).filter((text) => text.includes("It said kiwi.")).length, 1)
    assert.match(await world.say(root, task("explorer", "Go on", [{ say: "again {{recall /ADDED=(\\w+)/}}" }], "explore")), /again kiwi[^]*task_id: explore \(resumed: /)
    assert.equal(times(JSON.stringify(await prompts(id)), "ADDED=kiwi"), 1)
  })

  it("A message in the last step of a session belongs to the same turn, and the answers before and after it are the result", LIMIT, async () => {
    const { root, id } = await atWork((gate) => [{ gate, say: "First." }, { say: "Then {{recall /ADDED=(\\w+)/}}." }])
    await world.say(root, use("steer", { task_id: "explore", message: "ADDED=plum" }))
    world.model.open(root)
    // The tool of OpenCode 1 gives the last text alone. That of OpenCode 2 does so too, and a message with both follows.
    await hears(root, EXECUTOR !== "host" ? "First.\n\nThen plum." : "Then plum.")
    await rests(root)
    assert.deepEqual([requests(id).length, (await world.told(root)).filter((text) => text.includes("state=")).length], [2, OPENCODE2 ? 2 : 1])
  })

  it("A call that waits for a session gives the answers before and after a person's message", { ...LIMIT, skip: !OPENCODE2 }, async () => {
    const { host, model, say } = world
    const root = await host.session()
    const said = say(root, task("explorer", "Explore", [{ gate: `waits ${root}`, say: "First." }, { say: "Then {{recall /ADDED=(\\w+)/}}." }], "waits"))
    await model.reached(`waits ${root}`)
    const [{ id }] = await host.children(root)
    await host.api("POST", `/rpc/${terminalRPC.id}/command?location[directory]=${encodeURIComponent(host.directory)}`, { input: { command: steerCommand(id, "ADDED=plum") } })
    model.open(`waits ${root}`)
    assert.match(await said, /^<subagent [^>]*>\nFirst\.\n\nThen plum\.\n<\/subagent>\ntask_id: waits /)
  })

  it("An idle session gets no message, and the answer says to resume it", LIMIT, async () => {
    const { say, host } = world
    const root = await host.session()
    await say(root, task("explorer", "Explore", [{ say: "Done." }], "explore"))
    const [{ id }] = await host.children(root)
    assert.equal(await say(root, use("steer", { task_id: "explore", message: "ADDED=kiwi" })), '"explore" is idle, so it was not sent the message. To resume it with the message as its prompt, give task_id "explore" to the task tool.')
    assert.deepEqual([(await prompts(id)).length, requests(id).length], [1, 1])
  })

  it("A message goes to no session out of reach, and a long one to none", LIMIT, async () => {
    const { say, host, model } = world
    const { root, id } = await atWork((gate) => [{ gate, say: "Done." }])
    const other = await host.session()
    assert.match(await say(other, use("steer", { task_id: id, message: "x" })), /There is no subagent session "ses_\w+" within reach\./)
    assert.match(await say(root, use("steer", { task_id: "explore", message: "x".repeat(4001) })), /The message has 4001 characters\. At most 4000 go to a running session/)
    model.open(root)
    await hears(root, "Done.")
    assert.equal((await prompts(id)).length, 1)
  })

  it("A message refills no budget", LIMIT, async () => {
    const { say, model } = world
    const help = (/** @type {string} */ name) => task("helper", name, [{ say: "Helped." }])
    const { root } = await atWork((gate) => [help("One"), help("Two"), help("Three"), help("Four"), help("Five"), { ...help("Six"), gate }, { say: "saw: {{results}}" }], "lead")
    await say(root, use("steer", { task_id: "explore", message: "Use no more." }))
    model.open(root)
    await hears(root, "Task budget exhausted (5/5 calls)")
  })
})

describe("delegate_cancel", { skip: MISSING }, () => {
  it("A stopped session stays stopped, with all below it, until it is prompted", LIMIT, async () => {
    const { say, host, model } = world
    const { root, id } = await atWork((gate) => [later("helper", "Help", [{ gate: `${gate} help`, say: "HELPED" }], "help"), { gate, say: "Led." }], "lead")
    await model.reached(`${root} help`)
    const [helper] = await host.children(id)
    const stopped = await say(root, use("cancel", { task_id: "explore" }))
    assert.match(stopped, /^Cancelled 2 prompts\.\ntask_id: explore \(its session is kept: /)
    await Promise.all([rests(id), rests(helper.id)])
    const before = [requests(id).length, requests(helper.id).length]
    model.open(`${root} help`)
    model.open(root)
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    await Promise.all([rests(id), rests(helper.id)])
    assert.deepEqual([requests(id).length, requests(helper.id).length], before)
    assert.match(await say(root, task("lead", "Go on", [{ say: "here again" }], "explore")), /here again[^]*task_id: explore \(resumed: /)
  })

  it("A session that is idle is stopped with what it has delegated", LIMIT, async () => {
    const { say, host, model } = world
    const root = await host.session()
    await say(root, task("lead", "Lead", [later("helper", "Help", [{ gate: root, say: "HELPED" }], "help"), { say: "Led." }], "lead"))
    await model.reached(root)
    const [{ id }] = await host.children(root)
    const [helper] = await host.children(id)
    await rests(id)
    const before = requests(id).length
    assert.match(await say(root, use("cancel", { task_id: "lead" })), /^Cancelled 1 prompt\./)
    await rests(helper.id)
    model.open(root)
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    assert.deepEqual([requests(id).length, requests(helper.id).length], [before, 1])
  })
})

describe("An interrupt of the parent", { skip: MISSING }, () => {
  it("It stops the tree below, and no result wakes a session of it", LIMIT, async () => {
    const { say, host, model } = world
    const root = await host.session()
    // The lead has ended its turn, and its helper goes on.
    await say(root, task("lead", "Lead", [later("helper", "Help", [{ gate: `${root} help`, say: "HELPED" }], "help"), { say: "Led." }], "lead"))
    await model.reached(`${root} help`)
    const [{ id }] = await host.children(root)
    const [helper] = await host.children(id)
    const turn = say(root, { gate: root, say: "never" }).catch(() => {})
    await model.reached(root)
    await host.abort(root)
    await Promise.all([rests(root), rests(helper.id)])
    const before = [requests(root).length, requests(id).length, requests(helper.id).length]
    model.open(`${root} help`)
    model.open(root)
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    assert.deepEqual([requests(root).length, requests(id).length, requests(helper.id).length], before)
    await Promise.race([turn, new Promise((resolve) => setTimeout(resolve, 1_000))])
    assert.match(await say(root, task("lead", "Go on", [{ say: "here again" }], "lead")), /here again[^]*task_id: lead \(resumed: /)
  })
})

describe("delegate_list", { skip: MISSING }, () => {
  it("It shows a page of the sessions of an agent in a state, and says how to see the others", LIMIT, async () => {
    const { say, host } = world
    const root = await host.session()
    await say(root, task("explorer", "One", [{ say: "Done." }], "one"), task("fixer", "Two", [{ say: "Done." }], "two"))
    const names = (/** @type {string} */ table) => table.split("\n").flatMap((row) => /^\| (?!task_id)(\S+) \|/.exec(row)?.[1] ?? [])
    assert.deepEqual(names(await say(root, use("list"))), ["one", "two"])
    assert.deepEqual(names(await say(root, use("list", { agent: "fixer", page: 1 }))), ["two"])
    assert.match(await say(root, use("list", { state: "running" })), /^No session matches\. There are: 2 idle\.$/)
    assert.equal(await say(root, use("list", { page: 2 })), "There is no page 2. The last is 1.")
    if (OPENCODE2) return
    // As many sessions as no model should read at once.
    for (let count = 0; count < 51; count++) await host.session({ parentID: root, title: `More ${count}` })
    const all = await say(root, use("list"))
    assert.equal(names(all).length, 50)
    assert.match(all, /\n\nThis is page 1 of 2: 53 sessions, the most recently used first\. Give another page for the others\.$/)
    assert.equal(names(await say(root, use("list", { page: 2 }))).length, 3)
  })
})
