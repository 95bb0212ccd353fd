// Tells callers what became of their background tasks: each once, in a message of its own or along with the user's.

import { answerTo } from "../sdk/answers.js"
import { ifThere } from "../sdk/client.js"
import { ended } from "../../core/texts/results.js"

/**
 * @typedef {import("../sdk/answers.js").Answer} Answer
 * @typedef {import("../sdk/client.js").Host} Host
 * @typedef {import("../../core/engine_sync.js").Ledger} Ledger
 * @typedef {import("./prompt_runner.js").Ending} Ending
 */

/** How often it is tried to tell of a session that is gone, and after how long again, in milliseconds. */
const [TRIES, AGAIN_MS] = [4, 1_000]

/** How many letters at the end of a part's id stand for its task, whichever message holds the part. */
const SEED = 14

/**
 * The way to the callers.
 */
export class Delivery {
  /** @type {Host} */
  #host
  /** @type {Ledger} */
  #ledger
  /** @type {(message: string) => void} */
  #say
  /** What is to go along with a user message, by its id. @type {Map<string, Promise<any>[]>} */
  #along = new Map()
  /** What went along with a user message that is not seen yet: who dies before has told nothing. @type {Map<string, { callerID: string, sessionID: string, turn: number }[]>} */
  #unseen = new Map()

  /** @param {Host} host @param {Ledger} ledger @param {(message: string) => void} say tells a person something */
  constructor(host, ledger, say) {
    this.#host = host
    this.#ledger = ledger
    this.#say = say
  }

  /**
   * @param {Ending} ending
   * @param {Answer} [answer] read from the child's messages where it is left out
   */
  async deliver(ending, answer) {
    const { sessionID, turn, to } = ending
    if (!to) return
    const telling = this.#try(ending, to, answer)
    if (to.joins) this.#along.get(to.messageID)?.push(telling)
    let told = await telling
    // Of a session that is gone the engine knows nothing any more: no next turn tells of it.
    for (let tries = 1; told === false && !to.joins && tries < TRIES && !this.#ledger.hasChild(sessionID); tries++) {
      await new Promise((resolve) => setTimeout(resolve, tries * AGAIN_MS).unref())
      told = await this.#try(ending, to, answer)
    }
    if (typeof told === "object") this.#unseen.set(to.messageID, [...(this.#unseen.get(to.messageID) ?? []), { callerID: to.callerID, sessionID, turn }])
    else this.#note({ sessionID, turn }, told)
  }

  /**
   * Takes in that a user message is in its session. One before it that is not will hardly come: what went along with that is
   * told again, unless it is there then.
   * @param {string} callerID
   * @param {string} messageID
   */
  seen(callerID, messageID) {
    for (const [id, tasks] of this.#unseen) {
      if (id > messageID || tasks[0]?.callerID !== callerID) continue
      this.#unseen.delete(id)
      for (const task of tasks) this.#note(task, id === messageID)
    }
  }

  /** @param {{ sessionID: string, turn: number }} task @param {boolean} told */
  #note({ sessionID, turn }, told) {
    this.#ledger.apply({ type: "task.told", now: Date.now(), sessionID, turn, told })
  }

  /**
   * @param {Ending} ending
   * @param {NonNullable<Ending["to"]>} to
   * @param {Answer} [answer]
   */
  #try(ending, to, answer) {
    return this.#tell(ending, to, answer).catch((error) => {
      this.#say(`The result of ${to.taskID} could not be told, and will be with the next turn: ${error.message}`)
      return false
    })
  }

  /**
   * The parts that are to go along with a user message that is about to be stored.
   * @param {string} sessionID
   * @param {string} messageID
   * @returns {Promise<any[]>}
   */
  async along(sessionID, messageID) {
    this.#along.set(messageID, [])
    this.#ledger.apply({ type: "session.prompted", now: Date.now(), sessionID, messageID })
    // Effects are carried out once whoever caused them has returned.
    await null
    const parts = await Promise.all(this.#along.get(messageID) ?? [])
    this.#along.delete(messageID)
    return parts.filter((part) => typeof part === "object")
  }

  /**
   * @param {Ending} ending
   * @param {NonNullable<Ending["to"]>} to
   * @param {Answer} [answer]
   * @returns {Promise<object | boolean>} whether it was told, or the part that tells it
   */
  async #tell(ending, to, answer) {
    // Which message tells it must be kept before it is told: a crash between the two is found out so.
    if (!(await this.#ledger.stored(ending.sessionID))) throw new Error("its record could not be stored")
    if (to.unless?.length && (await this.#holds(to.callerID, to.partID))) return true
    const known = this.#ledger.session(ending.sessionID)
    const gone = !this.#ledger.hasChild(ending.sessionID) && (await ifThere(this.#host.session(ending.sessionID)).then((session) => !session, () => false))
    const task_id = known?.slug ?? ending.sessionID
    if (!answer && ending.state === "idle") {
      answer = answerTo(await this.#host.messages(ending.sessionID), to.asked).answer
    }
    const text = ended({ ...ending, task_id, taskID: to.taskID, lost: to.lost, gone, answer })
    const part = { id: to.partID, type: "text", synthetic: true, text }
    if (to.joins) return { ...part, messageID: to.messageID, sessionID: to.callerID }
    const caller = await ifThere(this.#host.session(to.callerID))
    // A caller that is gone need not be told.
    if (!caller) return true
    // From its record the next plugin tells it; what becomes of one that is gone nobody else knows.
    if (this.#ledger.closed && this.#ledger.hasChild(ending.sessionID)) return false
    const agent = caller.agent ?? this.#ledger.session(to.callerID)?.agent
    await this.#host.tell(to.callerID, { messageID: to.messageID, agent, parts: [part] })
    return true
  }

  /**
   * Whether a session holds the part that tells a task, in whichever message: more than one may have been chosen for it, by
   * processes that ended before they told it, or before they noted that.
   * @param {string} sessionID
   * @param {string} partID as it is called where it stands in the message that was chosen last
   */
  async #holds(sessionID, partID) {
    const messages = (await ifThere(this.#host.messages(sessionID))) ?? []
    return messages.some(({ parts }) => parts.some(({ id }) => id.slice(-SEED) === partID.slice(-SEED)))
  }
}
