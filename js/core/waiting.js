// Waiting for changes that no event reports, and for promises that an abort ends.

/** The pause between two looks at something that no event reports, in milliseconds. */
export const POLL_MS = 250

/**
 * A promise that rejects with the signal's reason when the signal aborts.
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
