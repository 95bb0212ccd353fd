// The messages that users undo. OpenCode 2 reports the end of an undo without the messages that it removed.

/**
 * Follows the undone messages of each session.
 */
export class Undos {
  #host
  #sync
  /** The ids of the messages that are reverted, by session. @type {Map<string, string[]>} */
  #reverted = new Map()

  /** @param {import("./sdk/index.js").Host} host @param {import("../core/index.js").EngineSync} sync */
  constructor(host, sync) {
    this.#host = host
    this.#sync = sync
  }

  /** Takes in that messages are reverted from one on. @param {string} sessionID @param {{ messageID: string }} revert */
  async staged(sessionID, revert) {
    const ids = (await this.#host.messages(sessionID)).map(({ id }) => id)
    const from = ids.indexOf(revert.messageID)
    this.#reverted.set(sessionID, from < 0 ? [] : ids.slice(from))
    this.#note(sessionID, revert)
  }

  /** Looks whether messages of a session were reverted before this plugin was loaded: the next prompt removes them. @param {string} sessionID */
  async look(sessionID) {
    const { revert } = await this.#host.session(sessionID)
    if (revert && !this.#reverted.has(sessionID)) await this.staged(sessionID, revert)
  }

  /** Takes in that the reverted messages are back. @param {string} sessionID */
  cleared(sessionID) {
    this.#reverted.delete(sessionID)
    this.#note(sessionID)
  }

  /** Forgets a session that is gone. @param {string} sessionID */
  forget(sessionID) {
    this.#reverted.delete(sessionID)
  }

  /** Takes in that the reverted messages are removed. @param {string} sessionID */
  async committed(sessionID) {
    for (const messageID of this.#reverted.get(sessionID) ?? []) await this.#sync.messageRemoved({ sessionID, messageID })
    this.cleared(sessionID)
  }

  /** @param {string} sessionID @param {{ messageID: string }} [revert] */
  #note(sessionID, revert) {
    this.#sync.noteRevert({ id: sessionID, title: "", time: { created: 0, updated: 0 }, revert })
  }
}
