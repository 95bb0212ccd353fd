// The link from a running call to its child in the terminal. OpenCode gives plugins no other way to show it that works.

/**
 * @typedef {import("../sdk/index.js").Host} Host
 * @typedef {import("../sdk/index.js").Part} Part
 */

/** The age of a child before it is shown, in milliseconds: showing it slows its start. */
const SHOW_MS = 50

/**
 * Names the child in the running part of its call, after a while. A child that answers sooner is shown by its result alone.
 * @param {Host} host
 * @param {Part | undefined} part
 * @param {string} title
 * @param {Record<string, unknown>} metadata
 * @returns {{ now: () => Promise<void>, settled: () => Promise<void> }} `now` shows the child at once; `settled` cancels the
 *   wait, and resolves when a begun write is done: a later write would overwrite the result
 */
export function showChild(host, part, title, metadata) {
  /** @type {Promise<unknown> | undefined} */
  let shown
  const begin = () => {
    if (shown || part?.state.status !== "running") return
    const state = { ...part.state, title, metadata: { ...part.state.metadata, ...metadata } }
    shown = host.setPart({ ...part, state }).catch(() => {})
  }
  const timer = setTimeout(begin, SHOW_MS)
  const settled = async () => {
    clearTimeout(timer)
    await shown
  }
  const now = () => {
    begin()
    return settled()
  }
  return { now, settled }
}
