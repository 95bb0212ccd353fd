// OpenCode 2's events as OpenCode 1 would report them. An event says little of a session, so the session is read.

import { terminalRPC } from "../../core/index.js"
import { within } from "./host.js"
import { sessionReads } from "./session_reads.js"
import { SUBAGENT, answerOf, createdOf, errorOf, messageOf, noticeOf, partOf, questionOf } from "./shapes.js"

/** The number of sessions whose model is remembered, and of calls that run. */
const REMEMBERED = 1_000

/** The ends of a turn, with their outcomes. */
const ENDS = new Map(["succeeded", "failed", "interrupted"].map((outcome) => [`session.execution.${outcome}`, outcome]))
const [STORED, TOAST] = ["stored", "toast"].map((name) => `rpc.${terminalRPC.id}.${name}`)
/** The events after which a session is another one. */
const CHANGES = new Set([STORED, "session.renamed", "session.usage.updated", "session.execution.started", ...ENDS.keys()])

/**
 * @param {import("./shapes.js").Context} context
 * @param {import("../opencode1/index.js").Host} host
 * @param {{ hear: (type: string, properties: any) => void, isFollowed: (sessionID: string) => boolean, toast: (toast: any) => void, report: (what: string, error: unknown) => void }} to
 * @returns {() => void} ends it
 */
export function followEvents(context, host, { hear, isFollowed, toast, report }) {
  const { client, data } = context
  const models = /** @type {Map<string, { providerID: string, id: string }>} */ (new Map())
  /** The calls that delegate and run, by their ids. @type {Map<string, { input?: any, metadata?: any }>} */
  const calls = new Map()
  const reads = sessionReads((sessionID) => host.session(sessionID), {
    take: (info) => hear("session.updated", { info }),
    refused: (sessionID, error) => void (isFollowed(sessionID) && report("read a session", error)),
  })

  /** Reads a call that failed, if the terminal has not seen its begin. @param {string} sessionID @param {string} messageID @param {string} id */
  const readCall = async (sessionID, messageID, id) => {
    const message = messageOf(await client.session.message.get({ sessionID, messageID }, within()))
    for (const part of message.parts) if (part.id === id) hear("message.part.updated", { sessionID, part })
  }

  /**
   * Follows the calls that delegate. A call that fails may have prompted no child. Its message may be written after the event.
   * @param {string} type
   * @param {any} data
   */
  const takeCall = (type, { sessionID, id, name, input, metadata, error, assistantMessageID }) => {
    const call = calls.get(id)
    if (type === "session.tool.input.started" && name === SUBAGENT) remember(calls, id, {})
    else if (type === "session.tool.called" && call) call.input = input
    else if (type === "session.tool.progress" && call) call.metadata = metadata
    else if (type === "session.tool.success") calls.delete(id)
    else if (type === "session.tool.failed") {
      calls.delete(id)
      if (call) hear("message.part.updated", { sessionID, part: partOf({ id, state: { ...call, status: "error", error } }) })
      else readCall(sessionID, assistantMessageID, id).catch((error) => report("read a call", error))
    }
  }

  /** @param {import("./shapes.js").HostEvent} event */
  const take = (event) => {
    const { type, data } = event
    const { sessionID } = data ?? {}
    // The events of all projects of a server come to each terminal.
    if (type === TOAST) return event.location?.directory === context.location?.directory ? toast(noticeOf(data)) : undefined
    if (type === "server.connected") return hear(type, {})
    if (type === "session.created" && isFollowed(data.parentID)) return hear(type, { info: createdOf(event) })
    if (!isFollowed(sessionID)) return
    if (CHANGES.has(type)) reads.ask(sessionID)
    if (type === "session.deleted") {
      reads.forget(sessionID)
      hear(type, { info: { id: sessionID } })
    } else if (type === "session.retry.scheduled") hear("session.status", { sessionID, status: { type: "retry" } })
    else if (type === "session.execution.started") hear("session.status", { sessionID, status: { type: "busy" } })
    else if (ENDS.has(type)) {
      hear("session.status", { sessionID, status: { type: "idle" } })
      hear("message.updated", answerOf(sessionID, { error: errorOf(String(ENDS.get(type))) }))
    } else if (type === "session.step.started") {
      hear("session.status", { sessionID, status: { type: "busy" } })
      remember(models, sessionID, data.model)
    } else if (type === "session.step.ended") hear("message.updated", answerOf(sessionID, { tokens: data.tokens, finish: data.finish, model: models.get(sessionID) }))
    // A new session may ask before its record, which names it, is read.
    else if (type === "permission.asked") reads.after(sessionID, () => hear(type, questionOf(data)))
    else if (type === "permission.replied") reads.after(sessionID, () => hear(type, { sessionID, requestID: data.requestID ?? data.id }))
    else if (type.startsWith("session.tool.")) takeCall(type, data)
  }
  // An error here would end in OpenCode's own listener.
  const off = data.listen(({ details }) => {
    try {
      take(details)
    } catch (error) {
      report("take in an event", error)
    }
  })
  return () => {
    off()
    reads.end()
  }
}

/**
 * Keeps a value, and forgets the oldest of too many.
 * @template T
 * @param {Map<string, T>} map @param {string} key @param {T} value
 */
function remember(map, key, value) {
  map.delete(key)
  map.set(key, value)
  for (const oldest of [...map.keys()].slice(0, -REMEMBERED)) map.delete(oldest)
}
