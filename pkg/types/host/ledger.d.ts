export type Config = import("../api.js").Config;
export type Decision = import("../api.js").Decision;
export type Effect = import("../api.js").Effect;
export type Event = import("../api.js").Event;
export type Request = import("../api.js").Request;
export type Host = import("./client.js").Host;
export type HostSession = import("./client.js").HostSession;
/**
 * @typedef {import("../api.js").Config} Config
 * @typedef {import("../api.js").Decision} Decision
 * @typedef {import("../api.js").Effect} Effect
 * @typedef {import("../api.js").Event} Event
 * @typedef {import("../api.js").Request} Request
 * @typedef {import("./client.js").Host} Host
 * @typedef {import("./client.js").HostSession} HostSession
 */
/**
 * Keeps one engine in step with the host.
 */
export declare class Ledger {
    #private;
    /**
     * @param {Host} host
     * @param {() => Promise<Config>} configure gives the engine's configuration, once the host can tell it
     * @param {(message: string) => void} say tells a person something
     * @param {(effect: Effect) => void} [perform] carries out effects other than storing; it must not call back at once
     */
    constructor(host: Host, configure: () => Promise<Config>, say: (message: string) => void, perform?: (effect: Effect) => void);
    /**
     * Decides a request, with everything read first that the host knows of its root.
     * @param {Request} request
     * @returns {Promise<Decision>}
     */
    decide(request: Request): Promise<Decision>;
    /**
     * Tells that the child of a decision exists and was prompted.
     * @param {Decision} decision
     * @param {Request} request
     * @param {string} sessionID
     */
    commit(decision: Decision, request: Request, sessionID: string): Promise<void>;
    /**
     * Tells that no child of a decision was prompted.
     * @param {Decision} decision
     */
    refund(decision: Decision): void;
    /**
     * Takes in an event and stores what comes of it. Events of sessions that are not known are passed over: they are read
     * when they are met.
     * @param {Event} event
     * @returns {Effect[]} what came of it, on its way to be carried out
     */
    apply(event: Event): Effect[];
    /**
     * Is done when what was to be stored of a session at once is stored.
     * @param {string} sessionID
     * @returns {Promise<boolean>} whether it is, or need not be: the session is gone
     */
    stored(sessionID: string): Promise<boolean>;
    /**
     * Takes in a session that was created just now.
     * @param {HostSession} session
     */
    created(session: HostSession): void;
    /** Takes in a child that was created here. @param {HostSession} session */
    adopt(session: HostSession): void;
    /**
     * Takes in what a session is now, of which others may have changed the metadata.
     * @param {HostSession} session
     */
    updated({ id, parentID, metadata }: HostSession): void;
    /**
     * Sees to it that a session and everything under its root is known.
     * @param {string} sessionID
     */
    meet(sessionID: string): Promise<void>;
    /** @param {string} id */
    session(id: string): import("../../opencode_delegate.js").Session | undefined;
    /** Whether a child is there: of one that is gone, and still referred to, its parent is no longer known. @param {string} sessionID */
    hasChild(sessionID: string): boolean;
    /**
     * Whether a session has no parent, as far as OpenCode has told: one that tells nothing is not to end all delegation.
     * @param {string} sessionID
     */
    isRoot(sessionID: string): Promise<boolean>;
    /** A session and all that shares its root, in order of creation. @param {string} sessionID */
    tree(sessionID: string): import("../../opencode_delegate.js").Session[];
    /** An agent's name as the host spells it. @param {string} agent */
    spelled(agent: string): string;
    /** The session that a caller's `task_id` stands for. @param {Request} request */
    resolve(request: Request): Promise<import("../../opencode_delegate.js").Session | undefined>;
    /** The sessions that a session may resume, in order of creation. @param {string} sessionID */
    below(sessionID: string): import("../../opencode_delegate.js").Session[];
    /** Who runs the prompts of this instance, as records name it. */
    get process(): string;
    /** Stores what is still to be stored. */
    settled(): Promise<void>;
}
