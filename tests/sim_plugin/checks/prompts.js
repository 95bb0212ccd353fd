// I1 and I4: each prompt is asked once, under its root, of a session whose record holds it and that answers no other.

import { asks, marks } from "../script.js"

/**
 * @typedef {import("./scene.js").Scene} Scene
 * @typedef {import("./scene.js").Known} Known
 * @typedef {import("./scene.js").Host} Host
 */

/**
 * What children are asked.
 */
export class Prompts {
  #scene
  /** When each process prompted a session last. @type {Map<string, Map<Host, number>>} */
  #prompters = new Map()

  /** @param {Scene} scene */
  constructor(scene) {
    this.#scene = scene
  }

  /** Looks at a child that was created: its record holds its prompt from the first moment. @param {any} info */
  created({ id, parentID, metadata }) {
    const { weather, calls } = this.#scene
    // A call that goes through unjudged leaves no record, and OpenCode's own tool none at first.
    if (weather.executor !== "delegate" || this.#scene.unjudged(parentID)) return
    if ([...calls.values()].some(({ byUser, caller, child }) => byUser && caller === parentID && !child)) return
    if (!metadata?.delegate?.prompt) this.#scene.fail("I4", `${id} is created without its prompt in its record: ${JSON.stringify(metadata)}`)
  }

  /**
   * @param {string} sessionID
   * @param {{ info: any, parts: any[], host: Host }} message
   * @param {number} at
   * @param {(call: Known) => void} first is told of each call whose prompt is asked for the first time
   */
  prompted(sessionID, { info, parts, host }, at, first) {
    const { calls, alone, reloads } = this.#scene
    const prompters = this.#prompters.get(sessionID) ?? new Map()
    this.#prompters.set(sessionID, prompters.set(host, at))
    const all = marks(asks({ info, parts }))
    if (new Set(all).size < all.length) this.#scene.fail("I4", `a prompt stands twice in one message: ${all.join(" ")}`)
    for (const mark of all) {
      const call = calls.get(mark)
      if (!call) continue
      // What was on its way when the plugins were loaded anew, the new ones cannot see in the session yet: they send it again.
      // Nor can another process.
      const onItsWay = !alone || (call.messageID ? call.reloads < 0 : call.reloads !== reloads)
      if (call.messageID && (call.messageID !== info.id || call.child !== sessionID) && !onItsWay) {
        this.#scene.fail("I4", `${mark} was asked twice: ${call.child} ${call.messageID}, ${sessionID} ${info.id}`)
      }
      this.#rooted(call, sessionID)
      const again = call.messageID === info.id
      if (!call.messageID) call.reloads = onItsWay ? -1 : reloads
      Object.assign(call, { child: sessionID, messageID: info.id })
      if (again) continue
      this.#free(call, sessionID, info.id, host)
      if (mark !== all.at(-1)) continue
      this.#kept(call, sessionID, info.id)
      first(call)
    }
  }

  /** @param {Known} call @param {string} sessionID */
  #rooted(call, sessionID) {
    if (!this.#scene.strays(call, sessionID)) return
    if (this.#scene.runsItself(call) && this.#scene.unjudged(call.caller)) return
    this.#scene.fail("I1", `${call.mark} of root ${call.root} is asked in ${sessionID}`)
  }

  /** Looks whether a session answers something else. @param {Known} call @param {string} sessionID @param {string} messageID @param {Host} host */
  #free({ mark }, sessionID, messageID, host) {
    const { calls, store, troubled, deaf, alone } = this.#scene
    const turn = host.turns.get(sessionID)
    // Another process's turns are not to be seen, and after a call whose answer was lost nobody knows what runs.
    if (!turn || turn.aborted || troubled || deaf || !alone) return
    const before = marks(store.messages(sessionID).map((message) => (message.info.id === messageID ? "" : asks(message))).join("\n")).at(-1)
    const other = before === undefined ? undefined : calls.get(before)
    if (other && other.mark !== mark && other.state === "open") this.#scene.fail("turns", `${mark} is asked in ${sessionID} while that answers ${before}`)
  }

  /** Looks whether a background task is to be found again should its process die, before its prompt is sent. @param {Known} call @param {string} sessionID @param {string} messageID */
  #kept(call, sessionID, messageID) {
    const { refusing, alone, store } = this.#scene
    // A call that goes through unjudged leaves no record.
    if (!call.background || refusing || !alone || this.#scene.unjudged(call.caller) || this.#scene.runsItself(call) || !store.sessions.has(sessionID)) return
    const { tasks = [] } = this.#scene.record(sessionID) ?? {}
    if (tasks.some((/** @type {any} */ task) => task.messageID === messageID)) return
    this.#scene.fail("I4", `${call.mark} is asked in ${sessionID} by ${messageID}, which its record does not name: ${JSON.stringify(tasks)}`)
  }

  /** Whether another process has prompted a session since a call was made. @param {Known} call @param {string} id */
  disturbed(call, id) {
    return [...(this.#prompters.get(id) ?? [])].some(([host, at]) => host !== call.host && at >= call.at)
  }

  /** What must hold once everything has come to its end. */
  settled() {
    const { store, alone, troubled, deaf } = this.#scene
    if (!alone || troubled || deaf) return
    for (const { id, metadata } of store.sessions.values()) {
      // What was created under a session that was just deleted lies under nothing.
      if (!store.sessions.has(store.root(id))) continue
      const record = metadata?.delegate
      if (record?.tasks?.some((/** @type {any} */ { state }) => state === "running")) this.#scene.fail("I4", `the record of ${id} has a task that runs: ${JSON.stringify(record.tasks)}`)
      if (record?.prompt) this.#scene.fail("I4", `the record of ${id} keeps a prompt: ${JSON.stringify(record.prompt.parts)}`)
    }
  }
}
