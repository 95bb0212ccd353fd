// The calls in messages that prompted a subagent's session.

/** The name of the built-in tool that delegates. */
export const SUBAGENT = "subagent"

/**
 * @param {any[]} messages
 * @returns {import("../../core/index.js").Naming[]}
 */
export function namings(messages) {
  return messages.flatMap(({ id: messageID, type, content }) => {
    if (type !== "assistant" || !Array.isArray(content)) return []
    return content.flatMap(({ type: kind, name, id: partID, state }) => {
      // What the tool reported while it ran stays with a call that failed.
      const namedID = state?.metadata?.sessionID
      return kind === "tool" && name === SUBAGENT && typeof namedID === "string" ? [{ messageID, partID, namedID }] : []
    })
  })
}
