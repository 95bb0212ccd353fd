// The data of one conversation: its sessions, and the facts about each that only the host knows.

import { RECORD_KEY } from "../core/index.js"

/**
 * @typedef {import("./opencode1/index.js").HostSession} HostSession
 * @typedef {import("./opencode1/index.js").LastEnd} LastEnd
 * @typedef {import("./opencode1/index.js").Question} Question
 */

/** The number of deleted sessions that are remembered. */
const DELETED = 1_000

/** The latest data of a root and everything below it, as the host's answers and events give them. */
export class Conversation {
  /** The sessions, parents before children. @type {Map<string, HostSession>} */
  sessions = new Map()
  /** The status of each session that is not idle. @type {Map<string, { status: "busy" | "retry", at: number }>} */
  running = new Map()
  /** The use of each context window that a message has shown. @type {Map<string, { tokens: number, window: number }>} */
  usage = new Map()
  /** Sessions whose last call failed. @type {Set<string>} */
  failed = new Set()
  /** The name of the error that ended the last message of each session; empty if none did. @type {Map<string, string>} */
  errors = new Map()
  /** Sessions whose last message has no answer, or is an answer without an end. @type {Set<string>} */
  unanswered = new Set()
  /** The permission questions that are open, by their id. @type {Map<string, Question>} */
  questions = new Map()
  /** The sessions that are deleted, the last alone: a late event brings none back. @type {Set<string>} */
  #deleted = new Set()
  /** Sessions whose turn was seen to run or to end: their stored messages say nothing newer. @type {Set<string>} */
  #seen = new Set()
  /** Calls that have shown what became of their child. @type {Map<string, string>} */
  #ended = new Map()

  /** @param {string} rootID */
  constructor(rootID) {
    this.rootID = rootID
  }

  /** Whether a session belongs to it. @param {string | undefined} id */
  has(id) {
    return id !== undefined && this.sessions.has(id)
  }

  /**
   * Takes in a session as it is now.
   * @param {HostSession} session
   * @returns {boolean} whether it belongs to this conversation
   */
  add(session) {
    if (this.#deleted.has(session.id)) return false
    if (session.id !== this.rootID && !this.has(session.id) && !this.has(session.parentID)) return false
    // A host that could not read the record leaves the known one.
    this.sessions.set(session.id, session.metadata === undefined ? { ...session, metadata: this.sessions.get(session.id)?.metadata } : session)
    if ("error" in session) this.setEnd(session.id, session.error)
    return true
  }

  /**
   * Takes in that a session is deleted, and with it what is below it.
   * @param {string} id
   * @returns {boolean} whether it was known
   */
  remove(id) {
    this.#deleted.add(id)
    for (const oldest of [...this.#deleted].slice(0, -DELETED)) this.#deleted.delete(oldest)
    if (!this.sessions.delete(id)) return false
    for (const known of [this.running, this.usage, this.failed, this.errors, this.unanswered, this.#seen]) known.delete(id)
    for (const { id: question, sessionID } of [...this.questions.values()]) if (sessionID === id) this.questions.delete(question)
    for (const { id: child, parentID } of [...this.sessions.values()]) if (parentID === id) this.remove(child)
    return true
  }

  /** @param {string} id @param {string} status @param {number} at */
  setStatus(id, status, at) {
    this.#seen.add(id)
    if (status !== "busy" && status !== "retry") return void this.running.delete(id)
    // A turn that begins says nothing yet about its end.
    if (!this.running.has(id)) this.errors.delete(id)
    this.unanswered.delete(id)
    this.running.set(id, { status, at })
  }

  /** Takes in how the last message of a session ended. @param {string} id @param {{ name?: unknown }} [error] as the host says it */
  setEnd(id, error) {
    this.#seen.add(id)
    this.unanswered.delete(id)
    this.errors.set(id, error ? String(error.name ?? "UnknownError") : "")
    if (!error) this.failed.delete(id)
  }

  /** The sessions below the root whose last turn nothing has shown, those that were used last first. @param {number} most */
  unseen(most) {
    const unseen = [...this.sessions.values()].filter(({ id }) => id !== this.rootID && !this.#seen.has(id))
    return unseen.sort((a, b) => (b.time?.updated ?? 0) - (a.time?.updated ?? 0)).slice(0, most).map(({ id }) => id)
  }

  /**
   * Takes in how the last stored message of a session ended. A good end says nothing: a task of the session may have ended later.
   * @param {string} id
   * @param {LastEnd} end
   * @returns {boolean} whether it changes anything
   */
  noteLast(id, { error, unanswered }) {
    if (this.#seen.has(id) || !this.has(id) || !(error || unanswered)) return false
    if (error) this.setEnd(id, error)
    else this.unanswered.add(id)
    return true
  }

  /**
   * Takes in a call that prompts a child.
   * @param {{ id: string, state?: any }} part
   * @returns {"failed" | undefined} that the call has just failed and no child has run
   */
  noteCall({ id, state }) {
    const { status, metadata } = state ?? {}
    const childID = metadata?.sessionId
    const known = this.#ended.get(id)
    if (typeof status === "string") this.#ended.set(id, status)
    if (this.has(childID) && known !== status) this.failed[status === "error" ? "add" : "delete"](childID)
    return status === "error" && known !== "error" && typeof childID !== "string" ? "failed" : undefined
  }

  /** The background tasks in the sessions' records. @returns {{ sessionID: string, id: string, prompt_no: number, state: string }[]} */
  tasks() {
    return [...this.sessions.values()].flatMap(({ id: sessionID, metadata }) => {
      const tasks = /** @type {any} */ (metadata?.[RECORD_KEY])?.tasks
      return Array.isArray(tasks) ? tasks.map((task) => ({ ...task, sessionID })) : []
    })
  }
}
