// The typed API over the wasm, whichever way it was loaded. Objects cross as JSON text.

import * as wasm from "../pkg/opencode_delegate.js"

/**
 * @typedef {import("../pkg/opencode_delegate_types.js").Action} Action
 * @typedef {import("../pkg/opencode_delegate_types.js").AgentConfig} AgentConfig
 * @typedef {import("../pkg/opencode_delegate_types.js").Asked} Asked
 * @typedef {import("../pkg/opencode_delegate_types.js").Candidate} Candidate
 * @typedef {import("../pkg/opencode_delegate_types.js").Code} Code
 * @typedef {import("../pkg/opencode_delegate_types.js").Config} Config
 * @typedef {import("../pkg/opencode_delegate_types.js").Decision} Decision
 * @typedef {import("../pkg/opencode_delegate_types.js").Effect} Effect
 * @typedef {import("../pkg/opencode_delegate_types.js").Event} Event
 * @typedef {import("../pkg/opencode_delegate_types.js").HostRule} HostRule
 * @typedef {import("../pkg/opencode_delegate_types.js").Look} Look
 * @typedef {import("../pkg/opencode_delegate_types.js").Message} Message
 * @typedef {import("../pkg/opencode_delegate_types.js").Model} Model
 * @typedef {import("../pkg/opencode_delegate_types.js").HostSettings} HostSettings
 * @typedef {import("../pkg/opencode_delegate_types.js").Precedence} Precedence
 * @typedef {import("../pkg/opencode_delegate_types.js").SessionRecord} SessionRecord
 * @typedef {import("../pkg/opencode_delegate_types.js").Request} Request
 * @typedef {import("../pkg/opencode_delegate_types.js").Rule} Rule
 * @typedef {import("../pkg/opencode_delegate_types.js").Session} Session
 * @typedef {import("../pkg/opencode_delegate_types.js").Transition} Transition
 */

/** An error with a stable code, and the field at fault where there is one. */
export class DelegateError extends Error {
  /** @param {{ code: Code, message: string, field?: string }} error @param {unknown} [cause] */
  constructor({ code, message, field }, cause) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = "DelegateError"
    this.code = code
    this.field = field
  }
}

/** The number of times that the module was reset. An engine belongs to one of them. */
let making = 0

/**
 * Calls into the wasm. What it throws comes out as a DelegateError.
 * @template T
 * @param {() => T} work
 * @param {number} [made] the making that the call needs
 * @returns {T}
 */
function call(work, made = making) {
  if (made !== making) throw lost()
  try {
    return work()
  } catch (error) {
    if (typeof error === "string") throw new DelegateError(JSON.parse(error))
    if (!(error instanceof WebAssembly.RuntimeError || error instanceof RangeError)) throw error
    // A trap leaves the memory in any state: the module is reset at once, before it is used again.
    making++
    wasm.reinit()
    wasm.ready()
    throw lost(error)
  }
}

/** @param {unknown} [cause] */
function lost(cause) {
  const message = "The engine trapped and is lost. Make a new one and hydrate it from the host."
  return new DelegateError({ code: "engine_trap", message }, cause)
}

/**
 * The JSON of a value. A lone surrogate, which JSON can carry and UTF-8 cannot, becomes U+FFFD.
 * @param {unknown} value
 */
function json(value) {
  const text = JSON.stringify(value) ?? "null"
  if (!text.includes("\\ud")) return text
  return JSON.stringify(value, (_, item) => (typeof item === "string" ? item.toWellFormed() : item))
}

/**
 * Whether a request can cross as one text; what is wrong with any other, the engine says.
 * @param {Request} request
 */
const isRequest = (request) =>
  typeof request?.callID === "string" && typeof request.sessionID === "string" && typeof request.agent === "string" &&
  typeof request.description === "string" && typeof request.prompt === "string" && Number.isFinite(request.now) &&
  (request.callerAgent == null || typeof request.callerAgent === "string") &&
  (request.task_id == null || typeof request.task_id === "string") &&
  (request.background == null || typeof request.background === "boolean")

/**
 * The delegation engine: what it knows of a host's sessions, and the configuration it goes by.
 *
 * @example
 * const engine = new Engine({ agents: { explorer: {} } })
 * const decision = engine.decide({ now: Date.now(), callID: "c1", sessionID: "ses_root", agent: "explorer",
 *   description: "Explore auth", prompt: "Read src/auth" })
 * decision.action // "spawn"
 */
export class Engine {
  /** @type {wasm.Core} */
  #core
  #made = making

  /**
   * @param {Config} [config]
   * @throws {DelegateError} `invalid_config`, naming the field
   */
  constructor(config = {}) {
    this.#core = call(() => new wasm.Core(json(config)))
  }

  /**
   * Makes an engine of a snapshot.
   * @param {string} snapshot
   * @param {Config} [config]
   * @returns {Engine}
   * @throws {DelegateError} `corrupt_snapshot`; `invalid_config`
   */
  static restore(snapshot, config = {}) {
    const core = call(() => wasm.Core.restore(snapshot, json(config)))
    const engine = new Engine()
    engine.#core = core
    return engine
  }

  /**
   * Decides a request, and reserves its call. The same call decided again gets the same decision.
   * @param {Request} request
   * @returns {Decision}
   * @throws {DelegateError} `invalid_request`, naming the field, for a request that is not of that shape
   */
  decide(request) {
    if (!isRequest(request)) this.#call(() => this.#core.check(json(request)))
    const { callID, sessionID, callerAgent, agent, description, task_id, prompt, now, background } = request
    const text = callID + sessionID + (callerAgent ?? "") + agent + description + (task_id ?? "") + prompt
    const decided = () =>
      this.#core.decide(text, callID.length, sessionID.length, callerAgent?.length ?? -1, agent.length,
        description.length, task_id?.length ?? -1, now, background ?? false)
    return JSON.parse(this.#call(decided))
  }

  /**
   * Takes in what happened in the host, and gives what the host should now do.
   * @param {Event} event
   * @returns {Effect[]}
   * @throws {DelegateError} `invalid_event`, naming the field
   */
  apply(event) {
    return JSON.parse(this.#call(() => this.#core.apply(json(event))))
  }

  /**
   * The sessions of the request's agent that the caller could resume, most related first.
   * @param {Request} request
   * @returns {Candidate[]}
   * @throws {DelegateError} `invalid_request`, naming the field
   */
  rank(request) {
    return JSON.parse(this.#call(() => this.#core.rank(json(request))))
  }

  /**
   * The session that a caller's `task_id` stands for, if there is one within its reach.
   * @param {Request} request
   * @returns {Session | undefined}
   * @throws {DelegateError} `invalid_request`, naming the field
   */
  resolve(request) {
    const session = this.#call(() => this.#core.resolve(json(request)))
    return session && JSON.parse(session)
  }

  /**
   * What each row of the table sees of a request, up to the one that decides: the last, and the only one that holds.
   * It reserves nothing. It looks at a copy of the whole state: it is for people, not for every call.
   * @param {Request} request
   * @returns {Look[]}
   * @throws {DelegateError} `invalid_request`, naming the field
   */
  explain(request) {
    return JSON.parse(this.#call(() => this.#core.explain(json(request))))
  }

  /**
   * A session by its id, the host's or the derived one.
   * @param {string} id
   * @returns {Session | undefined}
   */
  session(id) {
    const session = this.#call(() => this.#core.session(String(id)))
    return session && JSON.parse(session)
  }

  /**
   * A root and everything below it, in order of creation.
   * @param {string} rootID
   * @returns {Session[]}
   */
  sessions(rootID) {
    return JSON.parse(this.#call(() => this.#core.sessions(String(rootID))))
  }

  /**
   * The agent that a name stands for, as the host spells it: names may hold marks that nobody sees.
   * @param {string} agent
   * @returns {string}
   */
  spelled(agent) {
    return this.#call(() => this.#core.spelled(String(agent)))
  }

  /**
   * The notices for a person, each once.
   * @returns {string[]}
   */
  notices() {
    return JSON.parse(this.#call(() => this.#core.notices()))
  }

  /**
   * The whole state as versioned JSON; the configuration is not part of it.
   * @returns {string}
   */
  snapshot() {
    return this.#call(() => this.#core.snapshot())
  }

  /**
   * @template T
   * @param {() => T} work
   * @returns {T}
   */
  #call(work) {
    return call(work, this.#made)
  }
}

/**
 * The id that a slug has under a root, such as `ses_a3f2_explore-auth`.
 * @param {string} rootID
 * @param {string} slug
 * @returns {string}
 */
export function deriveSessionID(rootID, slug) {
  return call(() => wasm.deriveSessionID(rootID, slug))
}

/**
 * The slug that a text stands for, if anything usable is left of it.
 * @param {string} text
 * @returns {string | undefined}
 */
export function normalizeSlug(text) {
  return call(() => wasm.normalizeSlug(text))
}

/**
 * What the rules say of a permission; `ask` where none matches, as in OpenCode.
 * @param {HostRule[]} rules
 * @param {string} permission
 * @param {string} pattern
 * @param {Precedence} [precedence]
 * @returns {Action}
 */
export function evaluatePermission(rules, permission, pattern, precedence) {
  return JSON.parse(call(() => wasm.evaluatePermission(json({ rules, permission, pattern, precedence }))))
}

/**
 * What to add to opencode.json so that agents with a budget can delegate from a subagent session.
 * @param {{ agent?: object, permission?: unknown, subagent_depth?: number, max_depth?: number }} config as in
 *   opencode.json, with the option `max_depth`
 * @returns {HostSettings}
 * @throws {DelegateError} `invalid_config`, naming the field
 */
export function hostSettings(config) {
  return JSON.parse(call(() => wasm.hostSettings(json(config))))
}

/**
 * The rules that a child session is to have because of what its caller may not do; or, for a session that is to be
 * resumed (`held`), those to add.
 * @param {{ session: HostRule[], caller: HostRule[], agent: HostRule[], primary_tools?: string[], held?: HostRule[] }} given
 * @returns {HostRule[]}
 * @throws {DelegateError} `invalid_request`, naming the field
 */
export function inheritedPermission(given) {
  return JSON.parse(call(() => wasm.inheritedPermission(json(given))))
}

/**
 * The table of what becomes of a prompt, row by row.
 * @returns {Transition[]}
 */
export function transitions() {
  return tables()[1]
}

/**
 * The decision table, row by row.
 * @returns {Rule[]}
 */
export function rules() {
  return tables()[0]
}

/** @returns {[Rule[], Transition[]]} */
const tables = () => JSON.parse(call(() => wasm.tables()))
