// The timers that the engine asks for, and the questions for permission that it denies when their time has come. Runs under Node and
// Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { HostRefusal } from "../../js/core/host.js"
import { Timers } from "../../js/core/timers.js"
import { later } from "./opencode.js"
import { child, world } from "./syncing.js"

/** Waits until something holds, for two seconds at most. @param {() => boolean} holds */
async function until(holds) {
  for (let tries = 0; tries < 200 && !holds(); tries++) await later()
}

describe("A timer", () => {
  const soon = () => Date.now() + 20

  it("A timer rings once for its session, and at once if its time is over", async () => {
    const rung = /** @type {string[]} */ ([])
    const timers = new Timers((sessionID) => rung.push(sessionID))
    timers.set({ sessionID: "ses_a", at: soon() })
    timers.set({ sessionID: "ses_b", at: 0 })
    assert.deepEqual(rung, [])
    await until(() => rung.length > 1)
    await later(50)
    assert.deepEqual(rung, ["ses_b", "ses_a"])
  })

  /** What is done to the timer of ses_a, and how often it rings after that. @type {[string, (timers: Timers) => void, number][]} */
  const CASES = [
    ["A timer that is set again rings once", (timers) => timers.set({ sessionID: "ses_a", at: soon() }), 1],
    ["A timer that is set to a time far off does not ring now", (timers) => timers.set({ sessionID: "ses_a", at: Date.now() + 2 ** 40 }), 0],
    ["A timer that is forgotten does not ring", (timers) => timers.forget("ses_a"), 0],
    ["A timer rings though another session's is forgotten", (timers) => timers.forget("ses_x"), 1],
    ["No timer rings after the close", (timers) => timers.close(), 0],
  ]
  for (const [what, change, times] of CASES) {
    it(what, async () => {
      const rung = /** @type {string[]} */ ([])
      const timers = new Timers((sessionID) => rung.push(sessionID))
      timers.set({ sessionID: "ses_a", at: soon() })
      change(timers)
      await later(100)
      assert.equal(rung.length, times)
    })
  }
})

describe("A question for permission that nobody answers in time", () => {
  /** A conversation whose session ses_a asks. @param {(question: any) => Promise<unknown>} [refuse] */
  async function asking(refuse = async () => {}) {
    const parts = world({ ses_a: child() }, { ses_a: { type: "busy" } })
    const denied = /** @type {any[]} */ ([])
    parts.configure(async () => /** @type {any} */ ({ ...parts.configured, permission_timeout_ms: 30 }))
    Object.assign(parts.host, { refuse: (/** @type {any} */ { message, ...question }) => (denied.push(question), refuse(question)) })
    await parts.sync.load("ses_root")
    parts.sync.apply({ type: "permission.asked", now: Date.now(), sessionID: "ses_a", requestID: "per_1" })
    assert.deepEqual(denied, [])
    return { ...parts, denied }
  }
  const question = { type: "refuse", sessionID: "ses_a", requestID: "per_1" }

  /** The host's answer to the denial, and what a person reads. @type {[string, () => Promise<unknown>, string[]][]} */
  const CASES = [
    ["The engine denies the question", async () => {}, []],
    ["Nobody reads that a person has answered the question meanwhile", () => Promise.reject(new HostRefusal("None.", { missing: true })), []],
    ["A person reads that the question could not be denied", () => Promise.reject(new Error("Away.")), ["A question for permission of session ses_a could not be denied: Away."]],
  ]
  for (const [what, refuse, read] of CASES) {
    it(what, async () => {
      const { denied, said, effects } = await asking(refuse)
      await until(() => denied.length > 0)
      await later(50)
      assert.deepEqual(denied, [question])
      assert.deepEqual([said, effects], [read, []])
    })
  }

  /** @type {[string, (sync: ReturnType<typeof world>["sync"]) => unknown][]} */
  const OVER = [
    ["An answered question is not denied", (sync) => sync.apply({ type: "permission.replied", now: Date.now(), sessionID: "ses_a", requestID: "per_1" })],
    ["A question of a deleted session is not denied", (sync) => sync.apply({ type: "session.deleted", now: Date.now(), sessionID: "ses_a" })],
    ["A closed instance denies no question", (sync) => sync.close()],
  ]
  for (const [what, end] of OVER) {
    it(what, async () => {
      const { sync, denied } = await asking()
      end(sync)
      await later(100)
      assert.deepEqual(denied, [])
    })
  }
})
