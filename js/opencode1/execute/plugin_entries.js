// The prompts of another plugin's open calls: which of them a new child, a prompt or an event belongs to.

import { AsyncLocalStorage } from "node:async_hooks"

/**
 * @typedef {import("../../api.js").Failure} Failure
 * @typedef {import("../../api.js").Message} Message
 * @typedef {import("../../core/index.js").EngineSync} EngineSync
 * @typedef {import("../../core/index.js").Granted} Granted
 *
 * A prompt of an open call. `agent`: its child's; `sessionID`: its child; `creation`: what the engine keeps for the first; `making`: its
 * creation; `ahead`: whether it is created ahead of the plugin; `adopts`: the child that the plugin is given in place of a new one;
 * `queued`: its child, while it waits in the plugin's queue; `mark`: what was added to the prompt so that the plugin sends it;
 * `described`: whether the call had a description; `title`: that of its first child; `task`: the plugin's id of its background task;
 * `tools`: those of the last attempt; `left`: whether its call has ended before it; `withdrawn`: whether the plugin has aborted it;
 * `runs`: whether its session is in a turn; `settled`: whether the engine knows its end; `again`: whether the plugin has prompted the
 * session again since its error; `failure`: why its last request failed; `over`: whether the engine has ended it; `limited`: whether at a limit;
 * `ending`: its end there, until its turn is over; `used` hears of each child.
 * @typedef {{
 *   request: import("../../api.js").Request, decision: Granted, agent: string, described: boolean, mark?: string,
 *   creation?: Extract<import("../../api.js").Effect, { type: "create" }>, making?: Promise<any>, ahead?: boolean, adopts?: string,
 *   queued?: string, title?: string, task?: string, used: (childID: string) => void, sessionID?: string, prompt_no?: number, message?: Message,
 *   kept: number, sent: boolean, accepted: boolean, left: boolean, withdrawn?: boolean, runs?: boolean,
 *   settled?: boolean, again?: boolean, over?: boolean, limited?: boolean, ending?: Extract<import("../../api.js").Effect, { type: "deliver" }>,
 *   tools?: Record<string, boolean>, error?: Failure & { name: string, message: string }, failure?: Failure, notices: string[],
 *   wake: (message: Message) => void, turn: number
 * }} Entry
 */

/**
 * Finds the prompts.
 */
export class PluginEntries {
  #sync
  #title
  /** The open prompts, the oldest first. @type {Set<Entry>} */
  #open = new Set()
  /** The failed prompts of sessions that nobody has prompted since: the plugin may try them again. @type {Map<string, Entry>} */
  #failed = new Map()
  /** The call that the plugin runs. @type {AsyncLocalStorage<Entry>} */
  #running = new AsyncLocalStorage()

  /**
   * @param {EngineSync} sync
   * @param {RegExp} [title] the title of a child, with its description as the first group
   */
  constructor(sync, title) {
    this.#sync = sync
    this.#title = title
  }

  /** Follows a prompt from now on. @param {Entry} entry */
  add(entry) {
    if (entry.sessionID) this.#failed.delete(entry.sessionID)
    this.#open.add(entry)
  }

  /** Has the plugin run the call of a prompt. @template T @param {Entry} entry @param {() => T} run @returns {T} */
  during(entry, run) {
    return this.#running.run(entry, run)
  }

  /** @param {Entry} entry */
  has(entry) {
    return this.#open.has(entry)
  }

  /** Ends a prompt. @param {Entry} entry */
  end(entry) {
    this.#open.delete(entry)
  }

  /** Ends a prompt that the plugin may try again in another session. @param {Entry} entry */
  fail(entry) {
    this.end(entry)
    if (entry.sessionID) this.#failed.set(entry.sessionID, entry)
  }

  /** Follows a prompt in the session of a further attempt. @param {Entry} entry @param {string} before the session of the one before */
  resume(entry, before) {
    this.#failed.delete(before)
    this.#open.add(entry)
  }

  /** Forgets a session, and the prompts of its calls. @param {string} sessionID */
  forget(sessionID) {
    const isOf = (/** @type {Entry} */ { request, sessionID: childID }) => request.sessionID === sessionID || childID === sessionID
    // The engine reports the end of a prompt whose child is deleted.
    for (const entry of this.#open) if (entry.request.sessionID === sessionID || (entry.left && isOf(entry))) this.#open.delete(entry)
    for (const [id, entry] of this.#failed) if (isOf(entry)) this.#failed.delete(id)
  }

  /** Forgets all prompts. */
  clear() {
    this.#open.clear()
    this.#failed.clear()
  }

  /** The open prompts of a session, the oldest first. @param {string} sessionID */
  all(sessionID) {
    return [...this.#open].filter((entry) => entry.sessionID === sessionID)
  }

  /**
   * The last open prompt of a session: each waits for the one before it. A prompt stays open until its caller can hear of its end.
   * @param {string} sessionID
   */
  of(sessionID) {
    return this.all(sessionID).at(-1)
  }

  /** The prompt that a session runs for: the last that is sent, or else the last. @param {string} sessionID */
  running(sessionID) {
    return this.all(sessionID).findLast(({ sent, accepted }) => sent || accepted) ?? this.of(sessionID)
  }

  /**
   * The prompts that wait in the plugin's queue. Each has its child.
   * @param {string} callerID
   * @param {string} [sessionID] one child
   */
  queued(callerID, sessionID) {
    return [...this.#open].filter(({ request, queued, sent }) => queued && !sent && request.sessionID === callerID && (sessionID === undefined || queued === sessionID))
  }

  /** What the engine hears of a call's prompt. @param {Entry} entry @param {{ type: string, [field: string]: unknown }[]} parts */
  asked(entry, parts) {
    const { agent, request, decision } = entry
    const { sessionID: callerID, callerAgent, background } = request
    return { now: Date.now(), callerID, callerAgent, agent, background, parts, sent_elsewhere: true, ticket: this.#sync.ticket(decision) }
  }

  /**
   * Has the engine keep a call's prompt in a session that exists.
   * @param {Entry} entry @param {string} sessionID @param {{ type: string, [field: string]: unknown }[]} parts
   * @returns {boolean} whether the engine took it in
   */
  keep(entry, sessionID, parts) {
    // The engine may give the message at once.
    Object.assign(entry, { kept: parts.length, sessionID })
    const effects = this.#sync.apply({ type: "prompt.kept", ...this.asked(entry, parts), permission: [], sessionID })
    const wait = effects.find((effect) => effect.type === "wait")
    if (!wait) return false
    entry.prompt_no = wait.prompt_no
    entry.used(sessionID)
    return true
  }

  /**
   * The prompt for which the plugin creates a child: by the call that it runs, or else by the child's description and agent, and among
   * equals in order.
   * @param {string} parentID @param {string} title
   */
  forChild(parentID, title) {
    const found = this.#title ? this.#title.exec(title) : [title, title]
    // A child with a title of another form is none of a call.
    if (!found) return undefined
    const [, described = "", agent] = found
    const open = [...this.#open, ...this.#failed.values()].filter(({ request }) => request.sessionID === parentID)
    const descriptions = (/** @type {Entry} */ { request, sessionID }) => [request.description, sessionID && this.#sync.session(sessionID)?.description]
    const of = open.filter((entry) => entry.title === title || descriptions(entry).includes(described.trim()))
    const waits = (/** @type {Entry} */ { ahead, adopts, making, decision }) => ahead || adopts || (decision.action === "spawn" && !making)
    const again = (/** @type {Entry} */ { sessionID, decision, request }) => sessionID && (decision.action === "spawn" || request.background)
    const waiting = of.filter(waits)
    const running = this.#running.getStore()
    // A plugin's queue may create the child of one call while it runs another.
    if (running && waiting.includes(running)) return running
    // A call without a description gets one from the plugin.
    return waiting.find((entry) => this.#sync.spelled(entry.agent) === agent) ?? waiting[0] ?? of.find(again) ?? open.find((entry) => !entry.described && waits(entry))
  }
}
