// Executor "host": OpenCode's own task tool runs the child. Each call is followed from the hook before it to its end.

import { DelegateError, normalizeSlug } from "../../api.js"
import { compact } from "./summarise.js"
import { denial, title, unjudged, unjudgedSubagent, verdict } from "../../core/texts/results.js"
import { LOOK_MS, Turns, abortable } from "./session_locks.js"

/**
 * @typedef {import("../../api.js").Decision} Decision
 * @typedef {import("../../api.js").Request} Request
 * @typedef {import("../sdk/client.js").Host} Host
 * @typedef {import("../../core/engine_sync.js").Ledger} Ledger
 * @typedef {import("./error_patches.js").Part} Part
 * @typedef {Exclude<Decision, { action: "deny" }>} Granted
 * @typedef {{ run: () => Promise<void>, hears: boolean }} Between `hears`: whether names that are new here may be that
 *   plugin's own
 * @typedef {{
 *   request: Request, asked: unknown, place: number, decision?: Granted, trouble?: string,
 *   childID?: string, committed: boolean, told?: Promise<void>, endTurn?: () => void, abort: AbortController,
 *   child: Promise<string | undefined>, found: (childID: string | undefined) => void
 * }} Call
 */

/** @type {Between} */
const NOBODY = { run: async () => {}, hears: false }

/** Arguments that an instance of this plugin has dealt with: with two in one process, the first deals with them. */
const DEALT_WITH = Symbol.for("opencode-delegate.dealt-with")
const dealtWith = /** @type {{ [DEALT_WITH]?: WeakSet<object> }} */ (globalThis)[DEALT_WITH] ??= new WeakSet()

/**
 * The calls of the task tool that are in progress.
 */
export class Calls {
  /** @type {Host} */
  #host
  /** @type {Ledger} */
  #ledger
  /** @type {(message: string) => void} */
  #say
  /** By session and OpenCode's id of the call: some models count theirs anew in each session. @type {Map<string, Call>} */
  #calls = new Map()
  #turns = new Turns()
  /** @type {import("./error_patches.js").Mender} */
  #mender

  /**
   * @param {Host} host
   * @param {Ledger} ledger
   * @param {import("./error_patches.js").Mender} mender
   * @param {(message: string) => void} say tells a person something
   */
  constructor(host, ledger, mender, say) {
    this.#host = host
    this.#mender = mender
    this.#ledger = ledger
    this.#say = say
  }

  /**
   * Decides a call before OpenCode runs it, and writes the session that it is to resume into its arguments.
   * @param {Request} request
   * @param {Record<string, unknown>} args
   * @param {boolean} byUser whether the user made the call, whom a denial would leave with a broken session
   * @param {Between} [between] what another plugin has to say of the call, once it is decided and before it waits
   * @throws {Error} the denial, for the model to read, or what `between` throws
   */
  async before(request, args, byUser, { run: between, hears } = NOBODY) {
    if (dealtWith.has(args)) return
    dealtWith.add(args)
    const call = this.#begin(request, args)
    try {
      let decision = await this.#decide(call, byUser)
      if (!decision) return await between()
      write(args, decision, call.childID)
      const open = hears && isNew(call, decision)
      if (open && call.request.task_id) args.task_id = call.asked
      const handed = args.task_id
      await between().catch((error) => {
        // Who lets go of the session refuses a new one, and none is to be started.
        if (decision?.action === "spawn" || args.task_id === handed) throw error
        this.#say(`Session ${handed} was resumed though another plugin refused to start a new one: ${error?.message}`)
      })
      if (open) decision = await this.#meant(call, args, decision, byUser)
      if (decision) await this.#direct(call, args, decision)
    } catch (error) {
      this.#refund(call)
      throw error
    }
  }

  /**
   * Tells the model and the user what was done, in a result.
   * @param {string} sessionID
   * @param {string} callID
   * @param {{ title: string, output: string, metadata: any } | undefined} result none where the tool failed
   */
  async after(sessionID, callID, result) {
    const call = this.#calls.get(key(sessionID, callID))
    if (!call || !result) return
    const { decision, request, trouble } = call
    const childID = result.metadata?.sessionId
    if (childID) this.#commit(call, childID)
    await call.told
    // An engine that was made anew may not have read this root yet.
    if (childID && !this.#ledger.session(childID)) await this.#ledger.meet(request.sessionID).catch(() => {})
    // A name that is told must be found again, also where this process dies now.
    if (childID) await this.#ledger.stored(childID)
    const task_id = this.#ledger.session(childID ?? "")?.slug ?? childID
    if (decision && task_id) {
      result.output += `\n${verdict(decision, task_id, trouble)}`
      result.title = title(result.title || request.description, decision.action, task_id)
      result.metadata = { ...result.metadata, delegate: { task_id, action: decision.action, rule: decision.rule, asked: call.asked, place: call.place } }
    } else if (trouble) {
      result.output += `\n${trouble}`
    }
    if (childID && !result.metadata?.background) this.#ended(childID)
    this.#finish(call)
  }

  /**
   * Follows the parts of calls: the child appears in the running part, a failure only in the failed one.
   * @param {Part} part
   */
  part(part) {
    const call = this.#callOf(part)
    if (!call) return
    const childID = part.state.metadata?.sessionId
    if (childID) this.#commit(call, childID)
    if (part.state.status !== "error") return
    if (!childID) this.#refund(call)
    else if (!part.state.metadata?.background) this.#ended(childID)
    this.#mend(part, call)
    this.#finish(call)
  }

  /**
   * Makes the messages of a request to the model tell what the model itself asked for, and what can be done about a
   * failure. Each part reads the same in every request.
   * @param {{ parts: any[] }[]} messages
   */
  async transform(messages) {
    /** @type {{ told?: Promise<void>, childID?: string }[]} */
    const failed = []
    for (const { parts } of messages) {
      for (const part of parts) {
        if (part.type !== "tool" || part.tool !== "task") continue
        const call = part.state.status === "error" ? this.#callOf(part) : undefined
        if (call) this.part(part)
        if (part.state.status === "error") failed.push({ told: call?.told, childID: part.state.metadata?.sessionId })
        this.#mender.transform(part)
        const asked = part.state.metadata?.delegate
        if (asked && "asked" in asked) part.state.input = withTaskID(part.state.input, asked)
      }
    }
    // As in a result, a name that is told must be found again, also where this process dies now.
    for (const { told, childID } of failed) {
      await told
      if (childID) await this.#ledger.stored(childID)
    }
  }

  /** Gives up the calls of a session whose turn has ended. @param {string} sessionID */
  idle(sessionID) {
    for (const call of this.#calls.values()) {
      if (call.request.sessionID !== sessionID) continue
      call.abort.abort(new Error("The calling session has ended its turn."))
      if (!call.committed) this.#refund(call)
      this.#finish(call)
    }
  }

  /** @param {Request} request @param {Record<string, unknown>} args */
  #begin(request, args) {
    /** @type {Call["found"]} */
    let found = () => {}
    /** @type {Call["child"]} */
    const child = new Promise((resolve) => (found = resolve))
    /** @type {Call} */
    const call = { request, asked: args.task_id ?? null, place: Object.keys(args).indexOf("task_id"), committed: false, abort: new AbortController(), child, found }
    this.#calls.set(key(request.sessionID, request.callID), call)
    return call
  }

  /**
   * Decides a call, until there is something to do: what was to be joined may come to nothing before it is there.
   * @param {Call} call
   * @param {boolean} byUser
   * @returns {Promise<Granted | undefined>} none where the call goes through as it is
   */
  async #decide(call, byUser) {
    let decision = await this.#judge(call, byUser)
    while (decision?.action === "join" && !(await this.#reach(call, decision))) decision = await this.#judge(call, byUser)
    if (decision?.action !== "deny") return (call.decision = decision)
    if (!byUser) throw new Error(denial(decision))
    call.trouble = unjudged(decision.message)
  }

  /**
   * Decides a call again where its name was another plugin's own for a session.
   * @param {Call} call
   * @param {Record<string, unknown>} args
   * @param {Granted} decision
   * @param {boolean} byUser
   */
  async #meant(call, { task_id }, decision, byUser) {
    const { task_id: alias } = call.request
    if (typeof task_id !== "string" || task_id === alias || task_id === decision.sessionID) return decision
    // It may be of a conversation that nobody has asked about yet, or of none.
    const there = await this.#ledger.meet(task_id).then(() => true, () => false)
    if (!there) return decision
    this.#ledger.refund(decision)
    call.decision = undefined
    call.request = { ...call.request, now: Date.now(), task_id }
    const meant = await this.#decide(call, byUser)
    if (meant?.sessionID === task_id && alias) this.#ledger.apply({ type: "session.alias", now: Date.now(), sessionID: task_id, alias })
    return meant
  }

  /**
   * Asks the engine. Where it cannot tell, a subagent's call is denied; a primary's, and a user's own, go through untouched.
   * @param {Call} call
   * @param {boolean} byUser
   */
  async #judge(call, byUser) {
    try {
      return await this.#ledger.decide(call.request)
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      // What is wrong with the call itself, the model can mend. OpenCode would run a user's own again for ever, if it threw.
      const mends = this.#ledger.closed || (error instanceof DelegateError && error.code === "invalid_request")
      if (mends && !byUser) throw new Error(message)
      if (!byUser && !(await this.#ledger.isRoot(call.request.sessionID))) throw new Error(unjudgedSubagent(message))
      call.trouble = unjudged(message)
      this.#say(call.trouble)
      return undefined
    }
  }

  /**
   * Finds the session that a call is to join, which another call may be about to create.
   * @param {Call} call
   * @param {Extract<Decision, { action: "join" }>} decision
   * @returns {Promise<boolean>} whether there is one
   */
  async #reach(call, decision) {
    const maker = [...this.#calls.values()].find(
      ({ decision: other, committed }) => other?.action === "spawn" && other.sessionID === decision.sessionID && !committed,
    )
    call.childID = maker ? await abortable(maker.child, call.abort.signal) : this.#ledger.session(decision.sessionID)?.id
    if (maker || call.childID) return call.childID !== undefined
    // Its call has come to something else since, and tells so in a moment.
    await abortable(new Promise((resolve) => setTimeout(resolve, LOOK_MS)), call.abort.signal)
    return false
  }

  /**
   * Writes a decision into the arguments, once the session is free.
   * @param {Call} call
   * @param {Record<string, unknown>} args
   * @param {Granted} decision
   */
  async #direct(call, args, decision) {
    if (decision.action === "spawn") return write(args, decision, undefined)
    const sessionID = call.childID ?? decision.sessionID
    await this.#born(call, sessionID)
    const { came, end } = this.#turns.take(sessionID)
    call.endTurn = end
    await abortable(came, call.abort.signal)
    if (decision.action === "join") await this.#free(sessionID, call.abort.signal)
    if (decision.action === "compact") call.trouble = await compact(this.#host, sessionID)
    write(args, decision, sessionID)
  }

  /**
   * Waits for the calls that may be creating a session, which was met before any of them has told so: its first turn is
   * theirs.
   * @param {Call} call
   * @param {string} sessionID
   */
  async #born(call, sessionID) {
    const spawns = [...this.#calls.values()].filter(({ decision, committed }) => decision?.action === "spawn" && !committed)
    const makers = spawns.filter(({ request }) => request.sessionID === call.request.sessionID)
    if (!makers.length) return
    const born = await this.#host.session(sessionID).then(({ time }) => time.created, () => Infinity)
    await Promise.all(makers.filter(({ request }) => request.now <= born).map(({ child }) => abortable(child, call.abort.signal)))
  }

  /**
   * Waits until a session has no turn running, whoever prompted it.
   * @param {string} sessionID
   * @param {AbortSignal} signal
   */
  async #free(sessionID, signal) {
    while ((await this.#host.status())[sessionID]) {
      await abortable(new Promise((resolve) => setTimeout(resolve, LOOK_MS)), signal)
    }
  }

  /** @param {Call} call @param {string} childID */
  #commit(call, childID) {
    call.childID = childID
    if (call.committed) return
    call.committed = true
    // Who is to join a new child waits for this call's end, not only for the child's.
    call.endTurn ??= this.#turns.take(childID).end
    call.found(childID)
    if (call.decision) call.told = this.#ledger.commit(call.decision, call.request, childID).catch(() => {})
  }

  /** @param {Call} call */
  #refund(call) {
    if (call.decision && !call.committed) this.#ledger.refund(call.decision)
    call.committed = true
    this.#finish(call)
  }

  /** Notes that the child of a finished call is idle, which OpenCode says at about the same time. @param {string} childID */
  #ended(childID) {
    this.#ledger.apply({ type: "session.status", now: Date.now(), sessionID: childID, status: "idle" })
  }

  /** @param {Call} call */
  #finish(call) {
    call.endTurn?.()
    call.found(call.childID)
    this.#calls.delete(key(call.request.sessionID, call.request.callID))
  }

  /** The call of a part: OpenCode knows a user's by the part's own id. @param {Part} part */
  #callOf({ sessionID, callID, id }) {
    return this.#calls.get(key(sessionID, callID ?? "")) ?? this.#calls.get(key(sessionID, id))
  }

  /** Names the session in the error of a call. @param {Part} part @param {Call} call */
  #mend(part, call) {
    const task_id = this.#ledger.session(part.state.metadata?.sessionId ?? "")?.slug
    if (task_id) this.#mender.mend(part, task_id, { asked: call.asked, place: call.place })
  }
}

/** @param {string} sessionID @param {string} callID */
const key = (sessionID, callID) => `${sessionID} ${callID}`

/**
 * Writes a decision into the arguments of a call.
 * @param {Record<string, unknown>} args
 * @param {Granted} decision
 * @param {string | undefined} childID
 */
function write(args, decision, childID) {
  if (decision.action === "spawn") delete args.task_id
  else args.task_id = childID ?? decision.sessionID
}

/**
 * Whether a call names no session by a handle or id: its name may be another plugin's, and stand for another by now.
 * @param {Call} call
 * @param {Granted} decision
 */
function isNew({ request: { task_id } }, { action, slug }) {
  if (action === "spawn") return true
  return task_id !== undefined && !task_id.startsWith("ses_") && task_id !== "last" && normalizeSlug(task_id) !== slug
}

/**
 * The input of a call as the model gave it, down to the order of its fields.
 * @param {Record<string, unknown>} input
 * @param {{ asked: unknown, place?: number }} given the `task_id`, and where it stood
 */
function withTaskID({ task_id: _, ...rest }, { asked, place = -1 }) {
  if (asked === null) return rest
  const fields = Object.entries(rest)
  fields.splice(place < 0 ? fields.length : place, 0, ["task_id", asked])
  return Object.fromEntries(fields)
}
