// I2: committed and reserved calls never exceed the budget, and a call that started nothing costs nothing.

import { isDenial } from "./errors.js"

/**
 * @typedef {import("./scene.js").Scene} Scene
 * @typedef {import("./scene.js").Known} Known
 */

/** How many letters at the end of a message's id are the prompt's, in each of its attempts. */
const SEED = 14

/** How long after a call was committed its caller's record may still be on its way, in milliseconds. */
const ON_ITS_WAY_MS = 1_500

/**
 * The calls that callers spend.
 */
export class Budgets {
  #scene
  #byAgent
  /** The budget that held when a session was made. @type {Map<string, number>} */
  #budgets = new Map()
  /** Sessions whose turn has not ended: it runs, or its process has died. @type {Set<string>} */
  #begun = new Set()
  /** How often a session has returned control. @type {Map<string, number>} */
  #returns = new Map()
  /** The calls that a session has spent since it last returned control, by session and number of returns. @type {Map<string, { mark: string, at: number }[]>} */
  #spent = new Map()
  /** When sessions returned control. @type {Map<string, number[]>} */
  #returnedAt = new Map()
  /** The time at which a process last began, or dropped its pending work. */
  #shakenAt = -Infinity

  /** @param {Scene} scene @param {Record<string, number>} byAgent */
  constructor(scene, byAgent) {
    this.#scene = scene
    this.#byAgent = byAgent
  }

  /** @param {any} info a child */
  created({ id, agent }) {
    this.#budgets.set(id, this.#byAgent[agent] ?? 0)
  }

  /** @param {any} info */
  updated({ id, metadata }) {
    const record = metadata?.delegate
    if (record && record.used > record.budget) this.#scene.fail("I2", `the record of ${id} has spent ${record.used} of ${record.budget}`)
  }

  /** How often a session has returned control. @param {string} sessionID */
  turn(sessionID) {
    return this.#returns.get(sessionID) ?? 0
  }

  /** @param {string} sessionID */
  began(sessionID) {
    this.#begun.add(sessionID)
  }

  /** Takes in an idle event: it ends a turn that no process runs. @param {string} sessionID */
  idle(sessionID) {
    if (this.#begun.has(sessionID)) this.returned(sessionID)
  }

  /** @param {string} sessionID */
  returned(sessionID) {
    this.#begun.delete(sessionID)
    this.#returns.set(sessionID, this.turn(sessionID) + 1)
    this.#returnedAt.set(sessionID, [...(this.#returnedAt.get(sessionID) ?? []), this.#scene.clock.time])
  }

  /** Takes in a message. A session that continues after a failure has not returned control. @param {string} sessionID @param {string} messageID */
  prompted(sessionID, messageID) {
    // The message's id has the letters of the prompt's first message.
    const goesOn = this.#scene.store.messages(sessionID).some(({ info: { id } }) => id !== messageID && id.slice(-SEED) === messageID.slice(-SEED))
    if (!goesOn) return
    this.#returns.set(sessionID, Math.max(0, this.turn(sessionID) - 1))
    this.#returnedAt.get(sessionID)?.pop()
  }

  /** @param {Known} call a call whose prompt is sent @param {number} at */
  spend(call, at) {
    const budget = this.#budgets.get(call.caller)
    if (budget === undefined || call.byUser || call.spent) return
    call.spent = true
    // Each process counts its own calls, and its count overwrites the other's.
    if (!this.#scene.alone) return
    const key = `${call.caller} ${call.turn}`
    const spent = this.#spent.get(key) ?? []
    spent.push({ mark: call.mark, at })
    this.#spent.set(key, spent)
    if (spent.length > budget) this.#scene.fail("I2", `${call.caller} has spent ${spent.length} of ${budget}: ${spent.map(({ mark }) => mark).join(" ")}`)
  }

  /** Checks a call that is denied because the budget is spent. Calls that were denied or aborted have not spent it. @param {Known} call @param {string} text */
  exhausted({ caller, turn, at: askedAt }, text) {
    const { calls, troubled, deaf, alone } = this.#scene
    const budget = Number(/^Task budget exhausted \((\d+)\//.exec(text)?.[1] ?? 0)
    // A write that is lost leaves a count too high.
    if (!budget || troubled || deaf || !alone) return
    const all = [...calls.values()].filter((call) => call.caller === caller && call.turn === turn)
    // A new process continues from the stored count, until the session returns control.
    if (all.some(({ at }) => at <= this.#shakenAt) || (this.#returnedAt.get(caller)?.at(-1) ?? Infinity) <= this.#shakenAt) return
    // A call that joins a running prompt is committed at once, and has no ticket for a refund.
    const joined = (/** @type {Known} */ { task_id, result }) => task_id !== undefined && /^The user/.test(result)
    // A call that was denied later had reserved one when this call was decided.
    const reserved = (/** @type {Known} */ { endedAt = 0 }) => endedAt >= askedAt
    const made = all.filter((call) => call.state !== "error" || !isDenial(call.result) || joined(call) || reserved(call))
    if (made.length < budget) this.#scene.fail("I2", `${caller} is refused a call with ${made.length} of ${budget} made: ${text}`)
  }

  /** A process has dropped its state, or begins: it reads the stored counts. */
  shaken() {
    this.#shakenAt = this.#scene.clock.time
  }

  /** A process that dies takes its unstored counts with it: those whose write was under way, or refused. */
  killed() {
    this.shaken()
    const { unwritten, troubled, clock } = this.#scene
    for (const [key, spent] of this.#spent) {
      const [id] = key.split(" ")
      const stored = Math.min(this.#scene.record(id)?.used ?? 0, spent.length)
      const unsure = spent.slice(stored).filter(({ at }) => unwritten.has(id) || troubled || clock.time - at < ON_ITS_WAY_MS)
      this.#spent.set(key, spent.filter((one) => !unsure.includes(one)))
    }
  }
}
