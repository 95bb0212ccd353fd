// The calls that an engine decided: only that engine knows their tickets.

/**
 * @typedef {import("../api.js").Decision} Decision
 * @typedef {import("../api.js").Effect} Effect
 * @typedef {import("../api.js").KeptPrompt} KeptPrompt
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
  /** The engine that took over a decision of a lost one. @type {WeakMap<Decision, Engine>} */
  #takers = new WeakMap()

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

  /** The ticket of a decision, unless its engine is lost: the next engine gives the number to another call. @param {Decision} decision */
  ticket(decision) {
    return "ticket" in decision && this.#isCurrent(decision) ? decision.ticket : undefined
  }

  /**
   * Has the engine keep the prompt of a call in a session that exists. If the engine that decided is lost, the next one first
   * reads the session. It looks up which prompts have arrived, so that it sends none of them again.
   * @param {Decision} decision
   * @param {Request} request
   * @param {KeptPrompt & { sessionID: string }} kept
   * @param {() => Promise<void>} recovered resolves when it is known which prompts of lost engines have arrived
   * @returns {Promise<Effect[]>}
   */
  async keep(decision, request, kept, recovered) {
    /** @param {number} [ticket] */
    const keep = (ticket) => this.#sync.apply({ type: "prompt.kept", ...kept, ticket })
    const effects = this.#isCurrent(decision) ? keep(this.ticket(decision)) : []
    if (this.#isCurrent(decision)) return effects
    await this.#sync.load(request.sessionID)
    await this.commit(decision, request, kept.sessionID)
    await recovered()
    return keep()
  }

  /**
   * Commits a decision to the engine that made it.
   * @param {Decision} decision
   * @param {string} sessionID
   * @param {number} [now]
   * @returns {Effect[]} none if that engine is lost
   */
  commitTicket(decision, sessionID, now = Date.now()) {
    const ticket = this.ticket(decision)
    return ticket === undefined ? [] : this.#sync.apply({ type: "ticket.commit", now, ticket, sessionID })
  }

  /**
   * @param {Decision} decision
   * @param {Request} request
   * @param {string} sessionID
   */
  async commit(decision, request, sessionID) {
    if (!("ticket" in decision)) return
    const now = Date.now()
    this.commitTicket(decision, sessionID, now)
    if (this.#isCurrent(decision)) return
    // The engine that reserved the name and the call is lost; the new engine gets both.
    const { sessionID: callerID, description, background } = request
    const engine = await this.#sync.load(callerID)
    if (this.#takers.get(decision) === engine) return
    this.#takers.set(decision, engine)
    const name = decision.action === "spawn" ? decision.slug : undefined
    this.#sync.apply({ type: "call.recovered", now, sessionID, callerID, agent: this.#sync.spelled(request.agent), description, name, background })
  }

  /** @param {Decision} decision */
  refund(decision) {
    const ticket = this.ticket(decision)
    if (ticket !== undefined) this.#sync.apply({ type: "ticket.refund", now: Date.now(), ticket })
  }

  /** Whether the engine that made a decision still runs. @param {Decision} decision */
  #isCurrent(decision) {
    const engine = this.#engine()
    return engine !== undefined && this.#deciders.get(decision) === engine
  }
}
