// Why the last call to a session was decided as it was.

import { rules } from "../engine.js"
import { plainLine } from "./looks.js"

/** The characters of an error. */
const MOST = 300

/**
 * @param {import("./opencode1/index.js").HostMessage[]} messages those of the parent
 * @param {string} sessionID
 * @returns {string} for a person
 */
export function whyOf(messages, sessionID) {
  const calls = messages.flatMap(({ parts }) => parts.filter((part) => part.type === "tool" && part.tool === "task" && part.state?.metadata?.sessionId === sessionID))
  const { state } = calls.at(-1) ?? {}
  if (!state) return "No call of the last messages names this session."
  const { rule, action } = state.metadata.delegate ?? {}
  const row = rules().find((one) => one.rule === rule)
  const lines = [
    row ? `${row.rule}${typeof action === "string" ? `, ${plainLine(action, 20)}` : ""}: ${row.reason}` : "",
    state.status === "error" ? plainLine(state.error, MOST) : "",
  ].filter(Boolean)
  if (lines.length) return lines.join("\n")
  return state.status === "running" ? "The call runs. Its reason is shown when it ends." : "The call says no reason: another plugin or an earlier version made it."
}
