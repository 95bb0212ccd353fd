// I3: each background result is delivered once, or reported lost.

import { isBroken } from "./errors.js"
import { marks } from "../script.js"

/**
 * @typedef {import("./scene.js").Scene} Scene
 * @typedef {import("./scene.js").Known} Known
 * @typedef {{ owed: number, told: number, waived: number }} Task how often a caller is to be told of a child's tasks, was,
 *   and need not be
 */

/**
 * What callers are told of their background tasks.
 */
export class Deliveries {
  #scene
  /** The parts that told of one. @type {Set<string>} */
  #parts = new Set()
  /** By caller and child. @type {Map<string, Task>} */
  tasks = new Map()
  /** Roots under which something was said since the plugins were loaded. @type {Set<string>} */
  #met = new Set()
  /** Sessions that were deleted, of which no plugin has heard yet. @type {Set<string>} */
  #unheard = new Set()
  /** When the plugins were last loaded anew. */
  #loadedAt = -Infinity

  /** @param {Scene} scene */
  constructor(scene) {
    this.#scene = scene
  }

  /** @param {string} caller @param {string} child */
  #task(caller, child) {
    const key = `${caller} ${child}`
    const task = this.tasks.get(key) ?? { owed: 0, told: 0, waived: 0 }
    this.tasks.set(key, task)
    return task
  }

  /** Takes in that a session is prompted: plugins that were loaded since have not heard of it. @param {string} sessionID @param {any} info */
  prompted(sessionID, { time }) {
    if (time.created >= this.#loadedAt) this.#met.add(this.#scene.store.root(sessionID))
  }

  /**
   * With a session goes its record. Where nobody has said a word under its root since the process began, nobody has read that
   * record, and its tasks cannot be told.
   * @param {any} info
   */
  deleted({ id, parentID }) {
    this.#unheard.add(id)
    const root = parentID ? this.#scene.store.root(parentID) : id
    if (!this.#met.has(root)) this.#waive(id)
  }

  /** Takes in that plugins heard that a session is deleted: those that are unloaded before know nothing of it. @param {string} id */
  heard(id) {
    this.#unheard.delete(id)
  }

  /** @param {string} id a child of which nobody can be told any more */
  #waive(id) {
    for (const [key, task] of this.tasks) if (key.endsWith(` ${id}`)) task.waived = task.owed
  }

  reloaded() {
    for (const id of this.#unheard) this.#waive(id)
    this.#loadedAt = this.#scene.clock.wall()
    this.#met.clear()
  }

  killed() {
    this.#met.clear()
    // With a session went its record: what of it was on its way to its caller, no other process knows.
    for (const [key, task] of this.tasks) if (this.#scene.deleted.has(key.split(" ")[1])) task.waived = task.owed
  }

  /** Takes in that a call has begun a task. @param {Known} call @param {string} child */
  began(call, child) {
    const task = this.#task(call.caller, child)
    task.owed++
    if (call.ended === child) task.waived++
  }

  /** Takes in a result: who asks again where the first prompt never arrived is told of that one there. @param {Known} call @param {string} child @param {string} text */
  result(call, child, text) {
    const mine = this.tasks.get(`${call.caller} ${child}`)
    if (mine && /Its earlier prompt had never arrived/.test(text)) mine.waived++
  }

  /** Who cancels what it has started itself is not told of it. @param {string} caller @param {string} child */
  cancelled(caller, child) {
    const task = this.tasks.get(`${caller} ${child}`)
    if (task) task.waived = task.owed
    for (const call of this.#scene.calls.values()) if (call.caller === caller && call.state === "open") call.ended = child
  }

  /** Takes in a part that tells a session of a task. @param {string} sessionID @param {any} part @returns {boolean} whether it does */
  told(sessionID, part) {
    const { calls, troubled, alone } = this.#scene
    const found = /^<task id="(\w+)"[^]*Background task bg_\w+ (is completed|failed|was cancelled|was lost|has ended)/.exec(part.text)
    if (!found || this.#parts.has(part.id)) return false
    const [, child, how] = found
    this.#parts.add(part.id)
    const task = this.#task(sessionID, child)
    task.told++
    this.#kept(sessionID, child, part)
    // A call that was broken off had begun its task, or had not: its caller has read neither.
    const broken = [...calls.values()].filter((call) => call.caller === sessionID && call.background && (call.state === "open" || isBroken(call.result))).length
    const more = [...this.tasks].reduce((sum, [key, { owed, told }]) => sum + (key.startsWith(sessionID) ? Math.max(0, told - owed) : 0), 0)
    // A call that fails because OpenCode's answer was lost may have begun its task too; and of what another process has told
    // since it read a record, a process knows nothing.
    if (more > broken && !troubled && alone) this.#scene.fail("I3", `${sessionID} was told ${task.told} times of ${child}, of which it began ${task.owed}`)
    if (how !== "is completed") return true
    for (const mark of marks(part.text)) {
      const call = calls.get(mark)
      if (!call?.background || call.caller !== sessionID) continue
      // Whether another process tells it at the same moment, neither can see.
      if (call.told++ && alone) this.#scene.fail("I3", `${sessionID} was told the answer to ${mark} twice`)
    }
    return true
  }

  /** Looks whether it is kept which message tells a task, before it does: who dies between the two would tell it again. @param {string} sessionID @param {string} child @param {any} part */
  #kept(sessionID, child, part) {
    // Another process may have stored what it knew instead.
    if (!this.#scene.alone || !this.#scene.store.sessions.has(child)) return
    const tasks = this.#scene.record(child)?.tasks ?? []
    if (tasks.some((/** @type {any} */ { toldBy }) => toldBy?.includes(part.messageID))) return
    this.#scene.fail("I3", `${sessionID} is told of ${child} by ${part.messageID}, which its record does not name: ${JSON.stringify(tasks)}`)
  }

  /** What must hold once everything has come to its end. */
  settled() {
    const { alone, troubled, deaf, kills, reloads, store } = this.#scene
    // What could not be stored is gone with its process; what another process runs is that one's to tell, also where it dies.
    if (!alone || ((troubled || deaf) && kills + reloads > 0)) return
    for (const [key, { owed, told, waived }] of this.tasks) {
      const [caller, child] = key.split(" ")
      if (store.sessions.has(caller) && told < owed - waived) this.#scene.fail("I3", `${caller} was told ${told} times of ${child}, which it began ${owed} times`)
    }
  }
}
