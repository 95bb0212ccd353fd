export type Host = import("../sdk/index.js").Host;
export type Tool = import("../sdk/index.js").Tool;
export type ToolContext = import("../sdk/index.js").ToolContext;
export type EngineSync = import("../../core/index.js").EngineSync;
export type Call = import("../../core/index.js").HostCall;
export type Input = {
    agent: string;
    description: string;
    prompt: string;
    sessionID?: string;
    background?: boolean;
    task_id?: string;
};
/**
 * @typedef {import("../sdk/index.js").Host} Host
 * @typedef {import("../sdk/index.js").Tool} Tool
 * @typedef {import("../sdk/index.js").ToolContext} ToolContext
 * @typedef {import("../../core/index.js").EngineSync} EngineSync
 * @typedef {import("../../core/index.js").HostCall} Call
 *
 * The input of the tool. `task_id` is this package's parameter.
 * @typedef {{ agent: string, description: string, prompt: string, sessionID?: string, background?: boolean, task_id?: string }} Input
 */
/**
 * The calls in progress.
 */
export declare class SubagentCalls {
    #private;
    /**
     * @param {Host} host
     * @param {EngineSync} sync
     * @param {(message: string) => void} report reports a message to a person
     */
    constructor(host: Host, sync: EngineSync, report: (message: string) => void);
    /** Wakes the call that an effect holds back or lets proceed. @param {import("../../api.js").Effect} effect */
    perform(effect: import("../../api.js").Effect): void;
    /**
     * Runs a call.
     * @param {Input} input
     * @param {ToolContext} context
     * @param {Tool["execute"]} execute the built-in tool
     * @returns {ReturnType<Tool["execute"]>}
     * @throws {Error} the denial, for the model to read, or the tool's own failure, which names the session
     */
    run({ task_id, sessionID, ...input }: Input, context: ToolContext, execute: Tool["execute"]): ReturnType<Tool["execute"]>;
}
