// Calls of tools: the hooks around them, OpenCode's own task tool, and the plugins' tools.

import { evaluate } from "./permission_rules.js"
import { copy } from "./store.js"

/**
 * @typedef {import("./host.js").Host} Host
 * @typedef {import("./turn.js").Turn} Turn
 */

/**
 * A call of a tool.
 */
export class ToolCall {
  #host
  #turn
  #message
  #part
  #abort = new AbortController()

  /**
   * @param {Host} host
   * @param {Turn} turn
   * @param {any} message the assistant's message with the call
   * @param {any} part
   */
  constructor(host, turn, message, part) {
    this.#host = host
    this.#turn = turn
    this.#message = message
    this.#part = part
  }

  /**
   * Runs the call. Its end is stored in its part.
   * @param {boolean} offered whether the model was offered the tool
   * @param {any} user the message to answer
   * @param {boolean} [byUser] whether the user made the call
   */
  async run(offered, user, byUser = false) {
    const host = this.#host
    const { sessionID, tool, callID, state: { input: args } } = this.#part
    if (!offered) return this.#end({ status: "error", error: `Model tried to call unavailable tool '${tool}'.` })
    const stop = () => this.#abort.abort(new Error("Aborted"))
    const remove = this.#turn.onAbort(stop)
    const bypass = byUser || Boolean(host.store.message(sessionID, user.id)?.parts.some(({ type }) => type === "agent"))
    // The hooks know a user's call by the id of its part.
    const of = { tool, sessionID, callID: byUser ? this.#part.id : callID }
    this.#put({ status: "running", input: args, time: { start: host.clock.wall() } })
    host.store.log("call", sessionID, `${tool} ${JSON.stringify(args)}`, { part: this.#part, host })
    try {
      await host.trigger("tool.execute.before", of, { args })
      const result = await this.#execute(args, user.agent, bypass, byUser)
      if (this.#turn.aborted) return
      await host.trigger("tool.execute.after", { ...of, args }, result)
      if (this.#turn.aborted) return
      this.#end({ status: "completed", ...result })
    } catch (error) {
      if (!this.#turn.aborted) this.#end({ status: "error", error: error instanceof Error ? error.message : String(error) })
    } finally {
      remove()
      // OpenCode fires the signal at the end of every call.
      stop()
    }
  }

  /** Ends a call whose turn was aborted. @param {Host} host @param {any} part */
  static abort(host, part) {
    const stored = host.store.message(part.sessionID, part.messageID)?.parts.find(({ id }) => id === part.id) ?? part
    if (stored.state.status !== "running" && stored.state.status !== "pending") return
    const state = { ...stored.state, status: "error", error: "Tool execution aborted" }
    Object.assign(part, { state })
    host.putPart({ ...stored, state })
    host.store.log("called", part.sessionID, "error Tool execution aborted", { part: { ...stored, state }, host })
  }

  /** @param {any} state the new fields of the state */
  #put(state) {
    const { sessionID, messageID, id } = this.#part
    // A plugin may have changed the stored part. OpenCode changes none that is removed or has ended.
    const stored = this.#host.store.message(sessionID, messageID)?.parts.find((part) => part.id === id)
    if (stored?.state.status !== "running" && stored?.state.status !== "pending") return
    this.#part.state = { ...stored.state, ...state }
    this.#host.putPart({ ...stored, state: copy(this.#part.state) })
  }

  /** @param {any} state */
  #end(state) {
    this.#put(state)
    this.#host.store.log("called", this.#part.sessionID, `${state.status} ${state.error ?? state.output}`, { part: this.#part, host: this.#host })
  }

  /**
   * @param {any} args
   * @param {string} agent
   * @param {boolean} bypass whether to ask no permission
   * @param {boolean} byUser
   * @returns {Promise<{ title: string, output: string, metadata: any }>}
   */
  async #execute(args, agent, bypass, byUser) {
    const host = this.#host
    const { sessionID, messageID, tool, callID } = this.#part
    const context = {
      sessionID, messageID, agent, callID, directory: "/project", worktree: "/project", abort: this.#abort.signal,
      metadata: (/** @type {any} */ { title, metadata }) => this.#put({ title, metadata: { ...this.#part.state.metadata, ...metadata } }),
      ask: (/** @type {any} */ asked) => this.#ask(asked, agent),
    }
    const pluginTool = byUser ? undefined : host.tools[tool]
    await host.lag()
    const result = await (pluginTool ? pluginTool.execute(args, context) : tool === "task" ? this.#task(args, context, bypass) : this.#read(args))
    return typeof result === "string" ? { title: "", output: result, metadata: {} } : { metadata: {}, ...result }
  }

  /**
   * Checks a permission, and asks the user if the rules say so.
   * @param {{ permission: string, patterns: string[] }} asked
   * @param {string} agent
   */
  async #ask({ permission, patterns }, agent) {
    const actions = patterns.map((pattern) => evaluate(this.#turn.rules(agent), permission, pattern))
    await this.#host.lag()
    if (actions.includes("deny")) throw new Error("The user has specified a rule which prevents you from using this specific tool call.")
    if (!actions.includes("ask")) return
    const { ms, reply } = this.#host.setting.ask?.({ permission, patterns }) ?? { ms: 1, reply: "allow" }
    if (!(await this.#turn.wait(ms))) throw new Error("Tool execution aborted")
    if (reply === "reject") throw new Error("The user rejected permission to use this specific tool call.")
  }

  /** A tool that only takes time. @param {{ ms?: number }} args */
  async #read({ ms = 10 }) {
    await this.#turn.wait(ms)
    return { title: "", output: "It was read.", metadata: {} }
  }

  /**
   * OpenCode's own task tool.
   * @param {{ description: string, prompt: string, subagent_type: string, task_id?: string }} args
   * @param {{ sessionID: string, abort: AbortSignal, metadata: (shown: any) => void, ask: (asked: any) => Promise<void> }} context
   * @param {boolean} bypass
   */
  async #task({ description, prompt, subagent_type, task_id }, context, bypass) {
    const host = this.#host
    const { sessionID: parentID, abort } = context
    if (!bypass) await context.ask({ permission: "task", patterns: [subagent_type], always: ["*"], metadata: {} })
    const agent = host.agents.get(subagent_type)
    if (!agent) throw new Error(`Unknown agent type: ${subagent_type} is not a valid agent type`)
    if (task_id !== undefined && !task_id.startsWith("ses")) throw new Error(`Invalid task_id: ${task_id}`)
    if (host.store.depth(parentID) >= host.agents.depth) throw new Error("Subagents may not be nested any deeper.")
    const rules = (host.store.sessions.get(parentID)?.permission ?? []).filter(({ permission, action }) => action === "deny" || permission === "external_directory")
    const speaks = (/** @type {string} */ of) => agent.permission.some(({ permission }) => permission === of)
    for (const permission of ["todowrite", "task"]) if (!speaks(permission)) rules.push({ permission, pattern: "*", action: "deny" })
    await host.lag()
    const known = task_id === undefined ? undefined : host.store.sessions.get(task_id)
    const child = known ?? host.create({ parentID, title: `${description} (@${subagent_type} subagent)`, agent: subagent_type, permission: rules })
    const model = agent.model ?? { providerID: this.#message.providerID, modelID: this.#message.modelID }
    context.metadata({ title: description, metadata: { parentSessionId: parentID, sessionId: child.id, model } })
    await host.lag()
    const stop = () => host.abort(child.id)
    if (abort.aborted) throw new Error("Task cancelled")
    abort.addEventListener("abort", stop, { once: true })
    try {
      const { info, parts } = await host.prompt(child.id, { messageID: host.store.id("msg"), agent: subagent_type, model, parts: [{ type: "text", text: prompt }] })
      if (abort.aborted || info.error?.name === "MessageAbortedError") throw new Error("Task cancelled")
      if (info.error) throw new Error(`Subagent failed (task_id: ${child.id}): ${info.error.data?.message}`)
      const text = parts.findLast(({ type, text }) => type === "text" && text)?.text ?? ""
      const output = [`<task id="${child.id}" state="completed">`, "<task_result>", text, "</task_result>", "</task>"].join("\n")
      return { title: description, output, metadata: { parentSessionId: parentID, sessionId: child.id, model } }
    } finally {
      abort.removeEventListener("abort", stop)
    }
  }
}
