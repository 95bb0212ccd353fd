// Installs the packages and the toolchain that this project's commands need. Needs nothing but Node and npm itself.

import { spawnSync } from "node:child_process"
import { existsSync, statSync } from "node:fs"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))
const npm = process.platform === "win32" ? "npm.cmd" : "npm"

/** What npm writes at the end of an install: as old as the last one. */
const installed = `${root}node_modules/.package-lock.json`
const stale = !existsSync(installed) || statSync(installed).mtimeMs < statSync(`${root}package-lock.json`).mtimeMs
if (stale) {
  console.log("Installing the packages of package-lock.json ...")
  run(npm, ["ci", "--no-audit", "--no-fund"])
}

if (process.argv.includes("--rust")) {
  if (spawnSync("rustup", ["--version"], { stdio: "ignore" }).error) {
    console.error("This needs Rust: install rustup from https://rustup.rs and try again.")
    process.exit(1)
  }
  const { stdout } = spawnSync("rustup", ["toolchain", "list"], { encoding: "utf8" })
  if (!stdout.includes("1.95.0")) run("rustup", ["toolchain", "install", "1.95.0", "--profile", "minimal"])
}

/** @param {string} command @param {string[]} args */
function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: "inherit" })
  if (status === 0) return
  console.error(`${command} ${args.join(" ")} failed${error ? `: ${error.message}` : ""}`)
  process.exit(1)
}
