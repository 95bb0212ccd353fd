export type Server = (input: import("@opencode-ai/plugin").PluginInput, options?: any) => Promise<any>;
export type Description = import("./compose/description.js").Description;
export type Setup = (context: any) => Promise<unknown>;
export type Options = Omit<import("./api.js").Config, "agents"> & {
    executor?: "delegate" | "host";
};
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
export declare function withDelegation<Plugin extends Server | {
    server: Server;
} | {
    setup: Setup;
}>(plugin: Plugin, options?: Options, description?: Description): Plugin;
