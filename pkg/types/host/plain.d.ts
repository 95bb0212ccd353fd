export type Request = import("../api.js").Request;
export type Host = import("./client.js").Host;
/**
 * @typedef {import("../api.js").Request} Request
 * @typedef {import("./client.js").Host} Host
 */
/**
 * @param {Host} host
 * @param {Request} request
 * @param {{ parts: { type: string }[], model: import("../api.js").Model, variant?: string }} message
 * @param {import("../api.js").HostRule[]} permission
 * @param {AbortSignal} abort
 * @param {string} why
 */
export declare function runPlainly(host: Host, request: Request, message: {
    parts: {
        type: string;
    }[];
    model: import("../api.js").Model;
    variant?: string;
}, permission: import("../api.js").HostRule[], abort: AbortSignal, why: string): Promise<{
    title: string;
    output: string;
    metadata: {
        parentSessionId: string;
        sessionId: string;
    };
}>;
