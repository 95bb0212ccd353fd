// A plugin with delegation tools of its own, composed with the engine by its description.

import { withDelegation } from "../../js/compose.js"
import { data, later, opencode, plugin } from "./opencode.js"

/** @type {import("../../js/compose.js").Description} */
const DESCRIPTION = {
  plugin: "theirs",
  tools: {
    hand_over: {
      session: "resume", agent: "to", stand_ins: { kind: "fixer" }, background: "async",
      child: { text: String.raw`^Session: (ses_\w+)$` }, task: { text: String.raw`^Task: (\w+)$` },
      refusals: ["^Refused"], forgotten: "^Forgotten", unready: "^Unready",
    },
  },
  readers: { read_task: { id: "task", unknown: "^Unknown", over: "^Over" } },
  cancellers: { cancel_task: { id: "task", all: "every", unknown: "^Unknown" } },
  title: String.raw`^([^]*) \(child\)$`,
  swallows_ms: 60_000,
  rests_ms: 50,
}

/**
 * Such a plugin, composed, in a part of OpenCode that creates and prompts sessions.
 * @param {(args: any, client: any, context: any) => Promise<any>} [instead] what its tool does
 * @param {Record<string, unknown>} [options] of this package
 * @param {number} [slow] how long OpenCode takes for a prompt, in milliseconds
 * @param {Partial<import("../../js/compose.js").Description>} [more] of its description
 */
export async function composed(instead, options = {}, slow = 0, more = {}) {
  const host = opencode()
  const { client } = host.input
  const messages = /** @type {Record<string, any[]>} */ ({})
  const prompts = /** @type {any[]} */ ([])
  const tried = /** @type {string[]} */ ([])
  const cancelled = /** @type {string[]} */ ([])
  /** The tasks that the plugin says it has dropped from its queue. @type {Set<string>} */
  const dropped = new Set()
  const running = /** @type {Record<string, string>} */ ({})
  /** @type {(type: string, properties: any) => Promise<void>} */
  let emit = async () => {}
  let made = 0
  Object.assign(client.session, {
    async create(/** @type {any} */ { body }) {
      const info = host.add(`ses_${++made}a`, body)
      await emit("session.created", { info })
      return data(info)
    },
    async promptAsync(/** @type {any} */ { path: { id }, body }) {
      const info = { id: body.messageID ?? `msg_${prompts.length}`, role: "user", sessionID: id }
      prompts.push({ id, ...body })
      messages[id] = [...(messages[id] ?? []), { info, parts: body.parts }]
      host.sessions[id].permission = Object.entries(body.tools ?? {}).map(([permission, on]) => ({ permission, pattern: "*", action: on ? "allow" : "deny" }))
      await emit("message.updated", { info })
      if (slow) await later(slow)
      return { data: {} }
    },
    status: () => data(Object.fromEntries(Object.entries(running).filter(([, type]) => type !== "idle").map(([id, type]) => [id, { type }]))),
    message: (/** @type {any} */ { path }) => data(messages[path.id]?.find((/** @type {any} */ { info }) => info.id === path.messageID)),
    messages: (/** @type {any} */ { path }) => data(messages[path.id] ?? []),
  })
  const theirs = async (/** @type {any} */ { client: given }) => ({
    tool: {
      hand_over: {
        description: "", args: {},
        async execute(/** @type {any} */ args, /** @type {any} */ context) {
          tried.push(args.prompt)
          if (instead) return instead(args, given, context)
          const id = args.resume ?? (await given.session.create({ body: { parentID: context.sessionID, title: `${args.description} (child)` } })).data.id
          await given.session.promptAsync({ path: { id }, body: { parts: [{ type: "text", text: args.prompt }], tools: args.tools } })
          return `Done\nSession: ${id}\nTask: task_${id.slice(4)}`
        },
      },
      read_task: { description: "", args: {}, execute: async (/** @type {any} */ { task }) => (await dropped.has(task)) ? `Over: ${task}` : (/^task_/.test(task) ? `Result of ${task}` : "Unknown") },
      cancel_task: { description: "", args: {}, execute: async (/** @type {any} */ { task, every }) => (cancelled.push(task), every || /^task_/.test(task) ? `Cancelled ${task}` : "Unknown") },
    },
  })
  const at = await plugin(options, host, (input, options) => withDelegation(theirs, options, { ...DESCRIPTION, ...more })(input))
  emit = at.emit
  await at.speak()
  let count = 0
  const results = /** @type {any[]} */ ([])
  /** A call, and its result as the model reads it. @param {any} args @param {string} [tool] @param {AbortSignal} [abort] @param {Record<string, any>} [of] more of its context */
  const call = async (args, tool = "hand_over", abort = new AbortController().signal, of = {}) => {
    const context = { sessionID: "ses_root", messageID: "msg_1", callID: `c${++count}`, agent: "build", abort, metadata() {}, ...of }
    const given = await at.hooks.tool[tool].execute({ description: "Mend it", prompt: "Go.", ...args }, context)
    const result = { title: "", metadata: {}, ...(typeof given === "string" ? { output: given } : given) }
    await at.hooks["tool.execute.after"]({ tool, sessionID: context.sessionID, callID: context.callID, args }, result)
    results.push(result)
    return result.output
  }
  const children = () => Object.values(host.sessions).filter(({ parentID }) => parentID === "ses_root")
  /** Publishes the status of a session. @param {string} id @param {"busy" | "idle"} type */
  const status = (id, type) => {
    running[id] = type
    return emit("session.status", { sessionID: id, status: { type } })
  }
  return { ...at, call, results, children, prompts, tried, cancelled, dropped, status, messages }
}
