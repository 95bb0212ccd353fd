// The plugin's parts, put together for OpenCode 2: the wrapped tool, the hooks and the events.

import { EXECUTORS, EngineSync, Settings, addAlias, faultNotice, findSession, reporter } from "../core/index.js"
import { summaryGuide } from "../core/texts/index.js"
import { loadEngine } from "../load_engine.js"
import { eventHandler } from "./events.js"
import { AgentFields, bindContext } from "./sdk/index.js"
import { addSessionTools, sessionActions } from "./session_tools.js"
import { ChildPrompts, InterruptedResults, SubagentCalls, wrapTool } from "./subagent/index.js"
import { bindTerminal } from "./terminal.js"

/** The longest wait for the end of a turn that is interrupted, in milliseconds. */
const INTERRUPT_MS = 2_000
/** The pause before the events are followed again, if they end. */
const AGAIN_MS = 1_000

/**
 * Sets an engine up in OpenCode 2.
 * @param {import("./sdk/index.js").Context} context
 * @param {Record<string, unknown>} options
 * @param {import("./subagent/index.js").OtherPlugin[]} others the composed plugins, which may be added later
 * @returns {Promise<import("./instance.js").Delegation>}
 */
export async function delegation(context, options, others) {
  await loadEngine()
  const terminal = bindTerminal(context)
  const host = bindContext(context, terminal.emit)
  const { report, warn, screenDrawn } = reporter(host)
  /** What is reported of calls, each once. @type {Set<string>} */
  const reported = new Set()
  // OpenCode 2 resumes a caller's own children alone, and summarises a session by itself.
  const settings = new Settings(EXECUTORS, { on_context_full: "resume", unlisted_models: "host", ...options, reach: "children" })
  // OpenCode 2's own tool runs each child, whatever the options say about OpenCode 1.
  settings.useHost({ narrows: true })
  const fields = new AgentFields()

  const agents = async () => (await host.agents()).map(({ options, ...agent }) => ({ ...agent, options: { ...options, ...fields.all()[agent.name] } }))
  const configure = async () => {
    if (others.length) settings.leaveNestingToHost()
    return settings.engine(await agents())
  }
  /** @type {EngineSync} */
  const sync = new EngineSync(host, configure, report, (effect) => calls.perform(effect), warn)
  const prompts = new ChildPrompts(host, sync)
  const reportCall = (/** @type {string} */ message) => {
    if (!settings.fault && !reported.has(message)) report(message)
    reported.add(message)
  }
  const calls = new SubagentCalls(host, sync, prompts, reportCall, { agents, childPermissions: () => settings.childPermissions }, others)
  const interrupted = new InterruptedResults(host, sync)
  const actions = sessionActions({ host, sync, calls })
  await terminal.answer({ host, sync, settings, actions }).catch((/** @type {Error} */ { message }) => report(`The terminal cannot show the names of sessions: ${message}`))

  try {
    settings.configure(() => ({}), () => 0)
  } catch (error) {
    warn(faultNotice(/** @type {Error} */ (error).message))
  }

  /** Ends the turn with which OpenCode wakes a stopped session, before it asks the model. @param {string} sessionID */
  const interruptWoken = async (sessionID) => {
    const now = Date.now()
    // The event about the result may be on its way. That about the turn's own end may come in the meantime, and holds.
    await new Promise((resolve) => setImmediate(resolve))
    const effects = sync.apply({ type: "session.status", now, sessionID, status: "busy" })
    if (!effects.some((effect) => effect.type === "abort" && effect.sessionID === sessionID)) return
    const interrupted = host.interrupt(sessionID).catch(() => {})
    await Promise.race([interrupted, new Promise((resolve) => setTimeout(resolve, INTERRUPT_MS).unref())])
  }

  await context.tool.transform((editor) => {
    // No text teaches names that nothing looks up.
    wrapTool(editor, calls, { names: !settings.fault })
    if (settings.fault) return
    addSessionTools(editor, { host, sync, actions })
    sync.lists = true
  })
  /** @param {Parameters<AgentFields["take"]>[0]} editor */
  const takeFields = (editor) => {
    fields.take(editor)
    const unknown = fields.unknown(editor)
    if (unknown && !reported.has(unknown)) warn(unknown)
    if (unknown) reported.add(unknown)
  }
  let taken = false
  // The agents of opencode.json exist only after the setup of all plugins.
  await context.session.hook("context", async ({ sessionID, messages }) => {
    prompts.requests(sessionID, "answer")
    await interruptWoken(sessionID)
    await interrupted.name(sessionID, messages).catch((/** @type {Error} */ { message }) => report(`The sessions of interrupted calls could not be named: ${message}`))
    if (taken) return
    taken = true
    await context.agent.transform(takeFields).catch((/** @type {Error} */ { message }) => report(`The fields of agents stay in the body of their requests: ${message}`))
  })
  await context.session.hook("prompt", async ({ sessionID, messageID, prompt }) => {
    screenDrawn()
    await sync.refresh(sessionID).catch(() => {})
    await prompts.whenRecovered()
    const steers = sync.steers(messageID)
    sync.apply({ type: "session.prompted", now: Date.now(), sessionID, messageID, synthetic: steers })
    await prompts.whenDelivered()
    if (!steers) prompts.arrived(sessionID, prompt)
  })
  await context.session.hook("retry", (question) => prompts.answer(question))
  await context.permission.hook("evaluate", async (question) => calls.answer(question))

  // The request of a summary has the conversation as it is: the list stands in the instructions, so no message changes.
  await context.session.hook("compaction", async ({ sessionID, system }) => {
    prompts.requests(sessionID, "summary")
    await sync.load(sessionID).catch(() => {})
    const sessions = sync.resumable(sessionID)
    if (sessions.length) system.push({ type: "text", text: summaryGuide(sessions, sync.lists) })
  })

  const ended = new AbortController()
  const handle = eventHandler({ directory: context.location.directory, host, sync, prompts })
  const follow = async () => {
    for await (const event of context.event.subscribe({ signal: ended.signal })) {
      await handle(event).catch((/** @type {Error} */ error) => report(`An event of OpenCode could not be read: ${error.message}`))
    }
  }
  const followAgain = async () => {
    while (!ended.signal.aborted) {
      await follow().catch((error) => report(`OpenCode's events ended, and are followed again: ${error.message}`))
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS).unref())
    }
  }
  void followAgain()

  return {
    addAlias: (nickname) => addAlias(sync, nickname),
    findSession: (parentID, task_id) => findSession(sync, parentID, task_id),
    async end() {
      ended.abort()
      prompts.dispose()
      // Its last records are reported to the terminal.
      await sync.close()
      await terminal.end()
    },
  }
}
