// cargo-mutants over src/. The shared cases try each mutant first, the quick tests then try the missed ones, and all tests try
// the rest. A surviving mutant must be in survivors.json, with the reason why no test can notice it, or need not.
// Arguments are passed on, such as `--file src/rules/decision_table.rs` or `--shard 0/8`. `--iterate` continues an interrupted run.

import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, readFileSync } from "node:fs"
import { cpus } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const VERSION = "27.1.0"
const root = fileURLToPath(new URL("../..", import.meta.url))
const output = join(root, "target", "mutants-of-src")
mkdirSync(output, { recursive: true })

if (!spawnSync("cargo", ["mutants", "--version"], { encoding: "utf8" }).stdout?.includes(VERSION)) {
  cargo(["install", "cargo-mutants", "--version", VERSION, "--locked", "--quiet"])
}

const limits = ["--jobs", String(Math.max(1, Math.min(4, cpus().length))), "--timeout", "60", "--build-timeout", "300", "--output", output]
const quick = ["bootstrap", "explain", "regressions", "remembered", "settings", "snapshots", "table"].map((test) => `--cargo-arg=--test=${test}`)
const passes = /** @type {Record<string, string[]>} */ ({
  "the shared cases": ["--cargo-arg=--test=cases", "--", "--locked"],
  "the quick tests": ["--iterate", "--cargo-arg=--lib", ...quick, "--", "--locked"],
  "all tests": ["--iterate", "--", "--locked", "--lib", "--tests"],
})
const given = process.argv.slice(2)
for (const [readers, args] of Object.entries(passes)) {
  cargo(["mutants", ...limits, ...new Set([...given, ...args])], [0, 2, 3])
  console.log(`  missed by ${readers}: ${lines("missed").length}`)
}

/** @param {string[]} args @param {(number | null)[]} [fine] The codes that are no failure. */
function cargo(args, fine = [0]) {
  const { status, error } = spawnSync("cargo", args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] })
  if (!fine.includes(status)) throw new Error(`cargo ${args.join(" ")}: ${error?.message ?? status}`)
}

/** @param {string} name */
function read(name) {
  const file = join(output, "mutants.out", name)
  return existsSync(file) ? readFileSync(file, "utf8") : ""
}

/** A mutant's name without line and column, which move. The second mutant of one name gets a number. @param {string} name */
function lines(name) {
  const count = /** @type {Record<string, number>} */ ({})
  return read(`${name}.txt`).split("\n").filter(Boolean).map((line) => {
    const plain = line.replace(/:\d+:\d+: /, ": ")
    const nth = (count[plain] = (count[plain] ?? 0) + 1)
    return nth > 1 ? `${plain} (${nth})` : plain
  })
}

/** @type {Record<string, string>} */
const explained = JSON.parse(readFileSync(new URL("survivors.json", import.meta.url), "utf8"))
const missed = lines("missed")
const strange = missed.filter((name) => !explained[name])
for (const name of strange) console.log(`  survives: ${name}`)
const noticed = new Set([...lines("caught"), ...lines("previously_caught"), ...lines("timeout")])
const whole = given.every((arg) => arg === "--iterate")
for (const name of Object.keys(explained)) if (whole && !missed.includes(name)) console.log(`  ${noticed.has(name) ? "noticed now" : "there no more"}: ${name}`)

const all = ["caught", "previously_caught", "timeout", "missed"].flatMap(lines).length
console.log(
  `mutants: ${all} mutants of src, ${all - missed.length} noticed (${((100 * (all - missed.length)) / all).toFixed(1)} %), ` +
    `${missed.length - strange.length} explained, ${strange.length} survive unexplained`,
)
process.exitCode = strange.length ? 1 : 0
