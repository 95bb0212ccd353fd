// The delegations of a host, followed through its events as they happen.

import { setTimeout as sleep } from "node:timers/promises"

/**
 * @typedef {"spawned" | "resumed" | "denied" | "failed" | "cut off"} Outcome
 * @typedef {{
 *   callID: string, callerID: string, caller: string, agent: string, depth: number, prompt: string, task_id: string,
 *   childID?: string, carried: number, outcome: Outcome, rule?: string, reason: string, notice: string, result: string, ms?: number
 * }} Delegation `carried`: the tokens in the child's context before this call; `result`: the text that the caller's model read
 */

const LOOK_MS = 10
const PATIENCE_MS = 120_000

/** The line under a result with the session's name, the action and the reason. Notices follow it. */
const VERDICT = /^task_id: (\S+) \((spawned|resumed|summarised and resumed): (.*)\)\n?([^]*)/m

/**
 * Follows a host's delegations, over restarts of it.
 */
export class Watch {
  /** The ended delegations, in order of their ends. @type {Delegation[]} */
  ended = []
  /** The tokens in each session's context, after its last answer. @type {Map<string, number>} */
  context = new Map()
  /** The delegations that are not shown yet, in order of their starts. @type {Partial<Delegation>[]} */
  #unshown = []
  /** @type {Map<string, Partial<Delegation>>} */
  #calls = new Map()
  /** The agent that speaks in each message. @type {Map<string, string>} */
  #speakers = new Map()
  /** @type {import("../host/opencode.js").Events | undefined} */
  #events
  #read = 0
  #readings
  /** @type {NodeJS.Timeout | undefined} */
  #timer
  #show

  /**
   * @param {(delegation: Delegation) => void} show
   * @param {(event: any) => import("./host_events.js").Reading[]} readings reads the host's events
   */
  constructor(show, readings) {
    this.#show = show
    this.#readings = readings
  }

  /** Follows a host that has just started. @param {import("../host/opencode.js").Host} host */
  async follow(host) {
    this.#events = await host.events()
    this.#read = 0
    this.#timer = setInterval(() => this.#take(), LOOK_MS)
  }

  /** Stops following. The host is gone, and its open calls with it. */
  leave() {
    this.#take()
    clearInterval(this.#timer)
    this.#events?.stop()
    this.#events = undefined
    for (const call of this.#unshown) {
      if (!call.outcome) this.#end(call, { outcome: "cut off", reason: "The host was killed while it ran." })
    }
  }

  /** A call that has its session and is not over. @param {string} agent */
  running(agent) {
    return [...this.#calls.values()].find((call) => call.agent === agent && call.childID && !call.outcome)
  }

  /** @param {string} what @param {() => unknown} test */
  async until(what, test) {
    for (const deadline = Date.now() + PATIENCE_MS; !test(); await sleep(LOOK_MS)) {
      if (Date.now() > deadline) throw new Error(`waited ${PATIENCE_MS} ms for ${what}`)
    }
  }

  #take() {
    const { list } = this.#events ?? { list: [] }
    while (this.#read < list.length) {
      for (const reading of this.#readings(list[this.#read++])) {
        if (reading.type === "speaker") this.#speakers.set(reading.messageID, reading.agent)
        else if (reading.type === "context") this.context.set(reading.sessionID, reading.tokens)
        else this.#follow(reading)
      }
    }
  }

  /** @param {Extract<import("./host_events.js").Reading, { type: "call" }>} reading */
  #follow({ call: { childID, ...given }, ended }) {
    const call = this.#calls.get(given.callID) ?? this.#begin(given)
    // Noted before the child answers, in the order of the events.
    if (childID && !call.childID) Object.assign(call, { childID, carried: this.context.get(childID) ?? 0 })
    if (call.outcome || !ended) return
    const { ms } = ended
    if (ended.error !== undefined) {
      const [reason, ...notice] = ended.error.split("\n")
      const outcome = call.childID ? "failed" : "denied"
      return this.#end(call, { outcome, reason, notice: notice.join("\n"), result: ended.error, ms })
    }
    // A result may quote those of calls below it, so only what follows it is this call's.
    const { result, rule } = ended
    const verdict = VERDICT.exec(/** @type {string} */ (result.split(/<\/(?:task|subagent)>/).at(-1)))
    if (!verdict) return this.#end(call, { outcome: "failed", reason: "Its result says nothing of a session.", result, ms })
    const [, task_id, done, reason, notice] = verdict
    this.#end(call, { task_id, outcome: done === "spawned" ? "spawned" : "resumed", rule, reason, notice, result, ms })
  }

  /** @param {import("./host_events.js").Call} given */
  #begin({ callID, callerID, messageID, input: { agent, prompt, task_id } }) {
    const above = [...this.#calls.values()].find(({ childID }) => childID === callerID)
    const depth = above ? (above.depth ?? 0) + 1 : 0
    const caller = this.#speakers.get(messageID) ?? "?"
    /** @type {Partial<Delegation>} */
    const call = { callID, callerID, caller, agent, depth, prompt, task_id: task_id ?? "(unnamed)", carried: 0, notice: "", result: "" }
    this.#calls.set(callID, call)
    this.#unshown.push(call)
    return call
  }

  /** @param {Partial<Delegation>} call @param {Partial<Delegation>} end */
  #end(call, end) {
    this.ended.push(/** @type {Delegation} */ (Object.assign(call, end)))
    while (this.#unshown[0]?.outcome) this.#show(/** @type {Delegation} */ (this.#unshown.shift()))
  }
}
