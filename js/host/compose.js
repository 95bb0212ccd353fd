// Another plugin's hooks and this package's, as the hooks of one plugin.

import { delegation } from "./server.js"

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

/**
 * @param {PluginInput} input
 * @param {any} theirs the hooks of the other plugin
 * @param {Record<string, unknown>} options this package's
 * @param {Reader} [reader] where there is one, no name is the other plugin's own but those that it finds
 * @returns {Promise<Hooks>}
 */
export async function compose(input, theirs, options, reader) {
  const { hooks: ours, before, learn, find } = await delegation(input, options, EXECUTORS)

  /** @param {string} name @returns {Hook} */
  const their = (name) => async (input, output) => theirs[name]?.(input, output)
  /** @param {keyof Hooks} name @returns {Hook} */
  const our = (name) => async (input, output) => /** @type {any} */ (ours[name])(input, output)

  /** @type {Record<string, Hook>} */
  const both = {
    // Ours reads what is there in the end: the agents that the other plugin adds, the agent that speaks, its summary.
    config: inTurn(their("config"), our("config")),
    "chat.message": inTurn(their("chat.message"), our("chat.message")),
    "tool.definition": inTurn(their("tool.definition"), our("tool.definition")),
    "experimental.session.compacting": inTurn(their("experimental.session.compacting"), our("experimental.session.compacting")),
    // The other plugin reads results as OpenCode wrote them, and what the model asked for.
    "tool.execute.after": inTurn(their("tool.execute.after"), our("tool.execute.after")),
    "experimental.chat.messages.transform": inTurn(
      our("experimental.chat.messages.transform"),
      their("experimental.chat.messages.transform"),
      async (_, { messages }) => {
        for (const told of reader?.(messages) ?? []) await learn(told)
      },
    ),
    "tool.execute.before": (call, output) =>
      before(call, output, { run: () => their("tool.execute.before")(call, output), hears: !reader }),
    event: atOnce(our("event"), their("event")),
    dispose: atOnce(our("dispose"), their("dispose")),
  }

  const tools = reached(theirs.tool, find)
  const hooks = Object.create(Object.getPrototypeOf(theirs), Object.getOwnPropertyDescriptors(theirs))
  for (const [name, value] of Object.entries({ ...both, ...(tools && { tool: tools }) })) {
    Object.defineProperty(hooks, name, { value, enumerable: true, configurable: true, writable: true })
  }
  return hooks
}

/** Hooks one after the other: what one throws is thrown, and ends the call. @param {...Hook} hooks @returns {Hook} */
const inTurn = (...hooks) => async (input, output) => {
  for (const hook of hooks) await hook(input, output)
}

/** Hooks at the same time, none held up by another's failure. @param {...Hook} hooks @returns {Hook} */
const atOnce = (...hooks) => async (input, output) => {
  const ends = await Promise.allSettled(hooks.map((hook) => hook(input, output)))
  for (const end of ends) if (end.status === "rejected") throw end.reason
}

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
