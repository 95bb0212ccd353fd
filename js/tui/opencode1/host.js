// The calls of the terminal's client that the terminal half makes, each with a deadline.

import { childrenInCalls, refusalOf } from "../../core/index.js"

/**
 * @typedef {import("@opencode-ai/plugin/tui").TuiPluginApi} Api
 * @typedef {import("../../core/index.js").HostSession & { error?: { name: string } }} HostSession `error`: that of the last
 *   turn; the host does not say it of each session
 * @typedef {{ info: any, parts: any[] }} HostMessage
 * @typedef {{ error?: { name?: unknown }, unanswered: boolean }} LastEnd how the last message of a session ended. `unanswered`: it is
 *   a prompt, or an answer without an end
 * @typedef {{ id: string, sessionID: string, permission: string, patterns: string[] }} Question a permission question
 * @typedef {ReturnType<typeof bindHost>} Host
 */

/** The deadline of a call, in milliseconds: a host that hangs must not hang the terminal. */
const DEADLINE_MS = 10_000
/** The number of messages at the end of a conversation in which a call is looked for. */
const LAST = 200

/** @param {Pick<Api, "client">} api its client changes when the terminal connects again */
export function bindHost(api) {
  const within = () => ({ signal: AbortSignal.timeout(DEADLINE_MS) })
  /**
   * @template T
   * @param {Promise<{ data?: unknown, error?: any }>} request
   * @returns {Promise<T>}
   */
  async function data(request) {
    const { data, error } = await request
    if (data !== undefined) return /** @type {T} */ (data)
    throw refusalOf(error)
  }
  /** @param {string} sessionID @returns {Promise<HostMessage[]>} */
  const messages = (sessionID) => data(api.client.session.messages({ sessionID, limit: LAST }, within()))

  return {
    /**
     * Whether the terminal itself asks the question of a session where a person is.
     * @param {{ rootID: string, sessions: Map<string, HostSession> }} conversation @param {string | undefined} viewed @param {string} sessionID
     */
    asks: ({ rootID, sessions }, viewed, sessionID) => viewed === rootID && [sessionID, sessions.get(sessionID)?.parentID].includes(viewed),
    messages,
    /** How the last message of a session ended, if it has one. @param {string} sessionID @returns {Promise<LastEnd | undefined>} */
    async lastEnd(sessionID) {
      const list = /** @type {HostMessage[]} */ (await data(api.client.session.messages({ sessionID, limit: 1 }, within())))
      const info = list.at(-1)?.info
      return info && { error: info.error, unanswered: !info.error && (info.role !== "assistant" || info.time?.completed === undefined) }
    },
    /** @param {string} sessionID @returns {Promise<HostSession>} */
    session: (sessionID) => data(api.client.session.get({ sessionID }, within())),
    /** @param {string} sessionID @returns {Promise<HostSession[]>} */
    children: (sessionID) => data(api.client.session.children({ sessionID }, within())),
    /** The ids of the sessions that the calls of a session name. @param {string} sessionID @returns {Promise<string[]>} */
    async callChildren(sessionID) {
      return childrenInCalls(await messages(sessionID))
    },
    /** @returns {Promise<Record<string, { type: "busy" | "retry" | "idle" }>>} */
    status: () => data(api.client.session.status({}, within())),
    /** The permission questions that are open. @returns {Promise<Question[]>} */
    questions: () => data(api.client.permission.list({}, within())),
    /** @param {Question} question @param {"once" | "always" | "reject"} reply @returns {Promise<unknown>} */
    reply: ({ id: requestID }, reply) => data(api.client.permission.reply({ requestID, reply }, within())),
    /** @param {string} sessionID @returns {Promise<unknown>} */
    abort: (sessionID) => data(api.client.session.abort({ sessionID }, within())),
    /** Hands the server half a command, in an event that changes nothing else. @param {string} command @param {string} sessionID a session of the project: OpenCode 2 looks its server half up by it @returns {Promise<unknown>} */
    command: (command, sessionID) => data(api.client.tui.publish({ body: /** @type {any} */ ({ type: "tui.command.execute", properties: { command } }) }, within())),
    /** @param {string} message @returns {Promise<unknown>} */
    log: (message) => data(api.client.app.log({ service: "opencode-delegate", level: "warn", message }, within())),
  }
}
