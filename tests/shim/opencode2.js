// The part of OpenCode 2 that the setup of a plugin needs: sessions, a storage, hooks, and OpenCode's own tool `subagent`.

import { after } from "node:test"
import { later } from "./opencode.js"

/** How many entries a scan of the storage gives at once. */
const PAGE = 2

let projects = 0
/** The ends of all plugins: none follows events for longer than the tests run. @type {(() => unknown)[]} */
const ends = []
after(() => Promise.allSettled(ends.map((end) => end())))

/** An OpenCode 2 with a project of its own. */
export function opencode2() {
  const directory = `/project${++projects}`
  const sessions = /** @type {Record<string, any>} */ ({})
  const messages = /** @type {Record<string, any[]>} */ ({})
  const stored = /** @type {Map<string, unknown>} */ (new Map())
  const works = /** @type {Map<string, Set<(event: any) => unknown>>} */ (new Map())
  const edits = /** @type {((editor: any) => void)[]} */ ([])
  const registered = /** @type {unknown[][]} */ ([])
  const heard = /** @type {Set<(event: any) => void>} */ (new Set())
  let tools = /** @type {Record<string, any>} */ ({})

  const add = (/** @type {string} */ id, fields = {}) => (sessions[id] = { id, title: id, time: { created: Object.keys(sessions).length, updated: 1 }, ...fields })
  add("ses_root", { agent: "build" })

  /** @param {string} domain */
  const hook = (domain) => async (/** @type {string} */ name, /** @type {(event: any) => unknown} */ work, /** @type {unknown[]} */ ...rest) => {
    const key = `${domain}.${name}`
    const all = works.get(key) ?? new Set()
    works.set(key, all.add(work))
    registered.push([key, ...rest])
    return { dispose: async () => void all.delete(work) }
  }
  /** Runs the hooks of an event, one after the other. @param {string} name @param {any} event */
  const run = async (name, event) => {
    for (const work of works.get(name) ?? []) await work(event)
    return event
  }

  const subagent = {
    name: "subagent", description: "Delegates", input: { type: "object", properties: {} },
    /** @param {any} input @param {any} context */
    async execute({ agent, description, prompt, sessionID }, { sessionID: parentID, progress }) {
      const id = sessionID ?? add(`ses_${Object.keys(sessions).length}a`, { parentID, agent, title: description }).id
      await progress({ sessionID: id })
      const text = `msg_${messages[id]?.length ?? 0}`
      messages[id] = [...(messages[id] ?? []), { id: text, type: "user", text: prompt }, { id: `${text}a`, type: "assistant", finish: "stop", content: [{ type: "text", text: "done" }] }]
      await run("session.prompt", { sessionID: id, messageID: text, prompt: { text: prompt } })
      return { output: {}, content: `<subagent id="${id}">\ndone\n</subagent>`, metadata: { sessionID: id, status: "completed" } }
    },
  }
  /** @param {(editor: any) => void} edit */
  const transform = async (edit) => {
    edits.push(edit)
    tools = { subagent: { ...subagent } }
    const editor = { add: (/** @type {any} */ tool) => void (tools[tool.name] = tool), update: (/** @type {string} */ id, /** @type {(tool: any) => void} */ change) => change(tools[id]) }
    for (const each of edits) each(editor)
  }

  const context = {
    app: { name: "opencode", version: "2.0.14" },
    location: { directory },
    options: { mine: 1 },
    agent: { list: async () => ({ data: ["explorer", "fixer"].map((id) => ({ id, mode: "subagent" })) }), transform: async () => {} },
    model: { default: async () => ({}) },
    permission: { hook: hook("permission"), reply: async () => {} },
    session: {
      get: async (/** @type {any} */ { sessionID }) => sessions[sessionID] ?? Promise.reject(Object.assign(new Error("No session"), { _tag: "Session.NotFoundError" })),
      context: async (/** @type {any} */ { sessionID }) => messages[sessionID] ?? [],
      wait: async () => {},
      hook: hook("session"),
    },
    storage: {
      get: async (/** @type {string} */ key) => stored.get(key),
      set: async (/** @type {string} */ key, /** @type {unknown} */ value) => void stored.set(key, value),
      remove: async (/** @type {string} */ key) => void stored.delete(key),
      async scan(/** @type {any} */ { prefix, after: last = "", limit = PAGE }) {
        const found = [...stored].filter(([key]) => key.startsWith(prefix) && key > last).sort(([a], [b]) => (a < b ? -1 : 1))
        const entries = found.slice(0, limit).map(([key, value]) => ({ key, value }))
        return { entries, ...(found.length > limit ? { next: entries[limit - 1].key } : {}) }
      },
    },
    tool: { hook: hook("tool"), transform, reload: async () => {} },
    event: {
      async *subscribe(/** @type {{ signal: AbortSignal }} */ { signal }) {
        const events = /** @type {any[]} */ ([])
        let wake = () => {}
        const hear = (/** @type {any} */ event) => (events.push(event), wake())
        heard.add(hear)
        signal.addEventListener("abort", () => wake())
        while (!signal.aborted) {
          while (events.length) yield events.shift()
          if (!signal.aborted) await new Promise((resolve) => (wake = () => resolve(undefined)))
        }
        heard.delete(hear)
      },
    },
  }

  let count = 0
  /** A call of a tool: the hooks around it, and the text of its result. @param {Record<string, any> | undefined} input @param {string} [tool] @param {string} [sessionID] */
  const callTool = async (input, tool = "subagent", sessionID = "ses_root") => {
    const call = { tool, sessionID, agent: "build", messageID: "msg_1", id: `call_${++count}`, input }
    await run("tool.execute.before", call)
    const result = await tools[tool].execute(call.input, { ...call, signal: new AbortController().signal, progress: async () => {} }).then(
      (/** @type {any} */ { content, ...rest }) => ({ status: "completed", result: { ...rest, content: typeof content === "string" ? [{ type: "text", text: content }] : content } }),
      (/** @type {unknown} */ error) => ({ status: "error", error }),
    )
    const end = await run("tool.execute.after", { ...call, ...result })
    if (end.error) throw end.error
    return /** @type {string} */ (end.result.content.map((/** @type {any} */ { text }) => text).join("\n"))
  }

  return {
    context, sessions, stored, registered, add, run, callTool,
    /** A call of OpenCode's own tool. @param {Record<string, unknown>} [input] */
    call: (input = {}) => callTool({ agent: "explorer", description: "Look around", prompt: "Go.", ...input }),
    tool: (/** @type {string} */ name) => tools[name],
    async emit(/** @type {string} */ type, /** @type {any} */ data) {
      for (const hear of heard) hear({ type, data, created: 1, location: { directory } })
      await later()
    },
    /** Sets a plugin up. One that fails leaves nothing here. @param {{ setup: (context: any) => Promise<any> }} plugin */
    async load(plugin) {
      const before = { edits: edits.length, works: new Set([...works.values()].flatMap((all) => [...all])) }
      const end = await plugin.setup(context).catch((error) => {
        edits.length = before.edits
        for (const all of works.values()) for (const work of all) if (!before.works.has(work)) all.delete(work)
        throw error
      })
      if (typeof end === "function") ends.push(end)
      return end
    },
    /** Drops all that plugins have set up, before the project loads them again. */
    unload() {
      edits.length = 0
      works.clear()
    },
  }
}
