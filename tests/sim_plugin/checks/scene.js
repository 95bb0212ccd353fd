// What all checks look at: the calls of a world, what befell it, and what nobody could know because of that.

/**
 * @typedef {import("../../../js/playground/opencode/host.js").Host} Host
 * @typedef {import("../../../js/playground/opencode/store.js").Store} Store
 * @typedef {import("../plan.js").Weather} Weather
 * @typedef {{
 *   mark: string, caller: string, root: string, speaker: string, denied: string[][], agent: string, task_id?: string, expected?: string,
 *   background: boolean, byUser: boolean, host: Host, at: number, state: "open" | "completed" | "error", result: string,
 *   endedAt?: number, child?: string, messageID?: string, told: number, turn: number, reloads: number, ended?: string, spent?: boolean
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
  /** Sessions of which a call was refused or slow: a write of theirs may never have been made. @type {Set<string>} */
  unwritten = new Set()
  kills = 0
  reloads = 0

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

  /** Whether OpenCode's calls fail or hang in this world. */
  get troubled() {
    const { refused, lost, slow } = this.weather.calls
    return refused + lost + slow > 0
  }

  /** Whether a call may never be carried out, however long it is waited for. */
  get refusing() {
    const { refused, lost } = this.weather.calls
    return refused + lost > 0
  }

  /** Whether events may come out of order, or not at all. */
  get deaf() {
    const { lost, late, lag } = this.weather.events
    return lost + late + lag > 0
  }

  /** Whether one process alone runs the sessions. */
  get alone() {
    return this.weather.processes === 1
  }

  /** Whether anything befell this world after which a call may fail. */
  get shaken() {
    return this.troubled || !this.alone || this.deleted.size > 0 || this.kills + this.reloads > 0
  }

  /**
   * Whether a call may have gone through unjudged: where OpenCode does not answer, a primary's call is run as it is, and by
   * OpenCode's own tool with whatever session it gives.
   * @param {string} caller
   */
  unjudged(caller) {
    return this.troubled && !this.store.sessions.get(caller)?.parentID
  }

  /**
   * Whether a session lies under another root than the call that it serves. What is created under a session that was just
   * deleted lies under nothing.
   * @param {Known} call
   * @param {string} sessionID
   */
  strays({ root }, sessionID) {
    const { store } = this
    const other = store.root(sessionID)
    return other !== root && store.sessions.has(other) && store.sessions.has(root)
  }

  /** Whether OpenCode's own tool runs a call. @param {Known} call */
  runsItself({ byUser }) {
    return byUser || this.weather.executor === "host"
  }

  /** What is kept of a child in its metadata, if it is there. @param {string} id */
  record(id) {
    return this.store.sessions.get(id)?.metadata?.delegate
  }
}
