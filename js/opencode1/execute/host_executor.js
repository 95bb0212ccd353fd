// Executor "host": OpenCode's own task tool runs the child. Each call is followed from the hook before it to its end.

import { DelegateError, classifyTaskID } from "../../api.js"
import { ifFound } from "../../core/index.js"
import { callerEnded, denial, ignoredName, title, undecided, undecidedSubagent, verdict } from "../../core/texts/index.js"
import { claim, mayBeOtherName, withGivenTaskID, writeDecision } from "./call_arguments.js"
import { HostQueue } from "./host_queue.js"
import { summarise } from "./summarise.js"
import { isTurnOver } from "./turn_end.js"
import { POLL_MS, abortable } from "./waiting.js"

/**
 * @typedef {import("../../api.js").Decision} Decision
 * @typedef {import("../../api.js").Effect} Effect
 * @typedef {import("../../api.js").Request} Request
 * @typedef {import("../sdk/index.js").Host} Host
 * @typedef {import("../sdk/index.js").Part} Part
 * @typedef {import("../../core/index.js").EngineSync} EngineSync
 * @typedef {import("./call_arguments.js").Granted} Granted
 *
 * The other plugins that see a call. `givesNames`: whether an unknown `task_id` may be their own name for a session.
 * @typedef {{ run: () => Promise<void>, givesNames: boolean }} OtherPlugins
 *
 * A call in progress. `callID`: OpenCode's id of it; `args`: its arguments, which OpenCode hands to both hooks; `asked` and
 * `place`: the model's `task_id` and its position among the fields; `settled`: whether its ticket is committed or refunded.
 * @typedef {{
 *   request: Request, callID: string, args: Record<string, unknown>, asked: unknown, place: number, decision?: Granted, trouble?: string, waited?: string,
 *   childID?: string, settled: boolean, committing?: Promise<void>, abort: AbortController,
 *   queued?: import("./host_queue.js").QueuedCall,
 *   child: Promise<string | undefined>, resolveChild: (childID: string | undefined) => void
 * }} Call
 */

/** @type {OtherPlugins} */
const NO_OTHERS = { run: async () => {}, givesNames: false }

/**
 * The calls of OpenCode's task tool that are in progress.
 */
export class HostExecutor {
  /** @type {Host} */
  #host
  /** @type {EngineSync} */
  #sync
  /** @type {(message: string) => void} */
  #report
  /** The oldest first. @type {Set<Call>} */
  #calls = new Set()
  #queue
  /** @type {import("./error_patches.js").ErrorPatches} */
  #errorPatches

  /**
   * @param {Host} host
   * @param {EngineSync} sync
   * @param {import("./error_patches.js").ErrorPatches} errorPatches
   * @param {(message: string) => void} report reports a message to a person
   */
  constructor(host, sync, errorPatches, report) {
    this.#host = host
    this.#errorPatches = errorPatches
    this.#sync = sync
    this.#report = report
    this.#queue = new HostQueue(host, sync)
  }

  /**
   * Decides a call before OpenCode runs it, and writes the session to resume into its arguments.
   * @param {Request} request
   * @param {string} callID OpenCode's id of the call
   * @param {Record<string, unknown>} args
   * @param {OtherPlugins} [others] run after the decision and before the call waits for its session
   * @param {string} [waited] the line under the result of a background call that waits
   * @throws {Error} the denial, for the model to read, or the refusal of another plugin
   */
  async before(request, callID, args, { run: runOthers, givesNames } = NO_OTHERS, waited = undefined) {
    if (!claim(args)) return
    const call = this.#begin(request, callID, args)
    call.waited = waited
    try {
      let decision = await this.#decide(call)
      if (!decision) {
        await runOthers()
        return dropName(call, args)
      }
      writeDecision(args, decision, call.childID)
      const open = givesNames && mayBeOtherName(call.request, decision)
      if (open && call.request.task_id) args.task_id = call.asked
      const handed = args.task_id
      await runOthers().catch((error) => {
        // A plugin that dropped the session refuses a new session, and this call starts none.
        if (decision?.action === "spawn" || args.task_id === handed) throw error
        this.#report(`Session ${handed} was resumed though another plugin refused to start a new one: ${error?.message}`)
      })
      if (open) decision = await this.#decideOtherName(call, args, decision)
      if (decision) await this.#writeWhenFree(call, args, decision)
    } catch (error) {
      this.#refund(call)
      throw error
    }
  }

  /**
   * Adds the session's name and the action to a result.
   * @param {string} sessionID
   * @param {string} callID
   * @param {object} args the arguments of the call
   * @param {{ title: string, output: string, metadata: any } | undefined} result none if the tool failed
   * @returns {Promise<boolean>} whether the call was followed
   */
  async after(sessionID, callID, args, result) {
    const calls = [...this.#calls].filter(({ request }) => request.sessionID === sessionID)
    const call = calls.find((call) => call.args === args) ?? calls.findLast((call) => call.callID === callID)
    if (!call || !result) return call !== undefined
    const { decision, request } = call
    const trouble = [call.waited, call.trouble].filter(Boolean).join("\n") || undefined
    // Another plugin's hook or tool may have given other metadata. A running part may have named the child.
    const childID = result.metadata?.sessionId ?? (call.settled ? call.childID : undefined)
    if (childID) this.#commit(call, childID)
    else this.#refund(call)
    await call.committing
    // A new engine may not have read this root yet.
    if (childID && !this.#sync.session(childID)) await this.#sync.load(request.sessionID).catch(() => {})
    // The model reads the name only after its record is stored: the name must outlive this process.
    if (childID) await this.#sync.whenStored(childID)
    const task_id = this.#sync.session(childID ?? "")?.slug ?? childID
    if (decision && task_id) {
      result.output += `\n${verdict(decision, task_id, trouble)}`
      result.title = title(result.title || request.description, decision.action, task_id)
      result.metadata = { ...result.metadata, delegate: { task_id, action: decision.action, rule: decision.rule, asked: call.asked, place: call.place } }
    } else if (trouble) {
      result.output += `\n${trouble}`
    }
    if (childID && !result.metadata?.background) this.#markIdle(childID)
    this.#finish(call)
    return true
  }

  /**
   * Follows the parts of calls: the running part names the child, and only the failed part shows a failure.
   * @param {Part} part
   */
  handlePart(part) {
    const call = this.#callOf(part)
    if (!call) return
    const childID = part.state.metadata?.sessionId
    if (childID) this.#commit(call, childID)
    if (part.state.status !== "error") return
    // The error of an earlier call with the same id may come late: it shows another prompt.
    const { prompt } = part.state.input ?? {}
    if (!childID && ![undefined, call.request.prompt, call.args.prompt].includes(prompt)) return
    if (!childID) this.#refund(call)
    else if (!part.state.metadata?.background) this.#markIdle(childID)
    this.#patchError(part, call)
    this.#finish(call)
  }

  /**
   * Restores the model's own `task_id` in the messages to the model, and names the session in failures. A part reads the same in
   * every request.
   * @param {{ parts: any[] }[]} messages
   */
  async transformMessages(messages) {
    /** @type {{ committing?: Promise<void>, childID?: string }[]} */
    const failed = []
    for (const { parts } of messages) {
      for (const part of parts) {
        if (part.type !== "tool" || part.tool !== "task") continue
        const call = part.state.status === "error" ? this.#callOf(part) : undefined
        if (call) this.handlePart(part)
        if (part.state.status === "error") failed.push({ committing: call?.committing, childID: part.state.metadata?.sessionId })
        this.#errorPatches.apply(part)
        const given = part.state.metadata?.delegate
        if (given && "asked" in given) part.state.input = withGivenTaskID(part.state.input, given)
      }
    }
    // As in a result, the name must outlive this process.
    for (const { committing, childID } of failed) {
      await committing
      if (childID) await this.#sync.whenStored(childID)
    }
  }

  /** Wakes the call that an effect holds back or lets proceed. @param {Effect} effect */
  perform(effect) {
    this.#queue.perform(effect)
  }

  /**
   * Ends the calls of a session whose turn has ended. The event may come so late that the next turn runs: a call ends with its own
   * message.
   * @param {string} sessionID
   */
  async sessionIdle(sessionID) {
    const calls = [...this.#calls].filter(({ request }) => request.sessionID === sessionID)
    const over = await Promise.all(calls.map(({ request }) => isTurnOver(this.#host, request)))
    for (const call of calls.filter((_, place) => over[place])) {
      call.abort.abort(new Error(callerEnded()))
      this.#refund(call)
    }
  }

  /** @param {Request} request @param {string} callID @param {Record<string, unknown>} args */
  #begin(request, callID, args) {
    /** @type {Call["resolveChild"]} */
    let resolveChild = () => {}
    /** @type {Call["child"]} */
    const child = new Promise((resolve) => (resolveChild = resolve))
    /** @type {Call} */
    const call = { request, callID, args, asked: args.task_id ?? null, place: Object.keys(args).indexOf("task_id"), settled: false, abort: new AbortController(), child, resolveChild }
    this.#calls.add(call)
    return call
  }

  /**
   * Decides a call, again and again while the session to join does not come into being.
   * @param {Call} call
   * @returns {Promise<Granted | undefined>} none if the call goes through unchanged
   */
  async #decide(call) {
    let decision = await this.#askEngine(call)
    while (decision?.action === "join" && !(await this.#findChild(call, decision))) decision = await this.#askEngine(call)
    if (call.abort.signal.aborted) {
      // The caller's turn ended during the decision, so no event ends this call.
      if (decision) this.#sync.refund(decision)
      throw call.abort.signal.reason
    }
    if (decision?.action !== "deny") return (call.decision = decision)
    // A denial would break the user's session.
    if (call.request.by !== "user") throw new Error(denial(decision))
    call.trouble = undecided(decision.message)
  }

  /**
   * Decides a call again if its `task_id` was another plugin's name for a session.
   * @param {Call} call
   * @param {Record<string, unknown>} args
   * @param {Granted} decision
   */
  async #decideOtherName(call, { task_id }, decision) {
    const { task_id: alias } = call.request
    if (typeof task_id !== "string" || task_id === alias || task_id === decision.sessionID) return decision
    // The session may belong to a conversation that is not loaded yet, or not exist.
    const exists = await this.#sync.load(task_id).then(() => true, () => false)
    if (!exists) return decision
    this.#sync.refund(decision)
    call.decision = undefined
    call.request = { ...call.request, now: Date.now(), task_id }
    const again = await this.#decide(call)
    if (again?.sessionID === task_id && alias) this.#sync.apply({ type: "session.alias", now: Date.now(), sessionID: task_id, alias })
    return again
  }

  /**
   * Asks the engine. If it cannot decide, a subagent's call is denied; a primary's call and a user's own go through unchanged.
   * @param {Call} call
   */
  async #askEngine(call) {
    const byUser = call.request.by === "user"
    try {
      return await this.#sync.decide(call.request)
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
   * Writes a decision into the arguments, as soon as its session is free. OpenCode starts a new session for the id of one that was
   * deleted meanwhile, so such a call is decided again.
   * @param {Call} call
   * @param {Record<string, unknown>} args
   * @param {Granted} decision
   */
  async #writeWhenFree(call, args, decision) {
    /** @type {Granted | undefined} */
    let granted = decision
    while (granted && granted.action !== "spawn") {
      const sessionID = call.childID ?? granted.sessionID
      await this.#waitForSpawns(call, sessionID)
      call.queued = this.#queue.add(call.request, sessionID, granted.action === "join")
      await this.#queue.wait(call.queued, call.abort.signal)
      if (granted.action === "compact") call.trouble = await summarise(this.#host, sessionID)
      if (await ifFound(this.#host.session(sessionID)).then(Boolean, () => true)) return writeDecision(args, granted, sessionID)
      granted = await this.#decideAgain(call, sessionID)
    }
    if (granted) writeDecision(args, granted, undefined)
    else dropName(call, args)
  }

  /** Decides a call again whose session was deleted. @param {Call} call @param {string} sessionID */
  async #decideAgain(call, sessionID) {
    if (call.queued) this.#queue.remove(call.queued)
    if (call.decision) this.#sync.refund(call.decision)
    const now = Date.now()
    this.#sync.apply({ type: "session.deleted", now, sessionID })
    Object.assign(call, { decision: undefined, queued: undefined, childID: undefined, trouble: undefined, request: { ...call.request, now } })
    return this.#decide(call)
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

  /** @param {Call} call @param {string} childID */
  #commit(call, childID) {
    call.childID = childID
    if (call.settled) return
    call.settled = true
    if (call.decision) call.committing = this.#sync.commit(call.decision, call.request, childID).catch(() => {})
    // A call that joins a new child waits for this call's end, not only for the child.
    call.queued ??= this.#queue.addRunning(call.request, childID)
    call.resolveChild(childID)
  }

  /** @param {Call} call */
  #refund(call) {
    if (call.decision && !call.settled) this.#sync.refund(call.decision)
    call.settled = true
    this.#finish(call)
  }

  /** Marks the child of a finished call as idle, at about the time of OpenCode's own event. @param {string} childID */
  #markIdle(childID) {
    this.#sync.apply({ type: "session.status", now: Date.now(), sessionID: childID, status: "idle" })
  }

  /** @param {Call} call */
  #finish(call) {
    call.abort.abort(new Error("The call is over."))
    if (call.queued) this.#queue.remove(call.queued)
    call.resolveChild(call.childID)
    this.#calls.delete(call)
  }

  /**
   * The call of a part: OpenCode knows a user's call by the part's own id. Several calls share a part if their message gives them one
   * id: then the part's child shows the call.
   * @param {Part} part
   */
  #callOf({ sessionID, messageID, callID, id, state }) {
    const childID = state.metadata?.sessionId
    const calls = [...this.#calls].filter(
      ({ request, callID: own }) => request.sessionID === sessionID && (request.messageID ?? messageID) === messageID && (own === callID || own === id),
    )
    const of = calls.find(({ settled, childID: known, decision }) => (settled || decision?.action !== "spawn") && (known ?? decision?.sessionID) === childID)
    return of ?? calls.find(({ settled }) => !settled) ?? calls[0]
  }

  /** Names the session in the error of a call. @param {Part} part @param {Call} call */
  #patchError(part, call) {
    const task_id = this.#sync.session(part.state.metadata?.sessionId ?? "")?.slug
    if (task_id) this.#errorPatches.patch(part, task_id, { asked: call.asked, place: call.place })
  }
}

/**
 * Removes the name of a call that was not decided: OpenCode takes ids alone.
 * @param {Call} call
 * @param {Record<string, unknown>} args
 */
function dropName(call, args) {
  const { task_id } = args
  if (typeof task_id !== "string" || classifyTaskID(task_id) === "id") return
  delete args.task_id
  if (task_id.trim()) call.trouble = [call.trouble, ignoredName(task_id)].join("\n")
}
