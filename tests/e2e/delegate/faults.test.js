// Faults of the model and of the real OpenCode during a child's first prompt. The prompt arrives once, the answer reaches the
// caller, at the latest after a resume, and nothing is left over.

import { describe, it } from "node:test"
import { AGENTS, OURS, PLUGIN } from "../fixture.js"
import { KEPT, LIMIT, SABOTEUR, fail, play, settle } from "./ending.js"

const models = Object.fromEntries(["n", "o"].map((name) => [name, { name, tool_call: true, limit: { context: 200_000, output: 8_192 } }]))
const agent = { ...AGENTS, chained: { mode: "subagent", description: "Has others", fallback_models: ["scripted/n", "scripted/o"] } }
const setup = { agent, config: { provider: { scripted: { models } } } }
const plain = settle({ ...setup, plugin: [SABOTEUR, OURS] })
const strict = settle({ ...setup, plugin: [[PLUGIN, { ...OURS[1], stall_ms: 4_000 }]] })

const failed = (/** @type {string} */ why) => new RegExp(`^Subagent failed \\(task_id: ses_\\w+\\): ${why}${KEPT}`)
/** @param {string} why @param {string[]} names */
const tookOver = (why, ...names) => new RegExp(names.map((name) => `\\nIts model failed \\(${why}\\); scripted/${name} took over\\.`).join(""))

/** @type {import("./ending.js").Row[]} */
const ROWS = [
  { when: "the model refuses with 400, and there is a next model", agent: "chained", child: [fail(400)], asked: "m n", says: tookOver("scripted failure", "n") },
  { when: "the model refuses with 401, and there is a next model", agent: "chained", child: [fail(401)], asked: "m n", says: tookOver("scripted failure", "n") },
  // The test would time out if the plugin waited as long as the model asks.
  { when: "the model is busy (429), and there is a next model", agent: "chained", child: [fail(429, { retry_after_ms: 600_000 })], asked: "m n", says: tookOver("[^)]+", "n") },
  { when: "two of three models refuse", agent: "chained", child: [fail(400, { times: 2 })], asked: "m n o", says: tookOver("scripted failure", "n", "o") },
  { when: "all models refuse", agent: "chained", child: [fail(400, { times: 3 })], asked: "m n o", reads: failed("scripted failure") },
  { when: "the model refuses with 400", child: [fail(400)], asked: "m", reads: failed("scripted failure") },
  { when: "the model refuses with 401", child: [fail(401)], asked: "m", reads: failed("scripted failure") },
  { when: "the model is busy (429)", child: [fail(429, { retry_after_ms: 100 })], asked: "m m" },
  { when: "the model breaks (500)", child: [fail(500, { retry_after_ms: 100 })], asked: "m m" },
  { when: "the model breaks more often than OpenCode tries", child: [fail(500, { retry_after_ms: 20, times: 7 })], asked: "m m m m m m m m" },
  { when: "the connection drops", child: [{ drop: true }], asked: "m m" },
  { when: "the answer is cut in the middle", child: [{ cut: true }], asked: "m m" },
  { when: "the connection drops, and there is a next model", agent: "chained", child: [{ drop: true }], asked: "m n", says: tookOver("[^)]+", "n") },
  { when: "the answer is cut in the middle, and there is a next model", agent: "chained", child: [{ cut: true }], asked: "m n", says: tookOver("[^)]+", "n") },
  { when: "the answer is empty", child: [{ empty: true }], asked: "m m" },
  { when: "all answers are empty", child: [{ empty: true, times: 3 }], asked: "m m m", reads: failed("It gave an empty answer.") },
  { when: "the model hangs", strict: true, child: [{ hang: 600_000, drop: true }], asked: "m m" },
  { when: "the model hangs, and there is a next model", strict: true, agent: "chained", child: [{ hang: 600_000, drop: true }], asked: "m n", says: tookOver("It gave no sign of life for 4 seconds.", "n") },
  { when: "OpenCode does not know the agent any more", agent: "ghost", child: [], asked: "m", says: /\nOpenCode no longer has agent "ghost"; "general" took over\./ },
]

describe("A first prompt", () => {
  for (const row of ROWS) it(`A first prompt is answered once if ${row.when}`, LIMIT, () => play(row.strict ? strict : plain, row))
})
