// Another plugin's hooks and this package's, as the hooks of one plugin.

import { engage } from "../opencode1/delegation.js"

/**
 * @typedef {import("@opencode-ai/plugin").PluginInput} PluginInput
 * @typedef {import("@opencode-ai/plugin").Hooks} Hooks
 * @typedef {{ parentID: string, sessionID: string, alias: string }} Told a name that a plugin gave a session, and told
 *   the session's parent
 * @typedef {(messages: any[]) => Iterable<Told>} Reader finds such names in the messages of a request to the model
 * @typedef {(input: any, output: any) => Promise<void>} Hook
 */

/** OpenCode's own task tool runs the children: it is what other plugins know and follow. */
const EXECUTORS = ["host"]

/** The end of what OpenCode gives as the result of a task. */
const END = "</task>"

/**
 * @param {PluginInput} input
 * @param {any} theirs the hooks of the other plugin
 * @param {Record<string, unknown>} options this package's
 * @param {Reader} [reader] where there is one, no name is the other plugin's own but those that it finds
 * @returns {Promise<Hooks>}
 */
export async function compose(input, theirs, options, reader) {
  const { hooks: ours, shared } = engage(input, options, EXECUTORS)

  /** @param {string} name @returns {Hook} */
  const their = (name) => async (input, output) => theirs[name]?.(input, output)
  /** @param {keyof Hooks} name @returns {Hook} */
  const our = (name) => async (input, output) => /** @type {any} */ (ours[name])?.(input, output)
  shared.hear({ run: their("tool.execute.before"), hears: !reader })

  /** @type {Record<string, Hook>} */
  const both = {
    // Ours reads what is there in the end: the agents that the other plugin adds, the agent that speaks, its summary.
    config: inTurn(their("config"), our("config")),
    "chat.message": inTurn(their("chat.message"), our("chat.message")),
    "tool.definition": inTurn(their("tool.definition"), our("tool.definition")),
    "experimental.session.compacting": inTurn(their("experimental.session.compacting"), our("experimental.session.compacting")),
    // The other plugin reads results as OpenCode wrote them, and what the model asked for.
    "tool.execute.after": inTurn(their("tool.execute.after"), our("tool.execute.after")),
    async "experimental.chat.messages.transform"(input, output) {
      await our("experimental.chat.messages.transform")(input, output)
      const restore = reader && lines(output.messages)
      await their("experimental.chat.messages.transform")(input, output)
      restore?.()
      for (const told of reader?.(output.messages) ?? []) await shared.learn(told)
    },
    "tool.execute.before": (call, output) =>
      call.tool === "task" ? shared.before(call, output) : their("tool.execute.before")(call, output),
    event: atOnce(our("event"), their("event")),
    dispose: atOnce(our("dispose"), their("dispose")),
  }

  const hooks = passed(theirs)
  for (const [name, value] of Object.entries(both)) hooks[name] = { value, enumerable: true }
  if (ours.tool || "tool" in theirs) hooks.tool = { get: () => tools(ours.tool, reached(theirs.tool, shared.find)), enumerable: true }
  return Object.create(Object.getPrototypeOf(theirs), hooks)
}

/**
 * What an object has, each read from it when it is read: it may change it, or keep it where only it can read it.
 * @param {any} object
 * @returns {any} property descriptors
 */
function passed(object) {
  /** @type {any} */
  const all = {}
  for (let at = object; at && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const name of Reflect.ownKeys(at)) {
      const { get, enumerable } = /** @type {PropertyDescriptor} */ (Object.getOwnPropertyDescriptor(at, name))
      if (at === object || get) all[name] ??= { get: () => object[name], enumerable }
    }
  }
  return all
}

/** Hooks one after the other, each whatever became of those before it: what the first throws that fails is thrown. @param {...Hook} hooks @returns {Hook} */
const inTurn = (...hooks) => async (input, output) => {
  const ends = []
  for (const hook of hooks) ends.push(...(await Promise.allSettled([hook(input, output)])))
  raise(ends)
}

/** Hooks at the same time, none held up by another's failure. @param {...Hook} hooks @returns {Hook} */
const atOnce = (...hooks) => async (input, output) => raise(await Promise.allSettled(hooks.map((hook) => hook(input, output))))

/** @param {PromiseSettledResult<unknown>[]} ends */
function raise(ends) {
  for (const end of ends) if (end.status === "rejected") throw end.reason
}

/**
 * The lines that stand under the results of the task tool, which another plugin may write anew.
 * @param {{ parts: any[] }[]} messages
 * @returns {() => void} puts those back that are gone since
 */
function lines(messages) {
  const results = messages.flatMap(({ parts }) => parts).filter(({ tool, state }) => tool === "task" && state?.metadata?.delegate && typeof state.output === "string")
  const kept = results.map(({ state }) => ({ state, under: state.output.slice(state.output.lastIndexOf(END) + END.length) }))
  return () => {
    for (const { state, under } of kept) if (!state.output.endsWith(under)) state.output += under
  }
}

/** All the tools that there are, if any. @param {(Record<string, any> | undefined)[]} lists */
const tools = (...lists) => (lists.some(Boolean) ? Object.assign({}, ...lists) : undefined)

/**
 * Tools to which a session's name is as good as its id, where they take a `task_id`.
 * @param {Record<string, any> | undefined} tools
 * @param {(parentID: string, task_id: string) => Promise<string | undefined>} find
 */
function reached(tools, find) {
  if (!tools) return undefined
  /** @param {any} tool */
  const reach = (tool) => ({
    ...tool,
    /** @param {any} args @param {{ sessionID: string }} context */
    async execute(args, context) {
      const { task_id } = args
      const id = typeof task_id === "string" && task_id ? await find(context.sessionID, task_id) : undefined
      return tool.execute(id ? { ...args, task_id: id } : args, context)
    },
  })
  const takes = (/** @type {any} */ tool) => tool?.args && "task_id" in tool.args
  return Object.fromEntries(Object.entries(tools).map(([name, tool]) => [name, takes(tool) ? reach(tool) : tool]))
}
