// The delegation engine: an object of the wasm, with typed methods.

import * as wasm from "../../pkg/opencode_delegate.js"
import { call, making } from "./call.js"
import { processOf } from "./engine_options.js"
import { DelegateError } from "./error.js"
import { eventJSON, json, nfc, plainRequest, requestInNFC, text } from "./json.js"

/**
 * @typedef {import("./types.js").Candidate} Candidate
 * @typedef {import("./types.js").Config} Config
 * @typedef {import("./types.js").Decided} Decided
 * @typedef {import("./types.js").Effect} Effect
 * @typedef {import("./types.js").EngineOptions} EngineOptions
 * @typedef {import("./types.js").Event} Event
 * @typedef {import("./types.js").Look} Look
 * @typedef {import("./types.js").RankLookup} RankLookup
 * @typedef {import("./types.js").Request} Request
 * @typedef {import("./types.js").ResolveLookup} ResolveLookup
 * @typedef {import("./types.js").Outline} Outline
 * @typedef {import("./types.js").OutlineLookup} OutlineLookup
 * @typedef {import("./types.js").Session} Session
 * @typedef {import("./types.js").SteerLookup} SteerLookup
 * @typedef {import("./types.js").Steering} Steering
 */

/**
 * The delegation engine: the state of a host's sessions, and the configuration that decides.
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
  /** The making of the module that the engine is of. */
  #made

  /**
   * @param {Config} [config]
   * @param {EngineOptions} [options]
   * @throws {DelegateError} `invalid_config`, naming the field
   */
  constructor(config = {}, options = {}) {
    const [given, process] = [json(config, "invalid_config"), processOf(options)]
    this.#core = call(() => new wasm.Core(given, process))
    this.#made = making
  }

  /**
   * Makes an engine of a snapshot. The configuration and the options are not part of a snapshot, and are given again.
   *
   * A snapshot is for the process that took it: the prompts in it run on, and that process reports their ends. A new process makes a
   * new engine instead, with another name, and reports each session with its stored record (`session.created`). The engine then has
   * the prompts of the dead process looked up. If a snapshot is restored in a new process, each prompt that was to be sent keeps
   * its session busy until the host reports that attempt as failed (`prompt.failed` with the failure `lost`).
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
    const [given, process] = [json(config, "invalid_config"), processOf(options)]
    // The engine refuses an empty text as it refuses any other value that is no snapshot.
    const saved = typeof snapshot === "string" ? snapshot : ""
    const engine = new Engine()
    engine.#core = call(() => wasm.Core.restore(saved, given, process))
    engine.#made = making
    return engine
  }

  /**
   * Decides a request, and reserves the name and the call that the decision needs. The same call decided again gets the
   * same decision and no effects. The host carries the effects out before it acts on the decision, or any other effect.
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
    const { callID, messageID, sessionID, callerAgent, agent, prompt, permission, model, limits, now, background, by, ...named } = this.#plain(request)
    const [description, task_id] = [nfc(named.description), nfc(named.task_id)]
    const limited = limits && JSON.stringify(limits)
    const joined = callID + (messageID ?? "") + sessionID + (callerAgent ?? "") + agent + description + (task_id ?? "") + (permission ?? "") + (model ?? "") + (limited ?? "") + prompt
    const decided = () =>
      this.#core.decide(joined, callID.length, messageID?.length ?? -1, sessionID.length, callerAgent?.length ?? -1, agent.length,
        description.length, task_id?.length ?? -1, permission?.length ?? -1, model?.length ?? -1, limited?.length ?? -1, now, background ?? false, by === "user")
    return JSON.parse(this.#call(decided))
  }

  /**
   * Takes in an event of the host, and gives the effects that the host carries out, in that order. Times are in milliseconds
   * since the epoch. An event of an unknown session or ticket changes nothing. Neither does an event that comes twice or late.
   * The shim draws a seed and a jitter if the event leaves them out.
   *
   * @example
   * const engine = new Engine()
   * engine.apply({ type: "session.status", now: 1, sessionID: "ses_unknown", status: "busy" }) // []
   * @param {Event} event
   * @returns {Effect[]}
   * @throws {DelegateError} `invalid_event`, naming the field
   */
  apply(event) {
    const given = eventJSON(event)
    return JSON.parse(this.#call(() => this.#core.apply(given)))
  }

  /**
   * The sessions of an agent that a caller could resume, at most 5: those first that the request most likely follows up; none for an
   * unknown caller.
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
    const given = json(lookup, "invalid_request", requestInNFC)
    return JSON.parse(this.#call(() => this.#core.rank(given)))
  }

  /**
   * The session that a caller's `task_id` stands for, if there is one within its reach. For an earlier call (`messageID`, `partID`),
   * the child that the call spawned comes first.
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
    const given = json(lookup, "invalid_request", requestInNFC)
    const session = this.#call(() => this.#core.resolve(given))
    return session && JSON.parse(session)
  }

  /**
   * What becomes of a caller's message for a session that runs. Nothing is kept of it. The shim draws a seed if the lookup leaves it out.
   *
   * @example
   * const engine = new Engine()
   * engine.apply({ type: "session.created", now: 1, session: { id: "ses_1", parentID: "ses_root", agent: "explorer", slug: "auth" } })
   * engine.steer({ now: 2, sessionID: "ses_root", task_id: "auth", message: "Leave src/old out." }).action // "refuse"
   * engine.apply({ type: "session.status", now: 3, sessionID: "ses_1", status: "busy" })
   * engine.steer({ now: 4, sessionID: "ses_root", task_id: "auth", message: "Leave src/old out." }).action // "send"
   * @param {SteerLookup} lookup
   * @returns {Steering}
   * @throws {DelegateError} `invalid_request`, naming the field
   */
  steer(lookup) {
    const given = json(lookup, "invalid_request", requestInNFC)
    return JSON.parse(this.#call(() => this.#core.steer(given)))
  }

  /**
   * The facts that each row of the table sees of a request, up to the row that decides. Only that last row holds. Nothing is
   * reserved. The call copies the whole state: it is for people, not for every call.
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
    const given = json(request, "invalid_request", requestInNFC)
    return JSON.parse(this.#call(() => this.#core.explain(given)))
  }

  /**
   * How the sessions of a conversation stand, for a person at a terminal: a row each, children below their parents. Whatever
   * `slug_scope` says, all sessions below the root count.
   *
   * @example
   * const engine = new Engine()
   * engine.apply({ type: "session.created", now: 1, session: { id: "ses_1", parentID: "ses_root", agent: "explorer", slug: "auth" } })
   * const { rows, summary } = engine.outline({ sessionID: "ses_root", now: 61_000, seen: [{ sessionID: "ses_1", failed: true }] })
   * summary // "1 subagent · 1 failed"
   * rows[0].text // "explorer · failed · 1 min ago"
   * @param {OutlineLookup} lookup
   * @returns {Outline}
   * @throws {DelegateError} `invalid_request`, naming the field
   */
  outline(lookup) {
    const given = json(lookup, "invalid_request")
    return JSON.parse(this.#call(() => this.#core.outline(given)))
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
    const given = text(id, "id")
    const session = this.#call(() => this.#core.session(given))
    return session && JSON.parse(session)
  }

  /**
   * The name by which a caller may call a session. None if it has none, or if the name stands for another session there, as it may in a
   * fork: the session then has its id alone.
   *
   * @example
   * const engine = new Engine()
   * engine.apply({ type: "session.created", now: 1, session: { id: "ses_1", parentID: "ses_root", agent: "explorer", slug: "auth" } })
   * engine.nameFor("ses_1", "ses_root") // "auth"
   * engine.nameFor("ses_unknown", "ses_root") // undefined
   * @param {string} sessionID
   * @param {string} callerID
   * @returns {string | undefined}
   */
  nameFor(sessionID, callerID) {
    const [id, caller] = [text(sessionID, "sessionID"), text(callerID, "callerID")]
    return this.#call(() => this.#core.nameFor(id, caller))
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
    const given = text(rootID, "rootID")
    return JSON.parse(this.#call(() => this.#core.sessions(given)))
  }

  /**
   * The sessions that a caller could resume, of any agent, in order of creation; none for an unknown caller.
   *
   * @example
   * const engine = new Engine()
   * engine.apply({ type: "session.created", now: 1, session: { id: "ses_1", parentID: "ses_root", agent: "explorer", description: "Explore auth" } })
   * engine.resumable("ses_root").map(({ slug }) => slug) // ["explore-auth"]
   * engine.resumable("ses_1") // []
   * @param {string} sessionID
   * @returns {Session[]}
   */
  resumable(sessionID) {
    const given = text(sessionID, "sessionID")
    return JSON.parse(this.#call(() => this.#core.resumable(given)))
  }

  /**
   * The sessions that a session may see, itself among them, in order of creation: its root and everything below it. With
   * `slug_scope: "caller"`, a subagent sees its own children alone. None for an unknown session.
   *
   * @example
   * const engine = new Engine({ slug_scope: "caller" })
   * engine.apply({ type: "session.created", now: 1, session: { id: "ses_1", parentID: "ses_root" } })
   * engine.visible("ses_root").map(({ id }) => id) // ["ses_root", "ses_1"]
   * engine.visible("ses_1").map(({ id }) => id) // ["ses_1"]
   * @param {string} sessionID
   * @returns {Session[]}
   */
  visible(sessionID) {
    const given = text(sessionID, "sessionID")
    return JSON.parse(this.#call(() => this.#core.visible(given)))
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
    const given = text(agent, "agent")
    return this.#call(() => this.#core.spelled(given))
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
   * JSON.parse(new Engine().snapshot()).v // 3
   * @returns {string}
   */
  snapshot() {
    return this.#call(() => this.#core.snapshot())
  }

  /**
   * The sessions that a session may see, for a person or a model to read: a table with a row a session, or a Mermaid flowchart.
   * A page has 50 of them, the most recently used first, and counts all. `agent` and `state` choose among them; a state is a word of the
   * table's column.
   *
   * @example
   * const engine = new Engine()
   * engine.apply({ type: "session.created", now: 1, session: { id: "ses_root", agent: "build" } })
   * engine.list("ses_root", { mermaid: true }, 2) // "flowchart TD\n  s0[\"root<br>build\"]"
   * engine.list("ses_root", {}, 2) // "There is no subagent session yet."
   * @param {string} sessionID
   * @param {{ mermaid?: boolean, agent?: string, state?: string, page?: number }} form
   * @param {number} now in milliseconds since the epoch: the table gives the age of each session's last use
   * @returns {string}
   * @throws {DelegateError} `invalid_request`, naming the field
   */
  list(sessionID, form, now) {
    const given = json({ ...form, sessionID, now }, "invalid_request")
    return this.#call(() => this.#core.list(given))
  }

  /**
   * A request whose fields cross as they are. The engine names the fault of any other; one that JSON makes plain is taken so.
   * @param {Request} request
   * @returns {Request}
   */
  #plain(request) {
    try {
      const plain = plainRequest(request)
      if (plain) return plain
    } catch {
      // The JSON of the request fails too, with an error of this API.
    }
    const given = json(request, "invalid_request", requestInNFC)
    this.#call(() => this.#core.check(given))
    const plain = plainRequest(JSON.parse(given), true)
    if (plain) return plain
    throw new DelegateError({ code: "invalid_request", message: "Invalid request: a field has another type in JSON.", field: "" })
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
