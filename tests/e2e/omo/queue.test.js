// Background tasks that wait in omo's own queue, before they have a session and after a failure.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"
import { script } from "../../host/model.js"
import { until } from "../delegate/world.js"
import { MISSING, WITH_US, boot, hosts, idIn, recall, secret, task, use } from "./world.js"

/** One task with the scripted model runs at a time. omo's own limit is five. */
const ONE = { background_task: { modelConcurrency: { "scripted/m": 1 } } }

/** @typedef {import("./world.js").World} World */

const { test } = hosts(undefined, undefined, ONE)

/**
 * Plays in a conversation with a task that takes the only place until it is released.
 * @param {World} world
 * @param {(root: string, release: () => Promise<void>) => Promise<void>} play
 */
async function whileFull({ host, say, model, rests }, play) {
  const root = await host.session()
  const held = await say(root, task({ subagent_type: "explore", description: "Hold", run_in_background: true }, [{ gate: root, say: "held" }]))
  await model.reached(root)
  const release = async () => {
    model.open(root)
    await rests(idIn(held))
  }
  await play(root, release).finally(release)
}

/** The child of that name, once it is there. @param {World} world @param {string} root @param {string} slug @returns {Promise<any>} */
async function named({ host }, root, slug) {
  const find = async () => (await host.children(root)).find(({ metadata }) => metadata?.delegate?.slug === slug)
  await until(find, slug, 30_000)
  return find()
}

/** A queued task whose caller was stopped before the task began. @param {World} world @param {string} root */
async function stopped(world, root) {
  const { host } = world
  const said = host.prompt(root, script(task({ subagent_type: "explore", description: "Look", task_id: "the-look", run_in_background: true }, secret("fig")))).catch(() => {})
  await until(async () => (await host.messages(root)).some(({ parts }) => parts.some(({ tool, state }) => tool === "task" && state?.status === "running" && state.input.description === "Look")), "the call", 20_000)
  await sleep(1_000)
  await host.abort(root)
  await said
  return named(world, root, "the-look")
}

/** The tools of each request of a session. @param {World} world @param {string} id @returns {string[][]} */
const offered = ({ requests }, id) => requests(id).map(({ body }) => (body.tools ?? []).map(({ function: { name } }) => name))

describe("A task in omo's queue", () => {
  test("A task that waits longer than its call has its name, its agent and its prompt from the call on", (world) => whileFull(world, async (root, release) => {
    const { host, say, asked, rests } = world
    const call = { call: { ...task({ subagent_type: "explore", description: "Look", run_in_background: true, session_id: "the-look" }, secret("fig")).call, tool: "call_omo_agent" } }
    const { text } = await host.prompt(root, script(call, { say: "RESULTS {{results}}" }), { agent: "Sisyphus-Junior" })
    assert.match(text, /Session ID: pending[^]*\ntask_id: the-look \(spawned/)
    const child = await named(world, root, "the-look")
    assert.equal(child.agent, "explore")
    assert.match(JSON.stringify(child.metadata.delegate.prompt), /SECRET=fig/)
    await release()
    await until(async () => (await asked(child.id)).length, "its prompt", 20_000)
    await rests(child.id)
    // omo prompts the caller as Sisyphus-Junior, which has no tool task: that turn ends before the next one begins.
    await until(async () => (await asked(root)).some((text) => /BACKGROUND TASK[^]*Look/.test(text)), "omo's report", 60_000)
    await rests(root)
    assert.equal((await host.children(root)).length, 2)
    for (const tools of offered(world, child.id)) assert.ok(!tools.includes("write"), String(tools))
    assert.match(await say(root, task({ task_id: "the-look" }, recall)), /recalled fig/)
  }))

  test("Tasks with one description and one agent keep their own names and prompts", (world) => whileFull(world, async (root, release) => {
    const { host, say, rests } = world
    const names = ["one", "two", "three"]
    const calls = names.map((name) => task({ subagent_type: "explore", description: "Look", task_id: name, run_in_background: true }, secret(name)).call)
    const said = host.prompt(root, script({ calls }, { say: "started" }))
    await sleep(1_500)
    await release()
    await said
    for (const name of names) {
      const { id } = await named(world, root, name)
      await rests(id)
    }
    await rests(root)
    for (const name of names) assert.match(await say(root, task({ task_id: name }, recall)), new RegExp(`recalled ${name}`))
  }))

  test("A queued task that is cancelled with all others runs no more, and its name can be resumed", (world) => whileFull(world, async (root, release) => {
    const { host, say, asked, rests } = world
    const { id } = await stopped(world, root)
    assert.match(await say(root, use("background_cancel", { all: true })), /Cancelled 2 background/)
    await release()
    await rests(root)
    assert.equal((await asked(id)).length, 0)
    assert.match(await say(root, task({ subagent_type: "explore", description: "Look", task_id: "other" }, secret("kiwi"))), /SECRET=kiwi[^]*\ntask_id: other \(spawned/)
    assert.match(await say(root, task({ subagent_type: "explore", description: "Go on", task_id: "the-look" }, secret("lime"))), /SECRET=lime[^]*\ntask_id: the-look \(resumed/)
    assert.equal((await host.children(root)).length, 3)
  }))

  test("The prompt of a queued task that /stop-continuation drops goes along with the next call to its name", (world) => whileFull(world, async (root, release) => {
    const { host, say, asked, rests } = world
    const { id } = await stopped(world, root)
    await host.prompt(root, "/stop-continuation")
    await release()
    await rests(root)
    assert.equal((await asked(id)).length, 0)
    const result = await say(root, task({ subagent_type: "explore", description: "Go on", task_id: "the-look" }, secret("lime")))
    assert.match(result, /SECRET=lime[^]*\ntask_id: the-look \(resumed/)
    assert.equal(idIn(result), id)
    const [prompt, ...more] = await asked(id)
    assert.match(prompt, /SECRET=fig[^]*SECRET=lime/)
    assert.deepEqual(more, [])
  }))

  test("A retry that waits for a place keeps the denied tools, and has the name", (world) => whileFull(world, async (root, release) => {
    const { host, say, rests, asked } = world
    await say(root, task({ category: "careful", description: "Mend it", run_in_background: true }, secret("fig")))
    await until(async () => (await asked(root)).some((text) => /insufficient credit[^]*mend-it/.test(text)), "the report of the failure", 60_000)
    await release()
    // The first session asks the broken provider alone, so the retry is the one that asks the scripted model.
    const retry = async () => (await host.children(root)).find(({ id, title }) => title.startsWith("Mend it") && offered(world, id).length)
    await until(retry, "the request of the retry", 60_000)
    const id = (await retry())?.id ?? ""
    await rests(id)
    await rests(root)
    for (const tools of offered(world, id)) assert.ok(!tools.includes("bash"), String(tools))
    const again = await say(root, task({ task_id: "mend-it" }, recall))
    assert.match(again, /recalled fig/)
    assert.equal(idIn(again), id)
  }))

  it("A task that waits at kill -9 is reported lost, once, and its name resumes it with its prompt", { skip: MISSING }, async (t) => {
    const world = await boot(t, [WITH_US], {}, ONE)
    const { host, say, asked, model } = world
    const root = await host.session()
    await say(root, task({ subagent_type: "explore", description: "Hold", run_in_background: true }, [{ gate: root, say: "held" }]))
    await model.reached(root)
    const { id } = await stopped(world, root)
    await host.kill()
    await host.restart()
    await say(root)
    await say(root)
    const lost = (await asked(root)).flatMap((text) => text.match(/was lost<[^]*?task_id: the-look/g) ?? [])
    assert.equal(lost.length, 1)
    const result = await say(root, task({ task_id: "the-look" }, [{ say: "asked {{recall /(SECRET=fig)/}}" }]))
    assert.match(result, /\ntask_id: the-look \(resumed/)
    assert.equal(idIn(result), id)
    assert.match((await asked(id))[0], /SECRET=fig/)
  })
})
