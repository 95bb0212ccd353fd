// Any OpenCode plugin, composed with the delegation engine.

import { compose } from "./compose/compose.js"

/**
 * @typedef {(input: import("@opencode-ai/plugin").PluginInput, options?: any) => Promise<any>} Server a plugin function
 */

/**
 * Gives a plugin whose delegations this engine decides: it sees the arguments of a `task` call before the given plugin,
 * has the last word on the session that is resumed, and names the session in the result. What the given plugin refuses
 * stays refused, unless it has dropped the session before, so that it refuses a new one. All else of it passes through as
 * it is: its other hooks, tools and fields, known here or not.
 *
 * OpenCode's own `task` tool runs the children (`executor: "host"`), unless the given plugin brings one. A session's name
 * is as good as its id to the given plugin's tools that take a `task_id`.
 *
 * @example
 * import { withDelegation } from "opencode-delegate/compose"
 * import plugin from "some-plugin"
 *
 * export default withDelegation(plugin, { same_agent: "resume" })
 *
 * @template {Server | { server: Server }} Plugin
 * @param {Plugin} plugin a plugin function, or an object that has one as `server`
 * @param {Record<string, unknown>} [options] the engine's options, as beside `opencode-delegate` in opencode.json; those
 *   that stand beside the composed plugin go to the given one
 * @returns {Plugin} what was given, composed
 * @throws {TypeError} for what is no plugin
 */
export function withDelegation(plugin, options = {}) {
  const given = /** @type {any} */ (plugin)
  const isFunction = typeof plugin === "function"
  if (!isFunction && typeof given?.server !== "function") {
    throw new TypeError("withDelegation takes a plugin function, or an object whose `server` is one.")
  }
  /** @type {Server} */
  const server = async (input, own) => compose(input, (await (isFunction ? given(input, own) : given.server(input, own))) ?? {}, options)
  if (isFunction) return /** @type {any} */ (server)
  const fields = { ...Object.getOwnPropertyDescriptors(given), server: { value: server, enumerable: true } }
  return Object.create(Object.getPrototypeOf(given), fields)
}
