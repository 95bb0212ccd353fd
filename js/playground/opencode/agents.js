// The agents of a process, from opencode.json and the plugins' config hooks.

import { DEFAULTS, rulesOf } from "./permission_rules.js"
import { copy } from "./store.js"

/**
 * @typedef {import("./permission_rules.js").Rule} Rule
 * @typedef {{
 *   name: string, mode: "primary" | "subagent" | "all", permission: Rule[], options: Record<string, unknown>,
 *   model?: { providerID: string, modelID: string }
 * }} Agent
 */

/** The fields of an agent that OpenCode knows. It moves every other field into the options. */
const KNOWN = ["mode", "description", "prompt", "model", "permission", "options"]

/** The built-in agents. @type {Record<string, any>} */
const NATIVE = { build: { mode: "primary" }, general: { mode: "subagent" } }

/**
 * The agents by name.
 */
export class AgentRegistry {
  /** The depth that the subagents of OpenCode's own task tool may have. */
  depth
  /** @type {Map<string, Agent>} */
  #agents = new Map()

  /** @param {any} config after the config hooks */
  constructor(config) {
    this.depth = config.subagent_depth ?? 1
    const all = rulesOf(config.permission)
    for (const [name, given] of Object.entries({ ...NATIVE, ...config.agent })) {
      const { mode = "all", permission, options = {}, model } = { ...NATIVE[name], ...given }
      const [providerID, modelID] = model?.split("/") ?? []
      const rules = [...DEFAULTS, ...all, ...rulesOf(permission)]
      this.#agents.set(name, { name, mode, permission: rules, options, ...(model ? { model: { providerID, modelID } } : {}) })
    }
  }

  /** The configuration before the config hooks. @param {any} config */
  static parse(config) {
    const parsed = copy(config)
    for (const agent of Object.values(parsed.agent ?? {})) {
      const unknown = Object.keys(agent).filter((field) => !KNOWN.includes(field))
      agent.options = { ...agent.options }
      for (const field of unknown) {
        agent.options[field] = agent[field]
        delete agent[field]
      }
    }
    return parsed
  }

  /** @param {string} name */
  get(name) {
    return this.#agents.get(name)
  }

  list() {
    return [...this.#agents.values()]
  }
}
