// The stories: the user's words, and each agent's actions.

/**
 * A model's call, and the actions of the child that answers it.
 * @typedef {{
 *   agent: string, description: string, task_id?: string, background?: boolean, does?: (Act | Act[])[], says?: string, ms?: number,
 *   tokens?: number
 * }} Act `does`: its steps in order, each a call or several calls at once
 * @typedef {{ say: string, does: (Act | Act[])[], says?: string }} Speech the user's words, and the root's actions
 * @typedef {{ id: string, title: string, text: string, agent: Record<string, any>, options?: Record<string, any>, speeches: Speech[] }} Story
 */

const explorer = { mode: "subagent", callable_by_subagents: true, fallback_models: ["p/two"] }
const lead = { mode: "subagent", task_budget: 2, callable_by_subagents: true }
const fixer = { mode: "subagent", callable_by_subagents: true }

/** @type {Story[]} */
export const STORIES = [
  {
    id: "names", title: "Come back by name",
    text: "Two explorers look around. Later the user has a question for one of them: it is resumed, with its whole history.",
    agent: { explorer, fixer },
    speeches: [
      {
        say: "How do logins work, and where are they tested?",
        does: [[
          { agent: "explorer", description: "Explore auth", task_id: "explore-auth", ms: 9_000, tokens: 38_000, says: "Tokens are refreshed in src/auth/refresh.ts." },
          { agent: "explorer", description: "Find the tests", task_id: "find-tests", ms: 6_000, tokens: 21_000, says: "The tests are in tests/auth." },
        ]],
      },
      { say: "And what if a refresh fails?", does: [{ agent: "explorer", description: "Failing refresh", task_id: "explore-auth", ms: 4_000, tokens: 44_000, says: "The user is signed out." }] },
      { say: "Mend that.", does: [{ agent: "fixer", description: "Retry a refresh", task_id: "retry-refresh", ms: 7_000, tokens: 18_000, says: "It is tried twice more." }, { agent: "explorer", description: "Look it over", task_id: "last", ms: 3_000, tokens: 47_000 }] },
    ],
  },
  {
    id: "budget", title: "A budget drains",
    text: "A lead may make two calls each time that it is asked. The third is denied; when it is asked again, its budget is full.",
    agent: { lead, explorer },
    speeches: [
      {
        say: "Plan the release.",
        does: [{
          agent: "lead", description: "Plan the release", task_id: "plan-release", ms: 3_000, tokens: 12_000,
          does: [
            { agent: "explorer", description: "List the changes", task_id: "changes", ms: 5_000, tokens: 16_000 },
            { agent: "explorer", description: "Check the versions", task_id: "versions", ms: 4_000, tokens: 9_000 },
            { agent: "explorer", description: "Read the changelog", task_id: "changelog", ms: 4_000 },
          ],
          says: "Two of three are known.",
        }],
      },
      {
        say: "Finish the plan.",
        does: [{ agent: "lead", description: "Finish the plan", task_id: "plan-release", ms: 3_000, tokens: 19_000, does: [{ agent: "explorer", description: "Read the changelog", task_id: "changelog", ms: 4_000, tokens: 8_000 }] }],
      },
    ],
  },
  {
    id: "background", title: "In the background",
    text: "A long search runs while the user goes on. Its result is delivered once, by itself.",
    agent: { explorer, fixer },
    speeches: [
      {
        say: "Look through the logs, and mend the typo meanwhile.",
        does: [
          { agent: "explorer", description: "Search the logs", task_id: "search-logs", background: true, ms: 30_000, tokens: 60_000, says: "Three logins failed." },
          { agent: "fixer", description: "Mend the typo", task_id: "mend-typo", ms: 5_000, tokens: 6_000, says: "It is mended." },
        ],
      },
      { say: "Which logins were that?", does: [{ agent: "explorer", description: "Name the logins", task_id: "search-logs", ms: 5_000, tokens: 66_000, says: "Those of the nightly job." }] },
    ],
  },
]

/** @param {string | undefined} id */
export const storyOf = (id) => STORIES.find((story) => story.id === id) ?? STORIES[0]

/** The act of a mark, such as `0.1`: the second call of the first speech. @param {Story} story @param {string} mark */
export function nodeOf(story, mark) {
  const [first, ...path] = mark.split(".").map(Number)
  /** @type {any} */
  let node = story.speeches[first]
  for (const place of path) node = (node?.does ?? []).flat()[place]
  return /** @type {Act | Speech | undefined} */ (node)
}
