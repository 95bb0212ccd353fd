// The calls that an engine decided: only that engine knows their tickets.

/**
 * @typedef {import("../api.js").Decision} Decision
 * @typedef {import("../api.js").Engine} Engine
 * @typedef {import("../api.js").Request} Request
 */

/**
 * Reports to the engine how decided calls go on.
 */
export class DecidedCalls {
  #sync
  #engine
  /** The engine that made a decision. @type {WeakMap<Decision, Engine>} */
  #deciders = new WeakMap()

  /**
   * @param {Pick<import("./engine_sync.js").EngineSync, "apply" | "load" | "spelled">} sync
   * @param {() => Engine | undefined} engine the engine that runs now
   */
  constructor(sync, engine) {
    this.#sync = sync
    this.#engine = engine
  }

  /** Notes which engine made a decision. @param {Decision} decision @param {Engine} engine */
  note(decision, engine) {
    this.#deciders.set(decision, engine)
  }

  /**
   * @param {Decision} decision
   * @param {Request} request
   * @param {string} sessionID
   */
  async commit(decision, request, sessionID) {
    if (!("ticket" in decision)) return
    const now = Date.now()
    if (this.#isCurrent(decision)) {
      this.#sync.apply({ type: "ticket.commit", now, ticket: decision.ticket, sessionID })
      if (this.#isCurrent(decision)) return
    }
    // The engine that reserved the name and the call is lost; the new engine gets both.
    const { sessionID: callerID, description, background } = request
    await this.#sync.load(callerID)
    const name = decision.action === "spawn" ? decision.slug : undefined
    this.#sync.apply({ type: "call.recovered", now, sessionID, callerID, agent: this.#sync.spelled(request.agent), description, name, background })
  }

  /** @param {Decision} decision */
  refund(decision) {
    if (!("ticket" in decision) || !this.#isCurrent(decision)) return
    this.#sync.apply({ type: "ticket.refund", now: Date.now(), ticket: decision.ticket })
  }

  /** Whether the engine that made a decision still runs. @param {Decision} decision */
  #isCurrent(decision) {
    const engine = this.#engine()
    return engine !== undefined && this.#deciders.get(decision) === engine
  }
}
