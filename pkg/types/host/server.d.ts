import "../engine.js";
export type PluginInput = import("@opencode-ai/plugin").PluginInput;
export type Hooks = import("@opencode-ai/plugin").Hooks;
export type Other = {
    run: (call: any, output: any) => Promise<void>;
    hears: boolean;
};
export type Delegation = ReturnType<typeof delegation>;
/** @typedef {ReturnType<typeof delegation>} Delegation */
/**
 * @param {PluginInput} input
 * @param {Record<string, unknown>} [options] the fields of Config but for `agents`, and `executor`
 * @returns {Promise<Hooks>}
 */
export declare const server: (input: PluginInput, options?: Record<string, unknown>) => Promise<Hooks>;
/**
 * The one engine of an instance of OpenCode: the first that asks for it gives it its options and has its hooks.
 * @param {PluginInput} input
 * @param {Record<string, unknown>} options
 * @param {readonly string[]} [executors] those that there are, first the one that is meant unless the options say otherwise
 * @returns {{ hooks: Hooks, shared: Delegation }}
 */
export declare function engage(input: PluginInput, options: Record<string, unknown>, executors?: readonly string[]): {
    hooks: Hooks;
    shared: Delegation;
};
/**
 * The plugin's hooks, and what plugins that are composed with it need beside them.
 * @param {PluginInput} input
 * @param {Record<string, unknown>} options
 * @param {readonly string[]} [executors]
 */
declare function delegation(input: PluginInput, options: Record<string, unknown>, executors?: readonly string[]): {
    hooks: import("@opencode-ai/plugin").Hooks;
    say: (message: string) => undefined;
    before: (call: {
        tool: string;
        sessionID: string;
        callID: string;
    }, output: {
        args: any;
    }) => Promise<void>;
    /**
     * Has another plugin heard between each decision and its call. It knows and follows OpenCode's own task tool, which
     * therefore runs the children from now on.
     * @param {Other} other
     */
    hear(other: Other): void;
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
     * The id of the session that a handle or a derived id stands for to another, if there is one.
     * @param {string} parentID
     * @param {string} task_id
     */
    find(parentID: string, task_id: string): Promise<string | undefined>;
};
export {};
