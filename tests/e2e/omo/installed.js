// Whether the plugins of this folder's package.json are installed: `npm test` does not need them.

import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"

/** The module of an installed plugin. @param {string} path */
export const moduleOf = (path) => new URL(`./node_modules/${path}`, import.meta.url)

const installed = existsSync(fileURLToPath(moduleOf("oh-my-openagent/package.json")))

/** Why these tests cannot run here, for the `skip` of a test: `false` if they can. */
export const MISSING = installed ? false : "oh-my-openagent is not installed: node tests/setup.js --omo"
