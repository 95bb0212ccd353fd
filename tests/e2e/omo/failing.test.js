// Failures: of a model of a category, and of a task in the background.

import assert from "node:assert/strict"
import { describe } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"
import { until } from "../delegate/world.js"
import { ALONE, WITH_US, hosts, idIn, recall, secret, task, use } from "./world.js"

const { shown } = hosts()
const { test: limited } = hosts({}, { alone: ALONE, withUs: [WITH_US, { limits: { max_steps: 1 } }] })

/** The tools that a session was offered. @param {import("./world.js").World} world @param {string} id */
const offered = ({ requests }, id) => requests(id).map(({ body }) => (body.tools ?? []).map(({ function: { name } }) => name))

describe("A category that denies a tool", () => {
  shown("A denied tool stays denied in the attempt with another model, and in each later call", async (world) => {
    const { host, say } = world
    const root = await host.session()
    const result = await say(root, task({ category: "careful", description: "Mend it" }, secret("fig")))
    assert.match(result, /SECRET=fig/)
    const id = idIn(result)
    for (const tools of offered(world, id)) assert.ok(!tools.includes("bash"), String(tools))
    const again = await say(root, task({ category: "careful", description: "Go on", task_id: "mend-it" }, recall))
    assert.match(again, /recalled fig/)
    assert.equal(idIn(again), id)
    for (const tools of offered(world, id)) assert.ok(!tools.includes("bash"), String(tools))
    assert.equal(offered(world, id).length, 2)
  }, /(^|,)bash,/)
})

describe("A background task that a provider refuses", () => {
  shown("A background task that a provider refuses is reported as failed, once", async ({ host, say, asked, rests }) => {
    const root = await host.session()
    const id = idIn(await say(root, task({ subagent_type: "explore", description: "Look", run_in_background: true }, [{ fail: { status: 401, times: 9, message: "no such key" } }])))
    const reports = () => asked(root).then((texts) => texts.filter((text) => /no such key/.test(text.replace(/<script>[^]*<\/script>/, ""))))
    await until(async () => (await reports()).length, "a report of the failure", 20_000).catch(() => assert.fail("no report came"))
    await rests(root)
    assert.equal((await reports()).length, 1)
    assert.match((await reports())[0], /failed/)
    assert.equal((await asked(id)).length, 1)
  }, /no report came/)
})

/** Has a person abort a background task that runs. @param {import("./world.js").World} world */
async function aborted({ host, model, say, rests }) {
  const root = await host.session()
  const id = idIn(await say(root, task({ subagent_type: "explore", description: "Look", run_in_background: true }, [{ gate: root, say: "never" }])))
  await model.reached(root)
  await host.abort(id)
  await rests(id)
  // Another attempt may follow a failure for five seconds.
  await sleep(7_000)
  return { root, id }
}

describe("A background task whose session is aborted", () => {
  shown("The caller of a background task that a person aborts reads of it with the next message, once", async (world) => {
    const { say, asked } = world
    const { root, id } = await aborted(world)
    for (const word of ["fig", "plum"]) await say(root, ...secret(word))
    const reports = (await asked(root)).filter((text) => /was cancelled/.test(text))
    assert.equal(reports.length, 1)
    assert.match(reports[0], /task_id: look /)
    assert.equal((await asked(id)).length, 1)
  }, /0 !== 1/)
})

describe("A background task that has broken off, and is resumed in the background", () => {
  shown("A task that a person aborted is resumed, and its answer is reported once", async (world) => {
    const { say, asked, rests } = world
    const { root, id } = await aborted(world)
    const result = await say(root, task({ subagent_type: "explore", description: "Go on", run_in_background: true, task_id: id }, secret("fig")))
    const reports = () => asked(root).then((texts) => texts.filter((text) => /SECRET=fig/.test(text.replace(/<script>[^]*<\/script>/, ""))))
    await until(async () => (await reports()).length, "a report of the answer", 20_000).catch(() => assert.fail(`no report came: ${result}`))
    await rests(root)
    assert.equal((await reports()).length, 1)
  }, /no report came: [^]*currently running/)
})

describe("A background task that a limit ends", () => {
  limited("oh-my-openagent's report of it says that the work is unfinished, and is the only one", async ({ host, say, asked, rests }) => {
    const root = await host.session()
    const id = idIn(await say(root, task({ subagent_type: "explore", description: "Look", run_in_background: true }, [use("glob", { pattern: "*" }), { say: "never" }])))
    const reports = () => asked(root).then((texts) => texts.filter((text) => /Its work is unfinished/.test(text)))
    await until(async () => (await reports()).length, "a report of the limit", 20_000)
    // The engine itself would report it after five seconds.
    await sleep(7_000)
    await rests(root)
    const [text, ...others] = await reports()
    assert.match(text, /BACKGROUND TASK COMPLETED[^]*\ntask_id: look \(its session is kept: [^\n]*\nIts work is unfinished\. It was ended at its limit of 1 step/)
    assert.deepEqual(others, [])
    assert.equal((await asked(id)).length, 1)
  })
})
