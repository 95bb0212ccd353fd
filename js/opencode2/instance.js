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
 * What a project has: its composed plugins, the loads of this package in order, and the engine of the first.
 * @typedef {{ id: string, context: Context, options: Record<string, unknown> }} Load of the plugin with that id
 * @typedef {{ others: OtherPlugin[], loads: Load[], engine?: Delegation }} Project
 */

/** The id of this package's own plugin. */
const PLUGIN = "opencode-delegate"

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
  return isOpenCode2(context) ? attach(context, PLUGIN, context.options) : async () => {}
}

/**
 * The project of a context.
 * @param {Context} context
 * @returns {Project}
 */
export function projectOf({ location: { directory } }) {
  const project = projects.get(directory) ?? { others: [], loads: [] }
  projects.set(directory, project)
  return project
}

/**
 * Attaches to the one engine of a project, which the first plugin begins with its options. A plugin that is loaded again takes its
 * own place: OpenCode need not have ended the load before.
 * @param {Context} context
 * @param {string} id the plugin's
 * @param {Record<string, unknown>} [options]
 * @returns {Promise<() => Promise<void>>} ends the load
 */
export async function attach(context, id, options = {}) {
  const project = projectOf(context)
  const { loads } = project
  const load = { id, context, options }
  const place = loads.findIndex((known) => known.id === id)
  loads.splice(place < 0 ? loads.length : place, 1, load)
  const end = async () => {
    const place = loads.indexOf(load)
    if (place < 0) return
    loads.splice(place, 1)
    if (place === 0) await begin(project)
  }
  if (loads[0] === load) {
    await begin(project).catch(async (error) => {
      await end()
      throw error
    })
  } else if (Object.keys(options).length) reporter(bindContext(context)).warn(LOADED_AGAIN)
  return end
}

/** Begins the engine of a project's first load, in place of the engine before. @param {Project} project */
async function begin(project) {
  const { engine, loads: [load] } = project
  project.engine = undefined
  await engine?.end()
  if (load) project.engine = await delegation(load.context, load.options, project.others)
}
