// The reading of a conversation from the host: a root and everything below it.

import { canDelegate } from "./host_session.js"

/** @typedef {import("./host.js").HostSession} HostSession */

/**
 * Reads a root and everything below it, parents before children, and children in order of creation.
 * @param {Pick<import("./host.js").Host, "session" | "children" | "status">} host
 * @param {string} rootID
 * @param {HostSession | undefined} root
 * @param {(session: HostSession, running: { status: "busy" | "retry", asked: number } | undefined) => void} add hears of each
 *   session. An end that an event reports during the read is later than `asked`
 */
export async function readTree(host, rootID, root, add) {
  const asked = Date.now()
  const [top, busy] = await Promise.all([root ?? host.session(rootID), host.status()])
  const found = (/** @type {HostSession} */ session) => {
    const status = busy[session.id]?.type
    add(session, status && status !== "idle" ? { status, asked } : undefined)
  }
  found(top)
  for (let parents = [top]; parents.length; ) {
    const children = (await Promise.all(parents.map(({ id }) => host.children(id)))).flat()
    children.sort((a, b) => a.time.created - b.time.created || (a.id < b.id ? 1 : -1))
    for (const child of children) found(child)
    parents = children.filter(canDelegate)
  }
}
