// The calls of OpenCode's SDK that the plugin makes. Each is called on its object: a detached method loses its receiver.

import { RECORD_KEY, childrenInCalls, refusalOf } from "../../core/index.js"
import { namingOf } from "./naming.js"

/**
 * @typedef {import("@opencode-ai/plugin").PluginInput["client"]} Client
 * @typedef {import("../../core/index.js").HostSession & { model?: { id: string, providerID: string } }} HostSession
 * @typedef {import("../../core/index.js").HostAgent & { model?: import("../../api.js").Model }} HostAgent
 * @typedef {{ info: any, parts: any[] }} HostMessage
 * @typedef {{ id: string, messageID: string, sessionID: string, callID?: string, type: string, tool?: string, state: any }} Part
 * @typedef {ReturnType<typeof bindClient>} Host
 */

/** The deadline of a call, in milliseconds: a host that hangs must not hang the plugin. */
const DEADLINE_MS = 10_000

/**
 * The deadline of a call that changes something, in milliseconds. OpenCode may still carry out an abandoned call, after the call
 * that replaced it.
 */
const CHANGE_MS = 60_000

/** The number of messages at the end of a conversation: users may have spoken since the message of a running call. */
const LAST = 10

/** The deadline for the version, in milliseconds: the start of OpenCode waits for it. */
const HEALTH_MS = 1_000

/**
 * The host's calls, each with a deadline. A failed call rejects with the host's error.
 * @param {Client} client
 */
export function bindClient(client) {
  const { session, app, config, tui } = client
  // The client's untyped requests: the typed methods cover neither parts nor every field.
  const raw = /** @type {any} */ (client)._client

  /**
   * @template T
   * @param {Promise<{ data?: unknown, error?: unknown }>} request
   * @param {number} [ms] the deadline
   * @returns {Promise<T>}
   */
  async function data(request, ms) {
    const { data, error } = await within(request, ms)
    if (data === undefined) throw refusalOf(error)
    return /** @type {T} */ (data)
  }

  return {
    /** @param {string} id @returns {Promise<HostSession>} */
    session: (id) => data(session.get({ path: { id } })),
    /** @param {string} id @returns {Promise<HostSession[]>} */
    children: (id) => data(session.children({ path: { id } })),
    /** The ids of the sessions that the calls of a session's task tool name. @param {string} id @returns {Promise<string[]>} */
    callChildren: async (id) => {
      return childrenInCalls(/** @type {HostMessage[]} */ (await data(session.messages({ path: { id } }))))
    },
    /** The status of each session that is not idle. @returns {Promise<Record<string, { type: "busy" | "retry" | "idle" }>>} */
    status: () => data(session.status()),
    /** @param {string} id @param {Record<string, unknown>} metadata @returns {Promise<HostSession>} */
    setMetadata: (id, metadata) => data(session.update({ path: { id }, body: /** @type {any} */ ({ metadata }) }), CHANGE_MS),
    /**
     * @param {{ parentID: string, title: string, agent: string, permission: import("../../api.js").HostRule[], metadata: Record<string, unknown> }} child
     * @returns {Promise<HostSession>}
     */
    create: (child) => data(session.create({ body: child }), CHANGE_MS),
    /** Appends rules to a session's own. @param {string} id @param {import("../../api.js").HostRule[]} permission @returns {Promise<HostSession>} */
    addPermission: (id, permission) => data(session.update({ path: { id }, body: /** @type {any} */ ({ permission }) }), CHANGE_MS),
    /** @param {string} id @param {string} messageID @returns {Promise<HostMessage>} */
    message: (id, messageID) => data(session.message({ path: { id, messageID } })),
    /** The end of a conversation. @param {string} id @returns {Promise<HostMessage[]>} */
    lastMessages: async (id) => data(session.messages({ path: { id }, query: { limit: LAST } })),
    /** @param {string} id @returns {Promise<HostMessage[]>} */
    messages: (id) => data(session.messages({ path: { id } })),
    /** @param {string} id @param {string} messageID */
    async messagesFrom(id, messageID) {
      const messages = /** @type {HostMessage[]} */ (await data(session.messages({ path: { id } })))
      const rest = messages.filter(({ info }) => info.id >= messageID)
      return rest.map(({ info, parts }) => ({ id: /** @type {string} */ (info.id), partIDs: parts.map((part) => /** @type {string} */ (part.id)) }))
    },
    /** The calls in a session's messages that name a session. @param {string} id */
    async namings(id) {
      const messages = /** @type {HostMessage[]} */ (await data(session.messages({ path: { id } })))
      return messages.flatMap(({ parts }) => parts.flatMap((part) => namingOf(part) ?? []))
    },
    /**
     * Prompts, and resolves with the answer. It has no deadline.
     * @param {string} id
     * @param {import("../../api.js").Message} message
     * @returns {Promise<{ data?: HostMessage, error?: any }>}
     */
    prompt: (id, message) => session.prompt({ path: { id }, body: /** @type {any} */ (message) }),
    /** Prompts, and resolves when the prompt is stored. @param {string} id @param {Partial<import("../../api.js").Message>} message */
    promptAsync: (id, message) => data(session.promptAsync({ path: { id }, body: /** @type {any} */ (message) }), CHANGE_MS),
    /**
     * Puts a message into a session without beginning a turn: a running one reads it at its next step. OpenCode answers the last user
     * message of a session, so this one names the agent, the model and the instructions of the one before.
     * @param {import("../../api.js").SendSteering} message
     */
    async steer({ sessionID: id, messageID, text }) {
      const asked = (/** @type {HostMessage[]} */ messages) => messages.findLast(({ info }) => info.role === "user")?.info
      const path = { id }
      const { agent, model, variant, system } = asked(await data(session.messages({ path, query: { limit: LAST } }))) ?? asked(await data(session.messages({ path }))) ?? {}
      const { providerID, modelID } = model ?? {}
      const parts = [{ type: "text", text, metadata: { [RECORD_KEY]: { steers: true } } }]
      const body = { messageID, noReply: true, agent, ...(model ? { model: { providerID, modelID } } : {}), variant: model?.variant ?? variant, system, parts }
      await data(session.prompt({ path, body: /** @type {any} */ (body) }), CHANGE_MS)
    },
    /** @param {string} id */
    abort: (id) => data(session.abort({ path: { id } })),
    /** Summarises a session, and resolves when it is done. @param {string} id @param {{ providerID: string, modelID: string }} model */
    summarize: (id, model) => session.summarize({ path: { id }, body: model }),
    /** @param {string} id @param {string} messageID */
    removeMessage: (id, messageID) => data(raw.delete({ url: "/session/{id}/message/{messageID}", path: { id, messageID } }), CHANGE_MS),
    /** @param {{ id: string, messageID: string, sessionID: string, [field: string]: unknown }} part */
    setPart: (part) =>
      data(
        raw.patch({
          url: "/session/{id}/message/{messageID}/part/{partID}",
          path: { id: part.sessionID, messageID: part.messageID, partID: part.id },
          body: part,
          headers: { "Content-Type": "application/json" },
        }),
      ),
    /**
     * Denies a question for permission. With a message, the session goes on.
     * @param {{ requestID: string, message: string }} question
     */
    refuse: ({ requestID, message }) =>
      data(
        raw.post({
          url: "/permission/{requestID}/reply",
          path: { requestID },
          body: { reply: "reject", message },
          headers: { "Content-Type": "application/json" },
        }),
      ),
    /** The version of OpenCode. @returns {Promise<{ version: string }>} */
    health: async () => data(raw.get({ url: "/global/health" }), HEALTH_MS),
    /** @returns {Promise<HostAgent[]>} */
    agents: () => data(app.agents()),
    /** @returns {Promise<{ providers: { id: string, models: Record<string, { limit?: { context?: number } }> }[] }>} */
    providers: () => data(config.providers()),
    /** @param {"info" | "warn" | "error"} level @param {string} message */
    log: (level, message) => within(app.log({ body: { service: "opencode-delegate", level, message } })),
    /** Hands the terminals a command, in an event that changes nothing else. @param {string} command */
    command: (command) => within(tui.publish({ body: /** @type {any} */ ({ type: "tui.command.execute", properties: { command } }) })),
    /** @param {string} message @param {"info" | "warning" | "error"} variant */
    toast: (message, variant) => within(tui.showToast({ body: { title: "opencode-delegate", message, variant } })),
  }
}

/**
 * A promise that rejects after a deadline.
 * @template T
 * @param {Promise<T>} promise
 * @param {number} [ms]
 * @returns {Promise<T>}
 */
function within(promise, ms = DEADLINE_MS) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`OpenCode did not answer within ${ms} ms`)), ms)
  })
  return Promise.race([promise, /** @type {Promise<never>} */ (late)]).finally(() => clearTimeout(timer))
}
