// How many instructions the core takes, counted by callgrind: the same on every run, so that a few in a hundred more are seen.

import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { BENCH, cargo } from "./machine.js"

const BASELINE = new URL("instructions.json", import.meta.url)
/** How much more than the baseline is let through: a library of the system may differ, the code may not. */
const TOLERANCE = 0.03
/** The function of `count.rs` that callgrind counts in. */
const COUNTED = "count::counted"

/**
 * Counts the instructions of each operation.
 * @returns {Record<string, number> | string} why they could not be counted
 */
export function count() {
  if (process.platform !== "linux" || process.arch !== "x64") return `they are kept for x64 Linux, and this is ${process.arch} ${process.platform}`
  if (spawnSync("valgrind", ["--version"]).status !== 0) return "valgrind is missing: apt-get install valgrind"
  cargo(["build", "--release", "--bin", "count"])
  const folder = mkdtempSync(join(tmpdir(), "opencode-delegate-count-"))
  try {
    const out = join(folder, "out")
    const valgrind = ["--tool=callgrind", `--callgrind-out-file=${out}`, `--toggle-collect=${COUNTED}`, `--dump-after=${COUNTED}`]
    const { status, stdout, stderr } = spawnSync("valgrind", [...valgrind, join(BENCH, "release", "count")], { encoding: "utf8", env: { PATH: process.env.PATH } })
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
 * Prints the counts beside the baseline, and says whether none has grown over it.
 * @param {Record<string, number>} counts
 */
export function compare(counts) {
  const baseline = /** @type {Record<string, number>} */ (JSON.parse(readFileSync(BASELINE, "utf8")))
  const names = [...new Set([...Object.keys(baseline), ...Object.keys(counts)])]
  const wrong = names.filter((name) => {
    const [was, is] = [baseline[name], counts[name]]
    const change = is / was - 1
    const told = was === undefined ? "not in the baseline" : is === undefined ? "not counted" : `${change < 0 ? "" : "+"}${(100 * change).toFixed(1)} %`
    const grown = !(change <= TOLERANCE)
    console.log(`instructions: ${name.padEnd(16)} ${String(is ?? "-").padStart(12)}   ${told}${grown ? ", FAILED" : change < -TOLERANCE ? ", fewer: keep it with --accept" : ""}`)
    return grown
  })
  const limit = `${100 * TOLERANCE} %`
  console.log(wrong.length
    ? `instructions: FAILED, ${wrong.length} of ${names.length} are over the baseline by more than ${limit}. If they are to be, add --accept.`
    : `instructions: none of ${names.length} is over the baseline by more than ${limit}`)
  return wrong.length === 0
}

/** Takes counts for the baseline. @param {Record<string, number>} counts */
export function accept(counts) {
  writeFileSync(BASELINE, `${JSON.stringify(counts, undefined, 2)}\n`)
  console.log(`instructions: ${Object.keys(counts).length} accepted`)
}
