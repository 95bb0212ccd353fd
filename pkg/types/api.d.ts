export type Action = import("../opencode_delegate_types.js").Action;
export type AgentConfig = import("../opencode_delegate_types.js").AgentConfig;
export type Asked = import("../opencode_delegate_types.js").Asked;
export type Candidate = import("../opencode_delegate_types.js").Candidate;
export type Code = import("../opencode_delegate_types.js").Code;
export type Config = import("../opencode_delegate_types.js").Config;
export type Decision = import("../opencode_delegate_types.js").Decision;
export type Effect = import("../opencode_delegate_types.js").Effect;
export type Event = import("../opencode_delegate_types.js").Event;
export type HostRule = import("../opencode_delegate_types.js").HostRule;
export type Look = import("../opencode_delegate_types.js").Look;
export type Message = import("../opencode_delegate_types.js").Message;
export type Model = import("../opencode_delegate_types.js").Model;
export type HostSettings = import("../opencode_delegate_types.js").HostSettings;
export type Precedence = import("../opencode_delegate_types.js").Precedence;
export type SessionRecord = import("../opencode_delegate_types.js").SessionRecord;
export type Request = import("../opencode_delegate_types.js").Request;
export type Rule = import("../opencode_delegate_types.js").Rule;
export type Session = import("../opencode_delegate_types.js").Session;
export type Transition = import("../opencode_delegate_types.js").Transition;
/**
 * @typedef {import("../opencode_delegate_types.js").Action} Action
 * @typedef {import("../opencode_delegate_types.js").AgentConfig} AgentConfig
 * @typedef {import("../opencode_delegate_types.js").Asked} Asked
 * @typedef {import("../opencode_delegate_types.js").Candidate} Candidate
 * @typedef {import("../opencode_delegate_types.js").Code} Code
 * @typedef {import("../opencode_delegate_types.js").Config} Config
 * @typedef {import("../opencode_delegate_types.js").Decision} Decision
 * @typedef {import("../opencode_delegate_types.js").Effect} Effect
 * @typedef {import("../opencode_delegate_types.js").Event} Event
 * @typedef {import("../opencode_delegate_types.js").HostRule} HostRule
 * @typedef {import("../opencode_delegate_types.js").Look} Look
 * @typedef {import("../opencode_delegate_types.js").Message} Message
 * @typedef {import("../opencode_delegate_types.js").Model} Model
 * @typedef {import("../opencode_delegate_types.js").HostSettings} HostSettings
 * @typedef {import("../opencode_delegate_types.js").Precedence} Precedence
 * @typedef {import("../opencode_delegate_types.js").SessionRecord} SessionRecord
 * @typedef {import("../opencode_delegate_types.js").Request} Request
 * @typedef {import("../opencode_delegate_types.js").Rule} Rule
 * @typedef {import("../opencode_delegate_types.js").Session} Session
 * @typedef {import("../opencode_delegate_types.js").Transition} Transition
 */
/** An error with a stable code, and the field at fault where there is one. */
export declare class DelegateError extends Error {
    code: import("../opencode_delegate_types.js").Code;
    field: string | undefined;
    /** @param {{ code: Code, message: string, field?: string }} error @param {unknown} [cause] */
    constructor({ code, message, field }: {
        code: Code;
        message: string;
        field?: string;
    }, cause?: unknown);
}
/**
 * The delegation engine: what it knows of a host's sessions, and the configuration it goes by.
 *
 * @example
 * const engine = new Engine({ agents: { explorer: {} } })
 * const decision = engine.decide({ now: Date.now(), callID: "c1", sessionID: "ses_root", agent: "explorer",
 *   description: "Explore auth", prompt: "Read src/auth" })
 * decision.action // "spawn"
 */
export declare class Engine {
    #private;
    /**
     * @param {Config} [config]
     * @throws {DelegateError} `invalid_config`, naming the field
     */
    constructor(config?: Config);
    /**
     * Makes an engine of a snapshot.
     * @param {string} snapshot
     * @param {Config} [config]
     * @returns {Engine}
     * @throws {DelegateError} `corrupt_snapshot`; `invalid_config`
     */
    static restore(snapshot: string, config?: Config): Engine;
    /**
     * Decides a request, and sets aside what the decision needs. The same call decided again gets the same decision.
     * @param {Request} request
     * @returns {Decision}
     * @throws {DelegateError} `invalid_request`, naming the field, for a request that is not of that shape
     */
    decide(request: Request): Decision;
    /**
     * Takes in what happened in the host, and gives what the host should now do.
     * @param {Event} event
     * @returns {Effect[]}
     * @throws {DelegateError} `invalid_event`, naming the field
     */
    apply(event: Event): Effect[];
    /**
     * The sessions of the request's agent that the caller could resume, most related first.
     * @param {Request} request
     * @returns {Candidate[]}
     * @throws {DelegateError} `invalid_request`, naming the field
     */
    rank(request: Request): Candidate[];
    /**
     * The session that a caller's `task_id` stands for, if there is one within its reach.
     * @param {Request} request
     * @returns {Session | undefined}
     * @throws {DelegateError} `invalid_request`, naming the field
     */
    resolve(request: Request): Session | undefined;
    /**
     * What each row of the table sees of a request, up to the one that decides: the last, and the only one that holds.
     * Nothing is set aside. It looks at a copy of the whole state: it is for people, not for every call.
     * @param {Request} request
     * @returns {Look[]}
     * @throws {DelegateError} `invalid_request`, naming the field
     */
    explain(request: Request): Look[];
    /**
     * A session by its id, the host's or the derived one.
     * @param {string} id
     * @returns {Session | undefined}
     */
    session(id: string): Session | undefined;
    /**
     * A root and everything below it, in order of creation.
     * @param {string} rootID
     * @returns {Session[]}
     */
    sessions(rootID: string): Session[];
    /**
     * The agent that a name stands for, as the host spells it: names may hold marks that nobody sees.
     * @param {string} agent
     * @returns {string}
     */
    spelled(agent: string): string;
    /**
     * What a person should be told, each thing once.
     * @returns {string[]}
     */
    notices(): string[];
    /**
     * The whole state as versioned JSON; the configuration is not part of it.
     * @returns {string}
     */
    snapshot(): string;
}
/**
 * The id that a slug has under a root, such as `ses_a3f2_explore-auth`.
 * @param {string} rootID
 * @param {string} slug
 * @returns {string}
 */
export declare function deriveSessionID(rootID: string, slug: string): string;
/**
 * The slug that a text stands for, if anything usable is left of it.
 * @param {string} text
 * @returns {string | undefined}
 */
export declare function normalizeSlug(text: string): string | undefined;
/**
 * What the rules say of a permission; `ask` where none matches, as in OpenCode.
 * @param {HostRule[]} rules
 * @param {string} permission
 * @param {string} pattern
 * @param {Precedence} [precedence]
 * @returns {Action}
 */
export declare function evaluatePermission(rules: HostRule[], permission: string, pattern: string, precedence?: Precedence): Action;
/**
 * What to add to opencode.json so that agents with a budget can delegate from a subagent session.
 * @param {{ agent?: object, permission?: unknown, subagent_depth?: number, max_depth?: number }} config as in
 *   opencode.json, with the option `max_depth`
 * @returns {HostSettings}
 * @throws {DelegateError} `invalid_config`, naming the field
 */
export declare function hostSettings(config: {
    agent?: object;
    permission?: unknown;
    subagent_depth?: number;
    max_depth?: number;
}): HostSettings;
/**
 * The rules that a child session is to have because of what its caller may not do; or, for a session that is to be
 * resumed (`held`), those to add.
 * @param {{ session: HostRule[], caller: HostRule[], agent: HostRule[], primary_tools?: string[], held?: HostRule[] }} given
 * @returns {HostRule[]}
 * @throws {DelegateError} `invalid_request`, naming the field
 */
export declare function inheritedPermission(given: {
    session: HostRule[];
    caller: HostRule[];
    agent: HostRule[];
    primary_tools?: string[];
    held?: HostRule[];
}): HostRule[];
/**
 * The table of what becomes of a prompt, row by row.
 * @returns {Transition[]}
 */
export declare function transitions(): Transition[];
/**
 * The decision table, row by row.
 * @returns {Rule[]}
 */
export declare function rules(): Rule[];
