// A history put to the engine, call by call: its decisions over the real sessions.

import { Engine } from "../../api.js"

/**
 * @typedef {import("./past.js").Call} Call
 * @typedef {import("./past.js").History} History
 * @typedef {import("./past.js").Tokens} Tokens
 * @typedef {{
 *   call: Call, fresh: boolean | undefined, recorded: boolean, decision: import("../../api.js").Decision, others: import("../../api.js").Candidate[], tokens?: Tokens
 * }} Line `fresh`: whether the call began a session, if that is known; `recorded`: whether the history holds the call itself;
 *   `others`: the agent's sessions that the caller had by then; `tokens`: the tokens that the fresh session sent to its model
 */

/**
 * @param {History} history
 * @param {import("../../api.js").Config} config
 * @returns {Line[]}
 */
export function recount({ sessions, calls }, config) {
  const engine = new Engine(config)
  const byID = new Map(sessions.map((session) => [session.id, session]))
  const known = new Set(calls.map(({ child }) => child))
  // A child without a recorded call gets a call from the fields of its session.
  const guessed = sessions.filter(({ id, parent, agent }) => parent && agent && !known.has(id)).map(({ id, parent = "", agent = "", title, created, updated }) =>
    /** @type {Call} */ ({ id: `of ${id}`, at: created, end: updated, caller: parent, callerAgent: byID.get(parent)?.agent, agent, description: title, prompt: title, child: id }))
  /** The happenings, to be sorted by time. @type {{ at: number, order: number, work: () => void }[]} */
  const happens = []
  const when = (/** @type {number} */ at, /** @type {number} */ order, /** @type {() => void} */ work) => happens.push({ at, order, work })
  /** @type {Line[]} */
  const lines = []
  const there = new Set()

  const create = (/** @type {string} */ id, /** @type {number} */ now) => {
    const session = byID.get(id)
    if (!session || there.has(id)) return
    there.add(id)
    engine.apply({ type: "session.created", now, session: { id, parentID: session.parent, agent: session.agent, description: session.parent && session.title } })
  }

  for (const { id, created, parent } of sessions) if (!parent || !byID.has(parent)) when(created, 0, () => create(id, created))
  for (const [index, call] of [...calls, ...guessed].entries()) {
    const { since = Infinity, at, end, child, caller, callerAgent, agent, description, prompt, task_id, background } = call
    const session = byID.get(child ?? "")
    // OpenCode resets the start of a call when its child exists.
    const now = session && session.created >= since ? Math.min(session.created, at) : at
    when(now, 2, () => {
      const fresh = session ? !there.has(session.id) : undefined
      const request = { now, callID: call.id, messageID: call.message, sessionID: caller, callerAgent, agent, description, prompt, task_id, background }
      const others = engine.rank({ sessionID: caller, agent })
      const { decision } = engine.decide(request)
      lines.push({ call, fresh, recorded: index < calls.length, decision, others, tokens: fresh ? session?.tokens : undefined })
      const as = decision.action === "spawn" ? fresh : "sessionID" in decision && decision.sessionID === child
      if ("ticket" in decision) engine.apply(as && child ? { type: "ticket.commit", now, ticket: decision.ticket, sessionID: child } : { type: "ticket.refund", now, ticket: decision.ticket })
      if (!session) return
      create(session.id, now)
      engine.apply({ type: "session.status", now, sessionID: session.id, status: "busy" })
    })
    if (child && end !== undefined) when(Math.max(end, now + 1), 1, () => engine.apply({ type: "session.status", now: Math.max(end, now + 1), sessionID: child, status: "idle" }))
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

/** Whether a call began a session though the caller had one of that agent. @param {Line} line */
export const hadOne = ({ fresh, others }) => fresh === true && others.length > 0

/** Whether the engine would have resumed a session instead. @param {Line} line */
export const spared = (line) => hadOne(line) && ["resume", "compact", "join"].includes(line.decision.action)
