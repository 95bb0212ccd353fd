// OpenCode's own task tool beside the plugin: calls as it makes them, with their events and results.

import { CHILD, later, plugin } from "./opencode.js"

/** The part of a call in OpenCode's events. @param {string} status @param {Record<string, unknown>} [state] @param {string} [callID] */
export const part = (status, state, callID = "c1") => ({ id: `prt_${callID}`, messageID: "msg_1", sessionID: "ses_root", callID, type: "tool", tool: "task", state: { status, input: {}, ...state } })

/** The plugin, and a call as OpenCode makes it: its events and its result. */
export async function calling(/** @type {Parameters<typeof plugin>} */ ...given) {
  const world = await plugin(...given)
  const { hooks, add, sessions, emit } = world
  await world.speak()
  const status = (/** @type {string} */ sessionID, /** @type {string} */ type) => emit("session.status", { sessionID, status: { type } })
  /** Begins the work of a call. @param {string} callID @param {any} args @param {string} [id] of a new child */
  const begin = async (callID, args, id = "ses_a") => {
    const sessionId = args.task_id ?? id
    if (!sessions[sessionId]) await emit("session.created", { info: add(sessionId, CHILD) })
    await emit("message.part.updated", { part: part("running", { metadata: { sessionId } }, callID) })
    await status(sessionId, "busy")
    return sessionId
  }
  const end = async (/** @type {string} */ callID, /** @type {any} */ result) => {
    await hooks["tool.execute.after"]({ tool: "task", sessionID: "ses_root", callID }, result)
    return result
  }
  /** Whether a promise has settled by now. @param {Promise<unknown>} promise */
  const isThrough = async (promise) => {
    let through = false
    promise.then(() => (through = true), () => (through = true))
    await later()
    return through
  }
  return { ...world, begin, end, status, isThrough }
}

/** The line below a result says that its session was running when the call came, or was idle. */
export const RUNS = /^done\ntask_id: \S+ \(resumed: .* is running/
export const RESTS = /^done\ntask_id: \S+ \(resumed: (?!.*running)/
