// Facts about callers that OpenCode's events have delivered, so that a call need not wait for a request.

/**
 * @typedef {import("../../api.js").HostRule} HostRule
 * @typedef {import("../sdk/index.js").Host} Host
 * @typedef {import("../sdk/index.js").HostMessage} HostMessage
 * @typedef {import("../sdk/index.js").Part} Part
 * @typedef {{ id: string, providerID: string, modelID: string, variant?: string }} Speaker an assistant's message
 *
 * The origin of a call: the message that makes it, if OpenCode names it, and its author.
 * @typedef {Pick<import("../../api.js").Request, "messageID" | "by">} Origin
 */

/** The number of requests for the origin of a call, if OpenCode does not answer. */
const TRIES = 2

/**
 * The messages, calls and permissions of sessions, from events.
 */
export class CallCache {
  /** @type {Host} */
  #host
  /** The last assistant's message of each session. @type {Map<string, Speaker>} */
  #speakers = new Map()
  /** The parts of the open calls of the task tool, by the part's own id. @type {Map<string, Part>} */
  #open = new Map()
  /** @type {Map<string, HostRule[]>} */
  #permissions = new Map()
  /** The last origin that was asked for, by session. @type {Map<string, Promise<Origin>>} */
  #finding = new Map()

  /** @param {Host} host */
  constructor(host) {
    this.#host = host
  }

  /**
   * Takes in an event of the host.
   * @param {string} type
   * @param {any} properties
   */
  handleEvent(type, properties) {
    if (type === "session.created" || type === "session.updated") {
      this.#permissions.set(properties.info.id, properties.info.permission ?? [])
    } else if (type === "session.deleted") {
      const { id } = properties.info
      this.#permissions.delete(id)
      this.#speakers.delete(id)
      this.#finding.delete(id)
      for (const part of this.#partsOf(id)) this.#open.delete(part.id)
    } else if (type === "message.updated" && properties.info.role === "assistant") {
      this.#speakers.set(properties.info.sessionID, properties.info)
    } else if (type === "message.part.updated" && properties.part.tool === "task") {
      const { part } = properties
      if (isOpen(part)) this.#open.set(part.id, part)
      else this.#open.delete(part.id)
    }
  }

  /**
   * The message that makes a call, and the call's part.
   * @param {string} sessionID
   * @param {string} messageID
   * @param {string} callID
   * @returns {Promise<{ speaker: Speaker, part?: Part }>}
   */
  async call(sessionID, messageID, callID) {
    const speaker = this.#speakers.get(sessionID)
    const part = this.#partsOf(sessionID).find((part) => part.callID === callID && part.messageID === messageID && part.state.status === "running")
    if (speaker?.id === messageID && part) return { speaker, part }
    const { info, parts } = await this.#host.message(sessionID, messageID)
    return { speaker: info, part: parts.find((part) => part.callID === callID) }
  }

  /**
   * The origin of a call that is about to run. A call of which OpenCode shows no part is a model's. A part from events may be of an
   * earlier call with the same id, whose end is not reported yet: then it mostly shows another prompt. The calls of a session get
   * their origins in their own order, so that the calls of one message are decided in that order.
   * @param {string} sessionID
   * @param {string} callID
   * @param {unknown} prompt
   * @returns {Promise<Origin>}
   */
  origin(sessionID, callID, prompt) {
    const origin = Promise.all([this.#findOrigin(sessionID, callID, prompt), this.#finding.get(sessionID)]).then(([found]) => found)
    this.#finding.set(sessionID, origin)
    return origin
  }

  /** @param {string} sessionID @param {string} callID @param {unknown} prompt @returns {Promise<Origin>} */
  async #findOrigin(sessionID, callID, prompt) {
    const speaker = this.#speakers.get(sessionID)?.id
    const may = (/** @type {Part} */ { messageID, state }) => messageID === speaker && [undefined, prompt].includes(state.input?.prompt)
    const known = originIn(this.#partsOf(sessionID).filter(may), callID)
    if (known) return known
    /** @type {HostMessage[]} */
    let messages = []
    for (let tries = 0; tries < TRIES && !messages.length; tries++) messages = await this.#host.lastMessages(sessionID).catch(() => [])
    const spoken = messages.findLast(({ info }) => info.role === "assistant")
    const stored = spoken?.parts.filter((part) => part.tool === "task" && isOpen(part)) ?? []
    return originIn(stored, callID) ?? { messageID: spoken?.info.time?.completed ? undefined : spoken?.info.id, by: "model" }
  }

  /** The session's own rules. @param {string} sessionID */
  async permission(sessionID) {
    const known = this.#permissions.get(sessionID) ?? (await this.#host.session(sessionID)).permission ?? []
    this.#permissions.set(sessionID, known)
    return known
  }

  /** The parts of a session's open calls. @param {string} sessionID */
  #partsOf(sessionID) {
    return [...this.#open.values()].filter((part) => part.sessionID === sessionID)
  }
}

/** @param {Part} part */
const isOpen = ({ state }) => state.status === "pending" || state.status === "running"

/**
 * The origin of a call, from the parts of open calls. OpenCode 1.18.33 (`SessionPrompt.handleSubtask`) calls a user's subtask by the id
 * of its part, which no model chooses, and a model's call by the `callID` of its part.
 * @param {Part[]} parts
 * @param {string} callID
 * @returns {Origin | undefined}
 */
function originIn(parts, callID) {
  const called = parts.findLast((part) => part.callID === callID)
  if (called) return { messageID: called.messageID, by: "model" }
  const subtask = parts.find(({ id }) => id === callID)
  return subtask && { messageID: subtask.messageID, by: "user" }
}
