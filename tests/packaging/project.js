// The tarball, and projects of consumers outside the checkout, which get this package only from the tarball.

import { execFile, execFileSync } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

export const root = fileURLToPath(new URL("../..", import.meta.url))
const here = fileURLToPath(new URL(".", import.meta.url))
const fixtures = join(here, "fixtures")
const base = mkdtempSync(join(tmpdir(), "opencode-delegate-packaging-"))
process.on("exit", () => rmSync(base, { recursive: true, force: true, maxRetries: 3 }))

/** How long one command may take, in milliseconds. */
const PATIENCE = 300_000

/** @type {{ filename: string, size: number, unpackedSize: number, files: { path: string, size: number }[] }[]} */
const [packed] = JSON.parse(execFileSync("npm", ["pack", "--json", "--silent", "--pack-destination", base], { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }))

/** The output of `npm pack`. */
export const tarball = { ...packed, path: join(base, packed.filename) }

export const { version, dependencies = {}, devDependencies, engines } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))

/** A command of the checkout, or of tests/packaging. @param {string} name @param {string} [folder] */
export const bin = (name, folder = root) => join(folder, "node_modules", ".bin", name)

/** A command of tests/packaging. @param {string} name */
export const own = (name) => bin(name, here)

/**
 * Runs a command to its end, and returns its output. The error of a failed command has the whole output.
 * @param {string} command
 * @param {string[]} args
 * @param {string} cwd
 * @returns {Promise<string>}
 */
export function run(command, args, cwd) {
  const { NODE_OPTIONS: _, NODE_PATH: __, ...env } = process.env
  return new Promise((resolve, reject) => {
    execFile(command, args, { cwd, env: { ...env, NO_COLOR: "1", PWD: cwd }, timeout: PATIENCE, killSignal: "SIGKILL", maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      if (!error) return resolve(stdout.trim())
      reject(new Error(`${command.split("/").at(-1)} ${args.join(" ")}: ${error.killed ? "no end" : `status ${error.code}`}\n${stdout}${stderr}`.trim()))
    })
  })
}

let made = 0

/**
 * A project of this fixture, with the tarball and the named packages installed.
 * @param {string} fixture
 * @param {string[]} [others] packages with their versions
 */
export async function project(fixture, others = []) {
  const folder = join(base, `${fixture}-${++made}`)
  cpSync(join(fixtures, fixture), folder, { recursive: true })
  for (const shared of ["answers.js", "plugins.js"]) cpSync(join(fixtures, shared), join(folder, shared))
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "consumer", type: "module", private: true }))
  await run("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", tarball.path, ...others], folder)
  return folder
}

/**
 * Takes a part of a project elsewhere, where there is nothing else, and deletes the project.
 * @param {string} folder
 * @param {string} part
 */
export function leave(folder, part) {
  const elsewhere = join(base, `elsewhere-${++made}`)
  renameSync(join(folder, part), elsewhere)
  rmSync(folder, { recursive: true })
  return elsewhere
}

/** The package alone, with a page that takes its files as they are. */
export function unbundled() {
  const folder = join(base, `plain-${++made}`)
  mkdirSync(folder)
  execFileSync("tar", ["-xzf", tarball.path, "-C", folder])
  renameSync(join(folder, "package"), join(folder, "opencode-delegate"))
  for (const name of readdirSync(join(fixtures, "plain"))) cpSync(join(fixtures, "plain", name), join(folder, name))
  cpSync(join(fixtures, "answers.js"), join(folder, "answers.js"))
  return folder
}
