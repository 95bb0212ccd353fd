// One example for each row of the decision table: a world in which the row fires.

/**
 * The values as the fields hold them.
 * @typedef {{ name: string, mode: string, budget: string, callable: boolean, task: string, models: string }} AgentFields `task`: its
 *   permission.task, such as "deny", or "*: deny, explorer: allow"; `models`: a list with commas
 * @typedef {{
 *   id: string, parent: string, slug: string, agent: string, description: string, age: string, tokens: string, used: string,
 *   state: string
 * }} SessionFields `age` in minutes; `used`: the committed calls of its budget
 * @typedef {{ caller: string, agent: string, task_id: string, model: string, description: string, prompt: string, background: boolean }} RequestFields
 * @typedef {{ agents: AgentFields[], sessions: SessionFields[], options: Record<string, string>, window: string, request: RequestFields }} World
 * @typedef {{
 *   rule: string, name: string, request: Partial<RequestFields>, sessions?: Record<string, Partial<SessionFields> | null>,
 *   agents?: Record<string, Partial<AgentFields>>, options?: Record<string, string>
 * }} Example its changes of the world; `null` removes a session
 */

/** @param {Partial<AgentFields> & { name: string }} agent @returns {AgentFields} */
export const anAgent = (agent) => ({ mode: "subagent", budget: "", callable: false, task: "", models: "", ...agent })

/** @param {Partial<SessionFields> & { id: string }} session @returns {SessionFields} */
export const aSession = (session) => ({ parent: "", slug: "", agent: "explorer", description: "", age: "0", tokens: "", used: "", state: "idle", ...session })

/** @type {World} */
const BASE = {
  agents: [
    anAgent({ name: "build", mode: "primary" }),
    anAgent({ name: "explorer", callable: true }),
    anAgent({ name: "fixer" }),
    anAgent({ name: "lead", budget: "3", callable: true }),
    anAgent({ name: "vault" }),
  ],
  sessions: [
    aSession({ id: "ses_root7f2b", agent: "build", state: "busy" }),
    aSession({ id: "ses_e03ba5d9", parent: "ses_root7f2b", slug: "explore-auth", description: "Explore auth", age: "12", tokens: "41200" }),
    aSession({ id: "ses_d81c44f0", parent: "ses_root7f2b", slug: "read-docs", description: "Read the docs", age: "55", tokens: "18400" }),
    aSession({ id: "ses_b7709ae2", parent: "ses_root7f2b", slug: "plan-release", agent: "lead", description: "Plan the release", age: "3", tokens: "27900", used: "1" }),
  ],
  options: {},
  window: "200000",
  request: { caller: "ses_root7f2b", agent: "explorer", task_id: "", model: "", description: "Trace token refresh", prompt: "Where are access tokens refreshed, and what happens when that fails?", background: false },
}

/** @type {Example[]} */
export const EXAMPLES = [
  { rule: "G1", name: "A task_id that cannot be a name", request: { task_id: "?!" } },
  { rule: "G2", name: "An agent that does not exist", request: { agent: "explorr" } },
  { rule: "G3", name: "A target that the caller may not task", request: { agent: "vault" }, agents: { build: { task: "*: allow, vault: deny" } } },
  {
    rule: "G4", name: "A session of another conversation", request: { task_id: "ses_0c9f31aa" },
    sessions: { ses_root11d0: { agent: "build" }, ses_0c9f31aa: { parent: "ses_root11d0", slug: "explore-db", description: "Explore the database", age: "4" } },
  },
  {
    rule: "G5", name: "A child that would be too deep", request: { caller: "ses_4410fe02" },
    sessions: {
      ses_66a0b1c3: { parent: "ses_b7709ae2", slug: "cut-branch", agent: "lead", description: "Cut the branch", age: "2" },
      ses_4410fe02: { parent: "ses_66a0b1c3", slug: "write-notes", agent: "lead", description: "Write the notes", age: "1" },
    },
  },
  { rule: "G6", name: "A subagent without a budget delegates", request: { caller: "ses_e03ba5d9" } },
  { rule: "G7", name: "A target that subagents may not call", request: { caller: "ses_b7709ae2", agent: "fixer" } },
  { rule: "G8", name: "A budget that is spent", request: { caller: "ses_b7709ae2" }, sessions: { ses_b7709ae2: { used: "3" } } },
  { rule: "G9", name: "A model that the target does not list", request: { agent: "fixer", model: "acme/large" }, agents: { fixer: { models: "acme/small" } } },
  { rule: "G10", name: "A conversation at its max_cost", request: {}, options: { max_cost: "0" } },
  { rule: "R1", name: "The named session is busy", request: { task_id: "explore-auth" }, sessions: { ses_e03ba5d9: { state: "busy" } } },
  { rule: "R2", name: "The named session is another agent's", request: { task_id: "explore-auth", agent: "fixer" } },
  { rule: "R3", name: "The named session's context is nearly full", request: { task_id: "explore-auth" }, sessions: { ses_e03ba5d9: { tokens: "172000" } } },
  { rule: "R4", name: "A session is named and resumed", request: { task_id: "Explore Auth" } },
  { rule: "R5", name: "A new name, near a known one", request: { task_id: "explore-oauth" } },
  { rule: "R6", name: "An id with a wrong letter", request: { task_id: "ses_e03ba5d8" } },
  { rule: "R7", name: "An unknown id, and there are sessions", request: { task_id: "ses_1111222233" } },
  { rule: "R8", name: "An unknown id, and there are none", request: { task_id: "ses_1111222233" }, sessions: { ses_e03ba5d9: null, ses_d81c44f0: null, ses_b7709ae2: null } },
  { rule: "R9", name: "The last session of that agent", request: { task_id: "last" } },
  { rule: "R10", name: "Unnamed, with auto_resume", request: { description: "Go on with auth", prompt: "Explore auth: where are its tokens refreshed?" }, options: { auto_resume: "0" } },
  { rule: "R11", name: "Unnamed, with same_agent: resume", request: {}, options: { same_agent: "resume" } },
  { rule: "R12", name: "Unnamed: new work", request: {} },
]

/** The world of an example. @param {string | undefined} rule @returns {World | undefined} */
export function worldOf(rule) {
  const example = EXAMPLES.find((each) => each.rule === rule)
  if (!example) return undefined
  const { agents, sessions, request, window } = structuredClone(BASE)
  for (const [id, change] of Object.entries(example.sessions ?? {})) {
    const index = sessions.findIndex((session) => session.id === id)
    if (index < 0) sessions.push(aSession({ id, ...change }))
    else if (change) Object.assign(sessions[index], change)
    else sessions.splice(index, 1)
  }
  for (const agent of agents) Object.assign(agent, example.agents?.[agent.name])
  return { agents, sessions, window, options: { ...example.options }, request: { ...request, ...example.request } }
}
