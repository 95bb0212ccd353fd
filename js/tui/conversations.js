// The conversations that this terminal has shown, in step with the host's events.

import { canDelegate, readLine, readTree } from "../core/index.js"
import { Conversation } from "./conversation.js"

/**
 * @typedef {import("./opencode1/index.js").Host} Host
 * @typedef {import("./opencode1/index.js").HostSession} HostSession
 * @typedef {import("./opencode1/index.js").Question} Question
 *
 * An event below a root, for a toast.
 * @typedef {(
 *   | { kind: "refused", sessionID: string, part: any }
 *   | { kind: "permission", sessionID: string, question: Question }
 *   | { kind: "task", sessionID: string, id: string, state: string }
 * )} Happening
 */

/** The number of events that are kept during a read. */
const EARLY = 200
/** The number of conversations that are followed at once: the others are read again when they are shown. */
const MOST = 8
/** The number of sessions of a conversation whose last message is read, and of those reads at once. */
const [ENDS, AT_ONCE] = [50, 5]

/** Follows the conversations. */
export class Conversations {
  /** The followed conversations, the one shown last at the end. @type {Map<string, Conversation>} */
  #followed = new Map()
  /** The reads in progress, by the session that is to be shown. @type {Map<string, Promise<Conversation>>} */
  #reading = new Map()
  /** The events of sessions that are being read, in order. @type {{ sessionID: string, type: string, properties: any }[]} */
  #early = []
  /** The background tasks that were seen, with their last state. @type {Map<string, string>} */
  #tasks = new Map()
  #host
  #windows
  #changed
  #happened

  /**
   * @param {Host} host
   * @param {(message: any) => { tokens: number, window: number } | undefined} windows gives the use of the context window that an assistant's message shows
   * @param {(conversation: Conversation) => void} changed hears of each change
   * @param {(happening: Happening, conversation: Conversation) => void} happened
   */
  constructor(host, windows, changed, happened) {
    this.#host = host
    this.#windows = windows
    this.#changed = changed
    this.#happened = happened
  }

  /** The followed conversation that a session belongs to. @param {string | undefined} sessionID */
  of(sessionID) {
    return [...this.#followed.values()].find((conversation) => conversation.has(sessionID))
  }

  /**
   * The conversation of a session, read if it is not followed.
   * @param {string} sessionID
   * @returns {Promise<Conversation>}
   */
  show(sessionID) {
    const known = this.of(sessionID)
    if (known) {
      this.#followed.delete(known.rootID)
      this.#followed.set(known.rootID, known)
      return Promise.resolve(known)
    }
    const reading = this.#reading.get(sessionID) ?? this.#read(sessionID).finally(() => this.#replay(sessionID))
    this.#reading.set(sessionID, reading)
    return reading
  }

  /** Whether events of a session matter: it is followed, or is being read. @param {string} sessionID */
  follows(sessionID) {
    return this.#reading.has(sessionID) || this.of(sessionID) !== undefined
  }

  /** Takes in the events that came before the read of a session had found its conversation. @param {string} sessionID */
  #replay(sessionID) {
    this.#reading.delete(sessionID)
    const early = this.#early.filter((event) => event.sessionID === sessionID)
    this.#early = this.#early.filter((event) => event.sessionID !== sessionID)
    for (const { type, properties } of early) this.handleEvent(type, properties)
  }

  /** Reads all of them again, since events may be lost. What was known stays if the host does not answer. */
  async readAgain() {
    const [known] = [...this.#followed.values()].slice(-1)
    this.#followed.clear()
    if (!known) return
    try {
      this.#changed(await this.show(known.rootID))
    } catch (error) {
      this.#followed.set(known.rootID, known)
      throw error
    }
  }

  /** @param {string} sessionID */
  async #read(sessionID) {
    // The questions alone are no reason to show nothing.
    const [line, questions] = await Promise.all([readLine(this.#host, sessionID), this.#host.questions().catch(() => [])])
    const [root] = /** @type {HostSession[]} */ (line)
    const conversation = new Conversation(root.id)
    conversation.add(root)
    const before = this.#followed.get(root.id)
    // Events that come during the read are newer than its answers.
    this.#followed.set(root.id, conversation)
    const earlier = new Set()
    const add = (/** @type {HostSession} */ session, /** @type {{ status: string, asked: number } | undefined} */ running) => {
      const known = conversation.sessions.get(session.id)
      if (!known || known.time.updated <= session.time.updated) conversation.add(session)
      if (running && !earlier.has(session.id)) conversation.setStatus(session.id, running.status, running.asked)
      earlier.add(session.id)
      return canDelegate(session)
    }
    try {
      await readTree(this.#host, root.id, root, add, () => {})
    } catch (error) {
      // Another read of the same root may have come since, or may have ended before.
      if (this.#followed.get(root.id) === conversation) {
        this.#followed.delete(root.id)
        if (before) this.#followed.set(root.id, before)
      }
      throw error
    }
    // The read stops at sessions that cannot delegate.
    for (const session of line) conversation.add(/** @type {HostSession} */ (session))
    for (const question of questions) if (conversation.has(question.sessionID)) conversation.questions.set(question.id, question)
    for (const task of conversation.tasks()) this.#tasks.set(taskKey(task), task.state)
    for (const rootID of [...this.#followed.keys()].slice(0, -MOST)) this.#followed.delete(rootID)
    void this.#readEnds(conversation)
    return conversation
  }

  /**
   * Reads how turns ended before this terminal heard of events, once. The conversation is shown meanwhile: it does not wait for this.
   * @param {Conversation} conversation
   */
  async #readEnds(conversation) {
    const ids = conversation.unseen(ENDS)
    let changes = false
    const read = async () => {
      for (let id; (id = ids.shift()); ) {
        const end = await this.#host.lastEnd(id).catch(() => undefined)
        if (end && conversation.noteLast(id, end)) changes = true
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, read))
    if (changes) this.#changed(conversation)
  }

  /**
   * Takes in an event of the host.
   * @param {string} type
   * @param {any} properties
   */
  handleEvent(type, properties) {
    if (type === "session.created" || type === "session.updated") {
      for (const conversation of this.#followed.values()) {
        if (!conversation.add(properties.info)) continue
        this.#noteTasks(conversation)
        this.#changed(conversation)
      }
      return
    }
    if (type === "session.deleted") {
      const { id } = properties.info
      this.#followed.delete(id)
      // A session that is being read may be deleted before the read gives it.
      for (const conversation of this.#followed.values()) if (conversation.remove(id)) this.#changed(conversation)
      return
    }
    const sessionID = properties.sessionID ?? properties.info?.id ?? properties.info?.sessionID ?? properties.part?.sessionID
    const conversation = this.of(sessionID)
    if (!conversation) {
      if (this.#reading.has(sessionID)) this.#early = [...this.#early, { sessionID, type, properties }].slice(-EARLY)
      return
    }
    if (type === "session.status") conversation.setStatus(sessionID, properties.status.type, Date.now())
    else if (type === "permission.asked") {
      const isNew = !conversation.questions.has(properties.id)
      conversation.questions.set(properties.id, properties)
      if (isNew) this.#happened({ kind: "permission", sessionID, question: properties }, conversation)
    } else if (type === "permission.replied") conversation.questions.delete(properties.requestID)
    else if (type === "message.updated") {
      const { info } = properties
      // An answer that is being written changes nothing that is shown.
      if (info.role !== "assistant" || info.time?.completed === undefined) return
      conversation.setEnd(sessionID, info.error)
      const usage = sessionID === conversation.rootID ? undefined : this.#windows(info)
      if (usage) conversation.usage.set(sessionID, usage)
    } else if (type === "message.part.updated") {
      const { part } = properties
      if (part.type !== "tool" || part.tool !== "task") return
      if (conversation.noteCall(part) === "failed") this.#happened({ kind: "refused", sessionID, part }, conversation)
    } else return
    this.#changed(conversation)
  }

  /** Finds the background tasks that have ended. @param {Conversation} conversation */
  #noteTasks(conversation) {
    for (const task of conversation.tasks()) {
      const before = this.#tasks.get(taskKey(task))
      this.#tasks.set(taskKey(task), task.state)
      if (before !== task.state && task.state !== "running") this.#happened({ kind: "task", sessionID: task.sessionID, id: task.id, state: task.state }, conversation)
    }
  }
}

/** A task, and each later one of its session: they share their id. @param {{ sessionID: string, prompt_no: number }} task */
const taskKey = ({ sessionID, prompt_no }) => `${sessionID}:${prompt_no}`
