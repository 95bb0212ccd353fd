// A turn of a session: the model answers, its tools run, and it answers again, until nothing is left to answer.

import { isHidden } from "./permission_rules.js"
import { copy } from "./store.js"
import { ToolCall } from "./tool_call.js"

/**
 * @typedef {import("./host.js").Host} Host
 * @typedef {import("./store.js").Message} Message
 * @typedef {{ tool: string, args: Record<string, any>, id?: string }} Wish a model's call of a tool; without an id it gets a new one
 * @typedef {{
 *   ms: number, say?: string, calls?: Wish[], fail?: { status: number, message: string }, hang?: boolean, usage?: number
 * }} Outcome a model's answer after `ms` milliseconds; without text and calls it is an empty answer
 * @typedef {{
 *   kind: "chat" | "summary", host: Host, sessionID: string, agent: string, model: string, messages: Message[], tools: string[]
 * }} Asked
 * @typedef {(asked: Asked) => Outcome} Model
 */

/** The number of retries after an overload or a server error. */
const TRIES = 4

const NOTHING = { input: 0, output: 0, reasoning: 0, cache: { read: 0, write: 0 } }

/**
 * One run of a session's model loop, from a message to idle.
 */
export class Turn {
  #host
  /** The callbacks for an abort. @type {Set<() => void>} */
  #stops = new Set()
  /** Whether the turn was aborted. */
  aborted = false
  #over = new Promise((/** @type {(value: void) => void} */ resolve) => this.onAbort(resolve))
  /** Settles with the session's last message. @type {Promise<Message>} */
  end
  /** @type {(message: Message) => void} */
  #resolve = () => {}
  /** @type {(error: Error) => void} */
  #reject = () => {}
  /** @type {Message | undefined} */
  #last
  /** @type {{ type: string, [field: string]: unknown }} */
  status = { type: "busy" }

  /** @param {Host} host @param {string} sessionID */
  constructor(host, sessionID) {
    this.#host = host
    this.sessionID = sessionID
    this.end = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    // A caller that does not wait hears of no failure.
    this.end.catch(() => {})
  }

  abort() {
    this.aborted = true
    for (const stop of this.#stops) stop()
    this.#stops.clear()
  }

  /** Adds a callback for an abort. @param {() => void} stop @returns {() => void} removes it */
  onAbort(stop) {
    if (this.aborted) stop()
    else this.#stops.add(stop)
    return () => void this.#stops.delete(stop)
  }

  begin() {
    this.#host.store.log("turn.begin", this.sessionID, "", { host: this.#host })
    this.#run().then(
      () => (this.#last ? this.#resolve(this.#last) : this.#reject(new Error("The session has nothing to answer."))),
      (error) => {
        this.#host.store.log("trouble", this.sessionID, `a turn: ${error.stack}`)
        this.#reject(error)
      },
    )
  }

  async #run() {
    const host = this.#host
    this.#setStatus({ type: "busy" })
    let failed = false
    while (!failed && !this.aborted) {
      const messages = host.store.messages(this.sessionID)
      const user = messages.findLastIndex(({ info }) => info.role === "user")
      const answer = messages.findLastIndex(({ info }) => info.role === "assistant")
      const goesOn = messages[answer]?.info.finish === "tool-calls"
      if (user < 0 || (answer > user && !goesOn)) {
        this.#last ??= messages[answer]
        break
      }
      const { info, parts } = messages[user]
      const task = answer > user ? undefined : parts.find(({ type }) => type === "subtask")
      const summary = parts.some(({ type }) => type === "compaction")
      failed = await (task ? this.#subtask(info, task) : this.#step(info, summary))
    }
    host.turns.delete(this.sessionID)
    host.store.log("turn.end", this.sessionID, this.aborted ? "broken off" : "", { host })
    if (this.aborted) {
      host.publish("session.error", { sessionID: this.sessionID, error: { name: "MessageAbortedError", data: { message: "Aborted" } } })
    }
    host.publishStatus(this.sessionID, { type: "idle" })
    // After an error OpenCode sends it twice.
    if (failed || this.aborted) host.publish("session.idle", { sessionID: this.sessionID })
  }

  /** @param {{ type: string }} status */
  #setStatus(status) {
    this.status = status
    this.#host.publishStatus(this.sessionID, status)
  }

  /** Waits. @param {number | undefined} ms for ever if left out @returns {Promise<boolean>} `false` if the turn was aborted */
  wait(ms) {
    return new Promise((resolve) => {
      const alarm = ms === undefined ? undefined : this.#host.clock.after(ms, () => {
        remove()
        resolve(true)
      })
      const remove = this.onAbort(() => {
        this.#host.clock.cancel(alarm)
        resolve(false)
      })
    })
  }

  /** Begins an assistant's message. @param {any} user @param {object} [more] */
  #say({ id: parentID, agent, model }, more = {}) {
    const { store, clock } = this.#host
    const info = { id: store.id("msg"), role: "assistant", sessionID: this.sessionID, parentID, agent, ...model, time: { created: clock.wall() }, tokens: NOTHING, ...more }
    this.#host.putMessage(info)
    this.#last = store.message(this.sessionID, info.id) ?? { info, parts: [] }
    return this.#last
  }

  /** Ends a message. @param {Message} message @param {Record<string, any>} fields */
  #finish({ info }, fields) {
    Object.assign(info, fields)
    info.time.completed = this.#host.clock.wall()
    this.#host.putMessage(info)
  }

  /** The rules of an agent in this session. @param {string} agent */
  rules(agent) {
    const own = this.#host.store.sessions.get(this.sessionID)?.permission ?? []
    return [...(this.#host.agents.get(agent)?.permission ?? []), ...own]
  }

  /**
   * Asks the model once, and runs its calls.
   * @param {any} user the message to answer
   * @param {boolean} summary whether to summarise
   * @returns {Promise<boolean>} whether it failed
   */
  async #step(user, summary) {
    const host = this.#host
    const message = this.#say(user, summary ? { summary: true } : {})
    const messages = copy(host.store.messages(this.sessionID).slice(0, -1))
    if (summary) await host.trigger("experimental.session.compacting", { sessionID: this.sessionID }, { context: [] })
    await host.trigger("experimental.chat.messages.transform", {}, { messages })
    const rules = this.rules(user.agent)
    const tools = ["task", "read", ...Object.keys(host.tools)].filter((tool, index, all) => all.indexOf(tool) === index && !isHidden(rules, tool))
    const model = `${user.model.providerID}/${user.model.modelID}`
    const outcome = await this.#ask({ kind: summary ? "summary" : "chat", host, sessionID: this.sessionID, agent: user.agent, model, messages, tools })
    if (outcome === "retrying") {
      // An abort between two tries ends the message without an error.
      this.#finish(message, {})
      return true
    }
    if (!outcome) {
      this.#finish(message, { error: { name: "MessageAbortedError", data: { message: "Aborted" } } })
      return true
    }
    if (outcome.fail) {
      const { status, message: why } = outcome.fail
      const error = { name: "APIError", data: { message: why, statusCode: status, isRetryable: status === 429 || status >= 500 } }
      this.#finish(message, { error })
      host.publish("session.error", { sessionID: this.sessionID, error })
      return true
    }
    const { say, calls = [], usage } = outcome
    if (say) this.#put(message, { type: "text", text: say })
    const parts = calls.map(({ tool, args, id }) => this.#put(message, { type: "tool", tool, callID: id ?? host.store.id("call"), state: { status: "pending", input: args } }))
    const runs = Promise.all(parts.map((part) => new ToolCall(host, this, message.info, part).run(tools.includes(part.tool), user)))
    await Promise.race([runs, this.#over])
    if (this.aborted) {
      for (const part of message.parts.filter(({ type }) => type === "tool")) ToolCall.abort(host, part)
      this.#finish(message, { error: { name: "MessageAbortedError", data: { message: "Aborted" } } })
      return true
    }
    const input = usage ?? Math.ceil(JSON.stringify(messages).length / 4)
    this.#finish(message, { finish: calls.length ? "tool-calls" : "stop", tokens: { ...NOTHING, input, output: 1 + ((say?.length ?? 0) >> 2) } })
    return false
  }

  /** @param {Message} message @param {Record<string, any>} fields */
  #put(message, fields) {
    const part = { id: this.#host.store.id("prt"), messageID: message.info.id, sessionID: this.sessionID, ...fields }
    if (!message.parts.includes(part) && !this.#host.store.message(this.sessionID, message.info.id)) message.parts.push(part)
    this.#host.putPart(part)
    return /** @type {any} */ (part)
  }

  /**
   * Asks the model, with OpenCode's retries.
   * @param {Asked} asked
   * @returns {Promise<Outcome | "retrying" | undefined>} none if the turn was aborted
   */
  async #ask(asked) {
    for (let attempt = 1; ; attempt++) {
      const outcome = this.#host.setting.model(asked)
      if (!(await this.wait(outcome.hang ? undefined : outcome.ms))) return undefined
      const { fail } = outcome
      const again = fail && (fail.status === 429 || fail.status >= 500) && attempt <= TRIES
      if (!again) return outcome
      const ms = 2_000 * 2 ** (attempt - 1)
      this.#setStatus(/** @type {any} */ ({ type: "retry", attempt, message: fail.message, next: this.#host.clock.wall() + ms }))
      if (!(await this.wait(ms))) return "retrying"
      this.#setStatus({ type: "busy" })
    }
  }

  /** Runs a user's task. @param {any} user @param {any} task @returns {Promise<boolean>} */
  async #subtask(user, { agent, description, prompt }) {
    const message = this.#say(user)
    const input = { description, prompt, subagent_type: agent }
    const part = this.#put(message, { type: "tool", tool: "task", callID: this.#host.store.id("own"), state: { status: "running", input } })
    const run = new ToolCall(this.#host, this, message.info, part).run(true, user, true)
    await Promise.race([run, this.#over])
    if (this.aborted) ToolCall.abort(this.#host, part)
    this.#finish(message, this.aborted ? { error: { name: "MessageAbortedError", data: { message: "Aborted" } } } : { finish: "tool-calls" })
    return this.aborted
  }
}
