// One engine for each instance of OpenCode, however often the plugin is loaded.

import { LOADED_AGAIN } from "../core/index.js"
import { loadEngine } from "../load_engine.js"
import { delegation } from "./delegation.js"

/**
 * @typedef {import("@opencode-ai/plugin").PluginInput} PluginInput
 * @typedef {import("@opencode-ai/plugin").Hooks} Hooks
 * @typedef {import("./delegation.js").Delegation} Delegation
 */

/** The engines of this process, by OpenCode's client: two engines of one instance would name the same sessions. */
const ENGINES = Symbol.for("opencode-delegate.engines")
const engines = /** @type {{ [ENGINES]?: WeakMap<object, Delegation> }} */ (globalThis)[ENGINES] ??= new WeakMap()

/**
 * @param {PluginInput} input
 * @param {Record<string, unknown>} [options] the fields of Config except `agents`, and `executor`
 * @returns {Promise<Hooks>}
 */
export const server = async (input, options = {}) => (await attach(input, options)).hooks

/**
 * Attaches to the one engine of an instance of OpenCode. The first caller sets the options and gets the hooks.
 * @param {PluginInput} input
 * @param {Record<string, unknown>} options
 * @param {readonly string[]} [executors] the known executors, the default first
 * @returns {Promise<{ hooks: Hooks, shared: Delegation }>}
 */
export async function attach(input, options, executors) {
  await loadEngine()
  const known = engines.get(input.client)
  if (known) {
    if (Object.keys(options).length) known.warn(LOADED_AGAIN)
    return { hooks: {}, shared: known }
  }
  const shared = delegation(input, options, executors)
  engines.set(input.client, shared)
  return { hooks: shared.hooks, shared }
}
