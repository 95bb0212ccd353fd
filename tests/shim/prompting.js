// A plugin with delegation tools of its own whose prompts are refused, aborted and broken off, and a clock for its long waits.

import { composed } from "./composed.js"
import { later } from "./opencode.js"

/** @param {any} args @param {any} client @param {any} context @returns {Promise<string>} the id of a new child */
export const create = async ({ description }, { session }, { sessionID }) => (await session.create({ body: { parentID: sessionID, title: `${description} (child)` } })).data.id

/** Prompts a session as the plugin does. @param {any} client @param {string} id @param {string} text @param {object} [more] further fields of the body */
export const prompt = ({ session }, id, text, more) => session.promptAsync({ path: { id }, body: { parts: [{ type: "text", text }], ...more } })

/**
 * The plugin, composed, and its client.
 * @param {(args: any, client: any, context: any) => Promise<string>} [instead] what its tool does: it prompts a child, if left out
 * @param {Parameters<typeof composed>[1]} [options]
 */
export async function prompting(instead, options) {
  const at = await composed(async (args, client, context) => {
    shared.client = client
    if (instead) return instead(args, client, context)
    const id = args.resume ?? (await create(args, client, context))
    await prompt(client, id, args.prompt)
    return `Done\nSession: ${id}`
  }, options)
  const { session } = at.input.client
  /** Has OpenCode answer prompts of children in another way. @param {"prompt" | "promptAsync"} method @param {(args: any, send: (args: any) => Promise<any>) => any} answer */
  const answering = (method, answer) => {
    const send = session[method]
    session[method] = async (/** @type {any} */ args) => (args.path.id === "ses_root" ? send(args) : answer(args, send))
  }
  /** A turn of a session: it begins, breaks off with an error, if one is given, and ends. @param {string} id @param {any} [error] */
  const turn = async (id, error) => {
    await at.status(id, "busy")
    await later(2)
    if (error) await at.emit("session.error", { sessionID: id, error })
    await at.status(id, "idle")
    await later(2)
  }
  /** What the engine has reported to the caller. */
  const reports = () => at.prompts.filter(({ id }) => id === "ses_root").map(({ parts }) => parts.map((/** @type {any} */ { text }) => text).join("\n"))
  /** What each child was asked. */
  const asked = () => at.prompts.filter(({ id }) => id !== "ses_root").map(({ id, parts }) => [id, ...parts.map((/** @type {any} */ { text }) => text)])
  const shared = { ...at, client: /** @type {any} */ (undefined), answering, turn, reports, asked }
  return shared
}

/** Waits until something is so. @param {() => unknown} isSo */
export async function until(isSo) {
  for (let looks = 0; !isSo(); looks++) {
    if (looks > 200) throw new Error(`It does not come to this: ${isSo}`)
    await later()
  }
}

/** @typedef {typeof import("node:test").mock} Mock */

/** The shortest wait that a test holds back, in milliseconds. */
const LONG_MS = 1_000

/**
 * Holds back the long waits of a test.
 * @param {Mock} mock
 * @returns {(ms: number) => Promise<void>} lets a time pass for them
 */
export function longWaits(mock) {
  /** @type {Map<object, { end: () => void, ms: number }>} */
  const held = new Map()
  const { setTimeout, clearTimeout } = globalThis
  mock.method(globalThis, "setTimeout", /** @type {any} */ ((/** @type {() => void} */ end, /** @type {number} */ ms) => {
    if (!(ms >= LONG_MS)) return setTimeout(end, ms)
    const timer = { unref: () => timer }
    held.set(timer, { end, ms })
    return timer
  }))
  mock.method(globalThis, "clearTimeout", /** @type {any} */ ((/** @type {any} */ timer) => void (held.delete(timer) || clearTimeout(timer))))
  return async (ms) => {
    // A wait that begins meanwhile has all its time left.
    for (const [timer, wait] of [...held]) {
      wait.ms -= ms
      if (wait.ms > 0 || !held.delete(timer)) continue
      wait.end()
    }
    await later(5)
  }
}
