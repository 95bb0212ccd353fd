// I10: a name that a caller has read resolves as long as its session lives and the message that spawned that stands.

import { marks } from "../script.js"

/**
 * @typedef {import("./scene.js").Scene} Scene
 * @typedef {import("./scene.js").Known} Known
 * @typedef {{ by: string, messageID: string, gone?: boolean }} Place a message of a session, and whether it was removed
 * @typedef {Place & { id: string }} Shared a session of another root, and the first message of a fork that names it
 */

/** The session that a result is about. @param {string} text */
const sessionOf = (text) => /<task id="(ses_\w+)"/.exec(text)?.[1] ?? /^Subagent failed \(task_id: (ses_\w+)\)/.exec(text)?.[1]

/** Whether a name is an id, which a session keeps over an undo. `bg_…` is one only in the form of a task's. @param {string} name */
const isID = (name) => /^ses_|^bg_[0-9a-f]{8}$/.test(name)

/** How long an undo may be on its way to the record of the undone session, in milliseconds. */
const ON_ITS_WAY_MS = 1_500

/**
 * The names that callers have read: names, ids and task ids of sessions.
 */
export class Names {
  #scene
  /** The names that were given under a root, and their sessions. @type {Map<string, Map<string, string>>} */
  #given = new Map()
  /** The message that spawned each session, or that brought it back after an undo. @type {Map<string, Place>} */
  #spawned = new Map()
  /** The names that the messages of a fork give to sessions of the original. @type {Map<string, Map<string, Shared>>} */
  #shared = new Map()
  /** The names that each session has read. @type {Map<string, Set<string>>} */
  #heard = new Map()
  /** The names that a root has free again, because the messages that gave them were undone, and their former sessions. @type {Map<string, Map<string, { id: string, messageID: string, heardAt: number }>>} */
  #freed = new Map()
  /** The names that new sessions took from undone ones, each with its root and its time. @type {{ root: string, name: string, at: number }[]} */
  #taken = []
  /** The names, each with its root, that sessions without their own records were called by. @type {Set<string>} */
  #claimed = new Set()
  /** When messages of a root were last reverted, brought back or removed. @type {Map<string, number>} */
  #undoneAt = new Map()
  /** From which message on each session is reverted. @type {Map<string, string | undefined>} */
  #reverted = new Map()
  /** Whether a conversation is being forked. */
  #copying = false

  /** @param {Scene} scene */
  constructor(scene) {
    this.#scene = scene
  }

  /** The names that a session can call: those that it has read, else those of other sessions under its root. @param {string} sessionID */
  known(sessionID) {
    const root = this.#scene.store.root(sessionID)
    const own = [...(this.#heard.get(sessionID) ?? [])]
    const all = own.length ? own : [...(this.#given.get(root)?.keys() ?? [])]
    // If a task's session is deleted, its id is a new name like any other, and the next task of that id would find it taken.
    return all.filter((name) => !name.startsWith("bg_") || this.meant(sessionID, name))
  }

  /** The living session of a name, as a session knows it. @param {string} sessionID @param {string} [name] */
  meant(sessionID, name = "") {
    const id = this.#given.get(this.#scene.store.root(sessionID))?.get(name)
    if (id && this.#stands(name, id)) return id
    const shared = this.#shared.get(sessionID)?.get(name)
    return shared && this.#isShared(name, shared) ? shared.id : undefined
  }

  /** All names of living sessions. @param {string} root @returns {[string, string][]} */
  alive(root) {
    const names = new Set([...(this.#given.get(root)?.keys() ?? []), ...(this.#shared.get(root)?.keys() ?? [])])
    return [...names].flatMap((name) => {
      const id = this.meant(root, name)
      return id ? [[name, id]] : []
    })
  }

  /** Whether a session lives with its own record. @param {string} id */
  #lives(id) {
    return this.#scene.store.sessions.has(id) && !this.#scene.spoiled.has(id)
  }

  /** Whether a session lives and has a name. @param {string} name @param {string} id */
  #stands(name, id) {
    return this.#lives(id) && (isID(name) || !this.#undone(this.#spawned.get(id)))
  }

  /** Whether a fork still knows a session by a name. If the original undoes the call, it may give the name to another. @param {string} name @param {Shared} shared */
  #isShared(name, shared) {
    const { id } = shared
    return this.#lives(id) && !this.#undone(shared) && (isID(name) || (this.#given.get(this.#scene.root(id))?.get(name) === id && this.#stands(name, id)))
  }

  /** Whether a message is reverted or removed. @param {Place} [place] */
  #undone(place) {
    if (!place) return false
    const { revert } = /** @type {import("../edits.js").Session} */ (this.#scene.store.sessions.get(place.by) ?? {})
    return place.gone || (revert !== undefined && place.messageID >= revert.messageID)
  }

  /** Takes in a call of the task tool: it may have spawned its session, or bring that back after an undo. A fork's call names one of the original. @param {any} part */
  called({ sessionID, messageID, state }) {
    const id = state.metadata?.sessionId
    if (this.#copying && id) this.#scene.share(sessionID, id)
    if (this.#copying || this.#scene.store.sessions.get(id)?.parentID !== sessionID) return
    const place = { by: sessionID, messageID }
    const spawned = this.#spawned.get(id)
    if (spawned && (!this.#undone(spawned) || this.#undone(place))) return
    this.#spawned.set(id, place)
    const freed = this.#freed.get(this.#scene.store.root(sessionID))
    for (const [name, former] of freed ?? []) if (former.id === id) freed?.delete(name)
  }

  /** Takes in a new child. After a reload no part of its call names it, and its prompt may not arrive. @param {any} info */
  created({ id, metadata }) {
    const { slug } = metadata?.delegate ?? {}
    // The name of an undone session is the new child's from now on, also if its call is cut off before it says so.
    const root = this.#scene.store.root(id)
    const given = this.#given.get(root)
    const former = given?.get(slug)
    if (former && former !== id && !this.#stands(slug, former)) {
      given?.delete(slug)
      this.#taken.push({ root, name: slug, at: this.#scene.clock.time })
    }
    const kept = metadata?.delegate?.prompt?.parts ?? []
    const [mark] = marks(kept.map((/** @type {any} */ { text = "" }) => text).join("\n"))
    const call = mark && this.#scene.calls.get(mark)
    if (call) this.prompted(call, id)
  }

  /** Takes in a prompt. OpenCode shows no part of a call whose message was removed during its turn. @param {Known} call @param {string} id */
  prompted({ caller, by }, id) {
    if (this.#scene.store.sessions.get(id)?.parentID === caller && !this.#spawned.has(id)) this.#spawned.set(id, { by: caller, messageID: by })
  }

  /** The agent of a session. A prompt of another agent in it changes nothing. @param {string} id */
  agent(id) {
    return this.#scene.record(id)?.agent ?? this.#scene.store.sessions.get(id)?.agent
  }

  /** Forks a conversation: the fork's messages name sessions of the original. @param {() => void} fork */
  copying(fork) {
    this.#copying = true
    fork()
    this.#copying = false
  }

  /** Takes in the part of a fork, which reaches the sessions that its calls of the task tool name. @param {any} part @param {string} text @returns {boolean} whether it is one */
  copies({ sessionID, messageID, tool }, text) {
    if (this.#copying && tool === "task") this.learn(sessionID, { messageID, text })
    return this.#copying
  }

  /** Takes in a result that is delivered. In a fork, the call's own message names the original's session, and not the result. @param {string} sessionID @param {{ messageID: string, text: string }} part */
  delivered(sessionID, part) {
    const { store } = this.#scene
    const id = sessionOf(part.text)
    if (id && store.root(id) === store.root(sessionID)) this.learn(sessionID, part)
  }

  /**
   * Takes in the names in a text that a session reads.
   * @param {string} sessionID
   * @param {{ messageID: string, text: string }} part
   */
  learn(sessionID, { messageID, text }) {
    const { store } = this.#scene
    const root = store.root(sessionID)
    const id = sessionOf(text)
    if (!id || !store.sessions.has(id)) return
    // A user may revert a conversation at the very moment of a prompt: the turn then runs in reverted messages, whose names are free.
    // A redo gives no name back that was given to another session meanwhile.
    const place = { by: sessionID, messageID }
    const undone = this.#undone(place)
    // An error may hold that of a session below, with its own name: the last line is this session's.
    const names = [id, [...text.matchAll(/\ntask_id: (\S+)/g)].at(-1)?.[1], /<summary>Background task (bg_\w+) (?:started|waits)/.exec(text)?.[1]]
    const heard = this.#heard.get(sessionID) ?? new Set()
    this.#heard.set(sessionID, heard)
    const given = this.#given.get(root) ?? new Map()
    this.#given.set(root, given)
    const passed = /^The call that started the earlier "(.+)" was undone/m.exec(text)?.[1]
    if (passed && given.get(passed) !== id) given.delete(passed)
    const shared = this.#shared.get(root) ?? new Map()
    this.#shared.set(root, shared)
    // Only the fork itself knows the original's sessions by name.
    const isShared = this.#copying || this.#scene.shares(root, id)
    for (const name of names) {
      if (!name) continue
      const before = this.meant(sessionID, name)
      if (undone && !isID(name)) {
        if (!before) given.delete(name)
        continue
      }
      heard.add(name)
      if (this.#scene.spoiled.has(id)) this.#claimed.add(`${root} ${name}`)
      // A session of the original has the name that it has there. It may get one later that stands for another session here.
      if (isShared && before && before !== id) continue
      // A record that another plugin wrote may claim any name.
      if (before && before !== id && !this.#scene.spoiled.has(id)) this.#unresolved(root, `"${name}" was given to ${before}, and now to ${id}`)
      if (!isShared) given.set(name, id)
      else if (shared.get(name)?.id !== id) shared.set(name, { ...place, id })
      this.#freed.get(root)?.delete(name)
    }
  }

  /** Takes in a changed session: some of its messages may be reverted now, or no more. @param {import("../edits.js").Session} info */
  updated({ id, revert }) {
    if (this.#reverted.get(id) === revert?.messageID) return
    this.#reverted.set(id, revert?.messageID)
    this.#undoneAt.set(this.#scene.store.root(id), this.#scene.clock.time)
  }

  /** Takes in that a message was undone: the names that its calls gave are free. @param {string} sessionID @param {string} messageID */
  removed(sessionID, messageID) {
    const root = this.#scene.store.root(sessionID)
    const freed = this.#freed.get(root) ?? new Map()
    this.#freed.set(root, freed)
    this.#undoneAt.set(root, this.#scene.clock.time)
    const [given, shared] = [this.#given.get(root) ?? new Map(), this.#shared.get(root) ?? new Map()]
    const isGone = (/** @type {Place | undefined} */ place) => place?.by === sessionID && place.messageID === messageID
    for (const [id, place] of this.#spawned) {
      if (!isGone(place)) continue
      place.gone = true
      for (const [name, holder] of given) {
        if (holder !== id || isID(name)) continue
        given.delete(name)
        freed.set(name, { id, messageID, heardAt: Infinity })
      }
    }
    for (const [name, place] of shared) if (isGone(place)) shared.delete(name)
  }

  /** Takes in that the plugins hear of an undo. @param {string} sessionID @param {string} messageID */
  heard(sessionID, messageID) {
    for (const freed of this.#freed.get(this.#scene.store.root(sessionID))?.values() ?? []) if (freed.messageID === messageID) freed.heardAt = this.#scene.clock.time
  }

  /** Plugins that are unloaded take with them the undos that they have not stored. */
  unloaded() {
    const onItsWay = (/** @type {number} */ at) => at + ON_ITS_WAY_MS > this.#scene.clock.time
    for (const freed of this.#freed.values()) for (const [name, { heardAt }] of freed) if (onItsWay(heardAt)) freed.delete(name)
    // The undone session has its name again, and the new one gets another.
    for (const { root, name, at } of this.#taken) if (onItsWay(at)) this.#given.get(root)?.delete(name)
    this.#taken = []
  }

  /** Takes in a record that another plugin writes: its session claims the names and tasks in it. @param {string} sessionID @param {any} record */
  claims(sessionID, record) {
    const root = this.#scene.store.root(sessionID)
    const tasks = Array.isArray(record?.tasks) ? record.tasks : []
    for (const name of [record?.slug, ...tasks.map((/** @type {any} */ task) => task.id)]) this.#claimed.add(`${root} ${name}`)
  }

  /** Checks the session of a call that named one. @param {Known} call @param {string | undefined} id @param {string} text */
  came(call, id, text) {
    const { store } = this.#scene
    const { mark, task_id = "", expected, root } = call
    // A call may be decided before the undo or after it. A fork has subagents of the original at work while that is reverted.
    if (this.#scene.unjudged(call.caller) || (this.#undoneAt.get(root) ?? -1) >= call.at) return
    const freed = this.#freed.get(root)?.get(task_id)
    const { spoiled } = this.#scene
    // A record that another program spoiled no longer says that its session is undone.
    if (call.caller === root && freed && freed.id === id && freed.heardAt < call.at && !spoiled.has(id)) this.#unresolved(root, `${mark} named ${task_id}, whose messages are undone, and ran in ${id}: ${text}`)
    // Another plugin may have written its record since the call.
    if (!expected || !store.sessions.has(expected) || spoiled.has(expected)) return
    // A session without its own record has a new name, or any that another plugin wrote.
    if ((id && spoiled.has(id)) || this.#claimed.has(`${root} ${task_id}`)) return
    if (id && id !== expected && !this.#may(call, text)) this.#unresolved(root, `${mark} named ${task_id}, which stands for ${expected}, and ran in ${id}: ${text}`)
    if (/There is no session/.test(text)) this.#unresolved(root, `${mark} named ${task_id}, which stands for ${expected}: ${text}`)
  }

  /** Checks a name that delegate_output did not find. @param {string} sessionID @param {string} task_id @param {string} text */
  missed(sessionID, task_id, text) {
    const root = this.#scene.store.root(sessionID)
    const meant = this.meant(sessionID, task_id)
    if (meant && !this.#scene.store.sessions.get(sessionID)?.parentID && /There is no subagent session/.test(text)) {
      this.#unresolved(root, `${sessionID} cannot read ${task_id}, which stands for ${meant}`)
    }
  }

  /** Whether a call that names a session may run in another: by the options, or if the call's agent is another. @param {Known} call @param {string} text */
  #may({ agent, expected = "" }, text) {
    const { on_agent_mismatch, on_context_full } = this.#scene.weather.options
    const other = this.agent(expected) !== agent
    return (on_agent_mismatch === "spawn" && other) || (on_context_full === "spawn" && (/context/.test(text) || !/spawned|resumed/.test(text)))
  }

  /**
   * Reports a name that does not resolve any more, with these exceptions:
   *
   * - Each of two processes knows the sessions of its last load. It does not hear of the other's names, deletions and tasks.
   * - A name that OpenCode refused to store lives as long as its process. An undecided or unreadable session has no name.
   * - A process may be killed between a result and its late record.
   * - The messages of a fork come with events, and so does an undo: late or lost ones come too late.
   * @param {string} root
   * @param {string} what
   */
  #unresolved(root, what) {
    const { alone, troubled, deaf, kills, reloads } = this.#scene
    if (!alone || troubled || (deaf && (kills + reloads > 0 || this.#scene.forked(root) || this.#undoneAt.has(root)))) return
    this.#scene.fail("I10", what)
  }
}
