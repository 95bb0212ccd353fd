// A call of the task tool as a request to the engine: its caller's agent, and its arguments in one form.

import { waited } from "../../core/texts/index.js"

/** @typedef {{ sessionID: string, callID: string } & import("../sync/index.js").Origin} Call */

/**
 * Makes requests of calls.
 */
export class Requests {
  /** @type {import("../../core/index.js").EngineSync} */
  #sync
  /**
   * The agent that the last message of a session names. After a mention by the user, OpenCode asks no permission.
   * @type {Map<string, { agent?: string, mention: boolean }>}
   */
  #turns = new Map()
  /** The ids of the calls of each session's last message. @type {Map<string, { messageID: string, ids: Set<string> }>} */
  #made = new Map()

  /** Whether OpenCode ends with the turn of its root. */
  #oneShot

  /** @param {import("../../core/index.js").EngineSync} sync @param {boolean} [oneShot] whether OpenCode ends with the turn of its root */
  constructor(sync, oneShot = false) {
    this.#sync = sync
    this.#oneShot = oneShot
  }

  /**
   * The line under the result of a background call that has to wait, since OpenCode would end before the result. The call waits
   * from now on.
   * @param {any} args the call's arguments
   */
  waits(args) {
    if (!this.#oneShot || !args?.background) return undefined
    args.background = false
    return waited()
  }

  /** Takes in a user message. @param {string} sessionID @param {string | undefined} agent @param {{ type: string }[]} parts */
  handleMessage(sessionID, agent, parts) {
    this.#turns.set(sessionID, { agent, mention: parts.some(({ type }) => type === "agent") })
  }

  /** @param {string} sessionID */
  forget(sessionID) {
    this.#turns.delete(sessionID)
    this.#made.delete(sessionID)
  }

  /** Whether the user mentioned an agent in the last message of a session. @param {string} sessionID */
  isMentioned(sessionID) {
    return this.#turns.get(sessionID)?.mention ?? false
  }

  /**
   * The request of a call that OpenCode runs now. OpenCode runs each call of a message once.
   * @param {Call} call
   * @param {any} args the call's arguments
   * @param {string} [speaker] the calling agent, if OpenCode names it: a later message may name another agent
   * @returns {import("../../api.js").Request}
   */
  request({ sessionID, messageID, callID, by }, { subagent_type, description, prompt, task_id, model, limits, background }, speaker) {
    const turn = this.#turns.get(sessionID)
    const agent = speaker ?? turn?.agent ?? this.#sync.session(sessionID)?.agent
    return {
      now: Date.now(),
      callID: this.#ownID(sessionID, messageID, callID),
      messageID,
      by,
      sessionID,
      callerAgent: turn?.mention ? undefined : agent,
      agent: subagent_type,
      description,
      prompt,
      task_id,
      model,
      limits,
      background: background ?? false,
    }
  }

  /**
   * An id that no earlier call of the message has. A provider may give one id to several calls of a message.
   * @param {string} sessionID
   * @param {string | undefined} messageID
   * @param {string} callID
   */
  #ownID(sessionID, messageID, callID) {
    if (messageID === undefined) return callID
    let made = this.#made.get(sessionID)
    if (made?.messageID !== messageID) this.#made.set(sessionID, (made = { messageID, ids: new Set() }))
    let own = callID
    for (let count = 2; made.ids.has(own); count++) own = `${callID} (${count})`
    made.ids.add(own)
    return own
  }
}
