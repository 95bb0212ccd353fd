// The engine's records in the metadata of sessions, beside the metadata of others.

/** @typedef {Pick<import("./host.js").Host, "session" | "setMetadata">} Host */

/** The key of the engine's record in a session's metadata. */
export const RECORD_KEY = "delegate"

/** The longest wait of a record that is not urgent, in milliseconds: a write costs OpenCode about seven. */
const LATER_MS = 1_000
/** That of an urgent record for which nobody waits. The events of a new session change its record at once. */
const SOON_MS = 20

/**
 * Stores records. The writes of one session follow each other; of several waiting records only the last is written.
 */
export class RecordWriter {
  /** @type {Host} */
  #host
  /** @type {(sessionID: string, error?: Error) => void} */
  #report
  /** The last known metadata, by session. @type {Map<string, Record<string, unknown>>} */
  #metadata = new Map()
  /** The records that wait, by session. @type {Map<string, unknown>} */
  #waiting = new Map()
  /** @type {Map<string, NodeJS.Timeout>} */
  #timers = new Map()
  /** The sessions whose waiting record is urgent. @type {Set<string>} */
  #urgent = new Set()
  /** @type {Map<string, Promise<void>>} */
  #writing = new Map()
  /** Sessions whose last record could not be written. @type {Set<string>} */
  #unwritten = new Set()
  /** Those records, until newer ones come. @type {Map<string, unknown>} */
  #failed = new Map()

  /**
   * @param {Host} host
   * @param {(sessionID: string, error?: Error) => void} report hears of each session whose last record is written, or could not
   *   be written
   */
  constructor(host, report) {
    this.#host = host
    this.#report = report
  }

  /**
   * Takes in the metadata of a session. A write replaces it whole, so the metadata of others must be known.
   * @param {string} sessionID
   * @param {Record<string, unknown>} [metadata]
   */
  noteMetadata(sessionID, metadata = {}) {
    this.#metadata.set(sessionID, metadata)
  }

  /** Whether the known metadata of a session has this record. @param {string} sessionID @param {Record<string, unknown>} [metadata] */
  holds(sessionID, metadata) {
    return isSame(this.#metadata.get(sessionID)?.[RECORD_KEY], metadata?.[RECORD_KEY])
  }

  /**
   * Writes a record within a second, or in a moment if it is urgent.
   * @param {string} sessionID
   * @param {unknown} record
   * @param {boolean} later
   */
  store(sessionID, record, later) {
    this.#failed.delete(sessionID)
    this.#waiting.set(sessionID, record)
    if (later ? this.#timers.has(sessionID) : this.#urgent.has(sessionID)) return
    if (!later) this.#urgent.add(sessionID)
    this.#stopTimer(sessionID)
    const timer = setTimeout(() => this.#write(sessionID), later ? LATER_MS : SOON_MS)
    timer.unref()
    this.#timers.set(sessionID, timer)
  }

  /** Forgets a session that is gone. @param {string} sessionID */
  forget(sessionID) {
    this.#take(sessionID)
    this.#metadata.delete(sessionID)
    this.#unwritten.delete(sessionID)
    this.#failed.delete(sessionID)
  }

  /**
   * Resolves when the urgent records of a session are written.
   * @param {string} sessionID
   * @returns {Promise<boolean>} whether the last write succeeded
   */
  async whenWritten(sessionID) {
    if (this.#urgent.has(sessionID)) this.#write(sessionID)
    await this.#writing.get(sessionID)
    return !this.#unwritten.has(sessionID)
  }

  /** Writes all waiting records, and once more those that could not be written. Resolves when that is done. */
  async flush() {
    for (const [sessionID, record] of this.#failed) this.store(sessionID, record, true)
    for (const sessionID of this.#waiting.keys()) this.#write(sessionID)
    while (this.#writing.size) await Promise.all(this.#writing.values())
  }

  /** @param {string} sessionID */
  #write(sessionID) {
    this.#stopTimer(sessionID)
    if (this.#writing.has(sessionID)) return
    const writing = this.#writeAll(sessionID)
      .then(() => void this.#unwritten.delete(sessionID))
      .catch((error) => {
        this.#take(sessionID)
        this.#unwritten.add(sessionID)
        this.#report(sessionID, error)
      })
      .finally(() => {
        this.#writing.delete(sessionID)
        // The report may have brought another record.
        if (this.#urgent.has(sessionID) || (this.#waiting.has(sessionID) && !this.#timers.has(sessionID))) this.#write(sessionID)
      })
    this.#writing.set(sessionID, writing)
  }

  /** @param {string} sessionID */
  async #writeAll(sessionID) {
    while (this.#waiting.has(sessionID)) {
      const record = this.#take(sessionID)
      try {
        await this.#writeOne(sessionID, record)
      } catch (error) {
        this.#failed.set(sessionID, this.#waiting.get(sessionID) ?? record)
        throw error
      }
      if (!this.#waiting.has(sessionID)) this.#report(sessionID)
    }
  }

  /** The record that waits, which waits no longer. @param {string} sessionID */
  #take(sessionID) {
    const record = this.#waiting.get(sessionID)
    this.#stopTimer(sessionID)
    this.#waiting.delete(sessionID)
    this.#urgent.delete(sessionID)
    return record
  }

  /** @param {string} sessionID */
  #stopTimer(sessionID) {
    clearTimeout(this.#timers.get(sessionID))
    this.#timers.delete(sessionID)
  }

  /** @param {string} sessionID @param {unknown} record */
  async #writeOne(sessionID, record) {
    const metadata = this.#metadata.get(sessionID) ?? (await this.#host.session(sessionID)).metadata
    if (isSame(metadata?.[RECORD_KEY], record)) return
    const { metadata: written } = await this.#host.setMetadata(sessionID, { ...metadata, [RECORD_KEY]: record })
    this.noteMetadata(sessionID, written)
  }
}

/** @param {unknown} one @param {unknown} other */
const isSame = (one, other) => JSON.stringify(one) === JSON.stringify(other)
