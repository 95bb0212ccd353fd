// The calls of OpenCode's SDK that the plugin makes, each bound to its object: detached they lose it.

/**
 * @typedef {import("@opencode-ai/plugin").PluginInput["client"]} Client
 * @typedef {{
 *   id: string, parentID?: string, title: string, agent?: string, metadata?: Record<string, unknown>,
 *   model?: { id: string, providerID: string }, permission?: import("../../api.js").HostRule[],
 *   time: { created: number, updated: number }
 * }} HostSession
 * @typedef {{
 *   name: string, mode?: import("../../api.js").AgentConfig["mode"], permission?: import("../../api.js").HostRule[],
 *   options?: Record<string, unknown>, model?: import("../../api.js").Model
 * }} HostAgent
 * @typedef {{ info: any, parts: any[] }} HostMessage
 * @typedef {ReturnType<typeof bind>} Host
 */

/** The longest that a call may take, in milliseconds: nobody waits for a host that hangs. */
const DEADLINE_MS = 10_000

/**
 * The longest that one may take which changes something, in milliseconds: given up, it may still be carried out, after what
 * is done instead of it or later.
 */
const CHANGE_MS = 60_000

/** What a call is refused with. */
class Refused extends Error {
  /** @param {any} error what OpenCode says */
  constructor(error) {
    super(`OpenCode refused a call: ${JSON.stringify(error) ?? "no answer"}`)
    this.name = error?.name ?? "Refused"
  }
}

/** Whether OpenCode says that there is no such thing. @param {unknown} error */
export const isMissing = (error) => error instanceof Refused && error.name === "NotFoundError"

/**
 * What a call reads, or nothing where OpenCode says that there is no such thing. A call that fails in any other way says
 * nothing of that.
 * @template T
 * @param {Promise<T>} reading
 * @returns {Promise<T | undefined>}
 */
export async function ifThere(reading) {
  try {
    return await reading
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

/**
 * The host's calls, each with a deadline. What fails rejects, with what the host said.
 * @param {Client} client
 */
export function bind(client) {
  const { session, app, config, tui } = client
  // The client's own requests: the typed methods know neither parts nor every field.
  const raw = /** @type {any} */ (client)._client

  /**
   * @template T
   * @param {Promise<{ data?: unknown, error?: unknown }>} request
   * @param {number} [ms] the longest that it may take
   * @returns {Promise<T>}
   */
  async function data(request, ms) {
    const { data, error } = await within(request, ms)
    if (data === undefined) throw new Refused(error)
    return /** @type {T} */ (data)
  }

  return {
    /** @param {string} id @returns {Promise<HostSession>} */
    session: (id) => data(session.get({ path: { id } })),
    /** @param {string} id @returns {Promise<HostSession[]>} */
    children: (id) => data(session.children({ path: { id } })),
    /** The sessions that are not idle. @returns {Promise<Record<string, { type: "busy" | "retry" | "idle" }>>} */
    status: () => data(session.status()),
    /** @param {string} id @param {Record<string, unknown>} metadata @returns {Promise<HostSession>} */
    setMetadata: (id, metadata) => data(session.update({ path: { id }, body: /** @type {any} */ ({ metadata }) }), CHANGE_MS),
    /**
     * @param {{ parentID: string, title: string, agent: string, permission: import("../../api.js").HostRule[], metadata: Record<string, unknown> }} child
     * @returns {Promise<HostSession>}
     */
    create: (child) => data(session.create({ body: child }), CHANGE_MS),
    /** Adds rules after those that a session has. @param {string} id @param {import("../../api.js").HostRule[]} permission */
    permit: (id, permission) => data(session.update({ path: { id }, body: /** @type {any} */ ({ permission }) }), CHANGE_MS),
    /** @param {string} id @param {string} messageID @returns {Promise<HostMessage>} */
    message: (id, messageID) => data(session.message({ path: { id, messageID } })),
    /** @param {string} id @returns {Promise<HostMessage[]>} */
    messages: (id) => data(session.messages({ path: { id } })),
    /**
     * Prompts, and is done when that is answered, however long it takes.
     * @param {string} id
     * @param {import("../../api.js").Message} message
     * @returns {Promise<{ data?: HostMessage, error?: any }>}
     */
    prompt: (id, message) => session.prompt({ path: { id }, body: /** @type {any} */ (message) }),
    /** Prompts, and is done when that is stored. @param {string} id @param {Partial<import("../../api.js").Message>} message */
    tell: (id, message) => data(session.promptAsync({ path: { id }, body: /** @type {any} */ (message) }), CHANGE_MS),
    /** @param {string} id */
    abort: (id) => data(session.abort({ path: { id } })),
    /** Summarises, and is done when that is. @param {string} id @param {{ providerID: string, modelID: string }} model */
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
    /** @returns {Promise<HostAgent[]>} */
    agents: () => data(app.agents()),
    /** @returns {Promise<{ providers: { id: string, models: Record<string, { limit?: { context?: number } }> }[] }>} */
    providers: () => data(config.providers()),
    /** @param {"info" | "warn" | "error"} level @param {string} message */
    log: (level, message) => within(app.log({ body: { service: "opencode-delegate", level, message } })),
    /** @param {string} message @param {"warning" | "error"} variant */
    toast: (message, variant) => within(tui.showToast({ body: { title: "opencode-delegate", message, variant } })),
  }
}

/**
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
