// The things that last longer than the plugin: names, ids of tasks, prompts that no session got, and background tasks.

import assert from "node:assert/strict"
import { after, describe } from "node:test"
import { script } from "../../host/model.js"
import { until } from "../delegate/world.js"
import { ALONE, MISSING, WITH_US, bgIn, boot, idIn, recall, secret, shown, task, use } from "./world.js"

/** @typedef {import("./world.js").World} World */
/** @typedef {{ name: string, begin?: (world: World, root: string) => Promise<any>, holds: (world: World, root: string, left: any) => Promise<void> }} Case */

/** A background task that has ended. @param {World} world @param {string} root */
async function ended({ say, rests }, root) {
  const started = await say(root, task({ subagent_type: "explore", description: "Look around", run_in_background: true }, secret("plum")))
  await rests(idIn(started))
  await until(async () => /SECRET=plum/.test(await say(root, use("background_output", { task_id: bgIn(started) }))), "the result", 30_000)
  return { id: idIn(started), bg: bgIn(started) }
}

/** @type {Case["holds"]} */
async function reads({ say }, root, { id, bg }) {
  for (const task_id of [bg, id, "look-around"]) assert.match(await say(root, use("background_output", { task_id })), /SECRET=plum|\(No new output since last check\)/)
}

/** The checks after the end, each with its own conversation before it. @type {Record<string, Case>} */
export const CASES = {
  id: {
    name: "omo's id of a task resumes its session",
    begin: ended,
    async holds({ host, say }, root, { id, bg }) {
      const result = await say(root, task({ task_id: bg }, recall))
      assert.match(result, /recalled plum/)
      assert.equal(idIn(result), id)
      assert.equal((await host.children(root)).length, 1)
    },
  },
  reads: { name: "background_output reads a result by omo's id, by the session's id and by its name", begin: ended, holds: reads },
  foreground: {
    name: "a session of the foreground goes on in the background, and its result is delivered once",
    begin: async ({ say }, root) => idIn(await say(root, task({ subagent_type: "explore", description: "Explore auth" }, secret("fig")))),
    async holds({ say, asked, rests }, root, id) {
      await say(root, task({ subagent_type: "explore", description: "Go on", task_id: id, run_in_background: true }, recall))
      const reports = () => asked(root).then((texts) => texts.filter((text) => text.includes("recalled fig")))
      await until(async () => (await reports()).length, "the result", 20_000).catch(() => assert.fail("no report came"))
      await rests(root)
      assert.equal((await reports()).length, 1)
      assert.equal((await asked(id)).length, 2)
    },
  },
  nested: {
    name: "a subagent resumes its own session by its name",
    async begin({ say }, root) {
      const explore = { call: { ...task({ subagent_type: "explore", description: "Explore auth", run_in_background: false }, secret("fig")).call, tool: "call_omo_agent" } }
      await say(root, task({ category: "quick", description: "Nest" }, [explore, { say: "NESTED" }]))
    },
    async holds({ say, children }, root) {
      const explore = { call: { ...task({ subagent_type: "explore", description: "Go on", run_in_background: false, session_id: "explore-auth" }, recall).call, tool: "call_omo_agent" } }
      assert.match(await say(root, task({ category: "quick", description: "Go on", task_id: "nest" }, [explore, { say: "NESTED {{results}}" }])), /NESTED [^]*recalled fig/)
      assert.equal((await children(root))[0].children.length, 1)
    },
  },
  lost: {
    name: "a background task that ran is reported lost, once, and resumes",
    async begin({ say, model }, root) {
      const started = await say(root, task({ subagent_type: "explore", description: "Look around", run_in_background: true }, [{ say: "SECRET=plum", ...use("read", { filePath: "notes.txt" }) }, { gate: root, say: "never" }]))
      await model.reached(root)
      return idIn(started)
    },
    async holds({ host, say, asked }, root, id) {
      const lost = () => asked(root).then((texts) => texts.flatMap((text) => text.match(/was lost<[^]*?task_id: look-around/g) ?? []))
      await say(root)
      await say(root)
      assert.equal((await lost()).length, 1)
      assert.match(await say(root, task({ task_id: "look-around" }, recall)), /recalled plum/)
      assert.equal((await asked(id)).length, 2)
      assert.equal((await host.children(root)).length, 1)
    },
  },
  kept: {
    name: "a child that was just created gets its kept prompt, its agent and that agent's tools",
    async begin({ host }, root) {
      host.prompt(root, script(task({ subagent_type: "explore", description: "DIE-created" }, secret("kept"))), {}).catch(() => {})
    },
    async holds({ host, say, asked, requests }, root) {
      const [child] = await host.children(root)
      const other = await say(root, task({ subagent_type: "explore", description: "Other" }, secret("other")))
      const result = await say(root, task({ subagent_type: "explore", description: "Go on", task_id: "die-created" }, [{ say: "asked {{recall /(SECRET=kept)/}}" }]))
      assert.equal(idIn(result), child.id)
      assert.match(result, /\nAgent: explore\n[^]*\ntask_id: die-created \(resumed/)
      const prompts = await asked(child.id)
      assert.equal(prompts.length, 1)
      assert.match(prompts[0], /SECRET=kept[^]*asked /)
      const tools = (/** @type {string} */ id) => requests(id).at(-1)?.body.tools?.map(({ function: { name } }) => name).sort()
      assert.deepEqual(tools(child.id), tools(idIn(other)))
      assert.equal((await host.tree(child.id)).agent, "explore")
    },
  },
}

/**
 * The tests of these cases after an end, with us and alone. All conversations are played before the end.
 * @param {string} how
 * @param {Case[]} cases
 * @param {(host: World["host"]) => Promise<void>} end
 * @param {string[]} [plugins] more plugins
 * @param {{ alone: string, withUs: string }} [compared]
 */
export function lasting(how, cases, end, plugins = [], { alone, withUs } = { alone: ALONE, withUs: WITH_US }) {
  /** @type {(() => Promise<void>)[]} */
  const ends = []
  after(() => Promise.all(ends.map((end) => end())))

  /** @param {string} plugin */
  async function left(plugin) {
    const world = await boot({ after: (end) => void ends.push(end) }, [plugin, ...plugins])
    const begun = cases.map(async ({ begin }) => {
      const root = await world.host.session()
      return { root, left: await begin?.(world, root) }
    })
    const conversations = await Promise.all(begun)
    await end(world.host)
    return { world, conversations }
  }

  describe(`After ${how}`, { skip: MISSING }, () => {
    /** @type {Map<string, ReturnType<typeof left>>} */
    const booted = new Map()
    const played = (/** @type {string} */ plugin) => {
      const leaving = booted.get(plugin) ?? left(plugin)
      leaving.catch(() => {})
      booted.set(plugin, leaving)
      return leaving
    }
    for (const [index, { name, holds }] of cases.entries()) {
      const body = async (/** @type {string} */ plugin) => {
        const { world, conversations } = await played(plugin)
        const { root, left } = conversations[index]
        await world.patient(holds(world, root, left), "it")
      }
      shown(`After ${how}, ${name}`, () => {
        void played(alone)
        return body(withUs)
      }, () => body(alone).then(() => undefined, (error) => error))
    }
  })
}
