// One prompt at a time for each child: OpenCode gives two calls of one running child each other's answers.

/**
 * A lock for each session.
 */
export class SessionLocks {
  /** The end of the last holder, by session. @type {Map<string, Promise<void>>} */
  #last = new Map()

  /**
   * Queues for a session's lock.
   * @param {string} sessionID
   * @returns {{ acquired: Promise<void>, release: () => void }} `acquired` resolves when the earlier holders have released the
   *   lock; `release` may be called twice, or before that
   */
  acquire(sessionID) {
    const acquired = this.#last.get(sessionID) ?? Promise.resolve()
    /** @type {() => void} */
    let release = () => {}
    const held = new Promise((resolve) => (release = () => resolve(undefined)))
    const last = acquired.then(() => held).then(() => {
      if (this.#last.get(sessionID) === last) this.#last.delete(sessionID)
    })
    this.#last.set(sessionID, last)
    return { acquired, release }
  }
}
