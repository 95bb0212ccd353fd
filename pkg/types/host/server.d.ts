import "../engine.js";
export type PluginInput = import("@opencode-ai/plugin").PluginInput;
export type Hooks = import("@opencode-ai/plugin").Hooks;
/**
 * @param {PluginInput} input
 * @param {Record<string, unknown>} [options] the fields of Config but for `agents`, and `executor`
 * @returns {Promise<Hooks>}
 */
export declare const server: (input: PluginInput, options?: Record<string, unknown>) => Promise<Hooks>;
/**
 * The plugin's hooks, and what a plugin that is composed with it needs beside them.
 * @param {PluginInput} input
 * @param {Record<string, unknown>} options
 * @param {readonly string[]} [executors] those that there are, first the one that is meant unless the options say otherwise
 */
export declare function delegation(input: PluginInput, options: Record<string, unknown>, executors?: readonly string[]): Promise<{
    hooks: import("@opencode-ai/plugin").Hooks;
    before: ({ tool, sessionID, callID }: {
        tool: string;
        sessionID: string;
        callID: string;
    }, { args }: {
        args: any;
    }, between?: import("./calls.js").Between) => Promise<void>;
    /**
     * Takes in that a session was told of another under a name that a plugin gave it.
     * @param {{ parentID: string, sessionID: string, alias: string }} told
     */
    learn({ parentID, sessionID, alias }: {
        parentID: string;
        sessionID: string;
        alias: string;
    }): Promise<void>;
    /**
     * The id of the session that a name stands for to another, if there is one.
     * @param {string} parentID
     * @param {string} task_id
     */
    find(parentID: string, task_id: string): Promise<string | undefined>;
}>;
