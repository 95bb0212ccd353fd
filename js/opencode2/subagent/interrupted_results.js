// The names of the sessions of calls that were interrupted, or that a killed OpenCode never ended. No code of a plugin runs at the
// end of such a call, so the name stands in the requests to the model alone.

import { classifyTaskID } from "../../api.js"
import { RECORD_KEY } from "../../core/index.js"
import { resumeHint } from "../../core/texts/index.js"
import { SUBAGENT } from "../sdk/index.js"

/** How many interrupted calls are named, and remembered with their sessions. */
const REMEMBERED = 1_000

/**
 * An interrupted call of the tool, and the part with its error. A provider may begin its ids again in each message.
 * @typedef {{ messageID: string, callID: string, input: any, part: any }} Call
 */

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
    const interrupted = interruptedCalls(messages)
    const news = interrupted.filter((call) => !this.#sessions.has(keyOf(call)))
    if (news.length) await this.#lookUp(sessionID, news)
    for (const call of interrupted) {
      const { result } = call.part
      const task_id = this.#sync.session(this.#sessions.get(keyOf(call)) ?? "")?.slug
      const line = task_id && resumeHint(task_id)
      const { error } = result.value
      if (!line || error.message?.includes(line)) continue
      call.part.result = { ...result, value: { ...result.value, error: { ...error, message: `${error.message}\n${line}` } } }
    }
  }

  /**
   * Looks up the sessions of calls, each once: a session that cannot be found now is not looked for with every request.
   * @param {string} sessionID @param {Call[]} calls
   */
  async #lookUp(sessionID, calls) {
    const namings = await this.#host.namings(sessionID).catch(() => [])
    const shown = new Map(namings.map(({ messageID, partID, namedID }) => [keyOf({ messageID, callID: partID }), namedID]))
    // A killed OpenCode keeps nothing of what the tool reported. The record of a new child has its call.
    const isUnknown = calls.some((call) => !shown.has(keyOf(call)))
    const children = isUnknown ? await this.#host.children(sessionID).catch(() => []) : []
    const spawned = new Map(children.map(({ id, metadata }) => {
      const record = /** @type {import("../../api.js").SessionRecord | undefined} */ (metadata?.[RECORD_KEY])
      return [keyOf({ messageID: String(record?.spawned?.[0]), callID: String(record?.spawned?.[1]) }), id]
    }))
    for (const call of calls) {
      const key = keyOf(call)
      this.#sessions.set(key, shown.get(key) ?? spawned.get(key) ?? (await this.#resumed(sessionID, call.input)))
    }
    for (const oldest of [...this.#sessions.keys()].slice(0, -REMEMBERED)) this.#sessions.delete(oldest)
  }

  /** The session that a call has named. @param {string} sessionID @param {any} input */
  async #resumed(sessionID, input) {
    const task_id = String(input?.task_id ?? input?.sessionID ?? "")
    // `last` stands for another session by now.
    if (!["id", "name"].includes(classifyTaskID(task_id))) return undefined
    const session = await this.#sync.resolve({ sessionID, task_id }).catch(() => undefined)
    return session?.id
  }
}

/** A call as a key. @param {{ messageID: string, callID: string }} call */
const keyOf = ({ messageID, callID }) => `${messageID} ${callID}`

/** The interrupted calls of the tool. @param {any[]} messages @returns {Call[]} */
function interruptedCalls(messages) {
  const calls = /** @type {Map<string, { messageID: string, input: any }>} */ (new Map())
  const interrupted = /** @type {Call[]} */ ([])
  for (const { id: messageID, content } of messages) {
    for (const part of Array.isArray(content) ? content : []) {
      if (part.name !== SUBAGENT) continue
      if (part.type === "tool-call") calls.set(part.id, { messageID, input: part.input })
      const call = part.type === "tool-result" && part.result?.value?.error?.type === "aborted" ? calls.get(part.id) : undefined
      if (call) interrupted.push({ ...call, callID: part.id, part })
    }
  }
  return interrupted.slice(-REMEMBERED)
}
