// The packages that a `plugin` list names, and what is known of their delegation tools.

import { realpathSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { SLIM } from "../compose/index.js"
import { BRING_TOOLS } from "../core/index.js"
import { isObject } from "./json_text.js"
import { packagesFolder } from "./places.js"
import { readLoosely } from "./read_file.js"

/** @typedef {import("./places.js").Machine} Machine */
/**
 * @typedef {"ours" | "composed" | "slim" | "task" | "other" | "unloadable"} Role `composed`: this package's entry that holds slim;
 *   `task`: a plugin with a tool `task` of its own; `unloadable`: a path into a package, which OpenCode takes for a repository
 * @typedef {{ name: string, role: Role, folder?: string, version?: string, pinned?: string, missing?: boolean }} Named `missing`: no
 *   file has this path
 */

export const OURS = "opencode-delegate"

/** @param {string} name @returns {Role} */
function roleOf(name) {
  if (name === OURS) return "ours"
  if (name === SLIM) return "slim"
  return Object.hasOwn(BRING_TOOLS, name) ? "task" : "other"
}

/** The package of this folder or of one above, with its name and version. @param {string} start @returns {{ folder: string, name?: string, version?: string, exports?: any } | undefined} */
export function packageAbove(start) {
  for (let folder = start; ; folder = dirname(folder)) {
    try {
      const read = JSON.parse(readLoosely(join(folder, "package.json")) ?? "")
      if (isObject(read) && typeof read.name === "string") return { folder, name: read.name, version: read.version, exports: read.exports }
    } catch {
      // This folder has none.
    }
    if (dirname(folder) === folder) return undefined
  }
}

/** The version of an installed package. @param {string} folder */
export const versionIn = (folder) => {
  const found = packageAbove(folder)
  return found?.folder === folder ? found.version : undefined
}

/** @param {string} spec */
const isPath = (spec) => spec.startsWith(".") || spec.startsWith("file://") || resolve(spec) === spec

/**
 * The package that an entry of a `plugin` list names.
 * @param {string} spec @param {string} file the file that it stands in @param {Machine} machine
 * @returns {Named}
 */
export function named(spec, file, machine) {
  if (isPath(spec)) return namedByPath(spec, file)
  const [, name = spec, pinned] = /^((?:@[^/]+\/)?[^@/]+)(?:@(.*))?$/.exec(spec) ?? []
  if (name === spec && spec.includes("/") && !spec.startsWith("@")) {
    return { name: spec, role: spec.startsWith(`${OURS}/`) ? "unloadable" : "other" }
  }
  const folder = join(packagesFolder(machine), `${name}@${pinned ?? "latest"}`, "node_modules", name)
  return { name, role: roleOf(name), pinned, version: versionIn(folder), folder }
}

/** @param {string} spec @param {string} file @returns {Named} */
function namedByPath(spec, file) {
  let path = resolve(dirname(file), spec)
  let missing = false
  try {
    path = spec.startsWith("file://") ? fileURLToPath(spec) : path
    path = realpathSync(path)
  } catch {
    missing = true
  }
  const { folder, name = spec, version } = packageAbove(path) ?? {}
  const role = roleOf(name)
  const isSlim = role === "ours" && folder !== undefined && /^[/\\](?:slim([/\\]index\.js)?|js[/\\]slim\.js)$/.test(path.slice(folder.length))
  return { name: role === "other" ? spec : name, role: isSlim ? "composed" : role, folder, version, missing }
}
