// A primary's call that the engine could not decide: it runs as in OpenCode, without a name, and its result says so.

import { classifyTaskID, inheritedPermission } from "../../api.js"
import { ifFound, readLine } from "../../core/index.js"
import { childTitle, failure, ignoredName, noAnswer, output, undecided } from "../../core/texts/index.js"
import { readMessages } from "../sdk/index.js"
import { narrowPermissions } from "./narrow_permissions.js"

/**
 * @typedef {import("../../api.js").Request} Request
 * @typedef {import("../sdk/index.js").Host} Host
 * @typedef {import("./narrow_permissions.js").Inherited} Inherited
 */

/**
 * @param {Host} host
 * @param {Request} request
 * @param {{ parts: { type: string }[], model: import("../../api.js").Model, variant?: string }} message
 * @param {Inherited} inherited
 * @param {AbortSignal} abort
 * @param {string} why the engine could not decide
 * @param {(child: import("../sdk/index.js").HostSession) => void} used hears of the session that runs the call
 */
export async function runUndecided(host, request, message, inherited, abort, why, used) {
  const { agent, description, task_id, sessionID: parentID } = request
  const known = task_id && classifyTaskID(task_id) === "id" ? await descendant(host, task_id, parentID) : undefined
  const permission = inheritedPermission({ ...inherited, resumed: known !== undefined })
  if (known) await narrowPermissions(host, known.id, inherited.agent, permission)
  const child = known ?? (await host.create({ parentID, title: childTitle(description, agent), agent, permission, metadata: {} }))
  used(child)
  const notice = [undecided(why), ...(task_id && !known ? [ignoredName(task_id)] : [])].join("\n")
  const end = () => void host.abort(child.id).catch(() => {})
  abort.addEventListener("abort", end, { once: true })
  try {
    const { data, error } = await host.prompt(child.id, /** @type {any} */ ({ ...message, agent }))
    const { answer, failed } = data ? readMessages([data]) : {}
    if (!answer) throw new Error(`${failure(child.id, failed?.message ?? JSON.stringify(error) ?? noAnswer())}\n${notice}`)
    if ("error" in answer) throw new Error(`${failure(child.id, answer.error)}\n${notice}`)
    const text = output({ sessionID: child.id, state: "completed", text: answer.text })
    return { title: description, output: `${text}\n${notice}`, metadata: { parentSessionId: parentID, sessionId: child.id } }
  } finally {
    abort.removeEventListener("abort", end)
  }
}

/**
 * The session of an id, if it lies below a root: no call resumes the session of another root.
 * @param {Host} host
 * @param {string} id
 * @param {string} rootID
 */
async function descendant(host, id, rootID) {
  const line = (await ifFound(readLine(host, id))) ?? []
  const session = line.pop()
  return line.some(({ id }) => id === rootID) ? session : undefined
}
