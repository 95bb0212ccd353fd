// The results of background tasks on their way to the callers: each once, in its own message or with the user's next message.
// Notices of such results go to the sessions above in the same way.

import { holdsResult } from "../../api.js"
import { RECORD_KEY, ifFound } from "../../core/index.js"
import { ended, endedBelow } from "../../core/texts/index.js"
import { partialAnswer } from "./partial_answer.js"

/**
 * @typedef {import("../sdk/index.js").Answer} Answer
 * @typedef {import("../sdk/index.js").Host} Host
 * @typedef {import("../../core/index.js").EngineSync} EngineSync
 * @typedef {import("./prompt_runner.js").Ending} Ending
 * @typedef {NonNullable<Ending["to"]>} Chosen where the engine has a result delivered
 *
 * Without a message's id OpenCode chooses one.
 * @typedef {Omit<Chosen, "messageID"> & { messageID?: string }} To
 */

/** The tries to report a deleted session, and the step of the pause between them in milliseconds. */
const [TRIES, AGAIN_MS] = [4, 1_000]

/** How long a message may be on its way into its session, in milliseconds: less than all tries take. */
const ON_ITS_WAY_MS = 5_000

/**
 * The messages with results on their way into their sessions, of all instances in this process: an instance that follows another
 * after a reload must not send the same result. A later message may pass one that goes through the hooks of all plugins.
 */
const ON_THEIR_WAY = Symbol.for("opencode-delegate.messages")
const onTheirWay = /** @type {{ [ON_THEIR_WAY]?: Set<string> }} */ (globalThis)[ON_THEIR_WAY] ??= new Set()

/**
 * Delivers the results of background tasks to their callers.
 */
export class ResultDelivery {
  /** @type {Host} */
  #host
  /** @type {EngineSync} */
  #sync
  /** @type {(message: string) => void} */
  #report
  /** The results that join a user message, by its id. @type {Map<string, Promise<any>[]>} */
  #joining = new Map()
  /**
   * The tasks whose results joined a user message, until an event confirms that message: a process that dies before has
   * delivered nothing.
   * @type {Map<string, { callerID: string, messageID: string, sessionID: string, prompt_no: number, again: () => Promise<boolean> }[]>}
   */
  #unconfirmed = new Map()

  /** @param {Host} host @param {EngineSync} sync @param {(message: string) => void} report reports a message to a person */
  constructor(host, sync, report) {
    this.#host = host
    this.#sync = sync
    this.#report = report
  }

  /**
   * @param {Ending} ending
   * @param {Answer} [answer] if left out, it is read from the child's messages
   */
  async deliver(ending, answer) {
    const { sessionID, prompt_no, to } = ending
    if (!to) return
    if (to.joins) onTheirWay.add(to.messageID)
    const delivering = this.#try(ending, to, answer)
    if (to.joins) this.#joining.get(to.messageID)?.push(delivering)
    const outcome = await delivering
    // The hook of the message waits for all results that join it.
    if (to.joins && !this.#joining.has(to.messageID)) this.#awaitMessage(to.messageID)
    const again = () => this.#deliverAgain(ending, to, answer)
    const { callerID, messageID } = to
    const task = { callerID, messageID, sessionID, prompt_no, again }
    if (typeof outcome === "object") this.#unconfirmed.set(messageID, [...(this.#unconfirmed.get(messageID) ?? []), task])
    else this.#confirm(task, outcome || (await again()))
  }

  /**
   * Delivers the result of a deleted session again, in a message of its own: the engine has forgotten the session, so no later turn
   * delivers it. A notice of another session's result wakes nobody.
   * @param {Ending} ending
   * @param {Chosen} to
   * @param {Answer} [answer]
   * @returns {Promise<boolean>} whether the result was delivered
   */
  async #deliverAgain(ending, to, answer) {
    const alone = to.joins ? { ...to, joins: false, messageID: undefined, unless: [to.messageID] } : to
    for (let tries = 1; !to.via && tries < TRIES; tries++) {
      const gone = await this.#isGone(ending.sessionID)
      if (gone === false) return false
      await new Promise((resolve) => setTimeout(resolve, tries * AGAIN_MS).unref())
      if (gone && (await this.#try(ending, alone, answer))) return true
    }
    return false
  }

  /**
   * Whether a session was deleted. The engine that follows a trap does not know each session yet, so OpenCode is asked.
   * @param {string} sessionID
   * @returns {Promise<boolean | undefined>} nothing if OpenCode does not answer
   */
  async #isGone(sessionID) {
    if (this.#sync.hasChild(sessionID)) return false
    return ifFound(this.#host.session(sessionID)).then((session) => !session, () => undefined)
  }

  /**
   * Takes in that a user message is in its session. An earlier message of that session that is still missing will hardly come:
   * its results are delivered again, unless they are found then.
   * @param {string} callerID
   * @param {string} messageID
   */
  messageStored(callerID, messageID) {
    onTheirWay.delete(messageID)
    for (const [id, tasks] of this.#unconfirmed) {
      if (id > messageID || tasks[0]?.callerID !== callerID) continue
      this.#unconfirmed.delete(id)
      for (const task of tasks) {
        this.#confirm(task, id === messageID)
        if (id !== messageID) void task.again()
      }
    }
  }

  /** Gives up a message that is not stored within its time. @param {string} messageID */
  #awaitMessage(messageID) {
    if (onTheirWay.has(messageID)) setTimeout(() => onTheirWay.delete(messageID), ON_ITS_WAY_MS).unref()
  }

  /** Reports to the engine whether a message delivered a result. @param {{ sessionID: string, prompt_no: number, messageID: string }} task @param {boolean} delivered */
  #confirm({ sessionID, prompt_no, messageID }, delivered) {
    this.#sync.apply({ type: "task.delivered", now: Date.now(), sessionID, prompt_no, messageID, delivered })
  }

  /**
   * @param {Ending} ending
   * @param {To} to
   * @param {Answer} [answer]
   */
  #try(ending, to, answer) {
    return this.#send(ending, to, answer).catch((error) => {
      this.#report(`The result of ${to.taskID} could not be delivered. It is delivered at the caller's next turn: ${error.message}`)
      return false
    })
  }

  /**
   * The parts that join a user message, before it is stored.
   * @param {string} sessionID
   * @param {string} messageID
   * @param {boolean} synthetic whether the host or a plugin made up all of the message
   * @param {string} [result] the text of such a message, which may be the result of a background task of OpenCode's own tool
   * @returns {Promise<any[]>}
   */
  async partsFor(sessionID, messageID, synthetic, result) {
    this.#joining.set(messageID, [])
    this.#sync.apply({ type: "session.prompted", now: Date.now(), sessionID, messageID, synthetic, result })
    // Effects are carried out after their cause has returned.
    await null
    const parts = await Promise.all(this.#joining.get(messageID) ?? [])
    this.#joining.delete(messageID)
    this.#awaitMessage(messageID)
    return parts.filter((part) => typeof part === "object")
  }

  /**
   * @param {Ending} ending
   * @param {To} to
   * @param {Answer} [answer]
   * @returns {Promise<object | boolean>} whether the result was delivered, or the part that delivers it
   */
  async #send(ending, to, answer) {
    // The record must name the message before the message is sent: that reveals a crash between the two.
    if (!(await this.#sync.whenStored(ending.sessionID))) throw new Error("its record could not be stored")
    const onItsWay = to.unless?.some((id) => onTheirWay.has(id))
    if (to.unless?.length && (await this.#isDelivered(to.callerID, to.partID))) return true
    if (onItsWay) return false
    const known = this.#sync.session(ending.sessionID)
    const gone = (await this.#isGone(ending.sessionID)) ?? false
    const task_id = this.#sync.nameFor(ending.sessionID, to.callerID)
    const { via, others } = to
    // The answer of a deleted session is deleted with it.
    const lost = to.lost || (gone && !answer && ending.state === "idle")
    if (!answer && !via && !lost && ending.state === "idle") {
      answer = await partialAnswer(this.#host, ending.sessionID, to.asked)
    }
    const text = via
      ? endedBelow({ task_id, description: known?.description ?? "", caller: this.#sync.nameFor(via, to.callerID), state: ending.state, lost: to.lost, others })
      : ended({ ...ending, ...(lost ? { state: "failed" } : {}), task_id, taskID: to.taskID, lost, gone, answer })
    const part = { id: to.partID, type: "text", synthetic: true, text, metadata: { [RECORD_KEY]: { result: true } } }
    if (to.joins) return { ...part, messageID: to.messageID, sessionID: to.callerID }
    const caller = await ifFound(this.#host.session(to.callerID))
    // A deleted caller needs no result, and no session above it a notice. Another process may have deleted it.
    if (!caller) {
      this.#sync.apply({ type: "session.deleted", now: Date.now(), sessionID: to.callerID })
      return true
    }
    // The next instance delivers from the record; for a deleted session there is no record.
    if (this.#sync.closed && this.#sync.hasChild(ending.sessionID)) return false
    const agent = caller.agent ?? this.#sync.session(to.callerID)?.agent
    if (to.messageID) onTheirWay.add(to.messageID)
    await this.#host.promptAsync(to.callerID, { messageID: to.messageID, agent, parts: [part] }).finally(() => onTheirWay.delete(to.messageID ?? ""))
    return true
  }

  /**
   * Whether a message of the session holds the result of a task. Several messages may have been chosen for it, by processes that
   * ended before they sent it or before they stored that.
   * @param {string} sessionID
   * @param {string} partID the part's id in the message that was chosen last
   */
  async #isDelivered(sessionID, partID) {
    const messages = (await ifFound(this.#host.messages(sessionID))) ?? []
    return holdsResult(messages.flatMap(({ parts }) => parts.map(({ id }) => id)), partID)
  }
}
