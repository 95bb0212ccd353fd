// OpenCode's SDK as plugins get it: exactly the calls that this package makes.

import { Refusal, copy } from "./store.js"

/**
 * @typedef {import("./host.js").Host} Host
 * @typedef {{ path?: any, body?: any, url?: string, [field: string]: any }} Given
 */

/** The longest time that a change of a session takes, in milliseconds. */
const WRITE_MS = 14

/**
 * The client of a process. A call takes a moment on its way to the process, and a moment on its way back.
 * @param {Host} host
 */
export function sdk(host) {
  const { clock } = host

  /**
   * @param {string} name
   * @param {any} given
   * @param {() => unknown} work
   */
  async function call(name, given, work) {
    const fault = host.setting.faults?.call?.(name, given)
    await host.lag()
    if (fault?.before) await clock.sleep(fault.before)
    if (fault?.refuse === "throw") throw new TypeError("fetch failed")
    if (fault?.refuse === "error") return { error: { name: "UnknownError", data: { message: "Unexpected server error" } } }
    try {
      const data = copy(await work())
      await host.lag()
      if (fault?.after) await clock.sleep(fault.after)
      if (fault?.lose) throw new TypeError("fetch failed")
      return { data: data ?? {} }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      await host.lag()
      return { error: { name: error.name, data: { message: error.message } } }
    }
  }

  const session = {
    get: (/** @type {Given} */ { path }) => call("session.get", path, () => host.session(path.id)),
    children: (/** @type {Given} */ { path }) => call("session.children", path, () => host.store.children(path.id)),
    status: () => call("session.status", {}, () => host.status()),
    /** Takes OpenCode some seven milliseconds. @param {Given} given */
    update: ({ path, body }) => call("session.update", { ...path, ...body }, async () => {
      await host.lag(WRITE_MS)
      return host.update(path.id, body)
    }),
    create: (/** @type {Given} */ { body }) => call("session.create", body, () => host.create(body)),
    message: (/** @type {Given} */ { path: { id, messageID } }) => call("session.message", { id, messageID }, () => found(host.store.message(id, messageID))),
    messages: (/** @type {Given} */ { path, query }) => call("session.messages", path, () => (host.session(path.id), host.store.messages(path.id).slice(-(query?.limit ?? 0)))),
    prompt: (/** @type {Given} */ { path, body }) => call("session.prompt", { ...path, ...body }, () => host.prompt(path.id, body)),
    /** Resolves when the message is stored. @param {Given} given */
    promptAsync: ({ path, body }) =>
      call("session.promptAsync", { ...path, ...body }, () => new Promise((resolve, reject) => {
        host.prompt(path.id, body, () => resolve({})).catch(reject)
      })),
    abort: (/** @type {Given} */ { path }) => call("session.abort", path, () => (host.abort(path.id), true)),
    summarize: (/** @type {Given} */ { path, body }) => call("session.summarize", path, () => host.summarize(path.id, body).then(() => true)),
  }
  return {
    session,
    app: {
      log: (/** @type {Given} */ { body }) => call("app.log", body, () => (host.store.log("log", undefined, `${body.level} ${body.message}`), true)),
      agents: () => call("app.agents", {}, () => host.agents.list()),
    },
    config: {
      providers: () => call("config.providers", {}, () => {
        const models = Object.fromEntries(Object.entries(host.setting.models).map(([name, context]) => [name, { limit: { context } }]))
        return { providers: [{ id: "p", models }] }
      }),
    },
    tui: {
      showToast: (/** @type {Given} */ { body }) => call("tui.showToast", body, () => (host.store.log("toast", undefined, body.message), true)),
    },
    _client: {
      /** @param {Given} given */
      delete: ({ path: { id, messageID } }) => call("message.delete", { id, messageID }, () => {
        if (!host.store.removeMessage(id, messageID)) throw new Refusal("NotFoundError", `Message not found: ${messageID}`)
        return true
      }),
      /** @param {Given} given */
      patch: ({ path, body }) => call("part.update", path, () => {
        found(host.store.message(path.id, path.messageID))
        host.putPart(copy(body))
        return body
      }),
    },
  }
}

/** @template T @param {T | undefined} what @returns {T} */
function found(what) {
  if (what === undefined) throw new Refusal("NotFoundError", "Not found")
  return what
}
