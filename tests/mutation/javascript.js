// node tests/mutation/javascript.js [options of Stryker] counts the changes to the shim that its tests notice. Stryker makes the
// changes. It leaves out sentences (wording.js says why) and code that runs only at the load of a module, which would take a
// process each. report.json has the outcome of every mutant.

import { spawnSync } from "node:child_process"
import { existsSync, readFileSync, statSync } from "node:fs"
import { fileURLToPath } from "node:url"

const here = fileURLToPath(new URL(".", import.meta.url))
const root = fileURLToPath(new URL("../..", import.meta.url))
const npm = process.platform === "win32" ? "npm.cmd" : "npm"

const installed = `${here}node_modules/.package-lock.json`
if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(`${here}package-lock.json`).mtimeMs) {
  run(npm, ["install", "--no-save", "--no-audit", "--no-fund"], here)
}
const began = Date.now()
run(process.execPath, [`${here}node_modules/@stryker-mutator/core/bin/stryker.js`, "run", "tests/mutation/stryker.js", ...process.argv.slice(2)], root)

/** @param {string} command @param {string[]} args @param {string} cwd */
function run(command, args, cwd) {
  const { status, error } = spawnSync(command, args, { cwd, stdio: "inherit" })
  if (status === 0) return
  console.error(`${command} ${args.join(" ")} failed${error ? `: ${error.message}` : ""}`)
  process.exit(1)
}

/** The outcomes of a mutant: Stryker's word, and the word of this report. */
const ENDS = { Killed: "killed", Timeout: "timed out", Survived: "survived", NoCoverage: "not covered", Ignored: "left out", RuntimeError: "broken" }

/** @type {{ files: Record<string, { mutants: { status: string }[] }> }} */
const { files } = JSON.parse(readFileSync(`${here}report.json`, "utf8"))
const rows = Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1)).map(([file, { mutants }]) => {
  const ends = Object.keys(ENDS).map((end) => mutants.filter(({ status }) => status === end).length)
  return [file, sum(ends.slice(0, 4)), ...ends]
})
rows.push(["all", ...rows[0].slice(1).map((_, place) => sum(rows.map((row) => Number(row[place + 1]))))])
const head = ["file", "mutants", ...Object.values(ENDS)]
const wide = head.map((_, place) => Math.max(...[head, ...rows].map((row) => String(row[place]).length)))
for (const row of [head, ...rows]) console.log(row.map((cell, place) => (place ? String(cell).padStart(wide[place]) : String(cell).padEnd(wide[place]))).join("  "))

const [, mutants, killed, timedOut, , , , broken] = rows[rows.length - 1].map(Number)
const noticed = killed + timedOut
console.log(`stryker: ${mutants} mutants, ${noticed} noticed (${((100 * noticed) / mutants).toFixed(1)} %), ${mutants - noticed} survive (${Math.round((Date.now() - began) / 1000)} s)`)
if (broken) {
  console.error(`${broken} mutants could not be tried: a test fails without them too.`)
  process.exitCode = 1
}

/** @param {number[]} numbers */
function sum(numbers) {
  return numbers.reduce((all, number) => all + number, 0)
}
