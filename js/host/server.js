// The plugin function of OpenCode 1: its hooks, each handed to the room that knows.

import { isMainThread } from "node:worker_threads"
import { DelegateError, Engine, hostSettings } from "../api.js"
import "../engine.js"
import { Calls } from "./calls.js"
import { bind } from "./client.js"
import { Ledger } from "./ledger.js"
import { TASK_ID_GUIDE, TOOL_GUIDE, summaryGuide } from "./text.js"

/**
 * @typedef {import("../api.js").Config} Config
 * @typedef {import("../api.js").AgentConfig} AgentConfig
 * @typedef {import("@opencode-ai/plugin").PluginInput} PluginInput
 * @typedef {import("@opencode-ai/plugin").Hooks} Hooks
 */

/** The fields of an agent in opencode.json that are this plugin's. */
const OURS = /** @type {const} */ (["task_budget", "callable_by_subagents"])

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

  const ledger = new Ledger(host, async () => engineConfig(options, configured, await host.agents()), say)
  const calls = new Calls(host, ledger, say)
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

  return {
    async config(config) {
      try {
        configured = takeFields(/** @type {any} */ (config))
        // Reads the options and fields, to complain now of what is wrong with them.
        new Engine(engineConfig(options, configured, []))
        nest(/** @type {any} */ (config), configured, options)
      } catch (error) {
        const { message } = /** @type {Error} */ (error)
        alarm(`${message} Until that is mended, primary agents delegate as without this plugin, and subagents not at all.`)
      }
    },

    async "tool.definition"({ toolID }, output) {
      if (toolID !== "task" || output.description.includes(TOOL_GUIDE)) return
      output.description += `\n\n${TOOL_GUIDE}`
      const schema = /** @type {{ jsonSchema?: any }} */ (output).jsonSchema
      if (!schema?.properties?.task_id) return
      const task_id = { ...schema.properties.task_id, description: TASK_ID_GUIDE }
      Object.assign(output, { jsonSchema: { ...schema, properties: { ...schema.properties, task_id } } })
    },

    async "chat.message"({ sessionID }, { message, parts }) {
      turns.set(sessionID, { agent: message.agent, mention: parts.some(({ type }) => type === "agent") })
      // Read while the model thinks, so that no delegation waits for it. A failure is met again, and told, there.
      ledger.meet(sessionID).catch(() => {})
      limits().catch(() => {})
    },

    async "tool.execute.before"({ tool, sessionID, callID }, { args }) {
      if (tool !== "task") return
      const byUser = callID.startsWith(USER_CALL)
      const turn = turns.get(sessionID)
      const agent = turn?.agent ?? ledger.session(sessionID)?.agent
      const { subagent_type, description, prompt, task_id, background } = args
      const request = {
        now: Date.now(),
        callID,
        sessionID,
        callerAgent: byUser || turn?.mention ? undefined : agent,
        agent: subagent_type,
        description: nfc(description),
        prompt,
        // Models fill a field that they mean to leave out with nothing.
        task_id: task_id === "" || task_id === null ? undefined : nfc(task_id),
        background: background ?? false,
      }
      await calls.before(request, args, byUser)
    },

    async "tool.execute.after"({ tool, sessionID, callID }, output) {
      if (tool === "task") await calls.after(sessionID, callID, output)
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
      if (type === "session.created") ledger.created(properties.info)
      else if (type === "session.updated") ledger.updated(properties.info)
      else if (type === "session.deleted") {
        turns.delete(properties.info.id)
        ledger.apply({ type, now, sessionID: properties.info.id })
      } else if (type === "session.status") {
        const { sessionID, status } = properties
        ledger.apply({ type, now, sessionID, status: status.type })
        if (status.type === "idle") calls.idle(sessionID)
      } else if (type === "message.updated" && properties.info.role === "assistant") {
        await usage(properties.info)
      } else if (type === "message.part.updated" && properties.part.type === "tool" && properties.part.tool === "task") {
        calls.part(properties.part)
      }
    },

    async dispose() {
      await ledger.settled()
    },
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
function engineConfig({ executor = "host", ...options }, configured, known) {
  if (executor !== "host") {
    const message = `Invalid configuration, field "executor": expected host, got ${JSON.stringify(executor)}.`
    throw new DelegateError({ code: "invalid_config", message, field: "executor" })
  }
  const agents = { ...configured }
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
}
