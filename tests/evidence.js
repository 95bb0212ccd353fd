// `npm run evidence` measures the claims about the engine again, and writes them into docs/evidence.md between its marks.
// `--short` measures a little of each, as CI does, and writes nothing. `--only table,limits` measures these alone. A claim fails
// if a figure is not zero that must be zero.

import { execFileSync, spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { partOf, publish, read } from "./pages.js"

const root = fileURLToPath(new URL("..", import.meta.url))
const PAGE = "docs/evidence.md"
const short = process.argv.includes("--short")
const only = process.argv.includes("--only") ? process.argv[process.argv.indexOf("--only") + 1]?.split(",") : undefined
const SEED = Number(process.env.EVIDENCE_SEED ?? 1)
const bun = join(root, "node_modules", ".bin", "bun")
const folder = mkdtempSync(join(tmpdir(), "opencode-delegate-evidence-"))
process.on("exit", () => rmSync(folder, { recursive: true, force: true }))
const inputs = join(folder, "inputs.jsonl")

/** @typedef {{ command: string[], env?: Record<string, string> }} Run */

/** A size for the published run, and one for CI. @param {number} published @param {number} inCI */
const size = (published, inCI) => String(short ? inCI : published)
/** @param {string} test @param {Record<string, string>} [env] @returns {Run} */
const cargo = (test, env) => ({ command: ["cargo", "test", "--release", "--locked", "--test", test, "--", "--nocapture"], env })
/** @param {string[]} command @param {Record<string, string>} [env] @returns {Run} */
const node = (command, env) => ({ command: [process.execPath, ...command], env })

/**
 * The claims, each with the commands that show it. Each command prints a line that begins with `name`. The last number of the
 * line must be zero. A `long` claim has no short form.
 * @type {{ name: string, shows: string, runs: Run[], alike?: RegExp, long?: true }[]}
 */
const PARTS = [
  {
    name: "table",
    shows: "The decision table is total, and no row is without effect",
    runs: [cargo("table")],
  },
  {
    name: "rows",
    shows: "The tests notice each row that is flipped or taken out of the source",
    long: true,
    runs: [node(["tests/mutation/rows.js"])],
  },
  {
    name: "reference_engine",
    shows: "A second engine of lists and loops, written from the design alone, decides alike",
    runs: [cargo("reference_engine", { REFERENCE_SEED: String(SEED * 10_000_000), REFERENCE_WORLDS: size(300_000, 3_000) })],
  },
  {
    name: "questions",
    shows: "A naive reading gives the same names, ids (with Node's SHA-256) and permissions",
    runs: [node(["--test", "--test-reporter=tap", "tests/shim/questions.test.js"], { QUESTIONS: size(1_000_000, 20_000) })],
  },
  {
    name: "wasm_parity",
    shows: "The engine gives the same bytes natively, as WebAssembly, in Node and in Bun",
    alike: /digest (\w+)/,
    runs: [
      cargo("wasm_parity", { PARITY_SEED: String(SEED), PARITY_REQUESTS: size(100_000, 10_000), PARITY_FILE: inputs }),
      node(["tests/wasm_parity/read.js", inputs]),
      { command: [bun, "tests/wasm_parity/read.js", inputs] },
    ],
  },
  {
    name: "sim_engine",
    shows: "The invariants hold after every event, in a host that loses, doubles and delays events and dies between any two steps",
    runs: [cargo("sim_engine", { SIM_SEED: String(SEED), SIM_WORLDS: size(18_000, 500) })],
  },
  {
    name: "sim_plugin",
    shows: "The invariants hold for the whole plugin, in a model of OpenCode",
    runs: [node(["tests/sim_plugin/run.js", "--seed", String(SEED), "--worlds", size(4_000, 150)])],
  },
  {
    name: "snapshots",
    shows: "A snapshot that is cut anywhere, or has any bit flipped, is refused or restores the same engine",
    runs: [cargo("snapshots", { SNAPSHOTS: size(300, 30) })],
  },
  {
    name: "limits",
    shows: "The limits hold",
    runs: [cargo("limits")],
  },
  {
    name: "fuzz",
    shows: "No fuzzed configuration, request, event or snapshot breaks the engine",
    long: true,
    runs: [node(["tests/fuzz/run.js"])],
  },
  {
    name: "mutants",
    shows: "The tests notice changes to the Rust (cargo-mutants)",
    long: true,
    runs: [node(["tests/mutation/rust.js"])],
  },
  {
    name: "stryker",
    shows: "The tests notice changes to the JavaScript (Stryker)",
    long: true,
    runs: [node(["tests/mutation/javascript.js"])],
  },
]

let failed = 0
const measured = /** @type {Map<string, string>} */ (new Map())
const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: root, encoding: "utf8" }).trim()
for (const part of PARTS) {
  if (only ? !only.includes(part.name) : short && part.long) continue
  const began = Date.now()
  const result = measure(part)
  const seconds = ((Date.now() - began) / 1000).toFixed(0)
  console.log(`${part.name}: ${result ?? "FAILED"} (${seconds} s)`)
  if (!result) failed++
  else measured.set(part.shows, result)
}
if (!short) writePage()
console.log(failed ? `\n${failed} FAILED` : "\nAll that must be zero is zero.")
process.exitCode = failed ? 1 : 0

/** The line of a part, if all its figures are as they must be. @param {typeof PARTS[number]} part */
function measure({ name, runs, alike }) {
  const lines = /** @type {string[]} */ ([])
  for (const { command, env } of runs) {
    const [program = "", ...args] = command
    const { status, stdout, stderr } = spawnSync(program, args, { cwd: root, encoding: "utf8", maxBuffer: 1 << 28, env: { ...process.env, ...env } })
    const line = stdout.split("\n").map((text) => text.replace(/^# /, "")).find((text) => text.startsWith(`${name}: `))
    const last = /(\d+)[^\d]*$/.exec(line ?? "")?.[1]
    if (status !== 0 || !line || last !== "0") {
      console.error(`${command.join(" ")}\n${(stdout + stderr).slice(-4_000)}`)
      return
    }
    lines.push(line.slice(name.length + 2))
  }
  const marks = new Set(alike ? lines.map((line) => alike.exec(line)?.[1]) : [])
  if (marks.size > 1) return void console.error(`not alike: ${[...marks].join(", ")}`)
  return lines.at(-1)?.replace(/, digest \w+/, "")
}

/** Writes the measured rows into the page, each in the place of its row from before. */
function writePage() {
  const grouped = (/** @type {string} */ line) => line.replace(/\d{4,}/g, (digits) => Number(digits).toLocaleString("en").replaceAll(",", " "))
  const rows = new Map([...partOf(read(PAGE), "evidence").matchAll(/^\| (?!what is shown|---)(.*?) \|.*\n/gm)].map(([line, shows]) => [shows, line]))
  for (const [shows, line] of measured) rows.set(shows, `| ${shows} | ${grouped(line)} | ${commit} |\n`)
  const inOrder = PARTS.flatMap((part) => rows.get(part.shows) ?? [])
  publish(PAGE, "evidence", `| what is shown | by how much | on commit |\n|---|---|---|\n${inOrder.join("")}`)
}
