// oh-my-opencode-slim: where it is, and what it calls sessions.

import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

export const SLIM = "oh-my-opencode-slim"

/** The version that the composition is tested with. */
export const TESTED = "2.2.24"

/** The key of the metadata that marks a part as slim's job board. */
const BOARD = `${SLIM}.backgroundJobBoard`

/** A line of the board: `- exp-1 / ses_... / explorer / completed, reconciled`. */
const JOB = /^- (\S+) \/ (ses_\w+) \/ /gm

/**
 * The aliases that slim's job board tells in a request to the model.
 * @param {any[]} messages
 * @returns {Iterable<import("./compose.js").Told>}
 */
export function* aliases(messages) {
  for (const { info, parts } of messages) {
    for (const { metadata, text } of parts) {
      if (metadata?.[BOARD] !== true) continue
      for (const [, alias, sessionID] of text.matchAll(JOB)) yield { parentID: info.sessionID, sessionID, alias }
    }
  }
}

/**
 * Loads slim from where this package is installed.
 * @returns {Promise<{ server: import("../compose.js").Server, version: string | undefined }>}
 * @throws {Error} what is wrong, and what can be done
 */
export async function load() {
  /** @type {any} */
  let module
  try {
    module = await import(SLIM)
  } catch (error) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error)
    const missing = code === "ERR_MODULE_NOT_FOUND" && message.includes(`'${SLIM}'`)
    const why = missing ? "it is not installed beside opencode-delegate" : message
    throw new Error(`${SLIM} could not be loaded: ${why}. Install it there: npm install ${SLIM}@${TESTED}`)
  }
  const server = module.default?.server ?? module.default
  if (typeof server !== "function") throw new Error(`${SLIM} is no OpenCode plugin any more. Install the one that is: npm install ${SLIM}@${TESTED}`)
  return { server, version: version() }
}

/** The version of the slim that is loaded, as the package.json above its module tells it. */
function version() {
  for (let folder = new URL(".", import.meta.resolve(SLIM)); ; folder = new URL("..", folder)) {
    try {
      const { name, version } = JSON.parse(readFileSync(fileURLToPath(new URL("package.json", folder)), "utf8"))
      if (name === SLIM) return version
    } catch {
      // None here.
    }
    if (folder.href === new URL("..", folder).href) return undefined
  }
}
