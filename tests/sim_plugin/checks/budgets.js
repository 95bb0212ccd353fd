// I2: the committed and reserved calls of one delegation never exceed the budget, and a call that started nothing costs nothing.

import { asks, marks } from "../script.js"
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
  /** The messages that began a delegation or went on with one, by session. @type {Map<string, Set<string>>} */
  #messages = new Map()
  /** When the delegations to a session were asked, and when they began. @type {Map<string, { asked: number, begun: number }[]>} */
  #delegations = new Map()
  /** The calls that a session has spent, by session and number of the delegation. @type {Map<string, { call: Known, at: number }[]>} */
  #spent = new Map()
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
    if (record && !this.#scene.spoiled.has(id) && record.used > record.budget) this.#scene.fail("I2", `the record of ${id} has spent ${record.used} of ${record.budget}`)
  }

  /** The number of the present delegation to a session. @param {string} sessionID */
  delegation(sessionID) {
    return this.#delegations.get(sessionID)?.length ?? 0
  }

  /** Whether a call counts to the delegation after that of its message: it was made while that one was on its way. @param {Known} call */
  #mayBeNext({ caller, delegation, at }) {
    const next = this.#delegations.get(caller)?.[delegation]
    return next !== undefined && next.asked <= at
  }

  /**
   * Takes in a message. A caller's prompt and a user's begin a delegation. A result, another attempt and a continuation do not.
   * @param {string} sessionID
   * @param {string} messageID
   * @param {any[]} parts
   */
  prompted(sessionID, messageID, parts) {
    const messages = this.#messages.get(sessionID) ?? new Set()
    this.#messages.set(sessionID, messages)
    // Each attempt of a prompt has a message with the letters of its first message.
    const goesOn = [...messages].some((id) => id.slice(-SEED) === messageID.slice(-SEED))
    messages.add(messageID)
    if (goesOn || parts.every(({ type, synthetic }) => type === "text" && synthetic)) return
    const begun = this.#scene.clock.time
    const asked = this.#scene.calls.get(marks(asks({ info: { role: "user" }, parts })).at(-1) ?? "")?.at ?? begun
    this.#delegations.set(sessionID, [...(this.#delegations.get(sessionID) ?? []), { asked, begun }])
  }

  /** @param {Known} call a call whose prompt is sent @param {number} at */
  spend(call, at) {
    const budget = this.#budgets.get(call.caller)
    if (budget === undefined || call.byUser || call.spent) return
    call.spent = true
    // Each process counts its own calls, and its count overwrites the other's.
    if (!this.#scene.alone || this.#scene.spoiled.has(call.caller)) return
    const key = `${call.caller} ${call.delegation}`
    const spent = this.#spent.get(key) ?? []
    spent.push({ call, at })
    this.#spent.set(key, spent)
    // OpenCode's own tool shows the session of a call only with the call's part: one that is deleted before gives its call back.
    const isKept = (/** @type {{ call: Known }} */ { call: { child = "" } }) => this.#scene.weather.executor === "delegate" || this.#scene.store.sessions.has(child)
    const sure = spent.filter((one) => isKept(one) && !this.#mayBeNext(one.call))
    if (sure.length > budget) this.#scene.fail("I2", `${call.caller} has spent ${spent.length} of ${budget}: ${spent.map(({ call: { mark } }) => mark).join(" ")}`)
  }

  /** Checks a call that is denied because the budget is spent. Calls that were denied or aborted have not spent it. @param {Known} call @param {string} text */
  exhausted({ caller, delegation, at: askedAt }, text) {
    const { calls, troubled, deaf, alone, spoiled } = this.#scene
    const budget = Number(/^Task budget exhausted \((\d+)\//.exec(text)?.[1] ?? 0)
    // A write that is lost leaves a count too high.
    if (!budget || troubled || deaf || !alone || spoiled.has(caller)) return
    const counts = (/** @type {Known} */ call) => call.delegation === delegation || (call.delegation === delegation - 1 && this.#mayBeNext(call))
    const all = [...calls.values()].filter((call) => call.caller === caller && counts(call))
    // A new process continues from the stored count, until the next delegation.
    if (all.some(({ at }) => at <= this.#shakenAt) || (this.#delegations.get(caller)?.at(-1)?.begun ?? Infinity) <= this.#shakenAt) return
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
