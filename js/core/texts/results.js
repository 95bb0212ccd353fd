// Results of delegations, as models and people read them. The engine writes each.

import { wording } from "../../api.js"

/**
 * @typedef {import("../../api.js").Decision} Decision
 * @typedef {Exclude<Decision, { action: "deny" }>} Granted
 * @typedef {{ text: string } | { error: string }} Answer
 */

/**
 * The lines under a result: the session's name, the action and its reason.
 * @param {Granted} decision
 * @param {string} task_id
 * @param {string | undefined} trouble sentences, one a line
 */
export const verdict = (decision, task_id, trouble) => wording({ ...decision, kind: "verdict", task_id, troubles: trouble?.split("\n") })

/**
 * A result in the form of OpenCode's own task tool.
 * @param {{ sessionID: string, state: "completed" | "running" | "error", text: string }} result
 */
export const output = (result) => wording({ ...result, kind: "output" })

/**
 * A result in the form of OpenCode 2's tool `subagent`.
 * @param {{ sessionID: string, text: string }} result
 */
export const subagentOutput = (result) => wording({ ...result, kind: "subagent_output" })

/**
 * The result of a call that does not wait.
 * @param {string} sessionID
 * @param {string} taskID
 * @param {number} prompts the number of prompts before it
 */
export const started = (sessionID, taskID, prompts) => wording({ kind: "started", sessionID, taskID, prompts })

/**
 * The message to a caller about the end of a background task.
 * @param {{
 *   sessionID: string, task_id: string, taskID: string, state: string, message?: string, notices: string[], used?: string, lost: boolean,
 *   gone: boolean, answer?: Answer
 * }} task `lost`: its process is gone; `gone`: its session is deleted
 */
export const ended = (task) => wording({ ...task, ...task.answer, kind: "ended" })

/**
 * The notice to a session above a caller that got the result of a background task after its own answer.
 * @param {{ task_id: string, description: string, caller: string, state: string, lost: boolean, others?: number }} task
 *   `caller`: the caller's name; `others`: how many other tasks the notice counts
 */
export const endedBelow = (task) => wording({ ...task, kind: "ended_below" })

/**
 * The error of a call that waited for a prompt without an answer.
 * @param {{ sessionID: string, task_id: string, state: string, message?: string, notices: string[], answer?: Answer }} prompt
 */
export const failed = (prompt) => wording({ ...prompt, ...prompt.answer, kind: "failed" })

/**
 * The title of a delegation.
 * @param {string} description
 * @param {Granted["action"]} action
 * @param {string} task_id
 */
export const title = (description, action, task_id) => wording({ kind: "title", description: description.normalize(), action, task_id })

/**
 * The line at the end of a run, empty without sessions.
 * @param {{ task_id: string, spawned: boolean, calls: number }[]} sessions those of its calls
 */
export const runLine = (sessions) => wording({ kind: "run", sessions })

/** The title of a child, as OpenCode's own task tool gives it. @param {string} description @param {string} agent */
export const childTitle = (description, agent) => wording({ kind: "child_title", description, agent })
