// The measured machine, and the calls of its programs.

import { execFileSync, spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { cpus } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

export const ROOT = fileURLToPath(new URL("../..", import.meta.url))
export const BUN = join(ROOT, "node_modules", ".bin", "bun")
/** The build folder of the measurements. In the crate's own folder they would undo its builds. */
export const BENCH = join(ROOT, "target", "bench")

const output = (/** @type {string} */ command, /** @type {string[]} */ args) => execFileSync(command, args, { cwd: ROOT, encoding: "utf8" }).trim()

/** Runs cargo on the crate of the measurements. @param {string[]} args @param {NodeJS.ProcessEnv} [env] */
export function cargo([command, ...args], env) {
  const all = [command, "--locked", "--quiet", "--manifest-path", join("tests", "bench", "Cargo.toml"), "--target-dir", BENCH, ...args]
  // Progress goes to standard error, apart from the figures.
  const { status, error } = spawnSync("cargo", all, { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"], env: { ...process.env, ...env } })
  if (status !== 0) throw new Error(`cargo ${all.join(" ")} failed${error ? `: ${error.message}` : ""}`)
}

/** The description of the machine. */
export function machine() {
  const { version: slim } = JSON.parse(readFileSync(join(ROOT, "node_modules", "oh-my-opencode-slim", "package.json"), "utf8"))
  const rustc = output("rustc", ["--version"]).split(" ")[1]
  return `${cpus().length} cores of ${cpus()[0].model.trim()}, Node ${process.versions.node}, Bun ${output(BUN, ["--version"])}, rustc ${rustc}, oh-my-opencode-slim ${slim}`
}
