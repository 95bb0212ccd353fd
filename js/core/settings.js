// What the engine goes by: the plugin's options, and what OpenCode and opencode.json say of the agents.

import { DelegateError, Engine, hostSettings } from "../api.js"

/**
 * @typedef {import("../api.js").Config} Config
 * @typedef {import("../api.js").AgentConfig} AgentConfig
 * @typedef {import("../opencode1/sdk/client.js").HostAgent} HostAgent
 */

/** The fields of an agent in opencode.json that are this plugin's. */
const OURS = /** @type {const} */ (["task_budget", "callable_by_subagents", "fallback_models"])

/** Who may run the children. */
export const EXECUTORS = ["delegate", "host"]

/**
 * The configuration of one instance of the plugin.
 */
export class Settings {
  #options
  #executors
  #executor
  /** @type {Record<string, AgentConfig>} */
  #configured = {}
  /** The depth that OpenCode allows, which nothing but this package looks at where it runs the children. */
  #depth = /** @type {number | undefined} */ (undefined)
  /** Whether this package runs the children: not with options that are wrong. */
  delegates

  /**
   * @param {readonly string[]} executors those that there are, first the one that is meant unless the options say otherwise
   * @param {Record<string, unknown>} options the fields of Config but for `agents`, and `executor`
   */
  constructor(executors, { executor = executors[0], ...options }) {
    this.#options = options
    this.#executors = executors
    this.#executor = executor
    this.delegates = executor === "delegate"
    try {
      this.#check()
    } catch {
      this.delegates = false
    }
  }

  /**
   * Takes this plugin's fields out of opencode.json, and sees to what they need of OpenCode.
   * @param {any} config
   * @throws {DelegateError} what is wrong with the options or the fields
   */
  take(config) {
    try {
      this.#configured = takeFields(config)
      this.#check()
      this.#depth = nest(config, this.#configured, this.#options)
    } catch (error) {
      this.delegates = false
      throw error
    }
  }

  /** @param {HostAgent[]} known the agents that OpenCode has @returns {Config} @throws {DelegateError} for no such executor */
  engine(known) {
    this.#checkExecutor()
    const options = this.delegates ? { ...this.#options, max_depth: this.#depth } : this.#options
    // What is disabled stands in opencode.json, and is unknown to OpenCode.
    const agents = known.length ? {} : { ...this.#configured }
    for (const { name, mode, permission, options: fields = {} } of known) {
      const rules = permission?.map(({ permission, pattern, action }) => ({ permission, pattern, action }))
      agents[name] = Object.assign({ mode, permission: rules }, pick(fields), this.#configured[name])
    }
    return { ...options, agents }
  }

  #check() {
    this.#checkExecutor()
    new Engine({ ...this.#options, agents: this.#configured })
  }

  #checkExecutor() {
    if (!this.#executors.some((known) => known === this.#executor)) {
      const message = `Invalid configuration, field "executor": expected ${this.#executors.join(" or ")}, got ${JSON.stringify(this.#executor)}.`
      throw new DelegateError({ code: "invalid_config", message, field: "executor" })
    }
  }
}

/**
 * OpenCode keeps fields that it does not know among an agent's options, and sends those to the model's provider.
 * @param {{ agent?: Record<string, any> }} config
 * @returns {Record<string, AgentConfig>}
 */
function takeFields({ agent = {} }) {
  return Object.fromEntries(
    Object.entries(agent).map(([name, settings]) => {
      const fields = { ...pick(settings?.options ?? {}), ...pick(settings ?? {}) }
      for (const field of OURS) delete settings?.options?.[field]
      return [name, fields]
    }),
  )
}

/** @param {Record<string, unknown>} fields @returns {AgentConfig} */
function pick(fields) {
  return Object.fromEntries(OURS.filter((field) => field in fields).map((field) => [field, fields[field]]))
}

/**
 * Makes nested delegation possible for the agents that have a budget.
 * @param {{ agent?: Record<string, any>, permission?: unknown, subagent_depth?: number }} config
 * @param {Record<string, AgentConfig>} configured
 * @param {Record<string, unknown>} options
 * @returns {number} how deep children may lie
 */
function nest(config, configured, { max_depth }) {
  const { agent = {}, permission, subagent_depth } = config
  const agents = Object.entries(agent).map(([name, settings]) => [name, { ...configured[name], permission: settings?.permission }])
  const settings = hostSettings({
    agent: Object.fromEntries(agents),
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
