// The plugin function of OpenCode 1: its hooks, each handed to the room that knows.

import { isMainThread } from "node:worker_threads"
import { DelegateError, Engine, hostSettings } from "../api.js"
import "../engine.js"
import { Calls } from "./calls.js"
import { bind } from "./client.js"
import { Delivery } from "./delivery.js"
import { Ledger } from "./ledger.js"
import { Mender } from "./mend.js"
import { Runner } from "./runner.js"
import { Seen } from "./seen.js"
import { Tasks } from "./task.js"
import { summaryGuide } from "./text.js"
import { Definition, tools } from "./tools.js"

/**
 * @typedef {import("../api.js").Config} Config
 * @typedef {import("../api.js").AgentConfig} AgentConfig
 * @typedef {import("@opencode-ai/plugin").PluginInput} PluginInput
 * @typedef {import("@opencode-ai/plugin").Hooks} Hooks
 */

/** The fields of an agent in opencode.json that are this plugin's. */
const OURS = /** @type {const} */ (["task_budget", "callable_by_subagents", "fallback_models"])

/** Who runs the children unless the options say otherwise. */
const EXECUTOR = "delegate"

/** What OpenCode calls a call that the user made (a subtask or a command): its part's id. */
const USER_CALL = "prt_"

/**
 * @param {PluginInput} input
 * @param {Record<string, unknown>} [options] the fields of Config but for `agents`, and `executor`
 * @returns {Promise<Hooks>}
 */
export async function server(input, options = {}) {
  const host = bind(input.client)
  /** @type {Record<string, AgentConfig>} */
  let configured = {}

  const say = (/** @type {string} */ message) => void host.log("warn", message).catch(() => {})
  const alarm = (/** @type {string} */ message) => {
    host.log("error", message).catch(() => {})
    host.toast(message).catch(() => {})
    // The terminal interface draws on the whole screen, and runs plugins in a worker.
    if (isMainThread) console.error(`opencode-delegate: ${message}`)
  }

  /** The depth that OpenCode allows, which nothing but this package looks at where it runs the children. */
  let depth = /** @type {number | undefined} */ (undefined)
  let primaryTools = /** @type {string[]} */ ([])
  /** @type {ReturnType<typeof host.agents> | undefined} */
  let known
  const agents = () => {
    known ??= host.agents()
    known.catch(() => (known = undefined))
    return known
  }
  const configure = async () => engineConfig(delegating ? { ...options, max_depth: depth } : options, configured, await agents())

  let delegating = isDelegate(options)
  const mender = new Mender(host, say)
  /** @type {Ledger} */
  const ledger = new Ledger(host, configure, say, (effect) => runner.perform(effect))
  const delivery = new Delivery(host, ledger, say)
  const runner = new Runner(host, ledger, (ending, answer) => delivery.deliver(ending, answer))
  const calls = new Calls(host, ledger, mender, say)
  const seen = new Seen(host)
  const tasks = new Tasks(host, ledger, runner, mender, seen, { worktree: input.worktree, agents, primaryTools: () => primaryTools })
  const definition = new Definition()
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
    const window = (await limits()).get(`${providerID}/${modelID}`) ?? 0
    const all = tokens.input + tokens.output + tokens.reasoning + tokens.cache.read + tokens.cache.write
    // After a summary the context is the summary.
    ledger.apply({ type: "session.usage", now: Date.now(), sessionID, tokens: summary ? tokens.output : all, window })
  }

  /**
   * @param {string} sessionID
   * @param {string} callID
   * @param {any} args what the model gave
   * @returns {import("../api.js").Request}
   */
  function request(sessionID, callID, { subagent_type, description, prompt, task_id, background }) {
    const turn = turns.get(sessionID)
    const agent = turn?.agent ?? ledger.session(sessionID)?.agent
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

  /** @type {Hooks} */
  const hooks = {
    async config(config) {
      const { experimental } = /** @type {any} */ (config)
      primaryTools = experimental?.primary_tools ?? []
      try {
        configured = takeFields(/** @type {any} */ (config))
        // Reads the options and fields, to complain now of what is wrong with them.
        new Engine(engineConfig(options, configured, []))
        depth = nest(/** @type {any} */ (config), configured, options)
      } catch (error) {
        // OpenCode's own task tool goes on working.
        delegating = false
        delete hooks.tool
        const { message } = /** @type {Error} */ (error)
        alarm(`${message} Until that is mended, primary agents delegate as without this plugin, and subagents not at all.`)
      }
    },

    async "tool.definition"({ toolID }, output) {
      if (toolID === "task") await definition.define(/** @type {any} */ (output), delegating)
      // Of tools without a Zod schema OpenCode takes every parameter for required.
      if (toolID === "delegate_list") Object.assign(output, { jsonSchema: { ...(/** @type {any} */ (output)).jsonSchema, required: [] } })
    },

    async "chat.message"({ sessionID }, { message, parts }) {
      turns.set(sessionID, { agent: message.agent, mention: parts.some(({ type }) => type === "agent") })
      limits().catch(() => {})
      // A failure is met again, and told, at the first delegation.
      const met = ledger.meet(sessionID).catch(() => {})
      // Read while the model thinks, so that no delegation waits for it.
      if (!delegating) return
      await met
      await runner.checked()
      parts.push(...(await delivery.along(sessionID, message.id)))
    },

    async "tool.execute.before"({ tool, sessionID, callID }, { args }) {
      if (tool !== "task") return
      const byUser = callID.startsWith(USER_CALL)
      if (byUser || !delegating) await calls.before(request(sessionID, callID, args), args, byUser)
    },

    async "tool.execute.after"({ tool, sessionID, callID }, output) {
      if (tool !== "task") return
      tasks.after(sessionID, callID, output)
      await calls.after(sessionID, callID, output)
    },

    async "experimental.chat.messages.transform"(_, { messages }) {
      calls.transform(messages)
    },

    async "experimental.session.compacting"({ sessionID }, { context }) {
      const sessions = ledger.below(sessionID)
      if (sessions.length) context.push(summaryGuide(sessions))
    },

    async event({ event }) {
      const { type, properties } = /** @type {{ type: string, properties: any }} */ (event)
      const now = Date.now()
      if (delegating) seen.take(type, properties)
      runner.seen(type, properties)
      if (type === "session.created") ledger.created(properties.info)
      else if (type === "session.updated") ledger.updated(properties.info)
      else if (type === "session.deleted") {
        const { id } = properties.info
        turns.delete(id)
        // OpenCode goes on with a session that is deleted while it runs, though it can store nothing of it any more.
        if (delegating && (ledger.session(id)?.status ?? "idle") !== "idle") host.abort(id).catch(() => {})
        ledger.apply({ type, now, sessionID: id })
      } else if (type === "session.status") {
        const { sessionID, status } = properties
        ledger.apply({ type, now, sessionID, status: status.type })
        if (status.type === "idle") calls.idle(sessionID)
      } else if (type === "message.updated" && properties.info.role === "assistant") {
        await usage(properties.info)
      } else if (type === "message.part.updated" && properties.part.type === "tool" && properties.part.tool === "task") {
        calls.part(properties.part)
        tasks.part(properties.part)
      }
    },

    async dispose() {
      runner.dispose()
      await ledger.settled()
    },
  }

  if (delegating) {
    /** @param {any} args @param {import("./task.js").Context} context */
    const run = (args, context) =>
      tasks.run(request(context.sessionID, context.callID, args), context, turns.get(context.sessionID)?.mention ?? false)
    const ask = (/** @type {any} */ args, /** @type {any} */ context) => request(context.sessionID, context.callID, args)
    hooks.tool = /** @type {any} */ (tools({ host, ledger, runner, run, request: ask }))
  }
  return hooks
}

/** Whether this package is to run the children: not with options that are wrong. @param {Record<string, unknown>} options */
function isDelegate(options) {
  try {
    new Engine(engineConfig(options, {}, []))
    return (options.executor ?? EXECUTOR) === "delegate"
  } catch {
    return false
  }
}

/** @param {unknown} text */
const nfc = (text) => (typeof text === "string" ? text.normalize("NFC") : /** @type {any} */ (text))

/**
 * The engine's configuration: the plugin's options, and of each agent what the host and opencode.json say.
 * @param {Record<string, unknown>} options
 * @param {Record<string, AgentConfig>} configured
 * @param {import("./client.js").HostAgent[]} known
 * @returns {Config}
 */
function engineConfig({ executor = EXECUTOR, ...options }, configured, known) {
  if (executor !== "host" && executor !== "delegate") {
    const message = `Invalid configuration, field "executor": expected host or delegate, got ${JSON.stringify(executor)}.`
    throw new DelegateError({ code: "invalid_config", message, field: "executor" })
  }
  // What is disabled stands in opencode.json, and is unknown to OpenCode.
  const agents = known.length ? {} : { ...configured }
  for (const { name, mode, permission, options: fields = {} } of known) {
    const rules = permission?.map(({ permission, pattern, action }) => ({ permission, pattern, action }))
    agents[name] = Object.assign({ mode, permission: rules }, pick(fields), configured[name])
  }
  return { ...options, agents }
}

/**
 * Takes this plugin's fields out of the agents in opencode.json. OpenCode keeps fields that it does not know among an
 * agent's options, and sends those to the model's provider.
 * @param {{ agent?: Record<string, any> }} config
 * @returns {Record<string, AgentConfig>}
 */
function takeFields({ agent = {} }) {
  return Object.fromEntries(
    Object.entries(agent).map(([name, settings]) => {
      const fields = { ...pick(settings?.options ?? {}), ...pick(settings ?? {}) }
      for (const field of OURS) delete settings?.options?.[field]
      return [name, fields]
    }),
  )
}

/** @param {Record<string, unknown>} fields @returns {AgentConfig} */
function pick(fields) {
  return Object.fromEntries(OURS.filter((field) => field in fields).map((field) => [field, fields[field]]))
}

/**
 * Makes nested delegation possible for the agents that have a budget.
 * @param {{ agent?: Record<string, any>, permission?: unknown, subagent_depth?: number }} config
 * @param {Record<string, AgentConfig>} configured
 * @param {Record<string, unknown>} options
 * @returns {number} how deep children may lie
 */
function nest(config, configured, { max_depth }) {
  const { agent = {}, permission, subagent_depth } = config
  const agents = Object.entries(agent).map(([name, { permission }]) => [name, { ...configured[name], permission }])
  const settings = hostSettings({
    agent: Object.fromEntries(agents),
    permission,
    subagent_depth,
    max_depth: typeof max_depth === "number" ? max_depth : undefined,
  })
  if (settings.subagent_depth !== undefined) config.subagent_depth = settings.subagent_depth
  for (const [name, action] of Object.entries(settings.task)) {
    const { permission } = agent[name]
    agent[name].permission = { ...(typeof permission === "string" ? { "*": permission } : permission), task: action }
  }
  return settings.max_depth
}
