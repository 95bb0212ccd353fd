// The OpenCode that a terminal would start, and its version.

import { execFile } from "node:child_process"
import { accessSync, constants, statSync } from "node:fs"
import { delimiter, join } from "node:path"

/** @typedef {{ path: string, version?: string }} Program */

/** A program that prints its version does so within this time, in milliseconds. */
const PATIENCE = 20_000

/** @param {string} name @param {import("./places.js").Machine} machine */
function onPath(name, { env, platform }) {
  const ends = platform === "win32" ? [".exe", ".cmd"] : [""]
  const places = (env.PATH ?? env.Path ?? "").split(delimiter).filter(Boolean).flatMap((folder) => ends.map((end) => join(folder, name + end)))
  return places.find((path) => {
    try {
      accessSync(path, constants.X_OK)
      return statSync(path).isFile()
    } catch {
      return false
    }
  })
}

/**
 * The first program of that name on the PATH, asked for its version.
 * @param {string} name @param {import("./places.js").Machine} machine
 * @returns {Promise<Program | undefined>}
 */
async function program(name, machine) {
  const path = onPath(name, machine)
  if (!path) return undefined
  const said = await new Promise((resolve) => {
    // A script of Windows needs a shell.
    execFile(path, ["--version"], { timeout: PATIENCE, killSignal: "SIGKILL", shell: path.endsWith(".cmd") }, (error, out) => resolve(error ? "" : out))
  })
  return { path, version: versionSaid(said) }
}

/** The version in what a program prints: alone on a line, or behind the program's name. @param {string} said */
export const versionSaid = (said) => /^(?:[A-Za-z][\w-]* )?v?(\d+\.\d+\.\d+\S*)\s*$/m.exec(said)?.[1]

/**
 * OpenCode 1 and OpenCode 2 of this machine.
 * @typedef {{ opencode?: Program, opencode2?: Program }} Programs
 * @param {import("./places.js").Machine} machine
 * @returns {Promise<Programs>}
 */
export async function programs(machine) {
  const [found, other] = await Promise.all([program("opencode", machine), program("opencode2", machine)])
  return found?.version?.startsWith("2.") ? { opencode2: found } : { opencode: found, opencode2: other }
}

/** Whether OpenCode 2 is here, and OpenCode 1 is not. @param {Programs} programs */
export const isTwoAlone = ({ opencode, opencode2 }) => !opencode && opencode2 !== undefined
