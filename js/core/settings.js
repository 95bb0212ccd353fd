// The engine's configuration: the plugin's options, and the fields of the agents.

import { DelegateError, Engine } from "../api.js"
import { AGENT_FIELDS, IDLE_UNDER_HOST, LIMITS, OPTIONS, nearest, placeOfOption } from "./field_names.js"

/**
 * @typedef {import("../api.js").Config} Config
 * @typedef {import("../api.js").AgentConfig} AgentConfig
 * @typedef {import("./host.js").HostAgent} HostAgent
 */

/** The executors: this package or the host runs the children. The first is the default. */
export const EXECUTORS = ["delegate", "host"]

/** The warning of a second load with options of its own. */
export const LOADED_AGAIN = "opencode-delegate is loaded more than once: the options of the first load apply."

/** The message about a fault of the options or the fields. @param {string} fault */
export const faultNotice = (fault) => `${fault} Until this is corrected, primary agents delegate as without this plugin, and subagents cannot delegate.`

/** The notice about options and fields that do nothing. @param {string[]} idle */
export const idleNotice = (idle) => `Without effect under executor "host": ${idle.join(", ")}.`

/** Whether a name is an option's. @param {string} name */
const isOption = (name) => OPTIONS.some((option) => option === name)

/** The longest shown name of an option, in characters: a model reads it with each result. */
const SHOWN = 40

/** The question for a name that was probably meant, if one is near. @param {string | undefined} meant */
const didYouMean = (meant) => (meant ? `Did you mean "${meant}"?` : "")

/**
 * The configuration of one instance of the plugin.
 */
export class Settings {
  #options
  #executors
  #executor
  #narrows = false
  /** @type {Record<string, AgentConfig>} */
  #agents = {}
  /** The depth that the host allows. Only this package checks it if it runs the children. */
  #depth = /** @type {number | undefined} */ (undefined)
  /** Whether this package runs the children. Invalid options turn it off. */
  delegates
  /** The fault of the options or the fields, which turns the engine off. @type {string | undefined} */
  fault

  /**
   * @param {readonly string[]} executors the known executors, the default first
   * @param {Record<string, unknown>} options the fields of Config except `agents`, and `executor`
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
   * Takes in the agents of the configuration file.
   * @param {() => Record<string, AgentConfig>} readAgents returns this plugin's fields of each agent
   * @param {(agents: Record<string, AgentConfig>, options: Record<string, unknown>) => number} allowNesting prepares the host
   *   for children of children, and returns the allowed depth
   * @throws {DelegateError} the fault of the options or the fields
   */
  configure(readAgents, allowNesting) {
    try {
      this.#agents = readAgents()
      this.#check()
      this.#depth = allowNesting(this.#agents, this.#options)
    } catch (error) {
      this.delegates = false
      this.fault = /** @type {Error} */ (error).message
      throw error
    }
  }

  /** Leaves it to the host whether a subagent without a budget may delegate, unless the options say otherwise. */
  leaveNestingToHost() {
    this.#options = { nested_calls: "host", ...this.#options }
  }

  /** Which rules a child has beside its agent's own. */
  get childPermissions() {
    return /** @type {Config["child_permissions"]} */ (this.#options.child_permissions)
  }

  /** The models that calls may ask for, by agent. @returns {[agent: string, models: string[]][]} */
  get models() {
    return Object.entries(this.#agents).flatMap(([name, { models }]) => (models?.length ? [[name, models]] : []))
  }

  /** Whether an agent or the options limit prompts: only then a call may ask for less. */
  get limited() {
    return this.#options.limits !== undefined || Object.values(this.#agents).some(({ limits }) => limits !== undefined)
  }

  /**
   * Leaves the children to the host from now on: another plugin knows the host's own tool, or this package wraps it.
   * @param {{ narrows?: boolean }} [tool] `narrows`: whether a child can be narrowed between its creation and its first turn
   */
  useHost({ narrows = false } = {}) {
    this.delegates = false
    this.#narrows = narrows
    this.#executor = "host"
  }

  /** The options and fields that are set and do nothing, because the host's own tool runs the children. */
  get idle() {
    if (this.#executor !== "host" || this.#narrows) return []
    return IDLE_UNDER_HOST.filter((name) => [this.#options, ...Object.values(this.#agents)].some((given) => name in given))
  }

  /** @param {HostAgent[]} known the agents of the host @returns {Config} @throws {DelegateError} naming an option that the engine does not know or that its host cannot follow */
  engine(known) {
    this.#checkOptions()
    const options = this.delegates ? { ...this.#options, max_depth: this.#depth } : this.#options
    // A disabled agent stands in the configuration file, but the host does not know it.
    const agents = known.length ? {} : { ...this.#agents }
    for (const { name, mode, permission, options: fields = {} } of known) {
      const rules = permission?.map(({ permission, pattern, action }) => ({ permission, pattern, action }))
      agents[name] = Object.assign({ mode, permission: rules }, pickAgentFields(fields), this.#agents[name])
    }
    return { ...options, agents }
  }

  /** @throws {DelegateError} naming each option and field at fault */
  #check() {
    const known = Object.fromEntries(Object.entries(this.#options).filter(([name]) => isOption(name)))
    throwTogether([() => this.#checkOptions(), () => new Engine({ ...known, agents: this.#agents }), () => this.#hintAtLimits()])
  }

  /** The engine lists the fields of limits, and not which of them a wrong name means. @throws {Error} with the question */
  #hintAtLimits() {
    const names = [this.#options, ...Object.values(this.#agents)].flatMap((given) => Object.keys(given.limits ?? {}))
    const meant = names.flatMap((name) => (LIMITS.some((known) => known === name) ? [] : (nearest(name, LIMITS) ?? [])))
    if (meant.length) throw new Error(didYouMean([...new Set(meant)].join('", "')))
  }

  /** The checks of the options that are not the engine's. @throws {DelegateError} */
  #checkOptions() {
    throwTogether([() => this.#checkNames(), () => this.#checkExecutor()])
  }

  /** The engine would complain of one and list its own fields, which are not the options. @throws {DelegateError} naming each unknown option */
  #checkNames() {
    const unknown = Object.keys(this.#options).filter((name) => !isOption(name))
    const [field] = unknown
    if (field === undefined) return
    const hints = unknown.map((name) => placeOfOption(name) ?? didYouMean(nearest(name, OPTIONS)))
    const said = unknown.map((name, index) => [`${index ? "F" : "Invalid configuration, f"}ield ${JSON.stringify(name.slice(0, SHOWN))}: there is no such option.`, hints[index]])
    const list = hints.includes("") ? [`The options are: ${OPTIONS.join(", ")}.`] : []
    throw new DelegateError({ code: "invalid_config", message: [...said.flat(), ...list].filter(Boolean).join(" "), field })
  }

  #checkExecutor() {
    if (!this.#executors.some((known) => known === this.#executor)) {
      const message = `Invalid configuration, field "executor": expected ${this.#executors.join(" or ")}, got ${JSON.stringify(this.#executor)}.`
      throw new DelegateError({ code: "invalid_config", message, field: "executor" })
    }
    if (this.#executor === "host" && !this.#narrows && this.childPermissions === "caller") {
      // The host's own tool creates the child, so no caller's denial can be added before its first turn.
      const message = 'Invalid configuration, field "child_permissions": expected "host" with executor "host", got "caller".'
      throw new DelegateError({ code: "invalid_config", message, field: "child_permissions" })
    }
  }
}

/** Runs some checks. @param {(() => unknown)[]} checks @throws {DelegateError} whose message is that of each check that fails */
function throwTogether(checks) {
  const faults = checks.flatMap((check) => {
    try {
      check()
      return []
    } catch (error) {
      return [/** @type {DelegateError} */ (error)]
    }
  })
  const [first] = faults
  if (!first) return
  const message = faults.map(({ message }, index) => (index ? message.replace(/^Invalid configuration, f/, "F") : message)).join(" ")
  throw new DelegateError({ code: first.code, message, field: first.field }, first)
}

/** This plugin's fields among others. @param {Record<string, unknown>} fields @returns {AgentConfig} */
export function pickAgentFields(fields) {
  return Object.fromEntries(AGENT_FIELDS.filter((field) => field in fields).map((field) => [field, fields[field]]))
}
