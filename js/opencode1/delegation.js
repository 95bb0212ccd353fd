// The plugin function of OpenCode 1: its hooks, each handed to the room that knows.

import { normalizeSlug } from "../api.js"
import "../engine.js"
import { announce } from "../core/reporter.js"
import { Calls } from "./execute/host_executor.js"
import { bind } from "./sdk/client.js"
import { EXECUTORS, Settings } from "../core/settings.js"
import { Delivery } from "./execute/result_delivery.js"
import { Ledger } from "../core/engine_sync.js"
import { Mender } from "./execute/error_patches.js"
import { Runner } from "./execute/prompt_runner.js"
import { Seen } from "./sync/call_cache.js"
import { Tasks } from "./execute/delegate_executor.js"
import { summaryGuide } from "../core/texts/results.js"
import { Definition, tools } from "./execute/delegate_tools.js"

/**
 * @typedef {import("@opencode-ai/plugin").PluginInput} PluginInput
 * @typedef {import("@opencode-ai/plugin").Hooks} Hooks
 */

/** What OpenCode calls a call that the user made (a subtask or a command): its part's id. */
const USER_CALL = "prt_"

/**
 * What another plugin has to say of a call of the task tool; `hears` where names that are new here may be its own.
 * @typedef {{ run: (call: any, output: any) => Promise<void>, hears: boolean }} Other
 */

/** The engines of this process, by OpenCode's client: two of one instance would name the same sessions. */
const ENGINES = Symbol.for("opencode-delegate.engines")
const engines = /** @type {{ [ENGINES]?: WeakMap<object, Delegation> }} */ (globalThis)[ENGINES] ??= new WeakMap()

/** @typedef {ReturnType<typeof delegation>} Delegation */

/**
 * @param {PluginInput} input
 * @param {Record<string, unknown>} [options] the fields of Config but for `agents`, and `executor`
 * @returns {Promise<Hooks>}
 */
export const server = async (input, options = {}) => engage(input, options).hooks

/**
 * The one engine of an instance of OpenCode: the first that asks for it gives it its options and has its hooks.
 * @param {PluginInput} input
 * @param {Record<string, unknown>} options
 * @param {readonly string[]} [executors] those that there are, first the one that is meant unless the options say otherwise
 * @returns {{ hooks: Hooks, shared: Delegation }}
 */
export function engage(input, options, executors) {
  const known = engines.get(input.client)
  if (known) {
    if (Object.keys(options).length) known.say("opencode-delegate is loaded more than once: the options of the first are used.")
    return { hooks: {}, shared: known }
  }
  const shared = delegation(input, options, executors)
  engines.set(input.client, shared)
  return { hooks: shared.hooks, shared }
}

/**
 * The plugin's hooks, and what plugins that are composed with it need beside them.
 * @param {PluginInput} input
 * @param {Record<string, unknown>} options
 * @param {readonly string[]} [executors]
 */
function delegation(input, options, executors = EXECUTORS) {
  const host = bind(input.client)
  const settings = new Settings(executors, options)
  const { say, alarm } = announce(host)

  let primaryTools = /** @type {string[]} */ ([])
  /** @type {ReturnType<typeof host.agents> | undefined} */
  let known
  const agents = () => {
    known ??= host.agents()
    known.catch(() => (known = undefined))
    return known
  }
  const configure = async () => settings.engine(await agents())

  const mender = new Mender(host, say)
  /** @type {Ledger} */
  const ledger = new Ledger(host, configure, say, (effect) => runner.perform(effect))
  const delivery = new Delivery(host, ledger, say)
  const runner = new Runner(host, ledger, (ending, answer) => delivery.deliver(ending, answer))
  const calls = new Calls(host, ledger, mender, say)
  const seen = new Seen(host)
  const tasks = new Tasks(host, ledger, runner, mender, seen, { worktree: input.worktree, agents, primaryTools: () => primaryTools })
  const definition = new Definition()
  /** @type {Other[]} */
  const others = []
  /** Who speaks in a session, and whether the user named an agent, for whom no permission is asked then. */
  const turns = /** @type {Map<string, { agent?: string, mention: boolean }>} */ (new Map())
  /** The models' windows in tokens, by provider and model. @type {Promise<Map<string, number>> | undefined} */
  let windows

  function limits() {
    windows ??= host.providers().then(({ providers }) => new Map(
      providers.flatMap(({ id, models }) =>
        Object.entries(models).map(([model, { limit }]) => [`${id}/${model}`, limit?.context ?? 0]),
      ),
    ))
    windows.catch(() => (windows = undefined))
    return windows
  }

  /** @param {any} info an assistant's message */
  async function usage({ sessionID, providerID, modelID, tokens, summary, finish }) {
    if (!finish || !ledger.session(sessionID)?.parentID) return
    const window = (await limits().catch(() => undefined))?.get(`${providerID}/${modelID}`) ?? 0
    const all = tokens.input + tokens.output + tokens.reasoning + tokens.cache.read + tokens.cache.write
    // After a summary the context is the summary.
    ledger.apply({ type: "session.usage", now: Date.now(), sessionID, tokens: summary ? tokens.output : all, window })
  }

  /**
   * @param {string} sessionID
   * @param {string} callID
   * @param {any} args what the model gave
   * @param {string} [speaker] the agent that makes the call, where OpenCode tells: another may have been asked since
   * @returns {import("../api.js").Request}
   */
  function request(sessionID, callID, { subagent_type, description, prompt, task_id, background }, speaker) {
    const turn = turns.get(sessionID)
    const agent = speaker ?? turn?.agent ?? ledger.session(sessionID)?.agent
    return {
      now: Date.now(),
      callID,
      sessionID,
      callerAgent: callID.startsWith(USER_CALL) || turn?.mention ? undefined : agent,
      agent: subagent_type,
      description: nfc(description),
      prompt,
      // Models fill a field that they mean to leave out with nothing.
      task_id: task_id === "" || task_id === null ? undefined : nfc(task_id),
      background: background ?? false,
    }
  }

  /**
   * @param {{ tool: string, sessionID: string, callID: string }} call
   * @param {{ args: any }} output
   */
  async function before(call, output) {
    const { tool, sessionID, callID } = call
    const byUser = callID.startsWith(USER_CALL)
    if (tool !== "task" || (settings.delegates && !byUser)) return
    const between = async () => {
      for (const { run } of others) await run(call, output)
    }
    const { args } = output
    await calls.before(request(sessionID, callID, args), args, byUser, { run: between, hears: others.some(({ hears }) => hears) })
  }

  /** @type {Hooks} */
  const hooks = {
    async config(config) {
      const { experimental } = /** @type {any} */ (config)
      primaryTools = experimental?.primary_tools ?? []
      try {
        settings.take(config)
      } catch (error) {
        // OpenCode's own task tool goes on working.
        delete hooks.tool
        const { message } = /** @type {Error} */ (error)
        alarm(`${message} Until that is mended, primary agents delegate as without this plugin, and subagents not at all.`)
      }
    },

    async "tool.definition"({ toolID }, output) {
      if (toolID === "task") await definition.define(/** @type {any} */ (output), settings.delegates)
      // Of tools without a Zod schema OpenCode takes every parameter for required.
      if (toolID === "delegate_list") Object.assign(output, { jsonSchema: { ...(/** @type {any} */ (output)).jsonSchema, required: [] } })
    },

    async "chat.message"({ sessionID }, { message, parts }) {
      turns.set(sessionID, { agent: message.agent, mention: parts.some(({ type }) => type === "agent") })
      limits().catch(() => {})
      // A failure is met again, and told, at the first delegation.
      const met = ledger.meet(sessionID).catch(() => {})
      // Read while the model thinks, so that no delegation waits for it.
      if (!settings.delegates) return
      await met
      await runner.checked()
      parts.push(...(await delivery.along(sessionID, message.id)))
    },

    "tool.execute.before": before,

    async "tool.execute.after"({ tool, sessionID, callID }, output) {
      if (tool !== "task") return
      tasks.after(sessionID, callID, output)
      await calls.after(sessionID, callID, output)
    },

    async "experimental.chat.messages.transform"(_, { messages }) {
      await calls.transform(messages)
    },

    async "experimental.session.compacting"({ sessionID }, { context }) {
      // It may be the first that is heard of the session since a restart.
      await ledger.meet(sessionID).catch(() => {})
      const sessions = ledger.below(sessionID)
      if (sessions.length) context.push(summaryGuide(sessions))
    },

    async event({ event }) {
      const { type, properties } = /** @type {{ type: string, properties: any }} */ (event)
      const now = Date.now()
      if (settings.delegates) seen.take(type, properties)
      runner.seen(type, properties)
      if (type === "session.created") ledger.created(properties.info)
      else if (type === "session.updated") ledger.updated(properties.info)
      else if (type === "session.deleted") {
        const { id } = properties.info
        turns.delete(id)
        // OpenCode goes on with a session that is deleted while it runs, though it can store nothing of it any more.
        if (settings.delegates && (ledger.session(id)?.status ?? "idle") !== "idle") host.abort(id).catch(() => {})
        ledger.apply({ type, now, sessionID: id })
      } else if (type === "session.status") {
        const { sessionID, status } = properties
        ledger.apply({ type, now, sessionID, status: status.type })
        if (status.type === "idle") calls.idle(sessionID)
      } else if (type === "message.updated") {
        const { id, role, sessionID } = properties.info
        if (role === "assistant") await usage(properties.info)
        else delivery.seen(sessionID, id)
      } else if (type === "message.part.updated" && properties.part.type === "tool" && properties.part.tool === "task") {
        calls.part(properties.part)
        tasks.part(properties.part)
      }
    },

    async dispose() {
      runner.dispose()
      await ledger.close()
    },
  }

  if (settings.delegates) {
    /** @param {any} args @param {import("./execute/delegate_executor.js").Context} context */
    const run = (args, context) =>
      tasks.run(request(context.sessionID, context.callID, args, context.agent), context, turns.get(context.sessionID)?.mention ?? false)
    const ask = (/** @type {any} */ args, /** @type {any} */ context) => request(context.sessionID, context.callID, args)
    hooks.tool = /** @type {any} */ (tools({ host, ledger, runner, run, request: ask }))
  }

  return {
    hooks,
    say,
    before,
    /**
     * Has another plugin heard between each decision and its call. It knows and follows OpenCode's own task tool, which
     * therefore runs the children from now on.
     * @param {Other} other
     */
    hear(other) {
      others.push(other)
      if (!settings.delegates) return
      settings.delegates = false
      delete hooks.tool
      say('The executor is "host", because another plugin is composed with opencode-delegate.')
    },
    /**
     * Takes in that a session was told of another under a name that a plugin gave it.
     * @param {{ parentID: string, sessionID: string, alias: string }} told
     */
    async learn({ parentID, sessionID, alias }) {
      if (!ledger.session(sessionID)) await ledger.meet(parentID).catch(() => {})
      ledger.apply({ type: "session.alias", now: Date.now(), sessionID, alias })
    },
    /**
     * The id of the session that a handle or a derived id stands for to another, if there is one.
     * @param {string} parentID
     * @param {string} task_id
     */
    async find(parentID, task_id) {
      const asked = request(parentID, "", { subagent_type: "", description: "", prompt: "", task_id })
      const session = await ledger.resolve(asked).catch(() => undefined)
      const ours = task_id.startsWith("ses_") || normalizeSlug(task_id.normalize("NFC")) === session?.slug
      return ours ? session?.id : undefined
    },
  }
}

/** @param {unknown} text */
const nfc = (text) => (typeof text === "string" ? text.normalize("NFC") : /** @type {any} */ (text))
