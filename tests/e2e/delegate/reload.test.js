// Background tasks after the plugin is reloaded, or its process dies.

import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import { script } from "../../host/model.js"
import { startHost } from "../../host/opencode.js"
import { AGENTS, OURS, idIn, talk, task } from "../fixture.js"
import { bgIn, boot, later, times, until, use } from "./world.js"

/** @type {Awaited<ReturnType<typeof boot>>} */
let world
const ends = /** @type {(() => Promise<void>)[]} */ ([])
before(async () => void (world = await boot({ after: (/** @type {() => Promise<void>} */ end) => void ends.push(end) }, { own: true })))
after(() => Promise.all(ends.map((end) => end())))

/** Reloads every plugin, in the same process. */
const reload = () => world.host.api("POST", "/instance/dispose")
const crash = () => world.host.kill().then(world.host.restart)

/** The end of an instance, and the end of the next one. @type {[string, () => Promise<void>, () => Promise<void>][]} */
const DEATHS = [["a reload of the plugin", reload, reload], ["kill -9 and a restart", crash, () => world.host.restart()]]

/** The report of a task that was running. */
const lost = (/** @type {string} */ id, /** @type {string} */ bg) => [
  `<task id="${id}" state="error">`, `<summary>Background task ${bg} was lost</summary>`, "<task_error>",
  "Its process ended before it gave an answer.", "</task_error>", "</task>",
  "task_id: explore (its session is kept: give this task_id to go on with it)",
].join("\n")

/** A root with a running task that has read a file. */
async function running() {
  const { host, model, say } = world
  const root = await host.session()
  const result = await say(root, later("explorer", "Explore auth", [{ call: { tool: "read", args: { filePath: "opencode.json" } } }, { gate: root, say: "never" }], "explore"))
  await model.reached(root)
  return { root, id: idIn(result), bg: bgIn(result) }
}

/** A root whose background task is done and not delivered, since the root was busy up to the end. */
async function untold() {
  const { host, model, record } = world
  const root = await host.session()
  const turn = host.prompt(root, script(later("explorer", "Explore auth", [{ say: "SECRET=kumquat" }], "explore"), { gate: root, say: "never" })).catch(() => {})
  await model.reached(root)
  const [{ id }] = await host.children(root)
  const kept = await record(id, (kept) => kept?.tasks?.[0].state === "completed")
  return { root, id, bg: kept.tasks[0].id, turn }
}

/** A root with a background task that was delivered. */
async function done() {
  const { host, say, hears } = world
  const root = await host.session()
  const result = await say(root, later("explorer", "Explore auth", [{ say: "SECRET=kumquat" }], "explore"))
  await hears(root, 1)
  return { root, id: idIn(result), bg: bgIn(result) }
}

for (const [death, die, dieAgain] of DEATHS) {
  describe(`A background task after ${death}`, () => {
    /** The conversations that the first instance leaves. They share each end. @type {ReturnType<typeof leave> | undefined} */
    let leaving
    const left = () => (leaving ??= leave())
    async function leave() {
      const at = { delivered: await done(), lost: await running(), resumed: await running(), finished: await untold() }
      await die()
      await at.finished.turn
      return at
    }
    /** The end of the second instance, once. @type {Promise<void> | undefined} */
    let second
    const again = () => (second ??= dieAgain())

    it("A delivered task is read by each of its names, and not delivered again", async () => {
      const { root, id, bg } = (await left()).delivered
      const { say, delivered } = world
      const read = await say(root, ...[bg, "explore", id].map((task_id) => use("output", { task_id })))
      assert.equal(times(read, `<task id="${id}" state="completed">\n<task_result>\nSECRET=kumquat\n`), 3, read)
      assert.equal((await delivered(root)).length, 1)
    })

    it("A lost task that is resumed in the background is reported lost, and then delivered with its answer", async () => {
      const { root, id, bg } = (await left()).resumed
      const { say, rests, hears } = world
      await rests(id)
      const result = await say(root, later("explorer", "Go on", [{ say: "recalled {{recall /(opencode.ai)/}}" }], bg))
      assert.deepEqual([idIn(result), bgIn(result)], [id, bg])
      const [before, after, ...more] = await hears(root, 2)
      assert.equal(before, lost(id, bg))
      assert.match(after, /is completed<[^]*recalled opencode\.ai/)
      assert.deepEqual(more, [])
    })

    it("A running task is reported lost once, with the next turn, and resumed by its name and its id", async () => {
      const { root, id, bg } = (await left()).lost
      const { host, say, delivered, rests } = world
      await rests(id)
      await say(root, { say: "Next." })
      assert.deepEqual(await delivered(root), [lost(id, bg)])
      const read = await say(root, use("list"), use("output", { task_id: bg }))
      assert.match(read, /\| explore \| explorer \| lost \(bg_\w+\) \|[^]*Its process ended during its last task; give this task_id to the task tool to go on\./)
      await again()
      for (const task_id of ["explore", bg]) {
        const result = await say(root, task("explorer", "Go on", [{ say: "recalled {{recall /(opencode.ai)/}}" }], task_id))
        assert.match(result, /recalled opencode\.ai[^]*task_id: explore \(resumed: /)
        assert.equal(idIn(result), id)
      }
      assert.equal((await delivered(root)).length, 1)
      assert.equal((await host.children(root)).length, 1)
    })

    it("A finished task is delivered once, with the next turn", async () => {
      const { root, id, bg } = (await left()).finished
      const { say, delivered, seen } = world
      await again()
      assert.deepEqual(await delivered(root), [])
      await say(root, { say: "Next." })
      assert.deepEqual(await delivered(root), [[
        `<task id="${id}" state="completed">`, `<summary>Background task ${bg} is completed</summary>`, "<task_result>",
        "SECRET=kumquat", "</task_result>", "</task>", "task_id: explore",
      ].join("\n")])
      assert.equal(times(seen(root), "SECRET=kumquat\\n</task_result>"), 1)
      await say(root, { say: "And next." })
      await dieAgain()
      await say(root, { say: "And next." })
      assert.equal((await delivered(root)).length, 1)
      assert.equal(times(seen(root), "SECRET=kumquat\\n</task_result>"), 1)
    })
  })
}

describe("A second process that goes on", () => {
  for (const [when, first] of /** @type {[string, boolean][]} */ ([["before the task began", true], ["while the task ran", false]])) {
    it(`A task of a process that dies is reported lost once by a process that has read the conversation ${when}`, async (t) => {
      const { host, model, say } = world
      const other = await startHost({ model, home: host.home, plugin: [OURS], config: { agent: AGENTS } })
      t.after(() => other.stop())
      const there = talk(other)
      const root = await host.session()
      if (first) await there.say(root, { say: "Hello." })
      const result = await say(root, later("explorer", "Explore auth", [{ gate: root, say: "never" }], "explore"))
      await model.reached(root)
      if (!first) await there.say(root, { say: "Hello." })
      await host.kill()
      const delivered = async () => (await other.messages(root)).flatMap(({ parts }) => parts).filter(({ synthetic, text }) => synthetic && text.includes("Background task ")).map(({ text }) => text)
      await until(async () => {
        await there.say(root, { say: "Next." })
        return (await delivered()).length
      }, "the report in the other process")
      await there.say(root, { say: "And next." })
      assert.deepEqual(await delivered(), [lost(idIn(result), bgIn(result))])
      await host.restart()
    })
  }
})

describe("A second process", () => {
  it("A second process neither reports nor delivers the tasks that the first one runs", async (t) => {
    const { host, model, hears, delivered } = world
    const { root, id, bg } = await running()
    const other = await startHost({ model, home: host.home, plugin: [OURS], config: { agent: AGENTS } })
    t.after(() => other.stop())
    const { say } = talk(other)
    const result = await say(root, use("output", { task_id: bg }), use("list"))
    assert.match(result, new RegExp(`<task id="${id}" state="(running|error)">`))
    assert.deepEqual(await delivered(root), [])
    model.open(root)
    const [text, ...more] = await hears(root, 1)
    assert.match(text, new RegExp(`Background task ${bg} is completed`))
    await say(root, { say: "Next." })
    assert.deepEqual([more, (await delivered(root)).length], [[], 1])
  })

  it("A task that the first one runs delivers its own answer, though the second one has prompted its session", async (t) => {
    const { host, model, hears } = world
    const root = await host.session()
    await world.say(root, later("explorer", "Explore auth", [{ gate: root, say: "The long answer." }], "explore"))
    await model.reached(root)
    const other = await startHost({ model, home: host.home, plugin: [OURS], config: { agent: AGENTS } })
    t.after(() => other.stop())
    assert.match(await talk(other).say(root, task("explorer", "Explore more", [{ say: "The second answer." }], "explore")), /The second answer\./)
    model.open(root)
    const [text] = await hears(root, 1)
    assert.match(text, /is completed[^]*The long answer\./)
  })
})
