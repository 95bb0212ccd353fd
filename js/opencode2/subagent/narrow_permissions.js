// The limit of a child: what its caller passes on holds for it too. OpenCode creates the child, so each call narrows it.

import { hostSettings, inheritedPermission, narrowedPermission } from "../../api.js"

/**
 * @typedef {import("../sdk/index.js").Host} Host
 * @typedef {import("../../api.js").HostRule} HostRule
 * @typedef {{
 *   agents: () => Promise<import("../../core/index.js").HostAgent[]>,
 *   childPermissions: () => import("../../api.js").ChildPermissions | undefined
 * }} Limits `agents`: the agents with this package's fields
 */

/**
 * The rules that a call passes on to its child, and those of the child's agent.
 * @param {Host} host
 * @param {import("../../api.js").Request} request
 * @param {string} agent the agent that is asked, as OpenCode spells it
 * @param {Limits} limits
 * @returns {Promise<{ passed: HostRule[], agent: HostRule[] }>}
 */
export async function passedRules(host, { sessionID, callerAgent }, agent, limits) {
  const child_permissions = limits.childPermissions()
  // OpenCode itself passes nothing on to a child that exists.
  if (child_permissions !== "caller") return { passed: [], agent: [] }
  const [agents, { permission: session = [] }] = await Promise.all([limits.agents(), host.session(sessionID)])
  const rulesOf = (/** @type {string | undefined} */ wanted) => agents.find(({ name }) => name === wanted)?.permission ?? []
  const own = [...budgetRules(agents, agent), ...rulesOf(agent)]
  return { agent: own, passed: inheritedPermission({ session, caller: rulesOf(callerAgent), agent: own, child_permissions, resumed: true }) }
}

/**
 * The rule that an agent with a budget has beside its own: it may delegate.
 * @param {import("../../core/index.js").HostAgent[]} agents
 * @param {string} wanted
 * @returns {HostRule[]}
 */
function budgetRules(agents, wanted) {
  const { task_budget } = agents.find(({ name }) => name === wanted)?.options ?? {}
  const action = hostSettings({ agent: { [wanted]: { task_budget } } }).task[wanted]
  return action ? [{ permission: "task", pattern: "*", action }] : []
}

/**
 * Adds the denials that are not in force in a session yet. It is only ever narrowed.
 * @param {Host} host
 * @param {string} sessionID
 * @param {HostRule[]} agent the rules of its agent
 * @param {HostRule[]} passed
 */
export async function narrow(host, sessionID, agent, passed) {
  if (!passed.length) return
  const { permission: held = [] } = await host.session(sessionID)
  const missing = narrowedPermission({ agent, held, passed })
  if (missing.length) await host.addPermission(sessionID, missing)
}
