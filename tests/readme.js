// The parts of README.md and docs that are rendered from the code. `node tests/readme.js` fails if a page has another
// text than the code gives; `node tests/readme.js --write` writes them. A further table is one more entry in PARTS.

import { fileURLToPath } from "node:url"
import { Engine, recoveries, rules, transitions } from "../js/engine.js"
import { verdict } from "../js/core/texts/index.js"
import { outcomes } from "./e2e/omo/table.js"
import { publish, read, withPart } from "./pages.js"

/** @typedef {{ page: string, mark: string, render: () => string }} Part the text between two marks of a page */

/** The remedy for each denial. */
const REMEDIES = /** @type {Record<string, string>} */ ({
  invalid_task_id: "Ask the model to use a name of letters and digits.",
  unknown_agent: "Add the agent to `opencode.json`, or correct the name in the prompt that uses it.",
  permission_denied: "Allow the target in `permission.task` of the calling agent.",
  not_owner: "Name a session of this conversation. A session cannot resume itself, its caller, or one that waits for it.",
  depth_exceeded: "Raise the option `max_depth`, and `subagent_depth` if you have set it. Without any `task_budget`, the depth of OpenCode holds, which is 1: give the agent one.",
  no_task_budget: "Give the calling agent a `task_budget`.",
  target_not_callable: "Set `callable_by_subagents` on the target.",
  budget_exhausted: "Raise `task_budget`, or let the caller of the subagent resume it: it has its budget again.",
  model_not_allowed: "Give a model of the list, or add it to the `models` of the agent.",
  limit_reached: "Raise the option `max_cost`, or start a new conversation.",
  agent_mismatch: "Use the session's agent, another name, or the option `on_agent_mismatch`.",
  unknown_session: "Use one of the names that are listed.",
})

/** @type {Part[]} */
export const PARTS = [
  { page: "README.md", mark: "transcript", render: transcript },
  {
    page: "docs/reference.md",
    mark: "table",
    render: () => table(["rule", "when", "outcome"], rules().map(({ rule, when, outcome }) => [rule, when, outcome])),
  },
  {
    page: "docs/reference.md",
    mark: "transitions",
    render: () => table(["row", "when", "then it is", "what is done"], transitions().map(({ row, when, to, then }) => [row, when, to ?? "as it was", then])),
  },
  {
    page: "docs/reference.md",
    mark: "recovery",
    render: () => table(["row", "when", "what is done"], recoveries().map(({ row, when, then }) => [row, when, then])),
  },
  { page: "docs/reference.md", mark: "denials", render: denials },
  { page: "docs/omo.md", mark: "omo", render: () => table(["what is asked", "oh-my-openagent alone", "with the engine"], outcomes()) },
]

/** The pages as they should be, by their paths. */
export const pages = new Map([...new Set(PARTS.map(({ page }) => page))].map((page) => [
  page,
  PARTS.filter((part) => part.page === page).reduce((text, { mark, render }) => withPart(text, mark, render()), read(page)),
]))

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes("--write")) for (const { page, mark, render } of PARTS) publish(page, mark, render())
  else {
    const stale = [...pages].filter(([page, text]) => read(page) !== text).map(([page]) => page)
    for (const page of stale) console.error(`${page} does not say what the code says. Run: node tests/readme.js --write`)
    process.exitCode = stale.length ? 1 : 0
  }
}

/** @param {string[]} head @param {string[][]} rows */
function table(head, rows) {
  const line = (/** @type {string[]} */ cells) => `| ${cells.join(" | ")} |\n`
  return `${line(head)}|${"---|".repeat(head.length)}\n${rows.map(line).join("")}`
}

/** The calls of README's transcript, under the plugin. The end-to-end tests make the same calls in the real OpenCode. */
function transcript() {
  const id = "ses_1ed70d8f7ffeZIB0BmWzpJy0eJ"
  const engine = new Engine({ agents: { explorer: {} } })
  const calls = [
    { description: "Explore auth", answer: "Tokens are refreshed in src/auth/refresh.ts." },
    { description: "Go on", task_id: "explore-auth", answer: "I read src/auth/refresh.ts." },
    { description: "Go on", task_id: id.slice(0, -1) + "K", answer: "I read src/auth/refresh.ts." },
  ]
  let now = 0
  const texts = calls.map(({ description, task_id, answer }, index) => {
    const request = { now: ++now, callID: `c${index}`, sessionID: "ses_root", agent: "explorer", description, prompt: description, task_id }
    const { decision } = engine.decide(request)
    if (decision.action === "deny") throw new Error(decision.message)
    if ("ticket" in decision) engine.apply({ type: "ticket.commit", now: ++now, ticket: decision.ticket, sessionID: id })
    engine.apply({ type: "session.status", now: ++now, sessionID: id, status: "idle" })
    const call = `> task explorer "${description}"${task_id ? ` with task_id "${task_id}"` : ""}`
    return [call, `<task id="${id}" state="completed">`, answer, verdict(decision, "explore-auth", undefined)].join("\n")
  })
  return `\`\`\`text\n${texts.join("\n")}\n\`\`\`\n`
}

/** Each denial, made by the engine. */
function denials() {
  const engine = new Engine({
    agents: {
      build: { mode: "primary", permission: { task: { vault: "deny" } } },
      explorer: { callable_by_subagents: true },
      fixer: { models: ["anthropic/claude-opus-4-5"] },
      vault: {},
      lead: { task_budget: 3 },
    },
    max_depth: 3,
    max_cost: 5,
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
  engine.apply({ type: "session.created", now, session: { id: "ses_dear", spent: { tokens: 812_400, cost: 5.02 } } })
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
    { agent: "fixer", model: "anthropic/claude-opus" },
    { sessionID: "ses_dear" },
    { agent: "fixer", task_id: "docs" },
    { task_id: "ses_none00000000" },
  ]
  return table(["code", "what the model reads", "what you can do"], asked.map((fields, index) => {
    const request = { now, callID: `c${index}`, sessionID: "ses_root", agent: "explorer", description: "Work", prompt: "Work.", ...fields }
    const { decision } = engine.decide(request)
    if (decision.action !== "deny") throw new Error(`not denied: ${JSON.stringify(fields)}`)
    const remedy = REMEDIES[decision.code]
    if (!remedy) throw new Error(`no remedy for ${decision.code}`)
    return [`\`${decision.code}\``, decision.message, remedy]
  }))
}
