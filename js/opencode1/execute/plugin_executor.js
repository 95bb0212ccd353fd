// The calls of another plugin's own delegation tools: the engine decides each, and the plugin runs the child.

import { isAnswered } from "../../api.js"
import { HostCalls, POLL_MS } from "../../core/index.js"
import { failed, output, reloaded, resumeHint, sessionGone, started, undecided, verdict } from "../../core/texts/index.js"
import { summarise } from "./summarise.js"

/**
 * @typedef {import("../../api.js").Effect} Effect
 * @typedef {import("../../api.js").Request} Request
 * @typedef {import("../sdk/index.js").Host} Host
 * @typedef {import("../../core/index.js").EngineSync} EngineSync
 * @typedef {import("../../core/index.js").Granted} Granted
 * @typedef {import("./plugin_entries.js").Entry} Entry
 * @typedef {import("@opencode-ai/plugin").ToolContext & { callID: string }} Context
 * @typedef {Record<string, any>} Args
 * @typedef {{ agent: string, description: string, described: boolean, prompt: string, task_id?: string, background: boolean, permission: string }} Read
 *   the parameters of a call; `described`: whether it had a description
 *
 * A result as the plugin gives it: its text, and the metadata that it published.
 * @typedef {{ text: string, metadata: Record<string, any> }} Result
 *
 * A described tool. `read` gives the parameters of a call; `write` gives them for a session, or for a new one; `writeNew` does
 * so for a new session of an agent, if the parameters can name it; `restMs` and `swallowsMs` are its pauses after a prompt of the same
 * session, and after an identical one.
 * @typedef {{
 *   read: (args: Args) => Read, write: (args: Args, sessionID: string | undefined) => Args,
 *   writeNew: (args: Args, agent: string) => Args | undefined, mark: (args: Args, mark: string) => Args, wait: (args: Args) => Args,
 *   child: (result: Result) => string | undefined, task: (result: Result, background: boolean) => string | undefined,
 *   refuses: (result: Result) => boolean, forgot: (result: Result) => boolean, unready: (result: Result) => boolean, restMs: number, swallowsMs: number
 * }} Tool
 *
 * What the plugin's own tools do with its tasks. `isOver`: whether one runs no more, and waits no more.
 * @typedef {{ isOver?: (task: string) => Promise<boolean>, cancel?: (task: string) => Promise<void> }} PluginTasks
 *
 * @typedef {import("../../core/index.js").HostCall} Call
 *
 * The part that makes requests of calls.
 * @typedef {{ waits: (args: any) => string | undefined, request: (call: any, args: any, speaker?: string) => Request }} Requests
 */

/** The pause between two looks at the plugin's queue, in milliseconds: it may write a log of each. */
const LOOK_MS = 1_000

/**
 * Runs the calls.
 */
export class PluginExecutor {
  #host
  #sync
  #runner
  #prompts
  #pauses
  #requests
  /** @type {HostCalls<Call>} */
  #calls
  /** The callers whose children are read, each with the name of the engine that knows them. @type {Map<string, { process: string, reading: Promise<void> }>} */
  #read = new Map()
  /** The lines under results, and what belongs to their metadata, by call. @type {Map<string, { line: string, delegate?: object }>} */
  #lines = new Map()
  /** The plugin's last id of a task of each session. @type {Map<string, string>} */
  #tasks = new Map()

  /**
   * @param {Host} host
   * @param {EngineSync} sync
   * @param {import("./prompt_runner.js").PromptRunner} runner
   * @param {import("./plugin_prompts.js").PluginPrompts} prompts
   * @param {import("./plugin_pauses.js").PluginPauses} pauses
   * @param {Requests} requests
   * @param {(message: string) => void} report reports a message to a person
   */
  constructor(host, sync, runner, prompts, pauses, requests, report) {
    this.#host = host
    this.#sync = sync
    this.#runner = runner
    this.#prompts = prompts
    this.#pauses = pauses
    this.#requests = requests
    this.#calls = new HostCalls(host, sync, report, (sessionID) => summarise(host, sessionID), async ({ sessionID }) => {
      await this.#readChildren(sessionID)
      await runner.whenArrived()
    })
  }

  /** The plugin's last id of a task of a session, if this process has read one. @param {string} sessionID */
  taskOf(sessionID) {
    return this.#tasks.get(sessionID)
  }

  /** Takes in an event of the host. @param {string} type @param {any} properties */
  handleEvent(type, properties) {
    if (type !== "session.deleted") return
    const { id } = properties.info
    for (const known of [this.#read, this.#tasks]) known.delete(id)
    this.#pauses.forget(id)
  }

  /** Cancels the calls that wait for a session, or for one below it. @param {string} sessionID @returns {number} how many there were */
  cancelWaiting(sessionID) {
    return this.#calls.cancelWaiting(sessionID)
  }

  /** Wakes the call that an effect holds back or lets proceed. @param {Effect} effect */
  perform(effect) {
    this.#calls.perform(effect)
  }

  /**
   * Runs a call, and returns the plugin's own result.
   * @param {Tool} tool
   * @param {(args: Args, context: Context) => Promise<any>} execute the plugin's
   * @param {Args} args
   * @param {Context} context
   * @param {PluginTasks} [tasks] the plugin's tasks
   * @throws {Error} the denial or the plugin's error, for the model to read
   */
  async run(tool, execute, args, context, tasks = {}) {
    const { agent: subagent_type, permission, described, ...read } = tool.read(args)
    // The plugin refuses a call that names nobody, in its own words.
    if (!subagent_type && !read.task_id) return execute(args, context)
    const line = this.#requests.waits(read)
    const asked = line ? tool.wait(args) : args
    const request = { ...this.#requests.request({ ...context, by: "model" }, { ...read, subagent_type }, context.agent), permission }
    const call = this.#calls.begin(request, {})
    const abort = () => this.#calls.callerEnded(call)
    context.abort.addEventListener("abort", abort, { once: true })
    try {
      const decision = await this.#calls.decide(call)
      const held = decision && (await this.#whenFree(call, decision, tasks.isOver))
      if (!held?.decision) return await this.#runUndecided(tool, execute, asked, context, call, line)
      // The plugin runs a task that it has put into its queue, also if its caller is aborted.
      if (call.request.background) context.abort.removeEventListener("abort", abort)
      return await this.#execute(tool, execute, asked, context, call, held.decision, held.sessionID, line, tasks.cancel)
    } catch (error) {
      this.#calls.refund(call)
      throw error
    } finally {
      context.abort.removeEventListener("abort", abort)
      this.#calls.finish(call)
    }
  }

  /**
   * Adds the session's name and the action to a result, after all that the plugin adds.
   * @param {string} sessionID @param {string} callID @param {{ output: string, metadata: any } | undefined} result
   */
  after(sessionID, callID, result) {
    const key = `${sessionID} ${callID}`
    const added = this.#lines.get(key)
    this.#lines.delete(key)
    if (!added || !result) return
    result.output += `\n${added.line}`
    if (added.delegate) result.metadata = { ...result.metadata, delegate: added.delegate }
  }

  /**
   * Takes in the children of a caller, once for each engine. The read of a conversation leaves out those of a session without
   * OpenCode's own tool, which may delegate by the plugin's.
   * @param {string} callerID
   */
  #readChildren(callerID) {
    const { process } = this.#sync
    const known = this.#read.get(callerID)
    if (known?.process === process) return known.reading
    const read = async () => {
      for (const child of await this.#host.children(callerID)) if (!this.#sync.session(child.id)) this.#sync.sessionCreated(child)
    }
    // The children that OpenCode does not show now are read at the next call.
    const reading = read().catch(() => void this.#read.delete(callerID))
    this.#read.set(callerID, { process, reading })
    return reading
  }

  /**
   * Waits until the session of a call is free. The plugin may drop the task before it from its queue at any time, in silence.
   * @param {Call} call @param {Granted} decision @param {(task: string) => Promise<boolean>} [isOver]
   */
  async #whenFree(call, decision, isOver) {
    let waits = true
    const free = this.#calls.whenFree(call, decision).finally(() => (waits = false))
    const watch = async () => {
      for (let pause = POLL_MS; waits && isOver; pause = LOOK_MS) {
        await Promise.race([free, new Promise((resolve) => setTimeout(resolve, pause).unref())])
        if (waits && call.queued) await this.#prompts.loseDropped(call.queued.sessionID, isOver)
      }
    }
    void watch().catch(() => {})
    return free
  }

  /**
   * Runs a call that the engine could not decide, without a name.
   * @param {Tool} tool @param {(args: Args, context: Context) => Promise<any>} execute @param {Args} args @param {Context} context @param {Call} call
   * @param {string | undefined} waits the line about a call that waits
   */
  async #runUndecided(tool, execute, args, context, call, waits) {
    const { task_id } = call.request
    const result = await execute(task_id ? tool.write(args, this.#calls.idAlone(call, task_id)) : args, context)
    this.#note(context, [waits, call.trouble].filter(Boolean).join("\n"))
    return result
  }

  /**
   * @param {Tool} tool
   * @param {(args: Args, context: Context) => Promise<any>} execute
   * @param {Args} args
   * @param {Context} context
   * @param {Call} call
   * @param {Granted} decision
   * @param {string | undefined} sessionID the session to resume
   * @param {string | undefined} waits the line about a call that waits
   * @param {PluginTasks["cancel"]} cancel
   */
  async #execute(tool, execute, args, context, call, decision, sessionID, waits, cancel) {
    // A child that no prompt has reached has neither agent nor tools yet: the plugin gives it those of a new one.
    const begun = sessionID === undefined || (await this.#host.lastMessages(sessionID).then((messages) => messages.length > 0, () => true))
    const agent = (sessionID && this.#sync.session(sessionID)?.agent) || call.request.agent
    const renewed = begun ? undefined : tool.writeNew(args, agent)
    const mark = sessionID && !renewed ? this.#pauses.markOf(sessionID, call.request.prompt, tool.swallowsMs) : ""
    const entry = this.#prompts.begin({ request: call.request, decision, agent, described: tool.read(args).described, mark, adopts: renewed && sessionID, sessionID: renewed ? undefined : sessionID, used: (childID) => this.#calls.commit(call, childID) })
    const published = /** @type {Record<string, any>} */ ({})
    const metadata = (/** @type {any} */ given) => {
      Object.assign(published, given?.metadata)
      return context.metadata(given)
    }
    try {
      if (sessionID) await this.#pauses.rest(sessionID, tool.restMs, context.abort)
      context.abort.throwIfAborted()
      const written = renewed ?? tool.write(mark ? tool.mark(args, mark) : args, sessionID)
      const run = async () => {
        const given = await this.#prompts.during(entry, () => execute(written, Object.assign(Object.create(context), { metadata })))
        return { given, result: { text: typeof given === "string" ? given : given?.output ?? "", metadata: { ...published, ...given?.metadata } } }
      }
      const first = await run()
      const isUnready = sessionID !== undefined && !entry.sent && tool.unready(first.result)
      const again = isUnready && (await this.#prompts.clearedUp(sessionID, context.abort))
      const { given, result } = again ? await run() : first
      // A child that was prompted may say such words itself.
      const unsent = decision.action !== "spawn" && entry.sessionID !== undefined && !entry.sent && !entry.accepted
      const forgotten = unsent && (tool.forgot(result) || (isUnready && !again && (await this.#cancelled(sessionID, cancel))))
      if (!forgotten) return await this.#take(tool, given, result, context, call, decision, entry, waits)
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      await this.#prompts.leave(entry, { message, cancelled: context.abort.aborted })
      if (!call.childID || !call.settled) throw error
      const task_id = await this.#calls.named(call, call.childID)
      throw new Error(task_id ? `${message}\n${resumeHint(task_id)}` : message)
    }
    return this.#goOn(context, call, decision, entry, waits)
  }

  /**
   * Cancels the plugin's task of a session that rests. The plugin takes it for running: it broke off without a word to the plugin.
   * @param {string} sessionID @param {PluginTasks["cancel"]} cancel
   * @returns {Promise<boolean>} whether the plugin did
   */
  async #cancelled(sessionID, cancel) {
    const task = this.#tasks.get(sessionID)
    if (!task || !cancel || this.#sync.session(sessionID)?.status !== "idle") return false
    return cancel(task).then(() => true, () => false)
  }

  /**
   * Takes in the plugin's result.
   * @param {Tool} tool
   * @param {any} given
   * @param {Result} result
   * @param {Context} context
   * @param {Call} call
   * @param {Granted} decision
   * @param {Entry} entry
   * @param {string | undefined} waits
   */
  async #take(tool, given, result, context, call, decision, entry, waits) {
    const { request } = call
    const refused = tool.refuses(result)
    const alias = refused ? undefined : tool.task(result, request.background ?? false)
    if (request.background) entry.task = alias
    const found = (call.settled ? entry.sessionID : undefined) ?? (refused ? undefined : tool.child(result))
    const queued = !found && request.background && alias
    // The plugin's task runs, whatever becomes of its name.
    const childID = queued ? await this.#prompts.createAhead(entry).catch(({ message }) => void (call.trouble = undecided(message))) : found
    if (!childID) {
      this.#prompts.drop(entry)
      this.#calls.refund(call)
      if (queued) this.#note(context, call.trouble ?? "")
      return given
    }
    this.#calls.commit(call, childID)
    if (alias) {
      this.#tasks.set(childID, alias)
      this.#sync.apply({ type: "session.alias", now: Date.now(), sessionID: childID, alias })
    }
    if (!request.background || refused) {
      // An answer may begin as a refusal does.
      const message = refused && !entry.accepted ? result.text : undefined
      if (await this.#prompts.leave(entry, { message, cancelled: context.abort.aborted })) this.#calls.markIdle(childID)
    }
    await this.#name(context, call, decision, childID, [waits, call.trouble, ...entry.notices])
    return given
  }

  /**
   * Continues a session that the plugin has forgotten: once. The engine delivers the result of a call that does not wait.
   * @param {Context} context @param {Call} call @param {Granted} decision @param {Entry} entry @param {string | undefined} waits
   */
  async #goOn(context, call, decision, entry, waits) {
    const { sessionID: callerID, callerAgent, prompt, background = false } = call.request
    const { agent, sessionID = "" } = entry
    this.#prompts.drop(entry)
    context.abort.throwIfAborted()
    // An engine that was made since knows the session only after that.
    await this.#sync.load(sessionID).catch(() => {})
    const asked = { now: Date.now(), callerID, callerAgent, agent, background, parts: [{ type: "text", text: prompt }], permission: [] }
    const effects = await this.#sync.keep(decision, call.request, { ...asked, sessionID }, () => this.#runner.whenArrived())
    const wait = effects.find((effect) => effect.type === "wait")
    if (!wait) throw new Error(this.#sync.closed ? reloaded() : sessionGone())
    this.#calls.commit(call, sessionID)
    const asks = this.#runner.follow(wait, { callerID, background })
    if (!background) return this.#answer(asks, context, call, decision, waits)
    await this.#name(context, call, decision, sessionID, [call.trouble])
    return started(sessionID, wait.taskID ?? sessionID, wait.behind)
  }

  /**
   * Waits for the answer of a session that the engine continues.
   * @param {import("./prompt_runner.js").Prompt} prompt @param {Context} context @param {Call} call @param {Granted} decision
   * @param {string | undefined} waits
   */
  async #answer(prompt, context, call, decision, waits) {
    const { sessionID } = prompt
    const cancel = () => this.#runner.cancel(prompt)
    if (context.abort.aborted) cancel()
    context.abort.addEventListener("abort", cancel, { once: true })
    const end = await prompt.end.finally(() => context.abort.removeEventListener("abort", cancel))
    const notices = [waits, call.trouble, ...end.notices].filter((notice) => notice !== undefined)
    const outcome = { state: end.state, ...end.answer }
    if (!isAnswered(outcome)) throw new Error(failed({ ...end, sessionID, task_id: this.#sync.nameFor(sessionID, call.request.sessionID), notices }))
    await this.#name(context, call, decision, sessionID, notices)
    return output({ sessionID, state: "completed", text: outcome.text })
  }

  /** @param {Context} context @param {Call} call @param {Granted} decision @param {string} childID @param {(string | undefined)[]} troubles */
  async #name(context, call, decision, childID, troubles) {
    const task_id = await this.#calls.named(call, childID)
    const { action, rule } = decision
    if (task_id) this.#note(context, verdict(decision, task_id, troubles.filter(Boolean).join("\n") || undefined), { task_id, action, rule })
  }

  /** @param {Context} context @param {string} line @param {object} [delegate] */
  #note({ sessionID, callID }, line, delegate) {
    if (line) this.#lines.set(`${sessionID} ${callID}`, { line, delegate })
  }
}
