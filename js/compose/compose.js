// Another plugin's hooks and this package's, as the hooks of one plugin of OpenCode 1.

import { attach } from "../opencode1/index.js"
import { forwarded } from "./forwarded.js"

/**
 * @typedef {import("@opencode-ai/plugin").PluginInput} PluginInput
 * @typedef {import("@opencode-ai/plugin").Hooks} Hooks
 * @typedef {{ parentID: string, sessionID: string, alias: string }} Nickname another plugin's name for a session, which the
 *   session's parent has read
 * @typedef {(messages: any[]) => Iterable<Nickname>} NicknameReader finds nicknames in the messages of a request to the model
 * @typedef {(input: any, output: any) => Promise<void>} Hook
 */

/** OpenCode's own task tool runs the children: other plugins know and follow it. */
const EXECUTORS = ["host"]

/** The end of OpenCode's own result of a task. */
const END = "</task>"

/**
 * @param {PluginInput} input
 * @param {any} theirs the hooks of the other plugin
 * @param {Record<string, unknown>} options this package's
 * @param {NicknameReader} [reader] if given, it finds all names that the other plugin gives
 * @returns {Promise<Hooks>}
 */
export async function compose(input, theirs, options, reader) {
  const { hooks: ours, shared } = attach(input, options, EXECUTORS)

  /** @param {string} name @returns {Hook} */
  const their = (name) => async (input, output) => theirs[name]?.(input, output)
  /** @param {keyof Hooks} name @returns {Hook} */
  const our = (name) => async (input, output) => /** @type {any} */ (ours[name])?.(input, output)
  shared.addPlugin({ run: their("tool.execute.before"), givesNames: !reader })

  /** @type {Record<string, Hook>} */
  const both = {
    // This package reads the final state: the other plugin's agents, the speaking agent, its summary.
    config: sequentially(their("config"), our("config")),
    "chat.message": sequentially(their("chat.message"), our("chat.message")),
    "tool.definition": sequentially(their("tool.definition"), our("tool.definition")),
    "experimental.session.compacting": sequentially(their("experimental.session.compacting"), our("experimental.session.compacting")),
    // The other plugin reads OpenCode's own results and the model's own arguments.
    "tool.execute.after": sequentially(their("tool.execute.after"), our("tool.execute.after")),
    async "experimental.chat.messages.transform"(input, output) {
      await our("experimental.chat.messages.transform")(input, output)
      const restore = reader && saveLines(output.messages)
      await their("experimental.chat.messages.transform")(input, output)
      restore?.()
      for (const nickname of reader?.(output.messages) ?? []) await shared.addAlias(nickname)
    },
    "tool.execute.before": (call, output) =>
      call.tool === "task" ? shared.before(call, output) : their("tool.execute.before")(call, output),
    event: concurrently(our("event"), their("event")),
    dispose: concurrently(our("dispose"), their("dispose")),
  }

  const hooks = forwarded(theirs)
  for (const [name, value] of Object.entries(both)) hooks[name] = { value, enumerable: true }
  if (ours.tool || "tool" in theirs) {
    hooks.tool = { get: () => mergeTools(ours.tool, acceptNames(theirs.tool, shared.findSession)), enumerable: true }
  }
  return Object.create(Object.getPrototypeOf(theirs), hooks)
}

/** Runs every hook, one after the other, and then throws the first error. @param {...Hook} hooks @returns {Hook} */
const sequentially = (...hooks) => async (input, output) => {
  const ends = []
  for (const hook of hooks) ends.push(...(await Promise.allSettled([hook(input, output)])))
  throwFirst(ends)
}

/** Runs every hook at the same time, and then throws the first error. @param {...Hook} hooks @returns {Hook} */
const concurrently = (...hooks) => async (input, output) => throwFirst(await Promise.allSettled(hooks.map((hook) => hook(input, output))))

/** @param {PromiseSettledResult<unknown>[]} ends */
function throwFirst(ends) {
  for (const end of ends) if (end.status === "rejected") throw end.reason
}

/**
 * Saves the lines under the results of the task tool: another plugin may rewrite the results.
 * @param {{ parts: any[] }[]} messages
 * @returns {() => void} restores the lines that are gone since
 */
function saveLines(messages) {
  const results = messages.flatMap(({ parts }) => parts).filter(({ tool, state }) => tool === "task" && state?.metadata?.delegate && typeof state.output === "string")
  const saved = results.map(({ state }) => ({ state, under: state.output.slice(state.output.lastIndexOf(END) + END.length) }))
  return () => {
    for (const { state, under } of saved) if (!state.output.endsWith(under)) state.output += under
  }
}

/** All tools of both plugins, if any. @param {(Record<string, any> | undefined)[]} lists */
const mergeTools = (...lists) => (lists.some(Boolean) ? Object.assign({}, ...lists) : undefined)

/**
 * Tools that accept a session's name for its id, if they take a `task_id`.
 * @param {Record<string, any> | undefined} tools
 * @param {(parentID: string, task_id: string) => Promise<string | undefined>} find
 */
function acceptNames(tools, find) {
  if (!tools) return undefined
  /** @param {any} tool */
  const accepting = (tool) => ({
    ...tool,
    /** @param {any} args @param {{ sessionID: string }} context */
    async execute(args, context) {
      const { task_id } = args
      const id = typeof task_id === "string" && task_id ? await find(context.sessionID, task_id) : undefined
      return tool.execute(id ? { ...args, task_id: id } : args, context)
    },
  })
  const takesTaskID = (/** @type {any} */ tool) => tool?.args && "task_id" in tool.args
  return Object.fromEntries(Object.entries(tools).map(([name, tool]) => [name, takesTaskID(tool) ? accepting(tool) : tool]))
}
