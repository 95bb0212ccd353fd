// OpenCode 2's events, each handed to the parts that need it.

import { contextTokens } from "../api.js"
import { isFollowed, touchedFiles } from "../core/index.js"
import { SUBAGENT } from "./sdk/index.js"

/** How many running calls of tools are known; over that the first is forgotten. */
const RUNNING = 1_000

/**
 * @param {{ directory: string, host: import("./sdk/index.js").Host, sync: import("../core/index.js").EngineSync, prompts: import("./subagent/index.js").ChildPrompts }} parts
 * @returns {(event: import("./sdk/index.js").HostEvent) => Promise<void>}
 */
export function eventHandler({ directory, host, sync, prompts }) {
  /** The running calls of tools: first the tool's name, then the files that its arguments name. @type {Map<string, string | string[]>} */
  const running = new Map()
  /** Takes in the files of a call of a child's tool that has succeeded. @param {string} type @param {any} data */
  function followTool(type, { sessionID, id, name, input }) {
    // Some providers give calls of several sessions the same id.
    const call = `${sessionID} ${id}`
    const known = running.get(call)
    running.delete(call)
    if (type === "session.tool.input.started" && sync.session(sessionID)?.parentID) {
      running.set(call, name)
      if (running.size > RUNNING) running.delete([...running.keys()][0])
    } else if (type === "session.tool.called" && typeof known === "string") {
      const files = touchedFiles(known, input)
      if (files.length) running.set(call, files)
    } else if (type === "session.tool.success" && Array.isArray(known)) {
      sync.apply({ type: "session.touched", now: Date.now(), sessionID, files: known, project: directory })
    }
  }

  /** Ends the turns that the engine has ended. @param {import("../api.js").Effect[]} effects */
  const interrupt = (effects) => {
    for (const effect of effects) if (effect.type === "abort") void host.interrupt(effect.sessionID).catch(() => {})
  }
  return async ({ type, data, created, location }) => {
    const now = Date.now()
    const { sessionID } = data
    // The events of all projects of a server come to each plugin.
    if (type === "session.created" && location?.directory !== directory) return
    const silent = prompts.isSilent(sessionID)
    // A prompt ends before its session is idle.
    await prompts.handleEvent(type, data)
    // A session that is not read yet is read with its revert before its next prompt.
    if (type.startsWith("session.revert.") && !sync.session(sessionID)) return
    if (type === "session.created") {
      // The call that created it has taken it in.
      if (sync.session(sessionID)) return
      const { parentID, title = "", agent } = data
      if (parentID) await host.link(sessionID, parentID)
      sync.sessionCreated({ id: sessionID, parentID, title, agent, time: { created, updated: created } })
    } else if (type === "session.deleted") {
      const parentID = sync.session(sessionID)?.parentID
      await sync.sessionDeleted({ id: sessionID, parentID, title: "", time: { created, updated: created } })
      await host.forget(sessionID, parentID)
    } else if (type === "session.execution.started") {
      host.setStatus(sessionID, "busy")
      interrupt(sync.apply({ type: "session.status", now, sessionID, status: "busy" }))
    } else if (type === "session.execution.succeeded" || type === "session.execution.failed" || type === "session.execution.interrupted") {
      host.setStatus(sessionID, "idle")
      // A session that this package interrupted for its silence goes on.
      const ended = type === "session.execution.interrupted" && (data.reason ?? "user") === "user"
      if (ended && !silent) interrupt(sync.apply({ type: "session.aborted", now, sessionID }))
      sync.apply({ type: "session.status", now, sessionID, status: "idle" })
    } else if (type === "session.step.ended" && sync.session(sessionID)?.parentID) {
      sync.apply({ type: "session.usage", now, sessionID, tokens: contextTokens({ tokens: data.tokens, summary: false }), window: 0 })
      sync.apply({ type: "session.stepped", now, sessionID, messageID: data.assistantMessageID, more: isFollowed(data.finish) })
    } else if (type === "permission.asked") {
      sync.apply({ type, now, sessionID, requestID: data.id })
    } else if (type === "permission.replied") {
      sync.apply({ type, now, sessionID, requestID: data.requestID ?? data.id })
    } else if (type === "session.usage.updated" && sync.session(sessionID)) {
      await host.session(sessionID).then((session) => sync.noteSpent(session), () => {})
    } else if (/^session\.tool\.(input\.started|called|success|failed)$/.test(type)) {
      followTool(type, data)
    } else if (type === "session.revert.staged") {
      sync.noteRevert(sessionID, data.revert)
    } else if (type === "session.revert.cleared") {
      sync.noteRevert(sessionID)
    } else if (type === "session.revert.committed") {
      // A new turn may have begun since.
      const rest = await host.messagesFrom(sessionID, data.to)
      const before = rest.find(({ id }) => id > data.to)?.id
      await sync.messageRemoved({ sessionID, messageID: data.to, later: true, before })
      sync.noteRevert(sessionID)
    } else if (type === "session.inbox.enqueued" && data.item?.type === "synthetic") {
      // OpenCode begins a turn with the result of a background task.
      const wakes = data.item.payload?.metadata?.source === SUBAGENT
      sync.apply({ type: "session.prompted", now, sessionID, messageID: data.inboxID, synthetic: true, wakes })
    }
  }
}
