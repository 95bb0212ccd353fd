// A history put to the engine, call by call: its decisions over the real sessions.

import { Engine } from "../../api.js"
import { missing } from "./past.js"

/**
 * @typedef {import("./past.js").Call} Call
 * @typedef {import("./past.js").History} History
 * @typedef {import("./past.js").Tokens} Tokens
 * @typedef {import("../../api.js").Decision} Decision
 * @typedef {{ call: Call, fresh: boolean | undefined, recorded: boolean, decision: Decision, over: boolean, tokens?: Tokens }} Line
 *   `fresh`: whether the call began a session, if it had one; `recorded`: whether the history holds the call itself;
 *   `over`: whether it started over; `tokens`: the tokens that the fresh session sent to its model
 */

/** The options that find a session for a call without a `task_id`: the agent's most recent. @type {import("../../api.js").Config} */
const FINDING = { same_agent: "resume" }

/** Whether a decision is to go on with a session. @param {Decision} decision */
export const resumes = (decision) => ["resume", "compact", "join"].includes(decision.action)

/**
 * The calls of a history. A call started over if it began a session, and the engine would have found one to resume.
 * @param {History} history
 * @param {import("../../api.js").Config} config the options of the decisions
 * @returns {Line[]}
 */
export function recount(history, config) {
  const found = decideAll(history, FINDING)
  return decideAll(history, config).map((line, place) => ({ ...line, over: line.fresh === true && line.call.error === undefined && resumes(found[place].decision) }))
}

/** @param {History} history @param {import("../../api.js").Config} config @returns {Omit<Line, "over">[]} */
function decideAll(history, config) {
  const { calls } = history
  const sessions = [...history.sessions, ...missing(history)]
  const engine = new Engine(config)
  const byID = new Map(sessions.map((session) => [session.id, session]))
  const known = new Set(calls.map(({ child }) => child))
  // A child without a recorded call gets a call from the fields of its session.
  const guessed = sessions.filter(({ id, parent, agent }) => parent && agent && !known.has(id)).map(({ id, parent = "", agent = "", name, title, created, updated }) =>
    /** @type {Call} */ ({ id: `of ${id}`, at: created, end: updated, caller: parent, callerAgent: byID.get(parent)?.agent, agent, description: title, prompt: title, child: id, action: name && "spawn" }))
  /** The happenings, to be sorted by time. @type {{ at: number, order: number, work: () => void }[]} */
  const happens = []
  const when = (/** @type {number} */ at, /** @type {number} */ order, /** @type {() => void} */ work) => happens.push({ at, order, work })
  /** @type {Omit<Line, "over">[]} */
  const lines = []
  const there = new Set()

  const create = (/** @type {string} */ id, /** @type {number} */ now) => {
    const session = byID.get(id)
    if (!session || there.has(id)) return
    there.add(id)
    engine.apply({ type: "session.created", now, session: { id, parentID: session.parent, agent: session.agent, description: session.parent && session.title, slug: session.name } })
  }

  for (const { id, created, parent } of sessions) if (!parent || !byID.has(parent)) when(created, 0, () => create(id, created))
  for (const [index, call] of [...calls, ...guessed].entries()) {
    const { since = Infinity, at, end, child = "", caller, callerAgent, agent, description, prompt, task_id, background, action } = call
    const session = byID.get(child)
    const recorded = index < calls.length
    // OpenCode resets the start of a call when its child exists.
    const now = session && session.created >= since ? Math.min(session.created, at) : at
    when(now, 2, () => {
      // A call may be older than its conversation: a fork holds copies.
      create(caller, now)
      const fresh = session && (action ? action === "spawn" : task_id !== child && !there.has(child))
      const { decision } = engine.decide({ now, callID: call.id, messageID: call.message, sessionID: caller, callerAgent, agent, description, prompt, task_id, background })
      lines.push({ call, fresh, recorded, decision, tokens: fresh ? session?.tokens : undefined })
      const as = decision.action === "spawn" ? fresh : "sessionID" in decision && decision.sessionID === child
      if ("ticket" in decision) engine.apply(as ? { type: "ticket.commit", now, ticket: decision.ticket, sessionID: child } : { type: "ticket.refund", now, ticket: decision.ticket })
      if (!session) return
      create(child, now)
      engine.apply({ type: "session.status", now, sessionID: child, status: "busy" })
    })
    const after = Math.max(end ?? now, now + 1)
    if (session && end !== undefined) when(after, 1, () => engine.apply({ type: "session.status", now: after, sessionID: child, status: "idle" }))
  }
  happens.sort((one, other) => one.at - other.at || one.order - other.order)
  for (const { work } of happens) work()
  return lines
}

/** The sum of the tokens that fresh sessions sent to their models. @param {Line[]} lines @returns {Tokens & { sessions: number, unknown: number }} */
export function total(lines) {
  const sum = { input: 0, write: 0, read: 0, sessions: lines.length, unknown: 0 }
  for (const { tokens } of lines) {
    if (!tokens) sum.unknown++
    for (const field of /** @type {const} */ (["input", "write", "read"])) sum[field] += tokens?.[field] ?? 0
  }
  return sum
}
