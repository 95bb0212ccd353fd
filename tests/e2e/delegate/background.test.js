// Background tasks, in the real OpenCode.

import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import { script } from "../../host/model.js"
import { AGENTS, idIn, task } from "../fixture.js"
import { bgIn, boot, later, times, until, use } from "./world.js"

const agent = {
  ...AGENTS,
  lead: { mode: "subagent", description: "Leads", task_budget: 3 },
  helper: { mode: "subagent", description: "Helps", callable_by_subagents: true },
}
const recall = [{ say: "recalled {{recall /SECRET=(\\w+)/}}" }]

/** @type {Awaited<ReturnType<typeof boot>>} */
let world
const ends = /** @type {(() => Promise<void>)[]} */ ([])
before(async () => void (world = await boot({ after: (/** @type {() => Promise<void>} */ end) => void ends.push(end) }, { own: true, agent })))
after(() => Promise.all(ends.map((end) => end())))

/** A root with a background task that runs until its gate is opened. The gate has the root's id. */
async function atWork() {
  const root = await world.host.session()
  const result = await world.say(root, later("explorer", "Explore auth", [{ gate: root, say: "SECRET=kumquat" }], "explore"))
  await world.model.reached(root)
  return { root, result, id: idIn(result), bg: bgIn(result) }
}

describe("A background task", () => {
  it("A background call returns at once, and its result is delivered once when its caller is idle", async () => {
    const { model, say, hears, delivered, seen } = world
    const { root, result, id, bg } = await atWork()
    assert.equal(result, [
      `<task id="${id}" state="running">`, `<summary>Background task ${bg} started</summary>`, "<task_result>",
      "The result will come in a message of its own. Do not wait or ask for it: go on with other work, or end your turn.",
      "</task_result>", "</task>", "task_id: explore (spawned: No session has this name yet.)",
    ].join("\n"))
    model.open(root)
    assert.deepEqual(await hears(root, 1), [[
      `<task id="${id}" state="completed">`, `<summary>Background task ${bg} is completed</summary>`, "<task_result>",
      "SECRET=kumquat", "</task_result>", "</task>", "task_id: explore",
    ].join("\n")])
    assert.equal(times(seen(root), `${bg} is completed`), 1)
    await say(root, { say: "Next." })
    assert.equal((await delivered(root)).length, 1)
    assert.equal(times(seen(root), `${bg} is completed`), 1)
  })

  it("A result is delivered to the caller's current agent and model", async () => {
    const { host, model, hears } = world
    const root = await host.session()
    await host.prompt(root, script({ say: "Hello." }))
    await host.prompt(root, script(later("explorer", "Explore", [{ gate: root, say: "Done." }])), { agent: "plan" })
    model.open(root)
    await hears(root, 1)
    const [mine, its] = (await host.messages(root)).filter(({ info }) => info.role === "user").slice(-2).map(({ info }) => info)
    assert.deepEqual([its.agent, its.model], ["plan", mine.model])
  })

  it("A result that comes while its caller is busy is delivered after the turn", async () => {
    const { host, model, hears, delivered, record, seen } = world
    const root = await host.session()
    const turn = host.prompt(root, script(later("explorer", "Explore", [{ say: "Done." }]), { gate: root, say: "My own." }))
    await model.reached(root)
    const [{ id }] = await host.children(root)
    await record(id, (kept) => kept?.tasks?.[0].state === "completed")
    assert.deepEqual(await delivered(root), [])
    model.open(root)
    assert.match((await turn).text, /My own\./)
    await hears(root, 1)
    const texts = (await host.messages(root)).flatMap(({ parts }) => parts).flatMap(({ type, text }) => (type === "text" ? [text] : []))
    assert.ok(texts.indexOf("My own.") < texts.findIndex((text) => text.includes("is completed")), texts.join("\n"))
    assert.equal(times(seen(root), "is completed"), 1)
  })

  it("A result that comes while the user has undone messages removes none of them, and goes with the next message", async () => {
    const { host, model, say, delivered, record } = world
    const { root, id } = await atWork()
    await host.prompt(root, "A second thought.")
    const undone = (await host.messages(root)).findLast(({ info }) => info.role === "user")?.info.id ?? ""
    await host.revert(root, undone)
    model.open(root)
    await record(id, (kept) => kept?.tasks?.[0].state === "completed")
    await new Promise((resolve) => setTimeout(resolve, 500))
    const standing = (await host.messages(root)).map(({ info }) => info.id)
    assert.ok(standing.includes(undone), standing.join(" "))
    assert.deepEqual(await delivered(root), [])
    await host.unrevert(root)
    await say(root, { say: "Next." })
    assert.equal((await delivered(root)).length, 1)
  })

  it("A result that comes while the user prompts is delivered once, before or after", async () => {
    const { model, say, hears } = world
    const roots = await Promise.all(Array.from({ length: 5 }, atWork))
    for (const [index, { root }] of roots.entries()) {
      model.open(root)
      // Before or after the end.
      await new Promise((next) => setTimeout(next, 30 * index))
      await Promise.all([say(root), hears(root, 1)])
      assert.equal((await hears(root, 1)).length, 1)
    }
  })

  it("delegate_output reads a task by each of its names, running and done", async () => {
    const { model, say, hears } = world
    const { root, id, bg } = await atWork()
    const look = () => say(root, ...[bg, "explore", id].map((task_id) => use("output", { task_id })))
    const at_work = await look()
    assert.equal(times(at_work, `<task id="${id}" state="running">\n<task_result>\nThe session has no text yet.\n</task_result>\n</task>\ntask_id: explore\nThe session is still running`), 3, at_work)
    model.open(root)
    await hears(root, 1)
    const done = await look()
    assert.equal(times(done, `<task id="${id}" state="completed">\n<task_result>\nSECRET=kumquat\n</task_result>\n</task>\ntask_id: explore`), 3, done)
    assert.match(await say(root, use("output", { task_id: "nobody" })), /There is no subagent session "nobody" within reach. There are: explore\./)
    assert.match(await say(root, task("explorer", "Go on", recall, bg)), /recalled kumquat[^]*task_id: explore \(resumed: /)
  })

  it("A failed task is delivered with its error and its name", async () => {
    const { host, say, hears } = world
    const root = await host.session()
    const result = await say(root, later("explorer", "Explore", [{ fail: { status: 400 } }, { say: "SECRET=kumquat" }], "explore"))
    assert.deepEqual(await hears(root, 1), [[
      `<task id="${idIn(result)}" state="error">`, `<summary>Background task ${bgIn(result)} failed</summary>`, "<task_error>",
      "scripted failure", "</task_error>", "</task>",
      "task_id: explore (its session is kept: give this task_id to go on with it)",
    ].join("\n")])
    assert.match(await say(root, task("explorer", "Go on", [{ say: "here again" }], "explore")), /here again[^]*task_id: explore \(resumed: /)
  })
})

describe("The end of a background task", () => {
  it("delegate_cancel ends a task, and says if nothing runs", async () => {
    const { say, delivered, rests } = world
    const { root, id, bg } = await atWork()
    assert.match(await say(root, use("cancel", { task_id: bg })), /^Cancelled 1 prompt\.\ntask_id: explore \(its session is kept: /)
    await rests(id)
    assert.match(await say(root, use("cancel", { task_id: "explore" })), /^The session was idle, so nothing was cancelled\.\ntask_id: explore /)
    assert.match(await say(root, task("explorer", "Go on", [{ say: "here again" }], "explore")), /here again[^]*task_id: explore \(resumed: /)
    assert.deepEqual(await delivered(root), [])
  })

  it("delegate_cancel also ends the waiting prompts of the session, which are never sent", async () => {
    const { host, say, delivered, rests } = world
    const { root, id } = await atWork()
    await say(root, later("explorer", "More", [{ say: "never" }], "explore"))
    assert.match(await say(root, use("cancel", { task_id: "explore" })), /^Cancelled 2 prompts\./)
    await rests(id)
    assert.match(await say(root, use("output", { task_id: "explore" })), /state="error"/)
    assert.equal((await host.messages(id)).filter(({ info }) => info.role === "user").length, 1)
    assert.deepEqual(await delivered(root), [])
  })

  it("delegate_cancel also ends every task that the session has delegated", async () => {
    const { host, model, say, delivered, rests } = world
    const root = await host.session()
    const gates = [`${root} a`, `${root} b`]
    const work = [later("helper", "A", [{ gate: gates[0], say: "never" }]), task("helper", "B", [{ gate: gates[1], say: "never" }]), { say: "never" }]
    await say(root, later("lead", "Lead", work, "lead"))
    await Promise.all(gates.map(model.reached))
    const [lead] = (await host.tree(root)).children
    assert.equal(lead.children.length, 2)
    assert.match(await say(root, { calls: [1, 2].map(() => use("cancel", { task_id: "lead" }).call) }), /Cancelled 3 prompts\./)
    for (const { id } of [lead, ...lead.children]) await rests(id)
    assert.deepEqual(await delivered(root), [])
  })

  it("A task that the user ends is delivered with the caller's next message", async () => {
    const { host, say, delivered, rests } = world
    const { root, id } = await atWork()
    await host.api("POST", `/session/${id}/abort`)
    await rests(id)
    await say(root, { say: "Next." })
    const [text, ...more] = await delivered(root)
    assert.match(text, /state="error">\n<summary>Background task bg_\w+ was cancelled<[^]*task_id: explore \(its session is kept: /)
    assert.deepEqual(more, [])
  })

  it("An abort of the caller ends its tasks, and wakes no session", async () => {
    const { host, model, say, delivered, rests, state } = world
    const root = await host.session()
    const turn = host.prompt(root, script(later("explorer", "Explore", [{ gate: root, say: "never" }], "explore"), { gate: `${root} too`, say: "never" })).catch(() => {})
    await Promise.all([model.reached(root), model.reached(`${root} too`)])
    const [{ id }] = await host.children(root)
    await host.api("POST", `/session/${root}/abort`)
    await turn
    await rests(id)
    const { length } = await host.messages(root)
    assert.match(await say(await host.session(), task("explorer", "Elsewhere", "Go.")), /state="completed"/)
    assert.deepEqual([(await host.messages(root)).length, await state(root)], [length, "idle"])
    await say(root, { say: "Next." })
    assert.match((await delivered(root)).join("\n"), /^[^]*Background task bg_\w+ was cancelled[^]*$/)
    assert.equal((await delivered(root)).length, 1)
  })

  it("A deletion of the caller ends its tasks, and other roots continue", async () => {
    const { host, say } = world
    const { root, id } = await atWork()
    await host.api("DELETE", `/session/${root}`)
    await until(() => host.api("GET", `/session/${id}`).then(() => false, () => true), "the child deleted")
    assert.match(await say(await host.session(), task("explorer", "Elsewhere", "Go.")), /state="completed"/)
    assert.doesNotMatch(host.log(), /could not be (told|stored)/)
  })

  it("A deletion of the session ends its task, and its caller is notified", async () => {
    const { host, say, hears } = world
    const { root, id, bg } = await atWork()
    await host.api("DELETE", `/session/${id}`)
    assert.deepEqual(await hears(root, 1), [[
      `<task id="${id}" state="error">`, `<summary>Background task ${bg} was lost</summary>`, "<task_error>",
      "Its session was deleted before it gave an answer. Call again to start a new one.", "</task_error>", "</task>",
    ].join("\n")])
    assert.match(await say(root, use("output", { task_id: "explore" })), /There is no subagent session "explore" within reach. There is none yet./)
    assert.match(await say(root, task("explorer", "Once more", "Go.", "explore")), /task_id: explore \(spawned: /)
  })
})

describe("A second prompt to a running background task", () => {
  it("A second background prompt waits, and each answer is delivered", async () => {
    const { model, say, hears } = world
    const { root, id, bg } = await atWork()
    const second = await say(root, later("explorer", "More", [{ say: "SECOND {{recall /SECRET=(\\w+)/}}" }], "explore"))
    assert.match(second, new RegExp(`^<task id="${id}" state="running">\\n<summary>Background task ${bg} waits behind 1 prompt</summary>`))
    model.open(root)
    const [one, two] = await hears(root, 2)
    assert.match(one, /<task_result>\nSECRET=kumquat\n/)
    assert.match(two, /<task_result>\nSECOND kumquat\n/)
  })

  it("A foreground prompt waits, and gets its own answer", async () => {
    const { model, say, calls, hears } = world
    const { root } = await atWork()
    const second = say(root, task("explorer", "More", [{ say: "SECOND" }], "explore"))
    await until(async () => (await calls(root)).length === 2, "the second call")
    model.open(root)
    assert.match(await second, /<task_result>\nSECOND\n[^]*task_id: explore \(resumed: /)
    assert.match((await hears(root, 1)).join(), /<task_result>\nSECRET=kumquat\n/)
  })
})

describe("A subagent's background task", () => {
  it("A subagent's task is delivered to the subagent, and ends with it", async () => {
    const { host, model, say, delivered, hears } = world
    const root = await host.session()
    const work = [later("helper", "Help", [{ gate: root, say: "HELPED" }]), { say: "Led." }]
    assert.match(await say(root, task("lead", "Lead", work)), /<task_result>\nLed\./)
    const [{ id }] = await host.children(root)
    model.open(root)
    assert.match((await hears(id, 1)).join(), /HELPED/)
    assert.deepEqual(await delivered(root), [])
  })

  it("A subagent's task that the primary ends is delivered to the subagent", async () => {
    const { host, model, say, delivered, rests } = world
    const root = await host.session()
    await say(root, task("lead", "Lead", [later("helper", "Help", [{ gate: root, say: "never" }], "help"), { say: "Led." }], "lead"))
    await model.reached(root)
    const [{ id, children: [helper] }] = (await host.tree(root)).children
    assert.match(await say(root, use("cancel", { task_id: "help" })), /^Cancelled 1 prompt\./)
    await rests(helper.id)
    assert.deepEqual(await delivered(id), [])
    await say(root, task("lead", "Go on", "Go.", "lead"))
    assert.match((await delivered(id)).join(), /^<task id="ses_\w+" state="error">\n<summary>Background task bg_\w+ was cancelled</)
  })

  it("A subagent that reads of a deleted task in the middle of its turn answers its call with its last answer", async () => {
    const { host, model, say, delivered } = world
    const root = await host.session()
    const gates = [`${root} deleted`, `${root} goes on`]
    // A call that fails in the step before the report would be the answer, if the turn ended there.
    const [check, fails] = [task("helper", "Check", [{ gate: gates[1], say: "Checked." }]), task("helper", "Fail", "Go.", "ses_x")]
    const work = [later("helper", "Help", [{ gate: gates[0], say: "never" }], "help"), { tasks: [check.task, fails.task] }, { say: "Led." }]
    const led = say(root, task("lead", "Lead", work, "lead"))
    await Promise.all(gates.map(model.reached))
    const [{ id, children }] = (await host.tree(root)).children
    const deleted = children.find(({ metadata }) => metadata.delegate.slug === "help")
    await host.api("DELETE", `/session/${deleted?.id}`)
    await until(async () => (await delivered(id)).some((text) => /was lost/.test(text)), "the report of the deleted task")
    model.open(gates[1])
    assert.match(await led, /<task_result>\nLed\.\n<\/task_result>[^]*\ntask_id: lead \(spawned: /)
  })

  it("A background task counts against the budget, unless it ends before it is sent", async () => {
    const { host, model, say } = world
    const root = await host.session()
    const help = (/** @type {string} */ name) => task("helper", name)
    const work = [
      later("helper", "Help", [{ gate: `${root} help`, say: "never" }], "help"),
      { ...later("helper", "More", "Go.", "help"), gate: root },
      use("cancel", { task_id: "help" }), help("Two"), help("Three"), help("Four"), { say: "saw: {{results}}" },
    ]
    const led = say(root, task("lead", "Lead", work))
    await model.reached(`${root} help`)
    model.open(root)
    assert.match(await led, /Cancelled 2 prompts\.[^]*task_id: two [^]*task_id: three [^]*Task budget exhausted \(3\/3 calls\)/)
  })
})

describe("delegate_list", () => {
  it("delegate_list shows the tree as a table and as a Mermaid diagram", async () => {
    const { host, model, say, hears } = world
    const root = await host.session()
    assert.match(await say(root, use("list")), /^There is no subagent session yet\.$/)
    await say(root, later("explorer", "Done", [{ say: "Done.", usage: 20_000 }], "first"))
    await hears(root, 1)
    await say(root, task("fixer", "Idle", "Go.", "second"))
    // The fourth session must exist first: the diagram numbers sessions in order of creation.
    const work = [{ gate: `${root} a`, ...task("helper", "Help", [{ gate: `${root} b`, say: "never" }], "third-a") }, { say: "Led." }]
    await say(root, later("lead", "Lead", work, "third"), later("explorer", "Busy", [{ gate: root, say: "never" }], "fourth"), later("explorer", "Busy", "More.", "fourth"))
    await model.reached(root)
    model.open(`${root} a`)
    await model.reached(`${root} b`)
    const cells = (await say(root, use("list"))).split("\n").filter((row) => row.startsWith("|")).map((row) => row.split("|").slice(1, -1).map((cell) => cell.slice(1, -1)))
    assert.deepEqual(cells.map(([task_id, agent, state, age, tokens, budget]) => [task_id, agent, state.replace(/bg_\w{8}/, "bg"), /^\d+ s$/.test(age) ? "s" : age, tokens.replace(/^[1-9]\d*/, "n"), budget]), [
      ["task_id", "agent", "state", "last used", "tokens", "budget"],
      ["--", "--", "--", "--", "--", "--"].map(() => "-"),
      ["first", "explorer", "completed (bg)", "s", "n (10 %)", "-"],
      ["second", "fixer", "idle", "s", "n (0 %)", "-"],
      ["third", "lead", "running", "s", "0", "1/3"],
      ["  third-a", "helper", "running", "s", "0", "-"],
      ["fourth", "explorer", "running +1 waiting", "s", "0", "-"],
    ])
    assert.equal((await say(root, use("list", { format: "mermaid" }))).replace(/bg_\w{8}/, "bg"), [
      "flowchart TD", '  s0["root<br>build"]', '  s0 --> s1["first<br>explorer<br>completed (bg)"]', '  s0 --> s2["second<br>fixer<br>idle"]',
      '  s0 --> s3["third<br>lead<br>running"]', '  s0 --> s4["fourth<br>explorer<br>running +1 waiting"]', '  s3 --> s5["third-a<br>helper<br>running"]',
    ].join("\n"))
    await host.api("POST", `/session/${root}/abort`)
  })
})

it("A background task goes on while the model of its caller is replaced", { timeout: 60_000 }, async (t) => {
  const models = { n: { name: "n", tool_call: true, limit: { context: 200_000, output: 8_192 } } }
  const chained = { ...agent, lead: { ...agent.lead, fallback_models: ["scripted/n"] } }
  const own = await boot(t, { agent: chained, config: { provider: { scripted: { models } } }, options: { stall_ms: 2_000 } })
  const root = await own.host.session()
  // A session with a running tool is not silent.
  const work = later("helper", "Work", [{ call: { tool: "bash", args: { command: "sleep 9", description: "Wait" } } }, { say: "WORKED" }], "work")
  const said = own.say(root, task("lead", "Lead", [work, { gate: root, say: "LED" }], "lead"))
  // The plugin aborts the attempt of the silent model for that of the next.
  await until(() => own.model.requests.some(({ body }) => body.model === "n"), "the next model asked")
  own.model.open(root)
  assert.match(await said, /LED\n[^]*scripted\/n took over\./)
  const [child] = /** @type {any[]} */ (await own.host.children(root))
  const [result] = await own.hears(child.id, 1)
  assert.match(String(result), /WORKED/)
})
