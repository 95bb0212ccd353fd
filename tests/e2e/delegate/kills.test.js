// kill -9 at random moments, in the real OpenCode: the child can still be resumed by name.

import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"
import { script } from "../../host/model.js"
import { boot, task } from "../fixture.js"

/** @type {Awaited<ReturnType<typeof boot>>} */
let world
const ends = /** @type {(() => Promise<void>)[]} */ ([])
before(async () => void (world = await boot({ after: (/** @type {() => Promise<void>} */ end) => void ends.push(end) }, { own: true })))
after(() => Promise.all(ends.map((end) => end())))

describe("kill -9", () => {
  for (const [place, ms] of [30, 90, 150, 210, 270, 330, 390, 450, 510, 570].entries()) {
    const background = place % 2 === 1
    it(`${ms} ms of a ${background ? "background" : "foreground"} task leaves one child, prompted once, with at most one delivery`, async () => {
      const { host, say, model } = world
      const root = await host.session()
      const words = `Count the doors of house ${place}.`
      const first = task("explorer", "Count", `${words}${script({ hang: 150 }, { say: "There are nine." })}`, "doors")
      const asked = host.prompt(root, script({ task: { ...first.task, background } })).catch(() => {})
      await sleep(ms)
      await host.kill()
      await asked
      await host.restart()
      const made = (await host.children(root)).length
      model.clear()
      const result = await say(root, task("explorer", "Go on", [{ say: "here again" }], "doors"))
      assert.match(result, /state="completed"[^]*here again/)
      const children = await host.children(root)
      assert.equal(children.length, 1)
      const last = model.requests.filter(({ kind, sessionID }) => kind === "chat" && sessionID === children[0].id).at(-1)
      // A child that was never created has no prompt.
      assert.equal(JSON.stringify(last?.body.messages).split(words).length - 1, made)
      const delivered = (await host.messages(root)).flatMap(({ parts }) => parts).filter(({ synthetic, text }) => synthetic && text.includes("Background task bg_"))
      assert.ok(delivered.length <= Number(background), `delivered ${delivered.length} times`)
      assert.deepEqual(await host.api("GET", "/session/status"), {})
    })
  }
})
