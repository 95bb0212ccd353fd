export type Host = import("./client.js").Host;
/**
 * @typedef {import("./client.js").Host} Host
 */
/**
 * @param {Host} host
 * @param {string} sessionID
 * @returns {Promise<string | undefined>} what went wrong, for the caller to read
 */
export declare function compact(host: Host, sessionID: string): Promise<string | undefined>;
