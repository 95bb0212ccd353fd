// Installs the packages and the toolchain that this project's commands need. Needs nothing but Node and npm itself.

import { spawnSync } from "node:child_process"
import { existsSync, lstatSync, statSync } from "node:fs"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))
const npm = process.platform === "win32" ? "npm.cmd" : "npm"

install(root)

if (process.argv.includes("--opencode2")) {
  if (process.platform === "linux" && process.arch === "x64") install(`${root}tests/e2e/opencode2/`)
  else console.log("OpenCode 2 is published for Linux x64 only, so its tests are skipped here.")
}

// Its dependencies are large. OpenCode needs neither their install scripts nor the binaries of their command lines.
if (process.argv.includes("--omo")) install(`${root}tests/e2e/omo/`, ["--ignore-scripts", "--omit=optional"])

if (process.argv.includes("--rust")) {
  if (spawnSync("rustup", ["--version"], { stdio: "ignore" }).error) {
    console.error("This needs Rust: install rustup from https://rustup.rs and try again.")
    process.exit(1)
  }
  const { stdout } = spawnSync("rustup", ["toolchain", "list"], { encoding: "utf8" })
  if (!stdout.includes("1.95.0")) run("rustup", ["toolchain", "install", "1.95.0", "--profile", "minimal"])
}

/** Installs the packages of a folder, unless they are there. @param {string} folder @param {string[]} [flags] of npm */
function install(folder, flags = []) {
  const packages = `${folder}node_modules`
  // npm writes this file at the end of an install: its age is that of the last install.
  const installed = `${packages}/.package-lock.json`
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(`${folder}package-lock.json`).mtimeMs) return
  // A linked folder belongs to another checkout: `npm ci` would empty it.
  if (lstatSync(packages, { throwIfNoEntry: false })?.isSymbolicLink()) {
    console.error("node_modules is a link into another checkout, and its packages are not those of package-lock.json. Remove the link, or install there.")
    process.exit(1)
  }
  console.log(`Installing the packages of ${folder.slice(root.length)}package-lock.json ...`)
  run(npm, ["ci", "--no-audit", "--no-fund", ...flags], folder)
}

/** @param {string} command @param {string[]} args @param {string} [folder] */
function run(command, args, folder = root) {
  const { status, error } = spawnSync(command, args, { cwd: folder, stdio: "inherit" })
  if (status === 0) return
  console.error(`${command} ${args.join(" ")} failed${error ? `: ${error.message}` : ""}`)
  process.exit(1)
}
