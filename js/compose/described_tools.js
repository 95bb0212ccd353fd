// A plugin's own tools, as their description says: read, written, and followed by the engine.

import { withProperties } from "./forwarded.js"

/**
 * @typedef {import("./description.js").Description} Description
 * @typedef {import("./description.js").Place} Place
 * @typedef {import("./description.js").ToolDescription} ToolDescription
 * @typedef {import("../opencode1/index.js").PluginTool} PluginTool
 * @typedef {import("../opencode1/index.js").PluginTasks} PluginTasks
 * @typedef {import("../opencode1/index.js").Delegation} Delegation
 * @typedef {Record<string, any>} Args
 */

/** The number of words of a prompt that describe a call without a description, as OpenCode's own title of a session would. */
const WORDS = 4

/**
 * Each tool that delegates, as the executor needs it.
 * @param {Partial<Description>} description
 * @returns {Map<string, PluginTool>}
 */
export const readTools = (description) => new Map(Object.entries(description.tools ?? {}).map(([name, tool]) => [name, readTool(tool, description)]))

/**
 * @param {ToolDescription} tool
 * @param {Partial<Description>} description
 * @returns {PluginTool}
 */
function readTool(tool, { rests_ms = 0, swallows_ms = 0 }) {
  const { session, agent, stand_ins = {}, background, description = "description", prompt = "prompt", permission = "task" } = tool
  const refusals = tool.refusals?.map((source) => new RegExp(source))
  const forgotten = tool.forgotten ? new RegExp(tool.forgotten) : undefined
  const unready = tool.unready ? new RegExp(tool.unready) : undefined
  const text = (/** @type {unknown} */ value) => (typeof value === "string" ? value : "")
  const standIn = (/** @type {Args} */ args) => Object.entries(stand_ins).find(([name]) => text(args[name]))?.[1]
  return {
    read: (args) => ({
      agent: standIn(args) ?? text(args[agent]),
      described: text(args[description]).trim() !== "",
      description: text(args[description]).trim() || text(args[prompt]).trim().split(/\s+/).slice(0, WORDS).join(" "),
      prompt: text(args[prompt]),
      task_id: text(args[session]) || undefined,
      background: background !== undefined && args[background] === true,
      permission,
    }),
    write(args, id) {
      const { [session]: _, ...rest } = args
      return id === undefined ? rest : { ...rest, [session]: id }
    },
    writeNew(args, of) {
      const { [session]: _, ...rest } = args
      if (standIn(args) || text(args[agent])) return rest
      // Nothing but its stand-in may name such an agent.
      return !of || Object.values(stand_ins).includes(of) ? undefined : { ...rest, [agent]: of }
    },
    mark: (args, mark) => ({ ...args, [prompt]: text(args[prompt]) + mark }),
    wait: (args) => (background === undefined ? args : { ...args, [background]: false }),
    child(result) {
      const id = find(tool.child, result)
      // A plugin may publish a word while it has no session yet.
      return id?.startsWith("ses_") ? id : undefined
    },
    task: (result, background) => find(background || tool.tasks !== "background" ? tool.task : tool.task && { metadata: tool.task.metadata }, result),
    refuses: ({ text }) => refusals?.some((refusal) => refusal.test(text)) ?? false,
    forgot: ({ text }) => forgotten?.test(text) ?? false,
    unready: ({ text }) => unready?.test(text) ?? false,
    restMs: rests_ms,
    swallowsMs: swallows_ms,
  }
}

/** The text of a plugin's result. @param {any} result @returns {string} */
const textOf = (result) => (typeof result === "string" ? result : result?.output ?? "")

/** The text in a place of a result. @param {Place | undefined} place @param {{ text: string, metadata: Record<string, any> }} result */
function find(place, { text, metadata }) {
  const given = place?.metadata === undefined ? undefined : metadata[place.metadata]
  if (typeof given === "string" && given) return given
  return place?.text === undefined ? undefined : new RegExp(place.text, "m").exec(text)?.[1]
}

/**
 * The plugin's tools, followed by the engine.
 * @param {Record<string, any> | undefined} tools
 * @param {Partial<Description>} description
 * @param {Map<string, PluginTool>} described
 * @param {Delegation} shared
 */
export function followTools(tools, { readers = {}, cancellers = {} }, described, shared) {
  if (!tools) return undefined
  const ids = { ...readers, ...cancellers }
  const tasksOf = knownTasks(tools, readers, cancellers)
  return Object.fromEntries(Object.entries(tools).map(([name, tool]) => {
    const delegates = described.get(name)
    const takesID = ids[name]
    if (delegates) return [name, { ...tool, execute: (/** @type {Args} */ args, /** @type {any} */ context) => shared.runPlugin(delegates, (given, at) => tool.execute(given, at), args, context, tasksOf(context)) }]
    if (takesID) return [name, name in readers ? takingNames(tool, takesID, shared.readSession, shared) : cancelling(takingNames(tool, takesID, shared.cancelSession, shared), takesID, shared)]
    return [name, tool]
  }))
}

/**
 * The plugin's own tools about its tasks. The plugin takes none of these calls for one of a model: nothing is shown under its id.
 * @param {Record<string, any>} tools
 * @param {Record<string, import("./description.js").IDTool>} readers
 * @param {Record<string, import("./description.js").IDTool>} cancellers
 * @returns {(context: any) => PluginTasks}
 */
function knownTasks(tools, readers, cancellers) {
  const reader = Object.entries(readers).find(([name, { over }]) => over && tools[name])
  const canceller = Object.entries(cancellers).find(([name]) => tools[name])
  return (context) => {
    const ask = (/** @type {[string, import("./description.js").IDTool]} */ [name, { id }], /** @type {string} */ task) =>
      tools[name].execute({ [id]: task }, withProperties(context, { callID: undefined, metadata: () => {} }))
    return {
      isOver: reader && (async (task) => new RegExp(`(?:${reader[1].over})|(?:${reader[1].unknown})`).test(textOf(await ask(reader, task)))),
      cancel: canceller && (async (task) => void (await ask(canceller, task))),
    }
  }
}

/**
 * A tool that cancels tasks, also those in the plugin's queue: the plugin runs them no more.
 * @param {any} tool
 * @param {import("./description.js").IDTool} description
 * @param {Delegation} shared
 */
function cancelling(tool, { id, all }, shared) {
  return {
    ...tool,
    /** @param {Args} args @param {any} context */
    async execute(args, context) {
      const result = await tool.execute(args, context)
      const given = args?.[id]
      const every = all !== undefined && args?.[all] === true
      const session = !every && typeof given === "string" ? await shared.resolveSession(context.sessionID, given) : undefined
      if (every || session) shared.cancelQueued(context.sessionID, session?.id)
      return result
    },
  }
}

/**
 * A tool that takes the name or the id of a session for the plugin's own id of its task. The engine answers about sessions that the
 * plugin does not know.
 * @param {any} tool
 * @param {import("./description.js").IDTool} description
 * @param {(sessionID: string, callerID: string) => Promise<string>} answer
 * @param {Delegation} shared
 */
function takingNames(tool, { id, unknown }, answer, shared) {
  const isUnknown = new RegExp(unknown)
  return {
    ...tool,
    /** @param {Args} args @param {any} context */
    async execute(args, context) {
      const given = args?.[id]
      const session = typeof given === "string" && given ? await shared.resolveSession(context.sessionID, given) : undefined
      const knows = (/** @type {any} */ result) => !isUnknown.test(textOf(result))
      const result = await tool.execute(args, context)
      if (!session || knows(result)) return result
      const own = shared.pluginTask(session.id)
      const again = own === undefined || own === given ? undefined : await tool.execute({ ...args, [id]: own }, context)
      return again !== undefined && knows(again) ? again : answer(session.id, context.sessionID)
    },
  }
}
