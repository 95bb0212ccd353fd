export type Request = import("../api.js").Request;
export type Host = import("./client.js").Host;
export type Ledger = import("./ledger.js").Ledger;
export type Runner = import("./runner.js").Runner;
export type Context = import("./task.js").Context;
export type Tool = {
    description: string;
    args: any;
    execute: (args: any, context: any) => Promise<any>;
};
/**
 * The task tool's description and parameters: OpenCode's own words, and what is to be known of names.
 */
export declare class Definition {
    #private;
    /**
     * @param {{ description: string, jsonSchema?: any }} output
     * @param {boolean} delegating whether this package has a task tool of its own
     */
    define(output: {
        description: string;
        jsonSchema?: any;
    }, delegating: boolean): Promise<void>;
}
/**
 * @param {{
 *   host: Host, ledger: Ledger, runner: Runner, run: (args: any, context: Context) => Promise<any>,
 *   request: (args: any, context: Context) => Request
 * }} rooms
 * @returns {Record<string, Tool>}
 */
export declare function tools({ host, ledger, runner, run, request }: {
    host: Host;
    ledger: Ledger;
    runner: Runner;
    run: (args: any, context: Context) => Promise<any>;
    request: (args: any, context: Context) => Request;
}): Record<string, Tool>;
