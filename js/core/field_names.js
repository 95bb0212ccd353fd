// The names that people write: the plugin's options and its fields of an agent, and which of them a wrong name means.

/** The options of the plugin, in the order of the published schema. */
export const OPTIONS = /** @type {const} */ ([
  "max_depth", "slug_scope", "reach", "on_agent_mismatch", "on_context_full", "context_limit", "resume_ttl_ms", "same_agent", "auto_resume",
  "child_permissions", "precedence", "nested_calls", "unlisted_models", "max_cost", "limits", "permission_timeout_ms", "max_parallel", "stall_ms",
  "executor",
])

/** The fields of an agent that belong to this plugin. */
export const AGENT_FIELDS = /** @type {const} */ (["task_budget", "callable_by_subagents", "fallback_models", "models", "limits"])

/** The fields of `limits`, which is an option and a field of an agent. */
export const LIMITS = /** @type {const} */ (["timeout_ms", "max_tokens", "max_cost", "max_steps"])

/** The options and fields without an effect in OpenCode 1 if its own tool runs the children: this package then sends no prompt. */
export const IDLE_UNDER_HOST = ["max_parallel", "stall_ms", "fallback_models"]

/** The most fields, and agents of each, that a warning names, and the longest name in characters. */
const [NAMED, NAME] = [5, 80]

/** OpenCode's own field of an agent whose name is nearly one of this plugin's. */
const OF_THE_HOST = "model"

/** The name that was probably meant. @param {string} name @param {readonly string[]} known */
export function nearest(name, known) {
  const bare = letters(name)
  const [best] = known.map((other) => ({ other, edits: distance(bare, letters(other)) })).sort((one, other) => one.edits - other.edits)
  return best && best.edits <= Math.min(3, bare.length / 4) ? best.other : undefined
}

/** Whether a list has this name. @param {readonly string[]} names @param {string} name */
const has = (names, name) => names.some((other) => other === name)

/** What to do with the fields of agents among the options. */
const AGENTS_HINT = 'Fields of agents stand in opencode.json under "agent".'

/**
 * Where a name belongs that stands among the plugin's options and is none of them, if it belongs elsewhere.
 * @param {string} name
 * @returns {string | undefined} a sentence
 */
export function placeOfOption(name) {
  if (name === "agent" || name === "agents") return AGENTS_HINT
  const field = has(AGENT_FIELDS, name) ? name : nearest(name, OPTIONS) ? undefined : nearest(name, AGENT_FIELDS)
  if (field) return `It is a field of an agent: write it in opencode.json, "agent": { "NAME": { "${field}": … } }.`
  return has(LIMITS, name) ? `It is a field of limits: write "limits": { "${name}": … }.` : undefined
}

/**
 * This plugin's field of an agent that another field probably means. Fields of other names are OpenCode's, another plugin's or a
 * provider's.
 * @param {string} name
 */
export function fieldMeant(name) {
  const isRight = name === OF_THE_HOST || has(AGENT_FIELDS, name)
  return isRight ? undefined : nearest(name, AGENT_FIELDS)
}

/**
 * The warning about fields of agents that probably mean others, if there are some. Each may be another plugin's, so none is a fault.
 * @param {[agent: string, fields: Record<string, unknown>][]} agents
 * @returns {string | undefined}
 */
export function fieldsNotice(agents) {
  const found = agents.flatMap(([agent, fields]) => Object.keys(fields).map((field) => ({ agent, field })))
  const named = [...new Set(found.map(({ field }) => field))].flatMap((field) => {
    const meant = fieldMeant(field)
    if (!meant) return []
    const those = found.filter((other) => other.field === field).map(({ agent }) => JSON.stringify(agent.slice(0, NAME)))
    const more = those.length > NAMED ? ` and ${those.length - NAMED} more` : ""
    return [`opencode-delegate knows no field ${JSON.stringify(field.slice(0, NAME))} (on ${those.slice(0, NAMED).join(", ")}${more}). Did you mean "${meant}"?`]
  })
  const rest = named.length > NAMED ? [`There are ${named.length - NAMED} more of them.`] : []
  return [...named.slice(0, NAMED), ...rest].join(" ") || undefined
}

/** A name without its marks: `maxDepth` and `max-depth` are `max_depth`. @param {string} name */
const letters = (name) => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "").slice(0, 40)

/** The least number of edits between two names. @param {string} one @param {string} other */
function distance(one, other) {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (const [place, letter] of [...one].entries()) {
    const next = [place + 1]
    for (let index = 1; index <= other.length; index++) {
      next.push(Math.min(row[index] + 1, next[index - 1] + 1, row[index - 1] + (letter === other[index - 1] ? 0 : 1)))
    }
    row = next
  }
  return row[other.length]
}
