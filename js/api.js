// The typed API over the wasm, whichever way it was loaded. Objects cross as JSON text.

import * as wasm from "../pkg/opencode_delegate.js"

/**
 * @typedef {import("../pkg/opencode_delegate_types.js").AbortEffect} AbortEffect
 * @typedef {import("../pkg/opencode_delegate_types.js").Action} Action
 * @typedef {import("../pkg/opencode_delegate_types.js").AgentConfig} AgentConfig
 * @typedef {import("../pkg/opencode_delegate_types.js").AttemptRef} AttemptRef
 * @typedef {import("../pkg/opencode_delegate_types.js").CallEndedEvent} CallEndedEvent
 * @typedef {import("../pkg/opencode_delegate_types.js").CallQueuedEvent} CallQueuedEvent
 * @typedef {import("../pkg/opencode_delegate_types.js").CallRecoveredEvent} CallRecoveredEvent
 * @typedef {import("../pkg/opencode_delegate_types.js").Candidate} Candidate
 * @typedef {import("../pkg/opencode_delegate_types.js").CheckEffect} CheckEffect
 * @typedef {import("../pkg/opencode_delegate_types.js").ClockSetBackEvent} ClockSetBackEvent
 * @typedef {import("../pkg/opencode_delegate_types.js").Code} Code
 * @typedef {import("../pkg/opencode_delegate_types.js").CompactDecision} CompactDecision
 * @typedef {import("../pkg/opencode_delegate_types.js").Config} Config
 * @typedef {import("../pkg/opencode_delegate_types.js").ConnectionFailure} ConnectionFailure
 * @typedef {import("../pkg/opencode_delegate_types.js").CreateEffect} CreateEffect
 * @typedef {import("../pkg/opencode_delegate_types.js").Created} Created
 * @typedef {import("../pkg/opencode_delegate_types.js").Decided} Decided
 * @typedef {import("../pkg/opencode_delegate_types.js").Decision} Decision
 * @typedef {import("../pkg/opencode_delegate_types.js").DeliverEffect} DeliverEffect
 * @typedef {import("../pkg/opencode_delegate_types.js").Delivery} Delivery
 * @typedef {import("../pkg/opencode_delegate_types.js").DenyDecision} DenyDecision
 * @typedef {import("../pkg/opencode_delegate_types.js").Effect} Effect
 * @typedef {import("../pkg/opencode_delegate_types.js").EmptyFailure} EmptyFailure
 * @typedef {import("../pkg/opencode_delegate_types.js").Event} Event
 * @typedef {import("../pkg/opencode_delegate_types.js").FailedAttempt} FailedAttempt
 * @typedef {import("../pkg/opencode_delegate_types.js").Failure} Failure
 * @typedef {import("../pkg/opencode_delegate_types.js").ForgetEffect} ForgetEffect
 * @typedef {import("../pkg/opencode_delegate_types.js").HoldEffect} HoldEffect
 * @typedef {import("../pkg/opencode_delegate_types.js").HostFailure} HostFailure
 * @typedef {import("../pkg/opencode_delegate_types.js").HostRule} HostRule
 * @typedef {import("../pkg/opencode_delegate_types.js").HostSettings} HostSettings
 * @typedef {import("../pkg/opencode_delegate_types.js").JoinDecision} JoinDecision
 * @typedef {import("../pkg/opencode_delegate_types.js").KeptPrompt} KeptPrompt
 * @typedef {import("../pkg/opencode_delegate_types.js").Look} Look
 * @typedef {import("../pkg/opencode_delegate_types.js").LostFailure} LostFailure
 * @typedef {import("../pkg/opencode_delegate_types.js").Message} Message
 * @typedef {import("../pkg/opencode_delegate_types.js").Mode} Mode
 * @typedef {import("../pkg/opencode_delegate_types.js").Model} Model
 * @typedef {import("../pkg/opencode_delegate_types.js").OnAgentMismatch} OnAgentMismatch
 * @typedef {import("../pkg/opencode_delegate_types.js").OnContextFull} OnContextFull
 * @typedef {import("../pkg/opencode_delegate_types.js").Precedence} Precedence
 * @typedef {import("../pkg/opencode_delegate_types.js").PrepareFailure} PrepareFailure
 * @typedef {import("../pkg/opencode_delegate_types.js").ProceedEffect} ProceedEffect
 * @typedef {import("../pkg/opencode_delegate_types.js").Prompt} Prompt
 * @typedef {import("../pkg/opencode_delegate_types.js").PromptAcceptedEvent} PromptAcceptedEvent
 * @typedef {import("../pkg/opencode_delegate_types.js").PromptAnsweredEvent} PromptAnsweredEvent
 * @typedef {import("../pkg/opencode_delegate_types.js").PromptCancelledEvent} PromptCancelledEvent
 * @typedef {import("../pkg/opencode_delegate_types.js").PromptFailedEvent} PromptFailedEvent
 * @typedef {import("../pkg/opencode_delegate_types.js").PromptKeptEvent} PromptKeptEvent
 * @typedef {import("../pkg/opencode_delegate_types.js").PromptSentEvent} PromptSentEvent
 * @typedef {import("../pkg/opencode_delegate_types.js").PromptState} PromptState
 * @typedef {import("../pkg/opencode_delegate_types.js").QueuedCall} QueuedCall
 * @typedef {import("../pkg/opencode_delegate_types.js").RankLookup} RankLookup
 * @typedef {import("../pkg/opencode_delegate_types.js").RecordFailedEvent} RecordFailedEvent
 * @typedef {import("../pkg/opencode_delegate_types.js").RecordStoredEvent} RecordStoredEvent
 * @typedef {import("../pkg/opencode_delegate_types.js").RecoveredCall} RecoveredCall
 * @typedef {import("../pkg/opencode_delegate_types.js").Recovery} Recovery
 * @typedef {import("../pkg/opencode_delegate_types.js").Request} Request
 * @typedef {import("../pkg/opencode_delegate_types.js").ResolveLookup} ResolveLookup
 * @typedef {import("../pkg/opencode_delegate_types.js").ResumeDecision} ResumeDecision
 * @typedef {import("../pkg/opencode_delegate_types.js").RetryEffect} RetryEffect
 * @typedef {import("../pkg/opencode_delegate_types.js").RetryingFailure} RetryingFailure
 * @typedef {import("../pkg/opencode_delegate_types.js").Rule} Rule
 * @typedef {import("../pkg/opencode_delegate_types.js").RuleID} RuleID
 * @typedef {import("../pkg/opencode_delegate_types.js").SameAgent} SameAgent
 * @typedef {import("../pkg/opencode_delegate_types.js").SendEffect} SendEffect
 * @typedef {import("../pkg/opencode_delegate_types.js").Session} Session
 * @typedef {import("../pkg/opencode_delegate_types.js").SessionAbortedEvent} SessionAbortedEvent
 * @typedef {import("../pkg/opencode_delegate_types.js").SessionAliasEvent} SessionAliasEvent
 * @typedef {import("../pkg/opencode_delegate_types.js").SessionCreatedEvent} SessionCreatedEvent
 * @typedef {import("../pkg/opencode_delegate_types.js").SessionDeletedEvent} SessionDeletedEvent
 * @typedef {import("../pkg/opencode_delegate_types.js").SessionErrorEvent} SessionErrorEvent
 * @typedef {import("../pkg/opencode_delegate_types.js").SessionPromptedEvent} SessionPromptedEvent
 * @typedef {import("../pkg/opencode_delegate_types.js").SessionRecord} SessionRecord
 * @typedef {import("../pkg/opencode_delegate_types.js").SessionStatusEvent} SessionStatusEvent
 * @typedef {import("../pkg/opencode_delegate_types.js").SessionTouchedEvent} SessionTouchedEvent
 * @typedef {import("../pkg/opencode_delegate_types.js").SessionUsageEvent} SessionUsageEvent
 * @typedef {import("../pkg/opencode_delegate_types.js").SlugScope} SlugScope
 * @typedef {import("../pkg/opencode_delegate_types.js").SpawnDecision} SpawnDecision
 * @typedef {import("../pkg/opencode_delegate_types.js").StalledFailure} StalledFailure
 * @typedef {import("../pkg/opencode_delegate_types.js").Status} Status
 * @typedef {import("../pkg/opencode_delegate_types.js").StoreEffect} StoreEffect
 * @typedef {import("../pkg/opencode_delegate_types.js").Task} Task
 * @typedef {import("../pkg/opencode_delegate_types.js").TaskDeliveredEvent} TaskDeliveredEvent
 * @typedef {import("../pkg/opencode_delegate_types.js").TaskState} TaskState
 * @typedef {import("../pkg/opencode_delegate_types.js").TicketCommitEvent} TicketCommitEvent
 * @typedef {import("../pkg/opencode_delegate_types.js").TicketRefundEvent} TicketRefundEvent
 * @typedef {import("../pkg/opencode_delegate_types.js").Transition} Transition
 * @typedef {import("../pkg/opencode_delegate_types.js").WaitEffect} WaitEffect
 * @typedef {"id" | "task" | "last" | "name" | "invalid"} TaskIDKind
 *
 * The options of an engine beside its configuration. `process`: the name of the process that runs the engine, as records name it;
 * no other process may have it. Of the prompts in a record with this name the engine knows more than the record.
 * @typedef {{ process?: string }} EngineOptions
 *
 * An outline of a session's message: of each part its type, the length of its text, and the status of a tool's state. Other
 * fields are ignored.
 * @typedef {{
 *   id?: string, role: string, error?: unknown, finish?: string,
 *   parts: { type: string, text?: number, status?: string }[]
 * }} MessageOutline
 *
 * How a prompt stands in the messages of its session. A pair is the index of a message, and the index of a part in it. Of
 * `answer` (the part whose text is the answer), `error` (the part of the failed tool) and `failed` one is there if the prompt has
 * ended. `words` is the part with the last text of any assistant message.
 * @typedef {{
 *   asked: boolean, answer?: [number, number], error?: [number, number], failed?: AttemptFailure, words?: [number, number]
 * }} PromptReading
 *
 * A failure of an attempt, with its message.
 * @typedef {(HostFailure | EmptyFailure) & { message: string }} AttemptFailure
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

/** How often the module was made again: an engine is of one making. */
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
    // A trap leaves the memory in any state: the module is made again at once, before any argument is put into it.
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

/** @typedef {"invalid_config" | "invalid_event" | "invalid_request"} Invalid */

/**
 * The JSON of a value. A lone surrogate, which JSON can carry and UTF-8 cannot, becomes U+FFFD.
 * @param {unknown} value
 * @param {Invalid} code the error if it has none: it is cyclic, nested thousands of levels deep, or holds a BigInt
 */
function json(value, code) {
  try {
    const text = JSON.stringify(value) ?? "null"
    if (!text.includes("\\ud")) return text
    return JSON.stringify(value, (_, item) => (typeof item === "string" ? item.toWellFormed() : item))
  } catch (cause) {
    const message = `Invalid ${SUBJECTS[code]}: it cannot be written as JSON.`
    throw new DelegateError({ code, message, field: "" }, cause)
  }
}

/** What an error is about. */
const SUBJECTS = { invalid_config: "configuration", invalid_event: "event", invalid_request: "request" }

/** How deep a record may be nested that the engine reads; its reader of JSON refuses a whole event at 128 levels. */
const RECORD_DEPTH = 100

/**
 * The JSON of an event. A record that is nested too deep is unreadable, as another program's: that costs its own session
 * its record, and no other event or session anything.
 * @param {Event} event
 */
function eventJSON(event) {
  if (event?.type === "session.created") {
    const { session } = event
    if (!isShallow(session?.record, RECORD_DEPTH)) return json(named({ ...event, session: { ...session, record: false } }), "invalid_event")
  }
  return json(named(event), "invalid_event")
}

/**
 * Whether a value is nested no deeper than so many levels.
 * @param {unknown} value
 * @param {number} levels
 * @returns {boolean}
 */
const isShallow = (value, levels) =>
  typeof value !== "object" || value === null || (levels > 0 && Object.values(value).every((item) => isShallow(item, levels - 1)))

/**
 * A text in the form in which names are compared: Unicode's NFC.
 * @template T
 * @param {T} text
 * @returns {T}
 */
const nfc = (text) => (typeof text === "string" ? /** @type {any} */ (text.normalize()) : text)

/**
 * An event with its names in NFC.
 * @param {any} event
 */
function named(event) {
  if (event?.type === "session.alias") return { ...event, alias: nfc(event.alias) }
  if (event?.type === "call.recovered") return { ...event, description: nfc(event.description), name: nfc(event.name) }
  if (event?.type !== "session.created" || !event.session) return event
  const { session } = event
  return { ...event, session: { ...session, slug: nfc(session.slug), description: nfc(session.description) } }
}

/**
 * A request with its names in NFC.
 * @param {any} request
 */
const asked = (request) =>
  request && typeof request === "object" && !Array.isArray(request)
    ? { ...request, description: nfc(request.description), task_id: nfc(request.task_id) }
    : request

/**
 * The name of the process among an engine's options.
 * @param {EngineOptions} options
 * @throws {DelegateError} `invalid_config` for a name that is no text
 */
function processOf({ process }) {
  if (process === undefined || typeof process === "string") return process
  const message = `Invalid options, field "process": expected a text, got ${json(process, "invalid_config")}.`
  throw new DelegateError({ code: "invalid_config", message, field: "process" })
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
 * const { decision } = engine.decide({ now: Date.now(), callID: "c1", sessionID: "ses_root", agent: "explorer",
 *   description: "Explore auth", prompt: "Read src/auth" })
 * decision.action // "spawn"
 */
export class Engine {
  /** @type {wasm.Core} */
  #core
  #made = making

  /**
   * @param {Config} [config]
   * @param {EngineOptions} [options]
   * @throws {DelegateError} `invalid_config`, naming the field
   */
  constructor(config = {}, options = {}) {
    this.#core = call(() => new wasm.Core(json(config, "invalid_config"), processOf(options)))
  }

  /**
   * Makes an engine of a snapshot. The configuration and the options are not part of a snapshot, and are given again.
   *
   * @example
   * const engine = new Engine()
   * Engine.restore(engine.snapshot()).snapshot() === engine.snapshot() // true
   * @param {string} snapshot
   * @param {Config} [config]
   * @param {EngineOptions} [options]
   * @returns {Engine}
   * @throws {DelegateError} `corrupt_snapshot`; `invalid_config`
   */
  static restore(snapshot, config = {}, options = {}) {
    const core = call(() => wasm.Core.restore(snapshot, json(config, "invalid_config"), processOf(options)))
    const engine = new Engine()
    engine.#core = core
    return engine
  }

  /**
   * Decides a request, and reserves what the decision needs. The same call decided again gets the same decision and no
   * effects. The host carries the effects out before it acts on the decision, or any other effect.
   *
   * @example
   * const engine = new Engine()
   * const { decision, effects } = engine.decide({ now: Date.now(), callID: "c1", sessionID: "ses_root", agent: "explorer",
   *   description: "Explore auth", prompt: "Read src/auth" })
   * decision.action // "spawn"
   * effects // []
   * @param {Request} request
   * @returns {Decided}
   * @throws {DelegateError} `invalid_request`, naming the field, for a request that is not of that shape
   */
  decide(request) {
    if (!isRequest(request)) this.#call(() => this.#core.check(json(asked(request), "invalid_request")))
    const { callID, sessionID, callerAgent, agent, prompt, now, background } = request
    const [description, task_id] = [nfc(request.description), nfc(request.task_id)]
    const text = callID + sessionID + (callerAgent ?? "") + agent + description + (task_id ?? "") + prompt
    const decided = () =>
      this.#core.decide(text, callID.length, sessionID.length, callerAgent?.length ?? -1, agent.length,
        description.length, task_id?.length ?? -1, now, background ?? false)
    return JSON.parse(this.#call(decided))
  }

  /**
   * Takes in what happened in the host, and gives what the host is to do, in that order. Times are in milliseconds since
   * the epoch. An event of an unknown session or ticket changes nothing, and neither does one that comes twice or late. A
   * seed and a jitter that the event leaves out are drawn.
   *
   * @example
   * const engine = new Engine()
   * engine.apply({ type: "session.status", now: 1, sessionID: "ses_unknown", status: "busy" }) // []
   * @param {Event} event
   * @returns {Effect[]}
   * @throws {DelegateError} `invalid_event`, naming the field
   */
  apply(event) {
    return JSON.parse(this.#call(() => this.#core.apply(eventJSON(event))))
  }

  /**
   * The sessions of an agent that a caller could resume, the most recently used first; none for an unknown caller.
   *
   * @example
   * const engine = new Engine()
   * engine.apply({ type: "session.created", now: 1, session: { id: "ses_1", parentID: "ses_root", agent: "explorer", description: "Explore auth" } })
   * engine.rank({ sessionID: "ses_root", agent: "explorer" }).map(({ slug }) => slug) // ["explore-auth"]
   * @param {RankLookup} lookup
   * @returns {Candidate[]}
   * @throws {DelegateError} `invalid_request`, naming the field
   */
  rank(lookup) {
    return JSON.parse(this.#call(() => this.#core.rank(json(asked(lookup), "invalid_request"))))
  }

  /**
   * The session that a caller's `task_id` stands for, if there is one within its reach.
   *
   * @example
   * const engine = new Engine()
   * engine.apply({ type: "session.created", now: 1, session: { id: "ses_1", parentID: "ses_root", agent: "explorer", description: "Explore auth" } })
   * engine.resolve({ sessionID: "ses_root", task_id: "explore-auth" })?.id // "ses_1"
   * engine.resolve({ sessionID: "ses_root", task_id: "nobody" }) // undefined
   * @param {ResolveLookup} lookup
   * @returns {Session | undefined}
   * @throws {DelegateError} `invalid_request`, naming the field
   */
  resolve(lookup) {
    const session = this.#call(() => this.#core.resolve(json(asked(lookup), "invalid_request")))
    return session && JSON.parse(session)
  }

  /**
   * What each row of the table sees of a request, up to the one that decides: the last, and the only one that holds.
   * Nothing is reserved. It looks at a copy of the whole state: it is for people, not for every call.
   *
   * @example
   * const engine = new Engine({ agents: { explorer: {} } })
   * const looks = engine.explain({ now: 0, callID: "c1", sessionID: "ses_root", agent: "explorr", description: "Look", prompt: "Look." })
   * looks.at(-1) // { rule: "G2", holds: true, facts: [["agent", "unknown"]] }
   * @param {Request} request
   * @returns {Look[]}
   * @throws {DelegateError} `invalid_request`, naming the field
   */
  explain(request) {
    return JSON.parse(this.#call(() => this.#core.explain(json(asked(request), "invalid_request"))))
  }

  /**
   * A session by its id, the host's or the derived one; `undefined` for an unknown id.
   *
   * @example
   * const engine = new Engine()
   * engine.apply({ type: "session.created", now: 1, session: { id: "ses_1", parentID: "ses_root", agent: "explorer", description: "Explore auth" } })
   * engine.session("ses_b1eb_explore-auth")?.id // "ses_1"
   * engine.session("ses_unknown") // undefined
   * @param {string} id
   * @returns {Session | undefined}
   */
  session(id) {
    const session = this.#call(() => this.#core.session(String(id)))
    return session && JSON.parse(session)
  }

  /**
   * A root and everything below it, in order of creation; nothing for an unknown id.
   *
   * @example
   * const engine = new Engine()
   * engine.apply({ type: "session.created", now: 1, session: { id: "ses_1", parentID: "ses_root" } })
   * engine.sessions("ses_root").map(({ id }) => id) // ["ses_root", "ses_1"]
   * engine.sessions("ses_unknown") // []
   * @param {string} rootID
   * @returns {Session[]}
   */
  sessions(rootID) {
    return JSON.parse(this.#call(() => this.#core.sessions(String(rootID))))
  }

  /**
   * The agent that a name stands for, as the host spells it: names may hold invisible marks. A name that stands for no
   * agent is itself.
   *
   * @example
   * new Engine({ agents: { "\u200bexplorer": {} } }).spelled("explorer") // "\u200bexplorer"
   * new Engine().spelled("explorer") // "explorer"
   * @param {string} agent
   * @returns {string}
   */
  spelled(agent) {
    return this.#call(() => this.#core.spelled(String(agent)))
  }

  /**
   * Notices for the user, each once: a second call gives none.
   *
   * @example
   * new Engine().notices() // []
   * @returns {string[]}
   */
  notices() {
    return JSON.parse(this.#call(() => this.#core.notices()))
  }

  /**
   * The whole state as versioned JSON; the configuration is not part of it.
   *
   * @example
   * JSON.parse(new Engine().snapshot()).v // 2
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
 * The id that a name has under a root, such as `ses_a3f2_explore-auth`.
 *
 * @example
 * deriveSessionID("ses_root", "explore-auth") // "ses_b1eb_explore-auth"
 * @param {string} rootID
 * @param {string} slug
 * @returns {string}
 */
export function deriveSessionID(rootID, slug) {
  return call(() => wasm.deriveSessionID(rootID, slug))
}

/**
 * The name that a text stands for, if anything usable is left of it.
 *
 * @example
 * normalizeSlug("Explore: the Auth!") // "explore-the-auth"
 * normalizeSlug("?!") // undefined
 * @param {string} text
 * @returns {string | undefined}
 */
export function normalizeSlug(text) {
  return call(() => wasm.normalizeSlug(nfc(text)))
}

/**
 * What a text is as a `task_id`: the id of a session or of a background task, the word `last`, a name, or nothing usable.
 *
 * @example
 * classifyTaskID("Explore auth") // "name"
 * @param {string} text
 * @returns {TaskIDKind}
 */
export function classifyTaskID(text) {
  return /** @type {TaskIDKind} */ (call(() => wasm.classifyTaskID(nfc(text))))
}

/**
 * What the rules say of a permission; `ask` if none matches, as in OpenCode (1.18.33, `permission/index.ts`).
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
  return JSON.parse(call(() => wasm.evaluatePermission(json({ rules, permission, pattern, precedence }, "invalid_request"))))
}

/**
 * What to add to opencode.json so that agents with a budget can delegate from a subagent session.
 *
 * @example
 * hostSettings({ agent: { lead: { task_budget: 3 } } }) // { subagent_depth: 3, max_depth: 3, task: { lead: "allow" } }
 * @param {{ agent?: object, permission?: unknown, subagent_depth?: number, max_depth?: number }} config as in
 *   opencode.json, with the option `max_depth`
 * @returns {HostSettings}
 * @throws {DelegateError} `invalid_config`, naming the field
 */
export function hostSettings(config) {
  return JSON.parse(call(() => wasm.hostSettings(json(config, "invalid_config"))))
}

/**
 * The rules that a child session is to have because of what its caller may not do; or, for a session that is to be
 * resumed (`held`), those to add.
 *
 * @example
 * const deny = { permission: "edit", pattern: "*", action: "deny" }
 * inheritedPermission({ session: [], caller: [deny], agent: [] })[0] // { permission: "edit", pattern: "*", action: "deny" }
 * @param {{ session: HostRule[], caller: HostRule[], agent: HostRule[], primary_tools?: string[], held?: HostRule[] }} given
 * @returns {HostRule[]}
 * @throws {DelegateError} `invalid_request`, naming the field
 */
export function inheritedPermission(given) {
  return JSON.parse(call(() => wasm.inheritedPermission(json(given, "invalid_request"))))
}

/**
 * The description in the title of a child, as OpenCode 1 titles it; the whole title if it is not of that form.
 *
 * @example
 * childDescription("Explore auth (@explorer subagent)") // "Explore auth"
 * @param {string} title
 * @returns {string}
 */
export function childDescription(title) {
  return openCode1("child_description", title)
}

/**
 * Whether a session of OpenCode 1 may have children, by its own rules and the budget of its record, in calls.
 *
 * @example
 * mayHaveChildren({ permission: [{ permission: "task", pattern: "*", action: "deny" }] }) // false
 * @param {{ permission?: unknown, budget?: unknown }} session
 * @returns {boolean}
 */
export function mayHaveChildren(session) {
  return openCode1("may_have_children", json(session, "invalid_request"))
}

/**
 * How a prompt stands in the messages of its session, read from their outline as OpenCode 1's own task tool reads them. Without
 * `messageID`, the answer is in the last assistant message of all.
 *
 * @example
 * const message = { role: "assistant", finish: "stop", parts: [{ type: "text", text: 9 }] }
 * readAnswer({ messages: [message] }).answer // [0, 0]
 * @param {{ messages: MessageOutline[], messageID?: string }} given
 * @returns {PromptReading}
 */
export function readAnswer(given) {
  return openCode1("read_answer", json(given, "invalid_request"))
}

/**
 * The failure that an error of OpenCode 1 stands for.
 *
 * @example
 * readError({ name: "APIError", data: { message: "429" } }).message // "429"
 * @param {unknown} error
 * @returns {HostFailure}
 */
export function readError(error) {
  return openCode1("read_error", json(error, "invalid_request"))
}

/**
 * Whether one of some parts delivers the same result as a part that is about to be sent.
 *
 * @example
 * holdsResult(["prt_000000000001abcdefghijklmn"], "prt_000000000002abcdefghijklmn") // true
 * @param {string[]} ids the ids of a session's parts
 * @param {string} partID
 * @returns {boolean}
 */
export function holdsResult(ids, partID) {
  return call(() => wasm.holdsResult(ids.join("\n"), partID))
}

/** @param {string} rule @param {string} given */
const openCode1 = (rule, given) => JSON.parse(call(() => wasm.openCode1(rule, given)))

/**
 * The prompt table, row by row: it decides about prompts.
 *
 * @example
 * transitions()[0].row // "B1"
 * @returns {Transition[]}
 */
export function transitions() {
  return tables()[1]
}

/**
 * The recovery table, row by row: it decides about the prompts and tasks of other processes.
 *
 * @example
 * recoveries()[0].row // "C1"
 * @returns {Recovery[]}
 */
export function recoveries() {
  return tables()[2]
}

/**
 * The decision table, row by row.
 *
 * @example
 * rules()[0].rule // "G1"
 * @returns {Rule[]}
 */
export function rules() {
  return tables()[0]
}

/** @returns {[Rule[], Transition[], Recovery[]]} */
const tables = () => JSON.parse(call(() => wasm.tables()))
