// oh-my-opencode-slim: how it is loaded, and its names for sessions.

import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

export const SLIM = "oh-my-opencode-slim"

/** The version of the composition's tests. */
export const TESTED = "2.2.24"

/** The metadata key of a part that holds slim's job board. */
const BOARD = `${SLIM}.backgroundJobBoard`

/** A line of the board: `- exp-1 / ses_... / explorer / completed, reconciled`. */
const JOB = /^- (\S+) \/ (ses_\w+) \/ /gm

/**
 * Slim's names for sessions, from its job board in a request to the model.
 * @param {any[]} messages
 * @returns {Iterable<import("./compose.js").Nickname>}
 */
export function* boardNicknames(messages) {
  for (const { info, parts } of messages) {
    for (const { metadata, text } of parts) {
      if (metadata?.[BOARD] !== true) continue
      for (const [, alias, sessionID] of text.matchAll(JOB)) yield { parentID: info.sessionID, sessionID, alias }
    }
  }
}

/** The refusal of a new session whose work an ended one has done: slim takes a session that it has forgotten for a new one. */
const REFUSES_NEW = /^A background task with the same objective already finished/

/** What is known of slim's calls. @type {import("./setup.js").Known} */
export const SLIM_CALLS = { nicknames: boardNicknames, refusesNew: (error) => REFUSES_NEW.test(/** @type {any} */ (error)?.message) }

/** Imports the module that OpenCode 2 loads. @returns {Promise<any>} */
export const importForOpenCode2 = () => import(`${SLIM}/server`)

/**
 * Loads slim from the folder of this package's installation.
 * @param {() => Promise<any>} [load] imports its module
 * @returns {Promise<{ server: import("@opencode-ai/plugin").Plugin, setup?: import("./setup.js").Setup, version: string | undefined }>}
 * @throws {Error} the fault and its remedy
 */
export async function loadSlim(load = () => import(SLIM)) {
  let module
  try {
    module = await load()
  } catch (error) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error)
    const missing = code === "ERR_MODULE_NOT_FOUND" && [`'${SLIM}'`, `'${SLIM}/server'`].some((name) => message.includes(name))
    const why = missing ? "it is not installed beside opencode-delegate" : message
    throw new Error(`${SLIM} could not be loaded: ${why}. Install it there: npm install ${SLIM}@${TESTED}`)
  }
  const server = module.default?.server ?? module.default
  if (typeof server !== "function") throw new Error(`${SLIM} is not an OpenCode plugin. Install a version that is one: npm install ${SLIM}@${TESTED}`)
  return { server, setup: module.default.setup, version: versionOf(import.meta.resolve(SLIM)) }
}

/** The version of a slim, from the package.json above its module. @param {string} module its address @returns {string | undefined} */
export function versionOf(module) {
  for (let folder = new URL(".", module); ; folder = new URL("..", folder)) {
    try {
      const { name, version } = JSON.parse(readFileSync(fileURLToPath(new URL("package.json", folder)), "utf8"))
      if (name === SLIM) return version
    } catch {
      // This folder has none.
    }
    if (folder.href === new URL("..", folder).href) return undefined
  }
}
