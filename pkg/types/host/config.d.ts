export type Config = import("../api.js").Config;
export type AgentConfig = import("../api.js").AgentConfig;
export type HostAgent = import("./client.js").HostAgent;
/** Who may run the children. */
export declare const EXECUTORS: string[];
/**
 * The configuration of one instance of the plugin.
 */
export declare class Settings {
    #private;
    /** Whether this package runs the children: not with options that are wrong. */
    delegates: boolean;
    /**
     * @param {readonly string[]} executors those that there are, first the one that is meant unless the options say otherwise
     * @param {Record<string, unknown>} options the fields of Config but for `agents`, and `executor`
     */
    constructor(executors: readonly string[], { executor, ...options }: Record<string, unknown>);
    /**
     * Takes this plugin's fields out of opencode.json, and sees to what they need of OpenCode.
     * @param {any} config
     * @throws {DelegateError} what is wrong with the options or the fields
     */
    take(config: any): void;
    /** @param {HostAgent[]} known the agents that OpenCode has @returns {Config} @throws {DelegateError} for no such executor */
    engine(known: HostAgent[]): Config;
}
