// The looks for the end of the turn that makes a call, while OpenCode does not answer. Runs under Node and Bun.

import assert from "node:assert/strict"
import { it } from "node:test"
import { isTurnOver } from "../../js/opencode1/execute/turn_end.js"

const PAUSE = 250
const settle = async () => { for (let time = 0; time < 5; time++) await new Promise((resolve) => setImmediate(resolve)) }

for (const messageID of [undefined, "msg_1"]) {
  it(`OpenCode is asked for the ${messageID ? "message" : "status"} four times at most, with a pause after each`, async () => {
    const { setTimeout } = globalThis
    const pauses = /** @type {(() => void)[]} */ ([])
    const paused = (/** @type {() => void} */ work, /** @type {number} */ ms) => (ms === PAUSE ? (pauses.push(work), { unref() {} }) : setTimeout(work, ms))
    Object.assign(globalThis, { setTimeout: paused })
    try {
      let looks = 0
      const look = async () => { looks++; throw new Error("No.") }
      let over = /** @type {boolean | undefined} */ (undefined)
      isTurnOver(/** @type {any} */ ({ status: look, message: look }), /** @type {any} */ ({ sessionID: "ses_root", messageID })).then((is) => (over = is))
      for (const [seen, is] of [[1, undefined], [2, undefined], [3, undefined], [4, undefined], [4, false]]) {
        await settle()
        assert.deepEqual([looks, over], [seen, is])
        for (const end of pauses.splice(0)) end()
      }
    } finally {
      Object.assign(globalThis, { setTimeout })
    }
  })
}

it("OpenCode is asked once for a message that names no times, and its turn goes on", async () => {
  let looks = 0
  const message = async () => (looks++, { info: { id: "msg_1" }, parts: [] })
  assert.equal(await isTurnOver(/** @type {any} */ ({ message }), /** @type {any} */ ({ sessionID: "ses_root", messageID: "msg_1" })), false)
  assert.equal(looks, 1)
})
