/* tslint:disable */
/* eslint-disable */
/**
 * A background task of a session, as the host stores it.
 */
export interface Task {
    /**
     * `bg_` and 8 hexadecimal digits of the SHA-256 of the session's derived id, or of that and `+` as often as an
     * undone session has the id: the same for every task of a session.
     */
    id: string;
    /**
     * The prompt's number in its session, from 1 up.
     */
    prompt_no: number;
    /**
     * The caller's session, into which the result is delivered.
     */
    callerID: string;
    /**
     * Its state.
     */
    state: TaskState;
    /**
     * When it began, in milliseconds since the epoch.
     */
    since: number;
    /**
     * The user message of its prompt, once it was sent.
     */
    messageID?: string;
    /**
     * Why it failed.
     */
    message?: string;
    /**
     * Sentences for the caller.
     */
    notices?: string[];
    /**
     * The messages that were chosen to deliver the result, or the notice of it; one of them may have delivered it.
     */
    deliveredBy?: string[];
    /**
     * Whether the result was delivered.
     */
    delivered: boolean;
    /**
     * The caller had answered its own caller before it got the result. A session above is to get a notice, which
     * stands for so many tasks; absent, none is due.
     */
    unread?: number;
    /**
     * Another process that runs it, or is to deliver its result. The tasks of a record that name none are those of the
     * record's `process`.
     */
    process?: string;
}


/**
 * A call of the `task` tool.
 */
export interface Request {
    /**
     * The time of the call, in milliseconds since the epoch.
     */
    now: number;
    /**
     * The call's id, as the model or its provider chose it. The same call decided twice gives the same decision and spends
     * once. A call is known by its session, its message, this id and its arguments.
     */
    callID: string;
    /**
     * The message that makes the call: some providers begin their ids of calls again in each message. If it is left out,
     * the caller's turn takes its place.
     */
    messageID?: string;
    /**
     * The author, as the host's data shows it: an id is no proof. If it is left out, a model made the call.
     */
    by?: Author;
    /**
     * The caller's session.
     */
    sessionID: string;
    /**
     * The caller's agent; left out if no agent's permissions bind the call. None binds a call by the user.
     */
    callerAgent?: string;
    /**
     * The agent for the task (`subagent_type`). An empty one is that of the session that is named.
     */
    agent: string;
    /**
     * The task in a few words.
     */
    description: string;
    /**
     * The prompt.
     */
    prompt: string;
    /**
     * The session to resume: an id, a name or `last`; or the name of a new one. An empty one is none, and so are `new`,
     * `none`, `null` and `undefined`.
     */
    task_id?: string;
    /**
     * The model to run on, as `provider/model`. An empty one is none.
     */
    model?: string;
    /**
     * The limits of the prompt. Of these and the agent's the tighter ones hold.
     */
    limits?: Limits;
    /**
     * Whether the caller goes on without waiting.
     */
    background?: boolean;
    /**
     * The permission that the caller's agent needs for the task's agent; `task` if it is left out.
     */
    permission?: string;
}


/**
 * A call of the host's own tool that prompts a session, or is to prompt one.
 */
export interface QueuedCall {
    /**
     * When, in milliseconds since the epoch.
     */
    now: number;
    /**
     * The session that is prompted.
     */
    sessionID: string;
    /**
     * The caller's session.
     */
    callerID: string;
    /**
     * The message that makes the call, if the host names it.
     */
    messageID?: string;
    /**
     * The host's id of the call, one of its own among the open calls of its message.
     */
    callID: string;
    /**
     * Whether the call joins a running session: it waits for the end of the session's turn too.
     */
    joins?: boolean;
    /**
     * Whether the call prompts the session already, as the call that created it does.
     */
    runs?: boolean;
}


/**
 * A call that a lost engine decided and that has prompted a child.
 */
export interface RecoveredCall {
    /**
     * When the child was prompted, in milliseconds since the epoch.
     */
    now: number;
    /**
     * The child.
     */
    sessionID: string;
    /**
     * The caller's session.
     */
    callerID: string;
    /**
     * The agent that was asked.
     */
    agent: string;
    /**
     * The task in a few words.
     */
    description: string;
    /**
     * The name that the decision gave to the child; none for a child that was resumed.
     */
    name?: string;
    /**
     * Whether the caller goes on without waiting.
     */
    background?: boolean;
}


/**
 * A decision, with the effects that the host carries out before it acts on the decision.
 */
export interface Decided {
    /**
     * The decision.
     */
    decision: Decision;
    /**
     * Each record that the host must store, so that the names in the decision resolve later.
     */
    effects: Effect[];
}


/**
 * A message of a caller for a session that runs.
 *
 * ```
 * use opencode_delegate::{Engine, SteerLookup, Steering};
 * let engine = Engine::new("{}")?;
 * let lookup = r#"{"now":0,"sessionID":"ses_root","task_id":"auth","message":"Leave src/old out."}"#;
 * assert!(matches!(engine.steer(&SteerLookup::read(lookup)?), Steering::Refuse { .. }));
 * # Ok::<(), opencode_delegate::DelegateError>(())
 * ```
 */
export interface SteerLookup {
    /**
     * The time, in milliseconds since the epoch.
     */
    now: number;
    /**
     * The caller's session; for one that is unknown nothing resolves.
     */
    sessionID: string;
    /**
     * An id, a name or `last`.
     */
    task_id?: string;
    /**
     * What the running session is to read.
     */
    message: string;
    /**
     * Random letters and digits, 14 of them, for the id of the message. The shim draws them if they are left out.
     */
    seed?: string;
}


/**
 * A model as OpenCode names it.
 */
export interface Model {
    /**
     * The provider.
     */
    providerID: string;
    /**
     * The provider's name for the model.
     */
    modelID: string;
}


/**
 * A prompt that the host is to run. It is stored before it is sent.
 */
export interface KeptPrompt {
    /**
     * When, in milliseconds since the epoch.
     */
    now: number;
    /**
     * The ticket of the decision; none for a join.
     */
    ticket?: number;
    /**
     * The part that makes the call, if the host shows it; it is in the message of the request.
     */
    partID?: string;
    /**
     * The session to prompt; none if one is to be created.
     */
    sessionID?: string;
    /**
     * The caller's session.
     */
    callerID: string;
    /**
     * The caller's agent; none if the user calls.
     */
    callerAgent?: string;
    /**
     * The agent that is asked.
     */
    agent: string;
    /**
     * Whether the caller goes on without waiting for the answer.
     */
    background?: boolean;
    /**
     * The parts of the prompt, as OpenCode takes them.
     */
    parts: { type: string, [field: string]: unknown }[];
    /**
     * The system text beside the agent's own.
     */
    system?: string;
    /**
     * The agent's model, or else its caller's.
     */
    model?: Model;
    /**
     * The model's variant.
     */
    variant?: string;
    /**
     * The limits that the call asks for.
     */
    limits?: Limits;
    /**
     * The rules that the call passes on to the session.
     */
    permission: HostRule[];
    /**
     * Fourteen random letters and digits, for the ids of messages. If they are absent, the engine for JavaScript
     * draws them, and the crate takes zeros.
     */
    seed?: string;
    /**
     * The process that runs the child, as the host will find it in the record.
     */
    process?: string;
    /**
     * Whether another program sends the prompt, and tries it again by itself. Then its first failure is its end, and
     * it waits for no place of `max_parallel`.
     */
    sent_elsewhere?: boolean;
    /**
     * Whether the session was created for this prompt, and the engine that created it was lost since. Then the record
     * holds the prompt until the session has it.
     */
    first?: boolean;
}


/**
 * A prompt: everything that an attempt needs to send it.
 */
export interface Prompt {
    /**
     * The parts of the user message, as OpenCode takes them, without ids.
     */
    parts: { type: string, [field: string]: unknown }[];
    /**
     * The system text beside the agent's own.
     */
    system?: string;
    /**
     * The agent that is asked.
     */
    agent: string;
    /**
     * The models to ask, in order: the first is the agent's own or its caller's.
     */
    models: Model[];
    /**
     * The variant of the first model.
     */
    variant?: string;
    /**
     * The rules that its callers pass on to the session.
     */
    permission: HostRule[];
    /**
     * Another process that is to send it. The prompt of a record that names none is that of the record's `process`.
     */
    process?: string;
}


/**
 * A row of the decision table.
 */
export interface Rule {
    /**
     * Its name.
     */
    rule: RuleID;
    /**
     * When it fires, in the words of the documentation.
     */
    when: string;
    /**
     * The outcome, in the words of the documentation.
     */
    outcome: string;
    /**
     * The reason that a decision of this row gives.
     */
    reason: string;
}


/**
 * A row of the prompt table.
 */
export interface Transition {
    /**
     * Its name.
     */
    row: string;
    /**
     * When it fires, in the words of the documentation.
     */
    when: string;
    /**
     * The state after it; absent if that stays.
     */
    to?: PromptState;
    /**
     * What is done, in the words of the documentation.
     */
    then: string;
}


/**
 * A row of the recovery table.
 */
export interface Recovery {
    /**
     * Its name.
     */
    row: string;
    /**
     * When it fires, in the words of the documentation.
     */
    when: string;
    /**
     * What is done, in the words of the documentation.
     */
    then: string;
}


/**
 * A rule as OpenCode lists it on an agent: both `permission` and `pattern` may hold wildcards.
 */
export interface HostRule {
    /**
     * The permission, such as `task`.
     */
    permission: string;
    /**
     * The subject of the permission; for `task` the name of the target agent.
     */
    pattern: string;
    /**
     * The action if the rule decides.
     */
    action: Action;
}


/**
 * A session as the engine knows it.
 */
export interface Session {
    /**
     * The host's id.
     */
    id: string;
    /**
     * The session that it is a child of; none for a root.
     */
    parentID?: string;
    /**
     * The topmost session above it; a root is its own.
     */
    rootID: string;
    /**
     * How far below its root: 0 for a root.
     */
    depth: number;
    /**
     * The agent that it was spawned for.
     */
    agent?: string;
    /**
     * Its task in a few words.
     */
    description: string;
    /**
     * Its name.
     */
    slug?: string;
    /**
     * The id derived from its name.
     */
    derivedID?: string;
    /**
     * Its status.
     */
    status: Status;
    /**
     * When it was last used, in milliseconds since the epoch.
     */
    lastUsed: number;
    /**
     * The context in use, in tokens.
     */
    tokens: number;
    /**
     * The model's window, in tokens; 0 if it is not known.
     */
    window: number;
    /**
     * All that its own models used so far, as the host counts it; absent if that is nothing, or the host does not say.
     */
    spent?: Spent;
    /**
     * All that the sessions below it used so far.
     */
    spentBelow?: Spent;
    /**
     * Sentences about its answer, if a limit ended its last prompt.
     */
    limit?: string;
    /**
     * Whether it waits for a person who may permit a tool.
     */
    asks?: boolean;
    /**
     * The calls that it may make for one delegation to it; none for a root.
     */
    budget?: number;
    /**
     * The calls of that budget that are spent.
     */
    used: number;
    /**
     * How often a call resumed it; absent if none did.
     */
    resumed?: number;
    /**
     * The context that it held at these calls, in tokens, added up: what a new session would have had to read again.
     */
    saved?: number;
    /**
     * The state of the prompt that it runs, or is to run next.
     */
    prompt?: PromptState;
    /**
     * How many prompts wait behind that one; absent if none does.
     */
    waiting?: number;
    /**
     * Its last background task.
     */
    task?: Task;
}


/**
 * A session as the host describes it.
 */
export interface Created {
    /**
     * The host's id.
     */
    id: string;
    /**
     * The session that it is a child of.
     */
    parentID?: string;
    /**
     * Its agent.
     */
    agent?: string;
    /**
     * Its task in a few words.
     */
    description?: string;
    /**
     * Its first prompt.
     */
    prompt?: string;
    /**
     * A name that was given to it.
     */
    slug?: string;
    /**
     * The files that it read or changed, relative to the project.
     */
    files?: string[];
    /**
     * All that it used so far, as the host counts it.
     */
    spent?: Spent;
    /**
     * The value at `metadata.delegate`: the record that a `store` effect gave, if the host has stored one.
     */
    record?: unknown;
    /**
     * Whether the process that the record names is alive, if it names one.
     */
    alive?: boolean;
    /**
     * Those of the processes in the prompt and the tasks of the record that are alive, and not this one. Absent if those name
     * none.
     */
    living?: string[];
    /**
     * Those of them that are gone and ran in this process of the machine before, such as before a reload. Given only if the
     * process of the record runs in another one: that one cannot see that they are gone.
     */
    outlived?: string[];
}


/**
 * A session below the root of a conversation.
 */
export interface OutlineRow {
    /**
     * The host's id.
     */
    sessionID: string;
    /**
     * The session that it is a child of.
     */
    parentID?: string;
    /**
     * How far below the root: 1 for a child of the root.
     */
    depth: number;
    /**
     * Its name; a session that has none shows its description. One line, at most 80 characters.
     */
    title: string;
    /**
     * Whether the title is a name that a caller can use.
     */
    named: boolean;
    /**
     * Its agent.
     */
    agent: string;
    /**
     * Its state.
     */
    state: RowState;
    /**
     * Agent, state, resumes, tokens and share of the window, cost, calls and age, for a wide line.
     */
    text: string;
    /**
     * State, resumes, share of the window and calls, for a narrow line.
     */
    short: string;
    /**
     * Its place among the children of its parent, in words, for the view of the session itself.
     */
    place: string;
}


/**
 * A session that a request could have resumed.
 */
export interface Candidate {
    /**
     * The host's id.
     */
    sessionID: string;
    /**
     * Its name.
     */
    slug?: string;
    /**
     * Its agent.
     */
    agent: string;
    /**
     * Its task in a few words.
     */
    description: string;
    /**
     * How likely the request follows it up, 0 to 1 in thousandths; 0 for a session that was not weighed.
     */
    confidence: number;
    /**
     * When it was last used, in milliseconds since the epoch.
     */
    lastUsed: number;
}


/**
 * A user message that is about to be stored.
 */
export interface UserMessage {
    /**
     * When, in milliseconds since the epoch.
     */
    now: number;
    /**
     * The session.
     */
    sessionID: string;
    /**
     * The message.
     */
    messageID: string;
    /**
     * Whether the host or a plugin made up all of it, as the delivery of a result or to continue.
     */
    synthetic?: boolean;
    /**
     * The text of a message that the host made up, if it may be the result of a background task that the host ran
     * itself.
     */
    result?: string;
    /**
     * Whether the host made it up to give such a result, and begins a turn with it.
     */
    wakes?: boolean;
}


/**
 * An attempt that failed.
 */
export interface FailedAttempt {
    /**
     * When, in milliseconds since the epoch.
     */
    now: number;
    /**
     * The session that is prompted.
     */
    sessionID: string;
    /**
     * The prompt's number in its session, from 1 up.
     */
    prompt_no: number;
    /**
     * The attempt's number, from 1 up.
     */
    attempt: number;
    /**
     * How it failed.
     */
    failure: Failure;
    /**
     * Whether the attempt still runs in the host.
     */
    live?: boolean;
    /**
     * A random number from 0 to 1, for the wait before another attempt. If it is absent, the engine for JavaScript
     * draws it, and the crate takes 1.
     */
    jitter?: number;
}


/**
 * An event of the host. A repeated, reordered or late event changes nothing that is settled. An event with an
 * earlier time is late, unless `clock.set_back` came in between.
 */
export type Event =
| SessionCreatedEvent
| RootReadingEvent
| RootReadEvent
| SessionTouchedEvent
| SessionStatusEvent
| SessionUsageEvent
| SessionSpentEvent
| SessionSteppedEvent
| PermissionAskedEvent
| PermissionRepliedEvent
| SessionTimerEvent
| SessionErrorEvent
| SessionDeletedEvent
| SessionAliasEvent
| SessionRenamedEvent
| SessionReplacedEvent
| SessionNamedEvent
| SessionRevertedEvent
| MessageRemovedEvent
| TicketCommitEvent
| TicketRefundEvent
| PromptKeptEvent
| PromptSentEvent
| PromptAcceptedEvent
| PromptAnsweredEvent
| PromptFailedEvent
| PromptCancelledEvent
| SessionAbortedEvent
| SessionCancelledEvent
| SessionPromptedEvent
| CallQueuedEvent
| CallEndedEvent
| ClockSetBackEvent
| CallRecoveredEvent
| RecordStoredEvent
| RecordFailedEvent
| TaskDeliveredEvent;

/**
 * A session exists: it is new, or the host reports it for the first time.
 */
export interface SessionCreatedEvent {
    type: "session.created";
    /**
     * When, in milliseconds since the epoch; for an older session, when it was last used.
     */
    now: number;
    /**
     * The session as the host describes it.
     */
    session: Created;
}

/**
 * The host begins to report a root and everything below it. The root itself is known. Until `root.read` the engine
 * makes up no name there: a session that is not reported yet may have that name in its record.
 */
export interface RootReadingEvent {
    type: "root.reading";
    /**
     * When, in milliseconds since the epoch.
     */
    now: number;
    /**
     * The root; any other session is ignored.
     */
    sessionID: string;
}

/**
 * The host has reported a root and everything below it: each session without a name gets one, the oldest first.
 * Report it only if the whole read succeeded.
 */
export interface RootReadEvent {
    type: "root.read";
    /**
     * When, in milliseconds since the epoch.
     */
    now: number;
    /**
     * The root.
     */
    sessionID: string;
}

/**
 * A session read or changed files.
 */
export interface SessionTouchedEvent {
    type: "session.touched";
    /**
     * When, in milliseconds since the epoch.
     */
    now: number;
    /**
     * The session.
     */
    sessionID: string;
    /**
     * The paths. One outside the project is ignored.
     */
    files: string[];
    /**
     * The project's folder, if the paths may be absolute.
     */
    project?: string;
}

/**
 * A session began or ended a turn.
 */
export interface SessionStatusEvent {
    type: "session.status";
    /**
     * When, in milliseconds since the epoch.
     */
    now: number;
    /**
     * The session.
     */
    sessionID: string;
    /**
     * Its status now.
     */
    status: Status;
}

/**
 * The context of a session grew or shrank.
 */
export interface SessionUsageEvent {
    type: "session.usage";
    /**
     * When, in milliseconds since the epoch.
     */
    now: number;
    /**
     * The session.
     */
    sessionID: string;
    /**
     * The context in use, in tokens.
     */
    tokens: number;
    /**
     * The model's window, in tokens.
     */
    window: number;
}

/**
 * The models of a session used tokens.
 */
export interface SessionSpentEvent {
    type: "session.spent";
    /**
     * When, in milliseconds since the epoch.
     */
    now: number;
    /**
     * The session.
     */
    sessionID: string;
    /**
     * All that the session itself used so far, as the host counts it. A figure below an earlier one is late.
     */
    spent: Spent;
    /**
     * Whether its turn is over: then the session is not ended at a limit.
     */
    rests?: boolean;
}

/**
 * A step of a session's turn has ended: one answer of its model, tool calls included.
 */
export interface SessionSteppedEvent {
    type: "session.stepped";
    /**
     * When, in milliseconds since the epoch.
     */
    now: number;
    /**
     * The session.
     */
    sessionID: string;
    /**
     * The message of the step. One that comes again is the same step.
     */
    messageID: string;
    /**
     * Whether another step follows.
     */
    more: boolean;
}

/**
 * A session asks a person for permission, and waits.
 */
export interface PermissionAskedEvent {
    type: "permission.asked";
    /**
     * When, in milliseconds since the epoch.
     */
    now: number;
    /**
     * The session.
     */
    sessionID: string;
    /**
     * The host's id of the question.
     */
    requestID: string;
}

/**
 * A question for permission was answered.
 */
export interface PermissionRepliedEvent {
    type: "permission.replied";
    /**
     * When, in milliseconds since the epoch.
     */
    now: number;
    /**
     * The session.
     */
    sessionID: string;
    /**
     * The host's id of the question.
     */
    requestID: string;
}

/**
 * The time of a `timer` effect has come.
 */
export interface SessionTimerEvent {
    type: "session.timer";
    /**
     * When, in milliseconds since the epoch.
     */
    now: number;
    /**
     * The session.
     */
    sessionID: string;
}

/**
 * A turn of a session failed.
 */
export interface SessionErrorEvent {
    type: "session.error";
    /**
     * When, in milliseconds since the epoch.
     */
    now: number;
    /**
     * The session.
     */
    sessionID: string;
    /**
     * The error's name.
     */
    name: string;
    /**
     * The error's message.
     */
    message: string;
    /**
     * Whether the host calls it transient.
     */
    retryable?: boolean;
}

/**
 * A session was deleted, and with it everything below it.
 */
export interface SessionDeletedEvent {
    type: "session.deleted";
    /**
     * When, in milliseconds since the epoch.
     */
    now: number;
    /**
     * The session.
     */
    sessionID: string;
}

/**
 * Another plugin gave a session a name that its parent has read.
 */
export interface SessionAliasEvent {
    type: "session.alias";
    /**
     * When, in milliseconds since the epoch.
     */
    now: number;
    /**
     * The session.
     */
    sessionID: string;
    /**
     * The name; an unusable one is ignored.
     */
    alias: string;
}

/**
 * A person gave a session another name. If another session has that name, it gets the nearest free one. Its former
 * names still resolve.
 */
export interface SessionRenamedEvent {
    type: "session.renamed";
    /**
     * When, in milliseconds since the epoch.
     */
    now: number;
    /**
     * The session; a root has no name.
     */
    sessionID: string;
    /**
     * The name; an unusable one is ignored.
     */
    name: string;
}

/**
 * The call that made a session has made another in its place: another attempt goes on there. The new one has its
 * name, under which it resolves from now on.
 */
export interface SessionReplacedEvent {
    type: "session.replaced";
    /**
     * When, in milliseconds since the epoch.
     */
    now: number;
    /**
     * The session.
     */
    sessionID: string;
    /**
     * The session that takes its place: a child of the same session.
     */
    byID: string;
}

/**
 * A call in the messages of a session names another session: the call spawned or prompted that one. A fork has the
 * calls of the conversation that it was forked from.
 */
export interface SessionNamedEvent {
    type: "session.named";
    /**
     * When, in milliseconds since the epoch.
     */
    now: number;
    /**
     * The session whose message it is.
     */
    sessionID: string;
    /**
     * The message.
     */
    messageID: string;
    /**
     * The part of that message.
     */
    partID: string;
    /**
     * The session that is named.
     */
    namedID: string;
}

/**
 * The messages of a session are reverted from one on, or none is any more. A name that a reverted call gave is free.
 */
export interface SessionRevertedEvent {
    type: "session.reverted";
    /**
     * When, in milliseconds since the epoch.
     */
    now: number;
    /**
     * The session.
     */
    sessionID: string;
    /**
     * The first message that is reverted; none if none is.
     */
    messageID?: string;
    /**
     * The first part of that message that is reverted, if its first parts stand.
     */
    partID?: string;
}

/**
 * A message of a session was removed, a part of one, or all from one on. A name that a removed call gave is free.
 */
export interface MessageRemovedEvent {
    type: "message.removed";
    /**
     * When, in milliseconds since the epoch.
     */
    now: number;
    /**
     * The session.
     */
    sessionID: string;
    /**
     * The message.
     */
    messageID: string;
    /**
     * The part, if the rest of the message stands.
     */
    partID?: string;
    /**
     * Whether every later message and part was removed with it. The ids of messages and of parts rise.
     */
    later?: boolean;
    /**
     * The first message after those, if there are new ones already.
     */
    before?: string;
}

/**
 * The child that was decided upon exists and was prompted.
 */
export interface TicketCommitEvent {
    type: "ticket.commit";
    /**
     * When, in milliseconds since the epoch.
     */
    now: number;
    /**
     * The ticket of the decision.
     */
    ticket: number;
    /**
     * The host's id of the child.
     */
    sessionID: string;
}

/**
 * No child was prompted.
 */
export interface TicketRefundEvent {
    type: "ticket.refund";
    /**
     * When, in milliseconds since the epoch.
     */
    now: number;
    /**
     * The ticket of the decision.
     */
    ticket: number;
}

/**
 * The host is to prompt a child: the prompt, before anything is sent.
 */
export interface PromptKeptEvent extends KeptPrompt {
    type: "prompt.kept";
}

/**
 * The host was called to send a prompt.
 */
export interface PromptSentEvent extends AttemptRef {
    type: "prompt.sent";
}

/**
 * The user message of a prompt was seen in its session.
 */
export interface PromptAcceptedEvent extends AttemptRef {
    type: "prompt.accepted";
}

/**
 * A prompt was answered.
 */
export interface PromptAnsweredEvent extends AttemptRef {
    type: "prompt.answered";
}

/**
 * An attempt failed.
 */
export interface PromptFailedEvent extends FailedAttempt {
    type: "prompt.failed";
}

/**
 * A user or an agent cancelled a prompt.
 */
export interface PromptCancelledEvent extends AttemptRef {
    type: "prompt.cancelled";
}

/**
 * The turn of a session was aborted. The session is stopped with all below it: the background prompts that they have
 * asked so far are cancelled, and no result wakes one of them before its next prompt. Prompts that others asked go
 * on.
 */
export interface SessionAbortedEvent {
    type: "session.aborted";
    /**
     * When, in milliseconds since the epoch. A prompt that was asked later goes on.
     */
    now: number;
    /**
     * The session.
     */
    sessionID: string;
}

/**
 * An agent or a person cancelled all prompts of a session and of all below it, those that run and those that wait. A
 * background task of the agent's own counts as delivered: it asked for the end. A turn without a prompt is aborted.
 * No result wakes one of the sessions before its next prompt.
 */
export interface SessionCancelledEvent {
    type: "session.cancelled";
    /**
     * When, in milliseconds since the epoch.
     */
    now: number;
    /**
     * The session.
     */
    sessionID: string;
    /**
     * The session of the agent.
     */
    callerID: string;
}

/**
 * A user message is about to be stored: it can carry the results that wait for their delivery. It begins a
 * delegation to a subagent session, unless it is synthetic, late or already known.
 */
export interface SessionPromptedEvent extends UserMessage {
    type: "session.prompted";
}

/**
 * A call of the host's own tool is to prompt a session: a `hold` or a `proceed` effect answers it, as often as
 * it comes. A session that the engine does not know gets no answer: the call need not wait.
 */
export interface CallQueuedEvent extends QueuedCall {
    type: "call.queued";
}

/**
 * A call of the host's own tool is over, or was given up. The end of its caller's turn ends it too.
 */
export interface CallEndedEvent {
    type: "call.ended";
    /**
     * When, in milliseconds since the epoch.
     */
    now: number;
    /**
     * The session that was to be prompted, as `call.queued` named it.
     */
    sessionID: string;
    /**
     * The caller's session.
     */
    callerID: string;
    /**
     * The message that makes the call, if the host names it.
     */
    messageID?: string;
    /**
     * The host's id of the call.
     */
    callID: string;
}

/**
 * The host's clock was set back: this comes before any other event of the new time.
 */
export interface ClockSetBackEvent {
    type: "clock.set_back";
    /**
     * Its time now, in milliseconds since the epoch.
     */
    now: number;
}

/**
 * A call that a lost engine decided has prompted a child: the child gets its name, and the call is spent. The
 * same call, with the same time, is spent once. A call from an earlier delegation to its caller is not spent. A child
 * that is deleted, or unknown and without a name, is ignored.
 */
export interface CallRecoveredEvent extends RecoveredCall {
    type: "call.recovered";
}

/**
 * The host has stored the record of a session that the last `store` effect asked for.
 */
export interface RecordStoredEvent {
    type: "record.stored";
    /**
     * When, in milliseconds since the epoch.
     */
    now: number;
    /**
     * The session.
     */
    sessionID: string;
}

/**
 * The host could not store the record of a session that the last `store` effect asked for.
 */
export interface RecordFailedEvent {
    type: "record.failed";
    /**
     * When, in milliseconds since the epoch.
     */
    now: number;
    /**
     * The session.
     */
    sessionID: string;
}

/**
 * The result of a background task or the notice of it was delivered, or could not be.
 */
export interface TaskDeliveredEvent {
    type: "task.delivered";
    /**
     * When, in milliseconds since the epoch.
     */
    now: number;
    /**
     * The session of the task.
     */
    sessionID: string;
    /**
     * The prompt's number in its session, from 1 up.
     */
    prompt_no: number;
    /**
     * The message that was to carry it. A report about a message that was not chosen for it is ignored. Without a
     * message, another program has delivered it.
     */
    messageID?: string;
    /**
     * Whether it was delivered.
     */
    delivered: boolean;
}



/**
 * How an agent may be used, as in opencode.json.
 */
export type Mode =
/**
 * The user talks to it.
 */
| "primary"
/**
 * Other agents delegate to it.
 */
| "subagent"
/**
 * Both.
 */
| "all";


/**
 * How an attempt failed.
 */
export type Failure =
| HostFailure
| StalledFailure
| RetryingFailure
| LostFailure
| ConnectionFailure
| PrepareFailure
| EmptyFailure;

/**
 * OpenCode reported an error.
 */
export interface HostFailure {
    kind: "host";
    /**
     * The error's name.
     */
    name: string;
    /**
     * The error's message.
     */
    message: string;
    /**
     * Whether OpenCode calls it transient.
     */
    retryable?: boolean;
}

/**
 * The session gave no sign of life.
 */
export interface StalledFailure {
    kind: "stalled";
    /**
     * For how long, in milliseconds.
     */
    after_ms: number;
}

/**
 * OpenCode tries the model again by itself.
 */
export interface RetryingFailure {
    kind: "retrying";
    /**
     * Why.
     */
    message: string;
}

/**
 * The process that ran the attempt is gone.
 */
export interface LostFailure {
    kind: "lost";
}

/**
 * The call to OpenCode failed on its way.
 */
export interface ConnectionFailure {
    kind: "connection";
    /**
     * The error that the call threw.
     */
    message: string;
}

/**
 * The session could not be made ready for the prompt; nothing was sent.
 */
export interface PrepareFailure {
    kind: "prepare";
    /**
     * The error.
     */
    message: string;
}

/**
 * The answer has no text.
 */
export interface EmptyFailure {
    kind: "empty";
}



/**
 * How far a prompt has come.
 */
export type PromptState =
/**
 * It is stored and not sent: it waits in the queue, or for its next attempt.
 */
| "created"
/**
 * The host was called to send it.
 */
| "sent"
/**
 * Its user message is in the session.
 */
| "accepted"
/**
 * It was answered.
 */
| "idle"
/**
 * It failed, and no attempt is left.
 */
| "failed"
/**
 * A user or an agent cancelled it.
 */
| "cancelled"
/**
 * Its session is gone.
 */
| "deleted";


/**
 * How long a session may work for one prompt, and how much it and all sessions below it may use for it. At a limit the
 * session is ended, and its answer so far is the result. The next prompt has fresh limits.
 */
export interface Limits {
    /**
     * The time in milliseconds, from the moment at which the prompt is sent.
     */
    timeout_ms?: number;
    /**
     * The tokens: input, output, reasoning, and those that a cache read or wrote.
     */
    max_tokens?: number;
    /**
     * The cost in US dollars.
     */
    max_cost?: number;
    /**
     * The steps of the session itself: a step is one answer of its model, tool calls included.
     */
    max_steps?: number;
}


/**
 * How the result of a background task reaches its caller.
 */
export interface Delivery {
    /**
     * The session that gets it: the caller's, or for a notice one above it.
     */
    callerID: string;
    /**
     * For a notice, the caller that got the result after its own answer.
     */
    via?: string;
    /**
     * For a notice, how many other tasks it stands for.
     */
    others?: number;
    /**
     * The task.
     */
    taskID: string;
    /**
     * The user message of its prompt, after which the answer stands.
     */
    asked?: string;
    /**
     * Whether its process is gone: the result is that it is lost.
     */
    lost: boolean;
    /**
     * The messages that were chosen to carry it before. If one of them is in the caller's session,
     * the result was delivered.
     */
    unless?: string[];
    /**
     * The message that carries it.
     */
    messageID: string;
    /**
     * The part of that message.
     */
    partID: string;
    /**
     * Whether that message is the user's next one, to which a part is added; else it is to be sent.
     */
    joins: boolean;
}


/**
 * The action of a rule.
 */
export type Action =
/**
 * Go ahead.
 */
| "allow"
/**
 * The host asks the user.
 */
| "ask"
/**
 * Refused.
 */
| "deny";


/**
 * The attempt that something happened to.
 */
export interface AttemptRef {
    /**
     * When, in milliseconds since the epoch.
     */
    now: number;
    /**
     * The session that is prompted.
     */
    sessionID: string;
    /**
     * The prompt's number in its session, from 1 up.
     */
    prompt_no: number;
    /**
     * The attempt's number, from 1 up.
     */
    attempt: number;
}


/**
 * The author of a call.
 */
export type Author =
/**
 * A model made it.
 */
| "model"
/**
 * The user made it: a command that runs as a subtask.
 */
| "user";


/**
 * The configuration of an engine. Every field may be left out; an unknown one is refused by name.
 */
export interface Config {
    /**
     * The agents that exist. If this is left out, every name is an agent.
     */
    agents?: { [name: string]: AgentConfig };
    /**
     * How deep a child may be below its root; 3 unless given.
     */
    max_depth?: number;
    /**
     * Who may use a name: every agent under the root (unless given otherwise), or its caller alone.
     */
    slug_scope?: SlugScope;
    /**
     * Which sessions a call may resume (G4); `conversation` unless given. `children` is for hosts that resume a
     * caller's own children alone.
     */
    reach?: Reach;
    /**
     * The decision about a request that names another agent's session (R2); `deny` unless given.
     */
    on_agent_mismatch?: OnAgentMismatch;
    /**
     * The decision about a named session whose context is full (R3); `compact` unless given.
     */
    on_context_full?: OnContextFull;
    /**
     * The share of the model's window over which a context is full, 0 to 1; 0.8 unless given.
     */
    context_limit?: number;
    /**
     * How old a session that the call does not name may be (R10, R11), in milliseconds; 1 800 000 unless given.
     */
    resume_ttl_ms?: number;
    /**
     * The decision about an unnamed request whose caller has a session of that agent (R11); `spawn` unless given.
     */
    same_agent?: SameAgent;
    /**
     * The least confidence at which an unnamed request resumes the best candidate (R10); `false` unless given.
     */
    auto_resume?: false | number;
    /**
     * Which rules a child has beside its agent's own; `host` unless given. The engine creates no session: its host
     * applies this.
     */
    child_permissions?: ChildPermissions;
    /**
     * Which of an agent's permission rules decides; `most_specific` unless given.
     */
    precedence?: Precedence;
    /**
     * The rule for calls by subagents whose agent has no `task_budget` (G3, G6, G7); `budget` unless given.
     */
    nested_calls?: NestedCalls;
    /**
     * The rule for a call that asks for a model if its agent has no `models` (G9); `deny` unless given.
     */
    unlisted_models?: UnlistedModels;
    /**
     * How much a conversation may cost, in US dollars: at that cost each new call is denied (G10); no limit unless given.
     */
    max_cost?: number;
    /**
     * The limits of each prompt, if its agent has none of that kind; no limit unless given.
     */
    limits?: Limits;
    /**
     * How long a subagent waits for a person who may permit a tool, in milliseconds: then it gets a denial; no limit
     * unless given.
     */
    permission_timeout_ms?: number;
    /**
     * How many prompts may run at once under one root, and with one model; no limit unless given.
     */
    max_parallel?: number;
    /**
     * How long a prompt may give no sign of life while no tool runs, in milliseconds; 300 000 unless given. Then
     * it is aborted and tried again.
     */
    stall_ms?: number;
}


/**
 * The decision about a request, with the row of the table that decided and its reason.
 *
 * `ticket` stands for the call until the host settles it. The host commits it with the child's session id, or
 * refunds it if no child was prompted.
 */
export type Decision =
| ResumeDecision
| SpawnDecision
| CompactDecision
| JoinDecision
| DenyDecision;

/**
 * Prompt a session that exists.
 */
export interface ResumeDecision {
    action: "resume";
    /**
     * The host's id of that session.
     */
    sessionID: string;
    /**
     * The row.
     */
    rule: RuleID;
    /**
     * Why, in one sentence.
     */
    reason: string;
    /**
     * The call: a number to commit or refund.
     */
    ticket: number;
    /**
     * Its name.
     */
    slug?: string;
    /**
     * The model that a call chose for the session; absent if none did.
     */
    model?: Model;
    /**
     * A sentence for the caller.
     */
    notice?: string;
    /**
     * Other sessions that could be resumed, if the caller did not name this one.
     */
    candidates: Candidate[];
}

/**
 * Create a child and prompt it.
 */
export interface SpawnDecision {
    action: "spawn";
    /**
     * The id derived from its name.
     */
    sessionID: string;
    /**
     * The row.
     */
    rule: RuleID;
    /**
     * Why, in one sentence.
     */
    reason: string;
    /**
     * The call: a number to commit or refund.
     */
    ticket: number;
    /**
     * Its name.
     */
    slug: string;
    /**
     * The model that a call chose for the session; absent if none did.
     */
    model?: Model;
    /**
     * A sentence for the caller.
     */
    notice?: string;
    /**
     * The sessions that could have been resumed.
     */
    candidates: Candidate[];
    /**
     * How many more could have been; absent if none.
     */
    others?: number;
}

/**
 * Summarise a session that exists, then prompt it.
 */
export interface CompactDecision {
    action: "compact";
    /**
     * The host's id of that session.
     */
    sessionID: string;
    /**
     * The row.
     */
    rule: RuleID;
    /**
     * Why, in one sentence.
     */
    reason: string;
    /**
     * The call: a number to commit or refund.
     */
    ticket: number;
    /**
     * Its name.
     */
    slug?: string;
    /**
     * The model that a call chose for the session; absent if none did.
     */
    model?: Model;
    /**
     * A sentence for the caller.
     */
    notice?: string;
    /**
     * Other sessions that could have been resumed.
     */
    candidates: Candidate[];
}

/**
 * The session is running: hand the prompt to it, do not start it twice. The call is spent.
 */
export interface JoinDecision {
    action: "join";
    /**
     * The host's id of that session; the derived id while it is being created.
     */
    sessionID: string;
    /**
     * The row.
     */
    rule: RuleID;
    /**
     * Why, in one sentence.
     */
    reason: string;
    /**
     * Its name.
     */
    slug?: string;
    /**
     * The model that a call chose for the session; absent if none did.
     */
    model?: Model;
    /**
     * A sentence for the caller.
     */
    notice?: string;
}

/**
 * Refuse. Nothing is spent.
 */
export interface DenyDecision {
    action: "deny";
    /**
     * The stable code.
     */
    code: Code;
    /**
     * The fault, and the next step.
     */
    message: string;
    /**
     * The row.
     */
    rule: RuleID;
    /**
     * The sessions that can be resumed instead.
     */
    candidates: Candidate[];
    /**
     * How many more can be; absent if none.
     */
    others?: number;
}



/**
 * The decision of row R11.
 */
export type SameAgent =
/**
 * Spawn.
 */
| "spawn"
/**
 * Resume the most recent one.
 */
| "resume";


/**
 * The decision of row R2.
 */
export type OnAgentMismatch =
/**
 * Deny.
 */
| "deny"
/**
 * Spawn a child of the agent that was asked for.
 */
| "spawn"
/**
 * Resume the session under the agent that was asked for.
 */
| "resume";


/**
 * The decision of row R3.
 */
export type OnContextFull =
/**
 * Summarise, then resume.
 */
| "compact"
/**
 * Resume as it is.
 */
| "resume"
/**
 * Spawn a fresh child.
 */
| "spawn";


/**
 * The facts about a session that only its host knows.
 */
export interface SeenSession {
    /**
     * The session.
     */
    sessionID: string;
    /**
     * Whether the last call that prompted it failed.
     */
    failed?: boolean;
    /**
     * The name of the error that ended its last message, as the host spells it; empty if none did. It is absent
     * if that is not known.
     */
    error?: string;
    /**
     * Whether its last message is a prompt without an answer, or an answer without an end.
     */
    unanswered?: boolean;
    /**
     * Whether it waits for a person who may permit a tool.
     */
    permission?: boolean;
}


/**
 * The facts that a row of the table saw of a request.
 */
export interface Look {
    /**
     * The row.
     */
    rule: RuleID;
    /**
     * Whether its condition holds.
     */
    holds: boolean;
    /**
     * The facts of the condition, each with its value in words.
     */
    facts: [string, string][];
}


/**
 * The name of a row of the decision table: `G` rows are gates, `R` rows choose.
 */
export type RuleID =
/**
 * Row G1.
 */
| "G1"
/**
 * Row G2.
 */
| "G2"
/**
 * Row G3.
 */
| "G3"
/**
 * Row G4.
 */
| "G4"
/**
 * Row G5.
 */
| "G5"
/**
 * Row G6.
 */
| "G6"
/**
 * Row G7.
 */
| "G7"
/**
 * Row G8.
 */
| "G8"
/**
 * Row G9.
 */
| "G9"
/**
 * Row G10.
 */
| "G10"
/**
 * Row R1.
 */
| "R1"
/**
 * Row R2.
 */
| "R2"
/**
 * Row R3.
 */
| "R3"
/**
 * Row R4.
 */
| "R4"
/**
 * Row R5.
 */
| "R5"
/**
 * Row R6.
 */
| "R6"
/**
 * Row R7.
 */
| "R7"
/**
 * Row R8.
 */
| "R8"
/**
 * Row R9.
 */
| "R9"
/**
 * Row R10.
 */
| "R10"
/**
 * Row R11.
 */
| "R11"
/**
 * Row R12.
 */
| "R12";


/**
 * The question for a list of the sessions that a session may see.
 *
 * ```
 * use opencode_delegate::{Engine, ListLookup};
 * let engine = Engine::new("{}")?;
 * let lookup = ListLookup::read(r#"{"sessionID":"ses_root","now":0}"#)?;
 * assert_eq!(engine.list(&lookup), "There is no subagent session yet.");
 * # Ok::<(), opencode_delegate::DelegateError>(())
 * ```
 */
export interface ListLookup {
    /**
     * The session; one that is unknown sees none.
     */
    sessionID: string;
    /**
     * The time, in milliseconds since the epoch: ages are counted from it.
     */
    now: number;
    /**
     * Whether the list is a Mermaid flowchart, not a table.
     */
    mermaid?: boolean;
    /**
     * The agent of the listed sessions. If it is left out, any agent.
     */
    agent?: string;
    /**
     * The state of the listed sessions, in the word of the table. If it is left out, any state.
     */
    state?: string;
    /**
     * Which 50 of them, from 1 up, the most recently used first; 1 if it is left out.
     */
    page?: number;
}


/**
 * The question how the sessions of a conversation stand.
 *
 * ```
 * use opencode_delegate::{Engine, OutlineLookup};
 * let engine = Engine::new("{}")?;
 * let lookup = OutlineLookup::read(r#"{"sessionID":"ses_root","now":0}"#)?;
 * assert!(engine.outline(&lookup).rows.is_empty());
 * # Ok::<(), opencode_delegate::DelegateError>(())
 * ```
 */
export interface OutlineLookup {
    /**
     * A session of the conversation.
     */
    sessionID: string;
    /**
     * The time, in milliseconds since the epoch: ages are counted from it.
     */
    now: number;
    /**
     * The number of rows at most; 50 if it is left out.
     */
    most?: number;
    /**
     * What the host alone knows.
     */
    seen?: SeenSession[];
}


/**
 * The question which session a caller's `task_id` stands for.
 *
 * ```
 * use opencode_delegate::{Engine, ResolveLookup};
 * let engine = Engine::new("{}")?;
 * let lookup = ResolveLookup::read(r#"{"sessionID":"ses_root","task_id":"explore-auth"}"#)?;
 * assert!(engine.resolve(&lookup).is_none());
 * # Ok::<(), opencode_delegate::DelegateError>(())
 * ```
 */
export interface ResolveLookup {
    /**
     * The caller's session; for one that is unknown nothing resolves.
     */
    sessionID: string;
    /**
     * The agent of `last`, and of the sessions that a mistyped id may mean. If it is left out, any agent.
     */
    agent?: string;
    /**
     * An id, a name or `last`.
     */
    task_id?: string;
    /**
     * The message of a call that was made before, in that session. The child that the call spawned comes first, and `last`
     * names none: it stood for another session then.
     */
    messageID?: string;
    /**
     * The part that made that call.
     */
    partID?: string;
}


/**
 * The question which sessions of an agent a caller could resume.
 *
 * ```
 * use opencode_delegate::{Engine, RankLookup};
 * let engine = Engine::new("{}")?;
 * let lookup = RankLookup::read(r#"{"sessionID":"ses_root","agent":"explorer"}"#)?;
 * assert!(engine.rank(&lookup).is_empty());
 * # Ok::<(), opencode_delegate::DelegateError>(())
 * ```
 */
export interface RankLookup {
    /**
     * The caller's session; one that is unknown has no candidates.
     */
    sessionID: string;
    /**
     * The agent.
     */
    agent: string;
    /**
     * The task in a few words.
     */
    description?: string;
    /**
     * The prompt.
     */
    prompt?: string;
}


/**
 * The record of a session in its host, as `metadata.delegate`.
 *
 * A value of another shape, or a record of another version, is another program's. The engine neither uses nor
 * replaces it.
 */
export interface SessionRecord {
    /**
     * The version of its shape.
     */
    v: number;
    /**
     * Its name.
     */
    slug?: string;
    /**
     * The id derived from its name.
     */
    id?: string;
    /**
     * Its agent.
     */
    agent?: string;
    /**
     * Its task in a few words.
     */
    description?: string;
    /**
     * The budget that held when it was spawned, in calls.
     */
    budget: number;
    /**
     * The calls of it that are spent.
     */
    used: number;
    /**
     * How often a call resumed it; absent if none did.
     */
    resumed?: number;
    /**
     * The context that it held at these calls, in tokens, added up; absent if that is nothing.
     */
    saved?: number;
    /**
     * The names that it had before, each with the id derived from it.
     */
    former?: [string, string][];
    /**
     * The names that another plugin gave it, and since when its caller has known each, in milliseconds since the epoch.
     */
    aliases?: [string, number][];
    /**
     * The context in use, in tokens.
     */
    tokens: number;
    /**
     * The model's window, in tokens.
     */
    window: number;
    /**
     * The model that a call chose for it; absent if none did.
     */
    model?: Model;
    /**
     * When it was last used, in milliseconds since the epoch. The host counts each write of the record as an
     * update.
     */
    lastUsed?: number;
    /**
     * When a person last gave it a name, in milliseconds since the epoch; absent if none did. The write of a name
     * is no use of the session.
     */
    renamed?: number;
    /**
     * Its first prompt, until that is in the session.
     */
    prompt?: Prompt;
    /**
     * The user message that its first prompt makes.
     */
    messageID?: string;
    /**
     * Its background tasks: those of which something is to be delivered, and the last.
     */
    tasks?: Task[];
    /**
     * The message and the part of its parent's call that spawned it. The part is empty until the host shows it.
     */
    spawned?: [string, string];
    /**
     * Whether that call was removed.
     */
    undone?: boolean;
    /**
     * The names that it lost to others while that call was undone. The messages of a fork may still give them.
     */
    freed?: string[];
    /**
     * Who made the call that spawned it; absent if a model did.
     */
    by?: Author;
    /**
     * The last files that it read or changed, relative to the project: at most 64, of 4 096 bytes together.
     */
    files?: string[];
    /**
     * How many hints named it to a caller; absent if none did.
     */
    hinted?: number;
    /**
     * After how many of them that caller named it next.
     */
    hint_followed?: number;
    /**
     * The process that runs its prompt.
     */
    process?: string;
    /**
     * The process that stored the record, if another one runs its prompt. That one may know more of its prompts.
     */
    writer?: string;
}


/**
 * The request that prompts a session, as OpenCode takes it.
 *
 * The engine chooses its ids. So a request that is sent twice makes one message, and
 * its arrival can be looked up.
 */
export interface Message {
    /**
     * The id of the user message that it makes.
     */
    messageID: string;
    /**
     * Its parts, with ids; none continues from the session's history.
     */
    parts: { id: string, type: string, [field: string]: unknown }[];
    /**
     * The system text.
     */
    system?: string;
    /**
     * The agent.
     */
    agent: string;
    /**
     * The model.
     */
    model?: Model;
    /**
     * The model's variant.
     */
    variant?: string;
}


/**
 * The rule for a call that asks for a model if its agent has no `models`.
 */
export type UnlistedModels =
/**
 * Deny it (G9).
 */
| "deny"
/**
 * Leave it to the host: G9 does not fire.
 */
| "host";


/**
 * The rule for calls by subagents whose agent has no `task_budget`.
 */
export type NestedCalls =
/**
 * Deny them (G6).
 */
| "budget"
/**
 * Leave it to the host and its plugins whether a subagent may call a target: G3, G6 and G7 do not fire.
 */
| "host";


/**
 * The rules that a child has beside its agent's own.
 */
export type ChildPermissions =
/**
 * Those that OpenCode passes on.
 */
| "host"
/**
 * Those, and every denial of its callers.
 */
| "caller";


/**
 * The sessions of a conversation, children below their parents.
 */
export interface Outline {
    /**
     * The sessions below the root that were used most recently.
     */
    rows: OutlineRow[];
    /**
     * Those of them that are not done, the most pressing first: by their ids.
     */
    pressing: string[];
    /**
     * How many sessions below the root have no row.
     */
    older: number;
    /**
     * The session below the root that was used last.
     */
    latest?: string;
    /**
     * How the sessions below the root stand, in one line; empty if there is none.
     */
    summary: string;
}


/**
 * The settings of an agent in opencode.json that bear on delegation.
 */
export interface AgentConfig {
    /**
     * How the agent may be used.
     */
    mode?: Mode;
    /**
     * The calls that a subagent session of this agent may make for one delegation to it; 0 unless given.
     */
    task_budget?: number;
    /**
     * Whether subagents may delegate to this agent; `false` unless given.
     */
    callable_by_subagents?: boolean;
    /**
     * The agent's permissions: `{ task: ... }` as in opencode.json, or the host's list of rules.
     */
    permission?: HostRule[] | { task?: Action | Record<string, Action> };
    /**
     * The models that take over, in order, if the agent's own fails: each `provider/model`.
     */
    fallback_models?: string[];
    /**
     * The models that a call may ask for, each `provider/model`; none unless given.
     */
    models?: string[];
    /**
     * The limits of each prompt to the agent; no limit unless given. A call may ask for less.
     */
    limits?: Limits;
}


/**
 * The settings to add to opencode.json, so that the agents with a budget can delegate from a subagent session.
 *
 * In OpenCode, subagents launch nothing until `subagent_depth` is raised. Only a subagent with a `task` permission
 * of its own gets the task tool.
 */
export interface HostSettings {
    /**
     * The `subagent_depth` to set; none if the user set it, or no agent has a budget.
     */
    subagent_depth?: number;
    /**
     * The depth that both the option and OpenCode allow, for a program that runs children in OpenCode's place.
     */
    max_depth: number;
    /**
     * The `permission.task` to add, by agent, in the order of their names.
     */
    task: { [name: string]: Action };
}


/**
 * The state of a background task.
 */
export type TaskState =
/**
 * It waits or runs.
 */
| "running"
/**
 * It was answered.
 */
| "completed"
/**
 * It failed.
 */
| "error"
/**
 * A user or an agent cancelled it.
 */
| "cancelled"
/**
 * The process that ran it is gone.
 */
| "lost";


/**
 * The state of a session in an outline.
 */
export type RowState =
/**
 * A turn is running.
 */
| "running"
/**
 * Its prompt waits to be sent.
 */
| "waiting"
/**
 * Its turn waits for a person who may permit a tool.
 */
| "permission"
/**
 * Its last prompt failed.
 */
| "failed"
/**
 * Its last turn was stopped.
 */
| "stopped"
/**
 * No turn is running.
 */
| "done";


/**
 * The status of a session.
 */
export type Status =
/**
 * A turn is running.
 */
| "busy"
/**
 * A turn is running, and the host retries the model.
 */
| "retry"
/**
 * No turn is running: control is with its caller.
 */
| "idle";


/**
 * The tokens that models used, and their cost.
 */
export interface Spent {
    /**
     * All tokens: input, output, reasoning, and those that a cache read or wrote.
     */
    tokens: number;
    /**
     * Their cost in US dollars, to a millionth; 0 if the model has no price.
     */
    cost: number;
}


/**
 * What becomes of a message for a session that runs.
 */
export type Steering =
| SendSteering
| RefuseSteering;

/**
 * Put the message into the session without beginning a turn: the running one reads it at its next step.
 */
export interface SendSteering {
    action: "send";
    /**
     * The session.
     */
    sessionID: string;
    /**
     * The id of the message.
     */
    messageID: string;
    /**
     * Its text.
     */
    text: string;
    /**
     * What its sender reads.
     */
    answer: string;
}

/**
 * Send nothing.
 */
export interface RefuseSteering {
    action: "refuse";
    /**
     * Why, and the next step.
     */
    message: string;
}



/**
 * Which of the rules that match decides.
 */
export type Precedence =
/**
 * The most specific match; ties go to the last.
 */
| "most_specific"
/**
 * The last match: OpenCode's own order.
 */
| "last_match";


/**
 * Which sessions a call may resume.
 */
export type Reach =
/**
 * Those of its conversation, and those that the caller's own messages name.
 */
| "conversation"
/**
 * The caller's own children.
 */
| "children";


/**
 * Who may use a name.
 */
export type SlugScope =
/**
 * Every agent under the root.
 */
| "root"
/**
 * The primary, and the caller that spawned the session.
 */
| "caller";


/**
 * Why a delegation was denied, or why a call of the engine failed.
 */
export type Code =
/**
 * G1: `task_id` is neither an id nor a usable name.
 */
| "invalid_task_id"
/**
 * G2: no agent has that name.
 */
| "unknown_agent"
/**
 * G3: the caller's `permission.task` denies the target.
 */
| "permission_denied"
/**
 * G4: the named session is out of the caller's reach.
 */
| "not_owner"
/**
 * G5: the child would be deeper than `max_depth`.
 */
| "depth_exceeded"
/**
 * G6: the caller is a subagent without a `task_budget`.
 */
| "no_task_budget"
/**
 * G7: the target is not `callable_by_subagents`.
 */
| "target_not_callable"
/**
 * G8: the caller's budget is spent.
 */
| "budget_exhausted"
/**
 * G9: the call asks for a model that is none of its agent's `models`.
 */
| "model_not_allowed"
/**
 * G10: the conversation has cost `max_cost`.
 */
| "limit_reached"
/**
 * R2: the named session belongs to another agent.
 */
| "agent_mismatch"
/**
 * R7: no session has that id, but others can be resumed.
 */
| "unknown_session"
/**
 * The configuration has a field that is unknown or out of range.
 */
| "invalid_config"
/**
 * The request lacks a field or has one of the wrong type.
 */
| "invalid_request"
/**
 * The event is of no known type, or lacks a field.
 */
| "invalid_event"
/**
 * The text is not a whole snapshot of this version.
 */
| "corrupt_snapshot"
/**
 * The WebAssembly module trapped; the engine that was called is lost.
 */
| "engine_trap";


/**
 * Work for the host. The host carries effects out in the order in which they come. A record that comes before a
 * `send` must be stored before the prompt is sent.
 */
export type Effect =
| StoreEffect
| CreateEffect
| WaitEffect
| SendEffect
| RetryEffect
| AbortEffect
| RefuseEffect
| TimerEffect
| ForgetEffect
| DeliverEffect
| HoldEffect
| ProceedEffect
| CheckEffect;

/**
 * Store the record as `metadata.delegate` of that session, in place of the one before.
 */
export interface StoreEffect {
    type: "store";
    /**
     * The session.
     */
    sessionID: string;
    /**
     * The record.
     */
    record: SessionRecord;
    /**
     * Whether it may wait until no caller waits for the host. If it is lost, a count is too high, or the
     * engine learns it again. If this is absent, the record is urgent.
     */
    later?: boolean;
}

/**
 * Create a child, with its record in its metadata from the first moment, and commit the ticket.
 */
export interface CreateEffect {
    type: "create";
    /**
     * The ticket of the decision.
     */
    ticket: number;
    /**
     * The caller's session.
     */
    parentID: string;
    /**
     * Its title, as OpenCode's own tool makes it.
     */
    title: string;
    /**
     * Its agent.
     */
    agent: string;
    /**
     * Its permission.
     */
    permission: HostRule[];
    /**
     * The record to store as `metadata.delegate`.
     */
    record: SessionRecord;
}

/**
 * A prompt was queued: a later `deliver` effect gives its end.
 */
export interface WaitEffect {
    type: "wait";
    /**
     * The session that is prompted.
     */
    sessionID: string;
    /**
     * The prompt's number in its session, from 1 up.
     */
    prompt_no: number;
    /**
     * How many prompts of that session are before it.
     */
    behind: number;
    /**
     * The id of the background task that it is.
     */
    taskID?: string;
}

/**
 * Send a prompt.
 */
export interface SendEffect {
    type: "send";
    /**
     * The session that is prompted.
     */
    sessionID: string;
    /**
     * The prompt's number in its session, from 1 up.
     */
    prompt_no: number;
    /**
     * The attempt's number, from 1 up.
     */
    attempt: number;
    /**
     * The request.
     */
    message: Message;
    /**
     * How long it may give no sign of life until it counts as failed, in milliseconds.
     */
    stall: number;
    /**
     * The rules that its callers pass on: narrow the session by them first. If this is absent, the session was
     * created with them, or there are none.
     */
    permission?: HostRule[];
}

/**
 * Send a prompt again, or continue from the session's history, after a wait.
 */
export interface RetryEffect {
    type: "retry";
    /**
     * The session that is prompted.
     */
    sessionID: string;
    /**
     * The prompt's number in its session, from 1 up.
     */
    prompt_no: number;
    /**
     * The attempt's number, from 1 up.
     */
    attempt: number;
    /**
     * The request; without parts it continues from the history.
     */
    message: Message;
    /**
     * How long to wait before, in milliseconds.
     */
    after: number;
    /**
     * How long it may give no sign of life until it counts as failed, in milliseconds.
     */
    stall: number;
}

/**
 * Abort the running turn of a session.
 */
export interface AbortEffect {
    type: "abort";
    /**
     * The session.
     */
    sessionID: string;
    /**
     * Whether the session has reached a limit: its answer so far is its result.
     */
    limit?: boolean;
}

/**
 * Deny a question for permission: nobody has answered it in time.
 */
export interface RefuseEffect {
    type: "refuse";
    /**
     * The session that asks.
     */
    sessionID: string;
    /**
     * The host's id of the question.
     */
    requestID: string;
    /**
     * A message to the session's model.
     */
    message: string;
}

/**
 * Report `session.timer` at that time: a limit of the session may be reached then.
 */
export interface TimerEffect {
    type: "timer";
    /**
     * The session.
     */
    sessionID: string;
    /**
     * When, in milliseconds since the epoch.
     */
    at: number;
}

/**
 * Forget all that is stored of a prompt.
 */
export interface ForgetEffect {
    type: "forget";
    /**
     * The session that is prompted.
     */
    sessionID: string;
    /**
     * The prompt's number in its session, from 1 up.
     */
    prompt_no: number;
}

/**
 * Deliver to the caller how a prompt ended.
 */
export interface DeliverEffect {
    type: "deliver";
    /**
     * The session that is prompted.
     */
    sessionID: string;
    /**
     * The prompt's number in its session, from 1 up.
     */
    prompt_no: number;
    /**
     * How it ended.
     */
    state: PromptState;
    /**
     * Why it failed.
     */
    message?: string;
    /**
     * Sentences for the caller.
     */
    notices: string[];
    /**
     * For a background task, a sentence about the tokens and the money that its session used, with all below it.
     */
    used?: string;
    /**
     * For a background task, how its result reaches its caller: exactly once.
     */
    to?: Delivery;
}

/**
 * Hold a call of the host's own tool back: a later effect says that it may proceed, or that nothing but a turn
 * of its session is ahead of it.
 */
export interface HoldEffect {
    type: "hold";
    /**
     * The session that is to be prompted.
     */
    sessionID: string;
    /**
     * The caller's session.
     */
    callerID: string;
    /**
     * The message that makes the call, if the host names it.
     */
    messageID?: string;
    /**
     * The host's id of the call.
     */
    callID: string;
    /**
     * How many calls are ahead of it. If none is, report when the session is idle, until the call may proceed.
     */
    behind: number;
}

/**
 * Let a call of the host's own tool prompt its session now.
 */
export interface ProceedEffect {
    type: "proceed";
    /**
     * The session that is to be prompted.
     */
    sessionID: string;
    /**
     * The caller's session.
     */
    callerID: string;
    /**
     * The message that makes the call, if the host names it.
     */
    messageID?: string;
    /**
     * The host's id of the call.
     */
    callID: string;
}

/**
 * Look up a prompt whose process is gone, and report its state. It is accepted if its message is in the
 * session, answered if that has an answer, lost otherwise.
 */
export interface CheckEffect {
    type: "check";
    /**
     * The session that is prompted.
     */
    sessionID: string;
    /**
     * The prompt's number in its session, from 1 up.
     */
    prompt_no: number;
    /**
     * The attempt's number, from 1 up.
     */
    attempt: number;
    /**
     * The user message to look for; absent if none was sent.
     */
    messageID?: string;
}




/**
 * An engine behind the boundary.
 */
export class Core {
    free(): void;
    [Symbol.dispose](): void;
    /**
     * As `Engine::apply`. A seed or jitter that the event leaves out is drawn.
     */
    apply(event: string): string;
    /**
     * Throws the error of a request that is not of its shape.
     */
    check(request: string): void;
    /**
     * As `Engine::decide`, of a request in one text: its strings in the order of these arguments, and the prompt last.
     * The numbers are the lengths of the others as JavaScript counts them, -1 for one that is left out.
     *
     * JSON would cost a decision a third more. A test of the API decides by each field, one by one.
     */
    decide(text: string, call_id: number, message_id: number, session_id: number, caller_agent: number, agent: number, description: number, task_id: number, permission: number, model: number, limits: number, now: number, background: boolean, by_user: boolean): string;
    /**
     * As `Engine::explain`.
     */
    explain(request: string): string;
    /**
     * As `Engine::list`.
     */
    list(lookup: string): string;
    /**
     * As `Engine::name_for`.
     */
    nameFor(id: string, caller_id: string): string | undefined;
    /**
     * As `Engine::with`.
     */
    constructor(config: string, process?: string | null);
    /**
     * As `Engine::notices`.
     */
    notices(): string;
    /**
     * As `Engine::outline`.
     */
    outline(lookup: string): string;
    /**
     * As `Engine::rank`.
     */
    rank(lookup: string): string;
    /**
     * As `Engine::resolve`.
     */
    resolve(lookup: string): string | undefined;
    /**
     * As `Engine::restore_with`.
     */
    static restore(snapshot: string, config: string, process?: string | null): Core;
    /**
     * As `Engine::resumable`.
     */
    resumable(session_id: string): string;
    /**
     * As `Engine::session`.
     */
    session(id: string): string | undefined;
    /**
     * As `Engine::sessions`.
     */
    sessions(root_id: string): string;
    /**
     * As `Engine::snapshot`.
     */
    snapshot(): string;
    /**
     * As `Engine::spelled`.
     */
    spelled(agent: string): string;
    /**
     * As `Engine::steer`. A seed that the lookup leaves out is drawn.
     */
    steer(lookup: string): string;
    /**
     * As `Engine::visible`.
     */
    visible(session_id: string): string;
}

declare function __wbg_reset_state(): void;

/**
 * As `names::classify_task_id`.
 */
export function classifyTaskID(text: string): string;

/**
 * As `names::derive_session_id`.
 */
export function deriveSessionID(root_id: string, slug: string): string;

/**
 * As `permission::evaluate`, of the JSON of a `Question`.
 */
export function evaluatePermission(question: string): string;

/**
 * As `opencode1::holds_result`.
 */
export function holdsResult(ids: string, part_id: string): boolean;

/**
 * As `host_settings`.
 */
export function hostSettings(config: string): string;

/**
 * As `inherited_permission`.
 */
export function inheritedPermission(given: string): string;

/**
 * As `names::is_own_task_id`.
 */
export function isOwnTaskID(text: string, slug?: string | null): boolean;

/**
 * As `narrowed_permission`.
 */
export function narrowedPermission(given: string): string;

/**
 * As `narrowed_tools`.
 */
export function narrowedTools(given: string): string;

/**
 * As `names::normalize_slug`.
 */
export function normalizeSlug(text: string): string | undefined;

/**
 * The result of the function of `rules::opencode1` that `rule` names, called with one text; as JSON.
 */
export function openCode1(rule: string, given: string): string;

/**
 * Does nothing, in a module that is sound.
 */
export function ready(): void;

/**
 * Has the next call make the module again: engines made before are stale. That call must be
 * [`ready`]: the arguments of any other would still be put into the old memory.
 */
export function reinit(): void;

/**
 * The decision table, the prompt table and the recovery table, as JSON.
 */
export function tables(): string;

/**
 * As `rules::wording`.
 */
export function wording(given: string): string;

export type InitInput = RequestInfo | URL | Response | BufferSource | WebAssembly.Module;

export interface InitOutput {
    readonly memory: WebAssembly.Memory;
    readonly __wbg_core_free: (a: number, b: number) => void;
    readonly classifyTaskID: (a: number, b: number) => [number, number];
    readonly core_apply: (a: number, b: number, c: number) => [number, number, number, number];
    readonly core_check: (a: number, b: number, c: number) => [number, number];
    readonly core_decide: (a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number, i: number, j: number, k: number, l: number, m: number, n: number, o: number, p: number) => [number, number];
    readonly core_explain: (a: number, b: number, c: number) => [number, number, number, number];
    readonly core_list: (a: number, b: number, c: number) => [number, number, number, number];
    readonly core_nameFor: (a: number, b: number, c: number, d: number, e: number) => [number, number];
    readonly core_new: (a: number, b: number, c: number, d: number) => [number, number, number];
    readonly core_notices: (a: number) => [number, number];
    readonly core_outline: (a: number, b: number, c: number) => [number, number, number, number];
    readonly core_rank: (a: number, b: number, c: number) => [number, number, number, number];
    readonly core_resolve: (a: number, b: number, c: number) => [number, number, number, number];
    readonly core_restore: (a: number, b: number, c: number, d: number, e: number, f: number) => [number, number, number];
    readonly core_resumable: (a: number, b: number, c: number) => [number, number];
    readonly core_session: (a: number, b: number, c: number) => [number, number];
    readonly core_sessions: (a: number, b: number, c: number) => [number, number];
    readonly core_snapshot: (a: number) => [number, number];
    readonly core_spelled: (a: number, b: number, c: number) => [number, number];
    readonly core_steer: (a: number, b: number, c: number) => [number, number, number, number];
    readonly core_visible: (a: number, b: number, c: number) => [number, number];
    readonly deriveSessionID: (a: number, b: number, c: number, d: number) => [number, number];
    readonly evaluatePermission: (a: number, b: number) => [number, number, number, number];
    readonly holdsResult: (a: number, b: number, c: number, d: number) => number;
    readonly hostSettings: (a: number, b: number) => [number, number, number, number];
    readonly inheritedPermission: (a: number, b: number) => [number, number, number, number];
    readonly isOwnTaskID: (a: number, b: number, c: number, d: number) => number;
    readonly narrowedPermission: (a: number, b: number) => [number, number, number, number];
    readonly narrowedTools: (a: number, b: number) => [number, number, number, number];
    readonly normalizeSlug: (a: number, b: number) => [number, number];
    readonly openCode1: (a: number, b: number, c: number, d: number) => [number, number, number, number];
    readonly ready: () => void;
    readonly reinit: () => void;
    readonly tables: () => [number, number];
    readonly wording: (a: number, b: number) => [number, number, number, number];
    readonly __wbindgen_exn_store: (a: number) => void;
    readonly __externref_table_alloc: () => number;
    readonly __wbindgen_externrefs: WebAssembly.Table;
    readonly __wbindgen_malloc: (a: number, b: number) => number;
    readonly __wbindgen_realloc: (a: number, b: number, c: number, d: number) => number;
    readonly __wbindgen_free: (a: number, b: number, c: number) => void;
    readonly __externref_table_dealloc: (a: number) => void;
    readonly __wbindgen_start: () => void;
}

export type SyncInitInput = BufferSource | WebAssembly.Module;

/**
 * Instantiates the given `module`, which can either be bytes or
 * a precompiled `WebAssembly.Module`.
 *
 * @param {{ module: SyncInitInput }} module - Passing `SyncInitInput` directly is deprecated.
 *
 * @returns {InitOutput}
 */
export function initSync(module: { module: SyncInitInput } | SyncInitInput): InitOutput;

/**
 * If `module_or_path` is {RequestInfo} or {URL}, makes a request and
 * for everything else, calls `WebAssembly.instantiate` directly.
 *
 * @param {{ module_or_path: InitInput | Promise<InitInput> }} module_or_path - Passing `InitInput` directly is deprecated.
 *
 * @returns {Promise<InitOutput>}
 */
export default function __wbg_init (module_or_path?: { module_or_path: InitInput | Promise<InitInput> } | InitInput | Promise<InitInput>): Promise<InitOutput>;
