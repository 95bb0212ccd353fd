// The `event` hook: OpenCode's events, each handed to the parts that need it.

import { ASK_FAULT, RecentSet, carryOut, faultCommand, isFollowed, touchedFiles } from "../../core/index.js"
import { callsTool, namingOf } from "../sdk/index.js"

/** How many messages that call tools are remembered. */
const CALLING = 1_000

/**
 * @param {{
 *   project: string,
 *   host: import("../sdk/index.js").Host,
 *   actions: Pick<Parameters<typeof carryOut>[1], "steer" | "cancel">,
 *   settings: import("../../core/index.js").Settings,
 *   sync: import("../../core/index.js").EngineSync,
 *   requests: import("./requests.js").Requests,
 *   callCache: import("../sync/index.js").CallCache,
 *   windows: import("../sync/index.js").ContextWindows,
 *   runner: import("../execute/index.js").PromptRunner,
 *   delivery: import("../execute/index.js").ResultDelivery,
 *   hostExecutor: import("../execute/index.js").HostExecutor,
 *   delegateExecutor: import("../execute/index.js").DelegateExecutor,
 *   pluginParts: () => { handleEvent(type: string, properties: any): void }[],
 *   runLine?: { handleEvent(type: string, properties: any): void },
 * }} parts
 * @returns {NonNullable<import("@opencode-ai/plugin").Hooks["event"]>}
 */
export function eventHook({ project, host, actions, settings, sync, requests, callCache, windows, runner, delivery, hostExecutor, delegateExecutor, runLine, pluginParts }) {
  /** The messages that call tools. @type {RecentSet<string>} */
  const calling = new RecentSet(CALLING)
  return async ({ event }) => {
    const { type, properties } = /** @type {{ type: string, properties: any }} */ (event)
    const now = Date.now()
    callCache.handleEvent(type, properties)
    if (type === "message.part.updated" && callsTool(properties.part)) calling.add(properties.part.messageID)
    runner.handleEvent(type, properties)
    for (const part of pluginParts()) part.handleEvent(type, properties)
    runLine?.handleEvent(type, properties)
    if (type === "session.created") sync.sessionCreated(properties.info)
    else if (type === "session.updated") {
      sync.sessionUpdated(properties.info)
      sync.noteRevert(properties.info.id, properties.info.revert)
    } else if (type === "session.deleted") {
      const { id } = properties.info
      requests.forget(id)
      // OpenCode continues a session that is deleted while it runs, and stores nothing of it.
      if (settings.delegates && (sync.session(id)?.status ?? "idle") !== "idle") host.abort(id).catch(() => {})
      await sync.sessionDeleted(properties.info)
    } else if (type === "session.status") {
      const { sessionID, status } = properties
      const late = status.type === "idle" && hostExecutor.hasCalls(sessionID) && (await hostExecutor.sessionIdle(sessionID))
      if (!late) sync.apply({ type, now, sessionID, status: status.type })
    } else if (type === "message.updated") {
      const { id, role, sessionID, finish } = properties.info
      if (finish && id) sync.apply({ type: "session.stepped", now, sessionID, messageID: id, more: isFollowed(finish) || calling.has(id) })
      if (role === "assistant") await windows.handleMessage(properties.info)
      else delivery.messageStored(sessionID, id)
    } else if (type === "message.part.updated" && properties.part.type === "tool" && properties.part.tool === "task") {
      hostExecutor.handlePart(properties.part)
      delegateExecutor.handlePart(properties.part)
      const naming = namingOf(properties.part)
      if (naming) sync.sessionNamed(properties.part.sessionID, naming)
    } else if (type === "message.part.updated" && properties.part.type === "tool" && properties.part.state.status === "completed") {
      const { sessionID, tool, state } = properties.part
      const files = touchedFiles(tool, state.input)
      if (files.length) sync.apply({ type: "session.touched", now, sessionID, files, project })
    } else if (type === "permission.asked") {
      sync.apply({ type, now, sessionID: properties.sessionID, requestID: properties.id })
    } else if (type === "permission.replied") {
      sync.apply({ type, now, sessionID: properties.sessionID, requestID: properties.requestID })
    } else if (type === "tui.command.execute") {
      if (properties.command === ASK_FAULT) await host.command(faultCommand(settings.fault)).catch(() => {})
      await carryOut(properties.command, { sync, ...actions, show: (message) => host.toast(message, "info").catch(() => {}) })
    } else if (type === "message.removed" || type === "message.part.removed") {
      await sync.messageRemoved(properties)
    }
  }
}
