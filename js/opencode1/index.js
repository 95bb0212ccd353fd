// The face of OpenCode 1: the plugin function, and the calls for composed plugins.

/**
 * @typedef {import("./delegation.js").Delegation} Delegation
 * @typedef {import("./execute/index.js").PluginTool} PluginTool
 * @typedef {import("./execute/index.js").PluginTasks} PluginTasks
 */

export { attach, server } from "./instance.js"
export { bindClient } from "./sdk/index.js"
