// The results of background tasks. OpenCode gives a caller the results of its own process; what a process that ended left is given
// here, and so is each notice of a result that a caller got after its own answer.

import { ended, endedBelow } from "../../core/texts/index.js"
import { lastAnswer } from "../sdk/index.js"

/**
 * @typedef {Extract<import("../../api.js").Effect, { type: "deliver" }>} End
 * @typedef {import("../sdk/index.js").Host} Host
 * @typedef {import("../../core/index.js").EngineSync} EngineSync
 */

/**
 * The results that are due.
 */
export class TaskResults {
  /** @type {Host} */
  #host
  /** @type {EngineSync} */
  #sync
  /** What hears of the end of each task of this process. @type {Map<string, (end: End) => void>} */
  #followed = new Map()
  /** @type {Set<Promise<void>>} */
  #deliveries = new Set()

  /** @param {Host} host @param {EngineSync} sync */
  constructor(host, sync) {
    this.#host = host
    this.#sync = sync
  }

  /** Leaves the result of a prompt to OpenCode. @param {{ sessionID: string, prompt_no?: number }} prompt @param {(end: End) => void} hear */
  follow({ sessionID, prompt_no = 0 }, hear) {
    this.#followed.set(key(sessionID, prompt_no), hear)
  }

  /** Takes in a result that is due. @param {End} end */
  take(end) {
    // The engine hears of it after the event that made it due.
    const delivering = Promise.resolve().then(() => this.#deliver(end)).finally(() => this.#deliveries.delete(delivering))
    this.#deliveries.add(delivering)
  }

  /** Resolves when each result that is due is in its caller's session. */
  async whenDelivered() {
    while (this.#deliveries.size) await Promise.all(this.#deliveries)
  }

  /** @param {End} end */
  async #deliver(end) {
    const { sessionID, prompt_no, to } = end
    if (!to) return
    const hear = this.#followed.get(key(sessionID, prompt_no))
    this.#followed.delete(key(sessionID, prompt_no))
    if (!to.via) hear?.(end)
    const delivered = (!to.via && hear !== undefined) || (await this.#give(end, to).then(() => true, () => false))
    this.#sync.apply({ type: "task.delivered", now: Date.now(), sessionID, prompt_no, messageID: to.messageID, delivered })
  }

  /** @param {End} end @param {NonNullable<End["to"]>} to */
  async #give(end, { callerID, via, others, taskID, lost }) {
    const { sessionID, state } = end
    const known = this.#sync.session(sessionID)
    const task_id = this.#sync.nameFor(sessionID, callerID)
    if (via) {
      const caller = this.#sync.nameFor(via, callerID)
      return this.#host.addMessage(callerID, endedBelow({ task_id, description: known?.description ?? "", caller, state, lost, others }))
    }
    // The process may have ended after OpenCode gave the result to the caller.
    if (!lost && (await this.#host.messages(callerID)).some(({ type, metadata }) => type === "synthetic" && metadata?.childID === sessionID)) return
    const answer = state === "idle" ? lastAnswer(await this.#host.messages(sessionID), (id) => this.#sync.steers(id)).answer : undefined
    return this.#host.addMessage(callerID, ended({ ...end, task_id, taskID, lost, gone: !known, answer }))
  }
}

/** @param {string} sessionID @param {number} prompt_no */
const key = (sessionID, prompt_no) => `${sessionID} ${prompt_no}`
