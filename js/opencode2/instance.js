// One engine for each project of OpenCode 2, however often the plugin is loaded.

import { LOADED_AGAIN, reporter } from "../core/index.js"
import { bindContext } from "./sdk/index.js"
import { delegation } from "./setup.js"

/**
 * @typedef {import("./sdk/index.js").Context} Context
 * @typedef {import("./subagent/index.js").OtherPlugin} OtherPlugin
 *
 * The calls for composed plugins: they take in another plugin's name for a session, and find the session that a parent knows by a
 * name. `end` ends the engine.
 * @typedef {{
 *   addAlias: (nickname: { parentID: string, sessionID: string, alias: string }) => Promise<void>,
 *   findSession: (parentID: string, task_id: string) => Promise<string | undefined>, end: () => Promise<void>
 * }} Delegation
 *
 * What a project has: its composed plugins, and its engine.
 * @typedef {{ others: OtherPlugin[], loaded: boolean, engine?: Delegation }} Project
 */

/** The projects of this process, by directory: two engines of one project would name the same sessions. */
const PROJECTS = Symbol.for("opencode-delegate.projects")
const projects = /** @type {{ [PROJECTS]?: Map<string, Project> }} */ (globalThis)[PROJECTS] ??= new Map()

/**
 * Whether a context is OpenCode 2's. OpenCode 1.18.33 calls `setup` as well, with a smaller context: there `server` is the plugin.
 * @param {any} context
 * @returns {boolean}
 */
export const isOpenCode2 = (context) => !!(context?.tool?.transform && context.session?.hook && context.storage)

/**
 * Sets the plugin up in OpenCode 2.
 * @param {Context} context
 * @returns {Promise<() => Promise<void>>} ends the plugin
 */
export async function setup(context) {
  return isOpenCode2(context) ? attach(context, context.options) : async () => {}
}

/**
 * The project of a context.
 * @param {Context} context
 * @returns {Project}
 */
export function projectOf({ location: { directory } }) {
  const project = projects.get(directory) ?? { others: [], loaded: false }
  projects.set(directory, project)
  return project
}

/**
 * Attaches to the one engine of a project. The first caller sets the options.
 * @param {Context} context
 * @param {Record<string, unknown>} [options]
 * @returns {Promise<() => Promise<void>>} ends the engine, if this caller began it
 */
export async function attach(context, options = {}) {
  const project = projectOf(context)
  if (project.loaded) {
    if (Object.keys(options).length) reporter(bindContext(context)).warn(LOADED_AGAIN)
    return async () => {}
  }
  project.loaded = true
  try {
    project.engine = await delegation(context, options, project.others)
  } catch (error) {
    project.loaded = false
    throw error
  }
  return async () => {
    const { engine } = project
    Object.assign(project, { loaded: false, engine: undefined })
    await engine?.end()
  }
}
