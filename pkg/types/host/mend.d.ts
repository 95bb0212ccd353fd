export type Host = import("./client.js").Host;
export type Part = {
    id: string;
    messageID: string;
    sessionID: string;
    callID?: string;
    type: string;
    tool?: string;
    state: any;
};
/**
 * @typedef {import("./client.js").Host} Host
 * @typedef {{ id: string, messageID: string, sessionID: string, callID?: string, type: string, tool?: string, state: any }} Part
 */
/**
 * Names the session in the errors of calls.
 */
export declare class Mender {
    #private;
    /** @param {Host} host @param {(message: string) => void} say tells a person something */
    constructor(host: Host, say: (message: string) => void);
    /**
     * @param {Part} part the failed one
     * @param {string} task_id
     * @param {Record<string, unknown>} [more] what else its metadata is to hold
     */
    mend(part: Part, task_id: string, more?: Record<string, unknown>): void;
    /** Makes a part of a request to the model read as it was mended. @param {Part} part */
    transform(part: Part): void;
}
