// `npm run bench`: what a decision costs, what loading costs, and what OpenCode's user pays. Ratios first, times second.

import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { cpus } from "node:os"
import { fileURLToPath } from "node:url"
import { brotliCompressSync, constants, gzipSync } from "node:zlib"
import { hostCost } from "./host.js"

const root = fileURLToPath(new URL("../..", import.meta.url))
const bun = `${root}node_modules/.bin/bun`

/** @param {string} command @param {string[]} args @returns {{ bench: string, row: string, sessions: number, ns: number }[]} */
function lines(command, args) {
  const text = execFileSync(command, args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })
  return text.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line))
}

console.log(`${cpus().length} x ${cpus()[0].model}, Node ${process.version}, Bun ${execFileSync(bun, ["--version"], { encoding: "utf8" }).trim()}\n`)

const decide = fileURLToPath(new URL("decide.js", import.meta.url))
const runs = {
  Node: lines(process.execPath, [decide]),
  Bun: lines(bun, [decide]),
  native: lines("cargo", ["bench", "--bench", "decide", "--quiet"]),
}

console.log("A decision: nanoseconds with 20, 1 000 and 100 000 resident sessions, and the ratio of the last to the first")
for (const [where, rows] of Object.entries(runs)) {
  for (const bench of new Set(rows.map(({ bench }) => bench))) {
    for (const row of ["R4", "R5"]) {
      const [few, some, many] = rows.filter((line) => line.bench === bench && line.row === row).map(({ ns }) => ns)
      const name = `${where}${bench === "native" ? "" : `, ${bench}`}, ${row}`
      console.log(`  ${name.padEnd(20)} ${[few, some, many].map((ns) => String(ns).padStart(6)).join(" ")}   x ${(many / few).toFixed(2)}`)
    }
  }
}

console.log("\nImport and init, best of 10 processes")
for (const [name, command] of [["Node", process.execPath], ["Bun", bun]]) {
  const url = new URL("../../js/engine.js", import.meta.url).href
  const code = `const t = performance.now(); const { Engine } = await import("${url}"); new Engine(); console.log(performance.now() - t)`
  const args = name === "Node" ? ["--input-type=module", "-e", code] : ["-e", code]
  const times = Array.from({ length: 10 }, () => Number(execFileSync(command, args, { encoding: "utf8" })))
  console.log(`  ${name.padEnd(20)} ${Math.min(...times).toFixed(1).padStart(6)} ms`)
}

const wasm = readFileSync(`${root}pkg/opencode_delegate_bg.wasm`)
const kb = (/** @type {Buffer} */ bytes) => `${(bytes.length / 1024).toFixed(1)} KB`
const brotli = brotliCompressSync(wasm, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } })
console.log(`\nThe wasm: ${kb(wasm)} raw, ${kb(gzipSync(wasm, { level: 9 }))} gzip, ${kb(brotli)} brotli`)

const pairs = Number(process.env.PAIRS ?? 40)
console.log(`\nA whole prompt with one delegation in the real OpenCode, medians of ${pairs} pairs`)
for (const executor of ["delegate", "host"]) {
  for (const { what, stock, added } of await hostCost(pairs, executor)) {
    const name = `${executor}, ${what}`
    console.log(`  ${name.padEnd(24)} ${stock.toFixed(1).padStart(6)} ms without the plugin, ${added >= 0 ? "+" : ""}${added.toFixed(1)} ms with it`)
  }
}
