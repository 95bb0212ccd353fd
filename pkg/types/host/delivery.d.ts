export type Answer = import("./answer.js").Answer;
export type Host = import("./client.js").Host;
export type Ledger = import("./ledger.js").Ledger;
export type Ending = import("./runner.js").Ending;
/**
 * The way to the callers.
 */
export declare class Delivery {
    #private;
    /** @param {Host} host @param {Ledger} ledger @param {(message: string) => void} say tells a person something */
    constructor(host: Host, ledger: Ledger, say: (message: string) => void);
    /**
     * @param {Ending} ending
     * @param {Answer} [answer] read from the child's messages where it is left out
     */
    deliver(ending: Ending, answer?: Answer): Promise<void>;
    /**
     * The parts that are to go along with a user message that is about to be stored.
     * @param {string} sessionID
     * @param {string} messageID
     * @returns {Promise<any[]>}
     */
    along(sessionID: string, messageID: string): Promise<any[]>;
}
