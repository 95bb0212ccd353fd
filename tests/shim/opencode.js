// The part of OpenCode that the plugin's hooks need, and the plugin in it.

import { after } from "node:test"
import { server } from "../../js/opencode1/index.js"
import { initSync } from "../../pkg/opencode_delegate.js"

// As in OpenCode, the process outlives the timers of the plugin, which keep no process alive.
const alive = setInterval(() => {}, 1_000)
after(() => clearInterval(alive))

export const data = async (/** @type {unknown} */ data) => ({ data })
export const later = (ms = 10) => new Promise((resolve) => setTimeout(resolve, ms))

/** The outcome of a promise, with the process kept alive until then. @template T @param {Promise<T>} promise @returns {Promise<T>} */
export function kept(promise) {
  const timer = setInterval(() => {}, 1_000)
  return promise.finally(() => clearInterval(timer))
}

/** The part of OpenCode that the hooks need, and a log of their calls. */
export function opencode({ version = "1.18.33" } = {}) {
  const sessions = /** @type {Record<string, any>} */ ({})
  const done = /** @type {any[]} */ ([])
  const toasts = /** @type {string[][]} */ ([])
  const commands = /** @type {string[]} */ ([])
  const add = (/** @type {string} */ id, fields = {}) => (sessions[id] = { id, title: id, time: { created: Object.keys(sessions).length, updated: 1 }, ...fields })
  add("ses_root")
  const agents = ["lead", "fixer"].map((name) => ({ name, mode: "subagent" }))
  let providers = 0
  const client = {
    session: {
      get: (/** @type {any} */ { path }) => data(sessions[path.id]),
      children: (/** @type {any} */ { path }) => data(Object.values(sessions).filter(({ parentID }) => parentID === path.id)),
      status: () => data({}),
      update: (/** @type {any} */ { path, body }) => data(Object.assign(sessions[path.id], body)),
      abort: (/** @type {any} */ { path }) => (done.push(["abort", path.id]), data(true)),
      messages: () => data([]),
    },
    app: { agents: () => data(agents), log: (/** @type {any} */ { body }) => (done.push([body.level, body.message]), data(true)) },
    config: { providers: () => (providers++, data({ providers: [{ id: "p", models: { one: { limit: { context: 1_000 } }, bare: {} } }] })) },
    tui: {
      showToast: (/** @type {any} */ { body }) => (toasts.push([body.variant, body.message]), data(true)),
      publish: (/** @type {any} */ { body }) => (commands.push(body.properties.command), data(true)),
    },
    _client: { patch: () => data(true), get: () => data({ healthy: true, version }) },
  }
  return { add, sessions, done, toasts, commands, input: /** @type {any} */ ({ client, worktree: "/", directory: "/" }), read: () => providers }
}

/**
 * The plugin in an OpenCode of its own, and ways to send it events and calls.
 * @param {Record<string, unknown>} [options]
 * @param {ReturnType<typeof opencode>} [host]
 * @param {(input: any, options: any) => Promise<any>} [make]
 */
export async function plugin(options = { executor: "host" }, host = opencode(), make = server) {
  const hooks = await make(host.input, options)
  const emit = (/** @type {string} */ type, /** @type {any} */ properties) => hooks.event({ event: { type, properties } })
  const speak = async (agent = "build", parts = /** @type {any[]} */ ([])) => {
    await hooks["chat.message"]({ sessionID: "ses_root" }, { message: { id: "msg_1", agent }, parts })
    // The conversation is read while the model thinks.
    await later()
  }
  const list = async () => {
    const compacted = { context: /** @type {string[]} */ ([]) }
    await hooks["experimental.session.compacting"]({ sessionID: "ses_root" }, compacted)
    return compacted.context
  }
  let count = 0
  /** A call of OpenCode's own task tool, before it runs. @param {Record<string, unknown>} [given] @param {string} [callID] */
  const before = async (given = {}, callID = `call${++count}`, sessionID = "ses_root") => {
    const args = /** @type {{ task_id?: unknown }} */ ({ description: "Mend it", prompt: "Go.", subagent_type: "fixer", ...given })
    await hooks["tool.execute.before"]({ tool: "task", sessionID, callID }, { args })
    return args
  }
  /** A subtask of the user, before it runs: OpenCode has stored its part. @param {Record<string, unknown>} [given] @param {string} [callID] */
  const subtask = async (given = {}, callID = `prt_${++count}`, sessionID = "ses_root") => {
    await emit("message.updated", { info: { id: `msg_${callID}`, sessionID, role: "assistant" } })
    const part = { id: callID, messageID: `msg_${callID}`, sessionID, callID: "own", type: "tool", tool: "task", state: { status: "running", input: {} } }
    await emit("message.part.updated", { part })
    return before(given, callID, sessionID)
  }
  return { ...host, hooks, emit, speak, list, before, subtask }
}

/** A session that a call has created. */
export const CHILD = { parentID: "ses_root", agent: "fixer", title: "Mend it (@fixer subagent)" }

/** Breaks the engines of this process: their next call traps. */
export function trap() {
  const { memory } = /** @type {any} */ (initSync(/** @type {any} */ (undefined)))
  new Uint8Array(memory.buffer).fill(0xff)
}

/** A host that notes every call and gives these answers. @param {Record<string, (...args: any[]) => unknown>} [answers] */
export function noting(answers = {}) {
  const calls = /** @type {any[]} */ ([])
  const host = new Proxy({}, { get: (_, name) => async (/** @type {any[]} */ ...args) => (calls.push([name, ...args]), answers[String(name)]?.(...args)) })
  return { host: /** @type {any} */ (host), calls }
}
