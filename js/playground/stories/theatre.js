// A played story: a process of OpenCode with the real plugin in it, its faults, and all that happens, in moments.

import { Engine } from "../../api.js"
import { Clock, Dice, Host, Store } from "../opencode/index.js"
import { act, marked, placeOf, unmarked } from "./cast.js"
import { storyOf } from "./stories.js"
import { breathe, forget, install } from "./worker_globals.js"

/**
 * @typedef {"fail" | "kill" | "delete" | "reload"} Kind
 * @typedef {{ at: number, kind: Kind, of?: number }} Fault `at`: the step of the world; `of`: the number of the session to
 *   delete, by the order of creation
 * @typedef {{ story: string, seed: number, faults: Fault[] }} Play
 * @typedef {{ step: number, at: number, kind: string, session?: string, [field: string]: any }} Moment `at`: milliseconds since
 *   the story began
 * @typedef {{ moments: Moment[], steps: number, faults: Fault[] }} Played `faults`: those by hand and those of the seed
 */

/** The silence before the user continues, and the time of a restart, in milliseconds. */
const [CALM_MS, BOOT_MS] = [3_000, 1_500]
/** The most steps of a story. */
const LONGEST = 20_000
/** The number of faults of a seed. */
const FAULTS = 2

/** @type {Kind[]} */
export const KINDS = ["fail", "kill", "delete", "reload"]

/**
 * @param {Play} play
 * @param {(input: any, options?: any) => Promise<any>} server the plugin
 * @returns {Promise<Played>}
 */
export async function perform({ story, seed, faults }, server) {
  if (!seed) return new Theatre(story, faults, server).play()
  // The faults of a seed are spread over the length of the story without faults.
  const { steps } = await new Theatre(story, [], server).play()
  const dice = new Dice(`faults ${seed}`)
  const drawn = Array.from({ length: FAULTS }, () => ({ at: dice.below(steps), kind: dice.pick(KINDS), of: 1 + dice.below(3) }))
  return new Theatre(story, [...faults, ...drawn], server).play()
}

class Theatre {
  /** @type {Moment[]} */
  #moments = []
  #clock = new Clock({ breathe })
  #began = this.#clock.time
  #steps = 0
  #story
  #faults
  #server
  #store = new Store(this.#clock, new Dice("ids"), (happening) => this.#handle(happening))
  /** @type {Host | undefined} */
  #host
  #root = ""
  /** Whether the next first prompt of a child fails. */
  #failing = false
  /** The sessions that have had a prompt. */
  #prompted = new Set()
  /** The last stored records, by session. @type {Map<string, string>} */
  #records = new Map()
  /** The used calls of each session's budget, at the last decision or event. @type {Map<string, number | undefined>} */
  #used = new Map()
  /** The decisions, by ticket. @type {Map<string, Moment>} */
  #tickets = new Map()

  /** @param {string} story @param {Fault[]} faults @param {(input: any, options?: any) => Promise<any>} server */
  constructor(story, faults, server) {
    this.#story = storyOf(story)
    this.#faults = faults.toSorted((one, other) => one.at - other.at)
    this.#server = server
  }

  /** @returns {Promise<Played>} */
  async play() {
    install(this.#clock, new Dice("chance"))
    forget()
    this.#listen()
    await this.#boot()
    await this.#clock.as(this.#host, () => (this.#root = this.#host?.create({ title: "Conversation", agent: "build" }).id ?? ""))
    for (const [number, speech] of this.#story.speeches.entries()) {
      for (let tries = 0; tries < 4; tries++) {
        const host = /** @type {Host} */ (this.#host)
        const text = tries ? `Go on. ${marked(String(number))}` : `${speech.say} ${marked(String(number))}`
        const heard = await this.#say(host, text)
        await this.#calm()
        await this.#clock.pass(CALM_MS)
        // An interrupted answer is asked for again.
        if (heard() && this.#host === host) break
        if (this.#steps >= LONGEST) break
      }
    }
    await this.#calm()
    return { moments: this.#moments, steps: this.#steps, faults: this.#faults }
  }

  async #boot() {
    const { agent, options } = this.#story
    const host = new Host({
      name: "opencode", store: this.#store, clock: this.#clock, dice: new Dice(`host ${this.#clock.time}`), config: { agent },
      models: { one: 200_000, two: 200_000 }, plugins: [{ server: this.#server, options }], model: (asked) => this.#answer(asked),
    })
    this.#host = host
    await this.#clock.as(host, () => host.boot())
    await this.#clock.pass(20)
  }

  /** @param {import("../opencode/index.js").Asked} asked */
  #answer(asked) {
    const { sessionID, model, messages, kind } = asked
    const first = kind === "chat" && sessionID !== this.#root && messages.length <= 1 && placeOf(messages).done === 0
    if (first && this.#failing) {
      this.#failing = false
      const message = "The model is not available."
      this.#note("fail", sessionID, { model, message })
      return { ms: 800, fail: { status: 400, message } }
    }
    this.#note("model", sessionID, { model })
    return act(this.#story, asked)
  }

  /** Prompts the root. @param {Host} host @param {string} text @returns {Promise<() => boolean>} whether the root has answered */
  async #say(host, text) {
    let answered = false
    this.#note("user", this.#root, { text: unmarked(text) })
    await this.#clock.as(host, () => {
      const done = (/** @type {import("../opencode/index.js").Message} */ { info }) => (answered = !info.error)
      host.prompt(this.#root, { agent: "build", parts: [{ type: "text", text }] }).then(done, () => {})
    })
    return () => answered
  }

  /** Passes time until nothing runs. The faults strike when they are due. */
  async #calm() {
    const { time } = this.#clock
    for (let end = time + CALM_MS; this.#steps < LONGEST; ) {
      if (this.#host?.turns.size) end = this.#clock.time + CALM_MS
      const next = this.#clock.next()
      if (next === undefined || next > end) break
      await this.#clock.step()
      this.#steps++
      while (this.#faults[0]?.at <= this.#steps && this.#faults.length) await this.#strike(/** @type {Fault} */ (this.#faults.shift()))
    }
  }

  /** @param {Fault} fault */
  async #strike({ kind, of = 1 }) {
    const host = /** @type {Host} */ (this.#host)
    if (kind === "fail") {
      this.#failing = true
      this.#note("fault", undefined, { fault: kind })
    } else if (kind === "kill") {
      this.#note("fault", undefined, { fault: kind })
      host.kill()
      forget()
      await this.#clock.pass(BOOT_MS)
      await this.#boot()
    } else if (kind === "reload") {
      this.#note("fault", undefined, { fault: kind })
      await this.#clock.as(host, () => void host.reload())
    } else {
      const child = [...this.#store.sessions.values()].filter(({ parentID }) => parentID)[of - 1]
      this.#note("fault", child?.id, { fault: kind, of })
      if (child) await this.#clock.as(host, () => host.remove(child.id))
    }
  }

  /** Records the plugin's calls of the engine, and the answers. */
  #listen() {
    const { decide, apply } = ORIGINAL
    const self = this
    Engine.prototype.decide = function (request) {
      const decided = decide.call(this, request)
      const { decision } = decided
      const { budget, used } = this.session(request.sessionID) ?? {}
      self.#used.set(request.sessionID, used)
      const child = "sessionID" in decision && decision.action !== "spawn" ? decision.sessionID : undefined
      const moment = self.#note("decide", request.sessionID, { request, decision, child, budget, used })
      if ("ticket" in decision) self.#tickets.set(`${decision.ticket}`, moment)
      return decided
    }
    Engine.prototype.apply = function (event) {
      if (event.type === "ticket.commit") {
        const moment = self.#tickets.get(`${event.ticket}`)
        if (moment) moment.child = event.sessionID
      }
      const effects = apply.call(this, event)
      // A call is committed when its child has its prompt.
      const spent = event.type === "ticket.commit" && self.#tickets.get(`${event.ticket}`)
      if (spent && spent.budget) self.#used.set(spent.session ?? "", (spent.used = this.session(spent.session ?? "")?.used))
      for (const effect of /** @type {any[]} */ (effects)) {
        const { type, sessionID, message, state, after } = effect
        if (type !== "store") self.#note("effect", sessionID, { effect: type, model: message?.model?.modelID, state, after })
      }
      // A session that is idle has its whole budget again.
      const id = ("sessionID" in event && event.sessionID) || ""
      const { budget, used = 0 } = (id && this.session(id)) || {}
      if (budget && (self.#used.get(id) ?? 0) > used) {
        self.#used.set(id, used)
        self.#note("budget", id, { budget, used })
      }
      return effects
    }
  }

  /** @param {string} kind @param {string | undefined} session @param {object} more */
  #note(kind, session, more = {}) {
    const moment = { step: this.#steps, at: this.#clock.time - this.#began, kind, session, ...more }
    this.#moments.push(moment)
    return moment
  }

  /** Takes in a happening of the host. @param {import("../opencode/index.js").Happening} happening */
  #handle({ kind, sessionID, text, data }) {
    if (kind === "session.created") {
      const { parentID, agent, title } = data.info
      this.#note("created", sessionID, { parent: parentID, agent, title })
    }
    if (kind === "session.created" || kind === "session.updated") this.#record(sessionID, data.info.metadata?.delegate)
    else if (kind === "session.deleted") this.#note("deleted", sessionID)
    else if (kind === "turn.begin") this.#note("begin", sessionID)
    else if (kind === "turn.end") this.#note("end", sessionID, { broken: text !== "" })
    else if (kind === "prompted" && sessionID) {
      const delivered = data.parts.filter((/** @type {any} */ { synthetic }) => synthetic).map((/** @type {any} */ part) => part.text ?? "").join("\n")
      if (delivered) this.#note("delivered", sessionID, { text: delivered })
      else if (sessionID !== this.#root) this.#note("prompted", sessionID, { text: unmarked(text), again: this.#prompted.has(sessionID) })
      this.#prompted.add(sessionID)
    } else if (kind === "message.part.updated" && data.part.tool === "task" && ["completed", "error"].includes(data.part.state.status)) {
      const { status, output, error } = data.part.state
      this.#note("called", sessionID, { status, text: unmarked(output ?? error ?? "") })
    } else if (kind === "boot" || kind === "reload" || kind === "kill" || kind === "trouble") this.#note(kind, sessionID, { text })
    else if (kind === "toast" || kind === "log") this.#note("said", undefined, { text })
  }

  /** @param {string | undefined} sessionID @param {any} record */
  #record(sessionID = "", record) {
    const text = JSON.stringify(record)
    if (!record || this.#records.get(sessionID) === text) return
    this.#records.set(sessionID, text)
    this.#note("stored", sessionID, { record: JSON.parse(text) })
  }
}

const ORIGINAL = { decide: Engine.prototype.decide, apply: Engine.prototype.apply }
