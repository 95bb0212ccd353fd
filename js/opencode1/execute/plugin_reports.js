// The ends of background tasks that another plugin reports to their callers by itself. The engine delivers none of them. It notes an
// answer as delivered when the plugin has reported it: if the plugin is unloaded before, the next process delivers the answer.

/**
 * @typedef {Extract<import("../../api.js").Effect, { type: "deliver" }>} Ending
 * @typedef {import("../../core/index.js").EngineSync} EngineSync
 * @typedef {import("./plugin_entries.js").Entry} Entry
 *
 * An end that is not reported yet. `sending`: whether a report of it is on its way; `more`: a text that the report lacks; `late` is
 * called if no report comes in time.
 * @typedef {{ entry: Entry, timer?: NodeJS.Timeout, sending: boolean, more?: string, late: () => void }} Awaited
 */

/**
 * The time in which a plugin reports an answer, in milliseconds: oh-my-openagent 4.19.4 waits for a busy caller up to a minute. A
 * plugin that has prompted nobody by then reports in another way.
 */
const PATIENCE_MS = 120_000

/** The time in which a plugin takes up a failed prompt again or reports its end, in milliseconds, before the engine reports it. */
export const QUIET_MS = 5_000

/** @param {{ sessionID?: string, prompt_no?: number }} of */
const keyOf = ({ sessionID, prompt_no }) => `${sessionID} ${prompt_no}`

/**
 * Follows the reports.
 */
export class PluginReports {
  #sync
  #end
  /** The prompts whose ends the plugin has reported, or goes on with in another session. Each has its caller. @type {Map<string, string>} */
  #silent = new Map()
  /** @type {Map<string, Awaited>} */
  #awaited = new Map()

  /**
   * @param {EngineSync} sync
   * @param {(entry: Entry) => void} end ends a prompt whose end is with its caller
   */
  constructor(sync, end) {
    this.#sync = sync
    this.#end = end
  }

  /** Keeps the end of a prompt from its caller. @param {Entry} entry */
  silence(entry) {
    if (entry.prompt_no !== undefined) this.#silent.set(keyOf(entry), entry.request.sessionID)
  }

  /** Waits for the plugin's report of an end: an answer, or what the plugin may take for one. @param {Entry} entry */
  expect(entry) {
    const key = keyOf(entry)
    if (!this.#awaited.has(key)) this.#await({ entry, sending: false, late: () => this.#reported(key) }, PATIENCE_MS)
  }

  /**
   * Waits a moment for the plugin's report of an end that the engine reports otherwise.
   * @param {Entry} entry
   * @param {() => void} late is called if no report comes
   * @param {string} [more] a text that goes along with the report
   */
  expectSoon(entry, late, more) {
    const unreported = () => {
      this.withdraw(entry)
      late()
    }
    this.#await({ entry, sending: false, more, late: unreported }, QUIET_MS)
  }

  /** @param {Awaited} awaited @param {number} ms */
  #await(awaited, ms) {
    this.withdraw(awaited.entry)
    const look = () => void (awaited.timer = setTimeout(() => (awaited.sending ? look() : awaited.late()), ms).unref())
    this.#awaited.set(keyOf(awaited.entry), awaited)
    look()
  }

  /** Waits no longer for the report of a prompt. @param {Entry} entry */
  withdraw(entry) {
    this.#take(keyOf(entry))
  }

  /** Takes in that an end is to be delivered. @param {Ending} ending @returns {boolean} whether the plugin reports it */
  takes(ending) {
    const key = keyOf(ending)
    if (this.#silent.delete(key)) {
      if (ending.to) this.confirm(ending)
      return true
    }
    const awaited = this.#awaited.get(key)
    if (!awaited) return false
    if (awaited.sending || (ending.state === "idle" && !awaited.more)) {
      if (ending.to) this.#end(awaited.entry)
      return true
    }
    // The session is deleted, and its answer with it. Or the end at a limit joins another message.
    this.#take(key)
    return false
  }

  /**
   * Sends a prompt of the plugin, which may report ends. If its text names some that the session waits for, it reports those;
   * otherwise it reports all answers.
   * @param {string} callerID @param {any} args @param {(args: any) => Promise<any>} send
   */
  async send(callerID, args, send) {
    const reported = this.#reportedBy(callerID, args.body?.parts)
    for (const awaited of reported) awaited.sending = true
    const more = reported.flatMap(({ more }) => (more ? { type: "text", synthetic: true, text: more } : []))
    let sent
    try {
      sent = await send(more.length ? { ...args, body: { ...args.body, parts: [...args.body.parts, ...more] } } : args)
    } finally {
      for (const awaited of reported) awaited.sending = false
    }
    if (!sent?.error) for (const { entry } of reported) this.#reported(keyOf(entry))
    return sent
  }

  /** Notes that an end is with its caller, after the effect has returned. @param {Ending} ending */
  confirm(ending) {
    queueMicrotask(() => this.#delivered(ending))
  }

  /** Forgets a caller that is deleted. The end of a prompt whose child is deleted is yet to come. @param {string} sessionID */
  forget(sessionID) {
    for (const [key, callerID] of this.#silent) if (callerID === sessionID) this.#silent.delete(key)
    for (const [key, { entry }] of this.#awaited) if (entry.request.sessionID === sessionID) this.#take(key)
  }

  /** Leaves to the next process the ends of which no report is on its way. It does not know that of a deleted session. */
  dispose() {
    for (const [key, { entry, sending, late }] of this.#awaited) {
      if (sending) this.#reported(key)
      else if (entry.sessionID && !this.#sync.hasChild(entry.sessionID)) late()
      else this.#take(key)
    }
  }

  /**
   * Whether a prompt of the plugin is a report, and not the prompt of a call that waits for the same session.
   * @param {string} callerID @param {any} parts @param {string} prompt that of the call
   */
  isReport(callerID, parts, prompt) {
    const text = textOf(parts)
    return this.#of(callerID).some((awaited) => isNamed(awaited, text)) && !text.includes(prompt.trim())
  }

  /** The ends that a prompt of the plugin reports. @param {string} callerID @param {any} parts @returns {Awaited[]} */
  #reportedBy(callerID, parts) {
    const awaited = this.#of(callerID)
    const text = awaited.length ? textOf(parts) : ""
    const named = awaited.filter((of) => isNamed(of, text))
    return named.length ? named : awaited.filter(({ entry }) => !entry.error)
  }

  /** The ends that a caller waits for. @param {string} callerID */
  #of(callerID) {
    return [...this.#awaited.values()].filter(({ entry }) => entry.request.sessionID === callerID)
  }

  /** @param {string} key */
  #reported(key) {
    const awaited = this.#take(key)
    if (!awaited) return
    this.#end(awaited.entry)
    this.#delivered(awaited.entry)
    // Nothing of it is to be delivered any more.
    this.#silent.delete(key)
  }

  /** Notes that no message of the engine has brought an end to its caller. @param {{ sessionID?: string, prompt_no?: number }} end */
  #delivered({ sessionID, prompt_no }) {
    if (sessionID === undefined || prompt_no === undefined) return
    this.#sync.apply({ type: "task.delivered", now: Date.now(), sessionID, prompt_no, delivered: true })
    void this.#sync.whenStored(sessionID)
  }

  /** @param {string} key */
  #take(key) {
    const awaited = this.#awaited.get(key)
    clearTimeout(awaited?.timer)
    this.#awaited.delete(key)
    return awaited
  }
}

/** The text of a prompt. @param {any} parts @returns {string} */
const textOf = (parts) => (Array.isArray(parts) ? parts.map((part) => (typeof part?.text === "string" ? part.text : "")).join("\n") : "")

/** Whether a text names a task, by its session or by the plugin's own id. @param {Awaited} awaited @param {string} text */
const isNamed = ({ entry: { sessionID, task } }, text) => [sessionID, task].some((id) => id && holdsID(text, id))

/** Whether a text holds an id that is no part of a longer one. @param {string} text @param {string} id */
function holdsID(text, id) {
  const isWord = (/** @type {number} */ at) => /[\w-]/.test(text[at] ?? "")
  for (let at = text.indexOf(id); at >= 0; at = text.indexOf(id, at + 1)) if (!isWord(at - 1) && !isWord(at + id.length)) return true
  return false
}
