export type Host = import("./client.js").Host;
/**
 * @typedef {import("./client.js").Host} Host
 */
/** The key of a session's metadata under which the engine's record is kept. */
export declare const KEY = "delegate";
/**
 * Writes records, of one session one after the other, of several that wait the last.
 */
export declare class Records {
    #private;
    /**
     * @param {Host} host
     * @param {(sessionID: string, error: Error) => void} failed is told of a record that could not be written
     */
    constructor(host: Host, failed: (sessionID: string, error: Error) => void);
    /**
     * Takes in the metadata of a session: writing replaces it whole, so what others keep there must be known.
     * @param {string} sessionID
     * @param {Record<string, unknown>} [metadata]
     */
    known(sessionID: string, metadata?: Record<string, unknown>): void;
    /**
     * Has a record written, now or when nobody waits for it.
     * @param {string} sessionID
     * @param {unknown} record
     * @param {boolean} later
     */
    store(sessionID: string, record: unknown, later: boolean): undefined;
    /** Lets go of a session that is gone. @param {string} sessionID */
    forget(sessionID: string): void;
    /**
     * Is done when what was to be written of a session at once is written.
     * @param {string} sessionID
     * @returns {Promise<boolean>} whether it could be
     */
    written(sessionID: string): Promise<boolean>;
    /** Writes all that waits, and is done when it is written. */
    settled(): Promise<void>;
}
