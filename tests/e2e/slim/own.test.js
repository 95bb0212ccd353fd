// What slim has of its own works on, on sessions that were named, and takes their names too.

import assert from "node:assert/strict"
import { describe } from "node:test"
import { script } from "../../host/model.js"
import { idIn, task } from "../fixture.js"
import { SPECIALISTS, hosts, later, recall, secret, use } from "./world.js"

const { test, shown } = hosts()

/** @typedef {import("./world.js").World} World */

const NAME = "the-one"

/** What a child does that takes long enough for slim to note when it began. @param {string} word */
const slowly = (word) => [{ hang: 300, say: `SECRET=${word}` }]

/** What a child does until the test lets it go on. @param {string} gate @param {string} word */
const held = (gate, word) => [{ gate, say: `SECRET=${word}` }]

/**
 * How a session comes to be, which says the secret "fig" and is at rest then; and what slim tells as its result.
 * @type {{ which: string, ends?: number, result?: string, begin: (world: World, root: string) => Promise<void> }[]}
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
    // Slim takes what is resumed and waited for to have begun when it ended, and never finds the answer.
    result: "state: running (unconfirmed)",
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

/** How a session comes to be at work in the background, until its root's gate is opened. @type {Record<string, (world: World, root: string) => Promise<void>>} */
const RUNNING = {
  "that was started": async ({ say }, root) => {
    await say(root, later("explorer", "Look", held(root, "fig"), NAME))
  },
  "that was resumed": async ({ say, settle }, root) => {
    await say(root, task("explorer", "Look", secret("fig"), NAME))
    await settle(root)
    await say(root, later("explorer", "Look again", held(root, "fig"), NAME))
  },
}

/** What slim says when it has cancelled a session, or has seen its turn break off a moment earlier. */
const ENDED = "state: (cancelled|error)\n"

/** What slim alone does with a name. */
const unknown = /Unknown task ID or alias: the-one|unknown or unowned background task/

describe("of a session at rest, by its name and by its alias,", () => {
  for (const { which, ends = 0, result = "SECRET=fig", begin } of FINISHED) {
    shown(`${which}, slim tells the state and the result, refuses what is for one at work, and revives it`, async (world) => {
      const { host, say, settle, hears, children } = world
      const root = await host.session()
      await begin(world, root)
      await settle(root)
      const [{ id }] = await children(root)
      for (const task_id of [NAME, "exp-1"]) {
        const asked = await say(
          root,
          use("task_status", { task_id }),
          use("task_result", { task_id }),
          use("task_message", { task_id, message: "Hurry." }),
          use("task_cancel", { task_id }),
        )
        assert.match(asked, new RegExp(`^Task exp-1 \\(${id}\\)\nstate: (reconciled|completed)`))
        assert.ok(asked.split("\n").includes(result), asked)
        assert.match(asked, /^Task \S+ is terminal \(completed\)/m)
        assert.match(asked, /task is (reconciled|completed), not running/)
      }
      const revived = await say(root, use("task_revive", { task_id: NAME, prompt: script(...recall) }))
      assert.match(revived, new RegExp(`^task_id: ${id}\ngeneration: .*\nstate: .*\nstatus: started`))
      const told = await hears(root, ends + 1)
      assert.match(told.at(-1) ?? "", new RegExp(`^<task id="${id}" state="completed">[^]*recalled fig`))
      assert.equal((await children(root)).length, 1)
    }, unknown)
  }
})

describe("of a session at work, by its name and by its alias,", () => {
  for (const [which, begin] of Object.entries(RUNNING)) {
    shown(`${which}, slim tells the state, passes on messages, and tells the end`, async (world) => {
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

    shown(`${which}, slim cancels it, and it can be resumed`, async (world) => {
      const { host, say, settle, children } = world
      const root = await host.session()
      await begin(world, root)
      const [{ id }] = await children(root)
      const asked = await say(root, use("task_cancel", { task_id: NAME, reason: "not needed" }))
      assert.match(asked, new RegExp(`^task_id: ${id}\n${ENDED}`))
      await settle(root)
      assert.equal(idIn(await say(root, task("explorer", "Go on", recall, NAME))), id)
      assert.equal((await children(root)).length, 1)
    }, unknown)
  }

  test("started by its name, slim cancels it by its alias", async (world) => {
    const root = await world.host.session()
    await RUNNING["that was started"](world, root)
    assert.match(await world.say(root, use("task_cancel", { task_id: "exp-1" })), new RegExp(`^task_id: \\S+\n${ENDED}`))
  })
})

describe("an alias", () => {
  test("stands on the board, and resumes its session", async ({ host, say, settle, board, children }) => {
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

  // Of each specialist slim keeps two sessions that are at rest.
  shown("that has left the board still resumes its session", async ({ host, say, settle, board, children }) => {
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

describe("a session that waits for its user", () => {
  test("is asked to end its turn", async ({ host, say }) => {
    const root = await host.session()
    await say(root, task("explorer", "Look", secret("fig"), NAME))
    assert.match(await say(root, use("wait_for_user", { reason: "to log in" })), /^state: waiting_for_user\n[^]*reason: to log in/)
  })

  test("is asked to wait for its tasks while one runs", async (world) => {
    const root = await world.host.session()
    await RUNNING["that was resumed"](world, root)
    assert.match(await world.say(root, use("wait_for_user", { reason: "to log in" })), /^state: waiting_for_user_skipped\n/)
    world.model.open(root)
    await world.hears(root, 1)
  })
})
