// An error of the terminal half ends in the log: the terminal goes on.

/** The number of errors that are logged: one that comes back with each event must not fill the log. */
const MOST = 20

/**
 * @typedef {ReturnType<typeof makeGuard>} Guard
 * @param {(message: string) => Promise<unknown>} log
 */
export function makeGuard(log) {
  const said = /** @type {Set<string>} */ (new Set())
  /** @param {string} what @param {unknown} error */
  const report = (what, error) => {
    const message = `The terminal half failed to ${what}: ${error instanceof Error ? error.message : String(error)}`
    if (said.size >= MOST || said.has(message)) return
    said.add(message)
    log(message).catch(() => {})
  }
  return {
    report,
    /**
     * The same function, whose errors are logged.
     * @template {any[]} A
     * @template R
     * @param {string} what what it does, for the log: "show the tree"
     * @param {(...given: A) => R} work
     * @returns {(...given: A) => R | undefined}
     */
    guarded: (what, work) => (...given) => {
      try {
        const done = work(...given)
        if (done instanceof Promise) done.catch((error) => report(what, error))
        return done
      } catch (error) {
        report(what, error)
        return undefined
      }
    },
  }
}
