// The names of the sessions of calls that were interrupted, or that a killed OpenCode never ended. No code of a plugin runs at the
// end of such a call, so the name stands in the requests to the model alone.

import { classifyTaskID } from "../../api.js"
import { RECORD_KEY } from "../../core/index.js"
import { resumeHint } from "../../core/texts/index.js"
import { SUBAGENT } from "../sdk/index.js"

/** How many interrupted calls are remembered, each with its session. */
const REMEMBERED = 1_000

/** @typedef {{ messageID: string, callID: string, input?: any }} Call a call of the tool: a provider may begin its ids again in each message */

/**
 * Names sessions in requests to the model.
 */
export class InterruptedCalls {
  #host
  #sync
  /** The session of each call; nothing if it has none. @type {Map<string, string | undefined>} */
  #sessions = new Map()

  /**
   * @param {Pick<import("../sdk/index.js").Host, "children" | "namings">} host
   * @param {Pick<import("../../core/index.js").EngineSync, "resolve" | "session">} sync
   */
  constructor(host, sync) {
    this.#host = host
    this.#sync = sync
  }

  /**
   * Names the session in the error of each interrupted call.
   * @param {string} sessionID
   * @param {any[]} [messages] of a request
   */
  async name(sessionID, messages = []) {
    const calls = /** @type {Map<string, Call>} */ (new Map())
    for (const { id: messageID, content } of messages) {
      for (const part of Array.isArray(content) ? content : []) {
        if (part.name !== SUBAGENT) continue
        if (part.type === "tool-call") calls.set(part.id, { messageID, callID: part.id, input: part.input })
        const { error } = (part.type === "tool-result" && part.result?.value) || {}
        const call = calls.get(part.id)
        if (error?.type !== "aborted" || !call) continue
        const task_id = this.#sync.session((await this.#sessionOf(sessionID, call)) ?? "")?.slug
        if (!task_id) continue
        const message = `${error.message}\n${resumeHint(task_id)}`
        part.result = { ...part.result, value: { ...part.result.value, error: { ...error, message } } }
      }
    }
  }

  /** The session of a call, looked up once. @param {string} sessionID @param {Call} call */
  async #sessionOf(sessionID, call) {
    const key = `${call.messageID} ${call.callID}`
    if (!this.#sessions.has(key)) {
      const found = await this.#find(sessionID, call)
      if (this.#sessions.size >= REMEMBERED) this.#sessions.clear()
      this.#sessions.set(key, found)
    }
    return this.#sessions.get(key)
  }

  /** @param {string} sessionID @param {Call} call @returns {Promise<string | undefined>} */
  async #find(sessionID, { messageID, callID, input }) {
    const namings = await this.#host.namings(sessionID)
    const shown = namings.find((naming) => naming.messageID === messageID && naming.partID === callID)
    if (shown) return shown.namedID
    // A killed OpenCode keeps nothing of what the tool reported. The record of a new child has its call.
    for (const { id, metadata } of await this.#host.children(sessionID)) {
      const { spawned } = /** @type {import("../../api.js").SessionRecord} */ (metadata?.[RECORD_KEY] ?? {})
      if (spawned?.[0] === messageID && spawned[1] === callID) return id
    }
    const task_id = String(input?.task_id ?? "")
    // `last` stands for another session by now.
    if (!["id", "name"].includes(classifyTaskID(task_id))) return undefined
    return (await this.#sync.resolve({ sessionID, task_id }))?.id
  }
}
