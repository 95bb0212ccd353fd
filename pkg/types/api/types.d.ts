export type AbortEffect = import("../../opencode_delegate_types.js").AbortEffect;
export type Action = import("../../opencode_delegate_types.js").Action;
export type AgentConfig = import("../../opencode_delegate_types.js").AgentConfig;
export type AttemptRef = import("../../opencode_delegate_types.js").AttemptRef;
export type Author = import("../../opencode_delegate_types.js").Author;
export type CallEndedEvent = import("../../opencode_delegate_types.js").CallEndedEvent;
export type CallQueuedEvent = import("../../opencode_delegate_types.js").CallQueuedEvent;
export type CallRecoveredEvent = import("../../opencode_delegate_types.js").CallRecoveredEvent;
export type Candidate = import("../../opencode_delegate_types.js").Candidate;
export type CheckEffect = import("../../opencode_delegate_types.js").CheckEffect;
export type ClockSetBackEvent = import("../../opencode_delegate_types.js").ClockSetBackEvent;
export type Code = import("../../opencode_delegate_types.js").Code;
export type CompactDecision = import("../../opencode_delegate_types.js").CompactDecision;
export type ChildPermissions = import("../../opencode_delegate_types.js").ChildPermissions;
export type Config = import("../../opencode_delegate_types.js").Config;
export type ConnectionFailure = import("../../opencode_delegate_types.js").ConnectionFailure;
export type CreateEffect = import("../../opencode_delegate_types.js").CreateEffect;
export type Created = import("../../opencode_delegate_types.js").Created;
export type Decided = import("../../opencode_delegate_types.js").Decided;
export type Decision = import("../../opencode_delegate_types.js").Decision;
export type DeliverEffect = import("../../opencode_delegate_types.js").DeliverEffect;
export type Delivery = import("../../opencode_delegate_types.js").Delivery;
export type DenyDecision = import("../../opencode_delegate_types.js").DenyDecision;
export type Effect = import("../../opencode_delegate_types.js").Effect;
export type EmptyFailure = import("../../opencode_delegate_types.js").EmptyFailure;
export type Event = import("../../opencode_delegate_types.js").Event;
export type FailedAttempt = import("../../opencode_delegate_types.js").FailedAttempt;
export type Failure = import("../../opencode_delegate_types.js").Failure;
export type ForgetEffect = import("../../opencode_delegate_types.js").ForgetEffect;
export type HoldEffect = import("../../opencode_delegate_types.js").HoldEffect;
export type HostFailure = import("../../opencode_delegate_types.js").HostFailure;
export type HostRule = import("../../opencode_delegate_types.js").HostRule;
export type HostSettings = import("../../opencode_delegate_types.js").HostSettings;
export type JoinDecision = import("../../opencode_delegate_types.js").JoinDecision;
export type KeptPrompt = import("../../opencode_delegate_types.js").KeptPrompt;
export type ListLookup = import("../../opencode_delegate_types.js").ListLookup;
export type Look = import("../../opencode_delegate_types.js").Look;
export type LostFailure = import("../../opencode_delegate_types.js").LostFailure;
export type Message = import("../../opencode_delegate_types.js").Message;
export type MessageRemovedEvent = import("../../opencode_delegate_types.js").MessageRemovedEvent;
export type Mode = import("../../opencode_delegate_types.js").Mode;
export type Model = import("../../opencode_delegate_types.js").Model;
export type NestedCalls = import("../../opencode_delegate_types.js").NestedCalls;
export type Reach = import("../../opencode_delegate_types.js").Reach;
export type OnAgentMismatch = import("../../opencode_delegate_types.js").OnAgentMismatch;
export type OnContextFull = import("../../opencode_delegate_types.js").OnContextFull;
export type Outline = import("../../opencode_delegate_types.js").Outline;
export type OutlineLookup = import("../../opencode_delegate_types.js").OutlineLookup;
export type OutlineRow = import("../../opencode_delegate_types.js").OutlineRow;
export type RowState = import("../../opencode_delegate_types.js").RowState;
export type SeenSession = import("../../opencode_delegate_types.js").SeenSession;
export type SessionRenamedEvent = import("../../opencode_delegate_types.js").SessionRenamedEvent;
export type SessionReplacedEvent = import("../../opencode_delegate_types.js").SessionReplacedEvent;
export type Precedence = import("../../opencode_delegate_types.js").Precedence;
export type PrepareFailure = import("../../opencode_delegate_types.js").PrepareFailure;
export type ProceedEffect = import("../../opencode_delegate_types.js").ProceedEffect;
export type Prompt = import("../../opencode_delegate_types.js").Prompt;
export type PromptAcceptedEvent = import("../../opencode_delegate_types.js").PromptAcceptedEvent;
export type PromptAnsweredEvent = import("../../opencode_delegate_types.js").PromptAnsweredEvent;
export type PromptCancelledEvent = import("../../opencode_delegate_types.js").PromptCancelledEvent;
export type PromptFailedEvent = import("../../opencode_delegate_types.js").PromptFailedEvent;
export type PromptKeptEvent = import("../../opencode_delegate_types.js").PromptKeptEvent;
export type PromptSentEvent = import("../../opencode_delegate_types.js").PromptSentEvent;
export type PromptState = import("../../opencode_delegate_types.js").PromptState;
export type QueuedCall = import("../../opencode_delegate_types.js").QueuedCall;
export type RankLookup = import("../../opencode_delegate_types.js").RankLookup;
export type RecordFailedEvent = import("../../opencode_delegate_types.js").RecordFailedEvent;
export type RecordStoredEvent = import("../../opencode_delegate_types.js").RecordStoredEvent;
export type RecoveredCall = import("../../opencode_delegate_types.js").RecoveredCall;
export type Recovery = import("../../opencode_delegate_types.js").Recovery;
export type Request = import("../../opencode_delegate_types.js").Request;
export type RefuseSteering = import("../../opencode_delegate_types.js").RefuseSteering;
export type ResolveLookup = import("../../opencode_delegate_types.js").ResolveLookup;
export type ResumeDecision = import("../../opencode_delegate_types.js").ResumeDecision;
export type RetryEffect = import("../../opencode_delegate_types.js").RetryEffect;
export type RetryingFailure = import("../../opencode_delegate_types.js").RetryingFailure;
export type RootReadEvent = import("../../opencode_delegate_types.js").RootReadEvent;
export type RootReadingEvent = import("../../opencode_delegate_types.js").RootReadingEvent;
export type Rule = import("../../opencode_delegate_types.js").Rule;
export type RuleID = import("../../opencode_delegate_types.js").RuleID;
export type SameAgent = import("../../opencode_delegate_types.js").SameAgent;
export type SendEffect = import("../../opencode_delegate_types.js").SendEffect;
export type Session = import("../../opencode_delegate_types.js").Session;
export type SessionAbortedEvent = import("../../opencode_delegate_types.js").SessionAbortedEvent;
export type SessionAliasEvent = import("../../opencode_delegate_types.js").SessionAliasEvent;
export type SessionCancelledEvent = import("../../opencode_delegate_types.js").SessionCancelledEvent;
export type SessionCreatedEvent = import("../../opencode_delegate_types.js").SessionCreatedEvent;
export type SessionDeletedEvent = import("../../opencode_delegate_types.js").SessionDeletedEvent;
export type SessionErrorEvent = import("../../opencode_delegate_types.js").SessionErrorEvent;
export type SessionNamedEvent = import("../../opencode_delegate_types.js").SessionNamedEvent;
export type SessionPromptedEvent = import("../../opencode_delegate_types.js").SessionPromptedEvent;
export type SessionRecord = import("../../opencode_delegate_types.js").SessionRecord;
export type SessionRevertedEvent = import("../../opencode_delegate_types.js").SessionRevertedEvent;
export type SessionSpentEvent = import("../../opencode_delegate_types.js").SessionSpentEvent;
export type SessionStatusEvent = import("../../opencode_delegate_types.js").SessionStatusEvent;
export type SessionSteppedEvent = import("../../opencode_delegate_types.js").SessionSteppedEvent;
export type SessionTimerEvent = import("../../opencode_delegate_types.js").SessionTimerEvent;
export type SessionTouchedEvent = import("../../opencode_delegate_types.js").SessionTouchedEvent;
export type SessionUsageEvent = import("../../opencode_delegate_types.js").SessionUsageEvent;
export type SlugScope = import("../../opencode_delegate_types.js").SlugScope;
export type UnlistedModels = import("../../opencode_delegate_types.js").UnlistedModels;
export type SpawnDecision = import("../../opencode_delegate_types.js").SpawnDecision;
export type Spent = import("../../opencode_delegate_types.js").Spent;
export type StalledFailure = import("../../opencode_delegate_types.js").StalledFailure;
export type Status = import("../../opencode_delegate_types.js").Status;
export type SendSteering = import("../../opencode_delegate_types.js").SendSteering;
export type SteerLookup = import("../../opencode_delegate_types.js").SteerLookup;
export type Steering = import("../../opencode_delegate_types.js").Steering;
export type StoreEffect = import("../../opencode_delegate_types.js").StoreEffect;
export type Limits = import("../../opencode_delegate_types.js").Limits;
export type TimerEffect = import("../../opencode_delegate_types.js").TimerEffect;
export type RefuseEffect = import("../../opencode_delegate_types.js").RefuseEffect;
export type PermissionAskedEvent = import("../../opencode_delegate_types.js").PermissionAskedEvent;
export type PermissionRepliedEvent = import("../../opencode_delegate_types.js").PermissionRepliedEvent;
export type Task = import("../../opencode_delegate_types.js").Task;
export type TaskDeliveredEvent = import("../../opencode_delegate_types.js").TaskDeliveredEvent;
export type TaskState = import("../../opencode_delegate_types.js").TaskState;
export type TicketCommitEvent = import("../../opencode_delegate_types.js").TicketCommitEvent;
export type TicketRefundEvent = import("../../opencode_delegate_types.js").TicketRefundEvent;
export type Transition = import("../../opencode_delegate_types.js").Transition;
export type UserMessage = import("../../opencode_delegate_types.js").UserMessage;
export type WaitEffect = import("../../opencode_delegate_types.js").WaitEffect;
export type TaskIDKind = "id" | "task" | "last" | "name" | "invalid";
export type EngineOptions = {
    process?: string;
};
export type MessageOutline = {
    id?: string;
    role: string;
    error?: unknown;
    finish?: string;
    summary?: unknown;
    parts: {
        type: string;
        text?: number;
        status?: string;
        continues?: unknown;
        steers?: unknown;
        result?: unknown;
    }[];
};
export type PromptReading = {
    asked: boolean;
    answer?: [number, number];
    earlier?: [number, number][];
    error?: [number, number];
    failed?: AttemptFailure;
    words?: [number, number];
};
export type AttemptFailure = (HostFailure | EmptyFailure) & {
    message: string;
};
export type ListedSession = {
    slug?: string | undefined;
    sessionID?: string | undefined;
    id?: string | undefined;
    agent?: string | undefined;
    description: string;
    lastUsed?: number | undefined;
};
export type Text = ({
    kind: "verdict";
    action: "resume" | "compact" | "join" | "spawn";
    reason: string;
    notice?: string | undefined;
    task_id: string;
    troubles?: string[] | undefined;
} | {
    kind: "kept";
    task_id: string;
} | {
    kind: "output";
    sessionID: string;
    state: "completed" | "running" | "error";
    text: string;
} | {
    kind: "subagent_output";
    sessionID: string;
    text: string;
} | {
    kind: "failure";
    sessionID: string;
    message: string;
} | {
    kind: "failed";
    sessionID: string;
    task_id: string;
    state: string;
    message?: string | undefined;
    error?: string | undefined;
    notices: string[];
} | {
    kind: "started";
    sessionID: string;
    taskID: string;
    prompts: number;
} | {
    kind: "ended";
    sessionID: string;
    task_id: string;
    taskID: string;
    state: string;
    message?: string | undefined;
    text?: string | undefined;
    error?: string | undefined;
    notices: string[];
    lost: boolean;
    gone: boolean;
} | {
    kind: "denial";
    message: string;
    candidates: ListedSession[];
    others?: number | undefined;
    lists?: boolean | undefined;
} | {
    kind: "ended_below";
    task_id: string;
    description: string;
    caller: string;
    state: string;
    lost: boolean;
    others?: number | undefined;
} | {
    kind: "title";
    description: string;
    action: "resume" | "compact" | "join" | "spawn";
    task_id: string;
} | {
    kind: "child_title";
    description: string;
    agent: string;
} | {
    kind: "summary_guide";
    sessions: ListedSession[];
    lists?: boolean | undefined;
} | {
    kind: "undecided" | "undecided_subagent" | "not_summarised";
    message: string;
} | {
    kind: "not_looked_up";
    task_id: string;
} | {
    kind: "two_sessions";
    task_id: string;
    sessionID: string;
} | {
    kind: "waited";
} | {
    kind: "beside_plugin";
    plugin: string;
    entry: string;
} | {
    kind: "no_answer" | "reloaded" | "session_gone" | "call_ended" | "engine_lost" | "caller_ended" | "go_on" | "other_tool";
} | {
    kind: "no_session";
    task_id: string;
    sessions: ListedSession[];
    lists?: boolean | undefined;
} | {
    kind: "delegate_output";
    status: Status;
    prompt?: PromptState | undefined;
    task?: {
        state: string;
    } | undefined;
    sessionID: string;
    task_id: string;
    text?: string | undefined;
    error?: string | undefined;
    message?: string | undefined;
    words?: string | undefined;
} | {
    kind: "delegate_cancel";
    task_id: string;
    status: Status;
    prompts: number;
} | {
    kind: "delegate_list_title";
    sessions: number;
} | {
    kind: "run";
    sessions: {
        task_id: string;
        spawned: boolean;
        calls: number;
    }[];
});
export type Invalid = "invalid_config" | "invalid_event" | "invalid_request";
/**
 * @typedef {import("../../opencode_delegate_types.js").AbortEffect} AbortEffect
 * @typedef {import("../../opencode_delegate_types.js").Action} Action
 * @typedef {import("../../opencode_delegate_types.js").AgentConfig} AgentConfig
 * @typedef {import("../../opencode_delegate_types.js").AttemptRef} AttemptRef
 * @typedef {import("../../opencode_delegate_types.js").Author} Author
 * @typedef {import("../../opencode_delegate_types.js").CallEndedEvent} CallEndedEvent
 * @typedef {import("../../opencode_delegate_types.js").CallQueuedEvent} CallQueuedEvent
 * @typedef {import("../../opencode_delegate_types.js").CallRecoveredEvent} CallRecoveredEvent
 * @typedef {import("../../opencode_delegate_types.js").Candidate} Candidate
 * @typedef {import("../../opencode_delegate_types.js").CheckEffect} CheckEffect
 * @typedef {import("../../opencode_delegate_types.js").ClockSetBackEvent} ClockSetBackEvent
 * @typedef {import("../../opencode_delegate_types.js").Code} Code
 * @typedef {import("../../opencode_delegate_types.js").CompactDecision} CompactDecision
 * @typedef {import("../../opencode_delegate_types.js").ChildPermissions} ChildPermissions
 * @typedef {import("../../opencode_delegate_types.js").Config} Config
 * @typedef {import("../../opencode_delegate_types.js").ConnectionFailure} ConnectionFailure
 * @typedef {import("../../opencode_delegate_types.js").CreateEffect} CreateEffect
 * @typedef {import("../../opencode_delegate_types.js").Created} Created
 * @typedef {import("../../opencode_delegate_types.js").Decided} Decided
 * @typedef {import("../../opencode_delegate_types.js").Decision} Decision
 * @typedef {import("../../opencode_delegate_types.js").DeliverEffect} DeliverEffect
 * @typedef {import("../../opencode_delegate_types.js").Delivery} Delivery
 * @typedef {import("../../opencode_delegate_types.js").DenyDecision} DenyDecision
 * @typedef {import("../../opencode_delegate_types.js").Effect} Effect
 * @typedef {import("../../opencode_delegate_types.js").EmptyFailure} EmptyFailure
 * @typedef {import("../../opencode_delegate_types.js").Event} Event
 * @typedef {import("../../opencode_delegate_types.js").FailedAttempt} FailedAttempt
 * @typedef {import("../../opencode_delegate_types.js").Failure} Failure
 * @typedef {import("../../opencode_delegate_types.js").ForgetEffect} ForgetEffect
 * @typedef {import("../../opencode_delegate_types.js").HoldEffect} HoldEffect
 * @typedef {import("../../opencode_delegate_types.js").HostFailure} HostFailure
 * @typedef {import("../../opencode_delegate_types.js").HostRule} HostRule
 * @typedef {import("../../opencode_delegate_types.js").HostSettings} HostSettings
 * @typedef {import("../../opencode_delegate_types.js").JoinDecision} JoinDecision
 * @typedef {import("../../opencode_delegate_types.js").KeptPrompt} KeptPrompt
 * @typedef {import("../../opencode_delegate_types.js").ListLookup} ListLookup
 * @typedef {import("../../opencode_delegate_types.js").Look} Look
 * @typedef {import("../../opencode_delegate_types.js").LostFailure} LostFailure
 * @typedef {import("../../opencode_delegate_types.js").Message} Message
 * @typedef {import("../../opencode_delegate_types.js").MessageRemovedEvent} MessageRemovedEvent
 * @typedef {import("../../opencode_delegate_types.js").Mode} Mode
 * @typedef {import("../../opencode_delegate_types.js").Model} Model
 * @typedef {import("../../opencode_delegate_types.js").NestedCalls} NestedCalls
 * @typedef {import("../../opencode_delegate_types.js").Reach} Reach
 * @typedef {import("../../opencode_delegate_types.js").OnAgentMismatch} OnAgentMismatch
 * @typedef {import("../../opencode_delegate_types.js").OnContextFull} OnContextFull
 * @typedef {import("../../opencode_delegate_types.js").Outline} Outline
 * @typedef {import("../../opencode_delegate_types.js").OutlineLookup} OutlineLookup
 * @typedef {import("../../opencode_delegate_types.js").OutlineRow} OutlineRow
 * @typedef {import("../../opencode_delegate_types.js").RowState} RowState
 * @typedef {import("../../opencode_delegate_types.js").SeenSession} SeenSession
 * @typedef {import("../../opencode_delegate_types.js").SessionRenamedEvent} SessionRenamedEvent
 * @typedef {import("../../opencode_delegate_types.js").SessionReplacedEvent} SessionReplacedEvent
 * @typedef {import("../../opencode_delegate_types.js").Precedence} Precedence
 * @typedef {import("../../opencode_delegate_types.js").PrepareFailure} PrepareFailure
 * @typedef {import("../../opencode_delegate_types.js").ProceedEffect} ProceedEffect
 * @typedef {import("../../opencode_delegate_types.js").Prompt} Prompt
 * @typedef {import("../../opencode_delegate_types.js").PromptAcceptedEvent} PromptAcceptedEvent
 * @typedef {import("../../opencode_delegate_types.js").PromptAnsweredEvent} PromptAnsweredEvent
 * @typedef {import("../../opencode_delegate_types.js").PromptCancelledEvent} PromptCancelledEvent
 * @typedef {import("../../opencode_delegate_types.js").PromptFailedEvent} PromptFailedEvent
 * @typedef {import("../../opencode_delegate_types.js").PromptKeptEvent} PromptKeptEvent
 * @typedef {import("../../opencode_delegate_types.js").PromptSentEvent} PromptSentEvent
 * @typedef {import("../../opencode_delegate_types.js").PromptState} PromptState
 * @typedef {import("../../opencode_delegate_types.js").QueuedCall} QueuedCall
 * @typedef {import("../../opencode_delegate_types.js").RankLookup} RankLookup
 * @typedef {import("../../opencode_delegate_types.js").RecordFailedEvent} RecordFailedEvent
 * @typedef {import("../../opencode_delegate_types.js").RecordStoredEvent} RecordStoredEvent
 * @typedef {import("../../opencode_delegate_types.js").RecoveredCall} RecoveredCall
 * @typedef {import("../../opencode_delegate_types.js").Recovery} Recovery
 * @typedef {import("../../opencode_delegate_types.js").Request} Request
 * @typedef {import("../../opencode_delegate_types.js").RefuseSteering} RefuseSteering
 * @typedef {import("../../opencode_delegate_types.js").ResolveLookup} ResolveLookup
 * @typedef {import("../../opencode_delegate_types.js").ResumeDecision} ResumeDecision
 * @typedef {import("../../opencode_delegate_types.js").RetryEffect} RetryEffect
 * @typedef {import("../../opencode_delegate_types.js").RetryingFailure} RetryingFailure
 * @typedef {import("../../opencode_delegate_types.js").RootReadEvent} RootReadEvent
 * @typedef {import("../../opencode_delegate_types.js").RootReadingEvent} RootReadingEvent
 * @typedef {import("../../opencode_delegate_types.js").Rule} Rule
 * @typedef {import("../../opencode_delegate_types.js").RuleID} RuleID
 * @typedef {import("../../opencode_delegate_types.js").SameAgent} SameAgent
 * @typedef {import("../../opencode_delegate_types.js").SendEffect} SendEffect
 * @typedef {import("../../opencode_delegate_types.js").Session} Session
 * @typedef {import("../../opencode_delegate_types.js").SessionAbortedEvent} SessionAbortedEvent
 * @typedef {import("../../opencode_delegate_types.js").SessionAliasEvent} SessionAliasEvent
 * @typedef {import("../../opencode_delegate_types.js").SessionCancelledEvent} SessionCancelledEvent
 * @typedef {import("../../opencode_delegate_types.js").SessionCreatedEvent} SessionCreatedEvent
 * @typedef {import("../../opencode_delegate_types.js").SessionDeletedEvent} SessionDeletedEvent
 * @typedef {import("../../opencode_delegate_types.js").SessionErrorEvent} SessionErrorEvent
 * @typedef {import("../../opencode_delegate_types.js").SessionNamedEvent} SessionNamedEvent
 * @typedef {import("../../opencode_delegate_types.js").SessionPromptedEvent} SessionPromptedEvent
 * @typedef {import("../../opencode_delegate_types.js").SessionRecord} SessionRecord
 * @typedef {import("../../opencode_delegate_types.js").SessionRevertedEvent} SessionRevertedEvent
 * @typedef {import("../../opencode_delegate_types.js").SessionSpentEvent} SessionSpentEvent
 * @typedef {import("../../opencode_delegate_types.js").SessionStatusEvent} SessionStatusEvent
 * @typedef {import("../../opencode_delegate_types.js").SessionSteppedEvent} SessionSteppedEvent
 * @typedef {import("../../opencode_delegate_types.js").SessionTimerEvent} SessionTimerEvent
 * @typedef {import("../../opencode_delegate_types.js").SessionTouchedEvent} SessionTouchedEvent
 * @typedef {import("../../opencode_delegate_types.js").SessionUsageEvent} SessionUsageEvent
 * @typedef {import("../../opencode_delegate_types.js").SlugScope} SlugScope
 * @typedef {import("../../opencode_delegate_types.js").UnlistedModels} UnlistedModels
 * @typedef {import("../../opencode_delegate_types.js").SpawnDecision} SpawnDecision
 * @typedef {import("../../opencode_delegate_types.js").Spent} Spent
 * @typedef {import("../../opencode_delegate_types.js").StalledFailure} StalledFailure
 * @typedef {import("../../opencode_delegate_types.js").Status} Status
 * @typedef {import("../../opencode_delegate_types.js").SendSteering} SendSteering
 * @typedef {import("../../opencode_delegate_types.js").SteerLookup} SteerLookup
 * @typedef {import("../../opencode_delegate_types.js").Steering} Steering
 * @typedef {import("../../opencode_delegate_types.js").StoreEffect} StoreEffect
 * @typedef {import("../../opencode_delegate_types.js").Limits} Limits
 * @typedef {import("../../opencode_delegate_types.js").TimerEffect} TimerEffect
 * @typedef {import("../../opencode_delegate_types.js").RefuseEffect} RefuseEffect
 * @typedef {import("../../opencode_delegate_types.js").PermissionAskedEvent} PermissionAskedEvent
 * @typedef {import("../../opencode_delegate_types.js").PermissionRepliedEvent} PermissionRepliedEvent
 * @typedef {import("../../opencode_delegate_types.js").Task} Task
 * @typedef {import("../../opencode_delegate_types.js").TaskDeliveredEvent} TaskDeliveredEvent
 * @typedef {import("../../opencode_delegate_types.js").TaskState} TaskState
 * @typedef {import("../../opencode_delegate_types.js").TicketCommitEvent} TicketCommitEvent
 * @typedef {import("../../opencode_delegate_types.js").TicketRefundEvent} TicketRefundEvent
 * @typedef {import("../../opencode_delegate_types.js").Transition} Transition
 * @typedef {import("../../opencode_delegate_types.js").UserMessage} UserMessage
 * @typedef {import("../../opencode_delegate_types.js").WaitEffect} WaitEffect
 * @typedef {"id" | "task" | "last" | "name" | "invalid"} TaskIDKind
 *
 * The options of an engine beside its configuration. `process`: the name of the process that runs the engine, as records name it;
 * no other process may have it. Of the prompts in a record with this name the engine knows more than the record.
 * @typedef {{ process?: string }} EngineOptions
 *
 * An outline of a session's message: whether it is a summary, and of each part its type, the length of its text, the status of a
 * tool's state, whether OpenCode goes on with it after a summary, whether it steers a running turn, and whether it is the result of a background task.
 * Other fields are ignored.
 * @typedef {{
 *   id?: string, role: string, error?: unknown, finish?: string, summary?: unknown,
 *   parts: { type: string, text?: number, status?: string, continues?: unknown, steers?: unknown, result?: unknown }[]
 * }} MessageOutline
 *
 * How a prompt stands in the messages of its session. A pair is the index of a message, and the index of a part in it. Of
 * `answer` (the part whose text is the answer), `error` (the part of the failed tool) and `failed` one is there if the prompt has
 * ended. `earlier` are the parts with the answers before that one, if messages steered the session on after them. `words` is the part
 * with the last text of any assistant message.
 * @typedef {{
 *   asked: boolean, answer?: [number, number], earlier?: [number, number][], error?: [number, number], failed?: AttemptFailure, words?: [number, number]
 * }} PromptReading
 *
 * A failure of an attempt, with its message.
 * @typedef {(HostFailure | EmptyFailure) & { message: string }} AttemptFailure
 */
/**
 * A session in a list: its name or else its id, its agent, its description, and when it was last used.
 * @typedef {{
 *   slug?: string | undefined, sessionID?: string | undefined, id?: string | undefined, agent?: string | undefined, description: string,
 *   lastUsed?: number | undefined
 * }} ListedSession
 *
 * A text of a delegation, with the data that fills it. `task_id` is the session's name, or its id if it has none; `taskID` is the
 * `bg_` id of a background task; `state` is the end state of a prompt. An answer is a `text`, or the `error` of a tool.
 * A field that may be left out may also be `undefined`.
 * @typedef {(
 *   | { kind: "verdict", action: "resume" | "compact" | "join" | "spawn", reason: string, notice?: string | undefined, task_id: string, troubles?: string[] | undefined }
 *   | { kind: "kept", task_id: string }
 *   | { kind: "output", sessionID: string, state: "completed" | "running" | "error", text: string }
 *   | { kind: "subagent_output", sessionID: string, text: string }
 *   | { kind: "failure", sessionID: string, message: string }
 *   | { kind: "failed", sessionID: string, task_id: string, state: string, message?: string | undefined, error?: string | undefined, notices: string[] }
 *   | { kind: "started", sessionID: string, taskID: string, prompts: number }
 *   | { kind: "ended", sessionID: string, task_id: string, taskID: string, state: string, message?: string | undefined, text?: string | undefined, error?: string | undefined, notices: string[], lost: boolean, gone: boolean }
 *   | { kind: "denial", message: string, candidates: ListedSession[], others?: number | undefined, lists?: boolean | undefined }
 *   | { kind: "ended_below", task_id: string, description: string, caller: string, state: string, lost: boolean, others?: number | undefined }
 *   | { kind: "title", description: string, action: "resume" | "compact" | "join" | "spawn", task_id: string }
 *   | { kind: "child_title", description: string, agent: string }
 *   | { kind: "summary_guide", sessions: ListedSession[], lists?: boolean | undefined }
 *   | { kind: "undecided" | "undecided_subagent" | "not_summarised", message: string }
 *   | { kind: "not_looked_up", task_id: string }
 *   | { kind: "two_sessions", task_id: string, sessionID: string }
 *   | { kind: "waited" }
 *   | { kind: "beside_plugin", plugin: string, entry: string }
 *   | { kind: "no_answer" | "reloaded" | "session_gone" | "call_ended" | "engine_lost" | "caller_ended" | "go_on" | "other_tool" }
 *   | { kind: "no_session", task_id: string, sessions: ListedSession[], lists?: boolean | undefined }
 *   | { kind: "delegate_output", status: Status, prompt?: PromptState | undefined, task?: { state: string } | undefined, sessionID: string, task_id: string, text?: string | undefined, error?: string | undefined, message?: string | undefined, words?: string | undefined }
 *   | { kind: "delegate_cancel", task_id: string, status: Status, prompts: number }
 *   | { kind: "delegate_list_title", sessions: number }
 *   | { kind: "run", sessions: { task_id: string, spawned: boolean, calls: number }[] }
 * )} Text
 */
/**
 * The code of an error in a value that the API takes.
 * @typedef {"invalid_config" | "invalid_event" | "invalid_request"} Invalid
 */
export {};
