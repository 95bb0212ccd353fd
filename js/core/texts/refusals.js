// Refusals and failures, with the remedy.

import { listing } from "./listing.js"

/**
 * The text of a denial: the engine's message and the sessions that can be resumed instead.
 * @param {Extract<import("../../api.js").Decision, { action: "deny" }>} decision
 */
export function denial({ message, candidates }) {
  return candidates.length ? `${message}\n${listing("Sessions that can be resumed:", candidates)}` : message
}

/**
 * The line that names a stopped session, which the caller can correct and continue.
 * @param {string} task_id
 */
export function resumeHint(task_id) {
  return `task_id: ${task_id} (its session is kept: give this task_id to go on with it)`
}

/** @param {string} sessionID @param {string} why */
export const failure = (sessionID, why) => `Subagent failed (task_id: ${sessionID}): ${why}`

/**
 * The line under the result of a call that the engine could not decide.
 * @param {string} why
 */
export const undecided = (why) => `opencode-delegate let this call through unjudged: ${why}`

/** The line about a name that such a call gave and OpenCode could not use. @param {string} task_id */
export const ignoredName = (task_id) => `A new session was started: whether "${task_id}" is one of this conversation could not be told.`

/** The error of a subagent's call that the engine could not decide. @param {string} why */
export const undecidedSubagent = (why) => `This call could not be judged, and a subagent's is denied then: ${why}`

/** The error of a call in progress when OpenCode reloads its plugins: another instance continues. */
export const UNLOADED = "OpenCode has unloaded this plugin during the call, and loads it anew. Call again."
