// The engine beside a host: fed from the host's sessions, rebuilt when it traps, its effects stored.

import { DelegateError, Engine } from "../api.js"
import { isMissing } from "../opencode1/sdk/client.js"
import { enter } from "./instances.js"
import { Records } from "./record_writer.js"
import { delegates, told } from "./host_session.js"
import { UNLOADED } from "./texts/results.js"

/**
 * @typedef {import("../api.js").Config} Config
 * @typedef {import("../api.js").Decision} Decision
 * @typedef {import("../api.js").Effect} Effect
 * @typedef {import("../api.js").Event} Event
 * @typedef {import("../api.js").Request} Request
 * @typedef {import("../opencode1/sdk/client.js").Host} Host
 * @typedef {import("../opencode1/sdk/client.js").HostSession} HostSession
 */

/**
 * Keeps one engine in step with the host.
 */
export class Ledger {
  #process = enter()
  /** @type {Host} */
  #host
  /** @type {() => Promise<Config>} */
  #configure
  /** @type {(message: string) => void} */
  #say
  /** @type {Promise<Engine> | undefined} */
  #making
  /** @type {Engine | undefined} */
  #engine
  /** What the clock showed last. */
  #clock = 0
  /** Whether it takes in nothing any more: another instance goes on from what is stored. */
  closed = false
  /** The root of each session that is known. @type {Map<string, string>} */
  #roots = new Map()
  /** Sessions that have a parent, whether or not their root is known. @type {Set<string>} */
  #children = new Set()
  /** The engine that made a decision: only that one knows its ticket. @type {WeakMap<Decision, Engine>} */
  #makers = new WeakMap()
  /** Roots whose sessions are being read. @type {Map<string, Promise<void>>} */
  #reading = new Map()
  #records
  /** Carries out what an effect asks for, but for storing. @type {(effect: Effect) => void} */
  #perform

  /**
   * @param {Host} host
   * @param {() => Promise<Config>} configure gives the engine's configuration, once the host can tell it
   * @param {(message: string) => void} say tells a person something
   * @param {(effect: Effect) => void} [perform] carries out effects other than storing; it must not call back at once
   */
  constructor(host, configure, say, perform = () => {}) {
    this.#host = host
    this.#perform = perform
    this.#records = new Records(host, (sessionID, error) => {
      // A session that is gone needs no record, though nobody may have told that it is.
      if (isMissing(error)) this.apply({ type: "session.deleted", now: Date.now(), sessionID })
      else if (this.session(sessionID)) say(`The record of session ${sessionID} could not be stored: ${error.message}`)
    })
    this.#configure = configure
    this.#say = say
  }

  /**
   * Decides a request, with everything read first that the host knows of its root.
   * @param {Request} request
   * @param {() => Promise<void>} [checked] is done when it is looked up what a process left behind, before somebody goes on
   *   with it
   * @returns {Promise<Decision>}
   */
  async decide(request, checked = async () => {}) {
    return this.#retry(async () => {
      await this.meet(request.sessionID)
      // Another process may have made what is named here since this root was read.
      if (request.task_id && !(await this.#ready()).resolve(request)) await this.#read(this.#roots.get(request.sessionID) ?? request.sessionID)
      await checked()
      // Meanwhile it may have been deleted.
      await this.meet(request.sessionID)
      if (this.closed) throw new Error(UNLOADED)
      const engine = await this.#ready()
      this.#look()
      const decision = engine.decide(request)
      this.#makers.set(decision, engine)
      this.#tell(engine)
      return decision
    })
  }

  /**
   * Tells that the child of a decision exists and was prompted.
   * @param {Decision} decision
   * @param {Request} request
   * @param {string} sessionID
   */
  async commit(decision, request, sessionID) {
    if (!("ticket" in decision)) return
    const now = Date.now()
    if (this.#isOurs(decision)) {
      this.apply({ type: "ticket.commit", now, ticket: decision.ticket, sessionID })
      if (this.#isOurs(decision)) return
    }
    // The engine that had set a name and a call aside is lost; its successor is told of both.
    await this.meet(request.sessionID)
    const { sessionID: parentID, agent, description, callID } = request
    if (decision.action === "spawn") {
      this.apply({ type: "session.created", now, session: { id: sessionID, parentID, agent, description, slug: decision.slug } })
    }
    const again = await this.decide({ ...request, callID: `${callID} again`, task_id: sessionID })
    if (this.#isOurs(again) && "ticket" in again) this.apply({ type: "ticket.commit", now, ticket: again.ticket, sessionID })
  }

  /**
   * Tells that no child of a decision was prompted.
   * @param {Decision} decision
   */
  refund(decision) {
    if (!("ticket" in decision) || !this.#isOurs(decision)) return
    this.apply({ type: "ticket.refund", now: Date.now(), ticket: decision.ticket })
  }

  /** @param {Decision} decision */
  #isOurs(decision) {
    return this.#engine !== undefined && this.#makers.get(decision) === this.#engine
  }

  /**
   * Takes in an event and stores what comes of it. Events of sessions that are not known are passed over: they are read
   * when they are met.
   * @param {Event} event
   * @returns {Effect[]} what came of it, on its way to be carried out
   */
  apply(event) {
    const engine = this.#engine
    if (!engine || this.closed) return []
    this.#look()
    const sessionID = "sessionID" in event ? event.sessionID : undefined
    /** @type {Effect[]} */
    let effects = []
    try {
      effects = engine.apply(event)
    } catch (error) {
      if (!isTrap(error)) throw error
      this.#lose()
      if (sessionID) this.meet(sessionID).catch(() => {})
      return []
    }
    for (const effect of effects) {
      if (effect.type === "store") this.#records.store(effect.sessionID, effect.record, effect.later ?? false)
      else this.#perform(effect)
    }
    this.#tell(engine)
    if (event.type === "session.deleted") {
      this.#roots.delete(event.sessionID)
      this.#children.delete(event.sessionID)
      this.#records.forget(event.sessionID)
    }
    return effects
  }

  /**
   * Is done when what was to be stored of a session at once is stored.
   * @param {string} sessionID
   * @returns {Promise<boolean>} whether it is, or need not be: the session is gone
   */
  async stored(sessionID) {
    return (await this.#records.written(sessionID)) || !this.hasChild(sessionID)
  }

  /**
   * Takes in a session that was created just now.
   * @param {HostSession} session
   */
  created(session) {
    if (session.parentID) this.#children.add(session.id)
    const root = session.parentID ? this.#roots.get(session.parentID) : session.id
    // Without an engine nobody is told; who meets the session later reads it.
    if (!root || !this.#engine) return
    this.#roots.set(session.id, root)
    this.updated(session)
    this.apply({ type: "session.created", now: Date.now(), session: told(session, this.#process) })
  }

  /** Takes in a child that is asked here. @param {HostSession} session */
  adopt(session) {
    const root = session.parentID && this.#roots.get(session.parentID)
    // Where the root could not be read since, it is known at least to be a child.
    if (root) this.#roots.set(session.id, root)
    this.updated(session)
  }

  /**
   * Takes in what a session is now, of which others may have changed the metadata.
   * @param {HostSession} session
   */
  updated({ id, parentID, metadata }) {
    if (parentID) this.#children.add(id)
    if (this.#roots.has(id)) this.#records.known(id, metadata)
  }

  /**
   * Sees to it that a session and everything under its root is known.
   * @param {string} sessionID
   */
  async meet(sessionID) {
    const engine = await this.#ready()
    const root = this.#roots.get(sessionID)
    if (root) await this.#reading.get(root)
    // Meanwhile it may have been deleted.
    if (root && this.#roots.has(sessionID)) return
    const line = [await this.#host.session(sessionID)]
    while (line[0].parentID) line.unshift(await this.#host.session(line[0].parentID))
    const [top] = line
    await this.#read(top.id, top)
    // Below one that cannot delegate nothing is read, and of what is deleted the engine takes in nothing.
    for (const session of line) if (!engine.session(session.id)) this.#take(session, top.id)
    if (engine.session(sessionID) || this.closed) return
    this.#roots.delete(sessionID)
    throw new Error(`Session ${sessionID} was deleted while it was read.`)
  }

  /** @param {string} id */
  session(id) {
    return this.#guard((engine) => engine.session(id))
  }

  /** Whether a child is there: of one that is gone, and still referred to, its parent is no longer known. @param {string} sessionID */
  hasChild(sessionID) {
    return this.session(sessionID)?.parentID !== undefined
  }

  /**
   * Whether a session is there and has no parent, as far as OpenCode has told: that it tells nothing is not to end all
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
    return (root && this.#guard((engine) => engine.sessions(root))) || []
  }

  /** An agent's name as the host spells it. @param {string} agent */
  spelled(agent) {
    return this.#guard((engine) => engine.spelled(agent)) ?? agent
  }

  /** The session that a caller's `task_id` stands for. @param {Request} request */
  async resolve(request) {
    await this.meet(request.sessionID)
    const look = () => this.#guard((engine) => engine.resolve(request))
    const known = look()
    if (known) return known
    await this.#read(this.#roots.get(request.sessionID) ?? request.sessionID)
    return look()
  }

  /** The sessions that a session may resume, in order of creation. @param {string} sessionID */
  below(sessionID) {
    const root = this.#roots.get(sessionID)
    return this.tree(sessionID).filter((session) => session.parentID && (sessionID === root || session.parentID === sessionID))
  }

  /** Who runs the prompts of this instance, as records name it. */
  get process() {
    return this.#process
  }

  /** Takes in nothing more, and stores what is still to be stored. */
  close() {
    this.closed = true
    return this.#records.settled()
  }

  #ready() {
    // What an engine before this one left to be stored is what this one must know.
    this.#making ??= Promise.all([this.#configure(), this.#records.settled()]).then(([config]) => {
      this.#engine = new Engine(config)
      this.#tell(this.#engine)
      return this.#engine
    })
    this.#making.catch((error) => {
      // A configuration stays wrong; a host that did not answer may answer the next time.
      if (!(error instanceof DelegateError)) this.#making = undefined
    })
    return this.#making
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
      // An end that is told while OpenCode answers is later than its answer.
      const asked = Date.now()
      const [top, busy] = await Promise.all([root ?? this.#host.session(rootID), this.#host.status()])
      const take = (/** @type {HostSession} */ session) => {
        if (this.#engine !== engine) throw new DelegateError({ code: "engine_trap", message: "The engine was lost while a root was read." })
        this.#take(session, rootID)
        const status = busy[session.id]?.type
        if (status && status !== "idle") this.apply({ type: "session.status", now: asked, sessionID: session.id, status })
      }
      take(top)
      for (let parents = [top]; parents.length; ) {
        const children = (await Promise.all(parents.map(({ id }) => this.#host.children(id)))).flat()
        children.sort((a, b) => a.time.created - b.time.created || (a.id < b.id ? 1 : -1))
        for (const child of children) take(child)
        parents = children.filter(delegates)
      }
    }
    const done = read().finally(() => this.#reading.delete(rootID))
    // What was read in part is read anew; it may be gone.
    done.catch(() => this.#roots.forEach((root, id) => root === rootID && this.#roots.delete(id)))
    this.#reading.set(rootID, done)
    return done
  }

  /** @param {HostSession} session @param {string} rootID */
  #take(session, rootID) {
    this.#roots.set(session.id, rootID)
    this.updated(session)
    this.apply({ type: "session.created", now: session.time.updated, session: told(session, this.#process) })
  }

  /**
   * @template T
   * @param {() => Promise<T>} work
   * @returns {Promise<T>}
   */
  async #retry(work) {
    try {
      return await work()
    } catch (error) {
      if (!isTrap(error)) throw error
      this.#lose()
      return work()
    }
  }

  /** Looks at the clock, and tells where it was set back. */
  #look() {
    const now = Date.now()
    const back = now < this.#clock
    this.#clock = now
    if (back) this.apply({ type: "clock.set_back", now })
  }

  /**
   * @template T
   * @param {(engine: Engine) => T} ask
   * @returns {T | undefined}
   */
  #guard(ask) {
    try {
      return this.#engine && ask(this.#engine)
    } catch (error) {
      if (!isTrap(error)) throw error
      this.#lose()
      return undefined
    }
  }

  /** Lets go of an engine that trapped: the next call makes another, and what it must know is read again. */
  #lose() {
    this.#say("The engine trapped. It is made anew from OpenCode's sessions; calls in progress lose their reservations.")
    this.#engine = this.#making = undefined
    this.#roots.clear()
  }

  /** @param {Engine} engine */
  #tell(engine) {
    for (const notice of engine.notices()) this.#say(notice)
  }
}

/** @param {unknown} error */
const isTrap = (error) => error instanceof DelegateError && error.code === "engine_trap"
