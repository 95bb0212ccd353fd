export type Rule = import("./rules.js").Rule;
export type Agent = {
    name: string;
    mode: "primary" | "subagent" | "all";
    permission: Rule[];
    options: Record<string, unknown>;
    model?: {
        providerID: string;
        modelID: string;
    };
};
/**
 * The agents by name.
 */
export declare class Registry {
    #private;
    /** How deep the subagents of OpenCode's own task tool may lie. */
    depth: any;
    /** @param {any} config as the config hooks left it */
    constructor(config: any);
    /** The configuration as the config hooks see it. @param {any} config */
    static parse(config: any): any;
    /** @param {string} name */
    get(name: string): Agent | undefined;
    list(): Agent[];
}
