// The sessions that the messages of a conversation name: a fork's messages name sessions of the original.

/** @typedef {import("./host.js").Naming} Naming */

/** Whether a root is a fork by its title, its only mark (OpenCode 1.18.33, `Session.fork`). @param {import("./host.js").HostSession} root */
export const isFork = ({ title }) => / \(fork #\d+\)$/.test(title)

/**
 * Reports to the engine which sessions the calls in messages name.
 */
export class Namings {
  #host
  #sync
  /** The reads of roots, done or in progress. A root that events have reported whole needs none. @type {Map<string, Promise<void>>} */
  #reads = new Map()

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
   * Takes in a call that names a session. A fork may name one of a root that is not loaded: then its messages are to be read.
   * @param {string} sessionID the session whose call it is
   * @param {Naming} naming
   */
  add(sessionID, naming) {
    if (this.#sync.session(naming.namedID)) this.#sync.apply({ type: "session.named", now: Date.now(), sessionID, ...naming })
    else this.#reads.delete(sessionID)
  }

  /**
   * Reads which sessions the messages of a root name, once, and loads those of other roots.
   * @param {string} rootID
   */
  read(rootID) {
    const reading = this.#reads.get(rootID)
    if (reading) return reading
    const read = async () => {
      const namings = await this.#host.namings(rootID)
      for (const id of new Set(namings.map(({ namedID }) => namedID))) {
        // A session that is gone stays unknown.
        if (!this.#sync.session(id)) await this.#sync.load(id).catch(() => {})
      }
      for (const naming of namings) if (this.#sync.session(naming.namedID)) this.add(rootID, naming)
    }
    // Without its messages a conversation goes on; the next name that is not found reads them again.
    const done = read().catch(() => void this.#reads.delete(rootID))
    this.#reads.set(rootID, done)
    return done
  }

  /** @param {string} rootID */
  delete(rootID) {
    this.#reads.delete(rootID)
  }

  clear() {
    this.#reads.clear()
  }
}
