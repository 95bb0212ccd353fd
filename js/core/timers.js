// The timers that the engine asks for, one for each session.

/** The longest wait that a timer takes, in milliseconds: a longer one would end at once. */
const LONGEST_MS = 2 ** 31 - 1

/**
 * Reports to the engine that a time has come.
 */
export class Timers {
  #ring
  /** @type {Map<string, NodeJS.Timeout>} */
  #timers = new Map()

  /** @param {(sessionID: string) => void} ring hears of each time that has come */
  constructor(ring) {
    this.#ring = ring
  }

  /** Sets the timer of a session, in place of the one before. @param {{ sessionID: string, at: number }} timer */
  set({ sessionID, at }) {
    this.forget(sessionID)
    const timer = setTimeout(() => {
      this.#timers.delete(sessionID)
      this.#ring(sessionID)
    }, Math.min(Math.max(at - Date.now(), 0), LONGEST_MS))
    timer.unref()
    this.#timers.set(sessionID, timer)
  }

  /** @param {string} sessionID */
  forget(sessionID) {
    clearTimeout(this.#timers.get(sessionID))
    this.#timers.delete(sessionID)
  }

  close() {
    for (const sessionID of [...this.#timers.keys()]) this.forget(sessionID)
  }
}
