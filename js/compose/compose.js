// Another plugin's hooks and this package's, as the hooks of one plugin of OpenCode 1.

import { pickAgentFields, reporter } from "../core/index.js"
import { attach, bindClient } from "../opencode1/index.js"
import { followTools, readTools } from "./described_tools.js"
import { forwarded, withProperties } from "./forwarded.js"
import { loadReported } from "./load.js"
import { nicknameReader } from "./nicknames.js"

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
 * The function of a plugin of OpenCode 1 that is another plugin, loaded by its name, with the engine.
 * @param {import("./description.js").Description} description
 * @returns {import("@opencode-ai/plugin").Plugin}
 */
export const composedServer = (description) => async (input, options = {}) => {
  const loaded = await loadReported(reporter(bindClient(input.client)), description)
  return loaded ? compose(input, (theirs) => loaded.server(theirs), options, description) : compose(input, async () => {}, options)
}

/**
 * @param {PluginInput} input
 * @param {(input: PluginInput) => Promise<any>} server gives the hooks of the other plugin
 * @param {Record<string, unknown>} options this package's
 * @param {Partial<import("./description.js").Description>} [description] what is known of the other plugin
 * @returns {Promise<Hooks>}
 */
export async function compose(input, server, options, description = {}) {
  const { nicknames, nesting, withheld } = description
  const reader = nicknames && nicknameReader(nicknames)
  const described = readTools(description)
  const title = description.title ? new RegExp(description.title) : undefined
  // A plugin that fails to load takes this one with it, so the engine comes after one whose requests it does not follow.
  const alone = described.size ? undefined : (await server(input)) ?? {}
  const { hooks: ours, shared } = await attach(input, options, EXECUTORS)
  const theirs = alone ?? (await server(followedInput(input, shared.followPlugin({ tools: described, title }), withheld))) ?? {}

  /** @param {string} name @returns {Hook} */
  const their = (name) => async (input, output) => theirs[name]?.(input, output)
  /** @param {keyof Hooks} name @returns {Hook} */
  const our = (name) => async (input, output) => /** @type {any} */ (ours[name])?.(input, output)
  shared.addPlugin({ run: their("tool.execute.before"), givesNames: !reader && !described.size, leavesNesting: nesting !== "engine" })

  /** @type {Record<string, Hook>} */
  const both = {
    // This package reads the final state: the other plugin's agents, the speaking agent, its summary.
    config: sequentially(keepingFields(their("config")), our("config")),
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
    hooks.tool = { get: () => mergeTools(ours.tool, described.size ? followTools(theirs.tool, description, described, shared) : acceptNames(theirs.tool, shared.findSession)), enumerable: true }
  }
  return Object.create(Object.getPrototypeOf(theirs), hooks)
}

/**
 * OpenCode's input for a plugin whose requests the engine follows.
 * @param {PluginInput} input @param {PluginInput["client"]} client @param {string[]} [withheld] @returns {PluginInput}
 */
const followedInput = (input, client, withheld = []) => withProperties(input, { ...Object.fromEntries(withheld.map((name) => [name, undefined])), client })

/**
 * Keeps this package's fields of agents: another plugin may write the agents again.
 * @param {Hook} hook @returns {Hook}
 */
const keepingFields = (hook) => async (config, output) => {
  const fieldsOf = (/** @type {any} */ agent) => ({ ...pickAgentFields(agent?.options ?? {}), ...pickAgentFields(agent ?? {}) })
  const kept = Object.entries(config.agent ?? {}).map(([name, agent]) => /** @type {const} */ ([name, fieldsOf(agent)]))
  await hook(config, output)
  for (const [name, fields] of kept) {
    const agent = config.agent?.[name]
    if (agent && Object.keys(fields).length) agent.options = { ...fields, ...agent.options }
  }
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
