// A world: processes of OpenCode with the real plugin, their faults, and the checks of the invariants.

import { loadEngine } from "../../js/load_engine.js"
import { Clock } from "../../js/playground/opencode/clock.js"
import { Dice } from "../../js/playground/opencode/dice.js"
import { Store } from "../../js/playground/opencode/store.js"
import { Checks } from "./checks.js"
import { PROBES } from "./checks/permissions.js"
import { EditedHost, SPOILED } from "./edits.js"
import { breathe, endInstances, install, instances, messagesOnTheirWay, trap } from "./globals.js"
import { Script, asks, marked, marks } from "./script.js"

/**
 * @typedef {import("../../js/playground/opencode/store.js").Happening} Happening
 * @typedef {import("./plan.js").Step} Step
 * @typedef {import("./plan.js").Weather} Weather
 * @typedef {(input: any, options?: any) => Promise<any>} Server
 * @typedef {{ violations: Checks["scene"]["violations"], log: Happening[], events: number, calls: number, kills: number }} Outcome
 */

const AGENTS = {
  plan: { mode: "primary", permission: { edit: "deny", bash: { "*": "allow", "rm *": "deny" } } },
  lead: { mode: "subagent", task_budget: 3, callable_by_subagents: true },
  deputy: { mode: "subagent", task_budget: 2, callable_by_subagents: true, fallback_models: ["p/two", "p/three"], permission: { task: { "*": "allow", helper: "ask", general: "ask" } } },
  helper: { mode: "subagent", callable_by_subagents: true, fallback_models: ["p/two"] },
  loner: { mode: "subagent", permission: { webfetch: "deny" } },
  general: { mode: "subagent", callable_by_subagents: true },
}
const BUDGETS = { lead: 3, deputy: 2 }

/** The longest time until a world must end, and the time between two looks, in milliseconds. */
const [END_MS, LOOK_MS] = [6 * 3_600_000, 60_000]

/**
 * @param {number} seed
 * @param {{ weather: Weather, steps: Step[] }} plan
 * @param {Server} server the plugin
 * @returns {Promise<Outcome>}
 */
export async function play(seed, { weather, steps }, server) {
  // Reading a file takes a time that the clock of the world does not have.
  await loadEngine()
  const clock = new Clock({ breathe })
  const uninstall = install(clock, new Dice(`chance ${seed}`))
  const world = new World(seed, clock, weather, server)
  const unhandled = (/** @type {any} */ error) => world.checks.scene.fail("I9", `unhandled: ${error?.stack ?? error}`)
  process.on("unhandledRejection", unhandled)
  try {
    await world.play(steps)
  } finally {
    await breathe()
    // The next world's processes must not see this one's instances.
    instances().clear()
    messagesOnTheirWay().clear()
    process.off("unhandledRejection", unhandled)
    uninstall()
  }
  return { violations: world.checks.scene.violations, log: world.log, events: world.log.length, calls: world.checks.scene.calls.size, kills: world.checks.scene.kills }
}

class World {
  /** @type {Happening[]} */
  log = []
  #clock
  #weather
  #server
  #seed
  /** @type {EditedHost[]} */
  #hosts = []
  #roots = /** @type {string[]} */ ([])
  /** The agents to which the users speak. @type {Map<string, { agent: string, host: EditedHost, count: number }>} */
  #speaking = new Map()
  #dice
  /** Whether events and calls have faults now. */
  #stormy = true

  /** @param {number} seed @param {Clock} clock @param {Weather} weather @param {Server} server */
  constructor(seed, clock, weather, server) {
    this.#seed = seed
    this.#clock = clock
    this.#weather = weather
    this.#server = server
    this.#dice = new Dice(`faults ${seed}`)
    this.store = new Store(clock, new Dice(`ids ${seed}`), (happening) => {
      this.log.push(happening)
      this.checks.on(happening)
    })
    this.checks = new Checks(this.store, clock, weather, BUDGETS)
    this.script = new Script(seed, weather, (sessionID) => ({
      names: this.checks.names.known(sessionID),
      elsewhere: this.#roots.filter((root) => root !== this.store.root(sessionID)).flatMap((root) => this.checks.names.alive(root).map(([name]) => name)).filter((name) => name.startsWith("ses_")),
    }))
    this.script.agentOf = (task_id, sessionID, dice) => {
      const meant = this.checks.names.meant(sessionID, task_id)
      return meant && dice.chance(0.9) ? this.checks.names.agent(meant) : undefined
    }
  }

  /** @param {Step[]} steps */
  async play(steps) {
    for (let place = 0; place < this.#weather.processes; place++) await this.#boot(place)
    await this.#as(0, (host) => {
      for (let root = 0; root < this.#weather.roots; root++) this.#roots.push(host.create({ title: `Root ${root}` }).id)
    })
    for (const step of steps) {
      for (let left = step.events ?? 0; left > 0 && (await this.#clock.step()); left--);
      if (step.ms) await this.#clock.pass(step.ms)
      await this.#take(step)
      if (step.writes) await this.#write(step)
      if (step.edits) await this.#edit(step)
      if (step.spoils) await this.#spoil(step)
      if (this.checks.scene.violations.length) return
    }
    await this.#end()
  }

  /** @param {number} place */
  async #boot(place) {
    const host = this.#make(place)
    this.#hosts[place] = host
    await this.#clock.as(host, () => host.boot())
    await this.#clock.pass(20)
  }

  /** @param {number} place */
  #make(place) {
    const { executor, options, copies } = this.#weather
    return new EditedHost({
      name: `process ${place}`,
      store: this.store,
      clock: this.#clock,
      dice: new Dice(`host ${this.#seed} ${place} ${this.#clock.time}`),
      config: { agent: AGENTS },
      models: { one: 4_000, two: 4_000, three: 4_000 },
      plugins: Array.from({ length: copies }, () => ({ server: this.#server, options: executor === "plugin" ? options : { executor, ...options } })),
      model: (asked) => {
        const mark = marks(asked.messages.map(asks).join("\n")).at(-1)
        // A delivered result is no prompt.
        const delivered = asked.messages.findLast(({ info, parts }) => info.role === "user" && parts.length)?.parts.every(({ synthetic }) => synthetic)
        const prompt = asked.messages.findLast(({ info, parts }) => info.role === "user" && parts.length)
        if (asked.kind === "chat" && prompt && !delivered) for (const mark of marks(asks(prompt))) this.checks.asked({ ...asked, mark })
        const outcome = this.script.play(asked)
        this.store.log("model", asked.sessionID, `${asked.model} ${mark} ${JSON.stringify(outcome)}`)
        return outcome
      },
      ask: () => ({ ms: 10 + this.#dice.below(2_000), reply: this.#dice.chance(0.5) ? "reject" : "allow" }),
      torn: this.#weather.torn,
      faults: { event: () => this.#late(), call: (name, given) => this.#fault(name, given) },
    })
  }

  /** The delays of an event's copies. */
  #late() {
    const { lost, doubled, late, lag } = this.#weather.events
    if (!this.#stormy) return [0]
    const dice = this.#dice
    if (dice.chance(lost)) return []
    const first = dice.chance(late) ? 1 + dice.below(2_000) : lag
    return dice.chance(doubled) ? [first, first] : [first]
  }

  /** @param {string} name @param {any} given */
  #fault(name, given) {
    const { refused, lost, slow } = this.#weather.calls
    if (!this.#stormy || !(refused + lost + slow)) return undefined
    const dice = this.#dice
    // A prompt takes as long as its answer.
    const fault = {
      ...(dice.chance(refused) ? { refuse: /** @type {"throw" | "error"} */ (dice.pick(["throw", "error"])) } : {}),
      ...(dice.chance(lost) ? { lose: true } : {}),
      ...(dice.chance(slow) ? { before: dice.pick([100, 3_000, 15_000]) } : {}),
      ...(dice.chance(slow) ? { after: dice.pick([100, 3_000, 15_000]) } : {}),
    }
    if (fault.refuse || fault.before) this.checks.scene.unwritten.add(given.id)
    if (Object.keys(fault).length) this.store.log("fault", given.id, `${name} ${JSON.stringify(fault)}`)
    return fault
  }

  /** Does something in a process. @param {number} place @param {(host: EditedHost) => unknown} work */
  async #as(place, work) {
    const host = this.#hosts[place % this.#hosts.length]
    if (!host.dead) await this.#clock.as(host, () => work(host))
  }

  /** @param {Step} step */
  async #take({ kind, pick, more, name }) {
    const place = pick % this.#weather.processes
    const roots = this.#roots.filter((id) => this.store.sessions.has(id))
    const root = roots[more % roots.length]
    const sessions = [...this.store.sessions.keys()]
    const session = sessions[more % sessions.length]
    const children = sessions.filter((id) => this.store.sessions.get(id)?.parentID)
    const child = children[more % children.length]
    const busy = (/** @type {string} */ id) => this.#hosts.some((host) => !host.dead && host.turns.has(id))
    this.store.log("step", undefined, `${name} ${kind}`)
    if (kind === "prompt" && root && (!busy(root) || (this.#weather.processes === 1 && pick % 5 === 0))) {
      await this.#as(place, (host) => this.#say(host, root, name, { agent: pick % 4 ? "build" : "plan" }))
    } else if (kind === "subtask" && root && !busy(root)) {
      await this.#as(place, (host) => this.#say(host, root, name, { parts: [{ type: "subtask", agent: "helper", description: "Explore auth", prompt: `Do it. ${marked(`${name}.0s`)}` }] }))
    } else if (kind === "abort" && session) {
      await this.#as(place, (host) => host.turns.has(session) && host.abort(session))
    } else if (kind === "delete" && child) {
      await this.#as(place, (host) => host.remove(child))
    } else if (kind === "uproot" && root && roots.length > 1) {
      await this.#as(place, (host) => host.remove(root))
    } else if (kind === "summarize" && session && !busy(session)) {
      await this.#as(place, (host) => void host.summarize(session, { providerID: "p", modelID: "one" }).catch(() => {}))
    } else if (kind === "reload") {
      await this.#as(place, (host) => void host.reload())
      await this.#clock.pass(more % 2_000)
    } else if (kind === "kill") {
      this.#kill(place)
      await this.#clock.pass(more % 5_000)
      await this.#boot(place)
    } else if (kind === "jump") {
      const back = this.#weather.back ? -500 : 500
      this.#clock.skew += [1_000, 3_600_000, back, 86_400_000][more % 4]
    } else if (kind === "trap") {
      this.store.log("trap", undefined, "the engines of all processes are lost")
      trap()
    }
  }

  /** Another client writes the permissions of a session: it adds a rule, or replaces them all as a prompt with `tools` does. @param {Step} step */
  async #write({ pick, more, name }) {
    const sessions = [...this.store.sessions.keys()]
    const id = sessions[more % sessions.length]
    if (!id) return
    const [permission, pattern] = PROBES[pick % PROBES.length]
    const action = /** @type {const} */ (["deny", "deny", "ask", "allow"])[more % 4]
    const rules = [{ permission, pattern: pick % 3 ? pattern : "*", action }]
    await this.#as(pick, (host) => this.checks.rules.write(id, action !== "deny" || pick % 4 === 0, () => {
      this.store.log("step", id, `${name} writes ${JSON.stringify(rules)}`)
      if (pick % 4 === 0) host.session(id).permission = []
      host.update(id, { permission: rules })
    }))
  }

  /** A user forks a conversation, undoes the last of it, or takes that back. @param {Step} step */
  async #edit({ pick, more, name }) {
    const roots = this.#roots.filter((id) => this.store.sessions.has(id) && !this.#hosts.some((host) => !host.dead && host.turns.has(id)))
    const root = roots[more % roots.length]
    if (!root) return
    const asked = this.store.messages(root).filter(({ info }) => info.role === "user").map(({ info }) => info.id)
    const messageID = asked.at(-1 - (more % 3))
    const { revert } = /** @type {import("./edits.js").Session} */ (this.store.sessions.get(root))
    await this.#as(pick, (host) => {
      this.store.log("step", root, `${name} edits`)
      if (pick % 2) this.checks.names.copying(() => this.#roots.push(host.fork(root, pick % 4 === 1 ? undefined : messageID)))
      else if (revert && pick % 4) host.revert(root, undefined)
      else if (messageID) host.revert(root, messageID)
    })
  }

  /** Another plugin writes the record of a session. @param {Step} step */
  async #spoil({ pick, more, name }) {
    const children = [...this.store.sessions.values()].filter(({ parentID }) => parentID)
    const [one, other] = [children[more % children.length], children[pick % children.length]]
    if (!one) return
    await this.#as(pick, (host) => {
      this.store.log("step", one.id, `${name} spoils`)
      this.checks.scene.spoiled.add(one.id)
      const record = /** @type {any} */ (SPOILED[pick % SPOILED.length](one.metadata?.delegate, other.metadata?.delegate))
      // Of two sessions whose records have the same name, the one nearer to the root has it, and else the older.
      const named = children.filter(({ id, metadata }) => this.store.root(id) === this.store.root(one.id) && record?.slug && metadata?.delegate?.slug === record.slug)
      const deeper = (/** @type {string} */ id) => this.store.depth(id) - this.store.depth(one.id)
      for (const { id, time } of named) if ((deeper(id) || time.created - one.time.created) >= 0) this.checks.scene.spoiled.add(id)
      this.checks.names.claims(one.id, record)
      host.update(one.id, { metadata: { ...one.metadata, delegate: record } })
    })
  }

  /** @param {number} place */
  #kill(place) {
    const host = this.#hosts[place]
    host.kill()
    endInstances(host)
    messagesOnTheirWay().clear()
  }

  /**
   * Prompts a session as its user. During a turn the user speaks to the agent of that turn, unless the weather is mixed.
   * @param {EditedHost} host
   * @param {string} root
   * @param {string} mark
   * @param {{ agent?: string, parts?: any[] }} [more]
   */
  #say(host, root, mark, { agent = "build", parts = [] } = {}) {
    const before = this.#speaking.get(root)
    const speaking = before && !this.#weather.mixed && !before.host.dead ? before : { agent, host, count: 0 }
    speaking.count++
    this.#speaking.set(root, speaking)
    this.store.log("user", root, `${marked(mark)} to ${speaking.agent}`)
    host.prompt(root, { agent: speaking.agent, parts: [{ type: "text", text: marked(mark) }, ...parts] })
      .catch((error) => this.store.log("refused", root, String(error)))
      .finally(() => --speaking.count || this.#speaking.delete(root))
  }

  /** Ends the world: waits for all work, has all results delivered, resumes each session by each name, and checks the state. */
  async #end() {
    this.#stormy = false
    this.script.calm = true
    await this.#calm()
    for (const round of ["D0", "D1", "D2"]) {
      for (const [place, root] of this.#roots.entries()) {
        if (!this.store.sessions.has(root)) continue
        const mark = `${round}r${place}`
        this.script.orders.set(mark, round === "D1" ? this.#useAll(root, mark) : [])
        await this.#as(place, (host) => this.#say(host, root, mark))
        await this.#calm()
        if (this.checks.scene.violations.length) return
      }
      // A caller that is a child gets its results with its next prompt.
      if (round === "D1") for (const key of this.checks.deliveries.tasks.keys()) await this.#ask(key.split(" ")[0], `${key.replace(/\W/g, "")}`)
    }
    this.checks.settled(this.#hosts)
  }

  /** @param {string} id @param {string} mark */
  async #ask(id, mark) {
    if (!this.store.sessions.get(id)?.parentID) return
    this.script.orders.set(mark, [])
    await this.#as(0, (host) => this.#say(host, id, mark, { agent: this.store.sessions.get(id)?.agent }))
    await this.#calm()
  }

  /** A call for every name that was given under a root, and for every session whose prompt never arrived. @param {string} root @param {string} mark */
  #useAll(root, mark) {
    const waiting = [...this.store.sessions.values()].filter(({ id, metadata }) => this.store.root(id) === root && metadata?.delegate?.prompt)
    // Its name may be free again, if its call was undone.
    const all = [...waiting.map(({ id }) => [id, id]), ...this.checks.names.alive(root)]
    return all.slice(0, 40).flatMap(([name, id], place) => {
      const task = { tool: "task", args: { description: "Go on", prompt: `Go on. ${marked(`${mark}.${place}`)}`, subagent_type: this.checks.names.agent(id), task_id: name } }
      this.script.orders.set(`${mark}.${place}`, [])
      return this.#weather.executor === "delegate" ? [{ tool: "delegate_output", args: { task_id: name } }, task] : [task]
    })
  }

  /**
   * Passes time until nothing runs. If no plugin watches a turn whose model hangs, or none that saw its start, the user aborts
   * it.
   */
  async #calm() {
    const busy = () => this.#hosts.flatMap((host) => [...host.turns.keys()].map((id) => ({ host, id })))
    await this.#clock.pass(2_000)
    for (let passed = 0; busy().length && passed < END_MS; passed += LOOK_MS) {
      await this.#clock.pass(LOOK_MS)
      if (passed < 15 * LOOK_MS) continue
      const { host, id } = busy()[0] ?? {}
      const { alone, troubled, reloads } = this.checks.scene
      if (host && id && (this.#weather.executor !== "delegate" || troubled || !alone || reloads)) await this.#clock.as(host, () => host.abort(id))
    }
    await this.#clock.pass(2_000)
  }
}
