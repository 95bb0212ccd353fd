// The reads of sessions that changed. OpenCode 2 says that a session changed, not how.

/** The time in which changes of a session are read together, in milliseconds. */
const TOGETHER_MS = 100

/** The longest wait for a read, in milliseconds. */
const LONGEST_MS = 1_000

/**
 * @typedef {object} Read a read of a session, due or in progress
 * @property {(() => void)[]} after what waits for it, in order
 * @property {ReturnType<typeof setTimeout>} [timer]
 */

/**
 * @template Session
 * @param {(sessionID: string) => Promise<Session>} read
 * @param {{ take: (session: Session) => void, refused: (sessionID: string, error: unknown) => void }} to hears of each answer; of two reads of a session, only the later counts
 */
export function sessionReads(read, { take, refused }) {
  const due = /** @type {Map<string, Read>} */ (new Map())
  const running = /** @type {Map<string, Read>} */ (new Map())
  let over = false

  /** @param {string} sessionID @param {Read} one */
  async function begin(sessionID, one) {
    due.delete(sessionID)
    // An earlier read that is still running knows less.
    one.after.unshift(...(running.get(sessionID)?.after.splice(0) ?? []))
    running.set(sessionID, one)
    try {
      const session = await read(sessionID)
      if (running.get(sessionID) === one && !over) take(session)
    } catch (error) {
      refused(sessionID, error)
    }
    if (running.get(sessionID) === one) running.delete(sessionID)
    for (const act of one.after) act()
  }

  return {
    /** Reads a session once for all changes of a while. @param {string} sessionID */
    ask(sessionID) {
      if (due.has(sessionID)) return
      const one = /** @type {Read} */ ({ after: [] })
      one.timer = setTimeout(() => begin(sessionID, one), TOGETHER_MS)
      due.set(sessionID, one)
    },
    /** Acts when no change of a session waits for its read, which gives the name that a person reads, or after a while. @param {string} sessionID @param {() => void} act */
    after(sessionID, act) {
      const one = due.get(sessionID) ?? running.get(sessionID)
      if (!one) return act()
      let acted = false
      const actOnce = () => {
        if (!acted && !over) act()
        acted = true
        clearTimeout(timer)
      }
      const timer = setTimeout(actOnce, LONGEST_MS)
      one.after.push(actOnce)
    },
    /** Drops the read that is due. @param {string} sessionID */
    forget(sessionID) {
      clearTimeout(due.get(sessionID)?.timer)
      due.delete(sessionID)
    },
    /** Ends all reads: nothing is taken in or acted upon any more. */
    end() {
      over = true
      for (const { timer } of due.values()) clearTimeout(timer)
      due.clear()
    },
  }
}
