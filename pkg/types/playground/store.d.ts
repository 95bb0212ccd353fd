export type Rule = import("./rules.js").Rule;
export type Session = {
    id: string;
    parentID?: string;
    title: string;
    agent?: string;
    model?: {
        id: string;
        providerID: string;
    };
    metadata?: Record<string, any>;
    permission?: Rule[];
    time: {
        created: number;
        updated: number;
    };
};
export type Message = {
    info: any;
    parts: any[];
};
export type Happening = {
    at: number;
    kind: string;
    sessionID?: string;
    text: string;
    data?: any;
};
/** What a call of the host's is refused with. */
export declare class Refusal extends Error {
    /** @param {string} name @param {string} message */
    constructor(name: string, message: string);
}
/**
 * The database, and the log of all that happens around it.
 */
export declare class Store {
    #private;
    /** In order of creation. @type {Map<string, Session>} */
    sessions: Map<string, Session>;
    /**
     * @param {import("./clock.js").Clock} clock
     * @param {import("./dice.js").Dice} dice
     * @param {(happening: Happening) => void} watch is told of everything that happens
     */
    constructor(clock: import("./clock.js").Clock, dice: import("./dice.js").Dice, watch: (happening: Happening) => void);
    /**
     * Tells of what happened.
     * @param {string} kind
     * @param {string | undefined} sessionID
     * @param {string} text
     * @param {any} [data]
     */
    log(kind: string, sessionID: string | undefined, text: string, data?: any): void;
    /** A new id: those of sessions descend with the time, all others ascend. @param {"ses" | "msg" | "prt" | "call"} prefix */
    id(prefix: "ses" | "msg" | "prt" | "call"): string;
    /**
     * @param {{ parentID?: string, title?: string, agent?: string, permission?: Rule[], metadata?: Record<string, any> }} given
     * @returns {Session}
     */
    create({ parentID, title, agent, permission, metadata }: {
        parentID?: string;
        title?: string;
        agent?: string;
        permission?: Rule[];
        metadata?: Record<string, any>;
    }): Session;
    /** The children of a session, the newest first. @param {string} id */
    children(id: string): Session[];
    /** The root of a session. @param {string} id @returns {string} */
    root(id: string): string;
    /** How deep a session lies under its root. @param {string} id @returns {number} */
    depth(id: string): number;
    /** Removes a session alone. @param {string} id */
    remove(id: string): void;
    /** @param {string} id @returns {Message[]} */
    messages(id: string): Message[];
    /** @param {string} id @param {string} messageID */
    message(id: string, messageID: string): Message | undefined;
    /** Stores a message, over the one that has its id. @param {any} info @returns {Message | undefined} none where the session is gone */
    putMessage(info: any): Message | undefined;
    /** Stores a part, over the one that has its id. @param {any} part @returns {boolean} whether there is a message for it */
    putPart(part: any): boolean;
    /** @param {string} id @param {string} messageID */
    removeMessage(id: string, messageID: string): boolean;
}
/** A copy that shares nothing. @template T @param {T} value @returns {T} */
export declare const copy: <T>(value: T) => T;
