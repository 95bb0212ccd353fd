// The losses of oh-my-openagent alone, and its results with the engine. Each row names the tests that show both, and each run of them
// records what it has seen.

import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs"
import { basename } from "node:path"
import { fileURLToPath } from "node:url"

/**
 * `alone` holds if the failure of each test with the plugin alone matches `shows`; `withUs` holds if the tests pass.
 * @typedef {{ asked: string, alone: string, shows: RegExp, withUs: string, tests: string[] }} Row
 * @typedef {"alone" | "withUs"} Column
 * @type {Row[]}
 */
export const ROWS = [
  { asked: "an id with a wrong letter", alone: "hangs", shows: /hangs$/, withUs: "its session, with a notice", tests: ["An id with a wrong letter resumes its session, and the result says so"] },
  { asked: "an id that stands for nothing", alone: "hangs", shows: /hangs$/, withUs: "refused, with the sessions that there are", tests: ["An unknown id is refused with the list of sessions, and starts none"] },
  { asked: "a name, by `subagent_type` or by `category`", alone: "hangs", shows: /hangs$/, withUs: "names a session, and resumes it by that name", tests: ["A name starts a session and resumes it, by subagent_type", "A name starts a session and resumes it, by category"] },
  { asked: "a name, and nothing else but the prompt", alone: "hangs", shows: /hangs$/, withUs: "its session, as its own agent", tests: ["A name alone resumes its session"] },
  { asked: "`bg_…` as `task_id`", alone: "hangs", shows: /hangs$/, withUs: "the session of that task", tests: ["omo's id of a background task resumes the task's session"] },
  { asked: "an id of another conversation", alone: "**resumed**", shows: /recalled quince/, withUs: "refused", tests: ["Another conversation's id is refused"] },
  { asked: "an id of another agent's session", alone: "resumed as the first agent, in silence", shows: /recalled mango|subagent: explore/, withUs: "refused", tests: ["Another agent's id is refused"] },
  { asked: "a name as `session_id` of `call_omo_agent`", alone: "an error", shows: /Failed to get existing session/, withUs: "its session", tests: ["A name as session_id resumes its session"] },
  { asked: "the same prompt again within 15 s", alone: "hangs", shows: /hangs$/, withUs: "answered again", tests: ["The same prompt is answered as often as it is asked"] },
  { asked: "a foreground session, in the background", alone: "an error", shows: /Task not found for session/, withUs: "runs, and its result is delivered once", tests: ["A session of the foreground goes on in the background, and its result is delivered once"] },
  { asked: "a name or `ses_…`, to `background_output`", alone: "not found", shows: /Task not found/, withUs: "the result", tests: ["A result is read by omo's id, by the session's id and by its name"] },
  { asked: "`bg_…`, to `background_output`, after `kill -9`", alone: "not found", shows: /Task not found/, withUs: "the result", tests: ["After kill -9, background_output reads a result by omo's id, by the session's id and by its name"] },
  { asked: "a background task that ran at `kill -9`", alone: "nobody hears of it", shows: /0 !== 1/, withUs: "reported as lost, once; its name resumes it", tests: ["After kill -9, a background task that ran is reported lost, once, and resumes"] },
  { asked: "`kill -9` as a child is created", alone: "hangs", shows: /hangs$/, withUs: "its name resumes it, with that prompt, its agent and that agent's tools", tests: ["After kill -9 at the creation of a child, a child that was just created gets its kept prompt, its agent and that agent's tools"] },
  { asked: "a category that denies a tool, whose first model fails", alone: "the next attempt has the tool", shows: /(^|,)bash,/, withUs: "the tool stays denied", tests: ["A denied tool stays denied in the attempt with another model, and in each later call"] },
  { asked: "a background task that a provider refuses", alone: "\"running\" for ever", shows: /no report came/, withUs: "reported as failed", tests: ["A background task that a provider refuses is reported as failed, once"] },
  { asked: "a background task that a person aborts", alone: "\"running\" for ever", shows: /0 !== 1/, withUs: "reported as cancelled with the next message, once", tests: ["The caller of a background task that a person aborts reads of it with the next message, once"] },
  { asked: "such a task, resumed in the background", alone: "refused for ever", shows: /currently running/, withUs: "runs, and its result is delivered once", tests: ["A task that a person aborted is resumed, and its answer is reported once"] },
  { asked: "a subagent with a `task_budget` of 1", alone: "makes any number of calls", shows: /Input:[^]*SECRET=fig[^]*SECRET=fig/, withUs: "makes one", tests: ["A subagent with a budget of one call makes one"] },
]

/** The outcomes of each file of tests, as its last run recorded them. */
const FOLDER = fileURLToPath(new URL("./outcomes", import.meta.url))

/** The length of a recorded failure that no row expects. */
const LONG = 200

/**
 * Records the outcome of a test in its column, if a row names it.
 * @param {string} test
 * @param {Column} column
 * @param {Error | undefined} error
 */
export function record(test, column, error) {
  const row = ROWS.find(({ tests }) => tests.includes(test))
  if (!row) return
  const holds = column === "alone" ? error && row.shows.test(error.message) : !error
  const seen = holds ? row[column] : error?.message.replace(/\s+/g, " ").slice(0, LONG) ?? "it passes"
  const file = `${FOLDER}/${basename(process.argv[1]).replace(".test.js", ".json")}`
  const before = existsSync(file) ? readFileSync(file, "utf8") : "{}"
  const outcomes = JSON.parse(before)
  outcomes[test] = { ...outcomes[test], [column]: seen }
  const after = `${JSON.stringify(outcomes, undefined, 2)}\n`
  mkdirSync(FOLDER, { recursive: true })
  if (after !== before) writeFileSync(file, after)
}

/** The recorded outcomes, by test. @returns {Record<string, Record<Column, string>>} */
const recorded = () => Object.assign({}, ...readdirSync(FOLDER).map((file) => JSON.parse(readFileSync(`${FOLDER}/${file}`, "utf8"))))

/** The rows with the recorded outcomes of their tests in each column. @returns {string[][]} */
export function outcomes() {
  const all = recorded()
  const cell = (/** @type {Row} */ { tests }, /** @type {Column} */ column) => [...new Set(tests.map((test) => all[test]?.[column] ?? "not run"))].join("; ")
  return ROWS.map((row) => [row.asked, cell(row, "alone"), cell(row, "withUs")])
}
