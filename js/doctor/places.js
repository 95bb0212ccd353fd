// Where OpenCode 1 reads its configuration, in the order in which it applies it: a later place wins.

import { existsSync, readdirSync, realpathSync, statSync } from "node:fs"
import { dirname, join, relative, resolve, sep } from "node:path"

/**
 * @typedef {{ env: Record<string, string | undefined>, home: string, cwd: string, platform: string }} Machine
 * @typedef {"file" | "agents" | "modes" | "plugins" | "text"} Form a JSON file, a folder of agents in Markdown, of modes, of
 *   local plugins, or the text of a variable
 * @typedef {{ path: string, form: Form, globally?: boolean, managed?: boolean }} Place `globally`: one of the global files, whose
 *   lists replace each other; `managed`: an administrator's, which this package never writes
 */

/** The name of OpenCode's variable that holds a configuration. */
export const CONTENT = "OPENCODE_CONFIG_CONTENT"

/** @param {Machine} machine */
export const configFolder = ({ env, home }) => join(env.XDG_CONFIG_HOME || join(home, ".config"), "opencode")

/** Where OpenCode installs the packages that a configuration names. @param {Machine} machine */
export const packagesFolder = ({ env, home }) => join(env.XDG_CACHE_HOME || join(home, ".cache"), "opencode", "packages")

/** An administrator's folder. @param {Machine} machine */
function managedFolder({ env, platform }) {
  if (platform === "darwin") return "/Library/Application Support/opencode"
  if (platform === "win32") return join(env.ProgramData || "C:\\ProgramData", "opencode")
  return "/etc/opencode"
}

/** @param {string | undefined} value */
const isSet = (value) => ["1", "true"].includes(value?.toLowerCase() ?? "")

/** The folders from a start up to an end, or to the root of the file system. @param {string} start @param {string} [end] */
function upwards(start, end) {
  const folders = [start]
  for (let folder = start; folder !== end && dirname(folder) !== folder; ) folders.push((folder = dirname(folder)))
  return folders
}

/** The root of the project: the folder with `.git`. Without one, OpenCode looks up to the root of the file system. @param {string} cwd */
const worktree = (cwd) => upwards(cwd).find((folder) => existsSync(join(folder, ".git")))

/** The folders `.opencode` and the like, in OpenCode's order. @param {Machine} machine */
function ownFolders(machine) {
  const { env, home, cwd } = machine
  const project = isSet(env.OPENCODE_DISABLE_PROJECT_CONFIG) ? [] : upwards(cwd, worktree(cwd)).map((folder) => join(folder, ".opencode"))
  const folders = [...project, join(home, ".opencode"), ...(env.OPENCODE_CONFIG_DIR ? [resolve(cwd, env.OPENCODE_CONFIG_DIR)] : [])]
  return [...new Set(folders)].filter((folder) => existsSync(folder))
}

/** The files of a folder, in OpenCode's order. @param {string} folder @param {string} name @returns {Place[]} */
const pair = (folder, name) => [`${name}.json`, `${name}.jsonc`].map((file) => ({ path: join(folder, file), form: "file" }))

/** The files from the root of the project down to the current folder. @param {Machine} machine @param {string} name @param {string} [end] */
function projectFiles({ env, cwd }, name, end) {
  if (isSet(env.OPENCODE_DISABLE_PROJECT_CONFIG)) return []
  return upwards(cwd, end).reverse().flatMap((folder) => pair(folder, name))
}

/** The places of the server half. @param {Machine} machine @returns {Place[]} */
export function serverPlaces(machine) {
  const { env, cwd } = machine
  const config = configFolder(machine)
  /** @param {string} folder @returns {Place[]} */
  const contents = (folder) => [
    { path: folder, form: "agents" },
    { path: folder, form: "modes" },
    { path: folder, form: "plugins" },
  ]
  return [
    ...["config.json", "opencode.json", "opencode.jsonc"].map((file) => /** @type {Place} */ ({ path: join(config, file), form: "file", globally: true })),
    ...(env.OPENCODE_CONFIG ? [/** @type {Place} */ ({ path: resolve(cwd, env.OPENCODE_CONFIG), form: "file" })] : []),
    ...projectFiles(machine, "opencode", worktree(cwd)),
    ...contents(config),
    ...ownFolders(machine).flatMap((folder) => [...pair(folder, "opencode"), ...contents(folder)]),
    ...(env[CONTENT] ? [/** @type {Place} */ ({ path: CONTENT, form: "text" })] : []),
    ...pair(managedFolder(machine), "opencode").map((place) => ({ ...place, managed: true })),
  ]
}

/** The places of the terminal half. @param {Machine} machine @returns {Place[]} */
export function terminalPlaces(machine) {
  const { env, cwd } = machine
  return [
    ...pair(configFolder(machine), "tui"),
    ...(env.OPENCODE_TUI_CONFIG ? [/** @type {Place} */ ({ path: resolve(cwd, env.OPENCODE_TUI_CONFIG), form: "file" })] : []),
    ...projectFiles(machine, "tui"),
    ...ownFolders(machine).flatMap((folder) => pair(folder, "tui")),
  ]
}

/**
 * The files below some folders of a place, in the order of their names.
 * @param {string} folder @param {string[]} names the names that the folders may have @param {RegExp} wanted
 * @param {boolean} deep whether folders below them count
 */
export function filesIn(folder, names, wanted, deep) {
  return names.flatMap((name) => walk(join(folder, name), { wanted, depth: deep ? DEEPEST : 0, above: [], left: { folders: MOST } }).sort())
}

/** How deep a folder may be, and how many folders are looked into: links can lead in many circles. */
const [DEEPEST, MOST] = [12, 2000]

/**
 * @typedef {{ wanted: RegExp, depth: number, above: string[], left: { folders: number } }} Walk `depth`: how many folders deeper to
 *   look; `above`: the real paths of the folders on the way
 */

/** @param {string} folder @param {Walk} way @returns {string[]} */
function walk(folder, { wanted, depth, above, left }) {
  let entries
  let real
  try {
    entries = readdirSync(folder)
    real = realpathSync(folder)
  } catch {
    return []
  }
  if (above.includes(real) || left.folders-- <= 0) return []
  return entries.flatMap((name) => {
    const path = join(folder, name)
    const found = whatIsAt(path)
    if (found?.isDirectory()) return depth ? walk(path, { wanted, depth: depth - 1, above: [...above, real], left }) : []
    return found && wanted.test(name) ? [path] : []
  })
}

/** A link counts as what it leads to, and one that leads nowhere as nothing. @param {string} path */
function whatIsAt(path) {
  try {
    return statSync(path)
  } catch {
    return undefined
  }
}

/** The name of an agent by its file. @param {string} folder @param {string} file */
export function nameByFile(folder, file) {
  const [, ...rest] = relative(folder, file).split(sep)
  return rest.join("/").replace(/\.md$/, "")
}
