// Other plugins that are composed: loaded from the folder of this package's installation.

import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

/** @typedef {Pick<import("./description.js").Description, "plugin" | "tested">} Known */

/**
 * Loads a plugin.
 * @param {Known} known
 * @param {() => Promise<any>} [load] imports its module
 * @returns {Promise<{ server: import("@opencode-ai/plugin").Plugin, setup?: import("./setup.js").Setup, version: string | undefined }>}
 * @throws {Error} the fault and its remedy
 */
export async function loadPlugin({ plugin, tested }, load = () => import(plugin)) {
  let module
  try {
    module = await load()
  } catch (error) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error)
    const missing = code === "ERR_MODULE_NOT_FOUND" && [`'${plugin}'`, `'${plugin}/server'`].some((name) => message.includes(name))
    const why = missing ? "it is not installed beside opencode-delegate" : message
    throw new Error(`${plugin} could not be loaded: ${why}. Install it there: npm install ${plugin}@${tested}`)
  }
  const server = module.default?.server ?? module.default
  if (typeof server !== "function") throw new Error(`${plugin} is not an OpenCode plugin. Install a version that is one: npm install ${plugin}@${tested}`)
  return { server, setup: module.default.setup, version: versionOf(plugin, import.meta.resolve(plugin)) }
}

/** The version of a plugin, from the package.json above its module. @param {string} plugin @param {string} module its address @returns {string | undefined} */
export function versionOf(plugin, module) {
  for (let folder = new URL(".", module); ; folder = new URL("..", folder)) {
    try {
      const { name, version } = JSON.parse(readFileSync(fileURLToPath(new URL("package.json", folder)), "utf8"))
      if (name === plugin) return version
    } catch {
      // This folder has none.
    }
    if (folder.href === new URL("..", folder).href) return undefined
  }
}

/**
 * Loads a plugin, and says what is wrong with it.
 * @param {{ alarm: (message: string) => void, warn: (message: string) => void }} reporter
 * @param {Known} known
 * @param {() => Promise<any>} [load] imports its module
 */
export async function loadReported({ alarm, warn }, known, load) {
  const { plugin, tested } = known
  const loaded = await loadPlugin(known, load).catch((error) => {
    alarm(`${error.message} Until then its agents and tools are missing, and delegation works as with opencode-delegate alone.`)
  })
  if (loaded && loaded.version !== tested) {
    warn(`This is ${plugin} ${loaded.version ?? "of an unknown version"}; opencode-delegate is tested with ${tested}. If delegations fail, install that version.`)
  }
  return loaded
}
