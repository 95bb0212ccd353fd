// node tests/mutation/javascript.js [options of Stryker] counts the changes to the shim that its tests notice. Stryker makes the
// changes. It leaves out sentences (wording.js says why) and code that runs only at the load of a module, which would take a
// process each. report.json has the outcome of every mutant. A surviving mutant must be in survivors_js.json, with the reason why
// no test can notice it, or need not.

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
const given = process.argv.slice(2)
run(process.execPath, [`${here}node_modules/@stryker-mutator/core/bin/stryker.js`, "run", "tests/mutation/stryker.js", ...given], root)

/** @param {string} command @param {string[]} args @param {string} cwd */
function run(command, args, cwd) {
  const { status, error } = spawnSync(command, args, { cwd, stdio: "inherit" })
  if (status === 0) return
  console.error(`${command} ${args.join(" ")} failed${error ? `: ${error.message}` : ""}`)
  process.exit(1)
}

/** The outcomes of a mutant: Stryker's word, and the word of this report. */
const ENDS = { Killed: "killed", Timeout: "timed out", Survived: "survived", NoCoverage: "not covered", Ignored: "left out", RuntimeError: "broken" }

/**
 * @typedef {{ line: number, column: number }} Place
 * @typedef {{ status: string, replacement: string, location: { start: Place, end: Place } }} Mutant
 */

/** @type {Record<string, { source: string, mutants: Mutant[] }>} */
const files = JSON.parse(readFileSync(`${here}report.json`, "utf8")).files
const rows = Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1)).map(([file, { mutants }]) => {
  const ends = Object.keys(ENDS).map((end) => mutants.filter(({ status }) => status === end).length)
  return [file, sum(ends.slice(0, 4)), ...ends]
})
rows.push(["all", ...rows[0].slice(1).map((_, place) => sum(rows.map((row) => Number(row[place + 1]))))])
const head = ["file", "mutants", ...Object.values(ENDS)]
const wide = head.map((_, place) => Math.max(...[head, ...rows].map((row) => String(row[place]).length)))
for (const row of [head, ...rows]) console.log(row.map((cell, place) => (place ? String(cell).padStart(wide[place]) : String(cell).padEnd(wide[place]))).join("  "))

/** The longest text of a mutant's name: of a longer one, its beginning and its end. */
const LONG = 80

/** @param {string} text */
function short(text) {
  const line = text.replace(/\s+/g, " ").trim()
  return line.length > LONG ? `${line.slice(0, LONG - 20)} … ${line.slice(-15)}` : line
}

/** The source between two places. @param {string[]} lines @param {{ start: Place, end: Place }} location */
function between(lines, { start, end }) {
  const taken = lines.slice(start.line - 1, end.line)
  taken.push(/** @type {string} */ (taken.pop()).slice(0, end.column - 1))
  return taken.join("\n").slice(start.column - 1)
}

/** The first line of a function or a method. */
const HEAD = /^ {0,4}(?:export )?(?:(?:async )?function\*? ?(\w+)|(?:async |get )?(#?(?!(?:if|for|while|switch|catch)\b)\w+|"[\w.]+")\(.*\{$|const (\w+) = (?:async )?(?:\(.*\)|\w+) =>)/

/** The name of the function around a line, if it has one. @param {string[]} lines @param {number} line */
function around(lines, line) {
  const head = lines.slice(0, line).findLast((text) => HEAD.test(text))
  const name = HEAD.exec(head ?? "")?.slice(1).find(Boolean)
  return name ? ` in ${name}` : ""
}

/** The mutants with a name that has no line, which moves. The second mutant of one name gets a number. */
const all = Object.entries(files).flatMap(([file, { source, mutants }]) => {
  const lines = source.split("\n")
  const count = /** @type {Record<string, number>} */ ({})
  const inOrder = mutants.toSorted((a, b) => a.location.start.line - b.location.start.line || a.location.start.column - b.location.start.column)
  return inOrder.map(({ status, replacement, location }) => {
    const plain = `${file}: replace ${short(between(lines, location))} with ${short(replacement)}${around(lines, location.start.line)}`
    const nth = (count[plain] = (count[plain] ?? 0) + 1)
    return { name: nth > 1 ? `${plain} (${nth})` : plain, place: `${location.start.line}:${location.start.column}`, end: /** @type {Record<string, string>} */ (ENDS)[status] }
  })
})

/** @type {Record<string, string>} */
const explained = JSON.parse(readFileSync(`${here}survivors_js.json`, "utf8"))
const counted = all.filter(({ end }) => ["killed", "timed out", "survived", "not covered"].includes(end))
const missed = counted.filter(({ end }) => end === "survived" || end === "not covered")
const strange = missed.filter(({ name }) => !explained[name])
for (const { place, name, end } of strange) console.log(`  ${end === "survived" ? "survives" : end} at ${place}: ${name}`)
for (const name of Object.keys(explained)) {
  const [file] = name.split(": ")
  const mutant = all.find((other) => other.name === name)
  if (mutant ? !missed.includes(mutant) : given.length === 0 || files[file]) console.log(`  ${mutant ? "noticed now" : "there no more"}: ${name}`)
}

const noticed = counted.length - missed.length
console.log(
  `stryker: ${counted.length} mutants, ${noticed} noticed (${((100 * noticed) / counted.length).toFixed(1)} %), ` +
    `${missed.length - strange.length} explained, ${strange.length} survive unexplained`,
)
if (strange.length) process.exitCode = 1
const broken = all.filter(({ end }) => end === "broken").length
if (broken) {
  console.error(`${broken} mutants could not be tried: a test fails without them too.`)
  process.exitCode = 1
}

/** @param {number[]} numbers */
function sum(numbers) {
  return numbers.reduce((all, number) => all + number, 0)
}
