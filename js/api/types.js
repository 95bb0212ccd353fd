// The types of the API: those of the data that crosses the boundary, and those of the shim alone.

/**
 * @typedef {import("../../pkg/opencode_delegate_types.js").AbortEffect} AbortEffect
 * @typedef {import("../../pkg/opencode_delegate_types.js").Action} Action
 * @typedef {import("../../pkg/opencode_delegate_types.js").AgentConfig} AgentConfig
 * @typedef {import("../../pkg/opencode_delegate_types.js").AttemptRef} AttemptRef
 * @typedef {import("../../pkg/opencode_delegate_types.js").Author} Author
 * @typedef {import("../../pkg/opencode_delegate_types.js").CallEndedEvent} CallEndedEvent
 * @typedef {import("../../pkg/opencode_delegate_types.js").CallQueuedEvent} CallQueuedEvent
 * @typedef {import("../../pkg/opencode_delegate_types.js").CallRecoveredEvent} CallRecoveredEvent
 * @typedef {import("../../pkg/opencode_delegate_types.js").Candidate} Candidate
 * @typedef {import("../../pkg/opencode_delegate_types.js").CheckEffect} CheckEffect
 * @typedef {import("../../pkg/opencode_delegate_types.js").ClockSetBackEvent} ClockSetBackEvent
 * @typedef {import("../../pkg/opencode_delegate_types.js").Code} Code
 * @typedef {import("../../pkg/opencode_delegate_types.js").CompactDecision} CompactDecision
 * @typedef {import("../../pkg/opencode_delegate_types.js").ChildPermissions} ChildPermissions
 * @typedef {import("../../pkg/opencode_delegate_types.js").Config} Config
 * @typedef {import("../../pkg/opencode_delegate_types.js").ConnectionFailure} ConnectionFailure
 * @typedef {import("../../pkg/opencode_delegate_types.js").CreateEffect} CreateEffect
 * @typedef {import("../../pkg/opencode_delegate_types.js").Created} Created
 * @typedef {import("../../pkg/opencode_delegate_types.js").Decided} Decided
 * @typedef {import("../../pkg/opencode_delegate_types.js").Decision} Decision
 * @typedef {import("../../pkg/opencode_delegate_types.js").DeliverEffect} DeliverEffect
 * @typedef {import("../../pkg/opencode_delegate_types.js").Delivery} Delivery
 * @typedef {import("../../pkg/opencode_delegate_types.js").DenyDecision} DenyDecision
 * @typedef {import("../../pkg/opencode_delegate_types.js").Effect} Effect
 * @typedef {import("../../pkg/opencode_delegate_types.js").EmptyFailure} EmptyFailure
 * @typedef {import("../../pkg/opencode_delegate_types.js").Event} Event
 * @typedef {import("../../pkg/opencode_delegate_types.js").FailedAttempt} FailedAttempt
 * @typedef {import("../../pkg/opencode_delegate_types.js").Failure} Failure
 * @typedef {import("../../pkg/opencode_delegate_types.js").ForgetEffect} ForgetEffect
 * @typedef {import("../../pkg/opencode_delegate_types.js").HoldEffect} HoldEffect
 * @typedef {import("../../pkg/opencode_delegate_types.js").HostFailure} HostFailure
 * @typedef {import("../../pkg/opencode_delegate_types.js").HostRule} HostRule
 * @typedef {import("../../pkg/opencode_delegate_types.js").HostSettings} HostSettings
 * @typedef {import("../../pkg/opencode_delegate_types.js").JoinDecision} JoinDecision
 * @typedef {import("../../pkg/opencode_delegate_types.js").KeptPrompt} KeptPrompt
 * @typedef {import("../../pkg/opencode_delegate_types.js").ListLookup} ListLookup
 * @typedef {import("../../pkg/opencode_delegate_types.js").Look} Look
 * @typedef {import("../../pkg/opencode_delegate_types.js").LostFailure} LostFailure
 * @typedef {import("../../pkg/opencode_delegate_types.js").Message} Message
 * @typedef {import("../../pkg/opencode_delegate_types.js").MessageRemovedEvent} MessageRemovedEvent
 * @typedef {import("../../pkg/opencode_delegate_types.js").Mode} Mode
 * @typedef {import("../../pkg/opencode_delegate_types.js").Model} Model
 * @typedef {import("../../pkg/opencode_delegate_types.js").NestedCalls} NestedCalls
 * @typedef {import("../../pkg/opencode_delegate_types.js").Reach} Reach
 * @typedef {import("../../pkg/opencode_delegate_types.js").OnAgentMismatch} OnAgentMismatch
 * @typedef {import("../../pkg/opencode_delegate_types.js").OnContextFull} OnContextFull
 * @typedef {import("../../pkg/opencode_delegate_types.js").Outline} Outline
 * @typedef {import("../../pkg/opencode_delegate_types.js").OutlineLookup} OutlineLookup
 * @typedef {import("../../pkg/opencode_delegate_types.js").OutlineRow} OutlineRow
 * @typedef {import("../../pkg/opencode_delegate_types.js").RowState} RowState
 * @typedef {import("../../pkg/opencode_delegate_types.js").SeenSession} SeenSession
 * @typedef {import("../../pkg/opencode_delegate_types.js").SessionRenamedEvent} SessionRenamedEvent
 * @typedef {import("../../pkg/opencode_delegate_types.js").SessionReplacedEvent} SessionReplacedEvent
 * @typedef {import("../../pkg/opencode_delegate_types.js").Precedence} Precedence
 * @typedef {import("../../pkg/opencode_delegate_types.js").PrepareFailure} PrepareFailure
 * @typedef {import("../../pkg/opencode_delegate_types.js").ProceedEffect} ProceedEffect
 * @typedef {import("../../pkg/opencode_delegate_types.js").Prompt} Prompt
 * @typedef {import("../../pkg/opencode_delegate_types.js").PromptAcceptedEvent} PromptAcceptedEvent
 * @typedef {import("../../pkg/opencode_delegate_types.js").PromptAnsweredEvent} PromptAnsweredEvent
 * @typedef {import("../../pkg/opencode_delegate_types.js").PromptCancelledEvent} PromptCancelledEvent
 * @typedef {import("../../pkg/opencode_delegate_types.js").PromptFailedEvent} PromptFailedEvent
 * @typedef {import("../../pkg/opencode_delegate_types.js").PromptKeptEvent} PromptKeptEvent
 * @typedef {import("../../pkg/opencode_delegate_types.js").PromptSentEvent} PromptSentEvent
 * @typedef {import("../../pkg/opencode_delegate_types.js").PromptState} PromptState
 * @typedef {import("../../pkg/opencode_delegate_types.js").QueuedCall} QueuedCall
 * @typedef {import("../../pkg/opencode_delegate_types.js").RankLookup} RankLookup
 * @typedef {import("../../pkg/opencode_delegate_types.js").RecordFailedEvent} RecordFailedEvent
 * @typedef {import("../../pkg/opencode_delegate_types.js").RecordStoredEvent} RecordStoredEvent
 * @typedef {import("../../pkg/opencode_delegate_types.js").RecoveredCall} RecoveredCall
 * @typedef {import("../../pkg/opencode_delegate_types.js").Recovery} Recovery
 * @typedef {import("../../pkg/opencode_delegate_types.js").Request} Request
 * @typedef {import("../../pkg/opencode_delegate_types.js").RefuseSteering} RefuseSteering
 * @typedef {import("../../pkg/opencode_delegate_types.js").ResolveLookup} ResolveLookup
 * @typedef {import("../../pkg/opencode_delegate_types.js").ResumeDecision} ResumeDecision
 * @typedef {import("../../pkg/opencode_delegate_types.js").RetryEffect} RetryEffect
 * @typedef {import("../../pkg/opencode_delegate_types.js").RetryingFailure} RetryingFailure
 * @typedef {import("../../pkg/opencode_delegate_types.js").RootReadEvent} RootReadEvent
 * @typedef {import("../../pkg/opencode_delegate_types.js").RootReadingEvent} RootReadingEvent
 * @typedef {import("../../pkg/opencode_delegate_types.js").Rule} Rule
 * @typedef {import("../../pkg/opencode_delegate_types.js").RuleID} RuleID
 * @typedef {import("../../pkg/opencode_delegate_types.js").SameAgent} SameAgent
 * @typedef {import("../../pkg/opencode_delegate_types.js").SendEffect} SendEffect
 * @typedef {import("../../pkg/opencode_delegate_types.js").Session} Session
 * @typedef {import("../../pkg/opencode_delegate_types.js").SessionAbortedEvent} SessionAbortedEvent
 * @typedef {import("../../pkg/opencode_delegate_types.js").SessionAliasEvent} SessionAliasEvent
 * @typedef {import("../../pkg/opencode_delegate_types.js").SessionCancelledEvent} SessionCancelledEvent
 * @typedef {import("../../pkg/opencode_delegate_types.js").SessionCreatedEvent} SessionCreatedEvent
 * @typedef {import("../../pkg/opencode_delegate_types.js").SessionDeletedEvent} SessionDeletedEvent
 * @typedef {import("../../pkg/opencode_delegate_types.js").SessionErrorEvent} SessionErrorEvent
 * @typedef {import("../../pkg/opencode_delegate_types.js").SessionNamedEvent} SessionNamedEvent
 * @typedef {import("../../pkg/opencode_delegate_types.js").SessionPromptedEvent} SessionPromptedEvent
 * @typedef {import("../../pkg/opencode_delegate_types.js").SessionRecord} SessionRecord
 * @typedef {import("../../pkg/opencode_delegate_types.js").SessionRevertedEvent} SessionRevertedEvent
 * @typedef {import("../../pkg/opencode_delegate_types.js").SessionSpentEvent} SessionSpentEvent
 * @typedef {import("../../pkg/opencode_delegate_types.js").SessionStatusEvent} SessionStatusEvent
 * @typedef {import("../../pkg/opencode_delegate_types.js").SessionSteppedEvent} SessionSteppedEvent
 * @typedef {import("../../pkg/opencode_delegate_types.js").SessionTimerEvent} SessionTimerEvent
 * @typedef {import("../../pkg/opencode_delegate_types.js").SessionTouchedEvent} SessionTouchedEvent
 * @typedef {import("../../pkg/opencode_delegate_types.js").SessionUsageEvent} SessionUsageEvent
 * @typedef {import("../../pkg/opencode_delegate_types.js").SlugScope} SlugScope
 * @typedef {import("../../pkg/opencode_delegate_types.js").UnlistedModels} UnlistedModels
 * @typedef {import("../../pkg/opencode_delegate_types.js").SpawnDecision} SpawnDecision
 * @typedef {import("../../pkg/opencode_delegate_types.js").Spent} Spent
 * @typedef {import("../../pkg/opencode_delegate_types.js").StalledFailure} StalledFailure
 * @typedef {import("../../pkg/opencode_delegate_types.js").Status} Status
 * @typedef {import("../../pkg/opencode_delegate_types.js").SendSteering} SendSteering
 * @typedef {import("../../pkg/opencode_delegate_types.js").SteerLookup} SteerLookup
 * @typedef {import("../../pkg/opencode_delegate_types.js").Steering} Steering
 * @typedef {import("../../pkg/opencode_delegate_types.js").StoreEffect} StoreEffect
 * @typedef {import("../../pkg/opencode_delegate_types.js").Limits} Limits
 * @typedef {import("../../pkg/opencode_delegate_types.js").TimerEffect} TimerEffect
 * @typedef {import("../../pkg/opencode_delegate_types.js").RefuseEffect} RefuseEffect
 * @typedef {import("../../pkg/opencode_delegate_types.js").PermissionAskedEvent} PermissionAskedEvent
 * @typedef {import("../../pkg/opencode_delegate_types.js").PermissionRepliedEvent} PermissionRepliedEvent
 * @typedef {import("../../pkg/opencode_delegate_types.js").Task} Task
 * @typedef {import("../../pkg/opencode_delegate_types.js").TaskDeliveredEvent} TaskDeliveredEvent
 * @typedef {import("../../pkg/opencode_delegate_types.js").TaskState} TaskState
 * @typedef {import("../../pkg/opencode_delegate_types.js").TicketCommitEvent} TicketCommitEvent
 * @typedef {import("../../pkg/opencode_delegate_types.js").TicketRefundEvent} TicketRefundEvent
 * @typedef {import("../../pkg/opencode_delegate_types.js").Transition} Transition
 * @typedef {import("../../pkg/opencode_delegate_types.js").UserMessage} UserMessage
 * @typedef {import("../../pkg/opencode_delegate_types.js").WaitEffect} WaitEffect
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

export {}
