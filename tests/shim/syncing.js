// As much of OpenCode as the engine sync needs, and the engine sync in it.

import "../../js/engine.js"
import { EngineSync } from "../../js/core/engine_sync.js"

/**
 * As much of OpenCode as the engine sync needs: sessions, of which some run.
 * @param {Record<string, any>} [more] sessions beside the root
 * @param {Record<string, { type: string }>} [busy]
 */
export function world(more = {}, busy = {}) {
  const sessions = /** @type {Record<string, any>} */ ({})
  const add = (/** @type {string} */ id, fields = {}) => (sessions[id] = { id, title: id, time: { created: Object.keys(sessions).length, updated: 1 }, ...fields })
  add("ses_root")
  for (const [id, fields] of Object.entries(more)) add(id, fields)
  const asked = /** @type {string[]} */ ([])
  const said = /** @type {string[]} */ ([])
  const effects = /** @type {any[]} */ ([])
  const host = {
    session: async (/** @type {string} */ id) => { asked.push(id); if (!sessions[id]) throw new Error(`no ${id}`); return sessions[id] },
    children: async (/** @type {string} */ id) => (asked.push(`below ${id}`), Object.values(sessions).filter(({ parentID }) => parentID === id)),
    status: async () => busy,
    setMetadata: async (/** @type {string} */ id, /** @type {any} */ metadata) => ((sessions[id].metadata = metadata), sessions[id]),
  }
  const configured = { agents: { fixer: { task_budget: 2, callable_by_subagents: true }, mapper: {} } }
  let configuring = async () => configured
  const sync = new EngineSync(/** @type {any} */ (host), () => /** @type {any} */ (configuring()), (message) => said.push(message), (effect) => effects.push(effect))
  return { sync, effects, sessions, add, host, asked, said, configure: (/** @type {typeof configuring} */ how) => void (configuring = how), configured }
}

let count = 0
export const request = (fields = {}) => ({ now: 1_000, callID: `c${++count}`, sessionID: "ses_root", agent: "fixer", description: "Mend it", prompt: "Go.", ...fields })

/** The stored record of a session. @param {Record<string, unknown>} [fields] */
export const recorded = (fields) => ({ delegate: { v: 1, slug: "mend", agent: "fixer", description: "Mend it", budget: 2, used: 1, aliases: [], tokens: 0, window: 0, tasks: [], ...fields } })

export const child = (fields = {}) => ({ parentID: "ses_root", agent: "fixer", title: "Mend it (@fixer subagent)", metadata: recorded(), ...fields })
