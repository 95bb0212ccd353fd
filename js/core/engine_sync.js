// The engine in step with a host: it hears of the host's sessions, its records are stored, and a trap rebuilds it.

import { DelegateError, Engine } from "../api.js"
import { isMissing } from "./host.js"
import { canDelegate, engineSession } from "./host_session.js"
import { registerInstance } from "./instances.js"
import { RecordWriter } from "./record_writer.js"
import { UNLOADED } from "./texts/index.js"

/**
 * @typedef {import("../api.js").Config} Config
 * @typedef {import("../api.js").Decision} Decision
 * @typedef {import("../api.js").Effect} Effect
 * @typedef {import("../api.js").Event} Event
 * @typedef {import("../api.js").Request} Request
 * @typedef {import("../api.js").ResolveLookup} ResolveLookup
 * @typedef {Pick<import("./host.js").Host, "session" | "children" | "status" | "setMetadata">} Host
 * @typedef {import("./host.js").HostSession} HostSession
 */

/**
 * Keeps one engine in step with the host.
 */
export class EngineSync {
  #process = registerInstance()
  /** @type {Host} */
  #host
  /** @type {() => Promise<Config>} */
  #configure
  /** @type {(message: string) => void} */
  #report
  /** @type {Promise<Engine> | undefined} */
  #starting
  /** @type {Engine | undefined} */
  #engine
  /** The last reading of the clock. */
  #clock = 0
  /** Whether this instance is closed: another instance continues from the stored records. */
  closed = false
  /** The root of each known session. @type {Map<string, string>} */
  #roots = new Map()
  /** Sessions that have a parent, with a known root or without. @type {Set<string>} */
  #children = new Set()
  /** The engine that made a decision: no other engine knows its ticket. @type {WeakMap<Decision, Engine>} */
  #deciders = new WeakMap()
  /** The reads in progress, by root. @type {Map<string, Promise<void>>} */
  #reading = new Map()
  #records
  /** Carries out every effect except storing. @type {(effect: Effect) => void} */
  #perform

  /**
   * @param {Host} host
   * @param {() => Promise<Config>} configure returns the engine's configuration once the host knows its agents
   * @param {(message: string) => void} report reports a message to a person
   * @param {(effect: Effect) => void} [perform] carries out effects other than storing; it must not call back synchronously
   */
  constructor(host, configure, report, perform = () => {}) {
    this.#host = host
    this.#perform = perform
    this.#records = new RecordWriter(host, (sessionID, error) => {
      const now = Date.now()
      if (!error) return void this.apply({ type: "record.stored", now, sessionID })
      // A deleted session needs no record, even if no event reported the deletion.
      if (isMissing(error)) return void this.apply({ type: "session.deleted", now, sessionID })
      if (this.session(sessionID)) report(`The record of session ${sessionID} could not be stored: ${error.message}`)
      this.apply({ type: "record.failed", now, sessionID })
    })
    this.#configure = configure
    this.#report = report
  }

  /**
   * Decides a request, after a read of everything that the host has under the request's root. The records that the decision
   * needs are on their way when it is returned.
   * @param {Request} request
   * @param {() => Promise<void>} [recovered] resolves when the prompts of ended processes are looked up, before a call can
   *   continue one of them
   * @returns {Promise<Decision>}
   */
  async decide(request, recovered = async () => {}) {
    return this.#retryAfterTrap(async () => {
      await this.load(request.sessionID)
      // Another process may have created the named session since the root was read.
      const { sessionID, agent, task_id } = request
      if (task_id && !(await this.#ready()).resolve({ sessionID, agent, task_id })) await this.#read(this.#roots.get(request.sessionID) ?? request.sessionID)
      await recovered()
      // The session may be deleted by now.
      await this.load(request.sessionID)
      if (this.closed) throw new Error(UNLOADED)
      const engine = await this.#ready()
      this.#checkClock()
      const { decision, effects } = engine.decide(request)
      this.#deciders.set(decision, engine)
      this.#carryOut(effects)
      this.#reportNotices(engine)
      return decision
    })
  }

  /**
   * Commits a decision: its child exists and has a prompt.
   * @param {Decision} decision
   * @param {Request} request
   * @param {string} sessionID
   */
  async commit(decision, request, sessionID) {
    if (!("ticket" in decision)) return
    const now = Date.now()
    if (this.#isCurrent(decision)) {
      this.apply({ type: "ticket.commit", now, ticket: decision.ticket, sessionID })
      if (this.#isCurrent(decision)) return
    }
    // The engine that reserved the name and the call is lost; the new engine gets both.
    const { sessionID: callerID, description, background } = request
    await this.load(callerID)
    const name = decision.action === "spawn" ? decision.slug : undefined
    this.apply({ type: "call.recovered", now, sessionID, callerID, agent: this.spelled(request.agent), description, name, background })
  }

  /**
   * Refunds a decision: no child got its prompt.
   * @param {Decision} decision
   */
  refund(decision) {
    if (!("ticket" in decision) || !this.#isCurrent(decision)) return
    this.apply({ type: "ticket.refund", now: Date.now(), ticket: decision.ticket })
  }

  /** Whether the engine that made a decision still runs. @param {Decision} decision */
  #isCurrent(decision) {
    return this.#engine !== undefined && this.#deciders.get(decision) === this.#engine
  }

  /**
   * Applies an event and carries out its effects. The engine ignores events of unknown sessions: those sessions are read when
   * they are loaded.
   * @param {Event} event
   * @returns {Effect[]} the effects, which may still be in progress
   */
  apply(event) {
    const engine = this.#engine
    if (!engine || this.closed) return []
    this.#checkClock()
    const sessionID = "sessionID" in event ? event.sessionID : undefined
    /** @type {Effect[]} */
    let effects = []
    try {
      effects = engine.apply(event)
    } catch (error) {
      if (!isTrap(error)) throw error
      this.#discardEngine()
      if (sessionID) this.load(sessionID).catch(() => {})
      return []
    }
    this.#carryOut(effects)
    this.#reportNotices(engine)
    if (event.type === "session.deleted") {
      this.#roots.delete(event.sessionID)
      this.#children.delete(event.sessionID)
      this.#records.forget(event.sessionID)
    }
    return effects
  }

  /** @param {Effect[]} effects */
  #carryOut(effects) {
    for (const effect of effects) {
      if (effect.type === "store") this.#records.store(effect.sessionID, effect.record, effect.later ?? false)
      else this.#perform(effect)
    }
  }

  /**
   * Resolves when the urgent records of a session are stored.
   * @param {string} sessionID
   * @returns {Promise<boolean>} whether they are stored, or need not be because the session is gone
   */
  async whenStored(sessionID) {
    return (await this.#records.whenWritten(sessionID)) || !this.hasChild(sessionID)
  }

  /**
   * Takes in a session that the host has just created.
   * @param {HostSession} session
   */
  sessionCreated(session) {
    if (session.parentID) this.#children.add(session.id)
    const root = session.parentID ? this.#roots.get(session.parentID) : session.id
    // Without an engine there is nothing to update: the session is read when it is loaded.
    if (!root || !this.#engine) return
    this.#roots.set(session.id, root)
    this.sessionUpdated(session)
    this.apply({ type: "session.created", now: Date.now(), session: engineSession(session, this.#process) })
  }

  /** Takes in a child that this instance prompts. @param {HostSession} session */
  registerChild(session) {
    const root = session.parentID && this.#roots.get(session.parentID)
    // If the root could not be read since, the session is at least known to be a child.
    if (root) this.#roots.set(session.id, root)
    this.sessionUpdated(session)
  }

  /**
   * Takes in a changed session: others may have changed its metadata.
   * @param {HostSession} session
   */
  sessionUpdated({ id, parentID, metadata }) {
    if (parentID) this.#children.add(id)
    if (this.#roots.has(id)) this.#records.noteMetadata(id, metadata)
  }

  /**
   * Loads a session and everything under its root into the engine, unless they are known.
   * @param {string} sessionID
   */
  async load(sessionID) {
    const engine = await this.#ready()
    const root = this.#roots.get(sessionID)
    if (root) await this.#reading.get(root)
    // The session may be deleted by now.
    if (root && this.#roots.has(sessionID)) return
    const line = [await this.#host.session(sessionID)]
    while (line[0].parentID) line.unshift(await this.#host.session(line[0].parentID))
    const [top] = line
    await this.#read(top.id, top)
    // The read stops at sessions that cannot delegate, and the engine ignores deleted sessions.
    for (const session of line) if (!engine.session(session.id)) this.#add(session, top.id)
    if (engine.session(sessionID) || this.closed) return
    this.#roots.delete(sessionID)
    throw new Error(`Session ${sessionID} was deleted while it was read.`)
  }

  /** @param {string} id */
  session(id) {
    return this.#query((engine) => engine.session(id))
  }

  /** Whether a child exists: the engine keeps no parent of a deleted session that is still referred to. @param {string} sessionID */
  hasChild(sessionID) {
    return this.session(sessionID)?.parentID !== undefined
  }

  /**
   * Whether a session exists and has no parent. A host that does not answer counts as a yes: its silence must not stop all
   * delegation.
   * @param {string} sessionID
   */
  async isRoot(sessionID) {
    if (this.#roots.get(sessionID) === sessionID) return true
    if (this.#children.has(sessionID)) return false
    return this.#host.session(sessionID).then(({ parentID }) => !parentID, (error) => !isMissing(error))
  }

  /** A session and all that shares its root, in order of creation. @param {string} sessionID */
  tree(sessionID) {
    const root = this.#roots.get(sessionID)
    return (root && this.#query((engine) => engine.sessions(root))) || []
  }

  /** An agent's name as the host spells it. @param {string} agent */
  spelled(agent) {
    return this.#query((engine) => engine.spelled(agent)) ?? agent
  }

  /** The session of a caller's `task_id`. @param {ResolveLookup} lookup */
  async resolve(lookup) {
    const { sessionID } = lookup
    await this.load(sessionID)
    const resolved = () => this.#query((engine) => engine.resolve(lookup))
    const known = resolved()
    if (known) return known
    await this.#read(this.#roots.get(sessionID) ?? sessionID)
    return resolved()
  }

  /** The sessions that a session may resume, in order of creation. @param {string} sessionID */
  resumable(sessionID) {
    const root = this.#roots.get(sessionID)
    return this.tree(sessionID).filter((session) => session.parentID && (sessionID === root || session.parentID === sessionID))
  }

  /** The name of this instance in records. */
  get process() {
    return this.#process
  }

  /** Ignores all later events, and stores the waiting records. */
  close() {
    this.closed = true
    return this.#records.flush()
  }

  /** The engine, created if there is none. */
  #ready() {
    // The new engine must know the records that the lost engine left to be stored.
    this.#starting ??= Promise.all([this.#configure(), this.#records.flush()]).then(([config]) => {
      this.#engine = new Engine(config, { process: this.#process })
      this.#reportNotices(this.#engine)
      return this.#engine
    })
    this.#starting.catch((error) => {
      // A faulty configuration stays faulty; a host that did not answer may answer the next time.
      if (!(error instanceof DelegateError)) this.#starting = undefined
    })
    return this.#starting
  }

  /**
   * Reads a root and everything below it from the host.
   * @param {string} rootID
   * @param {HostSession} [root]
   * @returns {Promise<void>}
   */
  #read(rootID, root) {
    const reading = this.#reading.get(rootID)
    if (reading) return reading
    const read = async () => {
      const engine = await this.#ready()
      // An end that an event reports during the read is later than the host's answer.
      const asked = Date.now()
      const [top, busy] = await Promise.all([root ?? this.#host.session(rootID), this.#host.status()])
      const add = (/** @type {HostSession} */ session) => {
        if (this.#engine !== engine) throw new DelegateError({ code: "engine_trap", message: "The engine was lost while a root was read." })
        this.#add(session, rootID)
        const status = busy[session.id]?.type
        if (status && status !== "idle") this.apply({ type: "session.status", now: asked, sessionID: session.id, status })
      }
      add(top)
      for (let parents = [top]; parents.length; ) {
        const children = (await Promise.all(parents.map(({ id }) => this.#host.children(id)))).flat()
        children.sort((a, b) => a.time.created - b.time.created || (a.id < b.id ? 1 : -1))
        for (const child of children) add(child)
        parents = children.filter(canDelegate)
      }
    }
    const done = read().finally(() => this.#reading.delete(rootID))
    // A partial read is repeated: the root may be gone.
    done.catch(() => this.#roots.forEach((root, id) => root === rootID && this.#roots.delete(id)))
    this.#reading.set(rootID, done)
    return done
  }

  /** @param {HostSession} session @param {string} rootID */
  #add(session, rootID) {
    this.#roots.set(session.id, rootID)
    this.sessionUpdated(session)
    this.apply({ type: "session.created", now: session.time.updated, session: engineSession(session, this.#process) })
  }

  /**
   * Runs work, and runs it once more on a new engine if the engine traps.
   * @template T
   * @param {() => Promise<T>} work
   * @returns {Promise<T>}
   */
  async #retryAfterTrap(work) {
    try {
      return await work()
    } catch (error) {
      if (!isTrap(error)) throw error
      this.#discardEngine()
      return work()
    }
  }

  /** Reads the clock, and reports to the engine if the clock was set back. */
  #checkClock() {
    const now = Date.now()
    const back = now < this.#clock
    this.#clock = now
    if (back) this.apply({ type: "clock.set_back", now })
  }

  /**
   * The engine's answer, or `undefined` if there is no engine or it traps.
   * @template T
   * @param {(engine: Engine) => T} ask
   * @returns {T | undefined}
   */
  #query(ask) {
    try {
      return this.#engine && ask(this.#engine)
    } catch (error) {
      if (!isTrap(error)) throw error
      this.#discardEngine()
      return undefined
    }
  }

  /** Drops an engine that trapped. The next call creates another engine and reads its sessions again. */
  #discardEngine() {
    this.#report("The engine trapped. It is made anew from OpenCode's sessions; calls in progress lose their reservations.")
    this.#engine = this.#starting = undefined
    this.#roots.clear()
  }

  /** @param {Engine} engine */
  #reportNotices(engine) {
    for (const notice of engine.notices()) this.#report(notice)
  }
}

/** @param {unknown} error */
const isTrap = (error) => error instanceof DelegateError && error.code === "engine_trap"
