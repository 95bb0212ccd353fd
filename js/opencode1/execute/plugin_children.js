// The children that another plugin creates: each call's child has its name, its agent and its prompt from the first moment.

import { RECORD_KEY } from "../../core/index.js"
import { narrowPermissions } from "./narrow_permissions.js"

/**
 * @typedef {import("../../api.js").Effect} Effect
 * @typedef {import("../sdk/index.js").Host} Host
 * @typedef {import("../../core/index.js").EngineSync} EngineSync
 * @typedef {import("./plugin_entries.js").Entry} Entry
 * @typedef {(args: any) => Promise<any>} Request a call of OpenCode's SDK
 */

/**
 * Creates the children.
 */
export class PluginChildren {
  #host
  #sync
  #entries
  #overtake

  /**
   * @param {Host} host
   * @param {EngineSync} sync
   * @param {import("./plugin_entries.js").PluginEntries} entries
   * @param {(entry: Entry) => void} overtake ends an attempt that the plugin repeats in another session
   */
  constructor(host, sync, entries, overtake) {
    this.#host = host
    this.#sync = sync
    this.#entries = entries
    this.#overtake = overtake
  }

  /**
   * Creates a child for the plugin: with its record and its agent from the first moment.
   * @param {any} args
   * @param {Request} create
   */
  async create(args, create) {
    const { parentID, title } = args?.body ?? {}
    const entry = this.#entries.forChild(parentID, String(title))
    if (!entry) return create(args)
    entry.ahead = false
    await entry.making?.catch(() => {})
    const { adopts } = entry
    if (adopts) {
      // The call is committed with its prompt: a session with a committed call runs already.
      Object.assign(entry, { adopts: undefined, queued: undefined, sessionID: adopts, title })
      await narrowPermissions(this.#host, adopts, [], args.body.permission ?? [])
      return { data: await this.#host.session(adopts), error: undefined }
    }
    return entry.sessionID === undefined ? this.#createFirst(entry, args, create) : this.#createNext(entry, args, create)
  }

  /** @param {Entry} entry @param {any} args @param {Request} create */
  async #createFirst(entry, args, create) {
    const made = await this.#createKept(entry, args.body.permission ?? [], async ({ agent, record }) => create({ ...args, body: { ...args.body, agent, metadata: { ...args.body.metadata, [RECORD_KEY]: record } } }))
    entry.title = args.body.title
    return made ?? create(args)
  }

  /**
   * Creates the child of a call that the plugin has put into a queue: its name and its prompt must outlive the queue. The plugin gets it in
   * place of a new one.
   * @param {Entry} entry
   * @returns {Promise<string | undefined>} the child's id
   */
  async createAhead(entry) {
    // The plugin may have begun to create the child itself.
    if (entry.making) return entry.making.then(() => entry.sessionID)
    const { adopts: rests, sessionID: named = rests } = entry
    if (named) {
      // The call goes on with a session that exists. The plugin may have sent the prompt meanwhile.
      const kept = entry.kept > 0 || this.#entries.keep(entry, named, [{ type: "text", text: entry.request.prompt }]) ? named : undefined
      // Otherwise the plugin resumes the session by itself, or has it already in place of a new one.
      if (rests) entry.adopts = kept
      return (entry.queued = kept)
    }
    entry.ahead = true
    const made = await this.#createKept(entry, [], async ({ parentID, title, agent, permission, record }) => {
      return { data: await this.#host.create({ parentID, title, agent, permission, metadata: { [RECORD_KEY]: record } }) }
    })
    return (entry.queued = entry.adopts = made?.data.id)
  }

  /**
   * Creates the first child of a call, which holds its prompt from the first moment.
   * @param {Entry} entry
   * @param {import("../../api.js").HostRule[]} permission
   * @param {(effect: Extract<Effect, { type: "create" }>) => Promise<any>} create
   * @returns {Promise<any>} nothing if the engine knows the call no more
   */
  #createKept(entry, permission, create) {
    return (entry.making = this.#make(entry, permission, create))
  }

  /** @param {Entry} entry @param {import("../../api.js").HostRule[]} permission @param {(effect: Extract<Effect, { type: "create" }>) => Promise<any>} create */
  async #make(entry, permission, create) {
    const { request, decision } = entry
    const keep = () => this.#sync.apply({ type: "prompt.kept", ...this.#entries.asked(entry, [{ type: "text", text: request.prompt }]), permission })
    // The engine keeps a prompt once. The plugin may try again to create its child.
    const effect = (entry.creation ??= keep().find((effect) => effect.type === "create"))
    if (!effect) return undefined
    entry.kept = 1
    this.#sync.creating.add(decision.sessionID)
    try {
      const made = await create(effect)
      if (!made?.data?.id) return made
      entry.sessionID = made.data.id
      this.#sync.registerChild(made.data)
      // An engine that was made meanwhile keeps the prompt when the plugin sends it.
      if (!this.#sync.commitTicket(decision, made.data.id).length) entry.kept = 0
      entry.used(made.data.id)
      return made
    } finally {
      this.#sync.creating.delete(decision.sessionID)
      if (entry.sessionID === undefined) entry.making = undefined
    }
  }

  /** Creates the child of a further attempt: it gets the name. @param {Entry} entry @param {any} args @param {Request} create */
  async #createNext(entry, args, create) {
    const before = /** @type {string} */ (entry.sessionID)
    const made = await create({ ...args, body: { ...args.body, agent: this.#sync.spelled(entry.agent) } })
    if (!made?.data?.id) return made
    // An engine that was made since gives the name on only after that.
    await this.#sync.load(before).catch(() => {})
    // The end of a failed attempt is reported already.
    if (this.#entries.has(entry)) this.#overtake(entry)
    this.#sync.sessionCreated(made.data)
    this.#sync.registerChild(made.data)
    this.#sync.apply({ type: "session.replaced", now: Date.now(), sessionID: before, byID: made.data.id })
    // The tools of a session that was never prompted are not those of an attempt.
    const tools = entry.sent || entry.accepted ? entry.tools : undefined
    Object.assign(entry, { prompt_no: undefined, message: undefined, kept: 0, sent: false, accepted: false, over: false, settled: false, error: undefined, tools, sessionID: made.data.id })
    this.#entries.resume(entry, before)
    entry.used(made.data.id)
    return made
  }
}
