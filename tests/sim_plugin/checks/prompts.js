// I1 and I4: each prompt is sent once, under its root, to a session whose record has it and that answers no other prompt.

import { asks, marks } from "../script.js"

/**
 * @typedef {import("./scene.js").Scene} Scene
 * @typedef {import("./scene.js").Known} Known
 * @typedef {import("./scene.js").Host} Host
 */

/**
 * The prompts of children.
 */
export class Prompts {
  #scene
  /** The time at which each process last prompted a session. @type {Map<string, Map<Host, number>>} */
  #prompters = new Map()
  /** The time at which a session last got a prompt whose call had ended before. @type {Map<string, number>} */
  #late = new Map()
  /** The time at which the prompts of a session were last cancelled. @type {Map<string, number>} */
  #cancelledAt = new Map()

  /** @param {Scene} scene */
  constructor(scene) {
    this.#scene = scene
  }

  /** Checks a new child: its record has its prompt from the first moment. @param {any} info */
  created({ id, parentID, metadata }) {
    const { weather, calls } = this.#scene
    // An undecided call leaves no record, and OpenCode's own tool leaves none at first.
    if (weather.executor !== "delegate" || this.#scene.unjudged(parentID)) return
    if ([...calls.values()].some(({ byUser, caller, child }) => byUser && caller === parentID && !child)) return
    if (!metadata?.delegate?.prompt) this.#scene.fail("I4", `${id} is created without its prompt in its record: ${JSON.stringify(metadata)}`)
  }

  /**
   * @param {string} sessionID
   * @param {{ info: any, parts: any[], host: Host }} message
   * @param {number} at
   * @param {(call: Known) => void} first gets each call whose prompt is sent for the first time
   */
  prompted(sessionID, { info, parts, host }, at, first) {
    const { calls, alone, reloads, spoiled, refusing, kills, unwritten } = this.#scene
    const prompters = this.#prompters.get(sessionID) ?? new Map()
    this.#prompters.set(sessionID, prompters.set(host, at))
    const all = marks(asks({ info, parts }))
    if (new Set(all).size < all.length) this.#scene.fail("I4", `a prompt stands twice in one message: ${all.join(" ")}`)
    for (const mark of all) {
      const call = calls.get(mark)
      if (!call) continue
      // A prompt that was on its way during a reload is not in the session yet: the new plugins send it again. So does another
      // process.
      const onItsWay = !alone || (call.messageID ? call.reloads < 0 : call.reloads !== reloads)
      // A record that another plugin wrote may hold the prompt of another session.
      // So does a process that reads an earlier record, because OpenCode refused the later one and the process before was killed.
      const outdated = refusing && kills > 0 && unwritten.has(sessionID)
      const copied = spoiled.has(sessionID) || (call.child !== undefined && spoiled.has(call.child))
      if (call.messageID && (call.messageID !== info.id || call.child !== sessionID) && !onItsWay && !copied && !outdated) {
        this.#scene.fail("I4", `${mark} was asked twice: ${call.child} ${call.messageID}, ${sessionID} ${info.id}`)
      }
      if (!copied) this.#rooted(call, sessionID)
      const again = call.messageID === info.id
      if (!call.messageID) call.reloads = onItsWay ? -1 : reloads
      Object.assign(call, { child: sessionID, messageID: info.id })
      if (again) continue
      this.#free(call, sessionID, info.id, host)
      if (mark !== all.at(-1)) continue
      const cancelled = (this.#cancelledAt.get(sessionID) ?? -1) >= call.at
      // Plugins that are loaded while the prompt is on its way read of it in the record alone, in whose place another may stand.
      const forgotten = onItsWay && copied
      if (call.background ? cancelled || forgotten : call.state !== "open") this.#late.set(sessionID, at)
      this.#kept(call, sessionID, info.id)
      first(call)
    }
  }

  /** Takes in that all prompts of a session were cancelled, and with them those of the sessions below it. @param {string} id */
  cancelled(id) {
    this.#cancelledAt.set(id, this.#scene.clock.time)
    for (const child of this.#scene.store.children(id)) this.cancelled(child.id)
  }

  /** @param {Known} call @param {string} sessionID */
  #rooted(call, sessionID) {
    if (!this.#scene.strays(call, sessionID)) return
    if (this.#scene.runsItself(call) && this.#scene.unjudged(call.caller)) return
    this.#scene.fail("I1", `${call.mark} of root ${call.root} is asked in ${sessionID}`)
  }

  /** Checks that a session answers no other prompt. @param {Known} call @param {string} sessionID @param {string} messageID @param {Host} host */
  #free({ mark }, sessionID, messageID, host) {
    const { calls, store, troubled, deaf, alone } = this.#scene
    const turn = host.turns.get(sessionID)
    // The plugin does not see another process's turns, nor a turn whose start got no answer.
    if (!turn || turn.aborted || troubled || deaf || !alone) return
    const others = store.messages(sessionID).filter(({ info }) => info.id !== messageID)
    // A person may have asked for a summary a moment ago: that turn answers no prompt.
    if (others.findLast(({ info }) => info.role === "user")?.parts.some(({ type }) => type === "compaction")) return
    const before = marks(others.map(asks).join("\n")).at(-1)
    const other = before === undefined ? undefined : calls.get(before)
    // The call of a killed process waits for no answer: the turn goes on for a result that woke the session.
    if (other?.host.dead) return
    if (other && other.mark !== mark && other.state === "open") this.#scene.fail("turns", `${mark} is asked in ${sessionID} while that answers ${before}`)
  }

  /** Checks that a background task is stored before its prompt is sent: its process may die. @param {Known} call @param {string} sessionID @param {string} messageID */
  #kept(call, sessionID, messageID) {
    const { refusing, alone, store, spoiled } = this.#scene
    if (spoiled.has(sessionID)) return
    // Nobody waits for the task of a deleted caller, which another plugin may still start.
    if (!store.sessions.has(call.caller)) return
    // An undecided call leaves no record.
    if (!call.background || refusing || !alone || this.#scene.unjudged(call.caller) || this.#scene.runsItself(call) || !store.sessions.has(sessionID)) return
    const { tasks = [] } = this.#scene.record(sessionID) ?? {}
    if (tasks.some((/** @type {any} */ task) => task.messageID === messageID)) return
    this.#scene.fail("I4", `${call.mark} is asked in ${sessionID} by ${messageID}, which its record does not name: ${JSON.stringify(tasks)}`)
  }

  /** Whether another process, or a call that had ended, has prompted a session since a call was made. @param {Known} call @param {string} id */
  disturbed(call, id) {
    return (this.#late.get(id) ?? -1) >= call.at || [...(this.#prompters.get(id) ?? [])].some(([host, at]) => host !== call.host && at >= call.at)
  }

  /** Checks the final state, when everything has ended. */
  settled() {
    const { store, alone, troubled, deaf, spoiled } = this.#scene
    if (!alone || troubled || deaf) return
    for (const { id, metadata } of store.sessions.values()) {
      if (spoiled.has(id)) continue
      // A child that was created under a deleted session has no root.
      if (!store.sessions.has(store.root(id))) continue
      const record = metadata?.delegate
      if (record?.tasks?.some((/** @type {any} */ { state }) => state === "running")) this.#scene.fail("I4", `the record of ${id} has a task that runs: ${JSON.stringify(record.tasks)}`)
      if (record?.prompt) this.#scene.fail("I4", `the record of ${id} keeps a prompt: ${JSON.stringify(record.prompt.parts)}`)
    }
  }
}
