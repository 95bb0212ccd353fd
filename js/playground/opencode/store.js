// OpenCode's database: sessions, messages and their parts. It outlives every process.

/**
 * @typedef {import("./permission_rules.js").Rule} Rule
 * @typedef {{
 *   id: string, parentID?: string, title: string, agent?: string, model?: { id: string, providerID: string },
 *   metadata?: Record<string, any>, permission?: Rule[], time: { created: number, updated: number }
 * }} Session
 * @typedef {{ info: any, parts: any[] }} Message
 * @typedef {{ at: number, kind: string, sessionID?: string, text: string, data?: any }} Happening
 */

const HEX = 0x1_0000_0000_0000
const LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

/** The error of a refused call. */
export class Refusal extends Error {
  /** @param {string} name @param {string} message */
  constructor(name, message) {
    super(message)
    this.name = name
  }
}

/**
 * The database, and the log of all happenings.
 */
export class Store {
  #clock
  #dice
  #watch
  #count = 0
  /** In order of creation. @type {Map<string, Session>} */
  sessions = new Map()
  /** The messages of a session, in the order of storing. @type {Map<string, Message[]>} */
  #messages = new Map()

  /**
   * @param {import("./clock.js").Clock} clock
   * @param {import("./dice.js").Dice} dice
   * @param {(happening: Happening) => void} watch hears of every happening
   */
  constructor(clock, dice, watch) {
    this.#clock = clock
    this.#dice = dice
    this.#watch = watch
  }

  /**
   * Logs a happening.
   * @param {string} kind
   * @param {string | undefined} sessionID
   * @param {string} text
   * @param {any} [data]
   */
  log(kind, sessionID, text, data) {
    this.#watch({ at: this.#clock.time, kind, sessionID, text, data })
  }

  /** A new id. Ids of sessions descend with time; all others ascend. @param {"ses" | "msg" | "prt" | "call" | "own"} prefix */
  id(prefix) {
    const moment = (this.#clock.wall() * 0x1000 + (this.#count++ % 0x1000)) % HEX
    const time = prefix === "ses" ? HEX - 1 - moment : moment
    return `${prefix}_${time.toString(16).padStart(12, "0")}${this.#dice.text(14, LETTERS)}`
  }

  /**
   * @param {{ parentID?: string, title?: string, agent?: string, permission?: Rule[], metadata?: Record<string, any> }} given
   * @returns {Session}
   */
  create({ parentID, title = "New session", agent, permission, metadata }) {
    const now = this.#clock.wall()
    const session = { id: this.id("ses"), parentID, title, agent, permission, metadata, time: { created: now, updated: now } }
    this.sessions.set(session.id, session)
    this.#messages.set(session.id, [])
    return session
  }

  /** The children of a session, the newest first. @param {string} id */
  children(id) {
    return [...this.sessions.values()].filter(({ parentID }) => parentID === id).reverse()
  }

  /** The root of a session. @param {string} id @returns {string} */
  root(id) {
    const parent = this.sessions.get(id)?.parentID
    return parent ? this.root(parent) : id
  }

  /** The depth of a session below its root. @param {string} id @returns {number} */
  depth(id) {
    const parent = this.sessions.get(id)?.parentID
    return parent ? 1 + this.depth(parent) : 0
  }

  /** Removes one session, not its children. @param {string} id */
  remove(id) {
    this.sessions.delete(id)
    this.#messages.delete(id)
  }

  /** @param {string} id @returns {Message[]} */
  messages(id) {
    return this.#messages.get(id) ?? []
  }

  /** @param {string} id @param {string} messageID */
  message(id, messageID) {
    return this.messages(id).find(({ info }) => info.id === messageID)
  }

  /** Stores a message, or replaces the one with its id. @param {any} info @returns {Message | undefined} none if the session is gone */
  putMessage(info) {
    const all = this.#messages.get(info.sessionID)
    const known = this.message(info.sessionID, info.id)
    if (known) known.info = info
    else all?.push({ info, parts: [] })
    return known ?? all?.at(-1)
  }

  /** Stores a part, or replaces the one with its id. @param {any} part @returns {boolean} whether its message exists */
  putPart(part) {
    const parts = this.message(part.sessionID, part.messageID)?.parts
    const index = parts?.findIndex(({ id }) => id === part.id) ?? -1
    if (index < 0) parts?.push(part)
    else parts?.splice(index, 1, part)
    return parts !== undefined
  }

  /** @param {string} id @param {string} messageID */
  removeMessage(id, messageID) {
    const all = this.messages(id)
    const index = all.findIndex(({ info }) => info.id === messageID)
    if (index >= 0) all.splice(index, 1)
    return index >= 0
  }
}

/** A deep copy. @template T @param {T} value @returns {T} */
export const copy = (value) => (value === undefined ? value : JSON.parse(JSON.stringify(value)))
