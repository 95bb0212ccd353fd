// The state that all checks share: the calls of a world, its faults, and the limits of what a plugin can know after them.

/**
 * @typedef {import("../../../js/playground/opencode/host.js").Host} Host
 * @typedef {import("../../../js/playground/opencode/store.js").Store} Store
 * @typedef {import("../plan.js").Weather} Weather
 * @typedef {{
 *   mark: string, caller: string, by: string, root: string, speaker: string, denied: string[][], passedOn: string[][], agent: string, task_id?: string, expected?: string,
 *   background: boolean, byUser: boolean, host: Host, at: number, state: "open" | "completed" | "error", result: string,
 *   endedAt?: number, child?: string, messageID?: string, delivered: number, delegation: number, reloads: number, ended?: string, spent?: boolean
 * }} Known a call of the task tool
 */

/**
 * A world as its checks see it.
 */
export class Scene {
  /** @type {{ invariant: string, what: string, at: number }[]} */
  violations = []
  /** The calls of the task tool by mark. @type {Map<string, Known>} */
  calls = new Map()
  /** Sessions that were deleted. @type {Set<string>} */
  deleted = new Set()
  /** Sessions with a refused or slow call: one of their writes may be lost. @type {Set<string>} */
  unwritten = new Set()
  /** The root of each session that ever was. @type {Map<string, string>} */
  #roots = new Map()
  /** Sessions whose record another plugin has written. @type {Set<string>} */
  spoiled = new Set()
  /** The sessions that each fork's history names. @type {Map<string, Set<string>>} */
  #shared = new Map()
  kills = 0
  reloads = 0
  /** How often the engines of all processes were lost. */
  traps = 0
  /** How many engines that lost at most. */
  lost = 0
  /** How often an instance has reported that. */
  reports = 0

  /** @param {Store} store @param {import("../../../js/playground/opencode/clock.js").Clock} clock @param {Weather} weather */
  constructor(store, clock, weather) {
    this.store = store
    this.clock = clock
    this.weather = weather
  }

  /** @param {string} invariant @param {string} what */
  fail(invariant, what) {
    this.violations.push({ invariant, what, at: this.clock.time })
    this.store.log("VIOLATION", undefined, `${invariant}: ${what}`)
  }

  /** Notes that the engines of all processes are lost. Calls of an instance from before a reload still have one. */
  trapped() {
    this.traps++
    this.lost += this.weather.processes + this.reloads
  }

  /** Whether prompts have limits in this world. */
  get limited() {
    return this.weather.options.limits !== undefined
  }

  /** Whether OpenCode's calls fail or hang in this world. */
  get troubled() {
    const { refused, lost, slow } = this.weather.calls
    return refused + lost + slow > 0
  }

  /** Whether a call to OpenCode may fail for good. */
  get refusing() {
    const { refused, lost } = this.weather.calls
    return refused + lost > 0
  }

  /** Whether events may come out of order, or not at all. */
  get deaf() {
    const { lost, late, lag } = this.weather.events
    return lost + late + lag > 0
  }

  /** Whether a single process runs the sessions. */
  get alone() {
    return this.weather.processes === 1
  }

  /** Whether this world had a fault after which a call may fail. */
  get shaken() {
    return this.troubled || !this.alone || this.deleted.size > 0 || this.kills + this.reloads > 0
  }

  /**
   * Whether a call may have run undecided. If OpenCode does not answer, a primary's call runs unchanged, under executor "host"
   * in the session that the call names.
   * @param {string} caller
   */
  unjudged(caller) {
    return this.troubled && !this.store.sessions.get(caller)?.parentID
  }

  /** Takes in a new session. @param {{ id: string, parentID?: string }} session */
  created({ id, parentID }) {
    this.#roots.set(id, parentID === undefined ? id : this.root(parentID))
  }

  /** The root of a session, also of a deleted one. @param {string} id */
  root(id) {
    return this.#roots.get(id) ?? id
  }

  /** Takes in that a fork's history names a session. @param {string} fork @param {string} id */
  share(fork, id) {
    this.#shared.set(fork, (this.#shared.get(fork) ?? new Set()).add(id))
  }

  /** Whether a fork's history names a session. @param {string} fork @param {string} id */
  shares(fork, id) {
    return this.#shared.get(fork)?.has(id) ?? false
  }

  /** Whether a root is a fork. @param {string} root */
  forked(root) {
    return this.#shared.has(root)
  }

  /** Whether a session lies under another root than its call, whose history does not name it. @param {Known} call @param {string} sessionID */
  strays({ root }, sessionID) {
    return this.root(sessionID) !== root && !this.shares(root, sessionID)
  }

  /** Whether OpenCode's own tool runs a call. @param {Known} call */
  runsItself({ byUser }) {
    return byUser || this.weather.executor === "host"
  }

  /** The record of a child, if it has one. @param {string} id */
  record(id) {
    return this.store.sessions.get(id)?.metadata?.delegate
  }
}
