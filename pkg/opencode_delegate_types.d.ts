/* tslint:disable */
/* eslint-disable */
/**
 * A background task of a session, as the host keeps it.
 */
export interface Task {
    /**
     * `bg_` and 8 hexadecimal digits of the SHA-256 of the session's derived id: the same for every
     * task of a session.
     */
    id: string;
    /**
     * Which of the session's prompts.
     */
    turn: number;
    /**
     * The session that is told the result.
     */
    callerID: string;
    /**
     * What became of it.
     */
    state: TaskState;
    /**
     * When it began.
     */
    since: Millis;
    /**
     * The user message of its prompt, once it was sent.
     */
    messageID?: string;
    /**
     * Why it failed.
     */
    message?: string;
    /**
     * What the caller should know.
     */
    notices: string[];
    /**
     * The messages that were chosen to tell the caller, of which one may have.
     */
    toldBy: string[];
    /**
     * Whether the caller was told.
     */
    told: boolean;
}

/**
 * A call of the `task` tool.
 */
export interface Request {
    /**
     * When the call was made.
     */
    now: Millis;
    /**
     * The host's id of the call. The same call decided twice gives the same decision and spends once.
     */
    callID: string;
    /**
     * The caller's session.
     */
    sessionID: string;
    /**
     * The caller's agent; left out where the user calls, whom no agent's permissions bind.
     */
    callerAgent?: string;
    /**
     * The agent that is to do the work (`subagent_type`).
     */
    agent: string;
    /**
     * The work in a few words.
     */
    description: string;
    /**
     * The work.
     */
    prompt: string;
    /**
     * The session to resume: an id, a slug or `last`; or the slug of a new one.
     */
    task_id?: string;
    /**
     * Whether the caller goes on without waiting.
     */
    background?: boolean;
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
     * What it decides, in the words of the documentation.
     */
    outcome: string;
    /**
     * What a decision of this row gives as its reason.
     */
    reason: string;
}

/**
 * A row of the table of transitions.
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
     * The state after it; none where that stays.
     */
    to: State | undefined;
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
     * What it is about; for `task` the name of the target agent.
     */
    pattern: string;
    /**
     * What the rule does.
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
     * What it was asked for, in a few words.
     */
    description: string;
    /**
     * Its handle.
     */
    slug?: string;
    /**
     * The id derived from its handle.
     */
    derivedID?: string;
    /**
     * What it is doing.
     */
    status: Status;
    /**
     * When it was last prompted or heard of.
     */
    lastUsed: Millis;
    /**
     * The context in use, in tokens.
     */
    tokens: number;
    /**
     * The model's window, in tokens; 0 where it is not known.
     */
    window: number;
    /**
     * The calls that it may make before it returns control; none for a root.
     */
    budget?: number;
    /**
     * The calls of that budget that are spent.
     */
    used: number;
    /**
     * How far the prompt has come that it runs or is to run.
     */
    prompt?: State;
    /**
     * How many prompts wait behind that one.
     */
    waiting: number;
    /**
     * Its last background task.
     */
    task?: Task;
}

/**
 * A session as the host tells of it.
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
     * What it was asked for, in a few words.
     */
    description?: string;
    /**
     * Its first prompt.
     */
    prompt?: string;
    /**
     * A handle that was given to it.
     */
    slug?: string;
    /**
     * The files that it read or changed.
     */
    files?: string[];
    /**
     * What a `store` effect once kept of it: whatever stands at `metadata.delegate`.
     */
    record?: unknown;
    /**
     * Whether the process lives that runs its prompt, where the record tells of one.
     */
    alive?: boolean;
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
     * Its handle.
     */
    slug?: string;
    /**
     * Its agent.
     */
    agent: string;
    /**
     * What it was asked for.
     */
    description: string;
    /**
     * How likely the request follows it up, 0 to 1; 0 while nothing but its recency speaks for it.
     */
    confidence: number;
    /**
     * When it was last prompted or heard of.
     */
    lastUsed: Millis;
}

/**
 * A time in milliseconds since the epoch.
 */
export type Millis = number;

/**
 * How an agent may be used, as in opencode.json.
 */
export type Mode = "primary" | "subagent" | "all";

/**
 * How an attempt failed.
 */
export interface Failure {
    /**
     * When.
     */
    now: Millis;
    /**
     * Which session.
     */
    sessionID: string;
    /**
     * Which of its prompts.
     */
    turn: number;
    /**
     * Which attempt.
     */
    attempt: number;
    /**
     * The error's name: the host's, or `Retrying` where the host tries again by itself, `Lost` where
     * the process that ran it is gone.
     */
    name: string;
    /**
     * What it says.
     */
    message: string;
    /**
     * Whether the host calls it transient.
     */
    retryable?: boolean;
    /**
     * Whether the attempt still runs in the host.
     */
    live?: boolean;
    /**
     * A random number from 0 to 1, for the wait before another attempt.
     */
    jitter?: number;
}

/**
 * How far a prompt has come.
 */
export type State = "created" | "sent" | "accepted" | "idle" | "failed" | "cancelled" | "deleted";

/**
 * How the result of a background task reaches its caller.
 */
export interface Telling {
    /**
     * The caller's session.
     */
    callerID: string;
    /**
     * The task.
     */
    taskID: string;
    /**
     * The user message of its prompt, after which the answer stands.
     */
    asked?: string;
    /**
     * Whether its process is gone, so that there is nothing to tell but that.
     */
    lost: boolean;
    /**
     * The messages that were chosen to carry it before: where one of them is in the caller's session,
     * the caller was told.
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
 * The configuration of an engine. Every field may be left out; an unknown one is refused by name.
 */
export interface Config {
    /**
     * The agents that exist. Left out, any name is taken for an agent.
     */
    agents?: Record<string, AgentConfig>;
    /**
     * How deep a child may lie below its root; 3 unless given.
     */
    max_depth?: number;
    /**
     * Who may use a slug: every agent under the root (unless given otherwise), or its caller alone.
     */
    slug_scope?: SlugScope;
    /**
     * What becomes of a request that names another agent's session (R2); `deny` unless given.
     */
    on_agent_mismatch?: OnAgentMismatch;
    /**
     * What becomes of a named session whose context is full (R3); `compact` unless given.
     */
    on_context_full?: OnContextFull;
    /**
     * The share of the model's window over which a context is full, 0 to 1; 0.8 unless given.
     */
    context_limit?: number;
    /**
     * How old a session may be that nobody asked for (R10, R11), in milliseconds; 1 800 000 unless given.
     */
    resume_ttl_ms?: number;
    /**
     * What an unnamed request does where the caller has a session of that agent (R11); `spawn` unless given.
     */
    same_agent?: SameAgent;
    /**
     * The least confidence at which an unnamed request resumes the best candidate (R10); `false` unless given.
     */
    auto_resume?: false | number;
    /**
     * Which of an agent's permission rules decides; `most_specific` unless given.
     */
    precedence?: Precedence;
    /**
     * How many prompts may run at once under one root, and with one model; no limit unless given.
     */
    max_parallel?: number;
    /**
     * How long a prompt may give no sign of life before it is aborted and tried again, in
     * milliseconds, while no tool runs; 300 000 unless given.
     */
    stall_ms?: number;
}

/**
 * The name of a row: `G` rows are gates, `R` rows choose.
 */
export type RuleID = "G1" | "G2" | "G3" | "G4" | "G5" | "G6" | "G7" | "G8" | "R1" | "R2" | "R3" | "R4" | "R5" | "R6" | "R7" | "R8" | "R9" | "R10" | "R11" | "R12";

/**
 * The request that prompts a session, as OpenCode takes it.
 *
 * Its ids are chosen here: a request that is sent twice overwrites its message with the same, and
 * whether it arrived can be looked up.
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
 * What a row of the table saw of a request.
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
     * What the condition is about, and how that is.
     */
    facts: [string, string][];
}

/**
 * What a rule does.
 */
export type Action = "allow" | "ask" | "deny";

/**
 * What a session is asked, by whom.
 */
export interface Asked {
    /**
     * When.
     */
    now: Millis;
    /**
     * The ticket of the decision; none for a join.
     */
    ticket?: number;
    /**
     * The session to prompt; none where one is to be created.
     */
    sessionID?: string;
    /**
     * The caller's session.
     */
    callerID: string;
    /**
     * The caller's agent; none where the user calls.
     */
    callerAgent?: string;
    /**
     * The agent that is asked.
     */
    agent: string;
    /**
     * Whether nobody waits for the answer.
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
     * What the child may not do because its caller may not.
     */
    permission: HostRule[];
    /**
     * Fourteen random letters and digits, for the ids of messages.
     */
    seed: string;
    /**
     * Who runs the child, as the host will find it in the record.
     */
    process?: string;
}

/**
 * What a session is doing.
 */
export type Status = "busy" | "retry" | "idle";

/**
 * What becomes of a background task.
 */
export type TaskState = "running" | "completed" | "error" | "cancelled" | "lost";

/**
 * What becomes of a request, the row of the table that made it so, and why.
 *
 * `ticket` stands for the call until the host commits it with the child's session id, or refunds it
 * because no child was prompted.
 */
export type Decision = { action: "resume"; sessionID: string; rule: RuleID; reason: string; ticket: number; slug?: string; notice?: string; candidates: Candidate[] } | { action: "spawn"; sessionID: string; rule: RuleID; reason: string; ticket: number; slug: string; notice?: string; candidates: Candidate[] } | { action: "compact"; sessionID: string; rule: RuleID; reason: string; ticket: number; slug?: string; candidates: Candidate[] } | { action: "join"; sessionID: string; rule: RuleID; reason: string; slug?: string } | { action: "deny"; code: Code; message: string; rule: RuleID; candidates: Candidate[] };

/**
 * What happened in the host. Doubled, reordered or late, an event changes nothing that has been settled:
 * what is told with an earlier time is late, unless the clock was set back in between and that was told.
 */
export type Event = { type: "session.created"; now: Millis; session: Created } | { type: "session.touched"; now: Millis; sessionID: string; files: string[] } | { type: "session.status"; now: Millis; sessionID: string; status: Status } | { type: "session.usage"; now: Millis; sessionID: string; tokens: number; window: number } | { type: "session.error"; now: Millis; sessionID: string; name: string; message: string; retryable?: boolean } | { type: "session.deleted"; now: Millis; sessionID: string } | { type: "session.alias"; now: Millis; sessionID: string; alias: string } | { type: "ticket.commit"; now: Millis; ticket: number; sessionID: string } | { type: "ticket.refund"; now: Millis; ticket: number } | ({ type: "prompt.kept" } & Asked) | ({ type: "prompt.sent" } & OfPrompt) | ({ type: "prompt.accepted" } & OfPrompt) | ({ type: "prompt.answered" } & OfPrompt) | ({ type: "prompt.failed" } & Failure) | ({ type: "prompt.cancelled" } & OfPrompt) | { type: "session.prompted"; now: Millis; sessionID: string; messageID: string } | { type: "clock.set_back"; now: Millis } | { type: "task.told"; now: Millis; sessionID: string; turn: number; told: boolean };

/**
 * What row R11 does.
 */
export type SameAgent = "spawn" | "resume";

/**
 * What row R2 does.
 */
export type OnAgentMismatch = "deny" | "spawn" | "resume";

/**
 * What row R3 does.
 */
export type OnContextFull = "compact" | "resume" | "spawn";

/**
 * What stands on an agent in opencode.json.
 */
export interface AgentConfig {
    /**
     * How the agent may be used.
     */
    mode?: Mode;
    /**
     * The calls that a subagent session of this agent may make before it returns control; 0 unless given.
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
     * The models that take over, in order, where the agent's own fails: each `provider/model`.
     */
    fallback_models?: string[];
}

/**
 * What the host keeps of a session for the engine, as `metadata.delegate`.
 *
 * Whatever does not read as one, a record of another version included, is somebody else's: it is
 * neither used nor replaced.
 */
export interface SessionRecord {
    /**
     * [`RECORD_VERSION`].
     */
    v: number;
    /**
     * Its handle.
     */
    slug?: string;
    /**
     * The id derived from its handle.
     */
    id?: string;
    /**
     * Its agent.
     */
    agent?: string;
    /**
     * What it was asked for.
     */
    description: string;
    /**
     * The budget that held when it was spawned.
     */
    budget: number;
    /**
     * The calls of it that are spent.
     */
    used: number;
    /**
     * The handles that it had before, each with the id derived from it.
     */
    former: [string, string][];
    /**
     * The names that another plugin gave it, and since when its caller has known them.
     */
    aliases: [string, number][];
    /**
     * The context in use, in tokens.
     */
    tokens: number;
    /**
     * The model's window, in tokens.
     */
    window: number;
    /**
     * When it was last prompted or heard of: writing the record counts as an update in the host.
     */
    lastUsed?: Millis;
    /**
     * Its first prompt, until that is in the session.
     */
    prompt?: Prompt;
    /**
     * The user message that its first prompt makes.
     */
    messageID?: string;
    /**
     * Its background tasks: those whose caller was not told yet, and the last.
     */
    tasks: Task[];
    /**
     * Who runs its prompt.
     */
    process?: string;
}

/**
 * What the host should do. Effects are to be carried out in the order in which they come: what is
 * stored before a prompt is sent must be stored by then.
 */
export type Effect = { type: "store"; sessionID: string; record: SessionRecord; later?: boolean } | { type: "create"; ticket: number; parentID: string; title: string; agent: string; permission: HostRule[]; record: SessionRecord } | { type: "wait"; sessionID: string; turn: number; behind: number; taskID?: string } | { type: "send"; sessionID: string; turn: number; attempt: number; message: Message; stall: Millis } | { type: "retry"; sessionID: string; turn: number; attempt: number; message: Message; after: Millis; stall: Millis } | { type: "abort"; sessionID: string } | { type: "forget"; sessionID: string; turn: number } | { type: "deliver"; sessionID: string; turn: number; state: State; message?: string; notices: string[]; to?: Telling } | { type: "check"; sessionID: string; turn: number; attempt: number; messageID?: string };

/**
 * What to add to opencode.json so that the agents with a budget can delegate from a subagent session.
 *
 * OpenCode lets subagents launch nothing until `subagent_depth` is raised, and gives the task tool
 * only to a subagent that has a `task` permission of its own.
 */
export interface HostSettings {
    /**
     * The `subagent_depth` to set; none where the user set it, or no agent has a budget.
     */
    subagent_depth?: number;
    /**
     * The depth that both the option and OpenCode allow: for whoever runs children in its place.
     */
    max_depth: number;
    /**
     * The `permission.task` to add, by agent.
     */
    task: Record<string, Action>;
}

/**
 * What was asked: everything that an attempt needs to ask it again.
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
     * What the child may not do because its caller may not.
     */
    permission: HostRule[];
}

/**
 * Which attempt something happened to.
 */
export interface OfPrompt {
    /**
     * When.
     */
    now: Millis;
    /**
     * Which session.
     */
    sessionID: string;
    /**
     * Which of its prompts.
     */
    turn: number;
    /**
     * Which attempt.
     */
    attempt: number;
}

/**
 * Which of the rules that match decides.
 */
export type Precedence = "most_specific" | "last_match";

/**
 * Who may use a slug.
 */
export type SlugScope = "root" | "caller";

/**
 * Why a delegation was denied, or why a call of the engine failed.
 */
export type Code = "invalid_task_id" | "unknown_agent" | "permission_denied" | "not_owner" | "depth_exceeded" | "no_task_budget" | "target_not_callable" | "budget_exhausted" | "agent_mismatch" | "unknown_session" | "invalid_config" | "invalid_request" | "invalid_event" | "corrupt_snapshot" | "engine_trap";


