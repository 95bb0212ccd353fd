export type Host = import("./host.js").Host;
export type Message = import("./store.js").Message;
export type Wish = {
    tool: string;
    args: Record<string, any>;
};
export type Outcome = {
    ms: number;
    say?: string;
    calls?: Wish[];
    fail?: {
        status: number;
        message: string;
    };
    hang?: boolean;
    usage?: number;
};
export type Asked = {
    kind: "chat" | "summary";
    host: Host;
    sessionID: string;
    agent: string;
    model: string;
    messages: Message[];
    tools: string[];
};
export type Model = (asked: Asked) => Outcome;
/**
 * What a session does from when it is prompted until it is idle.
 */
export declare class Turn {
    #private;
    sessionID: string;
    /** Whether it was. */
    broken: boolean;
    /** Is settled with the last that the session says. @type {Promise<Message>} */
    end: Promise<Message>;
    /** @type {{ type: string, [field: string]: unknown }} */
    status: {
        type: string;
        [field: string]: unknown;
    };
    /** @param {Host} host @param {string} sessionID */
    constructor(host: Host, sessionID: string);
    breakOff(): void;
    /** Has something done when it is broken off. @param {() => void} stop @returns {() => void} takes that back */
    onBreak(stop: () => void): () => void;
    begin(): void;
    /** Waits. @param {number | undefined} ms for ever where left out @returns {Promise<boolean>} `false` where it was broken off */
    wait(ms: number | undefined): Promise<boolean>;
    /** The rules that hold for an agent in this session. @param {string} agent */
    rules(agent: string): import("./rules.js").Rule[];
}
