// The arguments of a task call: the session that the decision chose, and the `task_id` that the model gave.

/** @typedef {import("../../core/index.js").Granted} Granted */

/** The arguments that an instance of this plugin has handled: of two instances in one process, the first handles them. */
const HANDLED = Symbol.for("opencode-delegate.dealt-with")
const handled = /** @type {{ [HANDLED]?: WeakSet<object> }} */ (globalThis)[HANDLED] ??= new WeakSet()

/** Claims the arguments of a call for this instance. @param {object} args @returns {boolean} whether no instance had them before */
export function claim(args) {
  if (handled.has(args)) return false
  handled.add(args)
  return true
}

/**
 * The fault of a request in the words of OpenCode's tool: a model knows its parameters alone.
 * @param {string} message
 */
export const inParameters = (message) => message.replace(/^Invalid request, field "agent"/, 'Invalid request, field "subagent_type"')

/**
 * Writes a decision into the arguments of a call.
 * @param {Record<string, unknown>} args
 * @param {Granted} decision
 * @param {string | undefined} childID
 */
export function writeDecision(args, decision, childID) {
  if (decision.action === "spawn") delete args.task_id
  else args.task_id = childID ?? decision.sessionID
}

/**
 * The input of a call as the model gave it, in the model's order of fields.
 * @param {Record<string, unknown>} input
 * @param {{ asked: unknown, place?: number }} given the `task_id`, and its position among the fields
 */
export function withGivenTaskID({ task_id: _, ...rest }, { asked, place = -1 }) {
  if (asked === null) return rest
  const fields = Object.entries(rest)
  fields.splice(place < 0 ? fields.length : place, 0, ["task_id", asked])
  return Object.fromEntries(fields)
}
