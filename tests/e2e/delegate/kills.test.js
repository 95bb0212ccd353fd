// kill -9 at random moments, in the real OpenCode: the child can still be resumed by name.

import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"
import { script } from "../../host/model.js"
import { OPENCODE2, boot, task } from "../fixture.js"

/** @type {Awaited<ReturnType<typeof boot>>} */
let world
const ends = /** @type {(() => Promise<void>)[]} */ ([])
before(async () => {
  world = await boot({ after: (/** @type {() => Promise<void>} */ end) => void ends.push(end) }, { own: true })
  // The first turn of a server is slow.
  await world.say(await world.host.session())
})
after(() => Promise.all(ends.map((end) => end())))

/** The ages of the tasks at each death. Every second task runs in the background. */
const DEATHS = [[30, 210, 390, 570], [90, 270, 450], [150, 330, 510]]

const words = (/** @type {number} */ ms) => `Count the doors of house ${ms}.`
const inBackground = (/** @type {number} */ ms) => (ms / 30) % 4 === 3

/** Begins a task of each age, kills their server, and returns the roots. @param {number[]} ages */
async function die(ages) {
  const { host } = world
  const oldest = Math.max(...ages)
  const tasks = await Promise.all(ages.map(async (ms) => ({ ms, root: await host.session() })))
  const asked = tasks.map(async ({ ms, root }) => {
    const first = task("explorer", "Count", `${words(ms)}${script({ hang: 150 }, { say: "There are nine." })}`, "doors")
    await sleep(oldest - ms)
    await host.prompt(root, script({ task: { ...first.task, background: inBackground(ms) } })).catch(() => {})
  })
  await sleep(oldest)
  await host.kill()
  await Promise.all(asked)
  await host.restart()
  return new Map(tasks.map(({ ms, root }) => [ms, root]))
}

describe("kill -9", () => {
  for (const ages of DEATHS) {
    /** @type {ReturnType<typeof die> | undefined} */
    let died
    for (const ms of ages) {
      const background = inBackground(ms)
      it(`${ms} ms of a ${background ? "background" : "foreground"} task leaves one child, prompted once, with at most one delivery`, async () => {
        const root = (await (died ??= die(ages))).get(ms) ?? ""
        const { host, say, model, asked, told, running } = world
        // OpenCode 2 may have created a child in the moment before the plugin heard of it: that one stays empty.
        const known = async (/** @type {{ id: string }} */ { id }) => Boolean((await host.record(id)) ?? (await asked(id)).length)
        const kept = async () => {
          const children = await host.children(root)
          const are = await Promise.all(children.map(known))
          return children.filter((_, index) => are[index])
        }
        const made = (await kept()).length
        model.clear()
        const result = await say(root, task("explorer", "Go on", [{ say: "here again" }], "doors"))
        assert.match(result, /state="completed"[^]*here again/)
        const children = await kept()
        assert.equal(children.length, 1)
        const last = model.requests.filter(({ kind, sessionID }) => kind === "chat" && sessionID === children[0].id).at(-1)
        // A child that was never created has no prompt.
        const times = JSON.stringify(last?.body.messages).split(words(ms)).length - 1
        // OpenCode 2 may have kept a prompt too, where no plugin sees it: then both copies arrive.
        assert.ok(times === made || (OPENCODE2 && made && times === 2), `${times} prompts in ${made} child`)
        const delivered = (await told(root)).filter((text) => text.includes("Background task bg_"))
        assert.ok(delivered.length <= Number(background), `delivered ${delivered.length} times`)
        assert.deepEqual(await running(), {})
      })
    }
  }
})
