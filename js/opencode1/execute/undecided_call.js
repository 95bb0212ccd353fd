// A call that could not be judged: a primary's is run as OpenCode would, without a name, and says so.

import { inheritedPermission } from "../../api.js"
import { answerOf } from "../sdk/answers.js"
import { ifThere } from "../sdk/client.js"
import { curb } from "./narrow_permissions.js"
import { failure, output, passedOver, unjudged } from "../../core/texts/results.js"

/**
 * @typedef {import("../../api.js").Request} Request
 * @typedef {import("../sdk/client.js").Host} Host
 * @typedef {import("./narrow_permissions.js").Inherited} Inherited
 */

/**
 * @param {Host} host
 * @param {Request} request
 * @param {{ parts: { type: string }[], model: import("../../api.js").Model, variant?: string }} message
 * @param {Inherited} inherited
 * @param {AbortSignal} abort
 * @param {string} why
 * @param {(child: import("../sdk/client.js").HostSession) => void} used hears of the session that runs it
 */
export async function runPlainly(host, request, message, inherited, abort, why, used) {
  const { agent, description, task_id, sessionID: parentID } = request
  const known = task_id?.startsWith("ses_") ? await below(host, task_id, parentID) : undefined
  if (known) await curb(host, known, inherited)
  const permission = inheritedPermission(inherited)
  const child = known ?? (await host.create({ parentID, title: `${description} (@${agent} subagent)`, agent, permission, metadata: {} }))
  used(child)
  const notice = [unjudged(why), ...(task_id && !known ? [passedOver(task_id)] : [])].join("\n")
  const end = () => void host.abort(child.id).catch(() => {})
  abort.addEventListener("abort", end, { once: true })
  try {
    const { data, error } = await host.prompt(child.id, /** @type {any} */ ({ ...message, agent }))
    const outcome = data ? answerOf(data) : { trouble: { message: JSON.stringify(error) } }
    if ("trouble" in outcome) throw new Error(`${failure(child.id, outcome.trouble.message)}\n${notice}`)
    if ("error" in outcome.answer) throw new Error(`${failure(child.id, outcome.answer.error)}\n${notice}`)
    const text = output({ sessionID: child.id, state: "completed", text: outcome.answer.text })
    return { title: description, output: `${text}\n${notice}`, metadata: { parentSessionId: parentID, sessionId: child.id } }
  } finally {
    abort.removeEventListener("abort", end)
  }
}

/**
 * A session, if there is one by this id and it lies below a root: no other's is resumed, judged or not.
 * @param {Host} host
 * @param {string} id
 * @param {string} rootID
 */
async function below(host, id, rootID) {
  const session = await ifThere(host.session(id))
  let parentID = session?.parentID
  while (parentID && parentID !== rootID) parentID = (await ifThere(host.session(parentID)))?.parentID
  return parentID ? session : undefined
}
