// The sessions of which some messages are reverted, as the host reports them.

/**
 * @typedef {import("./host.js").HostSession} HostSession
 * @typedef {NonNullable<HostSession["revert"]>} Revert
 */

/**
 * Reports to the engine from which message on a session is reverted.
 */
export class Reverts {
  #host
  #sync
  /** The known reverts, by session. @type {Map<string, Revert>} */
  #reverted = new Map()
  /** How many reads are in progress. */
  #reading = 0
  /** What events have reported meanwhile: it is newer than what the reads show. @type {Map<string, Revert | undefined>} */
  #heard = new Map()

  /**
   * @param {Pick<import("./host.js").Host, "messagesFrom">} host
   * @param {Pick<import("./engine_sync.js").EngineSync, "apply">} sync
   */
  constructor(host, sync) {
    this.#host = host
    this.#sync = sync
  }

  /** Runs a read of sessions. @param {() => Promise<void>} read */
  async during(read) {
    this.#reading++
    try {
      await read()
    } finally {
      this.#reading--
      if (!this.#reading) this.#heard.clear()
    }
  }

  /** Takes in the event that says from which message on a session is reverted, or that none is any more. @param {string} sessionID @param {HostSession["revert"]} [revert] */
  heard(sessionID, revert) {
    if (this.#reading) this.#heard.set(sessionID, revert)
    this.note(sessionID, revert)
  }

  /** From which message on a session is reverted that a read shows. @param {HostSession} session */
  of({ id, revert }) {
    return this.#heard.has(id) ? this.#heard.get(id) : revert
  }

  /** Takes in from which message on a session is reverted, or that none is any more. @param {string} sessionID @param {HostSession["revert"]} [revert] */
  note(sessionID, revert) {
    if (revert) this.#reverted.set(sessionID, revert)
    else if (!this.#reverted.delete(sessionID)) return
    this.#sync.apply({ type: "session.reverted", now: Date.now(), sessionID, messageID: revert?.messageID, partID: revert?.partID })
  }

  /** Whether a session is known as reverted. @param {string} sessionID */
  has(sessionID) {
    return this.#reverted.has(sessionID)
  }

  /**
   * Takes in that a read shows no revert of a session. If one is known, another process ended it: with a redo, or with a prompt,
   * which removes the reverted messages.
   * @param {string} sessionID
   */
  async noteNone(sessionID) {
    const known = this.#reverted.get(sessionID)
    if (!known) return
    const { messageID, partID } = known
    const messages = await this.#host.messagesFrom(sessionID, messageID)
    // An event may have reported the end meanwhile, or another revert.
    if (this.#reverted.get(sessionID) !== known) return
    const stands = messages.some(({ id, partIDs }) => id === messageID && (!partID || partIDs.includes(partID)))
    const before = messages.find(({ id }) => id > messageID)?.id
    if (!stands) this.#sync.apply({ type: "message.removed", now: Date.now(), sessionID, messageID, partID, later: true, before })
    this.note(sessionID)
  }

  /** @param {string} sessionID */
  delete(sessionID) {
    this.#reverted.delete(sessionID)
  }

  clear() {
    this.#reverted.clear()
  }
}
