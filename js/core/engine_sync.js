// The engine in step with a host: the host's sessions are read into it, and its effects are carried out.

import { Engine } from "../api.js"
import { Conversations } from "./conversations.js"
import { CurrentEngine } from "./current_engine.js"
import { DecidedCalls } from "./decided_calls.js"
import { isMissing } from "./host.js"
import { registerInstance, unregisterInstance } from "./instances.js"
import { RecentSet } from "./recent_set.js"
import { RecordWriter } from "./record_writer.js"
import { reloaded } from "./texts/index.js"
import { Timers } from "./timers.js"

/**
 * @typedef {import("../api.js").Config} Config
 * @typedef {import("../api.js").Decision} Decision
 * @typedef {import("../api.js").Effect} Effect
 * @typedef {import("../api.js").Event} Event
 * @typedef {import("../api.js").Request} Request
 * @typedef {import("../api.js").ResolveLookup} ResolveLookup
 * @typedef {Pick<import("./host.js").Host, "session" | "children" | "childIDs" | "callChildren" | "status" | "namings" | "messagesFrom" | "setMetadata" | "refuse">} Host
 * @typedef {import("./host.js").Naming} Naming
 * @typedef {import("./host.js").HostSession} HostSession
 */

/** The number of messages to running sessions that are remembered: OpenCode reports each at once. */
const STEERING = 100

/**
 * Keeps one engine in step with the host.
 */
export class EngineSync {
  #process = registerInstance()
  /** @type {Host} */
  #host
  #current
  /** The names that this instance had with its lost engines. @type {Set<string>} */
  #former = new Set()
  /** The children that calls of this instance are creating, by derived id. @type {Set<string>} */
  creating = new Set()
  /** The last reading of the clock. */
  #clock = 0
  /** Whether this instance is closed: another instance continues from the stored records. */
  closed = false
  /** Whether models have the tool that lists sessions: the texts for them name it. */
  lists = false
  #timers = new Timers((sessionID) => this.apply({ type: "session.timer", now: Date.now(), sessionID }))
  #calls = new DecidedCalls(this, () => this.#current.engine)
  /** The messages that steer sessions. @type {RecentSet<string>} */
  #steering = new RecentSet(STEERING)
  /** The sessions that were steered. @type {RecentSet<string>} */
  #steered = new RecentSet(STEERING)
  #records
  #conversations
  #report
  /** Carries out every effect except storing. @type {(effect: Effect) => void} */
  #perform

  /**
   * @param {Host} host
   * @param {() => Promise<Config>} configure returns the engine's configuration once the host knows its agents
   * @param {(message: string) => void} report reports a message to a person
   * @param {(effect: Effect) => void} [perform] carries out effects other than storing; it must not call back synchronously
   * @param {(notice: string) => void} [notify] shows a notice of the engine to a person
   */
  constructor(host, configure, report, perform = () => {}, notify = report) {
    this.#host = host
    this.#perform = perform
    this.#report = report
    this.#records = new RecordWriter(host, (sessionID, error) => {
      const now = Date.now()
      if (!error) {
        this.#conversations.outdate(sessionID)
        return void this.apply({ type: "record.stored", now, sessionID })
      }
      // A deleted session needs no record, even if no event reported the deletion.
      if (isMissing(error)) return void this.apply({ type: "session.deleted", now, sessionID })
      if (this.session(sessionID)) report(`The record of session ${sessionID} could not be stored: ${error.message}`)
      this.apply({ type: "record.failed", now, sessionID })
    })
    // A new engine must know the records that the lost engine left to be stored.
    const prepare = () => Promise.all([configure(), this.#records.flush()])
    this.#current = new CurrentEngine(() => this.#process, prepare, { report, notify }, () => this.#lost())
    this.#conversations = new Conversations(host, this, this.#current, this.#records, report)
  }

  /**
   * Decides a request, after a read of everything that the host has under the request's root. The records that the decision
   * needs are stored in a moment.
   * @param {Request} request
   * @param {(request: Request) => Promise<void>} [recovered] resolves when the prompts of ended processes are looked up, before a
   *   call can continue one of them
   * @returns {Promise<Decision>}
   */
  async decide(request, recovered = async () => {}) {
    return this.#current.retryAfterTrap(async () => {
      const { sessionID, agent, task_id } = request
      const engine = await this.#conversations.loadNamed(sessionID)
      // Another process may have created the named session since the root was read.
      if (task_id && !(await this.#current.ready()).resolve({ sessionID, agent, task_id })) await this.#conversations.lookAgain(sessionID, [task_id])
      await recovered(request)
      // The session may be deleted by now. An engine that has followed since has yet to look up prompts.
      await this.#conversations.loadNamed(sessionID)
      this.#conversations.mustKeep(engine, "prompts were looked up")
      if (this.closed) throw new Error(reloaded())
      this.#checkClock()
      const { decision, effects } = engine.decide(request)
      this.#calls.note(decision, engine)
      this.#carryOut(effects)
      this.#current.reportNotices(engine)
      return decision
    })
  }

  /** The fault of the configuration that lets no engine start, if it has one. @returns {Promise<string | undefined>} */
  async fault() {
    return this.#current.ready().then(() => undefined, (/** @type {Error} */ { message }) => message)
  }

  /**
   * Commits a decision: its child exists and has a prompt.
   * @param {Decision} decision
   * @param {Request} request
   * @param {string} sessionID
   */
  commit(decision, request, sessionID) {
    return this.#calls.commit(decision, request, sessionID)
  }

  /** Commits a decision to the engine that made it. @param {Decision} decision @param {string} sessionID @param {number} [now] @returns {Effect[]} none if that engine is lost */
  commitTicket(decision, sessionID, now) {
    return this.#calls.commitTicket(decision, sessionID, now)
  }

  /** The ticket of a decision, unless its engine is lost. @param {Decision} decision */
  ticket(decision) {
    return this.#calls.ticket(decision)
  }

  /**
   * Has the engine keep the prompt of a decided call in a session that exists.
   * @param {Decision} decision
   * @param {Request} request
   * @param {import("../api.js").KeptPrompt & { sessionID: string }} kept
   * @param {() => Promise<void>} recovered resolves when it is known which prompts of lost engines have arrived
   */
  keep(decision, request, kept, recovered) {
    return this.#calls.keep(decision, request, kept, recovered)
  }

  /** Refunds a decision: no child got its prompt. @param {Decision} decision */
  refund(decision) {
    this.#calls.refund(decision)
  }

  /**
   * Applies an event and carries out its effects. The engine ignores events of unknown sessions: those sessions are read when
   * they are loaded.
   * @param {Event} event
   * @returns {Effect[]} the effects, which may still be in progress
   */
  apply(event) {
    const engine = this.#current.engine
    if (!engine || this.closed) return []
    this.#checkClock()
    const effects = this.#ask("sessionID" in event ? event.sessionID : undefined, () => engine.apply(event))
    if (!effects) return []
    this.#carryOut(effects)
    this.#current.reportNotices(engine)
    if (event.type === "session.deleted") {
      this.#conversations.delete(event.sessionID)
      this.#records.forget(event.sessionID)
      this.#timers.forget(event.sessionID)
    }
    return effects
  }

  /** @param {Effect[]} effects */
  #carryOut(effects) {
    for (const effect of effects) {
      if (effect.type === "store") this.#records.store(effect.sessionID, effect.record, effect.later ?? false)
      else if (effect.type === "timer") this.#timers.set(effect)
      else if (effect.type === "refuse") void this.#refuse(effect)
      else this.#perform(effect)
    }
  }

  /** Denies a question for permission. A person may have answered it meanwhile. @param {Extract<Effect, { type: "refuse" }>} effect */
  async #refuse(effect) {
    await this.#host.refuse(effect).catch((/** @type {Error} */ error) => {
      if (!isMissing(error)) this.#report(`A question for permission of session ${effect.sessionID} could not be denied: ${error.message}`)
    })
  }

  /**
   * Resolves when the urgent records of a session are stored.
   * @param {string} sessionID
   * @returns {Promise<boolean>} whether they are stored, or need not be because the session is gone
   */
  async whenStored(sessionID) {
    return (await this.#records.whenWritten(sessionID)) || !this.hasChild(sessionID)
  }

  /** Loads a session and everything under its root into the engine, unless they are known. @param {string} sessionID @returns {Promise<Engine>} the engine that knows them */
  load(sessionID) {
    return this.#conversations.load(sessionID)
  }

  /** Loads a session that its user is about to prompt, and the work of other processes under it. @param {string} sessionID */
  refresh(sessionID) {
    return this.#conversations.refresh(sessionID)
  }

  /** Whether a session exists and has no parent. @param {string} sessionID */
  isRoot(sessionID) {
    return this.#conversations.isRoot(sessionID)
  }

  /** Whether OpenCode showed a session a moment ago, so that it most likely still exists. @param {string} sessionID */
  wasJustSeen(sessionID) {
    return this.#conversations.wasJustSeen(sessionID)
  }

  /** Takes in a session that the host has just created. @param {HostSession} session */
  sessionCreated(session) {
    this.#conversations.sessionCreated(session)
  }

  /** Takes in a child that this instance prompts. @param {HostSession} session */
  registerChild(session) {
    this.#conversations.registerChild(session)
  }

  /** Takes in a changed session. @param {HostSession} session */
  sessionUpdated(session) {
    this.#conversations.sessionUpdated(session)
  }

  /** Takes in that a session is deleted. @param {HostSession} session */
  sessionDeleted(session) {
    return this.#conversations.sessionDeleted(session)
  }

  /** Takes in what a session used so far. @param {HostSession} session @param {boolean} [rests] whether its turn is over */
  noteSpent(session, rests) {
    this.#conversations.noteSpent(session, rests)
  }

  /** Takes in from which message on a session is reverted, or that none is any more. @param {string} sessionID @param {HostSession["revert"]} [revert] */
  noteRevert(sessionID, revert) {
    this.#conversations.noteRevert(sessionID, revert)
  }

  /** Takes in a call that names a session. @param {string} sessionID the session whose call it is @param {Naming} naming */
  sessionNamed(sessionID, naming) {
    this.#conversations.sessionNamed(sessionID, naming)
  }

  /** Takes in that a message was removed, a part of it, or all from it on. @param {Parameters<Conversations["messageRemoved"]>[0]} removed */
  messageRemoved(removed) {
    return this.#conversations.messageRemoved(removed)
  }

  /** @param {string} id */
  session(id) {
    return this.#ask(id, (engine) => engine.session(id))
  }

  /** The name by which a caller may call a session, else its id. @param {string} id @param {string} callerID */
  nameFor(id, callerID) {
    return this.#ask(id, (engine) => engine.nameFor(id, callerID)) ?? id
  }

  /**
   * The engine's answer about a session. If the engine traps, the next one reads the session's root: a result may wait for it.
   * @template T
   * @param {string | undefined} sessionID
   * @param {(engine: Engine) => T} ask
   */
  #ask(sessionID, ask) {
    const { engine } = this.#current
    const answer = this.#current.query(ask)
    if (engine && !this.#current.engine && sessionID) this.load(sessionID).catch(() => {})
    return answer
  }

  /** Whether a child exists: the engine keeps no parent of a deleted session that is still referred to. @param {string} sessionID */
  hasChild(sessionID) {
    return this.session(sessionID)?.parentID !== undefined
  }

  /** The sessions that a session may see, itself among them, in order of creation. @param {string} sessionID */
  visible(sessionID) {
    return this.#ask(sessionID, (engine) => engine.visible(sessionID)) ?? []
  }

  /** The sessions that a session may see, as a table or as a Mermaid diagram. @param {string} sessionID @param {Parameters<Engine["list"]>[1]} form */
  list(sessionID, form) {
    // Without an engine there is no session to show.
    return this.#ask(sessionID, (engine) => engine.list(sessionID, form, Date.now())) ?? new Engine().list(sessionID, form, Date.now())
  }

  /** An agent's name as the host spells it. @param {string} agent */
  spelled(agent) {
    return this.#current.query((engine) => engine.spelled(agent)) ?? agent
  }

  /** What becomes of a caller's message for a session that runs. @param {Omit<import("../api.js").SteerLookup, "now" | "seed">} lookup */
  steer(lookup) {
    const given = { now: Date.now(), ...lookup }
    const steering = this.#current.query((engine) => engine.steer(given)) ?? new Engine().steer(given)
    if (steering.action === "send") {
      this.#steering.add(steering.messageID)
      this.#steered.add(steering.sessionID)
    }
    return steering
  }

  /** Whether a message has steered a session, as far as this process knows. @param {string} sessionID */
  wasSteered(sessionID) {
    return this.#steered.has(sessionID)
  }

  /** Whether a message is one that steers a session: this package made it up. @param {string} messageID */
  steers(messageID) {
    return this.#steering.has(messageID)
  }

  /** The session of a caller's `task_id`. @param {ResolveLookup} lookup */
  async resolve(lookup) {
    const [session] = await this.resolveAll([lookup])
    return session
  }

  /** The sessions of several lookups of one caller. @param {ResolveLookup[]} lookups at least one */
  resolveAll(lookups) {
    const [{ sessionID }] = lookups
    const resolved = () => lookups.map((lookup) => this.#current.query((engine) => engine.resolve(lookup)))
    return this.#current.retryAfterTrap(async () => {
      await this.load(sessionID)
      const known = resolved()
      if (known.every(Boolean)) return known
      await this.#conversations.lookAgain(sessionID, lookups.flatMap(({ task_id }, place) => (known[place] || !task_id ? [] : [task_id])))
      return resolved()
    })
  }

  /** The sessions that a session may resume, in order of creation. @param {string} sessionID */
  resumable(sessionID) {
    return this.#ask(sessionID, (engine) => engine.resumable(sessionID)) ?? []
  }

  /** The name of this instance in records. */
  get process() {
    return this.#process
  }

  /** Whether a process is this one under the name that it had with a lost engine. @param {string} process */
  wasOurs(process) {
    return this.#former.has(process)
  }

  /** Forgets all that a lost engine knew. Under another name, the next engine looks up the prompts that the lost one ran. */
  #lost() {
    unregisterInstance(this.#process)
    this.#former.add(this.#process)
    this.#process = registerInstance()
    this.#conversations.clear()
  }

  /** Ignores all later events, and stores the waiting records. */
  close() {
    this.closed = true
    this.#timers.close()
    return this.#records.flush()
  }

  /** Reads the clock, and reports to the engine if the clock was set back. */
  #checkClock() {
    const now = Date.now()
    const back = now < this.#clock
    this.#clock = now
    if (!back) return
    // A later update may have an earlier time.
    this.#conversations.outdate()
    this.apply({ type: "clock.set_back", now })
  }
}
