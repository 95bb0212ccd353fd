// One prompt at a time for each child: OpenCode gives two calls of one running child each other's answers.

/** How often something is looked at that nobody tells of, in milliseconds. */
export const LOOK_MS = 250

/**
 * Whose turn it is on each session.
 */
export class Turns {
  /** The end of the last turn that was asked for, by session. @type {Map<string, Promise<void>>} */
  #last = new Map()

  /**
   * Takes the next turn on a session.
   * @param {string} sessionID
   * @returns {{ came: Promise<void>, end: () => void }} when the turns before it have ended, and what ends it; to end it
   *   twice, or before it came, does no harm
   */
  take(sessionID) {
    const came = this.#last.get(sessionID) ?? Promise.resolve()
    /** @type {() => void} */
    let end = () => {}
    const turn = new Promise((resolve) => (end = () => resolve(undefined)))
    const last = came.then(() => turn).then(() => {
      if (this.#last.get(sessionID) === last) this.#last.delete(sessionID)
    })
    this.#last.set(sessionID, last)
    return { came, end }
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
