export type PluginInput = import("@opencode-ai/plugin").PluginInput;
export type Hooks = import("@opencode-ai/plugin").Hooks;
export type Told = {
    parentID: string;
    sessionID: string;
    alias: string;
};
export type Reader = (messages: any[]) => Iterable<Told>;
export type Hook = (input: any, output: any) => Promise<void>;
/**
 * @param {PluginInput} input
 * @param {any} theirs the hooks of the other plugin
 * @param {Record<string, unknown>} options this package's
 * @param {Reader} [reader] where there is one, no name is the other plugin's own but those that it finds
 * @returns {Promise<Hooks>}
 */
export declare function compose(input: PluginInput, theirs: any, options: Record<string, unknown>, reader?: Reader): Promise<Hooks>;
