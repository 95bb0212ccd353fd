// The reads of roots: one at a time for each root, when the last one began, and the sessions that are as an earlier read showed them.

import { canDelegate } from "./host_session.js"
import { readBelow, readTree } from "./read_tree.js"

/**
 * @typedef {import("./host.js").HostSession} HostSession
 * @typedef {Parameters<typeof readTree>[0]} Host
 *
 * What a read does with the sessions. `isKnown`: whether a session that did not change is known; `add` gets each session, its status
 * if it runs, and whether it is known and did not change; `leaveOut` hears of each that the host cannot read.
 * @typedef {{
 *   isKnown: (session: HostSession) => boolean,
 *   add: (session: HostSession, running: { status: "busy" | "retry", asked: number } | undefined, asBefore: boolean) => void,
 *   leaveOut: (id: string, error: Error) => void,
 * }} Reader
 */

/**
 * Follows the reads.
 */
export class RootReads {
  /** @type {Host} */
  #host
  /** The reads in progress, by root. @type {Map<string, Promise<void>>} */
  #reading = new Map()
  /** The looks for news in progress, by root. @type {Map<string, Promise<boolean>>} */
  #looking = new Map()
  /** When the last read of each root began. @type {Map<string, number>} */
  #begunAt = new Map()
  /** The sessions as a read showed them well after their last update. @type {Map<string, { updated: number, title: string, used: string, delegates: boolean }>} */
  #shown = new Map()

  /** @param {Host} host */
  constructor(host) {
    this.#host = host
  }

  /** The read of a root that is in progress. @param {string} rootID */
  inProgress(rootID) {
    return this.#reading.get(rootID)
  }

  /** When the last read of a root began. @param {string} rootID */
  begunAt(rootID) {
    return this.#begunAt.get(rootID)
  }

  /**
   * Does the work of a read, unless a read of the root is in progress.
   * @param {string} rootID
   * @param {() => Promise<void>} work
   * @param {() => void} failed hears of a failure: a partial read is repeated, since the root may be gone
   */
  once(rootID, work, failed) {
    const reading = this.#reading.get(rootID)
    if (reading) return reading
    // After a trap another read may have begun.
    const isLast = () => this.#reading.get(rootID) === done
    /** @type {Promise<void>} */
    const done = work()
      .catch((error) => {
        if (isLast()) failed()
        throw error
      })
      .finally(() => isLast() && this.#reading.delete(rootID))
    this.#reading.set(rootID, done)
    return done
  }

  /**
   * Reads a root and everything below it. OpenCode 1.18.33 counts each change of a session as an update, except that of its title alone
   * and that of its use.
   * @param {string} rootID
   * @param {HostSession | undefined} root
   * @param {Reader} reader
   */
  async read(rootID, root, { isKnown, add, leaveOut }) {
    const begun = Date.now()
    this.#begunAt.set(rootID, begun)
    await readTree(this.#host, rootID, root, (session, running) => {
      const { id, title, time } = session
      const used = JSON.stringify([session.cost, session.tokens])
      const before = this.#shown.get(id)
      const same = before !== undefined && before.updated === time?.updated && before.title === title && before.used === used && isKnown(session)
      add(session, running, same)
      if (same) return before.delegates
      const delegates = canDelegate(session)
      // An update that this read did not see yet has another time.
      if (time && time.updated < begun) this.#shown.set(id, { updated: time.updated, title, used, delegates })
      else this.#shown.delete(id)
      return delegates
    }, leaveOut)
  }

  /**
   * Whether a conversation has a session that is not known as it is: it asks less than a read does. One look for a root at a time.
   * @param {string} rootID
   * @param {(session: HostSession) => boolean} isKnown
   * @returns {Promise<boolean>} true if that cannot be found out
   */
  hasNews(rootID, isKnown) {
    const looking = this.#looking.get(rootID) ?? this.#look(rootID, isKnown).finally(() => this.#looking.delete(rootID))
    this.#looking.set(rootID, looking)
    return looking
  }

  /** @param {string} rootID @param {(session: HostSession) => boolean} isKnown */
  async #look(rootID, isKnown) {
    let news = false
    const found = (/** @type {HostSession} */ session) => {
      const { title = session.title } = this.#shown.get(session.id) ?? {}
      news ||= title !== session.title || !isKnown(session)
      return canDelegate(session)
    }
    await readBelow(this.#host, rootID, found, () => (news = true)).catch(() => (news = true))
    return news
  }

  /** Has the next read take in a session whatever it shows, or all sessions. @param {string} [sessionID] */
  outdate(sessionID) {
    if (sessionID === undefined) this.#shown.clear()
    else this.#shown.delete(sessionID)
  }

  /** Forgets the reads for an engine that is lost. */
  clear() {
    this.#reading.clear()
    this.#shown.clear()
  }

  /** @param {string} sessionID */
  delete(sessionID) {
    this.#begunAt.delete(sessionID)
    this.outdate(sessionID)
  }
}
