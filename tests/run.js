// `npm test`: Rust, JavaScript under Node and under Bun, and the real OpenCode. Every part runs, whatever came before.

import { spawnSync } from "node:child_process"
import { readdirSync } from "node:fs"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))
const tests = (/** @type {string} */ folder) =>
  readdirSync(`${root}${folder}`).filter((name) => name.endsWith(".test.js")).map((name) => `./${folder}/${name}`)

// Two servers at once are as many as two cores bear without tests that wait for each other.
const endToEnd = ["--test", "--test-reporter=spec", "--test-concurrency=2", "--test-timeout=240000"]

/** @type {[string, string, string[], object?][]} */
const parts = [
  ["Rust", "cargo", ["test", "--locked", "--quiet"]],
  ["JavaScript under Node", process.execPath, ["--test", "--test-reporter=dot", ...tests("tests/shim")]],
  ["The shim in simulated hosts", process.execPath, ["--test", "--test-reporter=spec", ...tests("tests/sim_plugin")]],
  ["JavaScript under Bun", `${root}node_modules/.bin/bun`, ["test", "--dots", ...tests("tests/shim")]],
  ["The real OpenCode, executor delegate", process.execPath, [...endToEnd, ...tests("tests/e2e"), ...tests("tests/e2e/delegate")], { EXECUTOR: "delegate" }],
  ["The real OpenCode, executor host", process.execPath, [...endToEnd, ...tests("tests/e2e")], { EXECUTOR: "host" }],
  ["The real OpenCode with slim and other plugins", process.execPath, [...endToEnd, ...tests("tests/e2e/slim"), ...tests("tests/e2e/compose")]],
]

const failed = parts.filter(([name, command, args, env]) => {
  console.log(`\n== ${name}`)
  const began = Date.now()
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: "inherit", env: { ...process.env, ...env } })
  if (error) console.error(error.message)
  console.log(`== ${name}: ${status === 0 ? "passed" : "FAILED"} in ${((Date.now() - began) / 1000).toFixed(0)} s`)
  return status !== 0
})
console.log(`\n${parts.length - failed.length} passed, ${failed.length} failed`)
process.exitCode = failed.length ? 1 : 0
