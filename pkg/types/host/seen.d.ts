export type HostRule = import("../api.js").HostRule;
export type Host = import("./client.js").Host;
export type Part = import("./mend.js").Part;
export type Speaker = {
    id: string;
    providerID: string;
    modelID: string;
    variant?: string;
};
/**
 * @typedef {import("../api.js").HostRule} HostRule
 * @typedef {import("./client.js").Host} Host
 * @typedef {import("./mend.js").Part} Part
 * @typedef {{ id: string, providerID: string, modelID: string, variant?: string }} Speaker an assistant's message
 */
/**
 * The messages, calls and permissions of sessions, as events told them.
 */
export declare class Seen {
    #private;
    /** @param {Host} host */
    constructor(host: Host);
    /**
     * Takes in an event of the host.
     * @param {string} type
     * @param {any} properties
     */
    take(type: string, properties: any): void;
    /**
     * The message that makes a call, and the call's part.
     * @param {string} sessionID
     * @param {string} messageID
     * @param {string} callID
     * @returns {Promise<{ speaker: Speaker, part?: Part }>}
     */
    call(sessionID: string, messageID: string, callID: string): Promise<{
        speaker: Speaker;
        part?: Part;
    }>;
    /** The rules that a session has of its own. @param {string} sessionID */
    permission(sessionID: string): Promise<import("../../opencode_delegate.js").HostRule[]>;
}
