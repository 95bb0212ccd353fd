// The results of the small tools beside the task tool. The engine writes each.

import { wording } from "../../api.js"

/** @typedef {import("../../api.js").Session} Session */

/** The error of a `task_id` without a session. @param {string} task_id @param {Session[]} sessions those in reach @param {boolean} lists whether the reader has `delegate_list` */
export const noSession = (task_id, sessions, lists) => wording({ kind: "no_session", task_id, sessions, lists })

/**
 * The result of delegate_output.
 * @param {Session} session
 * @param {string} task_id
 * @param {{ answer?: { text: string } | { error: string }, message?: string, words?: string }} reading the answer to its last
 *   prompt, else the message of the failure, and the last text of the session
 */
export const delegateOutput = ({ id, status, prompt, task }, task_id, { answer, message, words }) =>
  wording({ kind: "delegate_output", sessionID: id, status, prompt, task, task_id, ...answer, message, words })

/** The result of delegate_cancel. @param {Session} session @param {string} task_id @param {number} prompts the number of cancelled prompts */
export const delegateCancel = ({ status }, task_id, prompts) => wording({ kind: "delegate_cancel", status, task_id, prompts })

/** The title of a result of delegate_list. @param {number} sessions their number without the root */
export const delegateListTitle = (sessions) => wording({ kind: "delegate_list_title", sessions })
