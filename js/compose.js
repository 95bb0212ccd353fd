// Any OpenCode plugin, composed with the delegation engine.

import { checkDescription, compose, composeSetup } from "./compose/index.js"

/**
 * @typedef {(input: import("@opencode-ai/plugin").PluginInput, options?: any) => Promise<any>} Server the function of a plugin of
 *   OpenCode 1
 * @typedef {import("./compose/description.js").Description} Description
 * @typedef {(context: any) => Promise<unknown>} Setup the function of a plugin of OpenCode 2
 * @typedef {Omit<import("./api.js").Config, "agents"> & { executor?: "delegate" | "host" }} Options the engine's options, and the
 *   plugin's own: who runs the children. Agents come from OpenCode's configuration.
 */

/**
 * Gives a plugin the delegations of this engine. The engine reads the arguments of a `task` call, in OpenCode 2 of a `subagent`
 * call, before the given plugin. It chooses the resumed session, and names the session in the result. A refusal of the given
 * plugin stands, unless the plugin had dropped the session and so refused a new one. Everything else of the plugin passes through
 * unchanged: its other hooks, tools and fields, and all that it asks of OpenCode.
 *
 * OpenCode's own tool runs the children (`executor: "host"`), unless the given plugin brings one. The given plugin's tools
 * that take a `task_id` accept a session's name for its id.
 *
 * @example
 * import { withDelegation } from "opencode-delegate/compose"
 * import plugin from "some-plugin"
 *
 * export default withDelegation(plugin, { same_agent: "resume" })
 *
 * @template {Server | { server: Server } | { setup: Setup }} Plugin
 * @param {Plugin} plugin a plugin function, or an object that has one as `server`, as `setup` or as both
 * @param {Options} [options] the engine's options, as beside `opencode-delegate` in opencode.json; options
 *   beside the composed plugin go to the given plugin
 * @param {Description} [description] what is known of a plugin with delegation tools of its own, in OpenCode 1
 * @returns {Plugin} the given plugin, composed
 * @throws {TypeError} if `plugin` is no plugin
 * @throws {import("./api.js").DelegateError} `invalid_config`, naming the field of the description at fault
 */
export function withDelegation(plugin, options = {}, description = undefined) {
  const known = description ? checkDescription(description) : undefined
  const given = /** @type {any} */ (plugin)
  /** @param {Server} server @returns {Server} */
  const composed = (server) => async (input, own) => compose(input, (theirs) => server(theirs, own), options, known)
  if (typeof given === "function") return /** @type {any} */ (composed(given))
  const fields = Object.getOwnPropertyDescriptors(given ?? {})
  const [hasServer, hasSetup] = ["server", "setup"].map((name) => typeof given?.[name] === "function")
  if (!hasServer && !hasSetup) throw new TypeError("withDelegation takes a plugin function, or an object whose `server` or `setup` is one.")
  if (hasServer) fields.server = { value: composed((input, own) => given.server(input, own)), enumerable: true }
  if (hasSetup) fields.setup = { value: (/** @type {any} */ context) => composeSetup(context, (theirs) => given.setup(theirs), `opencode-delegate+${given.id}`, options), enumerable: true }
  return Object.create(Object.getPrototypeOf(given), fields)
}
