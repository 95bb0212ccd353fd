export type Decision = import("../api.js").Decision;
export type Effect = import("../api.js").Effect;
export type Request = import("../api.js").Request;
export type Host = import("./client.js").Host;
export type HostAgent = import("./client.js").HostAgent;
export type HostSession = import("./client.js").HostSession;
export type Ledger = import("./ledger.js").Ledger;
export type Part = import("./mend.js").Part;
export type Runner = import("./runner.js").Runner;
export type Granted = Exclude<Decision, {
    action: "deny";
}>;
export type Context = import("@opencode-ai/plugin").ToolContext & {
    callID: string;
};
export type Setting = {
    worktree: string;
    agents: () => Promise<HostAgent[]>;
    primaryTools: () => string[];
};
export type Result = {
    title: string;
    output: string;
    metadata: Record<string, unknown>;
};
/**
 * @typedef {import("../api.js").Decision} Decision
 * @typedef {import("../api.js").Effect} Effect
 * @typedef {import("../api.js").Request} Request
 * @typedef {import("./client.js").Host} Host
 * @typedef {import("./client.js").HostAgent} HostAgent
 * @typedef {import("./client.js").HostSession} HostSession
 * @typedef {import("./ledger.js").Ledger} Ledger
 * @typedef {import("./mend.js").Part} Part
 * @typedef {import("./runner.js").Runner} Runner
 * @typedef {Exclude<Decision, { action: "deny" }>} Granted
 * @typedef {import("@opencode-ai/plugin").ToolContext & { callID: string }} Context
 * @typedef {{ worktree: string, agents: () => Promise<HostAgent[]>, primaryTools: () => string[] }} Setting
 * @typedef {{ title: string, output: string, metadata: Record<string, unknown> }} Result
 */
/**
 * The calls of the task tool that this package runs.
 */
export declare class Tasks {
    #private;
    /**
     * @param {Host} host
     * @param {Ledger} ledger
     * @param {Runner} runner
     * @param {import("./mend.js").Mender} mender
     * @param {import("./seen.js").Seen} seen
     * @param {Setting} setting
     */
    constructor(host: Host, ledger: Ledger, runner: Runner, mender: import("./mend.js").Mender, seen: import("./seen.js").Seen, setting: Setting);
    /**
     * Runs a call, and gives its result as OpenCode's own tool would.
     * @param {Request} request
     * @param {Context} context
     * @param {boolean} byUser whether the user named the agent, so that no permission is asked
     * @returns {Promise<Result>}
     * @throws {Error} the denial or the failure, for the model to read
     */
    run(request: Request, context: Context, byUser: boolean): Promise<Result>;
    /**
     * Tells the model what was done, in a result.
     * @param {string} sessionID
     * @param {string} callID
     * @param {{ output: string } | undefined} result
     */
    after(sessionID: string, callID: string, result: {
        output: string;
    } | undefined): void;
    /**
     * Names the session in the error of a call that OpenCode ended by itself.
     * @param {Part} part
     */
    part(part: Part): void;
}
