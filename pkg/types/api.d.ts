export type AbortEffect = import("../opencode_delegate_types.js").AbortEffect;
export type Action = import("../opencode_delegate_types.js").Action;
export type AgentConfig = import("../opencode_delegate_types.js").AgentConfig;
export type AttemptRef = import("../opencode_delegate_types.js").AttemptRef;
export type CallEndedEvent = import("../opencode_delegate_types.js").CallEndedEvent;
export type CallQueuedEvent = import("../opencode_delegate_types.js").CallQueuedEvent;
export type CallRecoveredEvent = import("../opencode_delegate_types.js").CallRecoveredEvent;
export type Candidate = import("../opencode_delegate_types.js").Candidate;
export type CheckEffect = import("../opencode_delegate_types.js").CheckEffect;
export type ClockSetBackEvent = import("../opencode_delegate_types.js").ClockSetBackEvent;
export type Code = import("../opencode_delegate_types.js").Code;
export type CompactDecision = import("../opencode_delegate_types.js").CompactDecision;
export type Config = import("../opencode_delegate_types.js").Config;
export type ConnectionFailure = import("../opencode_delegate_types.js").ConnectionFailure;
export type CreateEffect = import("../opencode_delegate_types.js").CreateEffect;
export type Created = import("../opencode_delegate_types.js").Created;
export type Decided = import("../opencode_delegate_types.js").Decided;
export type Decision = import("../opencode_delegate_types.js").Decision;
export type DeliverEffect = import("../opencode_delegate_types.js").DeliverEffect;
export type Delivery = import("../opencode_delegate_types.js").Delivery;
export type DenyDecision = import("../opencode_delegate_types.js").DenyDecision;
export type Effect = import("../opencode_delegate_types.js").Effect;
export type EmptyFailure = import("../opencode_delegate_types.js").EmptyFailure;
export type Event = import("../opencode_delegate_types.js").Event;
export type FailedAttempt = import("../opencode_delegate_types.js").FailedAttempt;
export type Failure = import("../opencode_delegate_types.js").Failure;
export type ForgetEffect = import("../opencode_delegate_types.js").ForgetEffect;
export type HoldEffect = import("../opencode_delegate_types.js").HoldEffect;
export type HostFailure = import("../opencode_delegate_types.js").HostFailure;
export type HostRule = import("../opencode_delegate_types.js").HostRule;
export type HostSettings = import("../opencode_delegate_types.js").HostSettings;
export type JoinDecision = import("../opencode_delegate_types.js").JoinDecision;
export type KeptPrompt = import("../opencode_delegate_types.js").KeptPrompt;
export type Look = import("../opencode_delegate_types.js").Look;
export type LostFailure = import("../opencode_delegate_types.js").LostFailure;
export type Message = import("../opencode_delegate_types.js").Message;
export type Mode = import("../opencode_delegate_types.js").Mode;
export type Model = import("../opencode_delegate_types.js").Model;
export type OnAgentMismatch = import("../opencode_delegate_types.js").OnAgentMismatch;
export type OnContextFull = import("../opencode_delegate_types.js").OnContextFull;
export type Precedence = import("../opencode_delegate_types.js").Precedence;
export type PrepareFailure = import("../opencode_delegate_types.js").PrepareFailure;
export type ProceedEffect = import("../opencode_delegate_types.js").ProceedEffect;
export type Prompt = import("../opencode_delegate_types.js").Prompt;
export type PromptAcceptedEvent = import("../opencode_delegate_types.js").PromptAcceptedEvent;
export type PromptAnsweredEvent = import("../opencode_delegate_types.js").PromptAnsweredEvent;
export type PromptCancelledEvent = import("../opencode_delegate_types.js").PromptCancelledEvent;
export type PromptFailedEvent = import("../opencode_delegate_types.js").PromptFailedEvent;
export type PromptKeptEvent = import("../opencode_delegate_types.js").PromptKeptEvent;
export type PromptSentEvent = import("../opencode_delegate_types.js").PromptSentEvent;
export type PromptState = import("../opencode_delegate_types.js").PromptState;
export type QueuedCall = import("../opencode_delegate_types.js").QueuedCall;
export type RankLookup = import("../opencode_delegate_types.js").RankLookup;
export type RecordFailedEvent = import("../opencode_delegate_types.js").RecordFailedEvent;
export type RecordStoredEvent = import("../opencode_delegate_types.js").RecordStoredEvent;
export type RecoveredCall = import("../opencode_delegate_types.js").RecoveredCall;
export type Recovery = import("../opencode_delegate_types.js").Recovery;
export type Request = import("../opencode_delegate_types.js").Request;
export type ResolveLookup = import("../opencode_delegate_types.js").ResolveLookup;
export type ResumeDecision = import("../opencode_delegate_types.js").ResumeDecision;
export type RetryEffect = import("../opencode_delegate_types.js").RetryEffect;
export type RetryingFailure = import("../opencode_delegate_types.js").RetryingFailure;
export type Rule = import("../opencode_delegate_types.js").Rule;
export type RuleID = import("../opencode_delegate_types.js").RuleID;
export type SameAgent = import("../opencode_delegate_types.js").SameAgent;
export type SendEffect = import("../opencode_delegate_types.js").SendEffect;
export type Session = import("../opencode_delegate_types.js").Session;
export type SessionAbortedEvent = import("../opencode_delegate_types.js").SessionAbortedEvent;
export type SessionAliasEvent = import("../opencode_delegate_types.js").SessionAliasEvent;
export type SessionCreatedEvent = import("../opencode_delegate_types.js").SessionCreatedEvent;
export type SessionDeletedEvent = import("../opencode_delegate_types.js").SessionDeletedEvent;
export type SessionErrorEvent = import("../opencode_delegate_types.js").SessionErrorEvent;
export type SessionPromptedEvent = import("../opencode_delegate_types.js").SessionPromptedEvent;
export type SessionRecord = import("../opencode_delegate_types.js").SessionRecord;
export type SessionStatusEvent = import("../opencode_delegate_types.js").SessionStatusEvent;
export type SessionTouchedEvent = import("../opencode_delegate_types.js").SessionTouchedEvent;
export type SessionUsageEvent = import("../opencode_delegate_types.js").SessionUsageEvent;
export type SlugScope = import("../opencode_delegate_types.js").SlugScope;
export type SpawnDecision = import("../opencode_delegate_types.js").SpawnDecision;
export type StalledFailure = import("../opencode_delegate_types.js").StalledFailure;
export type Status = import("../opencode_delegate_types.js").Status;
export type StoreEffect = import("../opencode_delegate_types.js").StoreEffect;
export type Task = import("../opencode_delegate_types.js").Task;
export type TaskDeliveredEvent = import("../opencode_delegate_types.js").TaskDeliveredEvent;
export type TaskState = import("../opencode_delegate_types.js").TaskState;
export type TicketCommitEvent = import("../opencode_delegate_types.js").TicketCommitEvent;
export type TicketRefundEvent = import("../opencode_delegate_types.js").TicketRefundEvent;
export type Transition = import("../opencode_delegate_types.js").Transition;
export type WaitEffect = import("../opencode_delegate_types.js").WaitEffect;
export type TaskIDKind = "id" | "task" | "last" | "name" | "invalid";
export type EngineOptions = {
    process?: string;
};
export type MessageOutline = {
    id?: string;
    role: string;
    error?: unknown;
    finish?: string;
    parts: {
        type: string;
        text?: number;
        status?: string;
    }[];
};
export type PromptReading = {
    asked: boolean;
    answer?: [number, number];
    error?: [number, number];
    failed?: AttemptFailure;
    words?: [number, number];
};
export type AttemptFailure = (HostFailure | EmptyFailure) & {
    message: string;
};
/**
 * @typedef {import("../opencode_delegate_types.js").AbortEffect} AbortEffect
 * @typedef {import("../opencode_delegate_types.js").Action} Action
 * @typedef {import("../opencode_delegate_types.js").AgentConfig} AgentConfig
 * @typedef {import("../opencode_delegate_types.js").AttemptRef} AttemptRef
 * @typedef {import("../opencode_delegate_types.js").CallEndedEvent} CallEndedEvent
 * @typedef {import("../opencode_delegate_types.js").CallQueuedEvent} CallQueuedEvent
 * @typedef {import("../opencode_delegate_types.js").CallRecoveredEvent} CallRecoveredEvent
 * @typedef {import("../opencode_delegate_types.js").Candidate} Candidate
 * @typedef {import("../opencode_delegate_types.js").CheckEffect} CheckEffect
 * @typedef {import("../opencode_delegate_types.js").ClockSetBackEvent} ClockSetBackEvent
 * @typedef {import("../opencode_delegate_types.js").Code} Code
 * @typedef {import("../opencode_delegate_types.js").CompactDecision} CompactDecision
 * @typedef {import("../opencode_delegate_types.js").Config} Config
 * @typedef {import("../opencode_delegate_types.js").ConnectionFailure} ConnectionFailure
 * @typedef {import("../opencode_delegate_types.js").CreateEffect} CreateEffect
 * @typedef {import("../opencode_delegate_types.js").Created} Created
 * @typedef {import("../opencode_delegate_types.js").Decided} Decided
 * @typedef {import("../opencode_delegate_types.js").Decision} Decision
 * @typedef {import("../opencode_delegate_types.js").DeliverEffect} DeliverEffect
 * @typedef {import("../opencode_delegate_types.js").Delivery} Delivery
 * @typedef {import("../opencode_delegate_types.js").DenyDecision} DenyDecision
 * @typedef {import("../opencode_delegate_types.js").Effect} Effect
 * @typedef {import("../opencode_delegate_types.js").EmptyFailure} EmptyFailure
 * @typedef {import("../opencode_delegate_types.js").Event} Event
 * @typedef {import("../opencode_delegate_types.js").FailedAttempt} FailedAttempt
 * @typedef {import("../opencode_delegate_types.js").Failure} Failure
 * @typedef {import("../opencode_delegate_types.js").ForgetEffect} ForgetEffect
 * @typedef {import("../opencode_delegate_types.js").HoldEffect} HoldEffect
 * @typedef {import("../opencode_delegate_types.js").HostFailure} HostFailure
 * @typedef {import("../opencode_delegate_types.js").HostRule} HostRule
 * @typedef {import("../opencode_delegate_types.js").HostSettings} HostSettings
 * @typedef {import("../opencode_delegate_types.js").JoinDecision} JoinDecision
 * @typedef {import("../opencode_delegate_types.js").KeptPrompt} KeptPrompt
 * @typedef {import("../opencode_delegate_types.js").Look} Look
 * @typedef {import("../opencode_delegate_types.js").LostFailure} LostFailure
 * @typedef {import("../opencode_delegate_types.js").Message} Message
 * @typedef {import("../opencode_delegate_types.js").Mode} Mode
 * @typedef {import("../opencode_delegate_types.js").Model} Model
 * @typedef {import("../opencode_delegate_types.js").OnAgentMismatch} OnAgentMismatch
 * @typedef {import("../opencode_delegate_types.js").OnContextFull} OnContextFull
 * @typedef {import("../opencode_delegate_types.js").Precedence} Precedence
 * @typedef {import("../opencode_delegate_types.js").PrepareFailure} PrepareFailure
 * @typedef {import("../opencode_delegate_types.js").ProceedEffect} ProceedEffect
 * @typedef {import("../opencode_delegate_types.js").Prompt} Prompt
 * @typedef {import("../opencode_delegate_types.js").PromptAcceptedEvent} PromptAcceptedEvent
 * @typedef {import("../opencode_delegate_types.js").PromptAnsweredEvent} PromptAnsweredEvent
 * @typedef {import("../opencode_delegate_types.js").PromptCancelledEvent} PromptCancelledEvent
 * @typedef {import("../opencode_delegate_types.js").PromptFailedEvent} PromptFailedEvent
 * @typedef {import("../opencode_delegate_types.js").PromptKeptEvent} PromptKeptEvent
 * @typedef {import("../opencode_delegate_types.js").PromptSentEvent} PromptSentEvent
 * @typedef {import("../opencode_delegate_types.js").PromptState} PromptState
 * @typedef {import("../opencode_delegate_types.js").QueuedCall} QueuedCall
 * @typedef {import("../opencode_delegate_types.js").RankLookup} RankLookup
 * @typedef {import("../opencode_delegate_types.js").RecordFailedEvent} RecordFailedEvent
 * @typedef {import("../opencode_delegate_types.js").RecordStoredEvent} RecordStoredEvent
 * @typedef {import("../opencode_delegate_types.js").RecoveredCall} RecoveredCall
 * @typedef {import("../opencode_delegate_types.js").Recovery} Recovery
 * @typedef {import("../opencode_delegate_types.js").Request} Request
 * @typedef {import("../opencode_delegate_types.js").ResolveLookup} ResolveLookup
 * @typedef {import("../opencode_delegate_types.js").ResumeDecision} ResumeDecision
 * @typedef {import("../opencode_delegate_types.js").RetryEffect} RetryEffect
 * @typedef {import("../opencode_delegate_types.js").RetryingFailure} RetryingFailure
 * @typedef {import("../opencode_delegate_types.js").Rule} Rule
 * @typedef {import("../opencode_delegate_types.js").RuleID} RuleID
 * @typedef {import("../opencode_delegate_types.js").SameAgent} SameAgent
 * @typedef {import("../opencode_delegate_types.js").SendEffect} SendEffect
 * @typedef {import("../opencode_delegate_types.js").Session} Session
 * @typedef {import("../opencode_delegate_types.js").SessionAbortedEvent} SessionAbortedEvent
 * @typedef {import("../opencode_delegate_types.js").SessionAliasEvent} SessionAliasEvent
 * @typedef {import("../opencode_delegate_types.js").SessionCreatedEvent} SessionCreatedEvent
 * @typedef {import("../opencode_delegate_types.js").SessionDeletedEvent} SessionDeletedEvent
 * @typedef {import("../opencode_delegate_types.js").SessionErrorEvent} SessionErrorEvent
 * @typedef {import("../opencode_delegate_types.js").SessionPromptedEvent} SessionPromptedEvent
 * @typedef {import("../opencode_delegate_types.js").SessionRecord} SessionRecord
 * @typedef {import("../opencode_delegate_types.js").SessionStatusEvent} SessionStatusEvent
 * @typedef {import("../opencode_delegate_types.js").SessionTouchedEvent} SessionTouchedEvent
 * @typedef {import("../opencode_delegate_types.js").SessionUsageEvent} SessionUsageEvent
 * @typedef {import("../opencode_delegate_types.js").SlugScope} SlugScope
 * @typedef {import("../opencode_delegate_types.js").SpawnDecision} SpawnDecision
 * @typedef {import("../opencode_delegate_types.js").StalledFailure} StalledFailure
 * @typedef {import("../opencode_delegate_types.js").Status} Status
 * @typedef {import("../opencode_delegate_types.js").StoreEffect} StoreEffect
 * @typedef {import("../opencode_delegate_types.js").Task} Task
 * @typedef {import("../opencode_delegate_types.js").TaskDeliveredEvent} TaskDeliveredEvent
 * @typedef {import("../opencode_delegate_types.js").TaskState} TaskState
 * @typedef {import("../opencode_delegate_types.js").TicketCommitEvent} TicketCommitEvent
 * @typedef {import("../opencode_delegate_types.js").TicketRefundEvent} TicketRefundEvent
 * @typedef {import("../opencode_delegate_types.js").Transition} Transition
 * @typedef {import("../opencode_delegate_types.js").WaitEffect} WaitEffect
 * @typedef {"id" | "task" | "last" | "name" | "invalid"} TaskIDKind
 *
 * The options of an engine beside its configuration. `process`: the name of the process that runs the engine, as records name it;
 * no other process may have it. Of the prompts in a record with this name the engine knows more than the record.
 * @typedef {{ process?: string }} EngineOptions
 *
 * An outline of a session's message: of each part its type, the length of its text, and the status of a tool's state. Other
 * fields are ignored.
 * @typedef {{
 *   id?: string, role: string, error?: unknown, finish?: string,
 *   parts: { type: string, text?: number, status?: string }[]
 * }} MessageOutline
 *
 * How a prompt stands in the messages of its session. A pair is the index of a message, and the index of a part in it. Of
 * `answer` (the part whose text is the answer), `error` (the part of the failed tool) and `failed` one is there if the prompt has
 * ended. `words` is the part with the last text of any assistant message.
 * @typedef {{
 *   asked: boolean, answer?: [number, number], error?: [number, number], failed?: AttemptFailure, words?: [number, number]
 * }} PromptReading
 *
 * A failure of an attempt, with its message.
 * @typedef {(HostFailure | EmptyFailure) & { message: string }} AttemptFailure
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
export type Invalid = "invalid_config" | "invalid_event" | "invalid_request";
/**
 * The delegation engine: what it knows of a host's sessions, and the configuration it goes by.
 *
 * @example
 * const engine = new Engine({ agents: { explorer: {} } })
 * const { decision } = engine.decide({ now: Date.now(), callID: "c1", sessionID: "ses_root", agent: "explorer",
 *   description: "Explore auth", prompt: "Read src/auth" })
 * decision.action // "spawn"
 */
export declare class Engine {
    #private;
    /**
     * @param {Config} [config]
     * @param {EngineOptions} [options]
     * @throws {DelegateError} `invalid_config`, naming the field
     */
    constructor(config?: Config, options?: EngineOptions);
    /**
     * Makes an engine of a snapshot. The configuration and the options are not part of a snapshot, and are given again.
     *
     * @example
     * const engine = new Engine()
     * Engine.restore(engine.snapshot()).snapshot() === engine.snapshot() // true
     * @param {string} snapshot
     * @param {Config} [config]
     * @param {EngineOptions} [options]
     * @returns {Engine}
     * @throws {DelegateError} `corrupt_snapshot`; `invalid_config`
     */
    static restore(snapshot: string, config?: Config, options?: EngineOptions): Engine;
    /**
     * Decides a request, and reserves what the decision needs. The same call decided again gets the same decision and no
     * effects. The host carries the effects out before it acts on the decision, or any other effect.
     *
     * @example
     * const engine = new Engine()
     * const { decision, effects } = engine.decide({ now: Date.now(), callID: "c1", sessionID: "ses_root", agent: "explorer",
     *   description: "Explore auth", prompt: "Read src/auth" })
     * decision.action // "spawn"
     * effects // []
     * @param {Request} request
     * @returns {Decided}
     * @throws {DelegateError} `invalid_request`, naming the field, for a request that is not of that shape
     */
    decide(request: Request): Decided;
    /**
     * Takes in what happened in the host, and gives what the host is to do, in that order. Times are in milliseconds since
     * the epoch. An event of an unknown session or ticket changes nothing, and neither does one that comes twice or late. A
     * seed and a jitter that the event leaves out are drawn.
     *
     * @example
     * const engine = new Engine()
     * engine.apply({ type: "session.status", now: 1, sessionID: "ses_unknown", status: "busy" }) // []
     * @param {Event} event
     * @returns {Effect[]}
     * @throws {DelegateError} `invalid_event`, naming the field
     */
    apply(event: Event): Effect[];
    /**
     * The sessions of an agent that a caller could resume, the most recently used first; none for an unknown caller.
     *
     * @example
     * const engine = new Engine()
     * engine.apply({ type: "session.created", now: 1, session: { id: "ses_1", parentID: "ses_root", agent: "explorer", description: "Explore auth" } })
     * engine.rank({ sessionID: "ses_root", agent: "explorer" }).map(({ slug }) => slug) // ["explore-auth"]
     * @param {RankLookup} lookup
     * @returns {Candidate[]}
     * @throws {DelegateError} `invalid_request`, naming the field
     */
    rank(lookup: RankLookup): Candidate[];
    /**
     * The session that a caller's `task_id` stands for, if there is one within its reach.
     *
     * @example
     * const engine = new Engine()
     * engine.apply({ type: "session.created", now: 1, session: { id: "ses_1", parentID: "ses_root", agent: "explorer", description: "Explore auth" } })
     * engine.resolve({ sessionID: "ses_root", task_id: "explore-auth" })?.id // "ses_1"
     * engine.resolve({ sessionID: "ses_root", task_id: "nobody" }) // undefined
     * @param {ResolveLookup} lookup
     * @returns {Session | undefined}
     * @throws {DelegateError} `invalid_request`, naming the field
     */
    resolve(lookup: ResolveLookup): Session | undefined;
    /**
     * What each row of the table sees of a request, up to the one that decides: the last, and the only one that holds.
     * Nothing is reserved. It looks at a copy of the whole state: it is for people, not for every call.
     *
     * @example
     * const engine = new Engine({ agents: { explorer: {} } })
     * const looks = engine.explain({ now: 0, callID: "c1", sessionID: "ses_root", agent: "explorr", description: "Look", prompt: "Look." })
     * looks.at(-1) // { rule: "G2", holds: true, facts: [["agent", "unknown"]] }
     * @param {Request} request
     * @returns {Look[]}
     * @throws {DelegateError} `invalid_request`, naming the field
     */
    explain(request: Request): Look[];
    /**
     * A session by its id, the host's or the derived one; `undefined` for an unknown id.
     *
     * @example
     * const engine = new Engine()
     * engine.apply({ type: "session.created", now: 1, session: { id: "ses_1", parentID: "ses_root", agent: "explorer", description: "Explore auth" } })
     * engine.session("ses_b1eb_explore-auth")?.id // "ses_1"
     * engine.session("ses_unknown") // undefined
     * @param {string} id
     * @returns {Session | undefined}
     */
    session(id: string): Session | undefined;
    /**
     * A root and everything below it, in order of creation; nothing for an unknown id.
     *
     * @example
     * const engine = new Engine()
     * engine.apply({ type: "session.created", now: 1, session: { id: "ses_1", parentID: "ses_root" } })
     * engine.sessions("ses_root").map(({ id }) => id) // ["ses_root", "ses_1"]
     * engine.sessions("ses_unknown") // []
     * @param {string} rootID
     * @returns {Session[]}
     */
    sessions(rootID: string): Session[];
    /**
     * The agent that a name stands for, as the host spells it: names may hold invisible marks. A name that stands for no
     * agent is itself.
     *
     * @example
     * new Engine({ agents: { "\u200bexplorer": {} } }).spelled("explorer") // "\u200bexplorer"
     * new Engine().spelled("explorer") // "explorer"
     * @param {string} agent
     * @returns {string}
     */
    spelled(agent: string): string;
    /**
     * Notices for the user, each once: a second call gives none.
     *
     * @example
     * new Engine().notices() // []
     * @returns {string[]}
     */
    notices(): string[];
    /**
     * The whole state as versioned JSON; the configuration is not part of it.
     *
     * @example
     * JSON.parse(new Engine().snapshot()).v // 2
     * @returns {string}
     */
    snapshot(): string;
}
/**
 * The id that a name has under a root, such as `ses_a3f2_explore-auth`.
 *
 * @example
 * deriveSessionID("ses_root", "explore-auth") // "ses_b1eb_explore-auth"
 * @param {string} rootID
 * @param {string} slug
 * @returns {string}
 */
export declare function deriveSessionID(rootID: string, slug: string): string;
/**
 * The name that a text stands for, if anything usable is left of it.
 *
 * @example
 * normalizeSlug("Explore: the Auth!") // "explore-the-auth"
 * normalizeSlug("?!") // undefined
 * @param {string} text
 * @returns {string | undefined}
 */
export declare function normalizeSlug(text: string): string | undefined;
/**
 * What a text is as a `task_id`: the id of a session or of a background task, the word `last`, a name, or nothing usable.
 *
 * @example
 * classifyTaskID("Explore auth") // "name"
 * @param {string} text
 * @returns {TaskIDKind}
 */
export declare function classifyTaskID(text: string): TaskIDKind;
/**
 * What the rules say of a permission; `ask` if none matches, as in OpenCode (1.18.33, `permission/index.ts`).
 *
 * @example
 * evaluatePermission([{ permission: "task", pattern: "*", action: "deny" }], "task", "explorer") // "deny"
 * evaluatePermission([], "task", "explorer") // "ask"
 * @param {HostRule[]} rules
 * @param {string} permission
 * @param {string} pattern
 * @param {Precedence} [precedence]
 * @returns {Action}
 */
export declare function evaluatePermission(rules: HostRule[], permission: string, pattern: string, precedence?: Precedence): Action;
/**
 * What to add to opencode.json so that agents with a budget can delegate from a subagent session.
 *
 * @example
 * hostSettings({ agent: { lead: { task_budget: 3 } } }) // { subagent_depth: 3, max_depth: 3, task: { lead: "allow" } }
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
 *
 * @example
 * const deny = { permission: "edit", pattern: "*", action: "deny" }
 * inheritedPermission({ session: [], caller: [deny], agent: [] })[0] // { permission: "edit", pattern: "*", action: "deny" }
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
 * The description in the title of a child, as OpenCode 1 titles it; the whole title if it is not of that form.
 *
 * @example
 * childDescription("Explore auth (@explorer subagent)") // "Explore auth"
 * @param {string} title
 * @returns {string}
 */
export declare function childDescription(title: string): string;
/**
 * Whether a session of OpenCode 1 may have children, by its own rules and the budget of its record, in calls.
 *
 * @example
 * mayHaveChildren({ permission: [{ permission: "task", pattern: "*", action: "deny" }] }) // false
 * @param {{ permission?: unknown, budget?: unknown }} session
 * @returns {boolean}
 */
export declare function mayHaveChildren(session: {
    permission?: unknown;
    budget?: unknown;
}): boolean;
/**
 * How a prompt stands in the messages of its session, read from their outline as OpenCode 1's own task tool reads them. Without
 * `messageID`, the answer is in the last assistant message of all.
 *
 * @example
 * const message = { role: "assistant", finish: "stop", parts: [{ type: "text", text: 9 }] }
 * readAnswer({ messages: [message] }).answer // [0, 0]
 * @param {{ messages: MessageOutline[], messageID?: string }} given
 * @returns {PromptReading}
 */
export declare function readAnswer(given: {
    messages: MessageOutline[];
    messageID?: string;
}): PromptReading;
/**
 * The failure that an error of OpenCode 1 stands for.
 *
 * @example
 * readError({ name: "APIError", data: { message: "429" } }).message // "429"
 * @param {unknown} error
 * @returns {HostFailure}
 */
export declare function readError(error: unknown): HostFailure;
/**
 * Whether one of some parts delivers the same result as a part that is about to be sent.
 *
 * @example
 * holdsResult(["prt_000000000001abcdefghijklmn"], "prt_000000000002abcdefghijklmn") // true
 * @param {string[]} ids the ids of a session's parts
 * @param {string} partID
 * @returns {boolean}
 */
export declare function holdsResult(ids: string[], partID: string): boolean;
/**
 * The prompt table, row by row: it decides about prompts.
 *
 * @example
 * transitions()[0].row // "B1"
 * @returns {Transition[]}
 */
export declare function transitions(): Transition[];
/**
 * The recovery table, row by row: it decides about the prompts and tasks of other processes.
 *
 * @example
 * recoveries()[0].row // "C1"
 * @returns {Recovery[]}
 */
export declare function recoveries(): Recovery[];
/**
 * The decision table, row by row.
 *
 * @example
 * rules()[0].rule // "G1"
 * @returns {Rule[]}
 */
export declare function rules(): Rule[];
