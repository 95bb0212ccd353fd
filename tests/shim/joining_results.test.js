// Results that join a user's message, while its hook still waits for others. Runs under Node and Bun.

import assert from "node:assert/strict"
import { it } from "node:test"
import "../../js/engine.js"
import { ResultDelivery } from "../../js/opencode1/execute/result_delivery.js"

const SEED = "0123456789abcd"
/** @param {string} sessionID @param {object} to @returns {any} */
const ending = (sessionID, to) =>
  ({ type: "deliver", sessionID, prompt_no: 1, state: "idle", notices: [], to: { taskID: "bg_1", callerID: "ses_caller", messageID: "msg_1", partID: `prt_1${SEED}`, lost: false, ...to } })

it("A result is not sent by itself while the hook of its message waits for another result", async () => {
  const prompted = /** @type {any[]} */ ([])
  const timers = /** @type {(() => void)[]} */ ([])
  let store = (/** @type {boolean} */ _) => {}
  const slow = new Promise((resolve) => (store = resolve))
  const sync = { whenStored: (/** @type {string} */ id) => (id === "ses_slow" ? slow : Promise.resolve(true)), session: () => undefined, nameFor: (/** @type {string} */ id) => id, hasChild: () => true, apply: () => {} }
  const host = { session: async () => ({ id: "ses_caller" }), messages: async () => [], promptAsync: async (/** @type {any} */ _, /** @type {any} */ body) => prompted.push(body) }
  const delivery = new ResultDelivery(/** @type {any} */ (host), /** @type {any} */ (sync), () => {})
  const real = globalThis.setTimeout
  globalThis.setTimeout = /** @type {any} */ ((/** @type {() => void} */ end) => (timers.push(end), { unref() {} }))
  const elapse = () => timers.splice(0).forEach((end) => end())
  try {
    const hook = delivery.partsFor("ses_caller", "msg_1", false)
    const first = delivery.deliver(ending("ses_quick", { joins: true }), { text: "One." })
    void delivery.deliver(ending("ses_slow", { joins: true }), { text: "Two." })
    await first
    elapse()
    const again = () => delivery.deliver(ending("ses_quick", { messageID: "msg_2", joins: false, unless: ["msg_1"] }), { text: "One." })
    await again()
    assert.deepEqual(prompted, [])
    store(true)
    assert.equal((await hook).length, 2)
    await again()
    assert.deepEqual(prompted, [])
    // The message never comes.
    elapse()
    await again()
    assert.deepEqual(prompted.map(({ messageID }) => messageID), ["msg_2"])
  } finally {
    globalThis.setTimeout = real
  }
})
