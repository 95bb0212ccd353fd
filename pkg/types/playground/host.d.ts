import { Registry } from "./agents.js";
import { Turn } from "./turn.js";
export type Session = import("./store.js").Session;
export type Message = import("./store.js").Message;
export type Model = import("./turn.js").Model;
export type Plugin = {
    server: (input: any, options?: any) => Promise<any>;
    options?: Record<string, unknown>;
};
export type Instance = {
    hooks: any[];
    closed: boolean;
    told: number;
};
export type Reply = "allow" | "reject";
export type Faults = {
    event?: (type: string, properties: any) => number[];
    call?: (name: string, properties: any) => {
        before?: number;
        refuse?: "error" | "throw";
        lose?: boolean;
        after?: number;
    } | undefined;
};
export type Setting = {
    name: string;
    store: import("./store.js").Store;
    clock: import("./clock.js").Clock;
    dice: import("./dice.js").Dice;
    config: any;
    models: Record<string, number>;
    plugins: Plugin[];
    model: Model;
    ask?: (asked: any) => {
        ms: number;
        reply: Reply;
    };
    faults?: Faults;
};
/**
 * @typedef {import("./store.js").Session} Session
 * @typedef {import("./store.js").Message} Message
 * @typedef {import("./turn.js").Model} Model
 * @typedef {{ server: (input: any, options?: any) => Promise<any>, options?: Record<string, unknown> }} Plugin
 * @typedef {{ hooks: any[], closed: boolean, told: number }} Instance the plugins from one loading to the next
 * @typedef {"allow" | "reject"} Reply
 */
/**
 * What befalls events and calls on their way.
 * @typedef {{
 *   event?: (type: string, properties: any) => number[],
 *   call?: (name: string, properties: any) => { before?: number, refuse?: "error" | "throw", lose?: boolean, after?: number } | undefined
 * }} Faults `event`: by how much each copy of an event is late, none where it is lost; `call`: how long a call takes before
 *   it is made and after, whether it is refused, and whether it is made and its answer lost
 *
 * @typedef {{
 *   name: string, store: import("./store.js").Store, clock: import("./clock.js").Clock, dice: import("./dice.js").Dice,
 *   config: any, models: Record<string, number>, plugins: Plugin[], model: Model, ask?: (asked: any) => { ms: number, reply: Reply },
 *   faults?: Faults
 * }} Setting `models`: the windows of the models of provider "p"; `model`: what these answer; `ask`: what the user does who
 *   is asked for a permission
 */
/**
 * A process of OpenCode.
 */
export declare class Host {
    #private;
    setting: Setting;
    store: import("./store.js").Store;
    clock: import("./clock.js").Clock;
    dice: import("./dice.js").Dice;
    client: {
        session: {
            get: ({ path }: import("./client.js").Given) => Promise<{
                error: {
                    name: string;
                    data: {
                        message: string;
                    };
                };
                data?: undefined;
            } | {
                error?: undefined;
                data: {};
            }>;
            children: ({ path }: import("./client.js").Given) => Promise<{
                error: {
                    name: string;
                    data: {
                        message: string;
                    };
                };
                data?: undefined;
            } | {
                error?: undefined;
                data: {};
            }>;
            status: () => Promise<{
                error: {
                    name: string;
                    data: {
                        message: string;
                    };
                };
                data?: undefined;
            } | {
                error?: undefined;
                data: {};
            }>;
            update: ({ path, body }: import("./client.js").Given) => Promise<{
                error: {
                    name: string;
                    data: {
                        message: string;
                    };
                };
                data?: undefined;
            } | {
                error?: undefined;
                data: {};
            }>;
            create: ({ body }: import("./client.js").Given) => Promise<{
                error: {
                    name: string;
                    data: {
                        message: string;
                    };
                };
                data?: undefined;
            } | {
                error?: undefined;
                data: {};
            }>;
            message: ({ path: { id, messageID } }: import("./client.js").Given) => Promise<{
                error: {
                    name: string;
                    data: {
                        message: string;
                    };
                };
                data?: undefined;
            } | {
                error?: undefined;
                data: {};
            }>;
            messages: ({ path }: import("./client.js").Given) => Promise<{
                error: {
                    name: string;
                    data: {
                        message: string;
                    };
                };
                data?: undefined;
            } | {
                error?: undefined;
                data: {};
            }>;
            prompt: ({ path, body }: import("./client.js").Given) => Promise<{
                error: {
                    name: string;
                    data: {
                        message: string;
                    };
                };
                data?: undefined;
            } | {
                error?: undefined;
                data: {};
            }>;
            promptAsync: ({ path, body }: import("./client.js").Given) => Promise<{
                error: {
                    name: string;
                    data: {
                        message: string;
                    };
                };
                data?: undefined;
            } | {
                error?: undefined;
                data: {};
            }>;
            abort: ({ path }: import("./client.js").Given) => Promise<{
                error: {
                    name: string;
                    data: {
                        message: string;
                    };
                };
                data?: undefined;
            } | {
                error?: undefined;
                data: {};
            }>;
            summarize: ({ path, body }: import("./client.js").Given) => Promise<{
                error: {
                    name: string;
                    data: {
                        message: string;
                    };
                };
                data?: undefined;
            } | {
                error?: undefined;
                data: {};
            }>;
        };
        app: {
            log: ({ body }: import("./client.js").Given) => Promise<{
                error: {
                    name: string;
                    data: {
                        message: string;
                    };
                };
                data?: undefined;
            } | {
                error?: undefined;
                data: {};
            }>;
            agents: () => Promise<{
                error: {
                    name: string;
                    data: {
                        message: string;
                    };
                };
                data?: undefined;
            } | {
                error?: undefined;
                data: {};
            }>;
        };
        config: {
            providers: () => Promise<{
                error: {
                    name: string;
                    data: {
                        message: string;
                    };
                };
                data?: undefined;
            } | {
                error?: undefined;
                data: {};
            }>;
        };
        tui: {
            showToast: ({ body }: import("./client.js").Given) => Promise<{
                error: {
                    name: string;
                    data: {
                        message: string;
                    };
                };
                data?: undefined;
            } | {
                error?: undefined;
                data: {};
            }>;
        };
        _client: {
            delete: ({ path: { id, messageID } }: import("./client.js").Given) => Promise<{
                error: {
                    name: string;
                    data: {
                        message: string;
                    };
                };
                data?: undefined;
            } | {
                error?: undefined;
                data: {};
            }>;
            patch: ({ path, body }: import("./client.js").Given) => Promise<{
                error: {
                    name: string;
                    data: {
                        message: string;
                    };
                };
                data?: undefined;
            } | {
                error?: undefined;
                data: {};
            }>;
        };
    };
    /** The turns that run, by session. @type {Map<string, Turn>} */
    turns: Map<string, Turn>;
    dead: boolean;
    /** Is done when the plugins are loaded. @type {Promise<void>} */
    ready: Promise<void>;
    /** @type {Registry} */
    agents: Registry;
    /** @param {Setting} setting */
    constructor(setting: Setting);
    /** Who this is, in the log. */
    name: string;
    /** A moment: nothing that the host does is done at once. @param {number} [ms] the longest */
    lag(ms?: number): Promise<void>;
    /** Loads the plugins. */
    boot(): Promise<void>;
    /** Loads the plugins anew: what runs is broken off, and the instances of before hear nothing more. */
    reload(): Promise<void>;
    /** Ends the process as kill -9 does: nothing of it happens any more. */
    kill(): void;
    /**
     * Tells the plugins of something, a moment later, and waits for nobody.
     * @param {string} type
     * @param {any} properties
     */
    publish(type: string, properties: any): void;
    /**
     * Runs a hook of every plugin, one after the other.
     * @param {string} name
     * @param {object} input
     * @param {object} output
     */
    trigger(name: string, input: object, output: object): Promise<void>;
    /** The tools that plugins bring; of two of one name the later plugin's. @returns {Record<string, any>} */
    get tools(): Record<string, any>;
    /** @param {string} id @returns {Session} */
    session(id: string): Session;
    /** @param {Parameters<import("./store.js").Store["create"]>[0]} given */
    create(given: Parameters<import("./store.js").Store["create"]>[0]): import("./store.js").Session;
    /**
     * Changes a session: metadata are replaced, permissions added.
     * @param {string} id
     * @param {{ title?: string, metadata?: Record<string, any>, permission?: import("./rules.js").Rule[] }} change
     */
    update(id: string, { title, metadata, permission }: {
        title?: string;
        metadata?: Record<string, any>;
        permission?: import("./rules.js").Rule[];
    }): import("./store.js").Session;
    /** Deletes a session, and before it all below it. What runs there goes on. @param {string} id */
    remove(id: string): void;
    /** The sessions that this process runs: of another's it knows nothing. */
    status(): {
        [k: string]: {
            [field: string]: unknown;
            type: string;
        };
    };
    /** @param {string} sessionID @param {{ type: string }} status */
    tellStatus(sessionID: string, status: {
        type: string;
    }): void;
    /** Stores a message and tells of it; of a session that is gone, neither. @param {any} info */
    putMessage(info: any): void;
    /** @param {any} part */
    putPart(part: any): void;
    /**
     * Stores a user message, and has the session answer it.
     * @param {string} sessionID
     * @param {{ messageID?: string, agent?: string, model?: any, variant?: string, parts: any[] }} body
     * @param {() => void} [stored] is told when the message is there
     * @returns {Promise<Message>} the last that the session says
     */
    prompt(sessionID: string, body: {
        messageID?: string;
        agent?: string;
        model?: any;
        variant?: string;
        parts: any[];
    }, stored?: () => void): Promise<Message>;
    /** Has a session summarise itself. @param {string} sessionID @param {any} model */
    summarize(sessionID: string, model: any): Promise<import("./store.js").Message>;
    /**
     * Has a session go on until nothing is left to answer. Who asks it while it runs gets the last answer of that.
     * @param {string} sessionID
     * @returns {Promise<Message>}
     */
    run(sessionID: string): Promise<Message>;
    /** Breaks off what a session does: of a prompt that is not stored yet, nothing. @param {string} sessionID */
    abort(sessionID: string): void;
}
