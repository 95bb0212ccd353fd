// The calls of the host's own delegation tool that wait for their session: the engine says which of them may prompt it.

import { reloaded } from "./texts/index.js"
import { POLL_MS, abortable } from "./waiting.js"

/**
 * @typedef {import("../api.js").Effect} Effect
 * @typedef {import("../api.js").Request} Request
 * @typedef {Pick<import("./host.js").Host, "status">} Host
 * @typedef {Pick<import("./engine_sync.js").EngineSync, "apply" | "closed" | "load" | "process" | "session">} EngineSync
 *
 * A call in the queue. `joins`: whether it waits for the end of the session's turn too; `runs`: whether it prompts the session;
 * `process`: the name of the engine that knows it.
 * @typedef {{
 *   callerID: string, messageID?: string, callID: string, sessionID: string, joins: boolean, runs: boolean, process?: string, wake: () => void
 * }} QueuedCall
 */

/**
 * The calls that prompt a session, or wait to.
 */
export class HostQueue {
  /** @type {Host} */
  #host
  /** @type {EngineSync} */
  #sync
  /** @type {Set<QueuedCall>} */
  #calls = new Set()

  /** @param {Host} host @param {EngineSync} sync */
  constructor(host, sync) {
    this.#host = host
    this.#sync = sync
  }

  /**
   * Adds a call that is to prompt a session.
   * @param {Request} request
   * @param {string} sessionID
   * @param {boolean} joins whether it waits for the end of the session's turn too
   * @returns {QueuedCall}
   */
  add({ sessionID: callerID, messageID, callID }, sessionID, joins) {
    const call = { callerID, messageID, callID, sessionID, joins, runs: false, wake: () => {} }
    this.#calls.add(call)
    return call
  }

  /**
   * Adds a call that prompts its new session already.
   * @param {Request} request
   * @param {string} sessionID
   * @returns {QueuedCall}
   */
  addRunning(request, sessionID) {
    const call = this.add(request, sessionID, false)
    call.runs = true
    this.#ask(call)
    return call
  }

  /**
   * Waits until a call may prompt its session.
   * @param {QueuedCall} call
   * @param {AbortSignal} signal
   * @returns {Promise<boolean>} whether the engine held it back
   */
  async wait(call, signal) {
    for (let held = false; ; held = true) {
      /** @type {Promise<void>} */
      const woken = new Promise((resolve) => (call.wake = resolve))
      // The second time after a trap. An engine that does not know the session keeps no call waiting.
      const answer = (await this.#enter(call, signal)) ?? (await this.#enter(call, signal))
      if (answer?.type !== "hold") {
        call.runs = true
        return held
      }
      if (answer.behind === 0) await abortable(this.#reportIdle(call.sessionID), signal)
      await abortable(Promise.race([woken, new Promise((resolve) => setTimeout(resolve, POLL_MS))]), signal)
      // A call that the engine keeps waiting no longer would be held again if it asked.
      if (call.runs) return true
    }
  }

  /** Ends a call. @param {QueuedCall} call */
  remove(call) {
    this.#calls.delete(call)
    const { sessionID, callerID, messageID, callID } = call
    this.#sync.apply({ type: "call.ended", now: Date.now(), sessionID, callerID, messageID, callID })
  }

  /** Wakes the call that an effect holds back or has proceed. @param {Effect} effect */
  perform(effect) {
    if (effect.type !== "hold" && effect.type !== "proceed") return
    for (const call of this.#calls) {
      if (!isOf(effect, call)) continue
      call.runs ||= effect.type === "proceed"
      call.wake()
    }
  }

  /**
   * Enters a call that waits, or asks again: the engine gives a known call its present answer.
   * @param {QueuedCall} call
   * @param {AbortSignal} signal
   */
  async #enter(call, signal) {
    // An engine that was made since knows neither the session nor the calls that prompt it.
    if (!this.#sync.session(call.sessionID)) await this.#sync.load(call.sessionID).catch(() => {})
    for (const other of this.#calls) {
      if (other.runs && other.sessionID === call.sessionID && other.process !== this.#sync.process) this.#ask(other)
    }
    signal.throwIfAborted()
    // An engine that is closed keeps no call waiting, and its session may still run.
    if (this.#sync.closed) throw new Error(reloaded())
    return this.#ask(call)
  }

  /** The engine's answer to a call. @param {QueuedCall} call */
  #ask(call) {
    const { sessionID, callerID, messageID, callID, joins, runs, wake } = call
    // The answer itself wakes no call: only a later effect does.
    call.wake = () => {}
    const effects = this.#sync.apply({ type: "call.queued", now: Date.now(), sessionID, callerID, messageID, callID, joins, runs })
    call.wake = wake
    for (const effect of effects) {
      if ((effect.type !== "hold" && effect.type !== "proceed") || !isOf(effect, call)) continue
      // An engine that does not know the session yet takes in no call, and gives no answer.
      call.process = this.#sync.process
      return effect
    }
  }

  /** Reports to the engine if a session is idle. @param {string} sessionID */
  async #reportIdle(sessionID) {
    const now = Date.now()
    const status = await this.#host.status().catch(() => undefined)
    const idle = status && (status[sessionID]?.type ?? "idle") === "idle"
    if (idle) this.#sync.apply({ type: "session.status", now, sessionID, status: "idle" })
  }
}

/**
 * @param {Extract<Effect, { type: "hold" | "proceed" }>} effect
 * @param {QueuedCall} call
 */
const isOf = (effect, call) =>
  effect.callerID === call.callerID && effect.messageID === call.messageID && effect.callID === call.callID && effect.sessionID === call.sessionID
