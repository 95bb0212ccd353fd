// The calls of the built-in tool `subagent`: each is decided before the tool runs it, and its result names the session.

import { classifyTaskID } from "../../api.js"
import { HostCalls, RECORD_KEY, abortable } from "../../core/index.js"
import { failed, goOn, resumeHint, subagentOutput, title, twoSessions, verdict } from "../../core/texts/index.js"
import { attemptFailure, lastAnswer } from "../sdk/index.js"
import { passedRules, narrow } from "./narrow_permissions.js"
import { ShownCall } from "./other_plugins.js"
import { inParameters } from "./parameters.js"

/**
 * @typedef {import("../sdk/index.js").Host} Host
 * @typedef {import("../sdk/index.js").Tool} Tool
 * @typedef {import("../sdk/index.js").ToolContext} ToolContext
 * @typedef {import("../../core/index.js").EngineSync} EngineSync
 * @typedef {import("../../core/index.js").HostCall & { followed?: import("./child_prompts.js").ChildPrompt }} Call
 *
 * The input of the tool. `task_id` is this package's parameter.
 * @typedef {{
 *   agent: string, description: string, prompt: string, model?: string, sessionID?: string, background?: boolean, task_id?: string
 * }} Input
 */

/** The refusal of the built-in tool that a person can lift (OpenCode 2.0.14). */
const DEPTH_LIMIT = /^Subagent depth limit reached/
const DEPTH_NOTICE = "A task_budget lets a subagent delegate, but OpenCode's own limit refused that. Raise experimental.subagent_depth in opencode.json."

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
  #prompts
  #report
  #limits
  #others
  /** The calls that the built-in tool runs once more. @type {Set<string>} */
  #again = new Set()

  /**
   * @param {Host} host
   * @param {EngineSync} sync
   * @param {import("./child_prompts.js").ChildPrompts} prompts
   * @param {(message: string) => void} report reports a message to a person
   * @param {import("./narrow_permissions.js").Limits} limits what the children may do
   * @param {import("./other_plugins.js").OtherPlugin[]} others the plugins that see each call, which may be added later
   */
  constructor(host, sync, prompts, report, limits, others) {
    this.#others = others
    this.#host = host
    this.#sync = sync
    this.#prompts = prompts
    this.#report = report
    this.#limits = limits
    // OpenCode 2 summarises a session by itself when its context is full.
    this.#calls = new HostCalls(host, sync, report, async () => undefined, () => prompts.whenRecovered())
  }

  /** Cancels the calls that wait for a session, or for one below it. @param {string} sessionID @returns {number} how many there were */
  cancelWaiting(sessionID) {
    return this.#calls.cancelWaiting(sessionID)
  }

  /** Wakes the call that an effect holds back or lets proceed. @param {import("../../api.js").Effect} effect */
  perform(effect) {
    this.#calls.perform(effect)
    this.#prompts.perform(effect)
  }

  /**
   * Answers OpenCode's question for permission: a person who allowed a call is not asked about its next attempt.
   * @param {{ sessionID: string, source?: { messageID: string, id: string }, effect: string }} question its `effect` may be changed
   */
  answer(question) {
    const { sessionID, source, effect } = question
    if (effect === "ask" && source && this.#again.has(key(sessionID, source.messageID, source.id))) question.effect = "allow"
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
    const { agent, description, prompt, model, background = false } = input
    const { sessionID: callerID, messageID, id: callID, agent: callerAgent } = context
    const call = this.#calls.begin(
      { now: Date.now(), by: "model", sessionID: callerID, messageID, callID, callerAgent, agent, description, prompt, task_id: task_id?.trim() ? task_id : sessionID, model, background },
      {},
    )
    const abort = () => call.abort.abort(context.signal.reason)
    context.signal.addEventListener("abort", abort, { once: true })
    if (context.signal.aborted) abort()
    try {
      const shown = new ShownCall(this.#others, input, context)
      const decided = await this.#calls.decide(call)
      const held = await this.#throughOthers(call, decided, shown, task_id?.trim() ? task_id : sessionID)
      const { decision, sessionID: resumed } = held ? await this.#calls.whenFree(call, held) : {}
      const given = decision ? resumed : this.#calls.idAlone(call, shown.task_id ?? "")
      const result = await shown.run((input) => this.#execute(call, given === undefined ? input : { ...input, sessionID: given }, context, execute))
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
   * Has the built-in tool run a call, and run its session on as long as the engine has another attempt.
   * @param {Call} call
   * @param {Input} input
   * @param {ToolContext} context
   * @param {Tool["execute"]} execute
   * @returns {ReturnType<Tool["execute"]>}
   */
  async #execute(call, { model, ...input }, context, execute) {
    const progress = async (/** @type {any} */ update) => {
      if (typeof update?.sessionID === "string") await this.#begun(call, context, update.sessionID)
      return context.progress(update)
    }
    /** @type {Input} */
    let asked = model === undefined ? input : { ...input, model }
    const id = key(context.sessionID, context.messageID, context.id)
    for (;;) {
      const result = await execute(asked, { ...context, progress }).catch((/** @type {unknown} */ error) => ({ error })).finally(() => this.#again.delete(id))
      const next = await this.#next(call, result, context.signal)
      if (!next && "error" in result && call.followed?.limited && !context.signal.aborted) return this.#partial(call.childID ?? "", result.error)
      if (!next && "error" in result) throw result.error
      if (!next) return this.#whole(call.childID, /** @type {import("../sdk/index.js").ToolResult} */ (result))
      await abortable(new Promise((resolve) => setTimeout(resolve, next.after)), context.signal).catch((reason) => {
        if (call.followed) this.#prompts.cancelled(call.followed)
        throw reason
      })
      // A limit may have ended it meanwhile.
      if (call.followed?.limited) return this.#partial(call.childID ?? "", "error" in result ? result.error : undefined)
      this.#again.add(id)
      asked = { ...input, sessionID: call.childID, prompt: next.message.parts.length ? input.prompt : goOn() }
    }
  }

  /**
   * The result of a session that a limit ended: the built-in tool fails then.
   * @param {string} sessionID
   * @param {any} error the failure of the built-in tool, which stands if the session wrote no text
   */
  async #partial(sessionID, error = new Error()) {
    const { text } = await this.#answerSoFar(sessionID)
    if (!text) throw error
    return { output: { sessionID, status: "completed", output: text }, content: subagentOutput({ sessionID, text }), metadata: { sessionID, status: "completed" } }
  }

  /**
   * A result with the answers that a session gave before messages steered it on: the built-in tool gives the last one alone.
   * @param {string | undefined} sessionID
   * @param {import("../sdk/index.js").ToolResult} result
   */
  async #whole(sessionID, result) {
    if (!sessionID || result.metadata?.status === "running" || !this.#sync.wasSteered(sessionID)) return result
    const { text, steered } = await this.#answerSoFar(sessionID)
    if (!steered) return result
    return { ...result, output: { .../** @type {object} */ (result.output), output: text }, content: subagentOutput({ sessionID, text }) }
  }

  /** The last text that a session wrote for its last prompt, if it wrote one. @param {string} sessionID */
  async #answerSoFar(sessionID) {
    const messages = await this.#host.messages(sessionID).catch(() => [])
    const steers = (/** @type {string} */ id) => this.#sync.steers(id)
    const asked = messages.findLastIndex(({ id, type }) => type === "user" && !steers(id))
    const { answer, words = "", steered } = lastAnswer(messages.slice(asked + 1), steers)
    return { text: answer && "text" in answer ? answer.text : words, steered }
  }

  /**
   * Takes in how the built-in tool ended.
   * @param {Call} call
   * @param {import("../sdk/index.js").ToolResult | { error: any }} result
   * @param {AbortSignal} signal
   * @returns {Promise<import("./child_prompts.js").Retry | undefined>} the attempt that follows
   */
  async #next(call, result, signal) {
    const { followed: prompt, childID } = call
    if (!prompt || !childID) return
    if (!("error" in result)) {
      // OpenCode reports the end of a call in the background by events alone.
      if (result.metadata?.status === "running") return void (await this.#prompts.detach(prompt, (end) => this.#addEnd(call, end)))
      const empty = attemptFailure(await this.#host.messages(childID).catch(() => []))
      return empty ? this.#prompts.gaveUp(prompt, empty) : void this.#prompts.answered(prompt)
    }
    const interrupted = signal.aborted || (await this.#host.outcome(childID).catch(() => undefined)) === "interrupted"
    if (prompt.limited && !signal.aborted) return
    if (signal.aborted || (interrupted && !prompt.next && !prompt.end)) return void this.#prompts.cancelled(prompt)
    const message = String(result.error?.message ?? result.error).replace(`Subagent failed (sessionID: ${childID}): `, "")
    return this.#prompts.gaveUp(prompt, { kind: "host", name: "SubagentFailed", message })
  }

  /**
   * Adds to a caller what OpenCode's own message about the end of a call in the background does not say.
   * @param {Call} call
   * @param {import("./child_prompts.js").End} end
   */
  async #addEnd({ decision, childID, request, followed }, { state, message, notices }) {
    const { silent = false, limited = false } = followed ?? {}
    if (!decision || !childID) return
    const { text: soFar, steered } = limited || this.#sync.wasSteered(childID) ? await this.#answerSoFar(childID) : { text: "", steered: false }
    const gains = steered && state === "idle"
    if (!notices.length && !silent && !gains) return
    const task_id = this.#sync.nameFor(childID, request.sessionID)
    const fails = (/** @type {Partial<Parameters<typeof failed>[0]>} */ end) => failed({ sessionID: childID, task_id, state, message, notices: [], ...end })
    const line = verdict(decision, task_id, notices.join("\n"))
    // OpenCode reports a child that a limit ended as cancelled, without its answer so far, and of a steered one the last answer alone.
    const whole = soFar ? `${subagentOutput({ sessionID: childID, text: soFar })}\n${line}` : fails({ notices })
    // OpenCode reports a child that was interrupted for its silence as cancelled too, and starts no other attempt.
    const text = silent && state !== "idle" ? fails({ state: "failed" }) : limited || gains ? whole : line
    await this.#host.addMessage(request.sessionID, text).catch((/** @type {Error} */ { message }) => this.#report(`Session ${request.sessionID} got no message about the end of session ${childID}: ${message}`))
  }

  /**
   * Shows a call to the other plugins.
   * @param {Call} call
   * @param {import("../../core/index.js").Granted | undefined} decision
   * @param {ShownCall} shown
   * @param {string | undefined} asked what the model named
   */
  async #throughOthers(call, decision, shown, asked) {
    if (decision) return this.#calls.throughOthers(call, decision, { givesNames: shown.givesNames, asked, show: (task_id) => shown.show(task_id) })
    const { refusal } = await shown.show(asked)
    if (refusal) throw refusal.error
  }

  /**
   * Takes in the session of a call, before the tool prompts it. Whatever fails here, the session exists and gets its prompt.
   * @param {Call} call
   * @param {ToolContext} context
   * @param {string} childID
   */
  async #begun(call, { sessionID: callerID, messageID, id: partID, signal }, childID) {
    if (call.followed) return this.#prompts.sent(call.followed)
    const { agent, description, now } = call.request
    const failed = (/** @type {Error} */ { message }) => void this.#report(`Session ${childID} could not be stored as a child of ${callerID}: ${message}`)
    /** Takes in the child. @param {unknown} [record] its first record */
    const created = async (record) => {
      await (record ? this.#host.store(childID, callerID, record) : this.#host.link(childID, callerID)).catch(failed)
      if (this.#sync.session(childID)) return
      const metadata = record ? { [RECORD_KEY]: record } : undefined
      this.#sync.sessionCreated({ id: childID, parentID: callerID, agent, title: description, metadata, time: { created: now, updated: now } })
    }
    await this.#follow(call, childID, created, signal)
    this.#calls.commit(call, childID)
    this.#sync.sessionNamed(callerID, { messageID, partID, namedID: childID })
    await this.#calls.named(call, childID)
  }

  /**
   * Hands the prompt of a call to the engine, and waits until it may be sent.
   * @param {Call} call
   * @param {string} childID
   * @param {(record?: unknown) => Promise<void>} created takes in the child, with its first record if it is new
   * @param {AbortSignal} signal
   */
  async #follow(call, childID, created, signal) {
    const { decision, request } = call
    const { sessionID: callerID, callerAgent, agent, prompt: text, background = false } = request
    const [{ passed, agent: rules }, model] = await Promise.all([passedRules(this.#host, request, this.#sync.spelled(agent), this.#limits), this.#prompts.ownModel(childID)])
    if (decision?.action !== "spawn") await created()
    if (!decision) return narrow(this.#host, childID, rules, passed)
    const asked = { callerID, callerAgent, partID: request.callID, agent, background, parts: [{ type: "text", text }], permission: passed, sessionID: childID }
    const spawns = decision.action === "spawn" ? { derived: decision.sessionID, created } : undefined
    const prompt = await this.#prompts.begin(asked, { decision, request }, model, signal, spawns)
    if (prompt?.end) throw new Error(failed({ ...prompt.end, sessionID: childID, task_id: this.#sync.nameFor(childID, callerID) }))
    try {
      // What a new child's prompt passes on is not said again.
      await narrow(this.#host, childID, rules, (spawns ? undefined : prompt?.send?.permission) ?? passed)
    } catch (error) {
      if (prompt) this.#prompts.cancelled(prompt)
      throw error
    }
    if (!prompt) return
    call.followed = prompt
    this.#prompts.sent(prompt)
  }

  /**
   * Adds the session's name and the action to a result.
   * @param {Call} call
   * @param {import("../sdk/index.js").ToolResult} result
   */
  async #named(call, result) {
    const { decision, childID, request, followed } = call
    await followed?.restored
    const trouble = [call.trouble, ...(followed?.end?.notices ?? [])].filter(Boolean).join("\n") || undefined
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
    const { childID, decision, settled, followed } = call
    if (decision && DEPTH_LIMIT.test(error?.message)) this.#report(DEPTH_NOTICE)
    // A call that ended while it waited has prompted nothing.
    if (!childID || !decision || !settled) return typeof error?.message === "string" ? withMessage(error, inParameters(error.message)) : error
    this.#calls.markIdle(childID)
    // OpenCode says by itself that it was interrupted.
    if (signal.aborted) return error
    await followed?.restored
    const task_id = (await this.#calls.named(call, childID)) ?? childID
    const end = followed?.end
    // OpenCode says of a session that was interrupted for its silence, or at a limit, that it was cancelled.
    if (end && (followed?.limited || (end.state === "failed" && followed?.silent))) return withMessage(error, failed({ ...end, sessionID: childID, task_id }))
    return withMessage(error, [error?.message ?? error, resumeHint(task_id), ...(end?.notices ?? [])].join("\n"))
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

/** @param {...string} ids */
const key = (...ids) => ids.join(" ")

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
