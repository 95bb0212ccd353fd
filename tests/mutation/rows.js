// Flips each row of the decision table, and takes each out, in a copy of the sources. The shared cases must notice it, and so must
// the enumeration of the table. `--only G1,R4` limits it to these rows.

import { spawnSync } from "node:child_process"
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../..", import.meta.url))
const at = process.argv.indexOf("--only")
const only = at < 0 ? undefined : process.argv[at + 1]?.split(",")
const copy = mkdtempSync(join(tmpdir(), "opencode-delegate-rows-"))
process.on("exit", () => rmSync(copy, { recursive: true, force: true }))
for (const name of ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml", "README.md", "src", "tests"]) {
  cpSync(join(root, name), join(copy, name), { recursive: true, filter: (file) => !/node_modules|tests\/fuzz\/(target|corpus)/.test(file) })
}

const file = join(copy, "src/rules/decision_table.rs")
const source = readFileSync(file, "utf8")

/** The rows in the source. The last one is a constant. */
const rows = [...source.matchAll(/ {4}Rule \{\n {8}rule: RuleID::(\w+),[^]*?\n {4}\},\n/g)].map(([text, rule]) => ({ rule, text }))
rows.push({ rule: "R12", text: "    *OTHERWISE,\n" })

/** @param {string} text A row. The flipped row fires exactly if the row does not. */
function flipped(text) {
  const [, before, fires, after] = /^([^]*?fires: )([^]*?)(,\n {8}then: [^]*)$/.exec(text) ?? []
  return `${before}|facts| { let fires: fn(&Facts) -> bool = ${fires}; !fires(facts) }${after}`
}

/** Whether the test fails with the present sources. @param {string} test */
function fails(test) {
  const env = { ...process.env, CARGO_TARGET_DIR: join(copy, "target"), RUSTFLAGS: "", CARGO_PROFILE_TEST_DEBUG: "0" }
  const options = { cwd: copy, env, encoding: /** @type {const} */ ("utf8") }
  const built = spawnSync("cargo", ["test", "--locked", "--quiet", "--no-run", "--test", test], options)
  if (built.status !== 0) throw new Error(built.stderr)
  return spawnSync("cargo", ["test", "--locked", "--quiet", "--test", test], { ...options, timeout: 120_000 }).status !== 0
}

const TESTS = ["cases", "table"]
for (const test of TESTS) if (fails(test)) throw new Error(`${test} fails before anything is changed`)

let changes = 0
const unnoticed = /** @type {string[]} */ ([])
for (const { rule, text } of rows) {
  if (only && !only.includes(String(rule))) continue
  // The last row decides if no other row fires, so that flipping it changes nothing.
  const ways = rule === "R12"
    ? { "taken out": source.replace(text, "") }
    : { flipped: source.replace(text, () => flipped(text)), "taken out": source.replace(text, "") }
  for (const [way, changed] of Object.entries(ways)) {
    changes++
    writeFileSync(file, changed)
    unnoticed.push(...TESTS.filter((test) => !fails(test)).map((test) => `${rule} ${way}: ${test}`))
  }
}
for (const line of unnoticed) console.log(`  ${line}: unnoticed`)
const count = only ? only.length : rows.length
console.log(`rows: ${count} rows flipped and taken out, ${changes} changes, read by the cases and by the enumeration, ${unnoticed.length} go unnoticed`)
process.exitCode = unnoticed.length ? 1 : 0
