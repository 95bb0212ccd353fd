// The texts of the tools for models: their descriptions, their parameters, and the list in a summary.

import { wording } from "../../api.js"

/** The description of this package's task tool until OpenCode has shown its own. */
export const TASK_DESCRIPTION = "Hands a task to a subagent, which does it in a session of its own."

/**
 * The addition to the description of a delegation tool: the same bytes at every call.
 * @param {string} agent the tool's parameter that names the agent
 */
export const toolGuide = (agent) => `Every subagent session has a name, its task_id. Each result ends with it and says whether the session was resumed or started new.
- To go on with work that a subagent has done, give its task_id again with the same ${agent}: it still knows what it read and did. Prefer this to starting over.
- To name a new session, give a short task_id of your own, such as "explore-auth". A name that is in use resumes that session.
- task_id "last" resumes your most recent session of that ${agent}.`

/**
 * The description of a delegation tool's `task_id` parameter.
 * @param {string} agent the tool's parameter that names the agent
 */
export const taskIDGuide = (agent) =>
  `The name of the session to resume, its ses_ id, or "last" for your most recent of this ${agent}; or a short new name. Leave out for new, unrelated work.`

/** Both for OpenCode 1's task tool. */
export const [TOOL_GUIDE, TASK_ID_GUIDE] = [toolGuide("subagent_type"), taskIDGuide("subagent_type")]

/** The most characters that the models of agents may take in the description of a parameter. */
const MODELS = 600

/**
 * The description of the task tool's `model` parameter.
 * @param {[agent: string, models: string[]][]} models the models that calls may ask for, by agent
 */
export function modelGuide(models) {
  const lists = models.map(([agent, names]) => `${agent}: ${names.join(", ")}`).join("; ")
  const listed = lists.length > MODELS ? "A denial names them" : lists
  return `The model for this session, if not the agent's own: one of its agent's models. ${listed}.`
}

/** The kinds of limits, as a call may ask for them. */
const LIMITS = { timeout_ms: "integer", max_tokens: "integer", max_cost: "number", max_steps: "integer" }

/** The task tool's `limits` parameter, as a JSON Schema. */
export const LIMITS_PARAMETER = {
  type: "object",
  description: "Limits for this call, tighter than the agent's. At one the subagent ends with its answer so far. max_cost is in dollars; max_tokens counts the input again at each step.",
  properties: Object.fromEntries(Object.entries(LIMITS).map(([kind, type]) => [kind, { type }])),
  additionalProperties: false,
}

/** The addition to the description of this package's own task tool. */
export const BACKGROUND_GUIDE =
  "- With background: true the call returns at once, and the result comes in a later message of its own. Do not wait or poll for it: go on with other work, or end your turn."

/** The descriptions of the task tool's parameters if OpenCode's own are not available. */
export const PARAMETERS = {
  description: "The task in three to five words",
  prompt: "The task, with all that the agent must know",
  subagent_type: "The agent for the task",
  task_id: TASK_ID_GUIDE,
  model: modelGuide([]),
  command: "The command that this call comes from, if any",
  background: "Whether to go on without waiting for the result",
}

/** The descriptions of the small tools beside the task tool, and of their parameters. */
export const TOOL_DESCRIPTIONS = {
  delegate_output: "Reads the last answer and the state of a subagent session.",
  delegate_steer: "Gives a running subagent session a message for its next step.",
  delegate_cancel: "Stops a subagent session with all below it. It can be resumed.",
  delegate_list: "Lists the subagent sessions of this conversation, those used last on page 1, with state, tokens and budget.",
  task_id: "Its name, ses_ or bg_ id",
  message: "What it is to know",
  agent: "Of this agent only",
  state: "In this only: running, idle, ...",
  page: "50 on each",
  format: "table if left out",
}

/**
 * The list of sessions that a summary of a conversation must contain.
 * @param {import("../../api.js").ListedSession[]} sessions
 * @param {boolean} [lists] whether the reader has `delegate_list`
 */
export const summaryGuide = (sessions, lists = false) => wording({ kind: "summary_guide", sessions, lists })
