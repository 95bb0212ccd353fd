// Other plugins' names for sessions, beside the engine's.

import { classifyTaskID, isOwnTaskID } from "../api.js"

/**
 * Whether a request names no session by a name or id of ours. Its `task_id` may be another plugin's name, which may stand for
 * another session by now.
 * @param {import("../api.js").Request} request
 * @param {import("./host_calls.js").Granted} decision
 */
export function mayBeOtherName({ task_id }, { action, slug }) {
  if (action === "spawn") return true
  return !!task_id && classifyTaskID(task_id) === "name" && !isOwnTaskID(task_id, slug)
}

/**
 * Takes in another plugin's name for a session, which the session's parent has read.
 * @param {import("./engine_sync.js").EngineSync} sync
 * @param {{ parentID: string, sessionID: string, alias: string }} nickname
 */
export async function addAlias(sync, { parentID, sessionID, alias }) {
  if (!sync.session(sessionID)) await sync.load(parentID).catch(() => {})
  sync.apply({ type: "session.alias", now: Date.now(), sessionID, alias })
}

/**
 * The id of the session that a parent knows by a name or a derived id, if there is one.
 * @param {import("./engine_sync.js").EngineSync} sync
 * @param {string} parentID
 * @param {string} task_id
 */
export async function findSession(sync, parentID, task_id) {
  const session = await sync.resolve({ sessionID: parentID, task_id }).catch(() => undefined)
  return session && isOwnTaskID(task_id, session.slug) ? session.id : undefined
}
