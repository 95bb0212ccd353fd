// Calls of OpenCode's own task tool, with the events and the results that OpenCode gives them.

import { CHILD, later, opencode, plugin } from "./opencode.js"

export const refused = async () => ({ error: { name: "UnknownError" } })

/** The part of a call. @param {string} callID @param {object} state @param {object} [fields] */
export const part = (callID, state, fields) => ({ id: `prt_${callID}`, messageID: "msg_1", sessionID: "ses_root", callID, type: "tool", tool: "task", state: { input: {}, ...state }, ...fields })

/** Whether a promise has settled by now. @param {Promise<unknown>} promise */
export async function isThrough(promise) {
  let through = false
  promise.then(() => (through = true), () => (through = true))
  await later()
  return through
}

/**
 * The plugin under executor "host", and ways to carry its calls out.
 * @param {(host: ReturnType<typeof opencode>) => void} [change]
 * @param {Record<string, unknown>} [options]
 * @param {(input: any, options: any) => Promise<any>} [make] makes the plugin
 */
export async function calling(change = () => {}, options = { executor: "host" }, make = undefined) {
  const host = opencode()
  change(host)
  const world = await plugin(options, host, make)
  await world.speak()
  const shown = (/** @type {string} */ callID, /** @type {object} */ state, /** @type {object} */ fields = {}) => world.emit("message.part.updated", { part: part(callID, state, fields) })
  const create = (/** @type {string} */ id, fields = {}) => world.emit("session.created", { info: host.add(id, { ...CHILD, ...fields }) })
  /** Begins the work of a call in a new session. @param {string} callID @param {string} id */
  const begin = async (callID, id) => {
    await create(id)
    await shown(callID, { status: "running", metadata: { sessionId: id } })
    await world.emit("session.status", { sessionID: id, status: { type: "busy" } })
  }
  /** Ends a call. @param {string} callID @param {string | undefined} sessionId @param {{ metadata?: object | null, args?: object, caller?: string }} [more] */
  const end = async (callID, sessionId, { metadata = { sessionId }, args = undefined, caller = "ses_root" } = {}) => {
    const result = { title: "", output: "done", metadata: metadata ?? undefined }
    await world.hooks["tool.execute.after"]({ tool: "task", sessionID: caller, callID, args }, result)
    return result
  }
  const history = async (/** @type {any[]} */ ...parts) => void (await world.hooks["experimental.chat.messages.transform"]({}, { messages: [{ parts }] }))
  return { ...world, shown, create, begin, end, history }
}
