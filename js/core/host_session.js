// A session as the host keeps it, in the engine's terms.

import { childDescription, contextTokens, mayHaveChildren } from "../api.js"
import { isAlive, isOfThisProcess } from "./instances.js"
import { RECORD_KEY } from "./record_writer.js"

/** @typedef {import("./host.js").HostSession} HostSession */

/** The engine's record of a session, whatever wrote it. @param {HostSession} session @returns {any} */
const recordOf = ({ metadata }) => metadata?.[RECORD_KEY]

/** Whether a session's record names background tasks. @param {HostSession} session */
export const hasTasks = (session) => recordOf(session)?.tasks?.length > 0

/**
 * Whether a session has a record that does not say which call spawned it, or which undone call a later one may have replaced.
 * @param {HostSession} session
 */
export const isPlaceUnsure = (session) => Boolean(recordOf(session)) && (!recordOf(session).spawned || recordOf(session).undone === true)

/** Whether a session may have children. @param {HostSession} session */
export const canDelegate = (session) => mayHaveChildren({ permission: session.permission, record: recordOf(session) })

/**
 * A session whose data cannot be read, for a `session.created` event. Its record is left as it is.
 * @param {HostSession} session
 */
export const unreadableSession = ({ id, parentID }) => ({ id, parentID, record: false })

/**
 * All that a session itself used, as its host counts it. A host that counts otherwise says nothing.
 * @param {HostSession} session
 * @returns {import("../api.js").Spent | undefined}
 */
export function spentOf({ tokens, cost = 0 }) {
  if (!tokens) return undefined
  try {
    const spent = { tokens: contextTokens({ tokens, summary: false }), cost }
    return spent.tokens > 0 && Number.isFinite(cost) && cost >= 0 ? spent : undefined
  } catch {
    return undefined
  }
}

/** The ends of a step after which both hosts go on with another: OpenCode 1.18.33 (`SessionPrompt.loop`) and 2.0.14. */
const MORE = new Set(["tool-calls", "unknown"])

/** Whether another step follows one that ended so. @param {string} finish as the host spells it */
export const isFollowed = (finish) => MORE.has(finish)

/**
 * The processes that a record names beside its own, each once: it leaves a prompt or a task to them.
 * @param {any} record
 * @returns {string[]}
 */
function namedBeside(record) {
  const tasks = Array.isArray(record?.tasks) ? record.tasks : []
  const named = [record?.prompt, ...tasks].map((held) => held?.process)
  return [...new Set(named.filter((name) => typeof name === "string" && name !== record.process))]
}

/**
 * The session for a `session.created` event.
 * @param {HostSession} session
 * @param {string} process the name of this instance in records
 * @param {(process: string) => boolean} [lives] whether another instance is alive
 */
export function engineSession(session, process, lives = isAlive) {
  const { id, parentID, agent, title } = session
  const record = recordOf(session)
  const isOther = typeof record?.process === "string" && record.process !== process
  const beside = namedBeside(record)
  // An instance of this process sees the end of another one as this instance does.
  const sees = !isOther || isOfThisProcess(record.process)
  const outlived = sees ? [] : beside.filter((name) => name !== process && isOfThisProcess(name) && !lives(name))
  return {
    id, parentID, agent, description: parentID ? childDescription(title) : undefined, spent: spentOf(session), record,
    alive: isOther ? lives(record.process) : undefined,
    living: beside.length > 0 ? beside.filter((name) => name !== process && lives(name)) : undefined,
    outlived: outlived.length > 0 ? outlived : undefined,
  }
}
