// The world in the fields, put to the engine: its decision, and the reason.

import { Engine, DelegateError } from "../../api.js"
import { denial, output, verdict } from "../../core/texts/index.js"

/**
 * @typedef {import("./examples.js").World} World
 * @typedef {import("../../api.js").Decision} Decision
 * @typedef {import("../../api.js").Look} Look
 * @typedef {{ decision: Decision, looks: Look[], message: string, agents: string[], names: Map<string, string | undefined> }} Answer
 *   `message`: the text for the model; `names`: the name of each session
 * @typedef {{ path: string, message: string }} Fault the field at fault, by its path in the world
 */

/** The time of the request. Ages count back from it. */
export const NOW = 1_800_000_000_000

/** @param {World} world @returns {{ answer: Answer } | { fault: Fault }} */
export function ask(world) {
  const at = { path: "" }
  try {
    return { answer: decide(world, at) }
  } catch (error) {
    if (!(error instanceof DelegateError)) throw error
    return { fault: { path: pathOf(world, at.path, error.field ?? ""), message: error.message } }
  }
}

/** @param {World} world @param {{ path: string }} at the part of the world that the engine reads */
function decide({ agents, sessions, options, window, request }, at) {
  at.path = "config"
  const given = agents.map(({ name, mode, budget, callable, task, models }) => [
    name,
    { mode, task_budget: number(budget), callable_by_subagents: callable, permission: task.trim() ? { task: rules(task) } : undefined, models: list(models ?? "") },
  ])
  const settings = Object.entries(options).filter(([, value]) => value.trim() !== "").map(([name, value]) => [name, value === "false" ? false : number(value)])
  const engine = new Engine({ agents: Object.fromEntries(given), ...Object.fromEntries(settings) })
  for (const [index, { id, parent, slug, agent, description, age, tokens, used, state }] of sessions.entries()) {
    at.path = `sessions/${index}`
    const minutes = number(age) ?? 0
    const now = typeof minutes === "number" ? NOW - minutes * 60_000 : /** @type {any} */ (minutes)
    const budget = number(agents.find(({ name }) => name === agent)?.budget ?? "") ?? 0
    const spent = number(used)
    const record = parent && spent !== undefined ? { v: 1, agent, budget, used: spent } : undefined
    engine.apply({ type: "session.created", now, session: { id, parentID: parent || undefined, agent, description, slug: slug || undefined, record } })
    if (tokens.trim()) engine.apply({ type: "session.usage", now, sessionID: id, tokens: /** @type {any} */ (number(tokens)), window: /** @type {any} */ (number(window) ?? 0) })
    engine.apply({ type: "session.status", now, sessionID: id, status: /** @type {any} */ (state) })
  }
  at.path = "request"
  const { caller, task_id, model, agent, description, prompt, background } = request
  const callerAgent = sessions.find(({ id }) => id === caller)?.agent
  const asked = { now: NOW, callID: "call_1", sessionID: caller, callerAgent: callerAgent || undefined, agent, description, prompt, task_id: task_id || undefined, model: model || undefined, background }
  const looks = engine.explain(asked)
  const names = new Map(sessions.map(({ id }) => [id, engine.session(id)?.slug]))
  const { decision } = engine.decide(asked)
  return { decision, looks, message: read(decision), names, agents: agents.map(({ name }) => name) }
}

/** The text of a decision for the model, under the result if there is one. @param {Decision} decision */
export function read(decision) {
  if (decision.action === "deny") return denial(decision)
  const { sessionID, slug } = decision
  const result = output({ sessionID, state: "completed", text: "…" })
  return `${result}\n${verdict(decision, slug ?? sessionID, undefined)}`
}

/** The number in a text, or the text itself: the engine reports it. @param {string} text @returns {any} */
function number(text) {
  const trimmed = text.trim()
  if (!trimmed) return undefined
  return Number.isFinite(Number(trimmed)) ? Number(trimmed) : trimmed
}

/** The texts between commas. @param {string} text */
const list = (text) => text.split(",").map((name) => name.trim()).filter(Boolean)

/** The rules of a permission: "deny", or "*: deny, explorer: allow". @param {string} text */
function rules(text) {
  const pairs = text.split(",").map((pair) => pair.split(":").map((word) => word.trim()))
  if (pairs.length === 1 && pairs[0].length === 1) return /** @type {any} */ (pairs[0][0])
  return Object.fromEntries(pairs.map(([pattern, action = ""]) => [pattern, action]))
}

/** The page's names for the engine's fields, the narrower pattern first. @type {[RegExp, string][]} */
const FIELDS = [
  [/task_budget/, "budget"], [/models/, "models"], [/callable_by/, "callable"], [/permission/, "task"], [/mode/, "mode"],
  [/parentID/, "parent"], [/sessionID|session\.id/, "id"], [/slug/, "slug"], [/tokens/, "tokens"], [/status/, "state"], [/now/, "age"],
]

/**
 * The path of the field that the engine reports.
 * @param {World} world
 * @param {string} part
 * @param {string} field
 */
function pathOf({ agents }, part, field) {
  const known = () => FIELDS.find(([pattern]) => pattern.test(field))?.[1] ?? "id"
  if (part === "config") {
    const index = agents.findIndex(({ name }) => field.startsWith(`agents.${name}`))
    if (index < 0) return `options/${field}`
    const rest = field.slice(`agents.${agents[index].name}`.length)
    return `agents/${index}/${rest ? FIELDS.find(([pattern]) => pattern.test(rest))?.[1] ?? "name" : "name"}`
  }
  if (part === "request") return `request/${field === "sessionID" ? "caller" : field}`
  return field === "window" ? "window" : `${part}/${known()}`
}
