export type Host = import("./host.js").Host;
export type Turn = import("./turn.js").Turn;
/**
 * @typedef {import("./host.js").Host} Host
 * @typedef {import("./turn.js").Turn} Turn
 */
/**
 * A call of a tool.
 */
export declare class Call {
    #private;
    /**
     * @param {Host} host
     * @param {Turn} turn
     * @param {any} message the assistant's message that makes it
     * @param {any} part
     */
    constructor(host: Host, turn: Turn, message: any, part: any);
    /**
     * Runs it to its end, which stands in its part.
     * @param {boolean} offered whether the model was offered the tool
     * @param {any} user the message that is answered
     * @param {boolean} [byUser] whether the user makes the call
     */
    run(offered: boolean, user: any, byUser?: boolean): Promise<void>;
    /** Marks a call that its turn was broken off. @param {Host} host @param {any} part */
    static breakOff(host: Host, part: any): void;
}
