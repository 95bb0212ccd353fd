// The plugin's parts, put together: the hooks of OpenCode 1, and the calls for composed plugins.

import { EXECUTORS, EngineSync, Settings, addAlias, besideSlim, faultNotice, findSession, findToolBringer, idleNotice, reporter } from "../core/index.js"
import { besidePlugin, otherTool, summaryGuide } from "../core/texts/index.js"
import { DelegateExecutor, ErrorPatches, HostExecutor, PluginExecutor, PluginPauses, PluginPrompts, PromptRunner, ResultDelivery, delegateTools, smallTools } from "./execute/index.js"
import { Requests, ToolDefinition, eventHook, readConfig, unknownFields } from "./hooks/index.js"
import { isOneShot, isReadAtEnd } from "./one_shot.js"
import { RunLine } from "./run_line.js"
import { bindClient } from "./sdk/index.js"
import { CallCache, ContextWindows, HostVersion } from "./sync/index.js"

/**
 * @typedef {import("@opencode-ai/plugin").PluginInput} PluginInput
 * @typedef {import("@opencode-ai/plugin").Hooks} Hooks
 * @typedef {import("./execute/index.js").Context} Context
 *
 * Another plugin that sees each call of the task tool. `givesNames`: whether an unknown `task_id` may be its own name for a
 * session. `tools`: those of its own that delegate; `title`: the pattern of the titles that they give to children.
 * @typedef {{
 *   run: (call: any, output: any) => Promise<void>, givesNames: boolean, leavesNesting?: boolean,
 *   tools?: Map<string, import("./execute/index.js").PluginTool>, title?: RegExp
 * }} OtherPlugin
 *
 * @typedef {ReturnType<typeof delegation>} Delegation
 */

/** Whether the host or a plugin made up a part of a user message. @param {any} part */
const isSynthetic = ({ type, synthetic }) => type === "text" && synthetic === true

/**
 * The plugin's hooks, and the calls for plugins that are composed with it.
 * @param {PluginInput} input
 * @param {Record<string, unknown>} options
 * @param {readonly string[]} [executors] the known executors, the default first
 */
export function delegation(input, options, executors = EXECUTORS) {
  const host = bindClient(input.client)
  const settings = new Settings(executors, options)
  const { report, warn, alarm, screenDrawn } = reporter(host)

  let primaryTools = /** @type {string[]} */ ([])
  /** @type {ReturnType<typeof host.agents> | undefined} */
  let known
  const agents = () => {
    known ??= host.agents()
    known.catch(() => (known = undefined))
    return known
  }
  const configure = async () => settings.engine(await agents())

  const errorPatches = new ErrorPatches(host, report)
  /** @type {EngineSync} */
  const sync = new EngineSync(host, configure, report, (effect) => {
    if (plugin?.prompts.perform(effect)) return
    runner.perform(effect)
    hostExecutor.perform(effect)
    plugin?.executor.perform(effect)
  }, warn)
  /** The parts that follow the calls and prompts of a plugin with tools of its own. @type {{ executor: PluginExecutor, prompts: PluginPrompts } | undefined} */
  let plugin
  /** The tools of other plugins that delegate. @type {Map<string, import("./execute/index.js").PluginTool>} */
  const pluginTools = new Map()
  /** Whether prompts are stored and background results are delivered here. */
  const keeps = () => settings.delegates || plugin !== undefined
  const delivery = new ResultDelivery(host, sync, report)
  const runner = new PromptRunner(host, sync, (ending, answer) => delivery.deliver(ending, answer))
  const hostExecutor = new HostExecutor(host, sync, errorPatches, report)
  const callCache = new CallCache(host)
  const windows = new ContextWindows(host, sync)
  const delegateExecutor = new DelegateExecutor(host, sync, runner, errorPatches, callCache, { worktree: input.worktree, agents, primaryTools: () => primaryTools, childPermissions: () => settings.childPermissions })
  const definition = new ToolDefinition()
  /** Stops a session and all below it. @param {string} sessionID @param {string} callerID */
  const cancel = (sessionID, callerID) => {
    const waiting = [hostExecutor, ...(plugin ? [plugin.executor] : [])].map((executor) => executor.cancelWaiting(sessionID))
    return runner.cancelAll(sessionID, callerID, waiting.reduce((sum, count) => sum + count))
  }
  const small = smallTools({ host, sync, cancel })
  const requests = new Requests(sync, isOneShot())
  const runLine = isReadAtEnd() ? new RunLine() : undefined
  const hostVersion = new HostVersion(host, warn)
  /** @type {OtherPlugin[]} */
  const others = []

  /**
   * @param {{ tool: string, sessionID: string, callID: string }} call
   * @param {{ args: any }} output
   */
  async function before(call, output) {
    const { tool, sessionID, callID } = call
    if (tool !== "task") return
    const runOthers = async () => {
      for (const { run } of others) await run(call, output)
    }
    if (aside) return runOthers()
    const origin = await callCache.origin(sessionID, callID, output.args?.prompt)
    if (pluginTools.has(tool) && origin.by === "model") return runOthers()
    if (settings.delegates && origin.by === "model") {
      if (origin.messageID) modelCalls.add(output.args)
      return
    }
    const { args } = output
    const givesNames = others.some((other) => other.givesNames)
    const waited = requests.waits(args)
    await hostExecutor.before(requests.request({ sessionID, callID, ...origin }, args), callID, args, { run: runOthers, givesNames }, waited)
  }

  /** The arguments of calls that this package's tool is to run: another instance may have seen others. @type {WeakSet<object>} */
  const modelCalls = new WeakSet()
  /** Whether this package leaves all delegation to a plugin with tools of its own, which stands in the same list. */
  let aside = false
  let warned = false
  /** Warns once that OpenCode ran a `task` tool of another plugin: it offers the tool of the last plugin in its list. */
  function warnOfOtherTool() {
    if (!warned) warn(otherTool())
    warned = true
  }

  /** Leaves the tools out: nothing would answer them, or another plugin has its own. */
  function withdrawTools() {
    delete hooks.tool
    sync.lists = false
  }

  /** @type {Hooks} */
  const hooks = {
    async config(config) {
      const { experimental } = /** @type {any} */ (config)
      primaryTools = experimental?.primary_tools ?? []
      const beside = plugin ? undefined : findToolBringer(/** @type {any} */ (config).plugin)
      if (beside) {
        aside = true
        settings.delegates = false
        withdrawTools()
        return warn(besidePlugin(beside.plugin, beside.entry))
      }
      const slim = plugin || others.length ? undefined : besideSlim(/** @type {any} */ (config).plugin)
      if (slim) warn(slim)
      if (hooks.tool && !(await hostVersion.takesTools())) {
        settings.delegates = false
        withdrawTools()
      }
      const unknown = unknownFields(config)
      if (unknown) warn(unknown)
      try {
        readConfig(settings, config)
        if (!plugin && settings.idle.length) report(idleNotice(settings.idle))
      } catch (error) {
        // OpenCode's own task tool continues to work.
        withdrawTools()
        alarm(faultNotice(/** @type {Error} */ (error).message))
      }
    },

    async "tool.definition"({ toolID }, output) {
      // No text teaches names that nothing looks up.
      if (toolID === "task" && !settings.fault && !aside && !pluginTools.has(toolID)) await definition.define(/** @type {any} */ (output), settings.delegates, settings)
      // OpenCode requires every parameter of a tool without a Zod schema.
      if (toolID === "delegate_list") Object.assign(output, { jsonSchema: { ...(/** @type {any} */ (output)).jsonSchema, required: [] } })
    },

    async "chat.message"({ sessionID }, { message, parts }) {
      requests.handleMessage(sessionID, message.agent, parts)
      screenDrawn()
      void hostVersion.check()
      windows.load().catch(() => {})
      // The first delegation repeats a failed read, and reports the failure.
      await (keeps() ? sync.refresh(sessionID) : sync.load(sessionID)).catch(() => {})
      const model = hostExecutor.modelFor(sessionID, parts)
      if (model) message.model = model
      if (keeps()) await runner.whenRecovered()
      const synthetic = parts.every(isSynthetic) || sync.steers(message.id)
      const [first] = parts
      // OpenCode's own tool delivers the results of its background tasks in such messages.
      const result = synthetic && !keeps() && first?.type === "text" ? first.text : undefined
      parts.push(...(await delivery.partsFor(sessionID, message.id, synthetic, result)))
    },

    "tool.execute.before": before,

    async "tool.execute.after"({ tool, sessionID, callID, args }, output) {
      if (pluginTools.has(tool)) plugin?.executor.after(sessionID, callID, output)
      if (tool !== "task" || aside) return
      const ran = delegateExecutor.after(sessionID, callID, output)
      await hostExecutor.after(sessionID, callID, args, output)
      if (settings.delegates && modelCalls.has(args) && !ran && !output?.metadata?.delegate) warnOfOtherTool()
    },

    async "experimental.chat.messages.transform"(_, { messages }) {
      await hostExecutor.transformMessages(messages)
    },

    async "experimental.session.compacting"({ sessionID }, { context }) {
      // After a restart, this may be the first hook for the session.
      await sync.load(sessionID).catch(() => {})
      const sessions = sync.resumable(sessionID)
      if (sessions.length) context.push(summaryGuide(sessions, sync.lists))
    },

    // Outside a repository the worktree is "/".
    event: eventHook({ actions: { steer: (message) => host.steer(message), cancel }, project: input.worktree === "/" ? input.directory : input.worktree, host, settings, sync, requests, callCache, windows, runner, delivery, hostExecutor, delegateExecutor, runLine, pluginParts: () => (plugin ? [plugin.prompts, plugin.executor] : []) }),

    async dispose() {
      const line = runLine?.text((sessionID) => sync.session(sessionID))
      // Standard output is the answer's. The console would paint the line red, as an error.
      if (line) process.stderr.write(`${line}\n`)
      runner.dispose()
      plugin?.prompts.dispose()
      await sync.close()
    },
  }

  /** @param {any} args @param {Context} context */
  const run = (args, context) => {
    const waited = requests.waits(args)
    return delegateExecutor.run(requests.request({ ...context, by: "model" }, args, context.agent), context, requests.isMentioned(context.sessionID), waited)
  }
  hooks.tool = /** @type {any} */ (delegateTools(small, settings.delegates ? run : undefined))
  sync.lists = true

  return {
    hooks,
    report,
    warn,
    before,
    /**
     * Follows a plugin with delegation tools of its own, and gives the client through which its children are created and prompted.
     * @param {Pick<OtherPlugin, "tools" | "title">} described
     * @returns {PluginInput["client"]}
     */
    followPlugin({ tools = new Map(), title }) {
      for (const [name, tool] of tools) pluginTools.set(name, tool)
      const pauses = new PluginPauses(tools.values())
      const prompts = plugin?.prompts ?? new PluginPrompts(host, sync, (ending) => delivery.deliver(ending), pauses, title)
      plugin ??= { prompts, executor: new PluginExecutor(host, sync, runner, prompts, pauses, requests, report) }
      return prompts.client(input.client)
    },
    /**
     * Runs a call of a plugin's own tool.
     * @param {import("./execute/index.js").PluginTool} tool
     * @param {(args: any, context: any) => Promise<any>} execute the plugin's
     * @param {any} args
     * @param {any} context
     * @param {import("./execute/index.js").PluginTasks} [tasks] its tasks
     */
    runPlugin: (tool, execute, args, context, tasks) => (settings.fault || !plugin ? execute(args, context) : plugin.executor.run(tool, execute, args, context, tasks)),
    /** The plugin's last id of a task of a session. @param {string} sessionID */
    pluginTask: (sessionID) => plugin?.executor.taskOf(sessionID),
    /** Takes in that the plugin has cancelled a queued call, or all of a caller. @param {string} callerID @param {string} [sessionID] */
    cancelQueued: (callerID, sessionID) => plugin?.prompts.cancelQueued(callerID, sessionID),
    /** The session that a caller's `task_id` names. @param {string} callerID @param {string} task_id */
    resolveSession: (callerID, task_id) => sync.resolve({ sessionID: callerID, task_id }).catch(() => undefined),
    /** The last answer of a session, for its caller. @param {string} sessionID @param {string} callerID */
    readSession: async (sessionID, callerID) => (await small.delegate_output.run({ task_id: sessionID }, callerID)).output,
    /** Ends the prompts of a session. @param {string} sessionID @param {string} callerID */
    cancelSession: async (sessionID, callerID) => (await small.delegate_cancel.run({ task_id: sessionID }, callerID)).output,
    /**
     * Adds a plugin that sees each call after its decision. Such a plugin knows OpenCode's own task tool, so that tool runs the
     * children from now on.
     * @param {Omit<OtherPlugin, "tools" | "title">} other
     */
    addPlugin(other) {
      others.push(other)
      if (other.leavesNesting !== false) settings.leaveNestingToHost()
      // The other plugin has tools of its own beside OpenCode's.
      withdrawTools()
      if (!settings.delegates) return
      settings.useHost()
      report('The executor is "host", because another plugin is composed with opencode-delegate.')
    },
    /** Takes in another plugin's name for a session. @param {Parameters<typeof addAlias>[1]} nickname */
    addAlias: (nickname) => addAlias(sync, nickname),
    /** The id of the session that a parent knows by a name or a derived id. @param {string} parentID @param {string} task_id */
    findSession: (parentID, task_id) => findSession(sync, parentID, task_id),
  }
}
