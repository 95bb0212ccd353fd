// node tests/fuzz/run.js [seconds] runs each target for this time, from the seeds and its earlier findings. It needs a nightly
// compiler and cargo-fuzz. Crashes go to tests/fuzz/artifacts; a reduced crash becomes a case in tests/fuzz/regressions.

import { spawnSync } from "node:child_process"
import { readdirSync } from "node:fs"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../..", import.meta.url))
const seconds = Number(process.argv[2] ?? process.env.FUZZ_SECONDS ?? 120)
const targets = readdirSync(new URL("targets", import.meta.url)).map((name) => name.replace(".rs", "")).sort()

run(process.execPath, ["tests/fuzz/seeds.js"])
const ran = /** @type {string[]} */ ([])
const crashed = /** @type {string[]} */ ([])
for (const target of targets) {
  const limits = [`-max_total_time=${seconds}`, "-max_len=16384", "-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1"]
  const { status, stderr } = run("cargo", ["+nightly", "fuzz", "run", "--fuzz-dir", "tests/fuzz", target, "--", ...limits])
  const runs = /stat::number_of_executed_units:\s*(\d+)/.exec(stderr)?.[1]
  if (status !== 0 || !runs) crashed.push(target)
  if (!runs) console.error(stderr.slice(-4_000))
  ran.push(`${target} ${runs ?? "?"} runs`)
}
console.log(`fuzz: ${ran.join(", ")}, ${seconds} s each, ${crashed.length} crash, hang or take too much`)
process.exitCode = crashed.length ? 1 : 0

/** @param {string} command @param {string[]} args */
function run(command, args) {
  return spawnSync(command, args, { cwd: root, encoding: "utf8", maxBuffer: 1 << 28 })
}
