// Many requests for the same work, done once.

/**
 * A function that asks for the work: it is done once for all who ask within a while.
 * @param {() => void} work
 * @param {number} ms
 * @returns {{ ask: () => void, end: () => void }} `end` forgets what was asked, and all that is asked later
 */
export function coalesce(work, ms) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer
  let over = false
  return {
    ask() {
      if (over) return
      timer ??= setTimeout(() => {
        timer = undefined
        work()
      }, ms)
    },
    end() {
      over = true
      clearTimeout(timer)
    },
  }
}
