// What the engine is told of a session as OpenCode keeps it.

import { isAlive } from "./instances.js"
import { KEY } from "./record_writer.js"

/** @typedef {import("../opencode1/sdk/client.js").HostSession} HostSession */

/**
 * Whether a session can have children: OpenCode denies the task tool to those that cannot. One with a budget may have had
 * some before that was denied to it.
 * @param {HostSession} session
 */
export const delegates = (session) =>
  (/** @type {any} */ (session.metadata?.[KEY])?.budget ?? 0) > 0 ||
  !session.permission?.some(({ permission, pattern, action }) => permission === "task" && pattern === "*" && action === "deny")

/** What the engine is told of a session. @param {HostSession} session @param {string} process this one */
export function told({ id, parentID, agent, title, metadata }, process) {
  // OpenCode titles a child "<description> (@<agent> subagent)".
  const description = title.replace(/ \(@[^()]* subagent\)$/, "").normalize("NFC")
  const record = /** @type {any} */ (metadata?.[KEY])
  const session = { id, parentID, agent, description: parentID ? description : undefined }
  // Of its own prompts the engine knows more than the host keeps.
  if (record?.process === process) return { ...session, record: { ...record, prompt: undefined, messageID: undefined, tasks: undefined } }
  return { ...session, record, alive: record?.process ? isAlive(record.process) : undefined }
}
