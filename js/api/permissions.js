// Permissions: the rules of sessions and agents, and the host's settings that budgets need.

import * as wasm from "../../pkg/opencode_delegate.js"
import { call } from "./call.js"
import { json } from "./json.js"

/**
 * @typedef {import("./types.js").Action} Action
 * @typedef {import("./types.js").HostRule} HostRule
 * @typedef {import("./types.js").HostSettings} HostSettings
 * @typedef {import("./types.js").Precedence} Precedence
 */

/**
 * The action of the rules on a permission; `ask` if no rule matches, as in OpenCode (1.18.33, `permission/index.ts`).
 *
 * @example
 * evaluatePermission([{ permission: "task", pattern: "*", action: "deny" }], "task", "explorer") // "deny"
 * evaluatePermission([], "task", "explorer") // "ask"
 * @param {HostRule[]} rules
 * @param {string} permission
 * @param {string} pattern
 * @param {Precedence} [precedence]
 * @returns {Action}
 */
export function evaluatePermission(rules, permission, pattern, precedence) {
  const given = json({ rules, permission, pattern, precedence }, "invalid_request")
  return JSON.parse(call(() => wasm.evaluatePermission(given)))
}

/**
 * The settings to add to opencode.json so that agents with a budget can delegate from a subagent session.
 *
 * @example
 * hostSettings({ agent: { lead: { task_budget: 3 } } }) // { subagent_depth: 3, max_depth: 3, task: { lead: "allow" } }
 * @param {{ agent?: object, permission?: unknown, subagent_depth?: number, max_depth?: number }} config as in
 *   opencode.json, with the option `max_depth`
 * @returns {HostSettings}
 * @throws {DelegateError} `invalid_config`, naming the field
 */
export function hostSettings(config) {
  const given = json(config, "invalid_config")
  return JSON.parse(call(() => wasm.hostSettings(given)))
}

/**
 * The rules that a call passes on to its child, beside those of the child's agent. With `child_permissions: "host"`, the
 * default, they are those of OpenCode's own tool. With `"caller"`, they hold every denial of the caller's agent too. `resumed` says
 * that the child exists: then the rules are for `narrowedPermission`.
 *
 * @example
 * const deny = { permission: "edit", pattern: "*", action: "deny" }
 * inheritedPermission({ session: [], caller: [deny], agent: [], child_permissions: "caller" })[0] // { permission: "edit", pattern: "*", action: "deny" }
 * @param {{
 *   session: HostRule[], caller: HostRule[], agent: HostRule[], primary_tools?: string[],
 *   child_permissions?: import("./types.js").ChildPermissions, resumed?: boolean
 * }} given
 * @returns {HostRule[]}
 * @throws {DelegateError} `invalid_request`, naming the field
 */
export function inheritedPermission(given) {
  const text = json(given, "invalid_request")
  return JSON.parse(call(() => wasm.inheritedPermission(text)))
}

/**
 * The rules to add to a session, so that it may do nothing that the passed rules deny. They allow nothing that the session was
 * denied or asked about before, in its own rules and in those of others. A denial that is in force is not added again.
 *
 * @example
 * const deny = { permission: "edit", pattern: "*", action: "deny" }
 * narrowedPermission({ agent: [], held: [], passed: [deny] }) // [{ permission: "edit", pattern: "*", action: "deny" }]
 * narrowedPermission({ agent: [], held: [deny], passed: [deny] }) // []
 * @param {{ agent: HostRule[], held: HostRule[], passed: HostRule[] }} given the rules of the session's agent and its own
 * @returns {HostRule[]}
 * @throws {DelegateError} `invalid_request`, naming the field
 */
export function narrowedPermission(given) {
  const text = json(given, "invalid_request")
  return JSON.parse(call(() => wasm.narrowedPermission(text)))
}

/**
 * The `tools` of a prompt that another program sends, so that no attempt may do more than one before it. What `before` denies,
 * the tools of an earlier attempt of the same call, stays denied. So does a tool that the rules of the session deny, unless `tools`
 * names it.
 *
 * @example
 * narrowedTools({ before: { bash: false }, held: [], tools: { task: false } }) // { task: false, bash: false }
 * @param {{ before?: Record<string, boolean>, held: HostRule[], tools: Record<string, boolean> }} given
 * @returns {Record<string, boolean>}
 * @throws {DelegateError} `invalid_request`, naming the field
 */
export function narrowedTools(given) {
  const text = json(given, "invalid_request")
  return JSON.parse(call(() => wasm.narrowedTools(text)))
}
