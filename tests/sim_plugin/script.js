// The scripted models. The mark of a prompt decides the model's answer, whatever else happens.

import { Dice } from "../../js/playground/opencode/dice.js"
import { HOSTILE } from "./edits.js"

/**
 * @typedef {import("../../js/playground/opencode/turn.js").Outcome} Outcome
 * @typedef {import("../../js/playground/opencode/turn.js").Wish} Wish
 * @typedef {import("../../js/playground/opencode/turn.js").Asked} Asked
 * @typedef {import("./plan.js").Weather} Weather
 */

/** The mark of a prompt, by which it is recognised. @param {string} mark */
export const marked = (mark) => `[[${mark}]]`

/** The marks in a text. @param {string} text */
export const marks = (text) => [...text.matchAll(/\[\[([\w.]+)\]\]/g)].map(([, mark]) => mark)

/** The prompt in a user message, without its delivered results. @param {{ info: any, parts: any[] }} message */
export const asks = ({ info, parts }) => (info.role === "user" ? parts.map(({ text = "", synthetic }) => (synthetic ? "" : text)).join("\n") : "")

/** How a model answers a prompt. @param {string} mark */
export const answer = (mark) => `ANSWER ${marked(mark)}`

const NAMES = ["alpha", "beta", "gamma", "Delta Four", "map-the-api"]
const TARGETS = ["lead", "deputy", "helper", "helper", "loner", "general"]

/**
 * The models of a world.
 */
export class Script {
  #seed
  #weather
  #known
  /** How often the model was asked for each mark. @type {Map<string, number>} */
  #asked = new Map()
  /** How often a mark was given to a call. @type {Map<string, number>} */
  #given = new Map()
  /** The calls of the next turn of a mark, if chance does not decide. @type {Map<string, Wish[]>} */
  orders = new Map()
  /** Whether models behave now. */
  calm = false

  /**
   * @param {number} seed
   * @param {Weather} weather
   * @param {(sessionID: string) => { names: string[], elsewhere: string[] }} known the names that a caller has read, and
   *   ids of other roots' sessions
   */
  constructor(seed, weather, known) {
    this.#seed = seed
    this.#weather = weather
    this.#known = known
  }

  /** @param {Asked} asked @returns {Outcome} */
  play({ kind, sessionID, messages, tools }) {
    if (kind === "summary") return { ms: 500, say: "SUMMARY" }
    const texts = messages.map(asks)
    const from = texts.findLastIndex((text) => marks(text).length)
    const all = marks(texts[from] ?? "")
    const mark = all.at(-1)
    if (!mark) return { ms: 20, say: "Noted." }
    const done = messages.slice(from + 1).filter(({ info, parts }) => info.role === "assistant" && info.finish === "tool-calls" && parts.some(({ type }) => type === "tool")).length
    const nth = (this.#asked.get(mark) ?? 0) + 1
    this.#asked.set(mark, nth)
    const say = all.map(answer).join(" ")
    const orders = this.orders.get(mark)
    if (orders) return done || !orders.length ? { ms: 20, say } : { ms: 20, calls: orders }
    const dice = new Dice(`${this.#seed} ${mark} ${done}`)
    const luck = new Dice(`${this.#seed} ${mark} ask ${nth}`)
    const ms = [5, 300, 3_000, 60_000][Math.floor(luck.next() ** 2 * 4)] * (0.2 + luck.next())
    // Only the models of children fail: a failure of a root's model is its user's concern.
    const { fails, hangs } = this.calm || !mark.includes(".") ? { fails: 0, hangs: 0 } : this.#weather.model
    // No plugin watches a user's subtask, nor a turn that a delivered result woke: such a turn would hang until the user aborts
    // it.
    const woken = messages.findLast(({ info, parts }) => info.role === "user" && parts.length)?.parts.every(({ synthetic }) => synthetic)
    if (luck.chance(hangs) && !mark.endsWith("s") && !woken) return { ms, hang: true }
    if (luck.chance(fails)) {
      const status = luck.pick([400, 401, 429, 429, 500, 0])
      return status ? { ms, fail: { status, message: `scripted ${status}` } } : { ms }
    }
    const depth = mark.split(".").length - 1
    // Only frequent calls reach the end of a budget.
    const most = new Dice(`${this.#seed} ${mark}`).chance(0.3) ? 8 : depth ? 3 : 4
    const steps = tools.includes("task") && depth < 5 ? dice.below(most) : 0
    if (done >= steps) return depth || !dice.chance(0.2) ? { ms, say, usage: dice.chance(0.05) ? 900 : undefined } : { ms, say }
    const count = 1 + (dice.chance(0.35) ? 1 + dice.below(2) : 0)
    const { ids } = this.#weather
    const calls = Array.from({ length: count }, (_, place) => ({
      ...this.#call(dice, sessionID, this.#mark(`${mark}.${done}${"abc"[place]}`), tools),
      ...(ids ? { id: `${ids}${place}` } : {}),
    }))
    return { ms, calls }
  }

  /** A mark of its own for each call: an aborted turn may be played again. @param {string} mark */
  #mark(mark) {
    const nth = (this.#given.get(mark) ?? 0) + 1
    this.#given.set(mark, nth)
    return nth > 1 ? `${mark}${nth}` : mark
  }

  /** @param {Dice} dice @param {string} sessionID @param {string} mark @param {string[]} tools @returns {Wish} */
  #call(dice, sessionID, mark, tools) {
    const { names, elsewhere } = this.#known(sessionID)
    const name = names.length ? dice.pick(names) : "alpha"
    if (dice.chance(0.08)) return { tool: "read", args: { ms: dice.below(5_000) } }
    if (tools.includes("delegate_list") && dice.chance(0.15)) {
      const tool = dice.pick(["delegate_list", "delegate_output", "delegate_cancel"])
      return { tool, args: tool === "delegate_list" ? {} : { task_id: name } }
    }
    const kind = dice.below(14)
    const wrong = () => name.slice(0, -1) + (name.endsWith("0") ? "1" : "0")
    const task_id = [undefined, undefined, undefined, ...Array(3).fill(dice.pick(NAMES)), ...Array(5).fill(name), dice.pick(["last", "", "?!", "ses_000000000000AAAAAAAAAAAAAA"]), wrong(), elsewhere[0] ?? "last"][kind]
    const agent = dice.chance(0.03) ? "helpr" : dice.pick(TARGETS)
    const background = this.#weather.executor !== "host" && dice.chance(0.35)
    const harmless = dice.pick(["Explore auth", "Explore auth", "Map the API", "Fix it"])
    const texts = new Dice(`texts ${this.#seed} ${mark}`)
    const description = texts.chance(this.#weather.hostile) ? texts.pick(HOSTILE) : harmless
    return {
      tool: "task",
      args: { description, prompt: `Do it. ${marked(mark)}`, subagent_type: this.agentOf?.(task_id, sessionID, dice) ?? agent, ...(task_id === undefined ? {} : { task_id }), ...(background ? { background } : {}) },
    }
  }

  /** The agent of a name's session: callers mostly remember it. @type {((task_id: string | undefined, sessionID: string, dice: Dice) => string | undefined) | undefined} */
  agentOf
}
