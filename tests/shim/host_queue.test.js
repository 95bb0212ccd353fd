// The calls of OpenCode's own task tool that wait for their session, as the engine has them wait. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import "../../js/engine.js"
import { HostQueue } from "../../js/core/host_queue.js"

const REQUEST = /** @type {any} */ ({ sessionID: "ses_root", messageID: "msg_1", callID: "c1" })
const CALL = { sessionID: "ses_a", callerID: "ses_root", messageID: "msg_1", callID: "c1" }
const OTHER = /** @type {any} */ ({ ...REQUEST, callID: "c2" })
const turn = () => new Promise((resolve) => setImmediate(resolve))

/** @typedef {{ type: string, behind?: number, [field: string]: unknown }} Said */

/**
 * A queue whose engine and whose pauses the test controls.
 * @param {(world: ReturnType<typeof make>) => Promise<void>} test
 * @param {(event: any, nth: number) => (Said | undefined)[]} [answer] the engine's answer to a call; a hold if left out
 */
async function queueing(test, answer = () => [{ ...CALL, type: "hold", behind: 1 }]) {
  const { setTimeout } = globalThis
  const pauses = /** @type {(() => void)[]} */ ([])
  Object.assign(globalThis, { setTimeout: (/** @type {() => void} */ work) => void pauses.push(work) })
  try {
    await test(make(answer, () => pauses.splice(0).forEach((end) => end())))
  } finally {
    Object.assign(globalThis, { setTimeout })
  }
}

/** @param {(event: any, nth: number) => (Said | undefined)[]} answer @param {() => void} poll ends the present pauses */
function make(answer, poll) {
  const events = /** @type {any[]} */ ([])
  const state = { known: true, process: "one", loads: /** @type {string[]} */ ([]), looks: 0, status: /** @type {() => any} */ (() => ({})) }
  const asks = () => events.filter(({ type }) => type === "call.queued")
  const sync = {
    closed: false,
    get process() { return state.process },
    session: (/** @type {string} */ id) => (state.known ? { id } : undefined),
    load: async (/** @type {string} */ id) => void state.loads.push(id),
    apply: (/** @type {any} */ event) => {
      events.push(event)
      const effects = event.type === "call.queued" ? answer(event, asks().length).filter(Boolean) : []
      // As in the plugin, the effects are carried out before their cause returns.
      for (const effect of effects) queue.perform(/** @type {any} */ (effect))
      return effects
    },
  }
  const host = { status: async () => (state.looks++, state.status()) }
  const queue = new HostQueue(/** @type {any} */ (host), /** @type {any} */ (sync))
  /** Whether a call may prompt by now. @param {Promise<unknown>} waiting */
  const isThrough = async (waiting) => {
    let through = false
    waiting.then(() => (through = true), () => {})
    for (let time = 0; time < 5; time++) await turn()
    return through
  }
  const wait = (request = REQUEST, signal = new AbortController().signal) => queue.wait(queue.add(request, "ses_a", true), signal)
  return { queue, events, state, asks, isThrough, wait, poll, close: () => (sync.closed = true), perform: (/** @type {Said} */ effect) => queue.perform(/** @type {any} */ (effect)) }
}

describe("A call that waits", () => {
  it("A call that waits fails if the plugin is unloaded, and prompts nothing", () => queueing(async ({ wait, poll, close, asks }) => {
    const waiting = wait()
    await turn()
    close()
    poll()
    await assert.rejects(waiting, /OpenCode reloaded this plugin during the call/)
    assert.equal(asks().length, 1)
  }))

  it("The engine gets the call with its session", () => queueing(async ({ isThrough, wait, asks }) => {
    await isThrough(wait())
    const [{ now: _, ...event }, ...more] = asks()
    assert.deepEqual([event, more], [{ ...CALL, type: "call.queued", joins: true, runs: false }, []])
  }))

  it("A call proceeds at once if the engine lets it", () => queueing(async ({ isThrough, wait, asks }) => {
    assert.equal(await isThrough(wait()), true)
    assert.equal(asks().length, 1)
  }, () => [{ ...CALL, type: "proceed" }]))

  it("A call knows whether the engine held it back", async () => {
    for (const holds of [0, 1, 2]) {
      await queueing(async ({ isThrough, wait, poll }) => {
        const waiting = wait()
        for (let time = 0; time < holds; time++) {
          assert.equal(await isThrough(waiting), false)
          poll()
        }
        assert.equal(await waiting, holds > 0)
      }, (_, nth) => [{ ...CALL, type: nth > holds ? "proceed" : "hold", behind: 1 }])
    }
  })

  it("A call proceeds if the engine does not know its session", () => queueing(async ({ isThrough, wait, asks }) => {
    assert.equal(await isThrough(wait()), true)
    assert.equal(asks().length, 2)
  }, () => []))

  it("A call waits if the engine answers at the second time, after a trap", () => queueing(async ({ isThrough, wait }) => {
    assert.equal(await isThrough(wait()), false)
  }, (_, nth) => [nth === 1 ? undefined : { ...CALL, type: "hold", behind: 1 }]))

  it("A call proceeds at the engine's word, without another question", () => queueing(async ({ isThrough, wait, asks, perform }) => {
    const waiting = wait()
    assert.equal(await isThrough(waiting), false)
    perform({ ...CALL, type: "proceed" })
    assert.equal(await isThrough(waiting), true)
    assert.equal(asks().length, 1)
  }))

  it("A call asks again when the engine holds it again, and after a pause", () => queueing(async ({ isThrough, wait, asks, perform, poll }) => {
    const waiting = wait()
    for (const again of [() => {}, () => perform({ ...CALL, type: "hold", behind: 0 }), poll]) {
      again()
      assert.equal(await isThrough(waiting), false)
    }
    assert.equal(asks().length, 3)
  }))

  const AMISS = [{ type: "wait" }, { callerID: "ses_b" }, { messageID: "msg_2" }, { callID: "c2" }, { sessionID: "ses_b" }]
  for (const fields of AMISS) {
    it(`An effect with ${JSON.stringify(fields)} neither wakes a call nor answers it`, () => queueing(async ({ isThrough, wait, asks, perform }) => {
      const waiting = wait()
      assert.equal(await isThrough(waiting), false)
      perform({ ...CALL, type: "proceed", ...fields })
      assert.equal(await isThrough(waiting), false)
      assert.equal(asks().length, 1)
    }, () => [{ ...CALL, type: "proceed", ...fields }, { ...CALL, type: "hold", behind: 1 }]))
  }

  it("A call that proceeds leaves no listener at its signal", () => queueing(async ({ isThrough, wait, perform, poll }) => {
    const listeners = new Map()
    const signal = /** @type {any} */ ({
      throwIfAborted() {}, addEventListener: (/** @type {string} */ type, /** @type {any} */ listener) => listeners.set(listener, type),
      removeEventListener: (/** @type {string} */ type, /** @type {any} */ listener) => listeners.get(listener) === type && listeners.delete(listener),
    })
    const waiting = wait(REQUEST, signal)
    await isThrough(waiting)
    assert.equal(listeners.size, 1)
    poll()
    await isThrough(waiting)
    assert.equal(listeners.size, 1)
    perform({ ...CALL, type: "proceed" })
    assert.equal(await isThrough(waiting), true)
    assert.equal(listeners.size, 0)
  }))

  it("A call fails with its abort, before it asks and while it waits", () => queueing(async ({ isThrough, wait, asks }) => {
    const abort = new AbortController()
    const waiting = wait(REQUEST, abort.signal)
    await isThrough(waiting)
    abort.abort(new Error("The call is over."))
    await assert.rejects(waiting, /The call is over/)
    await assert.rejects(wait(OTHER, abort.signal), /The call is over/)
    assert.equal(asks().length, 1)
  }))
})

describe("A session that seems busy", () => {
  /** OpenCode's answer, the number of calls before this one, and whether the engine hears that the session is idle. @type {[string, () => any, number, boolean][]} */
  const CASES = [
    ["An idle session is reported as idle", () => ({ ses_b: { type: "busy" } }), 0, true],
    ["A session of which OpenCode says that it is idle is reported as idle", () => ({ ses_a: { type: "idle" } }), 0, true],
    ["A busy session is not reported", () => ({ ses_a: { type: "busy" } }), 0, false],
    ["A session is not reported if OpenCode does not answer", () => { throw new Error("No.") }, 0, false],
    ["A session is not looked at while another call is first", () => ({}), 1, false],
  ]
  for (const [what, status, behind, reported] of CASES) {
    it(what, () => queueing(async ({ isThrough, wait, events, state }) => {
      state.status = status
      assert.equal(await isThrough(wait()), false)
      const reports = events.filter(({ type }) => type === "session.status").map(({ now: _, ...event }) => event)
      assert.deepEqual(reports, reported ? [{ type: "session.status", sessionID: "ses_a", status: "idle" }] : [])
      assert.equal(state.looks, behind ? 0 : 1)
    }, () => [{ ...CALL, type: "hold", behind }]))
  }
})

describe("A call that prompts its session", () => {
  it("The engine gets a call with a new session as running", () => queueing(async ({ queue, asks }) => {
    queue.addRunning(REQUEST, "ses_a")
    assert.deepEqual(asks().map(({ joins, runs }) => [joins, runs]), [[false, true]])
  }))

  it("The engine gets the end of the call", () => queueing(async ({ queue, events }) => {
    queue.remove(queue.addRunning(REQUEST, "ses_a"))
    const { now: _, ...event } = events.at(-1)
    assert.deepEqual(event, { ...CALL, type: "call.ended" })
  }))

  for (const known of [false, true]) it(`A new engine that ${known ? "knows" : "does not know"} a session gets its running calls before one that waits, and no other call`, () => queueing(async ({ queue, state, asks, isThrough, wait }) => {
    assert.equal(await isThrough(wait({ ...REQUEST, callID: "ran" })), true)
    queue.addRunning({ ...REQUEST, callID: "elsewhere" }, "ses_b")
    queue.remove(queue.addRunning({ ...REQUEST, callID: "ended" }, "ses_a"))
    queue.add({ ...REQUEST, callID: "waits" }, "ses_a", true)
    const before = asks().length
    Object.assign(state, { known, process: "two" })
    await isThrough(wait(OTHER))
    assert.deepEqual(state.loads, known ? [] : ["ses_a"])
    assert.deepEqual(asks().slice(before).map(({ callID, runs }) => [callID, runs]), [["ran", true], ["c2", false]])
  }, ({ callID }) => [{ ...CALL, callID, type: callID === "c2" ? "hold" : "proceed", behind: 1 }]))

  it("An engine that did not know the session of a running call gets that call again, before one that waits", () => queueing(async ({ queue, asks, isThrough, wait }) => {
    queue.addRunning(REQUEST, "ses_a")
    assert.equal(await isThrough(wait(OTHER)), false)
    assert.deepEqual(asks().map(({ callID, runs }) => [callID, runs]), [["c1", true], ["c1", true], ["c2", false]])
    // The engine has taken it in by now.
    await isThrough(wait({ ...REQUEST, callID: "c3" }))
    assert.deepEqual(asks().slice(3).map(({ callID }) => callID), ["c3"])
  }, ({ callID }, nth) => [nth === 1 ? undefined : { ...CALL, callID, type: callID === "c1" ? "proceed" : "hold", behind: 1 }]))

  it("A call proceeds if its session cannot be loaded", () => queueing(async ({ queue, state, isThrough }) => {
    state.known = false
    state.loads.push = () => { throw new Error("No.") }
    assert.equal(await isThrough(queue.wait(queue.add(REQUEST, "ses_a", true), new AbortController().signal)), true)
  }, () => []))
})
