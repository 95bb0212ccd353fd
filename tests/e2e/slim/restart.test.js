// The names of a session before the end of the process resume it afterwards.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { script } from "../../host/model.js"
import { MISSING, OPENCODE2, idIn, task } from "../fixture.js"
import { ALONE, WITH_US, hosts, isResultOf, later, readNotes, recall, secret, shown, use } from "./world.js"

/**
 * A check after the end of the process, with the sessions of that conversation.
 * @typedef {import("./world.js").World} World
 * @typedef {{ name: string, instead?: RegExp, holds: (world: World, root: string, ids: string[]) => Promise<void> }} Case
 *   `instead`: slim's own behaviour, if it differs
 */

/** Slim alone starts a session without memory for a name that it has forgotten. */
const forgotten = /recalled \(nothing\)/

/** Two sessions of explorer, whose aliases are then used. @param {World} world @param {string} root */
async function two({ say, settle }, root) {
  await say(root, task("explorer", "Map", secret("fig"), "the-map"), task("explorer", "Trace", secret("date"), "the-trace"))
  await settle(root)
  await say(root, task("explorer", "Map on", recall, "exp-1"), task("explorer", "Trace on", recall, "exp-2"))
}

/** The same, the second of them in the background. @param {World} world @param {string} root */
async function mixed({ say, hears, settle }, root) {
  await say(root, task("explorer", "Map", secret("fig"), "the-map"), later("explorer", "Trace", secret("date"), "the-trace"))
  await hears(root, 1)
  await settle(root)
  await say(root, task("explorer", "Map on", recall, "exp-1"), task("explorer", "Trace on", recall, "exp-2"))
}

/** A child that has read a file when its process ends, and has not answered. @param {string} gate */
const reads = (gate) => [readNotes, { gate, say: "never" }]
const noted = [{ say: "recalled {{recall /(Nothing of note)/}}" }]

/** A running session, for which the root waits. @param {World} world @param {string} root */
async function awaited({ host, model }, root) {
  host.prompt(root, script(task("explorer", "Map", reads(root), "the-map"))).catch(() => {})
  await model.reached(root)
}

/** The same, in the background. @param {World} world @param {string} root */
async function working({ say, model }, root) {
  await say(root, later("explorer", "Map", reads(root), "the-map"))
  await model.reached(root)
}

/**
 * Resumes the two sessions by these names, and starts none.
 * @param {World} world @param {string} root @param {string} map @param {string} trace @param {string[]} ids
 * @param {[string, string]} [descriptions] of the two calls
 */
async function resumes({ host, say, settle }, root, map, trace, ids, [one, other] = ["Map again", "Trace again"]) {
  await settle(root)
  const before = (await host.children(root)).length
  const result = await say(root, task("explorer", one, recall, map), task("explorer", other, recall, trace))
  assert.match(result, /recalled fig[^]*recalled date/)
  assert.deepEqual(Array.from(result.matchAll(/<(?:task id|subagent sessionID)="(\w+)"/g), ([, id]) => id), ids)
  assert.equal((await host.children(root)).length, before)
}

/** Resumes the session that has read a file, by its name. @type {Case["holds"]} */
async function noting({ host, say }, root, [map]) {
  const result = await say(root, task("explorer", "Map again", noted, "the-map"))
  assert.match(result, /recalled Nothing of note/)
  assert.equal(idIn(result), map)
  assert.equal((await host.children(root)).length, 1)
}

/** The checks by conversation. Each conversation is played once. @type {{ begin: (world: World, root: string) => Promise<void>, cases: Case[] }[]} */
const CONVERSATIONS = [
  {
    begin: two,
    cases: [
      {
        // Slim refuses a new call with the description of an ended one. A session that it has forgotten is new to it.
        name: "its name, if the call has the description of an earlier one",
        instead: forgotten,
        holds: (world, root, ids) => resumes(world, root, "the-map", "the-trace", ids, ["Go on", "Go on"]),
      },
      { name: "its name", instead: forgotten, holds: (world, root, ids) => resumes(world, root, "the-map", "the-trace", ids) },
      { name: "its id", instead: forgotten, holds: (world, root, ids) => resumes(world, root, ids[0], ids[1], ids) },
      { name: "its alias", instead: forgotten, holds: (world, root, ids) => resumes(world, root, "exp-1", "exp-2", ids) },
    ],
  },
  {
    begin: two,
    cases: [{
      name: "its alias, if another session was resumed first",
      instead: forgotten,
      async holds(world, root, ids) {
        await world.say(root, task("explorer", "Again", recall, ids[1]))
        await resumes(world, root, "exp-1", "exp-2", ids)
      },
    }],
  },
  {
    begin: two,
    cases: [{
      name: "its alias, if a new session was started first",
      // In OpenCode 2, slim goes on counting.
      instead: OPENCODE2 ? forgotten : /recalled plum/,
      async holds(world, root, ids) {
        await world.say(root, task("explorer", "Look", secret("plum")))
        await resumes(world, root, "exp-1", "exp-2", ids)
      },
    }],
  },
  {
    // Slim alone finds background sessions again, and numbers them from one.
    begin: mixed,
    cases: [{ name: "its alias, if another session ran in the background", instead: /recalled date/, holds: (world, root, ids) => resumes(world, root, "exp-1", "exp-2", ids) }],
  },
  {
    begin: awaited,
    cases: [{
      name: "its name, if it was running",
      instead: forgotten,
      holds: noting,
    }],
  },
  {
    begin: working,
    cases: OPENCODE2 ? [{
      name: "its name, if it was running in the background",
      instead: forgotten,
      holds: noting,
    }] : [{
      // Slim takes the session for running, until it is revived.
      name: "its name, if it was running in the background and is revived",
      instead: /Unknown or unowned background task: the-map/,
      async holds({ host, say, retried, hears, settle }, root, [map]) {
        const revived = await retried(root, /status: started/, use("task_revive", { task_id: "the-map", prompt: script(...noted) }))
        assert.match(revived, new RegExp(`^task_id: ${map}\n[^]*status: started`))
        assert.match((await hears(root, 1))[0], new RegExp(`^${isResultOf(map, "completed")}[^]*recalled Nothing of note`))
        await settle(root)
        assert.match(await say(root, task("explorer", "Map again", noted, "the-map")), /recalled Nothing of note/)
        assert.equal((await host.children(root)).length, 1)
      },
    }],
  },
  {
    // Slim numbers from one again in OpenCode 1. Its own tools must reach the sessions of its board.
    begin: two,
    cases: OPENCODE2 ? [] : [{
      name: "slim's tools by the board's alias, which another session had before",
      async holds(world, root) {
        const { model, say, hears, children } = world
        await say(root, later("explorer", "Look", [{ gate: root, say: "SECRET=plum" }], "the-look"))
        await model.reached(root)
        const look = (await children(root)).at(-1)?.id
        const asked = await say(root, use("task_status", { task_id: "exp-1" }), use("task_message", { task_id: "exp-1", message: "Hurry." }))
        model.open(root)
        await hears(root, 1)
        assert.ok(world.board(root).includes(`- exp-1 / ${look} /`), world.board(root))
        assert.match(asked, new RegExp(`^Task exp-1 \\(${look}\\)[^]*\nMessage queued for exp-1 \\(${look}\\)`))
      },
    }],
  },
]

/** The ends of a process. Slim alone forgets the same at each, so that one is enough for it. @type {[string, (host: World["host"]) => Promise<void>, string[]][]} */
const ENDS = [
  ["a restart", (host) => host.restart(), [WITH_US, ALONE]],
  ["kill -9", async (host) => {
    await host.kill()
    await host.restart()
  }, [WITH_US]],
]

const { world } = hosts()

for (const [how, end, plugins] of ENDS) {
  describe(`A session after ${how}`, { skip: MISSING }, () => {
    /** The conversations at the end of a host. @type {Map<string, ReturnType<typeof leave>>} */
    const left = new Map()

    /** @param {string} plugin */
    async function leave(plugin) {
      const at = await world(plugin)
      const conversations = await Promise.all(
        CONVERSATIONS.map(async ({ begin }) => {
          const root = await at.host.session()
          await begin(at, root)
          return { root, ids: (await at.children(root)).map(({ id }) => id) }
        }),
      )
      await end(at.host)
      return conversations
    }

    for (const [index, { cases }] of CONVERSATIONS.entries()) {
      for (const { name, instead, holds } of cases) {
        const body = (/** @type {string} */ plugin) => async () => {
          // Both hosts start at the same time. A failure of one is reported by its own tests.
          for (const each of plugins) {
            const leaving = left.get(each) ?? leave(each)
            leaving.catch(() => {})
            left.set(each, leaving)
          }
          const { root, ids } = (await left.get(plugin) ?? [])[index]
          await holds(await world(plugin), root, ids)
        }
        if (instead && plugins.includes(ALONE)) shown(`A session after ${how} is reached by ${name}`, body(WITH_US), body(ALONE), instead)
        else it(`A session after ${how} is reached by ${name}`, body(WITH_US))
      }
    }
  })
}
