/**
 * Whose turn it is on each session.
 */
export declare class Turns {
    #private;
    /**
     * Waits for the turns on a session that were asked for before, and takes the next.
     * @param {string} sessionID
     * @param {AbortSignal} [signal] gives up waiting
     * @returns {Promise<() => void>} ends the turn; calling it again does nothing
     */
    take(sessionID: string, signal?: AbortSignal): Promise<() => void>;
}
/**
 * A promise that is given up when a signal says so.
 * @template T
 * @param {Promise<T>} promise
 * @param {AbortSignal} [signal]
 * @returns {Promise<T>}
 */
export declare function abortable<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T>;
