// The yardstick: the measured rows in plain JavaScript, on Maps and arrays, with the permissions and the budget of the caller. It finds
// the same sessions as the engine, and lists the most recent candidates: it weighs no words. No depth, no other roots, no options.

import { createHash } from "node:crypto"
import { CONFIG, ROOT, session } from "./world.js"

const CANDIDATES = 5
const NEAR_NAMES = 64
const CALLS = 1_024

/**
 * @typedef {import("./world.js").Session & { running: boolean }} Known
 * @typedef {import("./world.js").Request} Request
 */

class Plain {
  #ids = /** @type {Map<string, Known>} */ (new Map())
  /** The session of each name, or the ticket of a session that is still to be created. */
  #names = /** @type {Map<string, Known | number>} */ (new Map())
  /** The sessions, the most recently used last. */
  #recent = /** @type {Known[]} */ ([])
  #recentOf = /** @type {Map<string, Known[]>} */ (new Map())
  #tickets = /** @type {Map<number, { session?: Known, slug?: string, call: string }>} */ (new Map())
  #calls = /** @type {Map<string, any>} */ (new Map())
  #next = 0
  /** The calls that each subagent's session may still make. @type {Map<string, number>} */
  #budgets = new Map()
  #permissions = new Map(Object.entries(CONFIG.agents).map(([name, { permission }]) => [name, new Permissions(permission)]))
  #prefix = `ses_${createHash("sha256").update(ROOT).digest("hex").slice(0, 4)}_`

  /** @param {import("./world.js").Session} session */
  add(session) {
    const known = { ...session, running: false }
    this.#ids.set(known.id, known)
    this.#names.set(known.slug, known)
    this.#recent.push(known)
    const own = this.#recentOf.get(known.agent)
    if (own) own.push(known)
    else this.#recentOf.set(known.agent, [known])
  }

  /** The same call decided again gets the same decision. @param {Request} request */
  decide(request) {
    const { sessionID, callID, callerAgent = "", agent, description, prompt, task_id, background } = request
    const call = `${sessionID}\n${callID}\n${agent}\n${description}\n${prompt}\n${task_id}\n${background}`
    const decided = this.#calls.get(call)
    if (decided) return decided
    if (!this.#permissions.has(agent) || this.#permissions.get(callerAgent)?.denies(agent)) throw new Error("not a row that is measured")
    const budget = this.#budgets.get(sessionID)
    if (budget === 0) throw new Error("not a row that is measured")
    const decision = this.#decide(agent, description, task_id, call)
    if (budget !== undefined) this.#budgets.set(sessionID, budget - 1)
    this.#calls.set(call, decision)
    if (this.#calls.size > CALLS) this.#calls.delete(/** @type {string} */ (this.#calls.keys().next().value))
    return decision
  }

  /** @param {string} agent @param {string} description @param {string | undefined} task_id @param {string} call */
  #decide(agent, description, task_id, call) {
    if (task_id === undefined) return this.#spawn("R12", "No session was named.", this.#free(slug(description)), call, this.#candidates(agent))
    if (task_id.startsWith("ses_")) {
      const found = this.#ids.get(task_id)
      if (found) return this.#found(found, agent, call)
      const near = (this.#recentOf.get(agent) ?? []).filter(({ id }) => edits(id, task_id) <= 2)
      if (near.length !== 1) throw new Error("not a row that is measured")
      const [{ id }] = near
      const notice = `There is no session "${task_id}"; "${id}" is nearly the same and was resumed.`
      const others = this.#candidates(agent).filter(({ sessionID }) => sessionID !== id)
      return this.#resume("R6", "No session has this id, and exactly one has nearly the same.", near[0], call, others, notice)
    }
    const name = slug(task_id)
    const found = this.#names.get(name)
    if (typeof found === "number") throw new Error("not a row that is measured")
    if (found) return this.#found(found, agent, call)
    const near = this.#near(name)
    const notice = near && `A new session was started as "${name}". If you meant "${near}", that one can be resumed.`
    return this.#spawn("R5", "No session has this name yet.", name, call, [], notice)
  }

  /** @param {Known} found @param {string} agent @param {string} call */
  #found(found, agent, call) {
    if (found.running) return { action: "join", sessionID: found.id, rule: "R1", reason: "The session is running.", slug: found.slug }
    if (found.agent === agent) return this.#resume("R4", "The task_id names this session.", found, call, [])
    const message = `Session "${found.slug}" belongs to agent "${found.agent}", not to "${agent}". Call it with subagent_type "${found.agent}", or give a new task_id to start another.`
    return { action: "deny", code: "agent_mismatch", message, rule: "R2", candidates: this.#candidates(agent) }
  }

  /** @param {string} rule @param {string} reason @param {Known} session @param {string} call @param {object[]} candidates @param {string} [notice] */
  #resume(rule, reason, session, call, candidates, notice) {
    session.running = true
    const ticket = this.#next++
    this.#tickets.set(ticket, { session, call })
    return { action: "resume", sessionID: session.id, rule, reason, ticket, slug: session.slug, ...(notice && { notice }), candidates }
  }

  /** @param {string} rule @param {string} reason @param {string} slug @param {string} call @param {object[]} candidates @param {string} [notice] */
  #spawn(rule, reason, slug, call, candidates, notice) {
    const ticket = this.#next++
    this.#names.set(slug, ticket)
    this.#tickets.set(ticket, { slug, call })
    return { action: "spawn", sessionID: this.#prefix + slug, rule, reason, ticket, slug, ...(notice && { notice }), candidates }
  }

  /** No child was prompted. @param {{ ticket?: number }} decision */
  takeBack({ ticket = -1 }) {
    const open = this.#tickets.get(ticket)
    if (!open) return
    this.#tickets.delete(ticket)
    this.#calls.delete(open.call)
    if (open.session) open.session.running = false
    if (open.slug) this.#names.delete(open.slug)
  }

  /** @param {string} slug */
  #free(slug) {
    let next = slug
    for (let number = 2; this.#names.has(next); number++) next = `${slug}-${number}`
    return next
  }

  /** @param {string} agent */
  #candidates(agent) {
    const own = this.#recentOf.get(agent) ?? []
    return own.slice(-CANDIDATES).reverse().map(({ id, slug, description, lastUsed }) =>
      ({ sessionID: id, slug, agent, description, confidence: 0, lastUsed }))
  }

  /** @param {string} name */
  #near(name) {
    let nearest
    let least = 3
    for (const { slug } of this.#recent.slice(-NEAR_NAMES).reverse()) {
      const distance = edits(slug, name)
      if (distance < least && 2 * distance <= name.length) [nearest, least] = [slug, distance]
    }
    return nearest
  }
}

/** The `task` rules of an agent, the most specific first. */
class Permissions {
  #rules

  /** @param {import("../../js/engine.js").HostRule[]} rules */
  constructor(rules) {
    const order = (/** @type {string} */ pattern) => pattern.replaceAll("*", "").length
    const own = rules.filter(({ permission }) => wildcard(permission).test("task")).reverse()
    const ordered = own.sort((a, b) => order(b.permission) - order(a.permission) || order(b.pattern) - order(a.pattern))
    this.#rules = ordered.map(({ pattern, action }) => ({ pattern: wildcard(pattern), denies: action === "deny" }))
  }

  /** @param {string} agent */
  denies(agent) {
    return this.#rules.find(({ pattern }) => pattern.test(agent))?.denies ?? false
  }
}

/** @param {string} pattern */
function wildcard(pattern) {
  return new RegExp(`^${pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*").replaceAll("?", ".")}$`, "s")
}

/** @param {string} text */
function slug(text) {
  return text.toLowerCase().replace(/[^\p{L}\p{N}_-]+/gu, "-").replace(/^-+|-+$/g, "")
}

/** The edits between two names, or 3 if there are more. It skips the common end first. @param {string} a @param {string} b */
function edits(a, b) {
  let [endA, endB] = [a.length, b.length]
  while (endA > 0 && endB > 0 && a.charCodeAt(endA - 1) === b.charCodeAt(endB - 1)) endA--, endB--
  return within(a, 0, endA, b, 0, endB, 2)
}

/**
 * The edits between two pieces of text, or one more than `most`.
 * @param {string} a @param {number} atA @param {number} endA @param {string} b @param {number} atB @param {number} endB @param {number} most
 * @returns {number}
 */
function within(a, atA, endA, b, atB, endB, most) {
  while (atA < endA && atB < endB && a.charCodeAt(atA) === b.charCodeAt(atB)) atA++, atB++
  const [leftA, leftB] = [endA - atA, endB - atB]
  if (leftA === 0 || leftB === 0) return Math.min(most + 1, leftA + leftB)
  if (most === 0 || Math.abs(leftA - leftB) > most) return most + 1
  const other = within(a, atA + 1, endA, b, atB + 1, endB, most - 1)
  const more = within(a, atA + 1, endA, b, atB, endB, most - 1)
  const less = within(a, atA, endA, b, atB + 1, endB, most - 1)
  return 1 + Math.min(other, more, less)
}

/** @param {number} sessions */
export function plain(sessions) {
  const plain = new Plain()
  for (let index = 0; index < sessions; index++) plain.add(session(index))
  return plain
}
