// Installs the packages and the toolchain that this project's commands need. Needs nothing but Node and npm itself.

import { spawnSync } from "node:child_process"
import { existsSync, lstatSync, statSync } from "node:fs"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))
const npm = process.platform === "win32" ? "npm.cmd" : "npm"

/** The file that npm writes at the end of an install: its age is that of the last install. */
const installed = `${root}node_modules/.package-lock.json`
const stale = !existsSync(installed) || statSync(installed).mtimeMs < statSync(`${root}package-lock.json`).mtimeMs
/** A linked folder belongs to another checkout: `npm ci` would empty it. */
const linked = lstatSync(`${root}node_modules`, { throwIfNoEntry: false })?.isSymbolicLink()
if (stale && linked) {
  console.error("node_modules is a link into another checkout, and its packages are not those of package-lock.json. Remove the link, or install there.")
  process.exit(1)
}
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
