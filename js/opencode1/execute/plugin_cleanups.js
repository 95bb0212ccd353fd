// The aborts by which another plugin clears up after the answers of its background tasks.

/** The longest wait for a plugin to clear up after an answer, in milliseconds: it need not. */
const CLEAR_MS = 30_000

/**
 * Knows which sessions the plugin may abort to clear up.
 */
export class PluginCleanups {
  /** The sessions that have answered, until the plugin aborts them, each with those who wait for that. @type {Map<string, (() => void)[]>} */
  #answered = new Map()

  /** Expects that the plugin aborts a session to clear up, for a while: a later abort is meant. @param {string} sessionID */
  expect(sessionID) {
    const waiting = /** @type {(() => void)[]} */ ([])
    this.#answered.set(sessionID, waiting)
    setTimeout(() => this.#answered.get(sessionID) === waiting && this.end(sessionID), CLEAR_MS).unref()
  }

  /** Expects no abort for an answer of a session any more. @param {string} sessionID @returns {boolean} whether one was expected */
  end(sessionID) {
    const waiting = this.#answered.get(sessionID)
    this.#answered.delete(sessionID)
    waiting?.forEach((wake) => wake())
    return waiting !== undefined
  }

  /**
   * Waits until the plugin has cleared up after the answer of a session.
   * @param {string} sessionID @param {AbortSignal} abort
   * @returns {Promise<boolean>} whether it had to
   */
  async whenDone(sessionID, abort) {
    const waiting = this.#answered.get(sessionID)
    if (!waiting || abort.aborted) return false
    await new Promise((resolve) => {
      const end = () => (clearTimeout(timer), resolve(undefined))
      const timer = setTimeout(end, CLEAR_MS)
      waiting.push(end)
      abort.addEventListener("abort", end, { once: true })
    })
    return !abort.aborted
  }
}
