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
export const undecided = (why) => `opencode-delegate did not apply its rules to this call: ${why}`

/** The line about a name that such a call gave and OpenCode could not use. @param {string} task_id */
export const ignoredName = (task_id) => `opencode-delegate could not look up "${task_id}", so a new session was started.`

/** The error of a subagent's call that the engine could not decide. @param {string} why */
export const undecidedSubagent = (why) => `A subagent's call that cannot be decided is denied: ${why}`

/** The error of a call in progress when OpenCode reloads its plugins: another instance continues. */
export const UNLOADED = "OpenCode reloaded this plugin during the call. Call again."
