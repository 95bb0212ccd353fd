// Refusals and failures, with the remedy. The engine writes each.

import { wording } from "../../api.js"

/**
 * The text of a denial: the engine's message and the sessions that can be resumed instead.
 * @param {Extract<import("../../api.js").Decision, { action: "deny" }>} decision
 * @param {boolean} [lists] whether the reader has `delegate_list`
 */
export const denial = (decision, lists) => wording({ ...decision, kind: "denial", lists })

/** The line that names a stopped session, which the caller can correct and continue. @param {string} task_id */
export const resumeHint = (task_id) => wording({ kind: "kept", task_id })

/** @param {string} sessionID @param {string} message */
export const failure = (sessionID, message) => wording({ kind: "failure", sessionID, message })

/** The message of a failure without an answer and without an error. */
export const noAnswer = () => wording({ kind: "no_answer" })

/** The line under the result of a call that the engine could not decide. @param {string} message */
export const undecided = (message) => wording({ kind: "undecided", message })

/** The line about a name that such a call gave and OpenCode could not use. @param {string} task_id */
export const ignoredName = (task_id) => wording({ kind: "not_looked_up", task_id })

/** The error of a subagent's call that the engine could not decide. @param {string} message */
export const undecidedSubagent = (message) => wording({ kind: "undecided_subagent", message })

/** The line about a session that was resumed without the summary that was decided. @param {string} message */
export const notSummarised = (message) => wording({ kind: "not_summarised", message })

/** The line under the result of a background call that waits, since OpenCode ends with the turn of its root. */
export const waited = () => wording({ kind: "waited" })

/** The error of a call in progress when OpenCode reloads its plugins: another instance continues. */
export const reloaded = () => wording({ kind: "reloaded" })

/** The error of a call whose session is deleted before its prompt. */
export const sessionGone = () => wording({ kind: "session_gone" })

/** The error of a call that ended before its child existed. */
export const callEnded = () => wording({ kind: "call_ended" })

/** The warning that another plugin's tool ran a call of the task tool. */
export const otherTool = () => wording({ kind: "other_tool" })

/** The warning about a plugin with delegation tools of its own in the same list. @param {string} plugin @param {string} entry what to list in the place of both */
export const besidePlugin = (plugin, entry) => wording({ kind: "beside_plugin", plugin, entry })

/** The failure of a prompt that waited for its session when the engine was lost. */
export const engineLost = () => wording({ kind: "engine_lost" })

/** The error of a call whose caller ended its turn. */
export const callerEnded = () => wording({ kind: "caller_ended" })

/** The prompt of a session that continues from its history after a failure. */
export const goOn = () => wording({ kind: "go_on" })

/** The error of a call whose two parameters name two sessions. @param {string} task_id @param {string} sessionID */
export const twoSessions = (task_id, sessionID) => wording({ kind: "two_sessions", task_id, sessionID })
