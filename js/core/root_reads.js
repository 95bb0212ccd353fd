// The reads of roots: one at a time for each root, when the last one began, and the sessions that are as an earlier read showed them.

import { canDelegate } from "./host_session.js"
import { readBelow, readTree } from "./read_tree.js"

/**
 * @typedef {import("./host.js").HostSession} HostSession
 * @typedef {Parameters<typeof readTree>[0] & Pick<import("./host.js").Host, "childIDs">} Host
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
  /**
   * The sessions as a read showed them well after their last update. `delegates`: whether a session may have children; `rests`:
   * whether it ran no turn.
   * @type {Map<string, { updated: number, title: string, used: string, delegates: boolean, rests: boolean }>}
   */
  #shown = new Map()
  /** The sessions with children. @type {Set<string>} */
  #parents = new Set()

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
      const before = this.#unchanged(session)
      const same = before !== undefined && isKnown(session)
      add(session, running, same)
      if (session.parentID) this.#parents.add(session.parentID)
      const children = this.#mayHaveChildren(session, same ? before : undefined)
      const { id, title, time } = session
      const delegates = same ? before.delegates : children
      // An update that this read did not see yet has another time.
      if (time && time.updated < begun) this.#shown.set(id, { updated: time.updated, title, used: usedBy(session), delegates, rests: !running })
      else this.#shown.delete(id)
      return children
    }, (id, error, parentID) => {
      this.#parents.add(parentID)
      leaveOut(id, error)
    })
  }

  /** What the last read showed of a session, if it has not changed since. @param {HostSession} session */
  #unchanged(session) {
    const before = this.#shown.get(session.id)
    const same = before && before.updated === session.time?.updated && before.title === session.title && before.used === usedBy(session)
    return same ? before : undefined
  }

  /**
   * Whether a session may have children that are to be read. A session that had none, and has begun no turn since, has made none.
   * @param {HostSession} session
   * @param {{ delegates: boolean, rests: boolean } | undefined} before
   */
  #mayHaveChildren(session, before) {
    return before ? before.delegates && (!before.rests || this.#parents.has(session.id)) : canDelegate(session)
  }

  /**
   * Whether the sessions below a root differ from what is known. It asks for children alone. One look for a root at a time.
   * @param {string} rootID
   * @param {(session: HostSession) => boolean} isKnown
   * @param {(id: string) => boolean} isKnownID whether a session is known that need not be read again
   * @returns {Promise<boolean>} true if that cannot be found out
   */
  hasNews(rootID, isKnown, isKnownID) {
    const { childIDs } = this.#host
    const look = () => (childIDs ? this.#lookForIDs(rootID, childIDs, isKnownID) : this.#look(rootID, isKnown))
    const looking = this.#looking.get(rootID) ?? look().finally(() => this.#looking.delete(rootID))
    this.#looking.set(rootID, looking)
    return looking
  }

  /**
   * The look at a host that reads each session by itself.
   * @param {string} rootID
   * @param {(id: string) => Promise<string[]>} childIDs
   * @param {(id: string) => boolean} isKnownID
   */
  async #lookForIDs(rootID, childIDs, isKnownID) {
    const seen = new Set([rootID])
    for (let ids = [rootID]; ids.length; ) {
      const listed = await Promise.all(ids.map(childIDs)).catch(() => undefined)
      const below = listed?.flat().filter((id) => !seen.has(id))
      if (!below?.every(isKnownID)) return true
      for (const id of below) seen.add(id)
      ids = below.filter((id) => this.#shown.get(id)?.delegates ?? true)
    }
    return false
  }

  /** @param {string} rootID @param {(session: HostSession) => boolean} isKnown */
  async #look(rootID, isKnown) {
    let news = false
    const found = (/** @type {HostSession} */ session) => {
      const { title = session.title } = this.#shown.get(session.id) ?? {}
      news ||= title !== session.title || !isKnown(session)
      return !news && this.#mayHaveChildren(session, this.#unchanged(session))
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
    this.#parents.clear()
  }

  /** @param {string} sessionID */
  delete(sessionID) {
    this.#begunAt.delete(sessionID)
    this.#parents.delete(sessionID)
    this.outdate(sessionID)
  }
}

/** All that a session used, to compare. @param {HostSession} session */
const usedBy = ({ cost, tokens }) => JSON.stringify([cost, tokens])
