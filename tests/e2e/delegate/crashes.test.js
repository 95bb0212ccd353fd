// A child's first prompt after its process is killed, in the real OpenCode: the resumed session has the prompt once.

import assert from "node:assert/strict"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { describe, it } from "node:test"
import { OURS, task } from "../fixture.js"
import { FIRST, LIMIT, NEXT, SABOTEUR, SLUG, prompt, scene, settle } from "./ending.js"
import { later, until } from "./world.js"

const world = settle({ own: true, plugin: [SABOTEUR, OURS] })

const resent = /\nIts earlier prompt never reached the session, so it was sent with this one\./
const goneOn = /\(resumed: /

/**
 * The moment of the process's death, and its word; the child's messages at that time; and the result of the resuming call.
 * @type {{ when: string, word: string, background?: true, stored: number, says: RegExp }[]}
 */
const ROWS = [
  { when: "the child is created", word: "DIE-CREATED", stored: 0, says: resent },
  { when: "its prompt is on the way", word: "DIE-SENT", stored: 0, says: resent },
  { when: "its prompt is on the way, in the background", word: "DIE-SENT-TOO", background: true, stored: 0, says: resent },
  { when: "its message is stored", word: "DIE-STORED", stored: 1, says: goneOn },
  { when: "the model is asked", word: "GO", stored: 2, says: goneOn },
  { when: "the model is asked, in the background", word: "GO", background: true, stored: 2, says: goneOn },
]

describe("A first prompt", () => {
  for (const { when, word, background, stored, says } of ROWS) {
    it(`A first prompt outlives kill -9 if ${when}`, LIMIT, async () => {
      const { host, model, say } = world
      const at = scene(world, await host.session())
      const call = background ? later : task
      const said = say(at.root, call("explorer", `${word} explore`, prompt(`${word} ${FIRST}`, { gate: at.root, say: "never" }), SLUG)).catch(() => {})
      if (word === "GO") {
        await model.reached(at.root)
        await host.kill()
      } else {
        await until(async () => existsSync(join(host.directory, `${word}.died`)), "the end of the process")
      }
      await said
      await host.restart()
      assert.equal((await host.messages(await at.child())).length, stored, "messages of the child")
      await at.resume()
      await at.ends({ says, arrived: { [FIRST]: 1, [NEXT]: 1 } })
    })
  }
})
