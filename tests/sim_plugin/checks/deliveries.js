// I3: each background result is delivered once, or reported lost.

import { isReport } from "../other_plugin.js"
import { isBroken } from "./errors.js"
import { marks } from "../script.js"

/**
 * @typedef {import("./scene.js").Scene} Scene
 * @typedef {import("./scene.js").Known} Known
 * @typedef {{ owed: number, delivered: number, waived: number }} Task how many results of a child's tasks a caller must get,
 *   has got, and need not get
 */

/** The time in which the record of a reported answer is stored, in milliseconds. */
const STORED_MS = 50

/** The time in which the successor of a lost engine is made, in milliseconds. */
const MADE_MS = 50

/** Whether a result is also that of an earlier prompt, which was sent with its own. @param {string} text */
const holdsEarlier = (text) => /Its earlier prompt never reached the session/.test(text)

/**
 * The background results that callers get.
 */
export class Deliveries {
  #scene
  /** The tasks whose results parts delivered, and the message of each part. @type {Map<string, { task: Task, text: string, messageID: string }>} */
  #parts = new Map()
  /** By caller and child. @type {Map<string, Task>} */
  tasks = new Map()
  /** Roots with a prompt since the plugins were loaded. @type {Set<string>} */
  #met = new Set()
  /** Deleted sessions whose event has reached no plugin yet. @type {Set<string>} */
  #unheard = new Set()
  /** The deletions of which the plugins have heard, with their times. @type {Map<string, number>} */
  #heard = new Map()
  /** The last report of another plugin about each task, by its time. @type {Map<Task, number>} */
  #reports = new Map()
  /** The time of the last reload of the plugins. */
  #loadedAt = -Infinity

  /** @param {Scene} scene */
  constructor(scene) {
    this.#scene = scene
  }

  /** @param {string} caller @param {string} child */
  #task(caller, child) {
    const key = `${caller} ${child}`
    const task = this.tasks.get(key) ?? { owed: 0, delivered: 0, waived: 0 }
    this.tasks.set(key, task)
    return task
  }

  /** Takes in a prompt. Plugins that were loaded later have not heard of it. @param {string} sessionID @param {any} info */
  prompted(sessionID, { time }) {
    if (time.created >= this.#loadedAt) this.#met.add(this.#scene.store.root(sessionID))
  }

  /**
   * A deletion removes the session's record. If its root had no prompt since the process began, the plugin has not read that
   * record, and cannot deliver its tasks.
   * @param {any} info
   */
  deleted({ id, parentID }) {
    this.#unheard.add(id)
    const root = parentID ? this.#scene.store.root(parentID) : id
    if (!this.#met.has(root)) this.#waive(id)
  }

  /** Takes in that the event of a deletion reached the plugins. Plugins that are unloaded earlier do not know of it. @param {string} id */
  heard(id) {
    this.#unheard.delete(id)
    this.#heard.set(id, this.#scene.clock.time)
  }

  /** @param {string} id a child whose results cannot be delivered any more */
  #waive(id) {
    for (const [key, task] of this.tasks) if (key.endsWith(` ${id}`)) task.waived = task.owed
  }

  reloaded() {
    for (const id of this.#unheard) this.#waive(id)
    // A lost engine hears of nothing.
    if (this.#scene.traps) for (const [id, at] of this.#heard) if (this.#scene.clock.time - at < MADE_MS) this.#waive(id)
    this.#loadedAt = this.#scene.clock.wall()
    this.#met.clear()
  }

  killed() {
    this.#met.clear()
    // Nothing but the record shows the next process that another plugin has reported an answer.
    for (const [task, at] of this.#reports) if (this.#scene.clock.wall() - at < STORED_MS) [task.owed, task.waived] = [task.owed + 1, task.waived + 1]
    this.#reports.clear()
    // A deleted session has no record: no other process knows the results that were on their way to it.
    for (const [key, task] of this.tasks) if (this.#scene.deleted.has(key.split(" ")[1])) task.waived = task.owed
  }

  /** Takes in that a call has started a task. @param {Known} call @param {string} child */
  began(call, child) {
    const task = this.#task(call.caller, child)
    task.owed++
    if (call.ended === child) task.waived++
  }

  /** Takes in a result. It also reports an earlier prompt that never arrived, which then needs no delivery. @param {Known} call @param {string} child @param {string} text */
  result(call, child, text) {
    const mine = this.tasks.get(`${call.caller} ${child}`)
    if (mine && (holdsEarlier(text) || this.#answersEarlier(call, text))) mine.waived++
  }

  /** Whether a result holds the answer to a background prompt of its caller. A trap loses the line that says so. @param {Known} call @param {string} text */
  #answersEarlier({ caller, mark }, text) {
    if (!this.#scene.traps) return false
    const others = marks(text).filter((other) => other !== mark)
    return others.map((other) => this.#scene.calls.get(other)).some((other) => other?.background && other.caller === caller && !other.delivered)
  }

  /** How many background prompts of a caller went to a child in its last message. One lost message is one lost task. @param {string} caller @param {string} child */
  #sentTogether(caller, child) {
    const calls = [...this.#scene.calls.values()].filter((call) => call.background && call.caller === caller && call.child === child && call.messageID)
    const last = calls.at(-1)?.messageID
    return Math.max(1, calls.filter(({ messageID }) => messageID === last).length)
  }

  /** A caller that cancels its own task gets no delivery of it. @param {string} caller @param {string} child */
  cancelled(caller, child) {
    const task = this.tasks.get(`${caller} ${child}`)
    if (task) task.waived = task.owed
    for (const call of this.#scene.calls.values()) if (call.caller === caller && call.state === "open") call.ended = child
  }

  /** A call that cancels may have done so before it was aborted: its caller asked for that, and is not informed again. @param {string} caller */
  cancelAborted(caller) {
    for (const [key, task] of this.tasks) if (key.startsWith(`${caller} `)) task.waived = task.owed
  }

  /** Takes in that a message was removed: the results that it delivered may come again. @param {string} messageID */
  removed(messageID) {
    for (const { task, text } of [...this.#parts.values()].filter((part) => part.messageID === messageID)) {
      task.owed++
      task.waived++
      for (const mark of marks(text)) Object.assign(this.#scene.calls.get(mark) ?? {}, { delivered: 0 })
    }
  }

  /** Takes in a part that delivers a result. @param {string} sessionID @param {any} part @returns {boolean} whether it does */
  delivered(sessionID, part) {
    const { calls, troubled, alone, spoiled } = this.#scene
    const found = /^<task id="(\w+)"[^]*Background task bg_\w+ (is completed|failed|was cancelled|was lost|has ended)/.exec(part.text)
    if (!found || this.#parts.has(part.id)) return false
    const [, child, how] = found
    const task = this.#task(sessionID, child)
    this.#parts.set(part.id, { task, text: part.text, messageID: part.messageID })
    task.delivered++
    // The answer to a prompt that never arrived comes with that of the next one, in one delivery.
    if (holdsEarlier(part.text)) task.waived++
    else if (how === "was lost") task.waived += this.#sentTogether(sessionID, child) - 1
    if (isReport(part.text)) this.#reports.set(task, this.#scene.clock.wall())
    else this.#kept(sessionID, child, part)
    // An aborted call may have started its task: its caller does not know.
    const broken = [...calls.values()].filter((call) => call.caller === sessionID && call.background && (call.state === "open" || isBroken(call.result))).length
    // A record that another plugin wrote may hold the tasks of another session.
    const own = [...this.tasks].filter(([key]) => key.startsWith(sessionID) && !spoiled.has(key.split(" ")[1]))
    const more = own.reduce((sum, [, { owed, delivered }]) => sum + Math.max(0, delivered - owed), 0)
    // A call that fails because OpenCode's answer was lost may have started its task, too. A process does not know the
    // deliveries of another process since it read the record.
    if (more > broken && !troubled && alone) this.#scene.fail("I3", `${sessionID} got ${task.delivered} results of ${child}, and started ${task.owed} tasks`)
    if (how !== "is completed") return true
    for (const mark of marks(part.text)) {
      const call = calls.get(mark)
      if (!call?.background || call.caller !== sessionID) continue
      // Two processes may deliver it at the same moment, and neither can see the other. A record that another plugin overwrote
      // may have held the only word of a delivery.
      if (call.delivered++ && alone && !spoiled.has(child)) this.#scene.fail("I3", `${sessionID} got the answer to ${mark} twice`)
    }
    return true
  }

  /** Checks that a delivery's message id is stored first: else a process that dies in between would deliver it again. @param {string} sessionID @param {string} child @param {any} part */
  #kept(sessionID, child, part) {
    // Another process may have stored what it knew instead.
    if (!this.#scene.alone || !this.#scene.store.sessions.has(child) || this.#scene.spoiled.has(child)) return
    const tasks = this.#scene.record(child)?.tasks ?? []
    if (tasks.some((/** @type {any} */ { deliveredBy }) => deliveredBy?.includes(part.messageID))) return
    this.#scene.fail("I3", `${sessionID} got a result of ${child} in ${part.messageID}, which its record does not name: ${JSON.stringify(tasks)}`)
  }

  /** Checks the final state, when everything has ended. */
  settled() {
    const { alone, troubled, deaf, kills, reloads, store, spoiled } = this.#scene
    // A result that could not be stored is lost with its process. Another process delivers its own results, also if it dies.
    if (!alone || ((troubled || deaf) && kills + reloads > 0)) return
    for (const [key, { owed, delivered, waived }] of this.tasks) {
      const [caller, child] = key.split(" ")
      // A session that was created under a deleted one has no root, and is forgotten with it.
      if (!store.sessions.has(store.root(caller))) continue
      // A record that another plugin overwrote may have held the only word of a result.
      if (store.sessions.has(caller) && !spoiled.has(child) && delivered < owed - waived) this.#scene.fail("I3", `${caller} got ${delivered} results of ${child}, and started ${owed} tasks`)
    }
  }
}
