// The calls of OpenCode's task tool that name a session, among the parts of messages.

/** @typedef {import("../../core/index.js").Naming} Naming */

/**
 * The naming in a part, if it is a call that spawned or prompted a session.
 * @param {any} part
 * @returns {Naming | undefined}
 */
export function namingOf({ type, tool, state, id, messageID }) {
  const namedID = type === "tool" && tool === "task" ? state?.metadata?.sessionId : undefined
  const isWhole = [messageID, id, namedID].every((text) => typeof text === "string")
  return isWhole ? { messageID, partID: id, namedID } : undefined
}
