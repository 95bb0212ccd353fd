// `npm run evidence`: what is shown of the engine, measured anew, and written into README where that has its markers.
// `--short` measures a little of each, as CI does, and writes nothing. Either fails where a figure is not zero that must be.

import { execFileSync, spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))
const short = process.argv.includes("--short")
const SEED = Number(process.env.EVIDENCE_SEED ?? 1)
const bun = join(root, "node_modules", ".bin", "bun")
const folder = mkdtempSync(join(tmpdir(), "opencode-delegate-evidence-"))
process.on("exit", () => rmSync(folder, { recursive: true, force: true }))
const same = join(folder, "same.jsonl")

/** A size for the published run, and one for CI. @param {number} published @param {number} inCI */
const size = (published, inCI) => String(short ? inCI : published)
const cargo = (/** @type {string} */ test) => ["cargo", "test", "--release", "--locked", "--test", test, "--", "--nocapture"]

/**
 * Each thing that is shown: the commands that show it, of which each prints a line that begins with `name`, and what that
 * line says, whose last number must be zero.
 * @type {{ name: string, shows: string, commands: [string, string[], Record<string, string>?][], alike?: RegExp }[]}
 */
const PARTS = [
  {
    name: "table",
    shows: "The decision table is total, and no row is without effect",
    commands: [run(cargo("table"))],
  },
  {
    name: "oracle",
    shows: "A second engine of lists and loops, written from the design alone, decides alike",
    commands: [run(cargo("oracle"), { ORACLE_SEED: String(SEED * 10_000_000), ORACLE_WORLDS: size(300_000, 3_000) })],
  },
  {
    name: "questions",
    shows: "Names, ids (against Node's SHA-256) and permissions, read naively, come out alike",
    commands: [[process.execPath, ["--test", "--test-reporter=tap", "tests/js/oracle.test.js"], { ORACLE_QUESTIONS: size(1_000_000, 20_000) }]],
  },
  {
    name: "same",
    shows: "Natively, as WebAssembly, in Node and in Bun every byte is the same",
    alike: /digest (\w+)/,
    commands: [
      run(cargo("same"), { SAME_SEED: String(SEED), SAME_REQUESTS: size(100_000, 10_000), SAME_FILE: same }),
      [process.execPath, ["tests/same/read.js", same]],
      [bun, ["tests/same/read.js", same]],
    ],
  },
]

/** @param {string[]} command @param {Record<string, string>} [env] @returns {[string, string[], Record<string, string>?]} */
function run([program, ...args], env) {
  return [program, args, env]
}

const rows = /** @type {string[]} */ ([])
let failed = 0
for (const { name, shows, commands, alike } of PARTS) {
  const began = Date.now()
  const lines = /** @type {string[]} */ ([])
  for (const [program, args, env] of commands) {
    const { status, stdout, stderr } = spawnSync(program, args, { cwd: root, encoding: "utf8", maxBuffer: 1 << 28, env: { ...process.env, ...env } })
    const line = stdout.split("\n").map((text) => text.replace(/^# /, "")).find((text) => text.startsWith(`${name}: `))
    const zero = /(\d+) [a-z ]+$/.exec(line ?? "")
    if (status !== 0 || !line || zero?.[1] !== "0") {
      failed++
      console.error(`${name}: FAILED (${program} ${args.join(" ")})\n${(stdout + stderr).slice(-4_000)}`)
    }
    if (line) lines.push(line.slice(name.length + 2))
  }
  const marks = new Set(alike ? lines.map((line) => alike.exec(line)?.[1]) : [])
  if (marks.size > 1) {
    failed++
    console.error(`${name}: FAILED, not alike: ${[...marks].join(", ")}`)
  }
  const told = (lines.at(-1) ?? "nothing").replace(/, digest \w+/, "")
  const seconds = ((Date.now() - began) / 1000).toFixed(0)
  console.log(`${name}: ${told} (${seconds} s)`)
  rows.push(`| ${shows} | ${told.replace(/\d{4,}/g, (digits) => Number(digits).toLocaleString("en").replaceAll(",", " "))} |\n`)
}

if (!short && !failed) {
  const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: root, encoding: "utf8" }).trim()
  const file = join(root, "README.md")
  const head = `Measured by \`npm run evidence\` with seed ${SEED} on commit ${commit}.\n\n| what is shown | by how much |\n|---|---|\n`
  const text = readFileSync(file, "utf8")
  writeFileSync(file, text.replace(/(<!-- evidence -->\n)[^]*?(<!-- \/evidence -->)/, (_, from, to) => from + head + rows.join("") + to))
}
console.log(failed ? `\n${failed} FAILED` : "\nAll that must be zero is zero.")
process.exitCode = failed ? 1 : 0
