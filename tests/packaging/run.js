// The published package, in every place that loads it: installed from the tarball into projects outside the checkout. A bundle
// runs in another folder, with the project gone. Each place prints one line; `--only word` runs the lines with that word.

import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { existsSync, statSync } from "node:fs"
import { fileURLToPath } from "node:url"

const here = fileURLToPath(new URL(".", import.meta.url))
const npm = process.platform === "win32" ? "npm.cmd" : "npm"
const installed = `${here}node_modules/.package-lock.json`
if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(`${here}package-lock.json`).mtimeMs) {
  console.log("Installing the programs that load, bundle and check the package ...")
  const { status } = spawnSync(npm, ["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: here, stdio: "inherit" })
  if (status !== 0) process.exit(1)
}

const { close } = await import("./browser.js")
const { loaders } = await import("./loaders.js")
const { published } = await import("./published.js")

const only = process.argv.includes("--only") ? process.argv[process.argv.indexOf("--only") + 1] : ""
const began = Date.now()
const counts = { passed: 0, failed: 0, skipped: 0 }
for (const [name, check] of [...published, ...loaders].filter(([name]) => name.toLowerCase().includes(only.toLowerCase()))) {
  const start = Date.now()
  const { end, detail } = await check().then(
    (detail) => (detail?.startsWith("skipped") ? { end: "skipped", detail: detail.slice(9) } : { end: "passed", detail }),
    (error) => ({ end: "FAILED", detail: error instanceof assert.AssertionError ? error.message : String(error.stack ?? error) }),
  )
  counts[/** @type {keyof typeof counts} */ (end.toLowerCase())]++
  console.log(`${name}: ${end}${detail ? ` (${detail})` : ""}, ${((Date.now() - start) / 1000).toFixed(1)} s`)
}
await close()
console.log(`The package loads where it should: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped (${Math.round((Date.now() - began) / 1000)} s)`)
process.exitCode = counts.failed || !counts.passed ? 1 : 0
