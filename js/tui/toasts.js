// Toasts about events that a person may miss: those below the conversation, and those in the background.

import { cut, plainLine as plain } from "./looks.js"

/**
 * @typedef {import("./conversations.js").Happening} Happening
 */

/** The time that a message stands, in milliseconds. */
const LONG_MS = 10_000
/** The characters of a text that others wrote. */
const MOST = 200

/** A text of others on one line. @param {unknown} text */
const plainLine = (text) => plain(text, MOST)

/** The ends of a background task, in words. @type {Map<string, { word: string, variant: "success" | "error" | "warning" }>} */
const TASKS = new Map(Object.entries({
  completed: { word: "has its result", variant: "success" },
  error: { word: "failed", variant: "error" },
  cancelled: { word: "was cancelled", variant: "warning" },
  lost: { word: "was lost: its process is gone", variant: "error" },
}))

/**
 * The message about what happened.
 * @param {Happening} happening
 * @param {(sessionID: string) => string} nameOf
 * @returns {import("@opencode-ai/plugin/tui").TuiToast | undefined}
 */
export function toastOf(happening, nameOf) {
  const name = nameOf(happening.sessionID)
  if (happening.kind === "permission") {
    const { permission, patterns } = happening.question
    return { variant: "warning", title: `${name} asks for permission`, message: plainLine(`${permission} ${patterns?.[0] ?? ""}`) + " · /delegations", duration: LONG_MS }
  }
  if (happening.kind === "task") {
    const end = TASKS.get(happening.state)
    // Another program may have written the record.
    if (!end) return undefined
    const { word, variant } = end
    return { variant, title: "Background task", message: `${name} ${word}.`, duration: LONG_MS }
  }
  const { state } = happening.part
  // A person who interrupts a call knows why it ended.
  if (state.metadata?.interrupted) return undefined
  const agent = plainLine(state.input?.subagent_type)
  return { variant: "warning", title: agent ? `No delegation to ${cut(agent, 40)}` : "No delegation", message: plainLine(state.error), duration: LONG_MS }
}
