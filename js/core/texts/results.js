// Results of delegations, as models and people read them.

import { normalizeSlug } from "../../api.js"
import { count, listing } from "./listing.js"
import { resumeHint } from "./refusals.js"

/**
 * @typedef {import("../../api.js").Decision} Decision
 * @typedef {Exclude<Decision, { action: "deny" }>} Granted
 */

/** Each action, in a word. */
const DONE = { resume: "resumed", compact: "summarised and resumed", join: "resumed", spawn: "spawned" }

/**
 * The lines under a result: the session's name, the action and its reason.
 * @param {Granted} decision
 * @param {string} task_id
 * @param {string | undefined} trouble
 */
export function verdict(decision, task_id, trouble) {
  const { action, reason } = decision
  const notice = "notice" in decision ? decision.notice : undefined
  const lines = [`task_id: ${task_id} (${DONE[action]}: ${reason})`, notice, trouble]
  if (action === "spawn" && decision.candidates.length) {
    lines.push(listing("Could have been resumed instead:", decision.candidates))
  }
  return lines.filter(Boolean).join("\n")
}

/**
 * A result in the form of OpenCode's own task tool.
 * @param {{ sessionID: string, state: "completed" | "running" | "error", summary?: string, text: string }} result
 */
export function output({ sessionID, state, summary, text }) {
  const tag = state === "error" ? "task_error" : "task_result"
  const lines = [`<task id="${sessionID}" state="${state}">`, summary && `<summary>${summary}</summary>`]
  return [...lines.filter(Boolean), `<${tag}>`, text, `</${tag}>`, "</task>"].join("\n")
}

/**
 * The result of a call that does not wait.
 * @param {string} sessionID
 * @param {string} taskID
 * @param {number} behind the number of prompts before it
 */
export function started(sessionID, taskID, behind) {
  const summary = behind ? `Background task ${taskID} waits behind ${count(behind, "prompt")}` : `Background task ${taskID} started`
  const text = "The result will come in a message of its own. Do not wait or ask for it: go on with other work, or end your turn."
  return output({ sessionID, state: "running", summary, text })
}

/**
 * The message to a caller about the end of a background task.
 * @param {{
 *   sessionID: string, task_id: string, taskID: string, state: string, message?: string, notices: string[], lost: boolean,
 *   gone: boolean, answer?: { text: string } | { error: string }
 * }} task `lost`: its process is gone; `gone`: its session is deleted
 */
export function ended({ sessionID, task_id, taskID, state, message, notices, lost, gone, answer }) {
  const result = (/** @type {string} */ what, /** @type {string} */ text, ok = false) =>
    [
      output({ sessionID, state: ok ? "completed" : "error", summary: `Background task ${taskID} ${what}`, text }),
      ...(gone ? [] : [ok ? `task_id: ${task_id}` : resumeHint(task_id)]),
      ...notices,
    ].join("\n")
  if (gone && lost) return result("was lost", "Its session was deleted before it gave an answer. Call again to start a new one.")
  if (lost) return result("was lost", "Its process ended before it gave an answer.")
  if (state === "cancelled") return result("was cancelled", "It was cancelled before it gave an answer.")
  if (state !== "idle") return result("failed", message ?? "It failed.")
  if (!answer) return result("has ended", "Its session no longer holds the answer.")
  return "error" in answer ? result("failed", answer.error) : result("is completed", answer.text, true)
}

/**
 * The title of a delegation.
 * @param {string} description
 * @param {Granted["action"]} action
 * @param {string} task_id
 */
export function title(description, action, task_id) {
  const name = normalizeSlug(description) === task_id ? "" : `${task_id} `
  return `${description} · ${name}${DONE[action]}`
}
