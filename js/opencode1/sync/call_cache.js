// Facts about callers that OpenCode's events have delivered, so that a call need not wait for a request.

/**
 * @typedef {import("../../api.js").HostRule} HostRule
 * @typedef {import("../sdk/index.js").Host} Host
 * @typedef {import("../sdk/index.js").Part} Part
 * @typedef {{ id: string, providerID: string, modelID: string, variant?: string }} Speaker an assistant's message
 */

/**
 * The messages, calls and permissions of sessions, from events.
 */
export class CallCache {
  /** @type {Host} */
  #host
  /** The last assistant's message of each session. @type {Map<string, Speaker>} */
  #speakers = new Map()
  /** The running calls of the task tool, by session and call. @type {Map<string, Part>} */
  #calls = new Map()
  /** @type {Map<string, HostRule[]>} */
  #permissions = new Map()

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
      this.#permissions.delete(properties.info.id)
      this.#speakers.delete(properties.info.id)
    } else if (type === "message.updated" && properties.info.role === "assistant") {
      this.#speakers.set(properties.info.sessionID, properties.info)
    } else if (type === "message.part.updated" && properties.part.tool === "task") {
      const { part } = properties
      const call = `${part.sessionID} ${part.callID}`
      if (part.state.status === "running") this.#calls.set(call, part)
      else this.#calls.delete(call)
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
    const part = this.#calls.get(`${sessionID} ${callID}`)
    if (speaker?.id === messageID && part) return { speaker, part }
    const { info, parts } = await this.#host.message(sessionID, messageID)
    return { speaker: info, part: parts.find((part) => part.callID === callID) }
  }

  /** The session's own rules. @param {string} sessionID */
  async permission(sessionID) {
    const known = this.#permissions.get(sessionID) ?? (await this.#host.session(sessionID)).permission ?? []
    this.#permissions.set(sessionID, known)
    return known
  }
}
