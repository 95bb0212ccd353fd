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
 * The rules that a child session inherits because its caller is denied them. For a session that is to be resumed (`held`):
 * the rules to add.
 *
 * @example
 * const deny = { permission: "edit", pattern: "*", action: "deny" }
 * inheritedPermission({ session: [], caller: [deny], agent: [] })[0] // { permission: "edit", pattern: "*", action: "deny" }
 * @param {{ session: HostRule[], caller: HostRule[], agent: HostRule[], primary_tools?: string[], held?: HostRule[] }} given
 * @returns {HostRule[]}
 * @throws {DelegateError} `invalid_request`, naming the field
 */
export function inheritedPermission(given) {
  const text = json(given, "invalid_request")
  return JSON.parse(call(() => wasm.inheritedPermission(text)))
}
