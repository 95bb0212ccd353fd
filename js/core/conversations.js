// The conversations of a host in the engine: each is read when it is first needed, read again when it may have changed, and followed by
// events.

import { DelegateError, classifyTaskID } from "../api.js"
import { isMissing } from "./host.js"
import { engineSession, hasTasks, spentOf, unreadableSession } from "./host_session.js"
import { Namings } from "./namings.js"
import { OtherProcesses } from "./other_processes.js"
import { readLine } from "./read_tree.js"
import { RecentSet } from "./recent_set.js"
import { Reverts } from "./reverts.js"
import { RootReads } from "./root_reads.js"

/**
 * @typedef {import("../api.js").Engine} Engine
 * @typedef {import("./engine_sync.js").EngineSync} EngineSync
 * @typedef {Pick<import("./host.js").Host, "session" | "children" | "childIDs" | "callChildren" | "status" | "namings" | "messagesFrom">} Host
 * @typedef {import("./host.js").Naming} Naming
 * @typedef {import("./host.js").HostSession} HostSession
 */

/** The age, in milliseconds, after which what OpenCode showed may be out of date: another process may have prompted or deleted since. */
const STALE_MS = 10_000
/** The number of questions about a session's parent, if the host does not answer, and the pause between them in milliseconds. */
const LOOKS = 3
const AGAIN_MS = 100
/** The most ids of one question that are looked for one by one. */
const IDS = 10
/** The number of deleted sessions that are remembered, and of those whose tasks are still to be reported. */
const DELETED = 1_000
const UNREPORTED = 100

/**
 * Keeps the sessions of the engine as the host has them.
 */
export class Conversations {
  /** @type {Host} */
  #host
  #sync
  #current
  #records
  /** @type {(message: string) => void} */
  #report
  /** The root of each known session. @type {Map<string, string>} */
  #roots = new Map()
  /** Sessions that have a parent, with a known root or without. @type {Set<string>} */
  #children = new Set()
  #elsewhere = new OtherProcesses()
  /** Sessions that could not be read, each reported once. @type {Set<string>} */
  #unreadable = new Set()
  /** When OpenCode last showed each session, in an event or a read. @type {Map<string, number>} */
  #seenAt = new Map()
  /** The deleted sessions: a late event of one reports no result of it again. @type {RecentSet<string>} */
  #deleted = new RecentSet(DELETED)
  /** The deleted sessions with tasks whose conversation could not be read, until it is. @type {Map<string, HostSession>} */
  #unreported = new Map()
  #reads
  #namings
  #reverts

  /**
   * @param {Host} host
   * @param {EngineSync} sync takes in events, and knows the calls of this instance
   * @param {import("./current_engine.js").CurrentEngine} current
   * @param {import("./record_writer.js").RecordWriter} records
   * @param {(message: string) => void} report reports a message to a person
   */
  constructor(host, sync, current, records, report) {
    this.#host = host
    this.#sync = sync
    this.#current = current
    this.#records = records
    this.#report = report
    this.#reads = new RootReads(host)
    this.#namings = new Namings(host, sync)
    this.#reverts = new Reverts(host, sync)
  }

  /**
   * Loads a session and everything under its root into the engine, unless they are known.
   * @param {string} sessionID
   * @returns {Promise<Engine>} the engine that knows them
   */
  load(sessionID) {
    return this.#current.retryAfterTrap(() => this.#load(sessionID))
  }

  /** Loads a session, and the sessions that the messages of its root name. @param {string} sessionID @returns {Promise<Engine>} the engine that knows them */
  async loadNamed(sessionID) {
    const engine = await this.load(sessionID)
    await this.#namings.readDue(this.#roots.get(sessionID) ?? sessionID)
    this.mustKeep(engine, "the messages of a root were read")
    return engine
  }

  /** Throws if an engine is lost: what was read for it is lost with it. @param {Engine} engine @param {string} during */
  mustKeep(engine, during) {
    if (this.#current.engine !== engine) throw new DelegateError({ code: "engine_trap", message: `The engine trapped while ${during}.` })
  }

  /** @param {string} sessionID @returns {Promise<Engine>} */
  async #load(sessionID) {
    const engine = await this.#current.ready()
    const root = this.#roots.get(sessionID) ?? sessionID
    await this.#reads.inProgress(root)
    if (this.#elsewhere.haveDied((id) => this.#roots.get(id) === root)) {
      // Nothing about the sessions that it ran need have changed.
      this.#reads.outdate()
      await this.#read(root)
    }
    // The session may be deleted by now. An answer to an earlier read may still have listed it: the engine takes it in no more.
    if (this.#roots.has(sessionID) && engine.session(sessionID)) return engine
    await this.#reverts.during(async () => {
      const line = await readLine(this.#host, sessionID)
      const [top] = line
      await this.#read(top.id, top)
      // The read stops at sessions that cannot delegate, and the engine ignores deleted sessions.
      for (const session of line) if (!engine.session(session.id)) this.#add(session, top.id)
    })
    if (engine.session(sessionID) || this.#sync.closed) return engine
    this.#roots.delete(sessionID)
    throw new Error(`Session ${sessionID} was deleted while it was read.`)
  }

  /** Loads a session that its user is about to prompt, and the work of other processes under it. @param {string} sessionID */
  async refresh(sessionID) {
    await this.load(sessionID)
    const now = Date.now()
    if (Math.abs(now - (this.#reads.begunAt(sessionID) ?? now)) > STALE_MS) await this.#read(sessionID)
  }

  /** Whether OpenCode showed a session a moment ago, so that it most likely still exists. @param {string} sessionID */
  wasJustSeen(sessionID) {
    const seenAt = this.#seenAt.get(sessionID)
    return seenAt !== undefined && Math.abs(Date.now() - seenAt) <= STALE_MS && this.#sync.session(sessionID) !== undefined
  }

  /**
   * Whether a session exists and has no parent. A host that answers none of a few questions counts as a yes: its silence must not
   * stop all delegation.
   * @param {string} sessionID
   */
  async isRoot(sessionID) {
    for (let tries = 1; ; tries++) {
      if (this.#roots.get(sessionID) === sessionID) return true
      if (this.#children.has(sessionID)) return false
      try {
        return !(await this.#host.session(sessionID)).parentID
      } catch (error) {
        if (isMissing(error)) return false
        if (tries === LOOKS) return true
      }
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
    }
  }

  /**
   * Takes in a session that the host has just created.
   * @param {HostSession} session
   */
  sessionCreated(session) {
    if (session.parentID) this.#children.add(session.id)
    const root = session.parentID ? this.#roots.get(session.parentID) : session.id
    // Without an engine there is nothing to update: the session is read when it is loaded.
    if (!root || !this.#current.engine) return
    // If the read of its root failed, or an engine was lost since, the next call reads it whole.
    if (this.#reads.begunAt(root) !== undefined && !this.#roots.has(root)) return
    // After a trap a late event may show a record as it was before the session was read.
    if (this.#roots.has(session.id) && session.time && session.time.updated < (this.#reads.begunAt(root) ?? 0)) return
    // Events report each message of a session that is new, those of a fork included.
    if (!session.parentID) this.#namings.expect(session.id)
    this.#add(session, root, Date.now())
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
  sessionUpdated(session) {
    const { id, parentID, metadata } = session
    if (parentID) this.#children.add(id)
    if (this.#roots.has(id)) this.#noteSeen(id, metadata)
    this.noteSpent(session)
  }

  /** @param {string} sessionID @param {Record<string, unknown>} [metadata] */
  #noteSeen(sessionID, metadata) {
    this.#records.noteMetadata(sessionID, metadata)
    this.#seenAt.set(sessionID, Date.now())
  }

  /** Takes in what a session used so far. @param {HostSession} session @param {boolean} [rests] whether its turn is over */
  noteSpent(session, rests) {
    const spent = this.#roots.has(session.id) ? spentOf(session) : undefined
    if (spent) this.#sync.apply({ type: "session.spent", now: Date.now(), sessionID: session.id, spent, rests })
  }

  /** Takes in from which message on a session is reverted, or that none is any more. @param {string} sessionID @param {HostSession["revert"]} [revert] */
  noteRevert(sessionID, revert) {
    this.#reverts.heard(sessionID, revert)
  }

  /** Takes in a call that names a session. @param {string} sessionID the session whose call it is @param {Naming} naming */
  sessionNamed(sessionID, naming) {
    this.#namings.add(sessionID, naming)
  }

  /** Takes in that a message was removed, a part of it, or all from it on. @param {{ sessionID: string, messageID: string, partID?: string, later?: boolean, before?: string }} removed */
  async messageRemoved({ sessionID, ...removed }) {
    // The sessions that a message spawned are known from their records once their root is read.
    if (!this.#roots.has(sessionID)) await this.load(sessionID).catch(() => {})
    this.#namings.outdate(sessionID)
    this.#sync.apply({ type: "message.removed", now: Date.now(), sessionID, ...removed })
  }

  /**
   * Takes in that a session is deleted. The record of one that was never loaded may hold results that its callers wait for.
   * @param {HostSession} session
   */
  async sessionDeleted(session) {
    const { id, parentID } = session
    if (this.#unreported.has(id)) return
    if (parentID && !this.#roots.has(id) && !this.#deleted.has(id) && hasTasks(session)) {
      const loaded = await this.load(parentID).catch(() => {})
      const root = this.#roots.get(parentID)
      if (root) this.#add(session, root)
      else if (!loaded && this.#unreported.size < UNREPORTED) {
        this.#unreported.set(id, session)
        return this.delete(id)
      }
    }
    this.#sync.apply({ type: "session.deleted", now: Date.now(), sessionID: id })
  }

  /** Has the engine report the tasks of the sessions that were deleted while their conversation could not be read. @param {string} rootID */
  #reportDeleted(rootID) {
    for (const [id, session] of this.#unreported) {
      if (this.#roots.get(session.parentID ?? "") !== rootID) continue
      this.#unreported.delete(id)
      this.#takeIn(session, rootID)
      this.#sync.apply({ type: "session.deleted", now: Date.now(), sessionID: id })
    }
  }

  /** Reads a root and everything below it from the host. @param {string} rootID @param {HostSession} [root] @returns {Promise<void>} */
  #read(rootID, root) {
    const forget = () => this.#roots.forEach((root, id) => root === rootID && this.#roots.delete(id))
    const read = this.#reads.once(rootID, () => this.#reverts.during(() => this.#readRoot(rootID, root)), forget)
    // The messages may name a session that is newer than this read, and so need another.
    return read.then(() => this.#namings.readLoaded(rootID))
  }

  /** @param {string} rootID @param {HostSession} [root] */
  async #readRoot(rootID, root) {
    const engine = await this.#current.ready()
    const alive = () => this.mustKeep(engine, "a root was read")
    /** @type {string[]} */
    const ended = []
    await this.#reads.read(rootID, root, {
      isKnown: (session) => this.#isKnown(session, rootID),
      add: (session, running, asBefore) => {
        alive()
        if (asBefore) this.#records.noteMetadata(session.id, session.metadata)
        else this.#add(session, rootID)
        // What the read shows is as old as its question.
        if (this.#roots.has(session.id)) this.#seenAt.set(session.id, this.#reads.begunAt(rootID) ?? 0)
        if (session.id === rootID) this.#sync.apply({ type: "root.reading", now: Date.now(), sessionID: rootID })
        alive()
        if (!this.#reverts.of(session) && this.#reverts.has(session.id)) ended.push(session.id)
        this.#namings.found(session, rootID)
        if (running) this.#sync.apply({ type: "session.status", now: running.asked, sessionID: session.id, status: running.status })
      },
      leaveOut: (id, error) => this.#reportUnreadable(id, error),
    })
    // What became of reverted messages can wait for the next read.
    for (const id of ended) await this.#reverts.noteNone(id).catch(() => {})
    alive()
    // A read that failed is repeated before the next call: until then a session of the rest may have a name that would be made up.
    this.#sync.apply({ type: "root.read", now: Date.now(), sessionID: rootID })
    alive()
    this.#reportDeleted(rootID)
  }

  /**
   * Whether a session is known as the host shows it. One whose prompts another process ran is not: that process may have ended.
   * @param {HostSession} session
   * @param {string} rootID
   */
  #isKnown({ id, metadata }, rootID) {
    return this.#isOf(id, rootID) && this.#records.holds(id, metadata)
  }

  /** Whether a session is known below a root, and no other process has run its prompts. @param {string} id @param {string} rootID */
  #isOf(id, rootID) {
    return this.#roots.get(id) === rootID && !this.#elsewhere.has(id)
  }

  /**
   * Takes in a session. One with data that cannot be read is known by its id alone: it costs no other session anything.
   * @param {HostSession} session
   * @param {string} rootID
   * @param {number} [now]
   */
  #add(session, rootID, now) {
    // A read that began before its deletion may still list it.
    if (!this.#deleted.has(session.id)) this.#takeIn(session, rootID, now)
  }

  /** @param {HostSession} session @param {string} rootID @param {number} [now] */
  #takeIn(session, rootID, now = session.time?.updated ?? Date.now()) {
    this.#roots.set(session.id, rootID)
    if (session.parentID) this.#children.add(session.id)
    this.#noteSeen(session.id, session.metadata)
    try {
      const read = this.#withoutPrompt(engineSession(session, this.#sync.process))
      this.#elsewhere.note(read)
      this.#sync.apply({ type: "session.created", now, session: read })
    } catch {
      // The engine's notice names it.
      this.#sync.apply({ type: "session.created", now: Date.now(), session: unreadableSession(session) })
    }
    const revert = this.#reverts.of(session)
    if (revert) this.#reverts.note(session.id, revert)
  }

  /**
   * A session without the prompt in its record, if the call that creates it is still to ask that prompt of a new engine.
   * @param {ReturnType<typeof engineSession>} read
   */
  #withoutPrompt(read) {
    const { record } = read
    const asks = this.#sync.creating.has(record?.id) && this.#sync.wasOurs(record.process)
    return asks ? { ...read, record: { ...record, prompt: undefined, messageID: undefined, tasks: [] } } : read
  }

  /** Reports once that a session cannot be read. @param {string} sessionID @param {Error} error */
  #reportUnreadable(sessionID, { message }) {
    if (!this.#unreadable.has(sessionID)) this.#report(`Session ${sessionID} cannot be read. It stays as it is, and loses its name until it can be read: ${message}`)
    this.#unreadable.add(sessionID)
  }

  /**
   * Looks for sessions that were not found: another process may have created one, or a fork's messages name it. If the look finds
   * news, the conversation is read again.
   * @param {string} sessionID the caller
   * @param {string[]} taskIDs what the caller names
   */
  async lookAgain(sessionID, taskIDs) {
    const root = this.#roots.get(sessionID) ?? sessionID
    const engine = await this.#current.ready()
    const isKnown = (/** @type {HostSession} */ session) => this.#isKnown(session, root) && !session.revert && !this.#reverts.has(session.id)
    const isKnownID = (/** @type {string} */ id) => this.#isOf(id, root) && !this.#reverts.has(id)
    const readNews = async () => {
      // The end of a revert gives names back, and shows in its session alone.
      if (this.#reverts.has(root) || (await this.#reads.hasNews(root, isKnown, isKnownID))) await this.#read(root)
      this.mustKeep(engine, "sessions were looked for")
    }
    const ids = new Set(taskIDs.filter((task_id) => classifyTaskID(task_id) === "id").slice(0, IDS))
    await Promise.all([readNews(), root === sessionID ? this.#namings.read(root) : undefined])
    for (const id of ids) if (!this.#sync.session(id)) await this.#addLine(id, root)
  }

  /**
   * Takes in a session of a conversation with the sessions above it. Another program may have put it below a session that rests,
   * which is not asked for children.
   * @param {string} sessionID
   * @param {string} rootID
   */
  async #addLine(sessionID, rootID) {
    await this.#reverts.during(async () => {
      const line = await readLine(this.#host, sessionID).catch(() => [])
      if (line[0]?.id === rootID) for (const session of line) if (!this.#roots.has(session.id)) this.#add(session, rootID)
    })
  }

  /** Has the next read take in a session whatever it shows, or all sessions. @param {string} [sessionID] */
  outdate(sessionID) {
    this.#reads.outdate(sessionID)
  }

  /** Forgets a session that is deleted. @param {string} sessionID */
  delete(sessionID) {
    for (const known of [this.#roots, this.#children, this.#seenAt, this.#reads, this.#elsewhere, this.#namings, this.#reverts]) known.delete(sessionID)
    for (const [id, { parentID }] of this.#unreported) if (parentID === sessionID) this.#unreported.delete(id)
    this.#deleted.add(sessionID)
  }

  /** Forgets what a lost engine knew. */
  clear() {
    for (const known of [this.#roots, this.#seenAt, this.#reads, this.#namings, this.#reverts]) known.clear()
  }
}
