/** How often something is looked at that nobody tells of, in milliseconds. */
export declare const LOOK_MS = 250;
/**
 * Whose turn it is on each session.
 */
export declare class Turns {
    #private;
    /**
     * Takes the next turn on a session.
     * @param {string} sessionID
     * @returns {{ came: Promise<void>, end: () => void }} when the turns before it have ended, and what ends it; to end it
     *   twice, or before it came, does no harm
     */
    take(sessionID: string): {
        came: Promise<void>;
        end: () => void;
    };
}
/**
 * A promise that is given up when a signal says so.
 * @template T
 * @param {Promise<T>} promise
 * @param {AbortSignal} [signal]
 * @returns {Promise<T>}
 */
export declare function abortable<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T>;
