export type Request = import("../api.js").Request;
export type Host = import("./client.js").Host;
export type Inherited = import("./curb.js").Inherited;
/**
 * @typedef {import("../api.js").Request} Request
 * @typedef {import("./client.js").Host} Host
 * @typedef {import("./curb.js").Inherited} Inherited
 */
/**
 * @param {Host} host
 * @param {Request} request
 * @param {{ parts: { type: string }[], model: import("../api.js").Model, variant?: string }} message
 * @param {Inherited} inherited
 * @param {AbortSignal} abort
 * @param {string} why
 */
export declare function runPlainly(host: Host, request: Request, message: {
    parts: {
        type: string;
    }[];
    model: import("../api.js").Model;
    variant?: string;
}, inherited: Inherited, abort: AbortSignal, why: string): Promise<{
    title: string;
    output: string;
    metadata: {
        parentSessionId: string;
        sessionId: string;
    };
}>;
