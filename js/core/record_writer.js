// The engine's records in the sessions' metadata, beside what others keep there.

/**
 * @typedef {import("../opencode1/sdk/client.js").Host} Host
 */

/** The key of a session's metadata under which the engine's record is kept. */
export const KEY = "delegate"

/** How long a record may wait that could be done without, in milliseconds: a write costs OpenCode about seven. */
const LATER_MS = 1_000

/**
 * Writes records, of one session one after the other, of several that wait the last.
 */
export class Records {
  /** @type {Host} */
  #host
  /** @type {(sessionID: string, error: Error) => void} */
  #failed
  /** The metadata of sessions as it was last told. @type {Map<string, Record<string, unknown>>} */
  #metadata = new Map()
  /** What is to be written. @type {Map<string, unknown>} */
  #waiting = new Map()
  /** @type {Map<string, NodeJS.Timeout>} */
  #timers = new Map()
  /** @type {Map<string, Promise<void>>} */
  #writing = new Map()
  /** Sessions of which the last record could not be written. @type {Set<string>} */
  #unwritten = new Set()

  /**
   * @param {Host} host
   * @param {(sessionID: string, error: Error) => void} failed is told of a record that could not be written
   */
  constructor(host, failed) {
    this.#host = host
    this.#failed = failed
  }

  /**
   * Takes in the metadata of a session: writing replaces it whole, so what others keep there must be known.
   * @param {string} sessionID
   * @param {Record<string, unknown>} [metadata]
   */
  known(sessionID, metadata = {}) {
    this.#metadata.set(sessionID, metadata)
  }

  /**
   * Has a record written, now or when nobody waits for it.
   * @param {string} sessionID
   * @param {unknown} record
   * @param {boolean} later
   */
  store(sessionID, record, later) {
    this.#waiting.set(sessionID, record)
    if (!later) return void this.#write(sessionID)
    if (this.#timers.has(sessionID)) return
    const timer = setTimeout(() => this.#write(sessionID), LATER_MS)
    timer.unref()
    this.#timers.set(sessionID, timer)
  }

  /** Lets go of a session that is gone. @param {string} sessionID */
  forget(sessionID) {
    this.#metadata.delete(sessionID)
    this.#waiting.delete(sessionID)
    this.#unwritten.delete(sessionID)
  }

  /**
   * Is done when what was to be written of a session at once is written.
   * @param {string} sessionID
   * @returns {Promise<boolean>} whether it could be
   */
  async written(sessionID) {
    await this.#writing.get(sessionID)
    return !this.#unwritten.has(sessionID)
  }

  /** Writes all that waits, and is done when it is written. */
  async settled() {
    for (const sessionID of this.#waiting.keys()) this.#write(sessionID)
    while (this.#writing.size) await Promise.all(this.#writing.values())
  }

  /** @param {string} sessionID */
  #write(sessionID) {
    clearTimeout(this.#timers.get(sessionID))
    this.#timers.delete(sessionID)
    if (this.#writing.has(sessionID)) return
    const writing = this.#writeAll(sessionID)
      .then(() => void this.#unwritten.delete(sessionID))
      .catch((error) => {
        this.#waiting.delete(sessionID)
        this.#unwritten.add(sessionID)
        this.#failed(sessionID, error)
      })
      .finally(() => this.#writing.delete(sessionID))
    this.#writing.set(sessionID, writing)
  }

  /** @param {string} sessionID */
  async #writeAll(sessionID) {
    while (this.#waiting.has(sessionID)) {
      const record = this.#waiting.get(sessionID)
      this.#waiting.delete(sessionID)
      const metadata = this.#metadata.get(sessionID) ?? (await this.#host.session(sessionID)).metadata
      if (JSON.stringify(metadata?.[KEY]) === JSON.stringify(record)) continue
      const { metadata: written } = await this.#host.setMetadata(sessionID, { ...metadata, [KEY]: record })
      this.known(sessionID, written)
    }
  }
}
