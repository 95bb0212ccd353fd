// One prompt at a time for each child: OpenCode gives two calls of one running child each other's answers.

/**
 * Whose turn it is on each session.
 */
export class Turns {
  /** The end of the last turn that was asked for, by session. @type {Map<string, Promise<void>>} */
  #last = new Map()

  /**
   * Waits for the turns on a session that were asked for before, and takes the next.
   * @param {string} sessionID
   * @param {AbortSignal} [signal] gives up waiting
   * @returns {Promise<() => void>} ends the turn; calling it again does nothing
   */
  async take(sessionID, signal) {
    const before = this.#last.get(sessionID) ?? Promise.resolve()
    /** @type {() => void} */
    let end = () => {}
    const turn = new Promise((resolve) => (end = () => resolve(undefined)))
    const last = before.then(() => turn).then(() => {
      if (this.#last.get(sessionID) === last) this.#last.delete(sessionID)
    })
    this.#last.set(sessionID, last)
    try {
      await abortable(before, signal)
    } catch (error) {
      end()
      throw error
    }
    return end
  }
}

/**
 * A promise that is given up when a signal says so.
 * @template T
 * @param {Promise<T>} promise
 * @param {AbortSignal} [signal]
 * @returns {Promise<T>}
 */
export function abortable(promise, signal) {
  if (!signal) return promise
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) return abort()
    signal.addEventListener("abort", abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort))
  })
}
