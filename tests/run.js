// `npm test`: Rust, JavaScript under Node and under Bun, and the real OpenCode. Every file runs, also after a failure.
// `node tests/run.js --long` runs the other parts: `npm test` should end within ten minutes on two cores. CI runs both.
// `node tests/run.js WORD` runs only the files whose name or part contains the word.
//
// A file with a real OpenCode that fails is run once more when the others have ended: a busy machine may reach its limits. Both runs
// are printed, so that a test that often needs the second is seen.
//
// Files run side by side, one in each lane. A file prints its output when it ends: all of it if it failed.

import { spawn } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { availableParallelism } from "node:os"
import { fileURLToPath } from "node:url"
import { MISSING } from "./host/opencode2_binary.js"
import { MISSING as NO_TERMINAL } from "./host/screen.js"
import { MISSING as NO_OMO } from "./e2e/omo/installed.js"

const root = fileURLToPath(new URL("..", import.meta.url))
const tests = (/** @type {string} */ folder) =>
  readdirSync(`${root}${folder}`).filter((name) => name.endsWith(".test.js")).map((name) => `./${folder}/${name}`)

/** One more than the cores, since a file waits for a third of its time. */
const LANES = Math.min(4, availableParallelism() + 1)
/** A file that takes longer is killed. */
const HANGS_MS = 900_000
/** Node's own limit, also for a whole file. It prints the finished tests, so it comes first. */
const TEST_MS = HANGS_MS - 60_000
/** The time to end by itself after a signal. */
const GRACE_MS = 5_000
/** The mark of all processes of this run, in their environment. */
const MARK = `DELEGATE_TEST_RUN=${process.pid}.${Date.now()}`

/**
 * @typedef {{ name: string, command: string[], env?: Record<string, string> }} Work the work of a lane: a file, or a whole language
 * @typedef {Work & { part: string, again?: boolean }} Unit
 */

const node = (/** @type {string[]} */ files) => [process.execPath, "--test", "--test-reporter=spec", `--test-timeout=${TEST_MS}`, ...files]
/** @param {string[]} files @param {Record<string, string>} [env] @returns {Work[]} */
const alone = (files, env) => files.map((file) => ({ name: file.slice(2), command: node([file]), env }))
/** @param {string[]} folders @param {Record<string, string>} [env] @returns {Work[]} */
const each = (folders, env) => alone(folders.flatMap(tests), env)
/** The files with bodies for both hosts. */
const BOTH = [
  ...["slim/board", "slim/names", "slim/refusals", "slim/ids", "compose/beside", "compose/nicknames", "compose/nested"],
  ...["names", "budgets", "history", "results", "survive", "users", "notices", "follow_ups", "models", "steer", "cost", "limits", "questions", "delegate/crashes", "delegate/kills", "unread", "run"],
].map((name) => `./tests/e2e/${name}.test.js`)
/** The files that boot OpenCode most often. */
const LONG = ["./tests/e2e/slim/restart.test.js", "./tests/e2e/compose/dcp.test.js"]
/** Those with bodies for both hosts. */
const LONG_BOTH = ["./tests/e2e/slim/own.test.js", "./tests/e2e/slim/restart.test.js"]

/** The longest stand first, so that the lanes end at about the same time. @type {[string, Work[]][]} */
const SHORT_PARTS = [
  ["Rust", [{ name: "cargo test", command: ["cargo", "test", "--locked", "--quiet"] }]],
  ["The real OpenCode with slim and other plugins", alone(["tests/e2e/slim", "tests/e2e/compose"].flatMap(tests).filter((file) => !LONG.includes(file)))],
  ["The real OpenCode, executor delegate", each(["tests/e2e/delegate", "tests/e2e"], { EXECUTOR: "delegate" })],
  ["The real terminal of OpenCode", NO_TERMINAL ? [] : each(["tests/tui"])],
  ["The real terminal of OpenCode 2", NO_TERMINAL || MISSING ? [] : each(["tests/tui"], { EXECUTOR: "opencode2" })],
  ["The real OpenCode 2", MISSING ? [] : [...each(["tests/e2e/opencode2"], { EXECUTOR: "opencode2" }), ...alone(BOTH, { EXECUTOR: "opencode2" })]],
  ["The whole plugin in simulated hosts", each(["tests/sim_plugin"])],
  ["JavaScript under Node", [{ name: "tests/shim", command: node(tests("tests/shim")) }]],
  ["JavaScript under Bun", [{ name: "tests/shim", command: [`${root}node_modules/.bin/bun`, "test", "--isolate", "--dots", ...tests("tests/shim")] }]],
]
/** @type {[string, Work[]][]} */
const LONG_PARTS = [
  ["The real OpenCode with slim and other plugins, long", alone(LONG)],
  ["The real OpenCode with oh-my-openagent", NO_OMO ? [] : each(["tests/e2e/omo"])],
  ["The real OpenCode, executor host", each(["tests/e2e"], { EXECUTOR: "host" })],
  ["The real OpenCode 2 with slim, long", MISSING ? [] : alone(LONG_BOTH, { EXECUTOR: "opencode2" })],
]

const [argument] = process.argv.slice(2)
const long = argument === "--long"
const word = long ? "" : argument ?? ""
const parts = long ? LONG_PARTS : word ? [...SHORT_PARTS, ...LONG_PARTS] : SHORT_PARTS
const units = parts.flatMap(([part, works]) => works.map((work) => ({ part, ...work }))).filter(({ part, name }) => `${part} ${name}`.includes(word))
if (!units.length) {
  console.error(`No part and no file is called "${word}".`)
  process.exit(1)
}

const queue = /** @type {Unit[]} */ ([...units])
/** The process groups that run. */
const running = /** @type {Set<number>} */ (new Set())
/** The parts that failed. */
const failed = /** @type {Set<string>} */ (new Set())
/** The seconds of each part, over all its files. */
const seconds = /** @type {Map<string, number>} */ (new Map())

process.on("exit", () => {
  for (const group of running) signal(-group, "SIGKILL")
  for (const pid of left()) signal(pid, "SIGKILL")
})
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.once(name, () => {
    queue.length = 0
    // Tests end their servers themselves within the time to do so.
    for (const group of running) signal(-group, "SIGTERM")
    setTimeout(() => process.exit(1), GRACE_MS)
  })
}

await Promise.all(Array.from({ length: LANES }, async () => {
  for (let unit = queue.shift(); unit; unit = queue.shift()) await run(unit)
}))

const played = [...new Set(units.map(({ part }) => part))]
console.log()
for (const part of played) console.log(`${failed.has(part) ? "FAILED" : "passed"}  ${part} (${seconds.get(part)?.toFixed(0)} s)`)
if (NO_TERMINAL && !long) console.log(`skipped The real terminal of OpenCode: ${NO_TERMINAL}`)
if (NO_OMO && long) console.log(`skipped The real OpenCode with oh-my-openagent: ${NO_OMO}`)
if (MISSING && !long) console.log(`skipped The real OpenCode 2: ${MISSING}`)
console.log(`${played.length - failed.size} passed, ${failed.size} failed`)
process.exit(failed.size ? 1 : 0)

/** Runs a file to its end, and prints the outcome. @param {Unit} unit */
async function run(unit) {
  const { part, name, command: [program, ...args], env, again } = unit
  const began = Date.now()
  const [mark, value] = MARK.split("=")
  const child = spawn(program, args, { cwd: root, detached: true, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env, [mark]: value } })
  if (child.pid) running.add(child.pid)
  let output = ""
  let why = ""
  for (const pipe of [child.stdout, child.stderr]) pipe.setEncoding("utf8").on("data", (text) => (output += text))
  const hangs = setTimeout(() => {
    why = `, killed after ${HANGS_MS / 1000} s`
    signal(-Number(child.pid), "SIGTERM")
    setTimeout(() => signal(-Number(child.pid), "SIGKILL"), GRACE_MS).unref()
  }, HANGS_MS)
  const status = await new Promise((resolve) => child.once("error", (error) => resolve(String(error))).once("close", resolve))
  clearTimeout(hangs)
  // Processes that a file leaves in its group end with it.
  if (child.pid) signal(-child.pid, "SIGKILL")
  running.delete(Number(child.pid))

  const took = (Date.now() - began) / 1000
  seconds.set(part, (seconds.get(part) ?? 0) + took)
  const repeats = status !== 0 && part.startsWith("The real") && !again
  if (repeats) queue.push({ ...unit, again: true })
  if (status !== 0) {
    if (!repeats) failed.add(part)
    if (typeof status === "string") why += `, ${status}`
    console.log(`\n== ${part}: ${name}\n${output.trimEnd()}`)
  }
  console.log(`${status === 0 ? (again ? "passed the second time" : "passed") : repeats ? "FAILED, and runs once more" : "FAILED"}  ${part}: ${name} (${took.toFixed(0)} s${why})`)
}

/** The processes of this run that still live. Only Linux can list them; elsewhere tests end them. */
function left() {
  try {
    return readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid && marked(pid)).map(Number)
  } catch {
    return []
  }
}

/** @param {string} pid */
function marked(pid) {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(MARK)
  } catch {
    return false
  }
}

/** @param {number} pid @param {NodeJS.Signals} name */
function signal(pid, name) {
  try {
    process.kill(pid, name)
  } catch {
    // It has ended.
  }
}
