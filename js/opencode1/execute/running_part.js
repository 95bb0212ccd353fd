// Shows a child in the terminal while it runs, which OpenCode gives plugins no other way to do that works.

/**
 * @typedef {import("../sdk/client.js").Host} Host
 * @typedef {import("./error_patches.js").Part} Part
 */

/** How long a child runs before it is shown, in milliseconds: to show it takes time from its beginning. */
const SHOW_MS = 50

/**
 * Has the running part of a call tell of its child after a while; one that answers sooner is shown by its result alone.
 * @param {Host} host
 * @param {Part | undefined} part
 * @param {string} title
 * @param {Record<string, unknown>} metadata
 * @returns {{ now: () => Promise<void>, settled: () => Promise<void> }} shows it at once; ends the wait, and is done when
 *   what was begun is: later it would be written over the result
 */
export function show(host, part, title, metadata) {
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
