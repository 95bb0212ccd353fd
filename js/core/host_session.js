// A session as the host keeps it, in the engine's terms.

import { isAlive } from "./instances.js"
import { RECORD_KEY } from "./record_writer.js"

/** @typedef {import("./host.js").HostSession} HostSession */

/**
 * Whether a session can have children: the host denies the task tool to a session that cannot. A session with a budget may have
 * had children before the denial.
 * @param {HostSession} session
 */
export const canDelegate = (session) =>
  (/** @type {any} */ (session.metadata?.[RECORD_KEY])?.budget ?? 0) > 0 ||
  !session.permission?.some(({ permission, pattern, action }) => permission === "task" && pattern === "*" && action === "deny")

/**
 * The session for a `session.created` event.
 * @param {HostSession} session
 * @param {string} process the name of this instance in records
 */
export function engineSession({ id, parentID, agent, title, metadata }, process) {
  // OpenCode titles a child "<description> (@<agent> subagent)".
  const description = title.replace(/ \(@[^()]* subagent\)$/, "").normalize("NFC")
  const record = /** @type {any} */ (metadata?.[RECORD_KEY])
  const session = { id, parentID, agent, description: parentID ? description : undefined }
  // The engine knows its own prompts better than the stored record does.
  if (record?.process === process) return { ...session, record: { ...record, prompt: undefined, messageID: undefined, tasks: undefined } }
  return { ...session, record, alive: record?.process ? isAlive(record.process) : undefined }
}
