// The calls of the built-in tool `subagent`: each is decided before the tool runs it, and its result names the session.

import { classifyTaskID } from "../../api.js"
import { HostCalls } from "../../core/index.js"
import { resumeHint, title, twoSessions, verdict } from "../../core/texts/index.js"

/**
 * @typedef {import("../sdk/index.js").Host} Host
 * @typedef {import("../sdk/index.js").Tool} Tool
 * @typedef {import("../sdk/index.js").ToolContext} ToolContext
 * @typedef {import("../../core/index.js").EngineSync} EngineSync
 * @typedef {import("../../core/index.js").HostCall} Call
 *
 * The input of the tool. `task_id` is this package's parameter.
 * @typedef {{ agent: string, description: string, prompt: string, sessionID?: string, background?: boolean, task_id?: string }} Input
 */

/**
 * The calls in progress.
 */
export class SubagentCalls {
  /** @type {Host} */
  #host
  /** @type {EngineSync} */
  #sync
  /** @type {HostCalls<Call>} */
  #calls
  #report

  /**
   * @param {Host} host
   * @param {EngineSync} sync
   * @param {(message: string) => void} report reports a message to a person
   */
  constructor(host, sync, report) {
    this.#host = host
    this.#sync = sync
    this.#report = report
    // OpenCode 2 summarises a session by itself when its context is full.
    this.#calls = new HostCalls(host, sync, report, async () => undefined)
  }

  /** Wakes the call that an effect holds back or lets proceed. @param {import("../../api.js").Effect} effect */
  perform(effect) {
    this.#calls.perform(effect)
  }

  /**
   * Runs a call.
   * @param {Input} input
   * @param {ToolContext} context
   * @param {Tool["execute"]} execute the built-in tool
   * @returns {ReturnType<Tool["execute"]>}
   * @throws {Error} the denial, for the model to read, or the tool's own failure, which names the session
   */
  async run({ task_id, sessionID, ...input }, context, execute) {
    await this.#checkNames(context.sessionID, task_id, sessionID)
    await this.#adopt(context.sessionID, sessionID ?? task_id)
    const { agent, description, prompt, background = false } = input
    const { sessionID: callerID, messageID, id: callID, agent: callerAgent } = context
    const call = this.#calls.begin(
      { now: Date.now(), by: "model", sessionID: callerID, messageID, callID, callerAgent, agent, description, prompt, task_id: task_id?.trim() ? task_id : sessionID, background },
      {},
    )
    const abort = () => call.abort.abort(context.signal.reason)
    context.signal.addEventListener("abort", abort, { once: true })
    if (context.signal.aborted) abort()
    try {
      const decided = await this.#calls.decide(call)
      const { decision, sessionID: resumed } = decided ? await this.#calls.whenFree(call, decided) : {}
      const given = decision ? resumed : sessionID ?? this.#calls.idAlone(call, task_id ?? "")
      const progress = async (/** @type {any} */ update) => {
        if (typeof update?.sessionID === "string") await this.#begun(call, context, update.sessionID)
        return context.progress(update)
      }
      const result = await execute(given === undefined ? input : { ...input, sessionID: given }, { ...context, progress })
      return await this.#named(call, result)
    } catch (error) {
      throw await this.#explained(call, error, context.signal)
    } finally {
      context.signal.removeEventListener("abort", abort)
      if (!call.settled) this.#calls.refund(call)
      else this.#calls.finish(call)
    }
  }

  /**
   * Takes in the session of a call, before the tool prompts it. Whatever fails here, the session exists and gets its prompt.
   * @param {Call} call
   * @param {ToolContext} context
   * @param {string} childID
   */
  async #begun(call, { sessionID: callerID, messageID, id: partID }, childID) {
    const { agent, description, now } = call.request
    const failed = (/** @type {Error} */ { message }) => void this.#report(`Session ${childID} could not be stored as a child of ${callerID}: ${message}`)
    await this.#host.link(childID, callerID).catch(failed)
    if (!this.#sync.session(childID)) this.#sync.sessionCreated({ id: childID, parentID: callerID, agent, title: description, time: { created: now, updated: now } })
    this.#calls.commit(call, childID)
    this.#sync.sessionNamed(callerID, { messageID, partID, namedID: childID })
    await this.#calls.named(call, childID)
  }

  /**
   * Adds the session's name and the action to a result.
   * @param {Call} call
   * @param {import("../sdk/index.js").ToolResult} result
   */
  async #named(call, result) {
    const { decision, childID, trouble, request } = call
    const task_id = await this.#calls.named(call, childID)
    const line = decision && task_id ? verdict(decision, task_id, trouble) : trouble
    // A person may have sent a running call to the background.
    if (childID && result.metadata?.status !== "running") this.#calls.markIdle(childID)
    if (!line) return result
    const content = typeof result.content === "string" ? `${result.content}\n${line}` : [...result.content, { type: "text", text: line }]
    const delegate = decision && task_id ? { title: title(request.description, decision.action, task_id), delegate: { task_id, action: decision.action, rule: decision.rule } } : {}
    return { ...result, content, metadata: { ...result.metadata, ...delegate } }
  }

  /**
   * The failure of a call, with the name of its session: the model can go on with it.
   * @param {Call} call
   * @param {any} error
   * @param {AbortSignal} signal
   */
  async #explained(call, error, signal) {
    const { childID, decision, settled } = call
    // A call that ended while it waited has prompted nothing.
    if (!childID || !decision || !settled) return error
    this.#calls.markIdle(childID)
    // OpenCode says by itself that it was interrupted.
    if (signal.aborted) return error
    const task_id = await this.#calls.named(call, childID)
    return withMessage(error, `${error?.message ?? error}\n${resumeHint(task_id ?? childID)}`)
  }

  /**
   * Takes in a child that OpenCode created without this plugin: a list of its caller's children holds it from now on.
   * @param {string} callerID
   * @param {string} [id] what names the session
   */
  async #adopt(callerID, id) {
    if (!id || classifyTaskID(id) !== "id" || this.#sync.session(id)) return
    const child = await this.#host.session(id).catch(() => undefined)
    if (child?.parentID === callerID) await this.#host.link(id, callerID).catch(() => {})
  }

  /**
   * Refuses a call that names two sessions.
   * @param {string} callerID
   * @param {string | undefined} task_id
   * @param {string | undefined} sessionID
   */
  async #checkNames(callerID, task_id, sessionID) {
    if (!task_id?.trim() || !sessionID || task_id.trim() === sessionID) return
    const named = await this.#sync.resolve({ sessionID: callerID, task_id }).catch(() => undefined)
    if (named?.id !== sessionID) throw new Error(twoSessions(task_id, sessionID))
  }
}

/**
 * An error with another message. OpenCode's own errors keep their kind.
 * @param {any} error
 * @param {string} message
 */
function withMessage(error, message) {
  try {
    error.message = message
  } catch {
    // Its message cannot be changed.
  }
  return error?.message === message ? error : new Error(message)
}
