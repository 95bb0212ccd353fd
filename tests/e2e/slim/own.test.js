// Slim's own tools and aliases work with named sessions, and also take their names.

import assert from "node:assert/strict"
import { describe } from "node:test"
import { script } from "../../host/model.js"
import { idIn, task } from "../fixture.js"
import { SPECIALISTS, hosts, isResultOf, later, recall, secret, use } from "./world.js"

const { test, shown } = hosts()

/** @typedef {import("./world.js").World} World */

const NAME = "the-one"

/** A child's steps that last long enough for slim to notice their start. @param {string} word */
const slowly = (word) => [{ hang: 300, say: `SECRET=${word}` }]

/** A child's steps that wait until the test opens the gate. @param {string} gate @param {string} word */
const held = (gate, word) => [{ gate, say: `SECRET=${word}` }]

/**
 * The origin of an idle session that has said the secret "fig", and the result that slim shows.
 * @type {{ which: string, ends?: number, result?: RegExp, begin: (world: World, root: string) => Promise<void> }[]}
 */
const FINISHED = [
  {
    which: "that was started",
    async begin({ say }, root) {
      await say(root, task("explorer", "Look", slowly("fig"), NAME))
    },
  },
  {
    which: "that was resumed",
    // Slim takes the end of a resumed foreground task for its start, and never finds the answer.
    result: /^state: running \(unconfirmed\)$/m,
    async begin({ say, settle }, root) {
      await say(root, task("explorer", "Look", slowly("fig"), NAME))
      await settle(root)
      await say(root, task("explorer", "Look again", slowly("fig"), NAME))
    },
  },
  {
    which: "that was started in the background",
    ends: 1,
    async begin({ say, hears }, root) {
      await say(root, later("explorer", "Look", slowly("fig"), NAME))
      await hears(root, 1)
    },
  },
  {
    which: "that was resumed in the background",
    ends: 1,
    async begin({ say, hears, settle }, root) {
      await say(root, task("explorer", "Look", slowly("fig"), NAME))
      await settle(root)
      await say(root, later("explorer", "Look again", slowly("fig"), NAME))
      await hears(root, 1)
    },
  },
]

/** The origin of a session that runs in the background until its root's gate is opened. @type {Record<string, (world: World, root: string) => Promise<void>>} */
const RUNNING = {
  "that was started": async ({ model, say }, root) => {
    await say(root, later("explorer", "Look", held(root, "fig"), NAME))
    await model.reached(root)
  },
  "that was resumed": async ({ model, say, settle }, root) => {
    await say(root, task("explorer", "Look", secret("fig"), NAME))
    await settle(root)
    await say(root, later("explorer", "Look again", held(root, "fig"), NAME))
    await model.reached(root)
  },
}

/** Slim's state of a session that it has cancelled, or whose turn ended a moment earlier. */
const ENDED = "state: (cancelled|error)\n"

/** Slim's own answer to a name. */
const unknown = /Unknown task ID or alias: the-one|unknown or unowned background task/

describe("An idle session, by its name and by its alias", () => {
  for (const { which, ends = 0, result = /^SECRET=fig$/m, begin } of FINISHED) {
    shown(`Slim shows, protects and revives an idle session ${which}`, async (world) => {
      const { host, model, retried, settle, hears, children } = world
      const root = await host.session()
      await begin(world, root)
      await settle(root)
      const [{ id }] = await children(root)
      for (const task_id of [NAME, "exp-1"]) {
        const asked = await retried(
          root,
          result,
          use("task_status", { task_id }),
          use("task_result", { task_id }),
          use("task_message", { task_id, message: "Hurry." }),
          use("task_cancel", { task_id }),
        )
        assert.match(asked, new RegExp(`^Task exp-1 \\(${id}\\)\nstate: (reconciled|completed)`))
        assert.match(asked, result)
        assert.match(asked, /^Task \S+ is terminal \(completed\)/m)
        assert.match(asked, /task is (reconciled|completed), not running/)
      }
      // If the task ended within the turn that revived it, that turn would end with another answer.
      const revived = await retried(root, /\nstatus: started/, use("task_revive", { task_id: NAME, prompt: script({ gate: root, ...recall[0] }) }))
      model.open(root)
      assert.match(revived, new RegExp(`^task_id: ${id}\ngeneration: .*\nstate: .*\nstatus: started`))
      const heard = await hears(root, ends + 1)
      assert.match(heard.at(-1) ?? "", new RegExp(`^${isResultOf(id, "completed")}[^]*recalled fig`))
      assert.equal((await children(root)).length, 1)
    }, unknown)
  }
})

describe("A running session, by its name and by its alias", () => {
  for (const [which, begin] of Object.entries(RUNNING)) {
    shown(`Slim shows a running session ${which}, passes on messages, and delivers its end`, async (world) => {
      const { host, model, say, settle, hears, children } = world
      const root = await host.session()
      await begin(world, root)
      const [{ id }] = await children(root)
      for (const task_id of [NAME, "exp-1"]) {
        const asked = await say(
          root,
          use("task_status", { task_id }),
          use("task_result", { task_id }),
          use("task_message", { task_id, message: `Hurry, ${task_id}.` }),
        )
        assert.match(asked, new RegExp(`^Task exp-1 \\(${id}\\)\nstate: (busy|running)`))
        assert.match(asked, new RegExp(`\ntask_id: ${id}\nstate: running`))
        assert.match(asked, new RegExp(`\nMessage queued for exp-1 \\(${id}\\)`))
      }
      model.open(root)
      await hears(root, 1)
      assert.match(JSON.stringify(await host.messages(id)), /"Hurry, the-one\."[^]*"Hurry, exp-1\."/)
      await settle(root)
      assert.match(await say(root, task("explorer", "Go on", recall, NAME)), /recalled fig/)
      assert.equal((await children(root)).length, 1)
    }, unknown)

    shown(`Slim cancels a running session ${which}, and its name resumes it`, async (world) => {
      const { host, say, retried, settle, children } = world
      const root = await host.session()
      await begin(world, root)
      const [{ id }] = await children(root)
      const asked = await retried(root, new RegExp(ENDED), use("task_cancel", { task_id: NAME, reason: "not needed" }))
      assert.match(asked, new RegExp(`^task_id: ${id}\n${ENDED}`))
      await settle(root)
      assert.equal(idIn(await say(root, task("explorer", "Go on", recall, NAME))), id)
      assert.equal((await children(root)).length, 1)
    }, unknown)
  }

  test("Slim cancels a session by its alias that was started by its name", async (world) => {
    const root = await world.host.session()
    await RUNNING["that was started"](world, root)
    assert.match(await world.retried(root, new RegExp(ENDED), use("task_cancel", { task_id: "exp-1" })), new RegExp(`^task_id: \\S+\n${ENDED}`))
  })
})

describe("An alias", () => {
  test("An alias stands on the board, and resumes its session", async ({ host, say, settle, board, children }) => {
    const root = await host.session()
    const all = Object.entries(SPECIALISTS)
    await say(root, ...all.map(([agent]) => task(agent, `Work of ${agent}`, secret(agent), `the-${agent}`)))
    await settle(root)
    const ids = (await children(root)).map(({ id }) => id)
    for (const [index, [agent, prefix]] of all.entries()) {
      assert.ok(board(root).includes(`- ${prefix}-1 / ${ids[index]} / ${agent} / completed, reconciled\n  Objective: Work of ${agent}\n`), board(root))
    }
    const again = await say(root, ...all.map(([agent, prefix]) => task(agent, `More of ${agent}`, recall, `${prefix}-1`)))
    for (const [agent] of all) assert.match(again, new RegExp(`recalled ${agent}\n`))
    assert.equal((await children(root)).length, all.length)
  })

  // Slim keeps two idle sessions of each specialist.
  shown("An alias that has left the board still resumes its session", async ({ host, say, settle, board, children }) => {
    const root = await host.session()
    await say(root, task("explorer", "One", secret("fig")))
    await settle(root)
    await say(root, task("explorer", "Two", secret("date")), task("explorer", "Three", secret("plum")))
    await settle(root)
    assert.doesNotMatch(board(root), /exp-1/)
    assert.match(await say(root, task("explorer", "One again", recall, "exp-1")), /recalled fig/)
    assert.equal((await children(root)).length, 3)
  }, /recalled \(nothing\)/)
})

describe("A session that waits for its user", () => {
  test("A waiting session is asked to end its turn", async ({ host, say }) => {
    const root = await host.session()
    await say(root, task("explorer", "Look", secret("fig"), NAME))
    assert.match(await say(root, use("wait_for_user", { reason: "to log in" })), /^state: waiting_for_user\n[^]*reason: to log in/)
  })

  test("A waiting session is asked to wait for its running task", async (world) => {
    const root = await world.host.session()
    await RUNNING["that was resumed"](world, root)
    assert.match(await world.say(root, use("wait_for_user", { reason: "to log in" })), /^state: waiting_for_user_skipped\n/)
    world.model.open(root)
    await world.hears(root, 1)
  })
})
