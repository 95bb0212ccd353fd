// A call that could not be judged: a primary's is run as OpenCode would, without a name, and says so.

import { answerOf } from "./answer.js"
import { failure, output, unjudged } from "./text.js"

/**
 * @typedef {import("../api.js").Request} Request
 * @typedef {import("./client.js").Host} Host
 */

/**
 * @param {Host} host
 * @param {Request} request
 * @param {{ parts: { type: string }[], model: import("../api.js").Model, variant?: string }} message
 * @param {import("../api.js").HostRule[]} permission
 * @param {AbortSignal} abort
 * @param {string} why
 */
export async function runPlainly(host, request, message, permission, abort, why) {
  const { agent, description, task_id, sessionID: parentID } = request
  const known = task_id?.startsWith("ses_") ? await host.session(task_id).catch(() => undefined) : undefined
  const child = known ?? (await host.create({ parentID, title: `${description} (@${agent} subagent)`, agent, permission, metadata: {} }))
  const end = () => void host.abort(child.id).catch(() => {})
  abort.addEventListener("abort", end, { once: true })
  try {
    const { data, error } = await host.prompt(child.id, /** @type {any} */ ({ ...message, agent }))
    const outcome = data ? answerOf(data) : { trouble: { message: JSON.stringify(error) } }
    if ("trouble" in outcome) throw new Error(`${failure(child.id, outcome.trouble.message)}\n${unjudged(why)}`)
    if ("error" in outcome.answer) throw new Error(`${failure(child.id, outcome.answer.error)}\n${unjudged(why)}`)
    const text = output({ sessionID: child.id, state: "completed", text: outcome.answer.text })
    return { title: description, output: `${text}\n${unjudged(why)}`, metadata: { parentSessionId: parentID, sessionId: child.id } }
  } finally {
    abort.removeEventListener("abort", end)
  }
}
