// The running tools of an attempt whose model is silent. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import "../../js/engine.js"
import { Attempt } from "../../js/opencode1/execute/attempt.js"

/** The longest silence, and the pause between two looks at the clock, in milliseconds. */
const [STALL, POLL] = [1_000, 250]
const STALLED = { kind: "stalled", after_ms: STALL }

/**
 * An attempt whose clock the test controls, and whose tool runs.
 * @param {() => any} read the state of the tool in the session's messages
 * @param {(world: { heard: any[], looks: () => number, ended: () => void, pass: (polls: number) => Promise<void> }) => Promise<void>} test
 */
async function watched(read, test) {
  const { setInterval, clearInterval } = globalThis
  const { now } = Date
  const heard = /** @type {any[]} */ ([])
  let [clock, count] = [0, 0]
  let tick = () => {}
  Date.now = () => clock
  Object.assign(globalThis, { setInterval: (/** @type {() => void} */ work) => { tick = work; return { unref() {} } }, clearInterval() {} })
  try {
    const host = /** @type {any} */ ({
      prompt: () => new Promise(() => {}),
      messages: async () => (count++, [{ info: { parentID: "msg_1" }, parts: [{ id: "prt_1", type: "tool", state: { status: await read() } }] }]),
    })
    const run = new Attempt(/** @type {any} */ ({ messageID: "msg_1", parts: [] }), { accepted() {}, failed: (failure) => heard.push(failure) })
    const shown = (/** @type {string} */ status) => run.handleEvent("message.part.updated", { part: { id: "prt_1", type: "tool", state: { status } } })
    void run.run(host, "ses_1", STALL)
    shown("running")
    const pass = async (/** @type {number} */ polls) => {
      for (let time = 0; time < polls; time++) {
        clock += POLL
        tick()
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
    await test({ heard, looks: () => count, ended: () => shown("completed"), pass })
  } finally {
    Date.now = now
    Object.assign(globalThis, { setInterval, clearInterval })
  }
}

describe("A silent attempt", () => {
  it("A tool that is found running gives the model the whole allowed silence again", async () => {
    let status = "running"
    await watched(() => status, async ({ heard, looks, pass }) => {
      await pass(4)
      status = "completed"
      await pass(3)
      assert.deepEqual([looks(), heard], [1, []])
      await pass(2)
      assert.deepEqual([looks(), heard], [2, [STALLED]])
    })
  })

  it("A tool that is found ended gives the model no more time", async () => {
    await watched(() => "completed", async ({ heard, pass }) => {
      await pass(5)
      assert.deepEqual(heard, [STALLED])
    })
  })

  it("A tool that was found running ends with its event, though its session is unreadable since", async () => {
    let reads = true
    const read = () => { if (reads) return "running"; throw new Error("No.") }
    await watched(read, async ({ heard, ended, pass }) => {
      await pass(4)
      reads = false
      ended()
      await pass(4)
      assert.deepEqual(heard, [STALLED])
    })
  })

  it("An OpenCode that has not answered is not asked again for the running tools", async () => {
    await watched(() => new Promise(() => {}), async ({ heard, looks, pass }) => {
      await pass(9)
      assert.deepEqual([looks(), heard], [1, []])
    })
  })
})
