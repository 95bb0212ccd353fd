// A world as it stands in the fields, put to the engine: what it decides, and why.

import { Engine, DelegateError } from "../../api.js"
import { denial, output, verdict } from "../../core/texts/index.js"

/**
 * @typedef {import("./examples.js").World} World
 * @typedef {import("../../api.js").Decision} Decision
 * @typedef {import("../../api.js").Look} Look
 * @typedef {{ decision: Decision, looks: Look[], message: string, agents: string[], names: Map<string, string | undefined> }} Answer
 *   `message`: what the model reads; `names`: the handle that each session has
 * @typedef {{ path: string, message: string }} Fault the field at fault, by its path in the world
 */

/** When the request is made. What is older was earlier. */
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

/** @param {World} world @param {{ path: string }} at which part of the world the engine is told of */
function decide({ agents, sessions, options, window, request }, at) {
  at.path = "config"
  const given = agents.map(({ name, mode, budget, callable, task }) => [
    name,
    { mode, task_budget: number(budget), callable_by_subagents: callable, permission: task.trim() ? { task: rules(task) } : undefined },
  ])
  const settings = Object.entries(options).filter(([, value]) => value.trim() !== "").map(([name, value]) => [name, value === "false" ? false : number(value)])
  const engine = new Engine({ agents: Object.fromEntries(given), ...Object.fromEntries(settings) })
  for (const [place, { id, parent, slug, agent, description, age, tokens, used, state }] of sessions.entries()) {
    at.path = `sessions/${place}`
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
  const { caller, task_id, agent, description, prompt, background } = request
  const callerAgent = sessions.find(({ id }) => id === caller)?.agent
  const asked = { now: NOW, callID: "call_1", sessionID: caller, callerAgent: callerAgent || undefined, agent, description, prompt, task_id: task_id || undefined, background }
  const looks = engine.explain(asked)
  const names = new Map(sessions.map(({ id }) => [id, engine.session(id)?.slug]))
  const decision = engine.decide(asked)
  return { decision, looks, message: read(decision), names, agents: agents.map(({ name }) => name) }
}

/** What the model reads of a decision, under the result where there is one. @param {Decision} decision */
export function read(decision) {
  if (decision.action === "deny") return denial(decision)
  const { sessionID, slug } = decision
  const result = output({ sessionID, state: "completed", text: "…" })
  return `${result}\n${verdict(decision, slug ?? sessionID, undefined)}`
}

/** A number where the text is one; what is none, the engine says. @param {string} text @returns {any} */
function number(text) {
  const trimmed = text.trim()
  if (!trimmed) return undefined
  return Number.isFinite(Number(trimmed)) ? Number(trimmed) : trimmed
}

/** The rules of a permission: "deny", or "*: deny, explorer: allow". @param {string} text */
function rules(text) {
  const pairs = text.split(",").map((pair) => pair.split(":").map((word) => word.trim()))
  if (pairs.length === 1 && pairs[0].length === 1) return /** @type {any} */ (pairs[0][0])
  return Object.fromEntries(pairs.map(([pattern, action = ""]) => [pattern, action]))
}

/** The engine's names of fields that the page calls otherwise, the more particular first. @type {[RegExp, string][]} */
const FIELDS = [
  [/task_budget/, "budget"], [/callable_by/, "callable"], [/permission/, "task"], [/mode/, "mode"],
  [/parentID/, "parent"], [/sessionID|session\.id/, "id"], [/slug/, "slug"], [/tokens/, "tokens"], [/status/, "state"], [/now/, "age"],
]

/**
 * Where the field stands that the engine complains of.
 * @param {World} world
 * @param {string} part
 * @param {string} field
 */
function pathOf({ agents }, part, field) {
  const known = () => FIELDS.find(([pattern]) => pattern.test(field))?.[1] ?? "id"
  if (part === "config") {
    const place = agents.findIndex(({ name }) => field.startsWith(`agents.${name}`))
    if (place < 0) return `options/${field}`
    const rest = field.slice(`agents.${agents[place].name}`.length)
    return `agents/${place}/${rest ? FIELDS.find(([pattern]) => pattern.test(rest))?.[1] ?? "name" : "name"}`
  }
  if (part === "request") return `request/${field === "sessionID" ? "caller" : field}`
  return field === "window" ? "window" : `${part}/${known()}`
}
