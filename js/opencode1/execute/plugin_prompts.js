// The prompts that another plugin's own tools send. The engine keeps each of them, and says what goes with it; the plugin sends
// it, and tries it again by itself.

import { narrowedTools, readError } from "../../api.js"
import { abortable, ifFound } from "../../core/index.js"
import { ownAnswer } from "./partial_answer.js"
import { PluginChildren } from "./plugin_children.js"
import { PluginEnds } from "./plugin_ends.js"
import { PluginEntries } from "./plugin_entries.js"

/**
 * @typedef {import("../../api.js").Effect} Effect
 * @typedef {import("../../api.js").Failure} Failure
 * @typedef {import("../../api.js").Message} Message
 * @typedef {import("../sdk/index.js").Host} Host
 * @typedef {import("../../core/index.js").EngineSync} EngineSync
 * @typedef {import("../sdk/index.js").Client} Client
 * @typedef {(args: any) => Promise<any>} Request a call of OpenCode's SDK
 * @typedef {import("./plugin_entries.js").Entry} Entry
 */

/**
 * Follows the prompts.
 */
export class PluginPrompts {
  #host
  #sync
  #deliver
  #pauses
  #entries
  #children
  #ends

  /**
   * @param {Host} host
   * @param {EngineSync} sync
   * @param {(ending: Extract<Effect, { type: "deliver" }>) => Promise<void>} deliver delivers the end of a background task to its
   *   caller
   * @param {import("./plugin_pauses.js").PluginPauses} pauses
   * @param {RegExp} [title] the title of a child, with its description as the first group
   */
  constructor(host, sync, deliver, pauses, title) {
    this.#host = host
    this.#sync = sync
    this.#deliver = deliver
    this.#pauses = pauses
    this.#entries = new PluginEntries(sync, title)
    this.#ends = new PluginEnds(sync, this.#entries, deliver, (entry) => this.#isWhole(entry))
    this.#children = new PluginChildren(host, sync, this.#entries, (entry) => this.#ends.overtake(entry))
  }

  /**
   * Follows the prompt of a call from now on.
   * @param {Pick<Entry, "request" | "decision" | "agent" | "described" | "adopts" | "mark" | "sessionID" | "used">} of
   * @returns {Entry}
   */
  begin(of) {
    /** @type {Entry} */
    const entry = { kept: 0, sent: false, accepted: false, left: false, notices: [], wake: () => {}, turn: 0, ...of }
    this.#entries.add(entry)
    return entry
  }

  /** Has the plugin run the call of a prompt. @template T @param {Entry} entry @param {() => T} run @returns {T} */
  during(entry, run) {
    return this.#entries.during(entry, run)
  }

  /**
   * Takes in that the plugin waits for an answer no longer. It may have given the prompt up, so the session shows how it ended.
   * @param {Entry} entry
   * @param {{ message?: string, cancelled: boolean }} why `message`: why the plugin says that there is no answer; `cancelled`: whether
   *   its caller was aborted
   * @returns {Promise<boolean>} whether the session has ended its turn
   */
  async leave(entry, { message, cancelled }) {
    const { sessionID = "", error } = entry
    if (entry.sent && !entry.accepted && (await this.#isStored(entry))) this.#accept(entry)
    const status = entry.accepted ? await this.#host.status().catch(() => undefined) : undefined
    const runs = (status?.[sessionID]?.type ?? "idle") !== "idle"
    // A prompt that is sent may still arrive.
    if (runs || (entry.sent && !entry.accepted && message === undefined)) {
      entry.left = true
      return false
    }
    // The result of a call reports its end.
    if (entry.request.background) this.#ends.reports.silence(entry)
    if (error && entry.accepted) this.#ends.broke(entry, error)
    else if (message !== undefined && (entry.sent || entry.accepted)) this.#ends.failed(entry, { kind: "host", name: "PluginError", message, retryable: false })
    else if (entry.accepted) this.#ends.apply(entry, "prompt.answered")
    else if (cancelled) this.#ends.apply(entry, "prompt.cancelled")
    // No session has got it: it stays for the next prompt of its session.
    else this.#ends.failed(entry, { kind: "lost" })
    // The notices with the end are for the result of the call.
    this.#entries.end(entry)
    return true
  }

  /** Creates the child of a call that the plugin has put into a queue. @param {Entry} entry */
  createAhead(entry) {
    return this.#children.createAhead(entry)
  }

  /**
   * Gives up the prompts of a session that the plugin has dropped from its queue: nobody would send them.
   * @param {string} sessionID @param {(task: string) => Promise<boolean>} isOver whether a task of the plugin runs no more, and waits no more
   */
  async loseDropped(sessionID, isOver) {
    const isUnsent = (/** @type {Entry} */ entry) => this.#entries.has(entry) && !entry.sent && !entry.accepted
    for (const entry of this.#entries.all(sessionID)) {
      if (!entry.task || !isUnsent(entry) || !(await isOver(entry.task).catch(() => false)) || !isUnsent(entry)) continue
      this.#entries.end(entry)
      this.#ends.failed(entry, { kind: "lost" })
    }
  }

  /** Takes in that the plugin has cancelled a call in its queue, or all of a caller. @param {string} callerID @param {string} [sessionID] */
  cancelQueued(callerID, sessionID) {
    for (const entry of this.#entries.queued(callerID, sessionID)) {
      this.#entries.end(entry)
      // The tool that cancels reports the end.
      this.#ends.reports.silence(entry)
      this.#ends.apply(entry, "prompt.cancelled")
    }
  }

  /** Gives up a prompt that no session got. @param {Entry} entry */
  drop(entry) {
    this.#entries.end(entry)
  }

  /** The client for the plugin: it creates and prompts children through this. @param {Client} client @returns {Client} */
  client(client) {
    const { session } = client
    // The plugin's pause begins when a request returns.
    const prompt = async (/** @type {any} */ args, /** @type {Request} */ send) => this.#prompt(args, send).finally(() => this.#pauses.prompted(args?.path?.id))
    const own = Object.create(session, {
      create: { value: (/** @type {any} */ args) => this.#children.create(args, (given) => session.create(given)) },
      prompt: { value: (/** @type {any} */ args) => prompt(args, (given) => session.prompt(given)) },
      abort: { value: async (/** @type {any} */ args) => (this.#isOver(args?.path?.id) ? { data: true } : this.#abort(args, (given) => session.abort(given))) },
      promptAsync: { value: (/** @type {any} */ args) => prompt(args, (given) => session.promptAsync(given)) },
    })
    return Object.create(client, { session: { value: own, enumerable: true } })
  }

  /**
   * Carries out an effect on one of these prompts.
   * @param {Effect} effect
   * @returns {boolean} whether it is one of them
   */
  perform(effect) {
    if (!("prompt_no" in effect) || effect.type === "check") return false
    const { sessionID, prompt_no } = effect
    if (effect.type === "deliver" && this.#ends.reports.takes(effect)) return true
    // A prompt has no number until it is kept.
    const is = (/** @type {Entry} */ entry) => (entry.prompt_no === undefined ? entry.kept > 0 : entry.prompt_no === prompt_no)
    const entry = this.#entries.all(sessionID).find(is)
    if (!entry) return false
    if (effect.type === "send") {
      entry.prompt_no = prompt_no
      entry.message = effect.message
      entry.wake(effect.message)
    } else if (effect.type === "forget") {
      entry.limited = this.#sync.session(sessionID)?.limit !== undefined
      entry.over = true
    } else if (effect.type === "deliver") {
      entry.notices.push(...effect.notices)
      if (effect.to) this.#ends.ended(entry, effect)
    }
    return true
  }

  /** Aborts a session for the plugin. @param {any} args @param {Request} abort */
  #abort(args, abort) {
    // The prompts before it have ended.
    const entry = this.#entries.running(args?.path?.id)
    if (entry) entry.withdrawn = true
    return abort(args)
  }

  /** Takes in an event of the host. @param {string} type @param {any} properties */
  handleEvent(type, properties) {
    if (type === "session.deleted") return this.#forget(properties.info.id)
    const sessionID = properties.sessionID ?? properties.info?.sessionID
    // OpenCode names no session in the error of none.
    if (!sessionID) return
    if (type === "message.updated") {
      for (const entry of this.#entries.all(sessionID)) if (properties.info.id === entry.message?.messageID) this.#accept(entry)
      return
    }
    const entry = this.#entries.running(sessionID)
    // What the session does next is about other prompts.
    if (!entry || entry.settled) return
    if (type === "session.error" && properties.error) {
      entry.error = readError(properties.error)
      // OpenCode answers some requests before it refuses them.
      if (entry.sent && !entry.accepted) void this.#refused(entry, properties.error)
    }
    if (type !== "session.status") return
    const ran = entry.runs
    entry.runs = properties.status.type !== "idle"
    if (entry.runs) {
      // A turn for another prompt overcomes no error.
      if (entry.error && !ran && !entry.again) return
      entry.turn++
      entry.again = false
      if (entry.error) this.#ends.reports.withdraw(entry)
      entry.error = undefined
    } else if (entry.ending) this.#ends.ended(entry, entry.ending)
    else if ((entry.request.background || entry.left) && entry.accepted) void this.#ends.settle(entry)
  }

  /**
   * Whether the plugin's abort of a session is about a background prompt that the session has answered, while it runs for another.
   * @param {string} sessionID
   */
  #isOver(sessionID) {
    return this.#ends.cleanups.end(sessionID) && this.#sync.session(sessionID)?.status !== "idle"
  }

  /**
   * Waits until the plugin has cleared up after the answer of a session.
   * @param {string} sessionID @param {AbortSignal} abort
   * @returns {Promise<boolean>} whether it had to
   */
  clearedUp(sessionID, abort) {
    return this.#ends.cleanups.whenDone(sessionID, abort)
  }

  /** Forgets a session that is deleted. @param {string} sessionID */
  #forget(sessionID) {
    for (const entry of this.#entries.all(sessionID)) {
      if (!entry.ending) continue
      // Nobody else reports the end at a limit: the answer is deleted too.
      this.#entries.end(entry)
      void this.#deliver(entry.ending)
    }
    this.#entries.forget(sessionID)
    this.#ends.cleanups.end(sessionID)
    this.#ends.reports.forget(sessionID)
  }

  /** Forgets all prompts: the plugin goes with its process, or follows them no more. */
  dispose() {
    this.#ends.reports.dispose()
    this.#entries.clear()
  }

  /**
   * Sends a prompt for the plugin: with what the engine adds to it, and with no tool that an earlier attempt was denied.
   * @param {any} args
   * @param {Request} send
   */
  async #prompt(args, send) {
    const sessionID = args?.path?.id
    // OpenCode refuses a prompt of no session.
    if (typeof sessionID !== "string") return send(args)
    const last = this.#entries.of(sessionID)
    const { parts } = args.body ?? {}
    const isReport = last && this.#ends.reports.isReport(sessionID, parts, last.request.prompt)
    const entry = isReport ? undefined : last
    if (!entry && !this.#sync.hasChild(sessionID)) return this.#ends.reports.send(sessionID, args, send)
    const body = await this.#narrowed(entry, sessionID, args.body ?? {})
    this.#pauses.prompted(sessionID, entry?.request.prompt)
    if (!entry || entry.accepted) {
      if (entry) entry.again = true
      // A plugin that prompts by itself is not clearing up: its next abort is meant.
      this.#ends.cleanups.end(sessionID)
      return this.#ends.reports.send(sessionID, { ...args, body }, send)
    }
    const message = await this.#place(entry, sessionID, body.parts, args.signal).catch((error) => this.#rejected(entry, error))
    if (!message || entry.sent) return send({ ...args, body })
    entry.sent = true
    entry.failure = undefined
    entry.withdrawn = false
    this.#ends.reports.withdraw(entry)
    entry.turn++
    // If this process dies, the next one looks for the message that the record names.
    await this.#sync.whenStored(sessionID)
    this.#ends.apply(entry, "prompt.sent")
    const more = message.parts.slice(0, message.parts.length - entry.kept)
    const sent = await send({ ...args, body: { ...body, parts: [...more, ...body.parts], messageID: message.messageID, agent: body.agent ?? message.agent } }).catch((error) => this.#rejected(entry, error))
    if (sent?.error) await this.#refused(entry, sent.error)
    return sent
  }

  /** Takes in that a request failed, and throws its error. @param {Entry} entry @param {any} error @returns {Promise<never>} */
  async #rejected(entry, error) {
    await this.#refused(entry, error)
    throw error
  }

  /** Takes in that a request failed: it may have stored the message, and the plugin may send it again. @param {Entry} entry @param {any} error */
  async #refused(entry, error) {
    if (await this.#isStored(entry)) return this.#accept(entry)
    entry.sent = false
    this.#ends.refused(entry, reasonOf(error))
  }

  /** Whether a session has the message of a prompt. @param {Entry} entry */
  async #isStored({ sessionID = "", message }) {
    return message !== undefined && Boolean(await ifFound(this.#host.message(sessionID, message.messageID)).catch(() => undefined))
  }

  /** Whether a session has ended its answer to a prompt. @param {Entry} entry */
  async #isWhole({ sessionID = "", message }) {
    return message !== undefined && Boolean(await ownAnswer(this.#host, sessionID, message.messageID).catch(() => undefined))
  }

  /**
   * Has the engine take a prompt in, and waits for its turn in its session.
   * @param {Entry} entry
   * @param {string} sessionID
   * @param {{ type: string, [field: string]: unknown }[]} parts
   * @param {AbortSignal} [signal] the plugin waits no longer
   * @returns {Promise<Message | undefined>} the message that the engine makes of it
   */
  async #place(entry, sessionID, parts, signal) {
    if (entry.message) return entry.message
    /** @type {Promise<Message>} */
    const woken = new Promise((resolve) => (entry.wake = resolve))
    if (!entry.kept && !this.#entries.keep(entry, sessionID, parts)) return undefined
    return entry.message ?? abortable(woken, signal)
  }

  /**
   * The body of a prompt with the tools that it may have, its session's agent, and without the mark.
   * @param {Entry | undefined} entry @param {string} sessionID @param {any} body
   */
  async #narrowed(entry, sessionID, body) {
    const { mark } = entry ?? {}
    const unmarked = (/** @type {any} */ part) => (mark && typeof part?.text === "string" ? { ...part, text: part.text.replaceAll(mark, "") } : part)
    const parts = Array.isArray(body.parts) ? body.parts.map(unmarked) : []
    const agent = body.agent ?? this.#sync.session(sessionID)?.agent
    const given = { ...body, parts, ...(agent ? { agent } : {}) }
    if (!body.tools) return given
    const { permission: held = [] } = await this.#host.session(sessionID).catch(() => ({ permission: undefined }))
    const tools = narrowedTools({ before: entry?.tools, held, tools: body.tools })
    if (entry) entry.tools = tools
    return { ...given, tools }
  }

  /** @param {Entry} entry */
  #accept(entry) {
    if (entry.accepted) return
    entry.accepted = true
    this.#ends.apply(entry, "prompt.accepted")
    // The engine's abort came before the prompt.
    if (entry.over && entry.sessionID) void this.#host.abort(entry.sessionID).catch(() => {})
  }

}

/** Why a request failed. OpenCode, its SDK and other plugins give errors of many forms. @param {any} error */
function reasonOf(error) {
  return [error?.data?.message, error?.message, error, JSON.stringify(error)].find((text) => typeof text === "string" && text) ?? "UnknownError"
}
