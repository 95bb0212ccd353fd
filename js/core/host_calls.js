// The calls of a host's own delegation tool that are in progress: decided, held back until their session is free, and committed or
// refunded.

import { DelegateError, classifyTaskID } from "../api.js"
import { ifFound } from "./host.js"
import { HostQueue } from "./host_queue.js"
import { mayBeOtherName } from "./other_names.js"
import { callerEnded, denial, failed, ignoredName, undecided, undecidedSubagent } from "./texts/index.js"
import { POLL_MS, abortable } from "./waiting.js"

/**
 * @typedef {import("../api.js").Decision} Decision
 * @typedef {import("../api.js").Effect} Effect
 * @typedef {import("../api.js").Request} Request
 * @typedef {import("./engine_sync.js").EngineSync} EngineSync
 * @typedef {Exclude<Decision, { action: "deny" }>} Granted
 *
 * A call in progress. `settled`: whether its ticket is committed or refunded; `trouble`: the line below its result about something
 * that did not go as decided.
 * @typedef {{
 *   request: Request, decision?: Granted, trouble?: string, childID?: string, settled: boolean, committing?: Promise<void>,
 *   abort: AbortController, queued?: import("./host_queue.js").QueuedCall,
 *   child: Promise<string | undefined>, resolveChild: (childID: string | undefined) => void
 * }} HostCall
 *
 * Other plugins that see a call. `givesNames`: whether an unknown `task_id` may be their own name for a session; `asked`: the model's
 * own `task_id`; `show` shows them the call with a `task_id`, and gives the one that they leave in it.
 * @typedef {{
 *   givesNames: boolean, asked: unknown, show: (task_id: unknown) => Promise<{ task_id: unknown, refusal?: { error: unknown } }>
 * }} Others
 */

/**
 * The calls, from the request to the end.
 * @template {HostCall} Call
 */
export class HostCalls {
  #host
  #sync
  #report
  #summarise
  #recovered
  #queue
  /** The oldest first. @type {Set<Call>} */
  #calls = new Set()
  /** The sessions that calls wait for, the oldest call first. @type {Map<Call, string>} */
  #waiting = new Map()

  /**
   * @param {Pick<import("./host.js").Host, "session" | "status">} host
   * @param {EngineSync} sync
   * @param {(message: string) => void} report reports a message to a person
   * @param {(sessionID: string) => Promise<string | undefined>} summarise summarises a session, and gives the line about a failure
   * @param {(request: Request) => Promise<void>} [recovered] resolves when the prompts of ended processes are looked up, with what is
   *   to be known before the request is decided
   */
  constructor(host, sync, report, summarise, recovered) {
    this.#host = host
    this.#sync = sync
    this.#report = report
    this.#summarise = summarise
    this.#recovered = recovered
    this.#queue = new HostQueue(host, sync)
  }

  /** The calls of a session, the oldest first. @param {string} sessionID */
  of(sessionID) {
    return [...this.#calls].filter(({ request }) => request.sessionID === sessionID)
  }

  /**
   * Follows a call from now on.
   * @template {object} More
   * @param {Request} request
   * @param {More} more
   * @returns {HostCall & More}
   */
  begin(request, more) {
    /** @type {HostCall["resolveChild"]} */
    let resolveChild = () => {}
    /** @type {HostCall["child"]} */
    const child = new Promise((resolve) => (resolveChild = resolve))
    const call = { request, settled: false, abort: new AbortController(), child, resolveChild, ...more }
    this.#calls.add(/** @type {any} */ (call))
    return call
  }

  /** Wakes the call that an effect holds back or lets proceed. @param {Effect} effect */
  perform(effect) {
    this.#queue.perform(effect)
  }

  /**
   * Decides a call, again and again while the session to join does not come into being.
   * @param {Call} call
   * @returns {Promise<Granted | undefined>} none if the call goes through unchanged
   * @throws {Error} the denial, for the model to read
   */
  async decide(call) {
    let decision = await this.#askEngine(call)
    while (decision?.action === "join" && !(await this.#findChild(call, decision))) decision = await this.#askEngine(call)
    if (call.abort.signal.aborted) {
      // The caller's turn ended during the decision, so no event ends this call.
      if (decision) this.#sync.refund(decision)
      throw call.abort.signal.reason
    }
    if (decision?.action !== "deny") return (call.decision = decision)
    // A denial would break the user's session.
    if (call.request.by !== "user") throw new Error(denial(decision, this.#sync.lists))
    call.trouble = undecided(decision.message)
  }

  /**
   * Shows a decided call to other plugins, and takes in what they make of it.
   * @param {Call} call
   * @param {Granted} decision
   * @param {Others} others
   * @returns {Promise<Granted | undefined>} the decision that holds: none if the call goes through unchanged
   * @throws {Error} their refusal, or the denial of the session that they name
   */
  async throughOthers(call, decision, { givesNames, asked, show }) {
    const open = givesNames && mayBeOtherName(call.request, decision)
    const chosen = decision.action === "spawn" ? undefined : call.childID ?? decision.sessionID
    const handed = open && call.request.task_id ? asked : chosen
    const { task_id, refusal } = await show(handed)
    if (refusal) {
      // A plugin that dropped the session refuses a new session, and this call starts none.
      if (decision.action === "spawn" || task_id === handed) throw refusal.error
      this.#report(`Session ${handed} was resumed though another plugin refused to start a new one: ${/** @type {any} */ (refusal.error)?.message}`)
    }
    return open ? this.#decideOtherName(call, task_id, decision) : decision
  }

  /**
   * Waits until the session that a call is to prompt is free. A host starts a new session for the id of one that was deleted
   * meanwhile, or fails, so such a call is decided again.
   * @param {Call} call
   * @param {Granted} decision
   * @returns {Promise<{ decision: Granted | undefined, sessionID?: string }>} the decision that holds, and the session to resume
   */
  async whenFree(call, decision) {
    return this.#whenFree(call, decision).finally(() => this.#waiting.delete(call))
  }

  /** @param {Call} call @param {Granted} decision @returns {Promise<{ decision: Granted | undefined, sessionID?: string }>} */
  async #whenFree(call, decision) {
    /** @type {Granted | undefined} */
    let granted = decision
    while (granted && granted.action !== "spawn") {
      const sessionID = call.childID ?? granted.sessionID
      this.#waiting.set(call, sessionID)
      await this.#waitForSpawns(call, sessionID)
      call.queued = this.#queue.add(call.request, sessionID, granted.action === "join")
      const held = await this.#queue.wait(call.queued, call.abort.signal)
      if (granted.action === "compact") call.trouble = await this.#summarise(sessionID)
      // The look delays the call. Another process may have deleted a session of which the host showed nothing for a while.
      const exists = (!held && this.#sync.wasJustSeen(sessionID)) || (await ifFound(this.#host.session(sessionID)).then(Boolean, () => true))
      call.abort.signal.throwIfAborted()
      if (exists) return { decision: granted, sessionID }
      granted = await this.#decideAgain(call, sessionID)
    }
    return { decision: granted }
  }

  /** Takes in the session of a call: the host runs the call in it. @param {Call} call @param {string} childID */
  commit(call, childID) {
    call.childID = childID
    if (call.settled) return
    call.settled = true
    if (call.decision) call.committing = this.#sync.commit(call.decision, call.request, childID).catch(() => {})
    // A call that joins a new child waits for this call's end, not only for the child.
    call.queued ??= this.#queue.addRunning(call.request, childID)
    call.resolveChild(childID)
  }

  /** Ends a call, and gives it back if no session is known for it. @param {Call} call */
  refund(call) {
    if (call.decision && !call.settled) this.#sync.refund(call.decision)
    call.settled = true
    this.finish(call)
  }

  /** Ends a call. @param {Call} call */
  finish(call) {
    call.abort.abort(new Error("The call is over."))
    if (call.queued) this.#queue.remove(call.queued)
    call.resolveChild(call.childID)
    this.#calls.delete(call)
  }

  /** Ends a call whose caller's turn is over. @param {Call} call */
  callerEnded(call) {
    call.abort.abort(new Error(callerEnded()))
    this.refund(call)
  }

  /**
   * Cancels the calls that wait for a session that is stopped, or for one below it. A user's own call goes on: OpenCode would repeat it
   * for ever if its hook threw.
   * @param {string} sessionID
   * @returns {number} how many there were
   */
  cancelWaiting(sessionID) {
    const waiting = [...this.#waiting].filter(([{ request }, id]) => request.by !== "user" && this.#isBelow(id, sessionID))
    // The last comes first: no call proceeds at the end of the one before it.
    for (const [call, id] of waiting.reverse()) {
      const task_id = this.#sync.nameFor(id, call.request.sessionID)
      call.abort.abort(new Error(failed({ sessionID: id, task_id, state: "cancelled", notices: [] })))
      this.refund(call)
    }
    return waiting.length
  }

  /** Whether a session is another one, or below it. @param {string | undefined} id @param {string} topID */
  #isBelow(id, topID) {
    while (id && id !== topID) id = this.#sync.session(id)?.parentID
    return id === topID
  }

  /**
   * The id that a call names which was not decided: hosts take ids alone. Any other name is ignored, and the result says so.
   * @param {Call} call
   * @param {string} task_id
   */
  idAlone(call, task_id) {
    if (classifyTaskID(task_id) === "id") return task_id
    if (task_id.trim()) call.trouble = [call.trouble, ignoredName(task_id)].join("\n")
  }

  /** Marks the child of a finished call as idle, at about the time of the host's own event. @param {string} childID */
  markIdle(childID) {
    this.#sync.apply({ type: "session.status", now: Date.now(), sessionID: childID, status: "idle" })
  }

  /**
   * Resolves when a call's child is committed and its record is stored: the model reads the name after that, and the name must
   * outlive this process.
   * @param {Call} call
   * @param {string | undefined} childID
   * @returns {Promise<string | undefined>} the child's name, or its id if it has none
   */
  async named(call, childID) {
    await call.committing
    // A new engine may not have read this root yet.
    if (childID && !this.#sync.session(childID)) await this.#sync.load(call.request.sessionID).catch(() => {})
    if (childID) await this.#sync.whenStored(childID)
    return childID && this.#sync.nameFor(childID, call.request.sessionID)
  }

  /**
   * Asks the engine. If it cannot decide, a subagent's call is denied; a primary's call and a user's own go through unchanged.
   * @param {Call} call
   */
  async #askEngine(call) {
    const byUser = call.request.by === "user"
    try {
      return await this.#sync.decide(call.request, this.#recovered)
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      // The model can correct a faulty call. OpenCode would repeat a user's own call for ever if this threw.
      const correctable = this.#sync.closed || (error instanceof DelegateError && error.code === "invalid_request")
      if (correctable && !byUser) throw new Error(message)
      if (!byUser && !(await this.#sync.isRoot(call.request.sessionID))) throw new Error(undecidedSubagent(message))
      call.trouble = undecided(message)
      this.#report(call.trouble)
      return undefined
    }
  }

  /**
   * Finds the session that a call is to join. Another call may be about to create it.
   * @param {Call} call
   * @param {Extract<Decision, { action: "join" }>} decision
   * @returns {Promise<boolean>} whether it exists
   */
  async #findChild(call, decision) {
    const maker = [...this.#calls].find(
      ({ decision: other, settled }) => other?.action === "spawn" && other.sessionID === decision.sessionID && !settled,
    )
    call.childID = maker ? await abortable(maker.child, call.abort.signal) : this.#sync.session(decision.sessionID)?.id
    if (maker || call.childID) return call.childID !== undefined
    // The call that was to create it has failed, and the engine hears of that in a moment.
    await abortable(new Promise((resolve) => setTimeout(resolve, POLL_MS)), call.abort.signal)
    return false
  }

  /**
   * Decides a call again if its `task_id` was another plugin's name for a session.
   * @param {Call} call
   * @param {unknown} task_id what that plugin made of it
   * @param {Granted} decision
   */
  async #decideOtherName(call, task_id, decision) {
    const { task_id: alias } = call.request
    if (typeof task_id !== "string" || task_id === alias || task_id === decision.sessionID) return decision
    // The session may belong to a conversation that is not loaded yet, or not exist.
    const exists = await this.#sync.load(task_id).then(() => true, () => false)
    if (!exists) return decision
    this.#sync.refund(decision)
    call.decision = undefined
    call.request = { ...call.request, now: Date.now(), task_id }
    const again = await this.decide(call)
    if (again?.sessionID === task_id && alias) this.#sync.apply({ type: "session.alias", now: Date.now(), sessionID: task_id, alias })
    return again
  }

  /** Decides a call again whose session was deleted. @param {Call} call @param {string} sessionID */
  async #decideAgain(call, sessionID) {
    if (call.queued) this.#queue.remove(call.queued)
    if (call.decision) this.#sync.refund(call.decision)
    const now = Date.now()
    this.#sync.apply({ type: "session.deleted", now, sessionID })
    Object.assign(call, { decision: undefined, queued: undefined, childID: undefined, trouble: undefined, request: { ...call.request, now } })
    return this.decide(call)
  }

  /**
   * Waits for the calls that may be creating a session that was loaded before any of them reported it: the first prompt of a new
   * session is theirs.
   * @param {Call} call
   * @param {string} sessionID
   */
  async #waitForSpawns(call, sessionID) {
    const spawns = [...this.#calls].filter(({ decision, settled }) => decision?.action === "spawn" && !settled)
    const makers = spawns.filter(({ request }) => request.sessionID === call.request.sessionID)
    if (!makers.length) return
    const created = await this.#host.session(sessionID).then(({ time }) => time.created, () => Infinity)
    await Promise.all(makers.filter(({ request }) => request.now <= created).map(({ child }) => abortable(child, call.abort.signal)))
  }
}
