/** A rule of OpenCode 2 in the form of OpenCode 1. @param {{ action: string, resource: string, effect: any }} rule */
export declare const readRule: ({ action, resource, effect }: {
    action: string;
    resource: string;
    effect: any;
}) => {
    permission: string;
    pattern: string;
    action: any;
};
/**
 * @param {any} agent
 * @returns {import("../../core/index.js").HostAgent}
 */
export declare const readAgent: ({ id, mode, permissions, request }: any) => import("../../core/index.js").HostAgent;
/**
 * The fields of agents that belong to this package. OpenCode 2 keeps unknown fields of an agent in the body of its requests: they
 * are taken out, and no provider gets them.
 */
export declare class AgentFields {
    #private;
    /** Takes the fields out of all agents, for `ctx.agent.transform`. @param {{ list: () => any[], update: (id: string, change: (agent: any) => void) => void }} editor */
    take(editor: {
        list: () => any[];
        update: (id: string, change: (agent: any) => void) => void;
    }): void;
    /** The fields of each agent that has some. @returns {Record<string, Record<string, unknown>>} */
    all(): Record<string, Record<string, unknown>>;
}
