// The limit of parallel children, in the real OpenCode.

import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import { script } from "../../host/model.js"
import { AGENTS, idIn, task } from "../fixture.js"
import { boot, later, until, use } from "./world.js"

const subagent = (/** @type {object} */ fields) => ({ mode: "subagent", description: "Works", ...fields })
const agent = {
  ...AGENTS,
  lead: subagent({ task_budget: 5, callable_by_subagents: true }),
  other: subagent({ model: "scripted/other" }),
  helper: subagent({ callable_by_subagents: true }),
}
const config = { provider: { scripted: { models: { other: { name: "Other", tool_call: true, limit: { context: 200_000, output: 8_192 } } } } } }

/** @type {Awaited<ReturnType<typeof boot>>} */
let world
const ends = /** @type {(() => Promise<void>)[]} */ ([])
before(async () => {
  world = await boot({ after: (/** @type {() => Promise<void>} */ end) => void ends.push(end) }, { own: true, agent, config, options: { max_parallel: 1 } })
})
after(() => Promise.all(ends.map((end) => end())))

/** The starts and ends of each session's answers, in order. @param {string[]} ids */
async function spans(ids) {
  const messages = await Promise.all(ids.map((id) => world.host.messages(id)))
  const answers = messages.flat().filter(({ info }) => info.role === "assistant").map(({ info }) => ({ id: info.sessionID, ...info.time }))
  return answers.sort((a, b) => a.created - b.created)
}

/** The arguments of a named task with these steps. @param {string} name @param {...object} steps */
const named = (name, ...steps) => /** @type {const} */ (["explorer", name, steps.length ? steps : [{ hang: 100, say: `${name} is done.` }], name])

describe("max_parallel 1", () => {
  it("Background tasks run one after the other, in order of arrival", async () => {
    const { host, model, say, hears } = world
    const root = await host.session()
    const ids = (await say(root, later(...named("a", { gate: root, say: "a is done." })), later(...named("b")), later(...named("c"))))
      .split("</task>").map(idIn).slice(0, 3)
    await model.reached(root)
    assert.match(await say(root, use("list")), /\| a \| explorer \| running \|[^]*\| b \| explorer \| waiting \|[^]*\| c \| explorer \| waiting \|/)
    model.open(root)
    const delivered = await hears(root, 3)
    assert.deepEqual(delivered.map((text) => /(\w) is done\./.exec(text)?.[1]), ["a", "b", "c"])
    const ran = await spans(ids)
    assert.deepEqual(ran.map(({ id }) => id), ids)
    for (const [index, { created }] of ran.slice(1).entries()) assert.ok(created >= ran[index].completed, `${index + 1} began before ${index} had ended`)
  })

  it("Simultaneous calls run one at a time, and each gets its result", async () => {
    const { host, say } = world
    const root = await host.session()
    const result = await say(root, { tasks: ["a", "b", "c"].map((name) => task(...named(name)).task) })
    assert.deepEqual([...result.matchAll(/(\w) is done\./g)].map(([, name]) => name), ["a", "b", "c"])
    const ran = await spans((await host.children(root)).map(({ id }) => id))
    assert.equal(ran.length, 3)
    for (const [index, { created }] of ran.slice(1).entries()) assert.ok(created >= ran[index].completed, `${index + 1} began before ${index} had ended`)
  })

  it("A session that waits for a child lends it its slot, at every depth", async () => {
    const { host, say, hears } = world
    const root = await host.session()
    const nested = task("lead", "One", [task("lead", "Two", [task("helper", "Three", "Go.", "three"), { say: "two saw: {{results}}" }], "two"), { say: "one saw: {{results}}" }], "one")
    assert.match(await say(root, nested), /one saw: [^]*two saw: [^]*task_id: three [^]*task_id: two [^]*task_id: one /)
    const [{ id }] = await host.children(root)
    // A background task waits until its caller is done.
    const work = [later("helper", "Later", [{ say: "HELPED" }], "later"), task("helper", "Now", "Go.", "now"), { say: "saw: {{results}}" }]
    assert.match(await say(root, task("lead", "Again", work, "one")), /saw: [^]*task_id: later [^]*task_id: now /)
    assert.match((await hears(id, 1)).join(), /HELPED/)
  })

  it("A waiting prompt that is cancelled is never sent", async () => {
    const { host, model, say, hears, rests } = world
    const root = await host.session()
    await say(root, later(...named("a", { gate: root, say: "a is done." })), later(...named("b")), later(...named("c")))
    await model.reached(root)
    assert.match(await say(root, use("cancel", { task_id: "b" })), /^Cancelled 1 prompt\.\ntask_id: b /)
    model.open(root)
    assert.deepEqual((await hears(root, 2)).map((text) => /(\w) is done\./.exec(text)?.[1]), ["a", "c"])
    const b = (await host.children(root))[1]
    assert.deepEqual(await host.messages(b.id), [])
    assert.match(await say(root, task("explorer", "After all", [{ say: "b after all." }], "b")), /b after all\.[^]*task_id: b \(resumed: /)
    await rests(root)
  })

  it("A waiting call ends with its caller, and is never sent", async () => {
    const { host, model, say, calls } = world
    const root = await host.session()
    await say(root, later(...named("a", { gate: root, say: "a is done." })))
    await model.reached(root)
    const turn = host.prompt(root, script(task(...named("b")))).catch(() => {})
    await until(async () => (await calls(root))[1]?.state.metadata?.sessionId, "the second call's child")
    await host.api("POST", `/session/${root}/abort`)
    await turn
    model.open(root)
    await until(async () => (await calls(root))[1].state.status === "error", "the second call's end")
    assert.match(await say(root, task("explorer", "More", [{ say: "b after all." }], "b")), /b after all\.[^]*task_id: b \(resumed: /)
    const [, b] = await host.children(root)
    assert.equal((await host.messages(b.id)).filter(({ info }) => info.role === "user").length, 1)
  })

  it("A prompt that waited when its process died is reported lost, and is sent with the next one", async () => {
    const { host, model, say, delivered } = world
    const root = await host.session()
    await say(root, later(...named("a", { gate: root, say: "never" })), later("explorer", "b", "The word is kumquat.", "b"))
    await model.reached(root)
    await host.kill()
    await host.restart()
    const list = await say(root, use("list"))
    assert.match(list, /\| a \| explorer \| lost \(bg_\w+\) \|[^]*\| b \| explorer \| lost \(bg_\w+\) \|/)
    const texts = await delivered(root)
    assert.deepEqual([texts.length, ...texts.map((text) => /Background task bg_\w+ was lost[^]*task_id: (\w) /.exec(text)?.[1]).sort()], [2, "a", "b"])
    assert.match(await say(root, use("output", { task_id: "b" })), /state="error">[^]*Its process ended during its last task/)
    const result = await say(root, task("explorer", "b", [{ say: "recalled {{recall /The word is (\\w+)/}}" }], "b"))
    assert.match(result, /recalled kumquat[^]*task_id: b \(resumed: [^]*Its earlier prompt never reached the session, so it was sent with this one\./)
    assert.equal((await delivered(root)).length, 2)
  })

  it("Each model has a count of its own, over all roots", async () => {
    const { host, model, say, state, rests } = world
    const [one, two] = [await host.session(), await host.session()]
    await say(one, later(...named("a", { gate: one, say: "a is done." })))
    await model.reached(one)
    const waiting = idIn(await say(two, later(...named("b", { gate: two, say: "b is done." }))))
    const running = await say(await host.session(), task("other", "Other model", [{ say: "c is done." }]))
    assert.match(running, /c is done\./)
    assert.equal(model.requests.find(({ sessionID }) => sessionID === idIn(running))?.body.model, "other")
    assert.equal(await state(waiting), "idle")
    assert.deepEqual(await host.messages(waiting), [])
    model.open(one)
    await model.reached(two)
    model.open(two)
    await rests(waiting)
  })
})
