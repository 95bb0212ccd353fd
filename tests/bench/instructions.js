// The instructions of the core, counted by callgrind. They are the same on every run, however busy the machine is.

import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { BENCH, cargo } from "./machine.js"

const BASELINE = new URL("instructions.json", import.meta.url)
/** The tolerated growth over the baseline: a system library may differ, the code may not. */
const TOLERANCE = 0.03

/** The most instructions that another session may add to one operation. */
const PER_SESSION = 4
/** A wrong id is compared with every session that the caller could resume. A deleted one is looked for in two lists. @type {Record<string, number>} */
const COMPARED = { "id-mistyped": 75, "id-unlike-all": 1_300, deleted: 8 }

/** The reason why instructions cannot be counted here, if there is one. */
export function missing() {
  if (process.platform !== "linux" || process.arch !== "x64") return `they are kept for x64 Linux, and this is ${process.arch} ${process.platform}`
  if (spawnSync("valgrind", ["--version"]).status !== 0) return "valgrind is missing: apt-get install valgrind"
}

/**
 * Counts the instructions of each operation of a program, which calls its function `counted` for each.
 * @param {"count" | "growth"} program
 * @returns {Record<string, number>}
 */
export function count(program) {
  const counted = `${program}::counted`
  cargo(["build", "--release", "--bin", program])
  const folder = mkdtempSync(join(tmpdir(), "opencode-delegate-count-"))
  try {
    const out = join(folder, "out")
    const valgrind = ["--tool=callgrind", `--callgrind-out-file=${out}`, `--toggle-collect=${counted}`, `--dump-after=${counted}`]
    const { status, stdout, stderr } = spawnSync("valgrind", [...valgrind, join(BENCH, "release", program)], { encoding: "utf8", env: { PATH: process.env.PATH } })
    if (status !== 0) throw new Error(`valgrind failed:\n${stderr}`)
    // A file for each call of the function, in order.
    const counts = stdout.trim().split("\n").map((line, place) => {
      const [name, times] = line.split(" ")
      const totals = /^totals: (\d+)$/m.exec(readFileSync(`${out}.${place + 1}`, "utf8"))?.[1]
      if (!Number(totals)) throw new Error(`callgrind counted nothing of ${name}`)
      return [name, Math.round(Number(totals) / Number(times))]
    })
    return Object.fromEntries(counts)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Prints how the instructions of an operation grow with the number of sessions. Returns whether none grows too much.
 * @param {Record<string, number>} counts each by its work and the number of sessions, as in `deleted@1000`
 */
export function steady(counts) {
  const works = [...new Set(Object.keys(counts).map((name) => name.split("@")[0]))]
  const wrong = works.filter((work) => {
    const at = Object.entries(counts).flatMap(([name, count]) => (name.startsWith(`${work}@`) ? [[Number(name.split("@")[1]), count]] : []))
    const [[few, small], [many, large]] = at.sort(([a], [b]) => a - b)
    const more = (large - small) / (many - few)
    const most = COMPARED[work] ?? PER_SESSION
    const grown = !(more <= most)
    console.log(`growth: ${work.padEnd(22)} ${String(small).padStart(9)} of ${few}, ${String(large).padStart(9)} of ${many}: ${more.toFixed(2)} more for each, at most ${most}${grown ? ", FAILED" : ""}`)
    return grown
  })
  console.log(wrong.length ? `growth: FAILED, ${wrong.length} of ${works.length} grow too much with the number of sessions` : `growth: none of ${works.length} grows too much with the number of sessions`)
  return wrong.length === 0
}

/**
 * Prints the counts beside the baseline, and says whether none has grown over it.
 * @param {Record<string, number>} counts
 */
export function compare(counts) {
  const baseline = /** @type {Record<string, number>} */ (JSON.parse(readFileSync(BASELINE, "utf8")))
  const names = [...new Set([...Object.keys(baseline), ...Object.keys(counts)])]
  const wrong = names.filter((name) => {
    const [was, is] = [baseline[name], counts[name]]
    const change = is / was - 1
    const text = was === undefined ? "not in the baseline" : is === undefined ? "not counted" : `${change < 0 ? "" : "+"}${(100 * change).toFixed(1)} %`
    const grown = !(change <= TOLERANCE)
    console.log(`instructions: ${name.padEnd(16)} ${String(is ?? "-").padStart(12)}   ${text}${grown ? ", FAILED" : change < -TOLERANCE ? ", fewer: keep it with --accept" : ""}`)
    return grown
  })
  const limit = `${100 * TOLERANCE} %`
  console.log(wrong.length
    ? `instructions: FAILED, ${wrong.length} of ${names.length} are over the baseline by more than ${limit}. If they are to be, add --accept.`
    : `instructions: none of ${names.length} is over the baseline by more than ${limit}`)
  return wrong.length === 0
}

/** Stores counts as the baseline. @param {Record<string, number>} counts */
export function accept(counts) {
  writeFileSync(BASELINE, `${JSON.stringify(counts, undefined, 2)}\n`)
  console.log(`instructions: ${Object.keys(counts).length} accepted`)
}
