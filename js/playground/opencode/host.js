// OpenCode 1.18 as its plugins see it: one process. Its memory dies with it; its database is the store.

import { sdk } from "./sdk.js"
import { AgentRegistry } from "./agents.js"
import { Refusal, copy } from "./store.js"
import { Turn } from "./turn.js"

/**
 * @typedef {import("./store.js").Session} Session
 * @typedef {import("./store.js").Message} Message
 * @typedef {import("./turn.js").Model} Model
 * @typedef {{ server: (input: any, options?: any) => Promise<any>, options?: Record<string, unknown> }} Plugin
 * @typedef {{ hooks: any[], closed: boolean, lastEvent: number }} Instance the plugins from one load to the next; `lastEvent`: the
 *   time of the last event
 * @typedef {"allow" | "reject"} Reply
 */

/**
 * The faults of events and calls.
 * @typedef {{
 *   event?: (type: string, properties: any) => number[],
 *   call?: (name: string, properties: any) => { before?: number, refuse?: "error" | "throw", lose?: boolean, after?: number } | undefined
 * }} Faults `event`: the delay of each copy of an event, no copy if it is lost; `call`: the delays before and after a call,
 *   whether it is refused, and whether its answer is lost
 *
 * @typedef {{
 *   name: string, store: import("./store.js").Store, clock: import("./clock.js").Clock, dice: import("./dice.js").Dice,
 *   config: any, models: Record<string, number>, plugins: Plugin[], model: Model, ask?: (asked: any) => { ms: number, reply: Reply },
 *   faults?: Faults, torn?: boolean
 * }} Setting `models`: the windows of the models of provider "p"; `model`: their answers; `ask`: the user's reply to a permission
 *   question; `torn`: whether time passes between the storing of a message and of its parts
 */

/**
 * A process of OpenCode.
 */
export class Host {
  /** The running turns, by session. @type {Map<string, Turn>} */
  turns = new Map()
  dead = false
  /** @type {Instance} */
  #instance = { hooks: [], closed: true, lastEvent: 0 }
  /** Resolves when the plugins are loaded. @type {Promise<void>} */
  ready = Promise.resolve()
  /** @type {AgentRegistry} */
  agents

  /** @param {Setting} setting */
  constructor(setting) {
    this.setting = setting
    const { name, store, clock, dice } = setting
    Object.assign(this, { name })
    this.store = store
    this.clock = clock
    this.dice = dice
    this.agents = new AgentRegistry(setting.config)
  }

  /** The name of the process in the log. */
  name = ""

  /** Waits a moment: nothing that the host does is immediate. @param {number} [ms] the longest wait */
  lag(ms = 4) {
    return this.clock.sleep(1 + this.dice.below(ms))
  }

  /** Loads the plugins. */
  boot() {
    this.ready = this.#load()
    return this.ready
  }

  async #load() {
    const instance = { hooks: /** @type {any[]} */ ([]), closed: false, lastEvent: this.clock.time }
    const config = AgentRegistry.parse(this.setting.config)
    // All plugins of one load share a client; the next load gets another.
    const client = sdk(this)
    for (const { server, options } of this.setting.plugins) {
      instance.hooks.push(await server({ client, directory: "/project", worktree: "/project" }, options))
    }
    for (const hooks of instance.hooks) await hooks.config?.(config)
    this.agents = new AgentRegistry(config)
    this.#instance = instance
    this.store.log("boot", undefined, `${this.name} has loaded its plugins`)
  }

  /** Reloads the plugins: running turns are aborted, and the earlier instances hear no more events. */
  reload() {
    const { hooks } = this.#instance
    this.#instance.closed = true
    this.store.log("reload", undefined, `${this.name} reloads its plugins`)
    const unload = async () => {
      const gone = Promise.all(hooks.map((each) => this.#guarded("dispose", () => each.dispose?.())))
      await this.lag()
      for (const turn of this.turns.values()) turn.abort()
      await gone
      await this.#load()
    }
    this.ready = unload()
    return this.ready
  }

  /** Ends the process as kill -9 does: its alarms ring no more. */
  kill() {
    this.dead = true
    this.clock.drop(this)
    this.store.log("kill", undefined, `${this.name} is killed`)
  }

  /**
   * Sends an event to the plugins, a moment later, and does not wait for them.
   * @param {string} type
   * @param {any} properties
   */
  publish(type, properties) {
    const { clock, setting: { faults } } = this
    const instance = this.#instance
    const sessionID = properties.sessionID ?? properties.info?.sessionID ?? properties.info?.id ?? properties.part?.sessionID
    this.store.log(type, sessionID, "", properties)
    if (instance.closed) return
    const event = copy({ type, properties })
    for (const late of faults?.event?.(type, properties) ?? [0]) {
      // Events without a delay keep their order.
      const due = Math.max(instance.lastEvent, clock.time + this.dice.below(3)) + late
      if (!late) instance.lastEvent = due
      clock.after(due - clock.time, () => {
        if (instance.closed) return
        this.store.log("event", sessionID, type, { host: this, ...event })
        for (const hooks of instance.hooks) void this.#guarded(`event ${type}`, () => hooks.event?.({ event: copy(event) }))
      }, { owner: this })
    }
  }

  /**
   * Runs a hook of every plugin, in order.
   * @param {string} name
   * @param {object} input
   * @param {object} output
   */
  async trigger(name, input, output) {
    for (const hooks of this.#instance.hooks) await hooks[name]?.(input, output)
  }

  /** The plugins' tools. Of two tools with one name, the later plugin's counts. @returns {Record<string, any>} */
  get tools() {
    return Object.assign({}, ...this.#instance.hooks.map((hooks) => hooks.tool))
  }

  /** Does work that no call waits for, and logs a failure. @param {string} what @param {() => unknown} work */
  async #guarded(what, work) {
    try {
      await work()
    } catch (error) {
      this.store.log("trouble", undefined, `${what}: ${error instanceof Error ? error.stack : error}`)
    }
  }

  /** @param {string} id @returns {Session} */
  session(id) {
    const session = this.store.sessions.get(id)
    if (!session) throw new Refusal("NotFoundError", `Session not found: ${id}`)
    return session
  }

  /** @param {Parameters<import("./store.js").Store["create"]>[0]} given */
  create(given) {
    const session = this.store.create(copy(given))
    this.publish("session.created", { sessionID: session.id, info: copy(session) })
    this.publish("session.updated", { sessionID: session.id, info: copy(session) })
    return session
  }

  /**
   * Changes a session: new metadata replaces the old, permission rules are appended.
   * @param {string} id
   * @param {{ title?: string, metadata?: Record<string, any>, permission?: import("./permission_rules.js").Rule[] }} change
   */
  update(id, { title, metadata, permission }) {
    const session = this.session(id)
    if (title !== undefined) session.title = title
    if (metadata) session.metadata = copy(metadata)
    if (permission) session.permission = [...(session.permission ?? []), ...copy(permission)]
    session.time.updated = this.clock.wall()
    this.publish("session.updated", { sessionID: id, info: copy(session) })
    return session
  }

  /** Deletes a session, after all sessions below it. Their turns continue. @param {string} id */
  remove(id) {
    const info = this.session(id)
    for (const child of this.store.children(id)) this.remove(child.id)
    this.store.remove(id)
    this.publish("session.deleted", { sessionID: id, info: copy(info) })
  }

  /** The status of the sessions that this process runs. It does not know those of another process. */
  status() {
    return Object.fromEntries([...this.turns].map(([id, { status }]) => [id, status]))
  }

  /** @param {string} sessionID @param {{ type: string }} status */
  publishStatus(sessionID, status) {
    this.publish("session.status", { sessionID, status })
    if (status.type === "idle") this.publish("session.idle", { sessionID })
  }

  /** Stores a message and publishes it, unless its session is gone. @param {any} info */
  putMessage(info) {
    if (this.store.putMessage(info)) this.publish("message.updated", { sessionID: info.sessionID, info: copy(info) })
  }

  /** @param {any} part */
  putPart(part) {
    if (this.store.putPart(part)) this.publish("message.part.updated", { sessionID: part.sessionID, part: copy(part) })
  }

  /**
   * Stores a user message, and runs the session until it is answered.
   * @param {string} sessionID
   * @param {{ messageID?: string, agent?: string, model?: any, variant?: string, parts: any[] }} body
   * @param {() => void} [stored] is called when the message is stored
   * @returns {Promise<Message>} the session's last message
   */
  async prompt(sessionID, body, stored) {
    // A prompt during a load waits for the plugins.
    await this.ready
    this.session(sessionID)
    const { store } = this
    const before = store.messages(sessionID).findLast(({ info }) => info.role === "user")?.info
    const name = body.agent ?? before?.agent ?? "build"
    const agent = this.agents.get(name)
    if (!agent) {
      const error = { name: "UnknownError", data: { message: `Agent not found: "${name}".` } }
      this.publish("session.error", { sessionID, error })
      throw new Refusal("UnknownError", "Unexpected server error")
    }
    const model = body.model ?? agent.model ?? before?.model ?? { providerID: "p", modelID: "one" }
    const id = body.messageID ?? store.id("msg")
    const info = { id, role: "user", sessionID, agent: name, model, time: { created: this.clock.wall() } }
    const parts = copy(body.parts).map((/** @type {any} */ part) => ({ id: store.id("prt"), ...part, messageID: id, sessionID }))
    await this.trigger("chat.message", { sessionID, agent: name, model, messageID: id, variant: body.variant }, { message: info, parts })
    await this.lag()
    const session = this.session(sessionID)
    this.putMessage(info)
    for (const part of parts) {
      // OpenCode stores them one after the other, so a kill may come between.
      if (this.setting.torn) await this.clock.sleep(0)
      this.putPart(part)
    }
    Object.assign(session, { agent: name, model: { id: model.modelID, providerID: model.providerID } })
    session.time.updated = this.clock.wall()
    this.publish("session.updated", { sessionID, info: copy(session) })
    store.log("prompted", sessionID, parts.map((/** @type {any} */ { text = "" }) => text).join("\n"), { info, parts, host: this })
    stored?.()
    return this.run(sessionID)
  }

  /** Summarises a session. @param {string} sessionID @param {any} model */
  async summarize(sessionID, model) {
    this.session(sessionID)
    const id = this.store.id("msg")
    const before = this.store.messages(sessionID).findLast(({ info }) => info.role === "user")?.info
    this.putMessage({ id, role: "user", sessionID, agent: before?.agent ?? "build", model, time: { created: this.clock.wall() } })
    this.putPart({ id: this.store.id("prt"), messageID: id, sessionID, type: "compaction", auto: false })
    return this.run(sessionID)
  }

  /**
   * Runs a session until nothing is left to answer. A call during a turn gets the last answer of that turn.
   * @param {string} sessionID
   * @returns {Promise<Message>}
   */
  run(sessionID) {
    const running = this.turns.get(sessionID)
    if (running) return running.end
    const turn = new Turn(this, sessionID)
    this.turns.set(sessionID, turn)
    turn.begin()
    return turn.end
  }

  /** Aborts the turn of a session. A prompt that is not stored yet is not aborted. @param {string} sessionID */
  abort(sessionID) {
    const turn = this.turns.get(sessionID)
    if (turn) turn.abort()
    else this.publishStatus(sessionID, { type: "idle" })
  }
}
