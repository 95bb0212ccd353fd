// The link from a running call to its child in the terminal. OpenCode gives plugins no other way to show it that works.

/**
 * @typedef {import("../sdk/index.js").Host} Host
 * @typedef {import("../sdk/index.js").Part} Part
 */

/** The age of a child before it is shown, in milliseconds. An earlier write would slow its start. By then, its model is at work. */
const SHOW_MS = 300

/**
 * Names the child in the running part of its call, after a while. A child that answers sooner is shown by its result alone.
 *
 * A part that OpenCode has ended or removed must not be written: it would run for ever.
 * @param {Host} host
 * @param {Part | undefined} part
 * @param {string} title
 * @param {Record<string, unknown>} metadata
 * @param {AbortSignal} abort ends the call
 * @returns {{ now: () => Promise<void>, settled: () => Promise<void> }} `now` shows the child at once, if the call still runs;
 *   `settled` cancels the wait, and resolves when a begun write is done: a later write would overwrite the result
 */
export function showChild(host, part, title, metadata, abort) {
  /** @type {Promise<unknown> | undefined} */
  let shown
  const begin = () => {
    if (shown || !part || !runs(part)) return
    const state = { ...part.state, title, metadata: { ...part.state.metadata, ...metadata } }
    shown = host.setPart({ ...part, state }).catch(() => {})
  }
  const timer = setTimeout(() => !abort.aborted && begin(), SHOW_MS)
  const settled = async () => {
    clearTimeout(timer)
    await shown
  }
  const now = async () => {
    clearTimeout(timer)
    if (part && !shown) {
      const message = await host.message(part.sessionID, part.messageID).catch(() => undefined)
      if (message?.parts.some((stored) => stored.id === part.id && runs(stored))) begin()
    }
    return settled()
  }
  return { now, settled }
}

/** @param {any} part */
const runs = ({ state }) => state?.status === "running"
