// The names of sessions in the errors of interrupted calls.

import { InterruptedCalls } from "../../core/index.js"
import { resumeHint } from "../../core/texts/index.js"
import { SUBAGENT } from "../sdk/index.js"

/**
 * An interrupted call of the tool, and the part with its error.
 * @typedef {import("../../core/index.js").InterruptedCall & { part: any }} Call
 */

/**
 * Names sessions in requests to the model.
 */
export class InterruptedResults {
  #host
  #calls

  /**
   * @param {Pick<import("../sdk/index.js").Host, "namings">} host
   * @param {Pick<import("../../core/index.js").EngineSync, "nameFor" | "resolveAll" | "session">} sync
   */
  constructor(host, sync) {
    this.#host = host
    this.#calls = new InterruptedCalls(sync)
  }

  /**
   * Names the session in the error of each interrupted call.
   * @param {string} sessionID
   * @param {any[]} [messages] of a request
   */
  async name(sessionID, messages = []) {
    const interrupted = interruptedCalls(messages)
    const unknown = this.#calls.unknown(interrupted)
    if (unknown.length) {
      const namings = await this.#host.namings(sessionID).catch(() => [])
      const shown = (/** @type {Call} */ call) => namings.findLast(({ messageID, partID }) => messageID === call.messageID && partID === call.partID)
      await this.#calls.lookUp(sessionID, unknown.map((call) => ({ ...call, shownID: shown(call)?.namedID })))
    }
    for (const call of interrupted) {
      const { result } = call.part
      const task_id = this.#calls.nameOf(call)
      const line = task_id && resumeHint(task_id)
      const { error } = result.value
      if (!line || error.message?.includes(line)) continue
      call.part.result = { ...result, value: { ...result.value, error: { ...error, message: `${error.message}\n${line}` } } }
    }
  }
}

/** The interrupted calls of the tool. @param {any[]} messages @returns {Call[]} */
function interruptedCalls(messages) {
  const calls = /** @type {Map<string, { messageID: string, input: any }>} */ (new Map())
  const interrupted = /** @type {Call[]} */ ([])
  for (const { id: messageID, content } of messages) {
    for (const part of Array.isArray(content) ? content : []) {
      if (part.name !== SUBAGENT) continue
      if (part.type === "tool-call") calls.set(part.id, { messageID, input: part.input })
      const call = part.type === "tool-result" && part.result?.value?.error?.type === "aborted" ? calls.get(part.id) : undefined
      if (call) interrupted.push({ ...call, partID: part.id, part })
    }
  }
  return interrupted
}
