// What models and users read of a delegation, beyond the engine's own sentences.

import { normalizeSlug } from "../../api.js"

/**
 * @typedef {import("../../api.js").Decision} Decision
 * @typedef {import("../../api.js").Candidate} Candidate
 */

/** What is added to the task tool's description: the same bytes at every call. */
export const TOOL_GUIDE = `Every subagent session has a name, its task_id. Each result ends with it and says whether the session was resumed or started new.
- To go on with work that a subagent has done, give its task_id again with the same subagent_type: it still knows what it read and did. Prefer this to starting over.
- To name a new session, give a short task_id of your own, such as "explore-auth". A name that is in use resumes that session.
- task_id "last" resumes your most recent session of that subagent_type.
- Leave task_id out for new, unrelated work.`

/** The text of the task tool's task_id parameter. */
export const TASK_ID_GUIDE =
  'The name of the subagent session to resume (such as "explore-auth"), its ses_ id, or "last" for your most recent session of this subagent_type; or a short new name to start a session under. Leave out for new, unrelated work.'

/**
 * What a denied caller is told: the engine's message, and what it can do instead.
 * @param {Extract<Decision, { action: "deny" }>} decision
 */
export function denial({ message, candidates }) {
  return candidates.length ? `${message}\n${listing("Sessions that can be resumed:", candidates)}` : message
}

/** What is added to that of this package's own task tool. */
export const BACKGROUND_GUIDE = `- With background: true the call returns at once, and the result comes in a later message of its own. Do not wait or poll for it: go on with other work, or end your turn.
- delegate_output reads the last answer of a session at any time, delegate_cancel ends what it does, delegate_list shows all sessions.`

/** The words of the task tool's parameters where OpenCode's own are not to be had. */
export const PARAMETERS = {
  description: "The task in three to five words",
  prompt: "The task, with everything that the agent must know",
  subagent_type: "The agent that is to do it",
  task_id: TASK_ID_GUIDE,
  command: "The command that this call comes from, if any",
  background: "Whether to go on without waiting for the result",
}

/** What was done, in a word. */
const DONE = { resume: "resumed", compact: "summarised and resumed", join: "resumed", spawn: "spawned" }

/**
 * The lines under a result: the session's name, what was done and why.
 * @param {Exclude<Decision, { action: "deny" }>} decision
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
 * The line that names a session which was stopped and can be corrected and continued.
 * @param {string} task_id
 */
export function kept(task_id) {
  return `task_id: ${task_id} (its session is kept: give this task_id to go on with it)`
}

/**
 * A result as OpenCode's own task tool writes it.
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
 * @param {number} behind how many prompts are before it
 */
export function started(sessionID, taskID, behind) {
  const summary = behind ? `Background task ${taskID} waits behind ${count(behind, "prompt")}` : `Background task ${taskID} started`
  const text = "The result will come in a message of its own. Do not wait or ask for it: go on with other work, or end your turn."
  return output({ sessionID, state: "running", summary, text })
}

/**
 * What a caller reads of a background task that has ended.
 * @param {{
 *   sessionID: string, task_id: string, taskID: string, state: string, message?: string, notices: string[], lost: boolean,
 *   gone: boolean, answer?: import("../../opencode1/sdk/answers.js").Answer
 * }} task
 */
export function ended({ sessionID, task_id, taskID, state, message, notices, lost, gone, answer }) {
  const told = (/** @type {string} */ what, /** @type {string} */ text, ok = false) =>
    [
      output({ sessionID, state: ok ? "completed" : "error", summary: `Background task ${taskID} ${what}`, text }),
      ...(gone ? [] : [ok ? `task_id: ${task_id}` : kept(task_id)]),
      ...notices,
    ].join("\n")
  if (gone && lost) return told("was lost", "Its session was deleted before it was answered. Call again to start a new one.")
  if (lost) return told("was lost", "The process that ran it has ended before it was answered.")
  if (state === "cancelled") return told("was cancelled", "Somebody ended it before it was answered.")
  if (state !== "idle") return told("failed", message ?? "It failed.")
  if (!answer) return told("has ended", "Its answer is no longer to be found in its session.")
  return "error" in answer ? told("failed", answer.error) : told("is completed", answer.text, true)
}

/** @param {string} sessionID @param {string} why */
export const failure = (sessionID, why) => `Subagent failed (task_id: ${sessionID}): ${why}`

/** @param {number} number @param {string} noun */
export const count = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`

/**
 * The title of a delegation in the terminal.
 * @param {string} description
 * @param {Exclude<Decision, { action: "deny" }>["action"]} action
 * @param {string} task_id
 */
export function title(description, action, task_id) {
  const name = normalizeSlug(description) === task_id ? "" : `${task_id} `
  return `${description} · ${name}${DONE[action]}`
}

/**
 * What a summary of a conversation must keep.
 * @param {{ slug?: string, agent?: string, description: string }[]} sessions
 */
export function summaryGuide(sessions) {
  return listing(
    "Subagent sessions of this conversation, to be resumed through the task tool. Keep this list in the summary, word for word:",
    sessions,
  )
}

/**
 * The line under the result of a call that could not be judged.
 * @param {string} why
 */
export const unjudged = (why) => `opencode-delegate let this call through unjudged: ${why}`

/** The line that tells of a name which such a call gave in vain. @param {string} task_id */
export const passedOver = (task_id) => `A new session was started: whether "${task_id}" is one of this conversation could not be told.`

/** The error of a subagent's call that could not be judged. @param {string} why */
export const unjudgedSubagent = (why) => `This call could not be judged, and a subagent's is denied then: ${why}`

/** The error of a call that is in progress when OpenCode loads its plugins anew: another instance goes on. */
export const UNLOADED = "OpenCode has unloaded this plugin during the call, and loads it anew. Call again."

/** @param {string} head @param {{ slug?: string, agent?: string, description: string, sessionID?: string }[]} sessions */
function listing(head, sessions) {
  const lines = sessions.map(
    ({ slug, sessionID, agent, description }) => `- ${slug ?? sessionID} (${agent ?? "any agent"}): ${description}`,
  )
  return [head, ...lines].join("\n")
}
