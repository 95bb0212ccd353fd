// The sessions that the messages of a conversation name: a fork's messages name sessions of the original.

import { isPlaceUnsure } from "./host_session.js"

/**
 * @typedef {import("./host.js").HostSession} HostSession
 * @typedef {import("./host.js").Naming} Naming
 */

/** Whether a root is a fork. In OpenCode 1 the title is its only mark (1.18.33, `Session.fork`). @param {HostSession} root */
const isFork = ({ title, fork }) => fork !== undefined || / \(fork #\d+\)$/.test(title)

/**
 * Reports to the engine which sessions the calls in messages name.
 */
export class Namings {
  #host
  #sync
  /** The reads of roots, done or in progress. A root that events have reported whole needs none. @type {Map<string, Promise<void>>} */
  #reads = new Map()
  /** Of those, the roots that the next read reads again. @type {Set<string>} */
  #outdated = new Set()
  /** The roots whose messages are to be read before their next call. @type {Set<string>} */
  #due = new Set()
  /** How many roots are being read. */
  #reading = 0

  /**
   * @param {Pick<import("./host.js").Host, "namings">} host
   * @param {Pick<import("./engine_sync.js").EngineSync, "apply" | "load" | "session">} sync
   */
  constructor(host, sync) {
    this.#host = host
    this.#sync = sync
  }

  /** Takes in that events report every message of a root. @param {string} rootID */
  expect(rootID) {
    this.#reads.set(rootID, Promise.resolve())
  }

  /**
   * Takes in a session that was read. The messages of a fork say what it names. So do those of a root with a child whose record
   * does not say which call spawned it: its process may have died too early to store that.
   * @param {HostSession} session
   * @param {string} rootID
   */
  found(session, rootID) {
    const asks = session.id === rootID ? isFork(session) : session.parentID === rootID && isPlaceUnsure(session)
    if (asks && !this.#isRead(rootID)) this.#due.add(rootID)
  }

  /**
   * Takes in that the messages of a session may name others than those that its read finds: the next name that is not found is
   * looked up in them again. A read in progress still counts until then.
   * @param {string} sessionID
   */
  outdate(sessionID) {
    if (this.#reads.has(sessionID)) this.#outdated.add(sessionID)
  }

  /**
   * Takes in a call that names a session. A fork may name one of a root that is not loaded: then its messages are to be read.
   * @param {string} sessionID the session whose call it is
   * @param {Naming} naming
   */
  add(sessionID, naming) {
    if (this.#sync.session(naming.namedID)) this.#sync.apply({ type: "session.named", now: Date.now(), sessionID, ...naming })
    else {
      this.outdate(sessionID)
      this.#due.add(sessionID)
    }
  }

  /** Whether the messages of a root are read, or a read of them is in progress that finds all. @param {string} rootID */
  #isRead(rootID) {
    return this.#reads.has(rootID) && !this.#outdated.has(rootID)
  }

  /** Reads the messages of a root that was loaded. A root that is loaded for another's messages waits for its next call. @param {string} rootID */
  async readLoaded(rootID) {
    if (!this.#reading) await this.readDue(rootID)
  }

  /** Reads the messages of a root if they are to be read. @param {string} rootID */
  async readDue(rootID) {
    if (this.#due.has(rootID)) await this.read(rootID)
    else await this.#reads.get(rootID)
  }

  /**
   * Reads which sessions the messages of a root name, once, and loads those of other roots.
   * @param {string} rootID
   */
  read(rootID) {
    const reading = this.#reads.get(rootID)
    if (reading && this.#isRead(rootID)) return reading
    for (const roots of [this.#due, this.#outdated]) roots.delete(rootID)
    const read = async () => {
      this.#reading++
      const namings = await this.#host.namings(rootID)
      for (const id of new Set(namings.map(({ namedID }) => namedID))) {
        // A session that is gone stays unknown.
        if (!this.#sync.session(id)) await this.#sync.load(id).catch(() => {})
      }
      for (const naming of namings) if (this.#sync.session(naming.namedID)) this.add(rootID, naming)
    }
    // Without its messages a conversation goes on; the next name that is not found reads them again.
    const done = read().catch(() => void this.#reads.delete(rootID)).finally(() => this.#reading--)
    this.#reads.set(rootID, done)
    return done
  }

  /** @param {string} rootID */
  delete(rootID) {
    for (const roots of [this.#reads, this.#due, this.#outdated]) roots.delete(rootID)
  }

  clear() {
    for (const roots of [this.#reads, this.#due, this.#outdated]) roots.clear()
  }
}
