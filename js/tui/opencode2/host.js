// The calls of OpenCode 2's client that the terminal half makes, with answers in the shapes of OpenCode 1.

import { LOGGED, RECORD_KEY, terminalRPC } from "../../core/index.js"
import { errorOf, lastEndOf, messageOf, questionOf } from "./shapes.js"

/**
 * @typedef {import("./shapes.js").Context} Context
 * @typedef {import("../opencode1/index.js").Host} Host
 * @typedef {import("../opencode1/index.js").HostSession} HostSession
 */

/** The deadline of a call, in milliseconds: a host that hangs must not hang the terminal. */
const DEADLINE_MS = 10_000
/** The number of messages at the end of a conversation in which a call is looked for. */
const LAST = 200
/** The number of sessions on a page of a list, and in a question for their records. */
const PAGE = 100

/** The options of a call. */
export const within = () => ({ signal: AbortSignal.timeout(DEADLINE_MS) })

/**
 * @param {Context} context
 * @param {(type: string, properties: object) => void} hear hears of the server half's answers, as of events
 * @returns {Host}
 */
export function bindHost(context, hear) {
  const { client } = context
  const here = () => ({ directory: context.location?.directory })
  /**
   * Asks the server half of a session's project, or of the project that is shown.
   * @param {keyof typeof terminalRPC.methods} method @param {object} input @param {{ directory?: string }} [location] @returns {Promise<any>}
   */
  const ask = async (method, input, location = here()) => (await client.rpc.call({ rpcID: terminalRPC.id, method, input, location }, within())).output

  /**
   * The sessions with their records. If the server half does not answer, their records stay as they are known.
   * @param {any[]} sessions
   * @param {string} [parentID]
   * @returns {Promise<HostSession[]>}
   */
  async function withRecords(sessions, parentID) {
    const sessionIDs = sessions.map(({ id }) => id)
    if (!sessionIDs.length) return []
    const records = await ask("records", { parentID: parentID ?? sessionIDs[0], sessionIDs }, sessions[0].location).catch(() => undefined)
    return sessions.map((session) => ({ ...session, title: session.title ?? "", metadata: records && { [RECORD_KEY]: records[session.id] }, ...(session.outcome ? { error: errorOf(session.outcome) } : {}) }))
  }
  /** @param {string} sessionID @returns {Promise<import("../opencode1/index.js").HostMessage[]>} */
  const messages = async (sessionID) => {
    const { data } = await client.message.list({ sessionID, limit: LAST, order: "desc" }, within())
    return data.reverse().map(messageOf)
  }

  return {
    asks: ({ rootID }, viewed, sessionID) => viewed === rootID || viewed === sessionID,
    messages,
    async lastEnd(sessionID) {
      const [last] = (await client.message.list({ sessionID, limit: 1, order: "desc" }, within())).data
      return last && lastEndOf(last)
    },
    async session(sessionID) {
      const session = await client.session.get({ sessionID }, within())
      return (await withRecords([session], session.parentID))[0]
    },
    async children(parentID) {
      const found = /** @type {HostSession[]} */ ([])
      for (let cursor = /** @type {string | undefined} */ (undefined); ;) {
        const page = await client.session.list(cursor ? { cursor } : { parentID, limit: PAGE, order: "asc" }, within())
        found.push(...await withRecords(page.data, parentID))
        cursor = page.cursor.next
        if (!cursor || !page.data.length) return found
      }
    },
    callChildren: async (sessionID) => [...new Set((await messages(sessionID)).flatMap(({ parts }) => parts.flatMap(({ state }) => state.metadata?.sessionId ?? [])))],
    status: async () => Object.fromEntries(Object.keys(await client.session.active(within())).map((id) => [id, { type: "busy" }])),
    questions: async () => (await client.permission.request.list({ location: here() }, within())).data.map(questionOf),
    reply: ({ id, sessionID }, decision) => client.permission.reply({ sessionID, requestID: id, decision }, within()),
    abort: (sessionID) => client.session.interrupt({ sessionID }, within()),
    async command(command, sessionID) {
      const { location } = await client.session.get({ sessionID }, within())
      const { answer } = await ask("command", { command }, location)
      if (answer !== undefined) hear("tui.command.execute", { command: answer })
    },
    log: (message) => ask("log", { message: message.slice(0, LOGGED) }),
  }
}
