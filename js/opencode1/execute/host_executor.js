// Executor "host": OpenCode's own task tool runs the child. Each call is followed from the hook before it to its end.

import { HostCalls, InterruptedCalls } from "../../core/index.js"
import { output, resumeHint, title, verdict } from "../../core/texts/index.js"
import { claim, inParameters, withGivenTaskID, writeDecision } from "./call_arguments.js"
import { partialAnswer } from "./partial_answer.js"
import { summarise } from "./summarise.js"
import { isTurnOver } from "./turn_end.js"

/**
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
 * `place`: the model's `task_id` and its position among the fields.
 * @typedef {import("../../core/index.js").HostCall & {
 *   callID: string, args: Record<string, unknown>, asked: unknown, place: number, waited?: string
 * }} Call
 */

/** What OpenCode 1.18.33 gives a model for a call that never ended. */
const INTERRUPTED = "[Tool execution was interrupted]"

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
  /** @type {HostCalls<Call>} */
  #calls
  /** @type {import("./error_patches.js").ErrorPatches} */
  #errorPatches
  #interrupted

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
    this.#interrupted = new InterruptedCalls(sync)
    this.#calls = new HostCalls(host, sync, report, (sessionID) => summarise(host, sessionID))
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
    /** @type {Call} */
    const call = this.#calls.begin(request, { callID, args, asked: args.task_id ?? null, place: Object.keys(args).indexOf("task_id"), waited })
    try {
      const decision = await this.#calls.decide(call).catch((/** @type {Error} */ error) => {
        throw new Error(inParameters(error.message), { cause: error })
      })
      if (!decision) {
        await runOthers()
        return this.#dropName(call, args)
      }
      const show = async (/** @type {unknown} */ task_id) => {
        if (task_id === undefined) delete args.task_id
        else args.task_id = task_id
        const refusal = await runOthers().then(() => undefined, (error) => ({ error }))
        return { task_id: args.task_id, refusal }
      }
      const held = await this.#calls.throughOthers(call, decision, { givesNames, asked: call.asked, show })
      if (held) await this.#writeWhenFree(call, args, held)
    } catch (error) {
      this.#calls.refund(call)
      throw error
    }
  }

  /**
   * The model that a call chose for a prompt. OpenCode's own tool prompts with the model of the agent.
   * @param {string} sessionID the session that is prompted
   * @param {any[]} parts the parts of the prompt
   */
  modelFor(sessionID, parts) {
    const callerID = this.#sync.session(sessionID)?.parentID
    const texts = parts.map((part) => part.text)
    const calls = callerID ? this.#calls.of(callerID).filter(({ request, args }) => texts.includes(request.prompt) || texts.includes(args.prompt)) : []
    const known = calls.find(({ childID, decision }) => (childID ?? (decision?.action === "spawn" ? undefined : decision?.sessionID)) === sessionID)
    // The part that names a new child may come after its first message.
    const call = known ?? calls.find(({ decision, settled }) => decision?.action === "spawn" && !settled)
    return call?.decision?.model
  }

  /**
   * Adds the session's name and the action to a result.
   * @param {string} sessionID
   * @param {string} callID
   * @param {object} args the arguments of the call
   * @param {{ title: string, output: string, metadata: any } | undefined} result none if the tool failed
   */
  async after(sessionID, callID, args, result) {
    const calls = this.#calls.of(sessionID)
    const call = calls.find((call) => call.args === args) ?? calls.findLast((call) => call.callID === callID)
    if (!call || !result) return
    const { decision, request } = call
    // Another plugin's hook or tool may have given other metadata. A running part may have named the child.
    const childID = result.metadata?.sessionId ?? (call.settled ? call.childID : undefined)
    if (childID) this.#calls.commit(call, childID)
    else this.#calls.refund(call)
    const task_id = await this.#calls.named(call, childID)
    // OpenCode's own tool may end as usual if its child is stopped between two steps.
    const limit = childID && !result.metadata?.background ? this.#sync.session(childID)?.limit : undefined
    const trouble = [call.waited, call.trouble, limit].filter(Boolean).join("\n") || undefined
    if (decision && task_id) {
      result.output += `\n${verdict(decision, task_id, trouble)}`
      result.title = title(result.title || request.description, decision.action, task_id)
      result.metadata = { ...result.metadata, delegate: { task_id, action: decision.action, rule: decision.rule, asked: call.asked, place: call.place } }
    } else if (trouble) {
      result.output += `\n${trouble}`
    }
    if (childID && !result.metadata?.background) this.#calls.markIdle(childID)
    this.#calls.finish(call)
  }

  /**
   * Follows the parts of calls: the running part names the child, and only the failed part shows a failure.
   * @param {Part} part
   * @returns {Promise<void> | void} resolves when a failed part names its session
   */
  handlePart(part) {
    const call = this.#callOf(part)
    if (!call) return
    const childID = part.state.metadata?.sessionId
    if (childID) this.#calls.commit(call, childID)
    if (part.state.status !== "error") return
    // The error of an earlier call with the same id may come late: it shows another prompt.
    const { prompt } = part.state.input ?? {}
    if (!childID && ![undefined, call.request.prompt, call.args.prompt].includes(prompt)) return
    if (!childID) this.#calls.refund(call)
    else if (!part.state.metadata?.background) this.#calls.markIdle(childID)
    this.#calls.finish(call)
    return this.#errorPatches.after(part.id, this.#patchError(part, call))
  }

  /**
   * Restores the model's own `task_id` in the messages to the model, and names the session in failures. A part reads the same in
   * every request.
   * @param {{ parts: any[] }[]} messages
   */
  async transformMessages(messages) {
    for (const { parts } of messages) {
      for (const part of parts) {
        if (part.type !== "tool" || part.tool !== "task") continue
        const call = part.state.status === "error" ? this.#callOf(part) : undefined
        if (call) await this.handlePart(part)
        // The event of the failed part may have come before.
        else await this.#errorPatches.whenMade(part.id)
        this.#errorPatches.apply(part)
        const given = part.state.metadata?.delegate
        if (given && "asked" in given) part.state.input = withGivenTaskID(part.state.input, given)
      }
    }
    await this.#nameInterrupted(messages.flatMap(({ parts }) => parts).filter(isUnfinished))
  }

  /**
   * Names the sessions of calls that never ended, because OpenCode did: a request comes after all calls of its turn.
   * @param {Part[]} parts
   */
  async #nameInterrupted(parts) {
    const shownID = (/** @type {Part} */ { state }) => (typeof state.metadata?.sessionId === "string" ? state.metadata.sessionId : undefined)
    const calls = parts.map((part) => ({ part, messageID: part.messageID, partID: part.id, input: part.state.input, shownID: shownID(part) }))
    const unknown = this.#interrupted.unknown(calls)
    if (unknown.length) await this.#interrupted.lookUp(unknown[0].part.sessionID, unknown)
    for (const call of calls) {
      const slug = this.#interrupted.nameOf(call)
      const { error: _, ...state } = call.part.state
      if (slug) call.part.state = { ...state, status: "error", error: `${INTERRUPTED}\n${resumeHint(slug)}` }
    }
  }

  /** Cancels the calls that wait for a session, or for one below it. @param {string} sessionID @returns {number} how many there were */
  cancelWaiting(sessionID) {
    return this.#calls.cancelWaiting(sessionID)
  }

  /** Wakes the call that an effect holds back or lets proceed. @param {Effect} effect */
  perform(effect) {
    this.#calls.perform(effect)
  }

  /** Whether a session has calls that have not ended. @param {string} sessionID */
  hasCalls(sessionID) {
    return this.#calls.of(sessionID).length > 0
  }

  /**
   * Ends the calls of a session whose turn has ended. The event may come so late that the next turn runs: a call ends with its own
   * message.
   * @param {string} sessionID
   * @returns {Promise<boolean>} whether the session runs on, so that the event is about an earlier turn
   */
  async sessionIdle(sessionID) {
    const calls = this.#calls.of(sessionID)
    const over = await Promise.all(calls.map(({ request }) => isTurnOver(this.#host, request)))
    for (const call of calls.filter((_, place) => over[place])) this.#calls.callerEnded(call)
    const status = over.includes(false) ? await this.#host.status().catch(() => undefined) : undefined
    return (status?.[sessionID]?.type ?? "idle") !== "idle"
  }

  /**
   * Writes a decision into the arguments, as soon as its session is free.
   * @param {Call} call
   * @param {Record<string, unknown>} args
   * @param {Granted} decision
   */
  async #writeWhenFree(call, args, decision) {
    const { decision: granted, sessionID } = await this.#calls.whenFree(call, decision)
    if (granted) writeDecision(args, granted, sessionID)
    else this.#dropName(call, args)
  }

  /**
   * The call of a part: OpenCode knows a user's call by the part's own id. Several calls share a part if their message gives them one
   * id: then the part's child shows the call.
   * @param {Part} part
   */
  #callOf({ sessionID, messageID, callID, id, state }) {
    const childID = state.metadata?.sessionId
    const calls = this.#calls.of(sessionID).filter(
      ({ request, callID: own }) => (request.messageID ?? messageID) === messageID && (own === callID || own === id),
    )
    const of = calls.find(({ settled, childID: known, decision }) => (settled || decision?.action !== "spawn") && (known ?? decision?.sessionID) === childID)
    return of ?? calls.find(({ settled }) => !settled) ?? calls[0]
  }

  /** Names the session in the error of a call, as soon as the engine knows the call. @param {Part} part @param {Call} call */
  async #patchError(part, call) {
    await call.committing
    const childID = part.state.metadata?.sessionId ?? ""
    // The next call of the session may proceed meanwhile.
    const limit = this.#sync.session(childID)?.limit
    // OpenCode stores the part, so the name must outlive this process.
    await this.#sync.whenStored(childID)
    if (!this.#sync.session(childID)?.slug) return
    const task_id = this.#sync.nameFor(childID, call.request.sessionID)
    const more = { asked: call.asked, place: call.place }
    if (!limit || !call.decision) return this.#errorPatches.patch(part, task_id, more)
    // OpenCode's own tool fails if its child is stopped.
    const { text = "" } = /** @type {{ text?: string }} */ ((await partialAnswer(this.#host, childID).catch(() => undefined)) ?? {})
    this.#errorPatches.complete(part, {
      output: `${output({ sessionID: childID, state: "completed", text })}\n${verdict(call.decision, task_id, limit)}`,
      title: title(call.request.description, call.decision.action, task_id),
      delegate: { task_id, action: call.decision.action, rule: call.decision.rule, ...more },
    })
  }

  /**
   * Removes the name of a call that was not decided.
   * @param {Call} call
   * @param {Record<string, unknown>} args
   */
  #dropName(call, args) {
    const { task_id } = args
    if (typeof task_id === "string" && this.#calls.idAlone(call, task_id) === undefined) delete args.task_id
  }
}

/** Whether a part is a call without an end. @param {Part} part */
const isUnfinished = ({ type, tool, state }) => type === "tool" && tool === "task" && (state.status === "running" || state.status === "pending")
