// The sessions of which some messages are reverted, as the host reports them.

/** @typedef {import("./host.js").HostSession} HostSession */

/**
 * Reports to the engine from which message on a session is reverted.
 */
export class Reverts {
  #sync
  /** @type {Set<string>} */
  #reverted = new Set()

  /** @param {Pick<import("./engine_sync.js").EngineSync, "apply">} sync */
  constructor(sync) {
    this.#sync = sync
  }

  /** Takes in from which message on a session is reverted, or that none is any more. @param {string} sessionID @param {HostSession["revert"]} [revert] */
  note(sessionID, revert) {
    if (revert) this.#reverted.add(sessionID)
    else if (!this.#reverted.delete(sessionID)) return
    this.#sync.apply({ type: "session.reverted", now: Date.now(), sessionID, messageID: revert?.messageID, partID: revert?.partID })
  }

  /** @param {string} sessionID */
  delete(sessionID) {
    this.#reverted.delete(sessionID)
  }

  clear() {
    this.#reverted.clear()
  }
}
