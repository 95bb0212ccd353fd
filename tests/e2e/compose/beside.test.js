// A composed plugin beside another with the engine: one of them decides each call, and its result is named once.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"
import { MISSING, OPENCODE2, PLUGIN, idIn, task } from "../fixture.js"
import { hosts, recall, secret, use } from "./world.js"

const files = { ".opencode/dcp.jsonc": { autoUpdate: false, pruneNotification: "off" } }
const world = hosts({
  "another composed plugin": { plugin: ["./nicknamed.js", OPENCODE2 ? "./curious_composed.js" : "./dcp.js"], files },
  "this package's own": { plugin: [PLUGIN, "./nicknamed.js"] },
})

for (const what of /** @type {const} */ (["another composed plugin", "this package's own"])) {
  describe(`A composed plugin beside ${what}`, { skip: MISSING }, () => {
    it("A name is in one line of the result, and resumes its session", async () => {
      const { host, say } = await world(what)
      const root = await host.session()
      const first = await say(root, task("explorer", "Explore auth", secret("fig"), "login"))
      assert.match(first, /<\/(?:task|subagent)>\ntask_id: login \(spawned: [^\n]*\n*$/)
      const again = await say(root, task("explorer", "Go on", recall, "login"))
      assert.match(again, /recalled fig[^]*<\/(?:task|subagent)>\ntask_id: login \(resumed: [^\n]*\n*$/)
      assert.equal(idIn(again), idIn(first))
      assert.equal((await say(root, use("peek", { task_id: "login" }))).trim(), `peeked at ${idIn(first)}`)
    })

    it("A name resumes its session after a restart", async () => {
      const { host, say, record } = await world(what)
      const root = await host.session()
      const id = idIn(await say(root, task("explorer", "Explore auth", secret("fig"), "login")))
      // The first record is stored, and the other plugin stores its own within a second.
      await record(id)
      await sleep(1_500)
      await host.restart()
      const again = await say(root, task("explorer", "Go on", recall, "login"))
      assert.match(again, /recalled fig[^]*\ntask_id: login \(resumed: /)
      assert.equal(idIn(again), id)
    })
  })
}
