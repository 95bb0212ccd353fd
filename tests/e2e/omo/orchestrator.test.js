// opencode-orchestrator with the engine, by a description of its tools.

import assert from "node:assert/strict"
import { describe } from "node:test"
import { script } from "../../host/model.js"
import { lasting } from "./lasting.js"
import { ORCHESTRATOR_ALONE, ORCHESTRATOR_WITH_US, hosts, recall, secret, use } from "./world.js"

const PLUGINS = { alone: ORCHESTRATOR_ALONE, withUs: ORCHESTRATOR_WITH_US }
const { shown, test } = hosts({}, PLUGINS)

const NOBODY = "ses_00000000000000000000000000"

/** A step that delegates. @param {Record<string, unknown>} args @param {object[]} steps what the child plays */
const task = (args, steps) => use("delegate_task", { agent: "Worker", background: false, prompt: script(...steps), ...args })

const idIn = (/** @type {string} */ result) => /Session: `(ses_\w+)`/.exec(result)?.[1] ?? ""
const taskIn = (/** @type {string} */ result) => /Task: `(\w+)`/.exec(result)?.[1] ?? ""

/** Explores, in the foreground. @param {import("./world.js").World} world @param {string} root */
const explore = ({ say }, root) => say(root, task({ description: "Explore auth" }, secret("fig")))

describe("opencode-orchestrator", () => {
  shown("A name as resume resumes its session", async (world) => {
    const root = await world.host.session()
    const id = idIn(await explore(world, root))
    const result = await world.say(root, task({ description: "Go on", resume: "explore-auth" }, recall))
    assert.match(result, /recalled fig[^]*\ntask_id: explore-auth \(resumed/)
    assert.equal(idIn(result), id)
    assert.equal((await world.host.children(root)).length, 1)
  }, /Task not found for session/)

  shown("An id with a wrong letter resumes its session", async (world) => {
    const root = await world.host.session()
    const id = idIn(await explore(world, root))
    const wrong = id.slice(0, -1) + (id.endsWith("0") ? "1" : "0")
    assert.match(await world.say(root, task({ description: "Go on", resume: wrong }, recall)), /recalled fig/)
  }, /Task not found for session/)

  shown("An unknown id is refused with the list of sessions", async (world) => {
    const root = await world.host.session()
    await explore(world, root)
    assert.match(await world.say(root, task({ description: "Go on", resume: NOBODY }, recall)), /There is no session "ses_0+" to resume[^]*\n- explore-auth/)
    assert.equal((await world.host.children(root)).length, 1)
  }, /Task not found for session/)

  test("Its own id resumes its session by its own means", async (world) => {
    const root = await world.host.session()
    const id = idIn(await explore(world, root))
    assert.match(await world.say(root, task({ description: "Go on", resume: id }, recall)), /^\[RESUMED & DONE\][^]*recalled fig[^]*\ntask_id: explore-auth \(resumed/)
  })

  shown("get_task_result takes a name", async (world) => {
    const root = await world.host.session()
    await explore(world, root)
    assert.match(await world.say(root, use("get_task_result", { taskId: "explore-auth" })), /SECRET=fig/)
  }, /Task not found/)
})

lasting("kill -9 of opencode-orchestrator", [
  {
    name: "resume continues a session by its id, by its task's id and by its name",
    begin: async (world, root) => explore(world, root),
    async holds({ host, say }, root, first) {
      for (const resume of [idIn(first), taskIn(first), "explore-auth"]) {
        assert.match(await say(root, task({ description: "Go on", resume }, recall)), /recalled fig[^]*\ntask_id: explore-auth \(resumed/, resume)
      }
      assert.equal((await host.children(root)).length, 1)
    },
  },
  {
    name: "resume in the background continues a session, and get_task_result reads it",
    begin: async (world, root) => explore(world, root),
    async holds({ say, rests }, root, first) {
      assert.match(await say(root, use("get_task_result", { taskId: taskIn(first) })), /SECRET=fig/)
      assert.match(await say(root, task({ description: "Go on", resume: idIn(first), background: true }, recall)), /\ntask_id: explore-auth \(resumed/)
      await rests(idIn(first))
      assert.match(await say(root, use("get_task_result", { taskId: "explore-auth" })), /recalled fig/)
    },
  },
], async (host) => {
  await host.kill()
  await host.restart()
}, [], PLUGINS)
