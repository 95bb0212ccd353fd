// The reading of a conversation from the host: the sessions above one, and a root with everything below it.

import { HostRefusal } from "./host.js"

/**
 * @typedef {import("./host.js").HostSession} HostSession
 * @typedef {Pick<import("./host.js").Host, "session" | "children" | "callChildren">} BelowHost
 * @typedef {(id: string, error: Error, parentID: string) => void} LeaveOut
 * @typedef {BelowHost & Pick<import("./host.js").Host, "status">} Host
 */

/**
 * Reads a session and the sessions above it, the root first.
 * @param {Pick<Host, "session">} host
 * @param {string} sessionID
 * @throws {Error} if a session is above itself: another program may have stored that
 */
export async function readLine(host, sessionID) {
  const line = [await host.session(sessionID)]
  const ids = new Set([sessionID])
  for (let { parentID } = line[0]; parentID; { parentID } = line[0]) {
    if (ids.has(parentID)) throw new Error(`Session ${sessionID} has no root: OpenCode says that session ${parentID} is above itself.`)
    ids.add(parentID)
    line.unshift(await host.session(parentID))
  }
  return line
}

/**
 * Reads a root and everything below it, parents before children, and children in order of creation.
 * @param {Host} host
 * @param {string} rootID
 * @param {HostSession | undefined} root
 * @param {(session: HostSession, running: { status: "busy" | "retry", asked: number } | undefined) => boolean} add hears of each
 *   session, and says whether it may have children. An end that an event reports during the read is later than `asked`
 * @param {LeaveOut} leaveOut hears of each session that the host cannot read
 */
export async function readTree(host, rootID, root, add, leaveOut) {
  const asked = Date.now()
  // The calls in a row are what a read costs. If there is no root, its own call says that.
  const below = childrenOf(host, rootID, leaveOut)
  below.catch(() => {})
  const [top, busy] = await Promise.all([root ?? host.session(rootID), host.status()])
  const found = (/** @type {HostSession} */ session) => {
    const status = busy[session.id]?.type
    return add(session, status && status !== "idle" ? { status, asked } : undefined)
  }
  found(top)
  await readBelow(host, rootID, found, leaveOut, below)
}

/**
 * Reads everything below a session, parents before children, and children in order of creation.
 * @param {BelowHost} host
 * @param {string} topID
 * @param {(session: HostSession) => boolean} found hears of each session, and says whether it may have children
 * @param {LeaveOut} leaveOut
 * @param {Promise<HostSession[]>} [below] the children of the session, if they are being read
 */
export async function readBelow(host, topID, found, leaveOut, below = childrenOf(host, topID, leaveOut)) {
  const known = new Set([topID])
  for (let lists = [below]; lists.length; ) {
    const listed = (await Promise.all(lists)).flat()
    // Another program may have stored a session without its fields, or below itself.
    const children = listed.filter((child) => typeof child?.id === "string" && !known.has(child.id))
    const created = (/** @type {HostSession} */ { time }) => time?.created ?? 0
    children.sort((a, b) => created(a) - created(b) || (a.id < b.id ? 1 : -1))
    for (const { id } of children) known.add(id)
    lists = children.filter(found).map(({ id }) => childrenOf(host, id, leaveOut))
  }
}

/**
 * The children of a session. A host refuses the whole list if it cannot read one of them: then each is read by itself.
 * @param {BelowHost} host
 * @param {string} parentID
 * @param {LeaveOut} leaveOut
 * @returns {Promise<HostSession[]>}
 */
async function childrenOf(host, parentID, leaveOut) {
  const list = await host.children(parentID).catch(refusal)
  if (!(list instanceof HostRefusal)) return list
  const ids = await host.callChildren(parentID)
  const read = await Promise.all(ids.map((id) => host.session(id).catch(refusal)))
  const unreadable = ids.filter((_, index) => isUnreadable(read[index]))
  // Without an unreadable child, the refusal has another cause.
  if (!unreadable.length) return host.children(parentID)
  for (const id of unreadable) leaveOut(id, list, parentID)
  return read.filter((child) => !(child instanceof HostRefusal) && child.parentID === parentID).map((child) => /** @type {HostSession} */ (child))
}

/** A host's refusal as a value. Any other failure rejects: it says nothing about a session. @param {unknown} error */
function refusal(error) {
  if (error instanceof HostRefusal) return error
  throw error
}

/** @param {unknown} read */
const isUnreadable = (read) => read instanceof HostRefusal && !read.missing
