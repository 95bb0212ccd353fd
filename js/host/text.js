// What models and users read of a delegation, beyond the engine's own sentences.

import { normalizeSlug } from "../api.js"

/**
 * @typedef {import("../api.js").Decision} Decision
 * @typedef {import("../api.js").Candidate} Candidate
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
 * The line under the error of a session that can be corrected and continued.
 * @param {string} task_id
 */
export function kept(task_id) {
  return `task_id: ${task_id} (its session is kept: give this task_id to go on with it)`
}

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

/** @param {string} head @param {{ slug?: string, agent?: string, description: string, sessionID?: string }[]} sessions */
function listing(head, sessions) {
  const lines = sessions.map(
    ({ slug, sessionID, agent, description }) => `- ${slug ?? sessionID} (${agent ?? "any agent"}): ${description}`,
  )
  return [head, ...lines].join("\n")
}
