export type Candidate = import("./types.js").Candidate;
export type Config = import("./types.js").Config;
export type Decided = import("./types.js").Decided;
export type Effect = import("./types.js").Effect;
export type EngineOptions = import("./types.js").EngineOptions;
export type Event = import("./types.js").Event;
export type Look = import("./types.js").Look;
export type RankLookup = import("./types.js").RankLookup;
export type Request = import("./types.js").Request;
export type ResolveLookup = import("./types.js").ResolveLookup;
export type Outline = import("./types.js").Outline;
export type OutlineLookup = import("./types.js").OutlineLookup;
export type Session = import("./types.js").Session;
export type SteerLookup = import("./types.js").SteerLookup;
export type Steering = import("./types.js").Steering;
/**
 * @typedef {import("./types.js").Candidate} Candidate
 * @typedef {import("./types.js").Config} Config
 * @typedef {import("./types.js").Decided} Decided
 * @typedef {import("./types.js").Effect} Effect
 * @typedef {import("./types.js").EngineOptions} EngineOptions
 * @typedef {import("./types.js").Event} Event
 * @typedef {import("./types.js").Look} Look
 * @typedef {import("./types.js").RankLookup} RankLookup
 * @typedef {import("./types.js").Request} Request
 * @typedef {import("./types.js").ResolveLookup} ResolveLookup
 * @typedef {import("./types.js").Outline} Outline
 * @typedef {import("./types.js").OutlineLookup} OutlineLookup
 * @typedef {import("./types.js").Session} Session
 * @typedef {import("./types.js").SteerLookup} SteerLookup
 * @typedef {import("./types.js").Steering} Steering
 */
/**
 * The delegation engine: the state of a host's sessions, and the configuration that decides.
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
     * A snapshot is for the process that took it: the prompts in it run on, and that process reports their ends. A new process makes a
     * new engine instead, with another name, and reports each session with its stored record (`session.created`). The engine then has
     * the prompts of the dead process looked up. If a snapshot is restored in a new process, each prompt that was to be sent keeps
     * its session busy until the host reports that attempt as failed (`prompt.failed` with the failure `lost`).
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
     * Decides a request, and reserves the name and the call that the decision needs. The same call decided again gets the
     * same decision and no effects. The host carries the effects out before it acts on the decision, or any other effect.
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
     * Takes in an event of the host, and gives the effects that the host carries out, in that order. Times are in milliseconds
     * since the epoch. An event of an unknown session or ticket changes nothing. Neither does an event that comes twice or late.
     * The shim draws a seed and a jitter if the event leaves them out.
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
     * The sessions of an agent that a caller could resume, at most 5: those first that the request most likely follows up; none for an
     * unknown caller.
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
     * The session that a caller's `task_id` stands for, if there is one within its reach. For an earlier call (`messageID`, `partID`),
     * the child that the call spawned comes first.
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
     * What becomes of a caller's message for a session that runs. Nothing is kept of it. The shim draws a seed if the lookup leaves it out.
     *
     * @example
     * const engine = new Engine()
     * engine.apply({ type: "session.created", now: 1, session: { id: "ses_1", parentID: "ses_root", agent: "explorer", slug: "auth" } })
     * engine.steer({ now: 2, sessionID: "ses_root", task_id: "auth", message: "Leave src/old out." }).action // "refuse"
     * engine.apply({ type: "session.status", now: 3, sessionID: "ses_1", status: "busy" })
     * engine.steer({ now: 4, sessionID: "ses_root", task_id: "auth", message: "Leave src/old out." }).action // "send"
     * @param {SteerLookup} lookup
     * @returns {Steering}
     * @throws {DelegateError} `invalid_request`, naming the field
     */
    steer(lookup: SteerLookup): Steering;
    /**
     * The facts that each row of the table sees of a request, up to the row that decides. Only that last row holds. Nothing is
     * reserved. The call copies the whole state: it is for people, not for every call.
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
     * How the sessions of a conversation stand, for a person at a terminal: a row each, children below their parents. Whatever
     * `slug_scope` says, all sessions below the root count.
     *
     * @example
     * const engine = new Engine()
     * engine.apply({ type: "session.created", now: 1, session: { id: "ses_1", parentID: "ses_root", agent: "explorer", slug: "auth" } })
     * const { rows, summary } = engine.outline({ sessionID: "ses_root", now: 61_000, seen: [{ sessionID: "ses_1", failed: true }] })
     * summary // "1 subagent · 1 failed"
     * rows[0].text // "explorer · failed · 1 min ago"
     * @param {OutlineLookup} lookup
     * @returns {Outline}
     * @throws {DelegateError} `invalid_request`, naming the field
     */
    outline(lookup: OutlineLookup): Outline;
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
     * The name by which a caller may call a session. None if it has none, or if the name stands for another session there, as it may in a
     * fork: the session then has its id alone.
     *
     * @example
     * const engine = new Engine()
     * engine.apply({ type: "session.created", now: 1, session: { id: "ses_1", parentID: "ses_root", agent: "explorer", slug: "auth" } })
     * engine.nameFor("ses_1", "ses_root") // "auth"
     * engine.nameFor("ses_unknown", "ses_root") // undefined
     * @param {string} sessionID
     * @param {string} callerID
     * @returns {string | undefined}
     */
    nameFor(sessionID: string, callerID: string): string | undefined;
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
     * The sessions that a caller could resume, of any agent, in order of creation; none for an unknown caller.
     *
     * @example
     * const engine = new Engine()
     * engine.apply({ type: "session.created", now: 1, session: { id: "ses_1", parentID: "ses_root", agent: "explorer", description: "Explore auth" } })
     * engine.resumable("ses_root").map(({ slug }) => slug) // ["explore-auth"]
     * engine.resumable("ses_1") // []
     * @param {string} sessionID
     * @returns {Session[]}
     */
    resumable(sessionID: string): Session[];
    /**
     * The sessions that a session may see, itself among them, in order of creation: its root and everything below it. With
     * `slug_scope: "caller"`, a subagent sees its own children alone. None for an unknown session.
     *
     * @example
     * const engine = new Engine({ slug_scope: "caller" })
     * engine.apply({ type: "session.created", now: 1, session: { id: "ses_1", parentID: "ses_root" } })
     * engine.visible("ses_root").map(({ id }) => id) // ["ses_root", "ses_1"]
     * engine.visible("ses_1").map(({ id }) => id) // ["ses_1"]
     * @param {string} sessionID
     * @returns {Session[]}
     */
    visible(sessionID: string): Session[];
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
     * JSON.parse(new Engine().snapshot()).v // 3
     * @returns {string}
     */
    snapshot(): string;
    /**
     * The sessions that a session may see, for a person or a model to read: a table with a row a session, or a Mermaid flowchart.
     * A page has 50 of them, the most recently used first, and counts all. `agent` and `state` choose among them; a state is a word of the
     * table's column.
     *
     * @example
     * const engine = new Engine()
     * engine.apply({ type: "session.created", now: 1, session: { id: "ses_root", agent: "build" } })
     * engine.list("ses_root", { mermaid: true }, 2) // "flowchart TD\n  s0[\"root<br>build\"]"
     * engine.list("ses_root", {}, 2) // "There is no subagent session yet."
     * @param {string} sessionID
     * @param {{ mermaid?: boolean, agent?: string, state?: string, page?: number }} form
     * @param {number} now in milliseconds since the epoch: the table gives the age of each session's last use
     * @returns {string}
     * @throws {DelegateError} `invalid_request`, naming the field
     */
    list(sessionID: string, form: {
        mermaid?: boolean;
        agent?: string;
        state?: string;
        page?: number;
    }, now: number): string;
}
