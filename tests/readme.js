// The parts of README that are rendered from the code. `node tests/readme.js --write` writes them.

import { readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { Engine, rules, transitions } from "../js/engine.js"

const file = new URL("../README.md", import.meta.url)

/** What a person can do about each denial. */
const MENDS = /** @type {Record<string, string>} */ ({
  invalid_task_id: "Tell the model to use a name of letters and digits.",
  unknown_agent: "Add the agent to `opencode.json`, or correct the name in the prompt that uses it.",
  permission_denied: "Allow the target in `permission.task` of the calling agent.",
  not_owner: "Name a session of this conversation. A session cannot resume itself, its caller, or one that waits for it.",
  depth_exceeded: "Raise the option `max_depth`, and `subagent_depth` if you have set it.",
  no_task_budget: "Give the calling agent a `task_budget`.",
  target_not_callable: "Set `callable_by_subagents` on the target.",
  budget_exhausted: "Raise `task_budget`, or let the caller of the subagent resume it: it has its budget again.",
  agent_mismatch: "Use the session's agent, another name, or the option `on_agent_mismatch`.",
  unknown_session: "Use one of the names that are listed.",
})

/** The parts by their names. */
const parts = { table: table(), transitions: prompts(), denials: denials() }

/** README as it should be. */
export const readme = Object.entries(parts).reduce(
  (text, [name, part]) => text.replace(new RegExp(`(<!-- ${name} -->\n)[^]*?(<!-- /${name} -->)`), (_, head, tail) => head + part + tail),
  readFileSync(file, "utf8"),
)

if (process.argv[1] === fileURLToPath(import.meta.url) && process.argv.includes("--write")) writeFileSync(file, readme)

function table() {
  const rows = rules().map(({ rule, when, outcome }) => `| ${rule} | ${when} | ${outcome} |\n`)
  return `| rule | when | outcome |\n|---|---|---|\n${rows.join("")}`
}

function prompts() {
  const rows = transitions().map(({ row, when, to, then }) => `| ${row} | ${when} | ${to ?? "as it was"} | ${then} |\n`)
  return `| row | when | then it is | what is done |\n|---|---|---|---|\n${rows.join("")}`
}

/** Each denial, made by the engine. */
function denials() {
  const engine = new Engine({
    agents: {
      build: { mode: "primary", permission: { task: { vault: "deny" } } },
      explorer: { callable_by_subagents: true },
      fixer: {},
      vault: {},
      lead: { task_budget: 3 },
    },
    max_depth: 3,
  })
  const now = 0
  /** @param {string} id @param {string} parentID @param {string} agent @param {object} [more] */
  const child = (id, parentID, agent, more) =>
    engine.apply({ type: "session.created", now, session: { id, parentID, agent, description: id.slice(4), ...more } })
  child("ses_auth", "ses_root", "explorer")
  child("ses_docs", "ses_root", "explorer")
  child("ses_lead", "ses_root", "lead")
  child("ses_spent", "ses_root", "lead", { record: { v: 1, agent: "lead", budget: 3, used: 3 } })
  child("ses_other", "ses_elsewhere", "explorer")
  child("ses_two", "ses_lead", "lead")
  child("ses_three", "ses_two", "lead")
  const asked = [
    { task_id: "?!" },
    { agent: "explorr" },
    { callerAgent: "build", agent: "vault" },
    { task_id: "ses_other" },
    { sessionID: "ses_three" },
    { sessionID: "ses_auth" },
    { sessionID: "ses_lead", agent: "fixer" },
    { sessionID: "ses_spent" },
    { agent: "fixer", task_id: "docs" },
    { task_id: "ses_none00000000" },
  ]
  const rows = asked.map((fields, index) => {
    const request = { now, callID: `c${index}`, sessionID: "ses_root", agent: "explorer", description: "Work", prompt: "Work.", ...fields }
    const { decision } = engine.decide(request)
    if (decision.action !== "deny") throw new Error(`not denied: ${JSON.stringify(fields)}`)
    const mend = MENDS[decision.code]
    if (!mend) throw new Error(`nothing is said of ${decision.code}`)
    return `| \`${decision.code}\` | ${decision.message} | ${mend} |\n`
  })
  return `| code | what the model reads | what you can do |\n|---|---|---|\n${rows.join("")}`
}
