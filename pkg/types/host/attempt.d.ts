export type Message = import("../api.js").Message;
export type Answer = import("./answer.js").Answer;
export type Trouble = import("./answer.js").Trouble;
export type Host = import("./client.js").Host;
export type Listener = {
    accepted(): void;
    troubled(trouble: Trouble): void;
};
/**
 * An attempt that runs in the host.
 */
export declare class Attempt {
    #private;
    /**
     * @param {Message} message
     * @param {Listener} listener is told while it runs
     */
    constructor(message: Message, listener: Listener);
    /**
     * Sends the prompt, and is done when the host is done with it.
     * @param {Host} host
     * @param {string} sessionID
     * @param {number} stall how long it may be silent, in milliseconds
     * @returns {Promise<{ answer: Answer } | { trouble: Trouble }>}
     */
    run(host: Host, sessionID: string, stall: number): Promise<{
        answer: Answer;
    } | {
        trouble: Trouble;
    }>;
    /**
     * Takes in what the host tells of its session.
     * @param {string} type
     * @param {any} properties
     */
    seen(type: string, properties: any): void;
}
