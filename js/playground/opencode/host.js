// OpenCode 1.18 as its plugins see it: one process, which dies with all that it has in memory. What it keeps is in the store.

import { sdk } from "./sdk.js"
import { Registry } from "./agents.js"
import { Refusal, copy } from "./store.js"
import { Turn } from "./turn.js"

/**
 * @typedef {import("./store.js").Session} Session
 * @typedef {import("./store.js").Message} Message
 * @typedef {import("./turn.js").Model} Model
 * @typedef {{ server: (input: any, options?: any) => Promise<any>, options?: Record<string, unknown> }} Plugin
 * @typedef {{ hooks: any[], closed: boolean, told: number }} Instance the plugins from one loading to the next
 * @typedef {"allow" | "reject"} Reply
 */

/**
 * What befalls events and calls on their way.
 * @typedef {{
 *   event?: (type: string, properties: any) => number[],
 *   call?: (name: string, properties: any) => { before?: number, refuse?: "error" | "throw", lose?: boolean, after?: number } | undefined
 * }} Faults `event`: by how much each copy of an event is late, none where it is lost; `call`: how long a call takes before
 *   it is made and after, whether it is refused, and whether it is made and its answer lost
 *
 * @typedef {{
 *   name: string, store: import("./store.js").Store, clock: import("./clock.js").Clock, dice: import("./dice.js").Dice,
 *   config: any, models: Record<string, number>, plugins: Plugin[], model: Model, ask?: (asked: any) => { ms: number, reply: Reply },
 *   faults?: Faults, torn?: boolean
 * }} Setting `models`: the windows of the models of provider "p"; `model`: what these answer; `ask`: what the user does who
 *   is asked for a permission; `torn`: whether things happen between a message and its parts
 */

/**
 * A process of OpenCode.
 */
export class Host {
  /** The turns that run, by session. @type {Map<string, Turn>} */
  turns = new Map()
  dead = false
  /** @type {Instance} */
  #instance = { hooks: [], closed: true, told: 0 }
  /** Is done when the plugins are loaded. @type {Promise<void>} */
  ready = Promise.resolve()
  /** @type {Registry} */
  agents

  /** @param {Setting} setting */
  constructor(setting) {
    this.setting = setting
    const { name, store, clock, dice } = setting
    Object.assign(this, { name })
    this.store = store
    this.clock = clock
    this.dice = dice
    this.agents = new Registry(setting.config)
  }

  /** Who this is, in the log. */
  name = ""

  /** A moment: nothing that the host does is done at once. @param {number} [ms] the longest */
  lag(ms = 4) {
    return this.clock.sleep(1 + this.dice.below(ms))
  }

  /** Loads the plugins. */
  boot() {
    this.ready = this.#load()
    return this.ready
  }

  async #load() {
    const instance = { hooks: /** @type {any[]} */ ([]), closed: false, told: this.clock.time }
    const config = Registry.parse(this.setting.config)
    // One for all plugins, and another each time that they are loaded.
    const client = sdk(this)
    for (const { server, options } of this.setting.plugins) {
      instance.hooks.push(await server({ client, directory: "/project", worktree: "/project" }, options))
    }
    for (const hooks of instance.hooks) await hooks.config?.(config)
    this.agents = new Registry(config)
    this.#instance = instance
    this.store.log("boot", undefined, `${this.name} has loaded its plugins`)
  }

  /** Loads the plugins anew: what runs is broken off, and the instances of before hear nothing more. */
  reload() {
    const { hooks } = this.#instance
    this.#instance.closed = true
    this.store.log("reload", undefined, `${this.name} loads its plugins anew`)
    const unload = async () => {
      const gone = Promise.all(hooks.map((each) => this.#guarded("dispose", () => each.dispose?.())))
      await this.lag()
      for (const turn of this.turns.values()) turn.breakOff()
      await gone
      await this.#load()
    }
    this.ready = unload()
    return this.ready
  }

  /** Ends the process as kill -9 does: nothing of it happens any more. */
  kill() {
    this.dead = true
    this.clock.drop(this)
    this.store.log("kill", undefined, `${this.name} is killed`)
  }

  /**
   * Tells the plugins of something, a moment later, and waits for nobody.
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
      // Those that are not late come in their order.
      const due = Math.max(instance.told, clock.time + this.dice.below(3)) + late
      if (!late) instance.told = due
      clock.after(due - clock.time, () => {
        if (instance.closed) return
        this.store.log("told", sessionID, type, { host: this, ...event })
        for (const hooks of instance.hooks) void this.#guarded(`event ${type}`, () => hooks.event?.({ event: copy(event) }))
      }, { owner: this })
    }
  }

  /**
   * Runs a hook of every plugin, one after the other.
   * @param {string} name
   * @param {object} input
   * @param {object} output
   */
  async trigger(name, input, output) {
    for (const hooks of this.#instance.hooks) await hooks[name]?.(input, output)
  }

  /** The tools that plugins bring; of two of one name the later plugin's. @returns {Record<string, any>} */
  get tools() {
    return Object.assign({}, ...this.#instance.hooks.map((hooks) => hooks.tool))
  }

  /** Does what nobody waits for: to fail there is to fail unheard. @param {string} what @param {() => unknown} work */
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
   * Changes a session: metadata are replaced, permissions added.
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

  /** Deletes a session, and before it all below it. What runs there goes on. @param {string} id */
  remove(id) {
    const info = this.session(id)
    for (const child of this.store.children(id)) this.remove(child.id)
    this.store.remove(id)
    this.publish("session.deleted", { sessionID: id, info: copy(info) })
  }

  /** The sessions that this process runs: of another's it knows nothing. */
  status() {
    return Object.fromEntries([...this.turns].map(([id, { status }]) => [id, status]))
  }

  /** @param {string} sessionID @param {{ type: string }} status */
  tellStatus(sessionID, status) {
    this.publish("session.status", { sessionID, status })
    if (status.type === "idle") this.publish("session.idle", { sessionID })
  }

  /** Stores a message and tells of it; of a session that is gone, neither. @param {any} info */
  putMessage(info) {
    if (this.store.putMessage(info)) this.publish("message.updated", { sessionID: info.sessionID, info: copy(info) })
  }

  /** @param {any} part */
  putPart(part) {
    if (this.store.putPart(part)) this.publish("message.part.updated", { sessionID: part.sessionID, part: copy(part) })
  }

  /**
   * Stores a user message, and has the session answer it.
   * @param {string} sessionID
   * @param {{ messageID?: string, agent?: string, model?: any, variant?: string, parts: any[] }} body
   * @param {() => void} [stored] is told when the message is there
   * @returns {Promise<Message>} the last that the session says
   */
  async prompt(sessionID, body, stored) {
    // Who comes while plugins are loaded waits for them.
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
      // OpenCode stores them one after the other: a kill may come between.
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

  /** Has a session summarise itself. @param {string} sessionID @param {any} model */
  async summarize(sessionID, model) {
    this.session(sessionID)
    const id = this.store.id("msg")
    const before = this.store.messages(sessionID).findLast(({ info }) => info.role === "user")?.info
    this.putMessage({ id, role: "user", sessionID, agent: before?.agent ?? "build", model, time: { created: this.clock.wall() } })
    this.putPart({ id: this.store.id("prt"), messageID: id, sessionID, type: "compaction", auto: false })
    return this.run(sessionID)
  }

  /**
   * Has a session go on until nothing is left to answer. Who asks it while it runs gets the last answer of that.
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

  /** Breaks off what a session does: of a prompt that is not stored yet, nothing. @param {string} sessionID */
  abort(sessionID) {
    const turn = this.turns.get(sessionID)
    if (turn) turn.breakOff()
    else this.tellStatus(sessionID, { type: "idle" })
  }
}
