// The calls that core makes to a host, and the shapes of a host's answers.

/**
 * A session as a host keeps it. Times are in milliseconds since the epoch.
 * @typedef {{
 *   id: string, parentID?: string, title: string, agent?: string, metadata?: Record<string, unknown>,
 *   permission?: import("../api.js").HostRule[], time: { created: number, updated: number },
 *   revert?: { messageID: string, partID?: string }, fork?: object,
 *   tokens?: Parameters<typeof import("../api.js").contextTokens>[0]["tokens"], cost?: number
 * }} HostSession
 *
 * A call in the messages of a session that spawned or prompted another session.
 * @typedef {{ messageID: string, partID: string, namedID: string }} Naming
 *
 * An agent as a host knows it. `options` holds the fields that the host does not know.
 * @typedef {{
 *   name: string, mode?: import("../api.js").AgentConfig["mode"], permission?: import("../api.js").HostRule[],
 *   options?: Record<string, unknown>
 * }} HostAgent
 *
 * The calls. A call that fails rejects; a call that the host refuses rejects with a HostRefusal. `callChildren` gives the ids of
 * the sessions that a session's calls name, `messagesFrom` the messages from an id on. `childIDs` is of a host that would read each
 * child by itself: it gives the ids of those that another process with this plugin may have created. `refuse` denies a question for
 * permission.
 * @typedef {{
 *   session: (id: string) => Promise<HostSession>,
 *   children: (id: string) => Promise<HostSession[]>,
 *   childIDs?: (id: string) => Promise<string[]>,
 *   callChildren: (id: string) => Promise<string[]>,
 *   status: () => Promise<Record<string, { type: "busy" | "retry" | "idle" }>>,
 *   namings: (id: string) => Promise<Naming[]>,
 *   messagesFrom: (id: string, messageID: string) => Promise<{ id: string, partIDs: string[] }[]>,
 *   setMetadata: (id: string, metadata: Record<string, unknown>) => Promise<HostSession>,
 *   refuse: (question: { sessionID: string, requestID: string, message: string }) => Promise<unknown>,
 *   log: (level: "info" | "warn" | "error", message: string) => Promise<unknown>,
 *   toast: (message: string, variant: "info" | "warning" | "error") => Promise<unknown>,
 * }} Host
 */

/** The host's refusal of a call. */
export class HostRefusal extends Error {
  /** @param {string} message @param {{ name?: string, missing: boolean }} kind `missing`: the host says that the thing does not exist */
  constructor(message, { name = "HostRefusal", missing }) {
    super(message)
    this.name = name
    this.missing = missing
  }
}

/** The refusal that an answer with an error is. @param {any} error OpenCode's answer */
export function refusalOf(error) {
  const message = `OpenCode refused a call: ${JSON.stringify(error) ?? "no answer"}`
  return new HostRefusal(message, { name: error?.name, missing: error?.name === "NotFoundError" })
}

/** The ids of the sessions that the calls of OpenCode 1's task tool name. @param {{ parts: any[] }[]} messages @returns {string[]} */
export function childrenInCalls(messages) {
  const named = messages.flatMap(({ parts }) => parts.map((part) => part.tool === "task" && part.state?.metadata?.sessionId))
  return [...new Set(named)].filter((id) => typeof id === "string")
}

/** Whether an error is the host's word that the thing does not exist. @param {unknown} error */
export const isMissing = (error) => error instanceof HostRefusal && error.missing

/**
 * The answer of a reading call, or `undefined` if the host says that the thing does not exist. Any other failure rejects: it
 * proves nothing about the thing.
 * @template T
 * @param {Promise<T>} reading
 * @returns {Promise<T | undefined>}
 */
export async function ifFound(reading) {
  try {
    return await reading
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}
