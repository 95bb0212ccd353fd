import "../engine.js";
export type Config = import("../api.js").Config;
export type AgentConfig = import("../api.js").AgentConfig;
export type PluginInput = import("@opencode-ai/plugin").PluginInput;
export type Hooks = import("@opencode-ai/plugin").Hooks;
/**
 * @param {PluginInput} input
 * @param {Record<string, unknown>} [options] the fields of Config but for `agents`, and `executor`
 * @returns {Promise<Hooks>}
 */
export declare function server(input: PluginInput, options?: Record<string, unknown>): Promise<Hooks>;
