/**
 * Follows the undone messages of each session.
 */
export declare class Undos {
    #private;
    /** @param {import("./sdk/index.js").Host} host @param {import("../core/index.js").EngineSync} sync */
    constructor(host: import("./sdk/index.js").Host, sync: import("../core/index.js").EngineSync);
    /** Takes in that messages are reverted from one on. @param {string} sessionID @param {{ messageID: string }} revert */
    staged(sessionID: string, revert: {
        messageID: string;
    }): Promise<void>;
    /** Looks whether messages of a session were reverted before this plugin was loaded: the next prompt removes them. @param {string} sessionID */
    look(sessionID: string): Promise<void>;
    /** Takes in that the reverted messages are back. @param {string} sessionID */
    cleared(sessionID: string): void;
    /** Forgets a session that is gone. @param {string} sessionID */
    forget(sessionID: string): void;
    /** Takes in that the reverted messages are removed. @param {string} sessionID */
    committed(sessionID: string): Promise<void>;
}
