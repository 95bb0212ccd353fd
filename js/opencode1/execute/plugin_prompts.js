// The prompts that another plugin's own tools send. The engine keeps each of them, and says what goes with it; the plugin sends
// it, and tries it again by itself.

import { narrowedTools, readError } from "../../api.js"
import { RECORD_KEY, ifFound } from "../../core/index.js"

/**
 * @typedef {import("../../api.js").Effect} Effect
 * @typedef {import("../../api.js").Failure} Failure
 * @typedef {import("../../api.js").Message} Message
 * @typedef {import("../sdk/index.js").Host} Host
 * @typedef {import("../../core/index.js").EngineSync} EngineSync
 * @typedef {import("../../core/index.js").Granted} Granted
 * @typedef {import("../sdk/index.js").Client} Client
 * @typedef {(args: any) => Promise<any>} Request a call of OpenCode's SDK
 *
 * A prompt of an open call. `sessionID`: its child; `adopts`: the child that the plugin is given in place of a new one; `mark`: what
 * was added to the prompt so that the plugin sends it; `described`: whether the call had a description; `title`: that of its first
 * child; `tools`: those of the last attempt; `used` hears of each child.
 * @typedef {{
 *   request: import("../../api.js").Request, decision: Granted, described: boolean, mark?: string, adopts?: string, title?: string, used: (childID: string) => void,
 *   sessionID?: string, prompt_no?: number, message?: Message, kept: number, sent: boolean, accepted: boolean,
 *   tools?: Record<string, boolean>, error?: Failure & { name: string, message: string }, notices: string[],
 *   wake: (message: Message) => void, turn: number
 * }} Entry
 */

/** The longest wait for a free place among the prompts that run, in milliseconds: plugins give a request up after half a minute. */
const PLACE_MS = 20_000

/** The time in which a plugin takes up a failed prompt again, in milliseconds, before the failure is reported. */
const QUIET_MS = 5_000

/**
 * Follows the prompts.
 */
export class PluginPrompts {
  #host
  #sync
  #deliver
  #title
  /** The open prompts, the oldest first. @type {Set<Entry>} */
  #entries = new Set()
  /** When each session was last prompted. @type {Map<string, number>} */
  #prompted = new Map()
  /** Prompts whose ends nobody waits for: the plugin goes on in another session. @type {Set<string>} */
  #silent = new Set()
  #disposed = false

  /**
   * @param {Host} host
   * @param {EngineSync} sync
   * @param {(ending: Extract<Effect, { type: "deliver" }>) => Promise<void>} deliver delivers the end of a background task to its
   *   caller
   * @param {RegExp} [title] the title of a child, with its description as the first group
   */
  constructor(host, sync, deliver, title) {
    this.#host = host
    this.#sync = sync
    this.#deliver = deliver
    this.#title = title
  }

  /**
   * Follows the prompt of a call from now on.
   * @param {Pick<Entry, "request" | "decision" | "described" | "adopts" | "mark" | "sessionID" | "used">} of
   * @returns {Entry}
   */
  begin(of) {
    /** @type {Entry} */
    const entry = { kept: 0, sent: false, accepted: false, notices: [], wake: () => {}, turn: 0, ...of }
    this.#entries.add(entry)
    return entry
  }

  /**
   * Ends the prompt of a call that waited for its answer.
   * @param {Entry} entry
   * @param {string} [message] why there is none
   */
  end(entry, message) {
    if (message === undefined) this.#apply(entry, "prompt.answered")
    else this.#failed(entry, { kind: "host", name: "PluginError", message, retryable: false })
    this.#entries.delete(entry)
  }

  /** Gives up a prompt that no session got. @param {Entry} entry */
  drop(entry) {
    this.#entries.delete(entry)
  }

  /** When a session was last prompted, in milliseconds since the epoch. @param {string} sessionID */
  lastPrompted(sessionID) {
    return this.#prompted.get(sessionID) ?? 0
  }

  /** The client for the plugin: it creates and prompts children through this. @param {Client} client @returns {Client} */
  client(client) {
    const { session } = client
    const own = Object.create(session, {
      create: { value: (/** @type {any} */ args) => this.#create(args, (given) => session.create(given)) },
      prompt: { value: (/** @type {any} */ args) => this.#prompt(args, (given) => session.prompt(given)) },
      promptAsync: { value: (/** @type {any} */ args) => this.#prompt(args, (given) => session.promptAsync(given)) },
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
    if (effect.type === "deliver" && this.#silent.delete(`${sessionID} ${prompt_no}`)) {
      if (effect.to) this.#confirm(effect)
      return true
    }
    // A prompt has no number until it is kept.
    const is = (/** @type {Entry} */ entry) => (entry.prompt_no === undefined ? entry.kept > 0 : entry.prompt_no === prompt_no)
    const entry = [...this.#entries].find((entry) => entry.sessionID === sessionID && is(entry))
    if (!entry) return false
    if (effect.type === "send") {
      entry.prompt_no = prompt_no
      entry.message = effect.message
      entry.wake(effect.message)
    } else if (effect.type === "deliver") {
      entry.notices.push(...effect.notices)
      if (effect.to) this.#ended(entry, effect)
    }
    return true
  }

  /** Takes in an event of the host. @param {string} type @param {any} properties */
  handleEvent(type, properties) {
    const sessionID = properties.sessionID ?? properties.info?.sessionID
    if (type === "message.updated") {
      for (const entry of this.#entries) if (entry.sessionID === sessionID && properties.info.id === entry.message?.messageID) this.#accept(entry)
      return
    }
    const entry = this.#entryOf(sessionID)
    if (!entry) return
    if (type === "session.error" && properties.error) {
      const { name = "UnknownError" } = properties.error
      entry.error = { ...readError(properties.error), name }
    } else if (type === "session.status" && properties.status.type !== "idle") {
      entry.turn++
      entry.error = undefined
    } else if (type === "session.status" && entry.request.background && entry.accepted) void this.#settle(entry)
  }

  /**
   * The open prompt of a session that is sent or runs: the one that the session has not got yet, or else the last. A prompt stays open
   * until its caller can hear of its end.
   * @param {string} sessionID
   */
  #entryOf(sessionID) {
    const open = [...this.#entries].filter((entry) => entry.sessionID === sessionID)
    return open.find(({ accepted }) => !accepted) ?? open.at(-1)
  }

  /** Forgets all prompts: the plugin goes with its process, or follows them no more. */
  dispose() {
    this.#disposed = true
    this.#entries.clear()
  }

  /**
   * Creates a child for the plugin: with its record and its agent from the first moment.
   * @param {any} args
   * @param {Request} create
   */
  async #create(args, create) {
    const { parentID, title } = args?.body ?? {}
    const entry = typeof parentID === "string" ? this.#entryFor(parentID, String(title)) : undefined
    if (!entry) return create(args)
    const { adopts } = entry
    if (adopts) {
      // The call is committed with its prompt: a session with a committed call runs already.
      Object.assign(entry, { adopts: undefined, sessionID: adopts })
      const data = await this.#host.session(adopts)
      return { data, error: undefined }
    }
    return entry.sessionID === undefined ? this.#createFirst(entry, args, create) : this.#createNext(entry, args, create)
  }

  /** @param {Entry} entry @param {any} args @param {Request} create */
  async #createFirst(entry, args, create) {
    const { request, decision } = entry
    const kept = this.#sync.apply({ type: "prompt.kept", ...this.#asked(entry, [{ type: "text", text: request.prompt }]), permission: args.body.permission ?? [], ticket: ticketOf(decision) })
    const effect = kept.find((effect) => effect.type === "create")
    if (!effect) return create(args)
    entry.kept = 1
    this.#sync.creating.add(decision.sessionID)
    try {
      const made = await create({ ...args, body: { ...args.body, agent: effect.agent, metadata: { ...args.body.metadata, [RECORD_KEY]: effect.record } } })
      if (!made?.data?.id) return made
      Object.assign(entry, { sessionID: made.data.id, title: args.body.title })
      this.#sync.registerChild(made.data)
      const effects = this.#sync.apply({ type: "ticket.commit", now: Date.now(), ticket: effect.ticket, sessionID: made.data.id })
      entry.prompt_no ??= effects.find((effect) => effect.type === "wait")?.prompt_no
      this.#use(entry, made.data.id)
      return made
    } finally {
      this.#sync.creating.delete(decision.sessionID)
    }
  }

  /** Creates the child of a further attempt: it gets the name. @param {Entry} entry @param {any} args @param {Request} create */
  async #createNext(entry, args, create) {
    const before = /** @type {string} */ (entry.sessionID)
    const made = await create({ ...args, body: { ...args.body, agent: this.#sync.spelled(this.#agentOf(entry)) } })
    if (!made?.data?.id) return made
    // The plugin tries the prompt again, so this is no end to report.
    if (entry.prompt_no !== undefined) this.#silent.add(`${before} ${entry.prompt_no}`)
    this.#apply(entry, "prompt.answered")
    this.#sync.sessionCreated(made.data)
    this.#sync.registerChild(made.data)
    this.#sync.apply({ type: "session.replaced", now: Date.now(), sessionID: before, byID: made.data.id })
    // The tools of a session that was never prompted are not those of an attempt.
    const tools = entry.sent || entry.accepted ? entry.tools : undefined
    Object.assign(entry, { prompt_no: undefined, message: undefined, kept: 0, sent: false, accepted: false, error: undefined, tools, sessionID: made.data.id })
    this.#use(entry, made.data.id)
    return made
  }

  /**
   * Sends a prompt for the plugin: with what the engine adds to it, and with no tool that an earlier attempt was denied.
   * @param {any} args
   * @param {Request} send
   */
  async #prompt(args, send) {
    const sessionID = args?.path?.id
    const entry = this.#entryOf(sessionID)
    if (!entry && !this.#sync.hasChild(sessionID)) return send(args)
    const body = await this.#narrowed(entry, sessionID, args.body ?? {})
    this.#prompted.set(sessionID, Date.now())
    if (!entry || entry.accepted) return send({ ...args, body })
    const message = await this.#place(entry, sessionID, body.parts)
    if (!message || entry.sent) return send({ ...args, body })
    entry.sent = true
    // If this process dies, the next one looks for the message that the record names.
    await this.#sync.whenStored(sessionID)
    this.#apply(entry, "prompt.sent")
    this.#prompted.set(sessionID, Date.now())
    const more = message.parts.slice(0, message.parts.length - entry.kept)
    const sent = await send({ ...args, body: { ...body, parts: [...more, ...body.parts], messageID: message.messageID, agent: body.agent ?? message.agent } }).catch(async (error) => {
      await this.#refused(entry, error)
      throw error
    })
    if (sent?.error) await this.#refused(entry, sent.error)
    return sent
  }

  /** Takes in that a request failed: it may have stored the message, and the plugin may send it again. @param {Entry} entry @param {any} error */
  async #refused(entry, error) {
    const { sessionID = "", message } = entry
    const stored = message && (await ifFound(this.#host.message(sessionID, message.messageID)).catch(() => undefined))
    if (stored) return this.#accept(entry)
    entry.sent = false
    setTimeout(() => {
      if (entry.sent || this.#disposed || !this.#entries.has(entry)) return
      this.#failed(entry, { kind: "host", name: "PluginError", message: error?.data?.message ?? error?.message ?? JSON.stringify(error) ?? "", retryable: false })
    }, QUIET_MS).unref()
  }

  /**
   * Has the engine take a prompt in, and waits for its place.
   * @param {Entry} entry
   * @param {string} sessionID
   * @param {{ type: string, [field: string]: unknown }[]} parts
   * @returns {Promise<Message | undefined>} the message that the engine makes of it
   */
  async #place(entry, sessionID, parts) {
    if (entry.message) return entry.message
    /** @type {Promise<Message>} */
    const woken = new Promise((resolve) => (entry.wake = resolve))
    if (!entry.kept) {
      entry.kept = parts.length
      const effects = this.#sync.apply({ type: "prompt.kept", ...this.#asked(entry, parts), permission: [], sessionID, ticket: ticketOf(entry.decision) })
      const wait = effects.find((effect) => effect.type === "wait")
      if (!wait) return undefined
      entry.prompt_no = wait.prompt_no
      this.#use(entry, sessionID)
    }
    if (entry.message) return entry.message
    const late = new Promise((resolve) => setTimeout(resolve, PLACE_MS, undefined).unref())
    return /** @type {Promise<Message | undefined>} */ (Promise.race([woken, late]))
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

  /** @param {Entry} entry @param {{ type: string, [field: string]: unknown }[]} parts */
  #asked(entry, parts) {
    const { sessionID: callerID, callerAgent, background } = entry.request
    return { now: Date.now(), callerID, callerAgent, agent: this.#agentOf(entry), background, parts, sent_elsewhere: true }
  }

  /** @param {Entry} entry */
  #agentOf({ request, decision }) {
    return request.agent || this.#sync.session(decision.sessionID)?.agent || ""
  }

  /**
   * The prompt for which the plugin creates a child: by the child's description and agent, and among equals in order.
   * @param {string} parentID @param {string} title
   */
  #entryFor(parentID, title) {
    const found = this.#title ? this.#title.exec(title) : [title, title]
    // A child with a title of another form is none of a call.
    if (!found) return undefined
    const [, described = "", agent] = found
    const open = [...this.#entries].filter(({ request, decision, adopts, sessionID }) => request.sessionID === parentID && (decision.action === "spawn" || adopts || sessionID))
    const descriptions = (/** @type {Entry} */ { request, sessionID }) => [request.description, sessionID && this.#sync.session(sessionID)?.description]
    const of = open.filter((entry) => entry.title === title || descriptions(entry).includes(described.trim()))
    const waits = (/** @type {Entry} */ { adopts, sessionID, decision }) => adopts || (decision.action === "spawn" && sessionID === undefined)
    const waiting = of.filter(waits)
    const again = (/** @type {Entry} */ { sessionID, decision, request }) => sessionID && (decision.action === "spawn" || request.background)
    // A call without a description gets one from the plugin.
    return waiting.find((entry) => this.#sync.spelled(this.#agentOf(entry)) === agent) ?? waiting[0] ?? of.find(again) ?? open.find((entry) => !entry.described && waits(entry))
  }

  /** @param {Entry} entry @param {string} childID */
  #use(entry, childID) {
    entry.sessionID = childID
    entry.used(childID)
  }

  /** @param {Entry} entry */
  #accept(entry) {
    if (entry.accepted) return
    entry.accepted = true
    this.#apply(entry, "prompt.accepted")
  }

  /** Reports the end of a background prompt whose session is idle. @param {Entry} entry */
  async #settle(entry) {
    const { turn, error } = entry
    if (error) {
      // The plugin may try again, in this session or in another.
      await new Promise((resolve) => setTimeout(resolve, QUIET_MS).unref())
      if (this.#disposed || entry.turn !== turn || entry.error !== error) return
      if (error.name === "MessageAbortedError") this.#apply(entry, "prompt.cancelled")
      else this.#failed(entry, { kind: "host", name: error.name, message: error.message, retryable: false })
    } else this.#apply(entry, "prompt.answered")
  }

  /**
   * Takes in that the end of a background prompt is to be delivered. The plugin delivers answers and its own cancellations by
   * itself.
   * @param {Entry} entry
   * @param {Extract<Effect, { type: "deliver" }>} ending
   */
  #ended(entry, ending) {
    this.#entries.delete(entry)
    if (ending.state === "failed") return void this.#deliver(ending)
    this.#confirm(ending)
  }

  /** Reports that a result is with its caller, after the effect has returned. @param {Extract<Effect, { type: "deliver" }>} ending */
  #confirm({ sessionID, prompt_no, to }) {
    queueMicrotask(() => this.#sync.apply({ type: "task.delivered", now: Date.now(), sessionID, prompt_no, messageID: to?.messageID, delivered: true }))
  }

  /** @param {Entry} entry @param {Failure} failure */
  #failed({ sessionID, prompt_no }, failure) {
    if (sessionID === undefined || prompt_no === undefined) return
    this.#sync.apply({ type: "prompt.failed", now: Date.now(), sessionID, prompt_no, attempt: 1, failure, live: false })
  }

  /** @param {Entry} entry @param {"prompt.sent" | "prompt.accepted" | "prompt.answered" | "prompt.cancelled"} type */
  #apply({ sessionID, prompt_no }, type) {
    if (sessionID === undefined || prompt_no === undefined) return
    this.#sync.apply({ type, now: Date.now(), sessionID, prompt_no, attempt: 1 })
  }
}

/** @param {Granted} decision */
const ticketOf = (decision) => ("ticket" in decision ? decision.ticket : undefined)
