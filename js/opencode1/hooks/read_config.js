// The `config` hook: this plugin's fields in opencode.json, and the settings of OpenCode that nested delegation needs.

import { hostSettings } from "../../api.js"
import { AGENT_FIELDS, fieldsNotice, pickAgentFields } from "../../core/index.js"

/**
 * @typedef {import("../../api.js").AgentConfig} AgentConfig
 * @typedef {{ agent?: Record<string, any>, permission?: unknown, subagent_depth?: number }} OpenCodeConfig
 */

/**
 * Moves this plugin's fields from opencode.json into the settings, and allows nested delegation.
 * @param {import("../../core/index.js").Settings} settings
 * @param {any} config as in opencode.json
 * @throws {import("../../api.js").DelegateError} the fault of the options or the fields
 */
export function readConfig(settings, config) {
  settings.configure(
    () => takeAgentFields(config),
    (agents, options) => allowNesting(config, agents, options),
  )
}

/**
 * The warning about fields of agents that probably mean this plugin's, if there are some.
 * @param {any} config as in opencode.json
 */
export function unknownFields({ agent }) {
  return fieldsNotice(Object.entries(agent ?? {}).map(([name, settings]) => [name, { ...settings?.options, ...settings }]))
}

/**
 * OpenCode keeps unknown fields among an agent's options, and sends those to the model's provider.
 * @param {OpenCodeConfig} config
 * @returns {Record<string, AgentConfig>}
 */
function takeAgentFields({ agent = {} }) {
  return Object.fromEntries(
    Object.entries(agent).map(([name, settings]) => {
      const fields = { ...pickAgentFields(settings?.options ?? {}), ...pickAgentFields(settings ?? {}) }
      for (const field of AGENT_FIELDS) delete settings?.options?.[field]
      return [name, fields]
    }),
  )
}

/**
 * Allows nested delegation for the agents that have a budget.
 * @param {OpenCodeConfig} config
 * @param {Record<string, AgentConfig>} agents
 * @param {Record<string, unknown>} options
 * @returns {number} the depth that children may have
 */
function allowNesting(config, agents, { max_depth }) {
  const { agent = {}, permission, subagent_depth } = config
  const asked = Object.entries(agent).map(([name, settings]) => [name, { ...agents[name], permission: settings?.permission }])
  const settings = hostSettings({
    agent: Object.fromEntries(asked),
    permission,
    subagent_depth,
    max_depth: typeof max_depth === "number" ? max_depth : undefined,
  })
  if (settings.subagent_depth !== undefined) config.subagent_depth = settings.subagent_depth
  for (const [name, action] of Object.entries(settings.task)) {
    const { permission } = agent[name]
    agent[name].permission = { ...(typeof permission === "string" ? { "*": permission } : permission), task: action }
  }
  return settings.max_depth
}
