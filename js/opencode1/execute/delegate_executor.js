// Executor "delegate": this package's own task tool, which runs the child itself.

import { DelegateError, inheritedPermission, isAnswered } from "../../api.js"
import { POLL_MS, RECORD_KEY } from "../../core/index.js"
import { callEnded, denial, failed, output, reloaded, sessionGone, started, title, undecidedSubagent, verdict } from "../../core/texts/index.js"
import { inParameters } from "./call_arguments.js"
import { narrowPermissions } from "./narrow_permissions.js"
import { promptParts } from "./prompt_parts.js"
import { showChild } from "./running_part.js"
import { summarise } from "./summarise.js"
import { runUndecided } from "./undecided_call.js"

/**
 * @typedef {import("../../api.js").Decision} Decision
 * @typedef {import("../../api.js").Effect} Effect
 * @typedef {import("../../api.js").HostRule} HostRule
 * @typedef {import("../../api.js").Request} Request
 * @typedef {import("../sdk/index.js").Host} Host
 * @typedef {import("../sdk/index.js").HostAgent} HostAgent
 * @typedef {import("../sdk/index.js").Part} Part
 * @typedef {import("../../core/index.js").EngineSync} EngineSync
 * @typedef {import("./prompt_runner.js").PromptRunner} PromptRunner
 * @typedef {Exclude<Decision, { action: "deny" }>} Granted
 * @typedef {import("@opencode-ai/plugin").ToolContext & { callID: string }} Context
 * @typedef {{
 *   worktree: string, agents: () => Promise<HostAgent[]>, primaryTools: () => string[],
 *   childPermissions: () => import("../../api.js").ChildPermissions | undefined
 * }} Setting
 * @typedef {{ title: string, output: string, metadata: Record<string, unknown> }} Result
 */

/**
 * The calls of this package's task tool.
 */
export class DelegateExecutor {
  #host
  #sync
  #runner
  #errorPatches
  #callCache
  #setting
  /** The children that are being created, by derived id. @type {Map<string, Promise<string | undefined>>} */
  #creating = new Map()
  /** Resolves the promise of `#creating`, by decision. @type {WeakMap<Granted, (childID: string | undefined) => void>} */
  #resolveChild = new WeakMap()
  /**
   * The lines under results, by call and child, since OpenCode gives the hook no message: OpenCode cuts the end of a long result.
   * @type {Map<string, string>}
   */
  #lines = new Map()
  /** The calls that this tool runs or ran, until their end is known, with their messages. @type {Map<string, string>} */
  #ran = new Map()
  /** The names of the children of aborted calls, by message and call. @type {Map<string, string>} */
  #aborted = new Map()

  /**
   * @param {Host} host
   * @param {EngineSync} sync
   * @param {PromptRunner} runner
   * @param {import("./error_patches.js").ErrorPatches} errorPatches
   * @param {import("../sync/index.js").CallCache} callCache
   * @param {Setting} setting
   */
  constructor(host, sync, runner, errorPatches, callCache, setting) {
    this.#host = host
    this.#sync = sync
    this.#runner = runner
    this.#errorPatches = errorPatches
    this.#callCache = callCache
    this.#setting = setting
  }

  /**
   * Runs a call, and returns its result in the form of OpenCode's own tool.
   * @param {Request} request
   * @param {Context} context
   * @param {boolean} byUser whether the user named the agent, so that OpenCode asks no permission
   * @param {string} [waited] the line under the result of a background call that waits
   * @returns {Promise<Result>}
   * @throws {Error} the denial or the failure, for the model to read
   */
  async run(request, context, byUser, waited) {
    this.#ran.set(key(context.sessionID, context.callID, undefined), context.messageID)
    const decided = await this.#decide(request)
    if ("why" in decided) return this.#runUndecided(request, context, byUser, decided.why)
    const { decision, childID, refund } = decided
    try {
      if (!byUser) await context.ask(question(request))
      return await this.#execute(request, context, decision, childID, waited)
    } catch (error) {
      refund()
      throw error
    }
  }

  /**
   * Adds the session's name and the action to a result.
   * @param {string} sessionID
   * @param {string} callID
   * @param {{ output: string, metadata: any } | undefined} result
   * @returns {boolean} whether this tool ran the call
   */
  after(sessionID, callID, result) {
    const call = key(sessionID, callID, result?.metadata?.sessionId)
    const lines = this.#lines.get(call)
    this.#lines.delete(call)
    if (lines && result) result.output += `\n${lines}`
    return this.#ran.delete(key(sessionID, callID, undefined))
  }

  /**
   * Names the session in the error of a call that OpenCode aborted.
   * @param {Part} part
   */
  handlePart(part) {
    const { sessionID, messageID, callID = "" } = part
    const call = key(sessionID, callID, messageID)
    const task_id = this.#aborted.get(call)
    if (part.state.status === "error" && task_id) this.#errorPatches.patch(part, task_id)
    if (part.state.status !== "error" && part.state.status !== "completed") return
    this.#aborted.delete(call)
    const ran = key(sessionID, callID, undefined)
    // A late event of an earlier call with the same id ends no later one.
    if (this.#ran.get(ran) === messageID) this.#ran.delete(ran)
    this.#lines.delete(key(sessionID, callID, part.state.metadata?.sessionId))
  }

  /**
   * Decides a request, again and again while the session to join does not come into being.
   * @param {Request} request
   * @returns {Promise<{ decision: Granted, childID?: string, refund: () => void } | { why: string }>}
   */
  async #decide(request) {
    for (;;) {
      const decision = await this.#askEngine(request)
      if ("why" in decision) return decision
      if (decision.action === "deny") throw new Error(denial(decision, this.#sync.lists))
      if (decision.action === "spawn") {
        /** @type {(childID: string | undefined) => void} */
        let resolveChild = () => {}
        this.#creating.set(decision.sessionID, new Promise((resolve) => (resolveChild = resolve)))
        const refund = () => {
          this.#sync.refund(decision)
          this.#creating.delete(decision.sessionID)
          resolveChild(undefined)
        }
        this.#resolveChild.set(decision, resolveChild)
        return { decision, refund }
      }
      if (decision.action !== "join") return { decision, childID: decision.sessionID, refund: () => this.#sync.refund(decision) }
      const maker = this.#creating.get(decision.sessionID)
      const childID = maker ? await maker : this.#sync.session(decision.sessionID)?.id
      if (childID) return { decision, childID, refund: () => {} }
      // The call that was to create it has failed, and the engine hears of that in a moment.
      if (!maker) await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    }
  }

  /**
   * Asks the engine. If it cannot decide, a subagent's call is denied and a primary's call runs without it.
   * @param {Request} request
   * @returns {Promise<Decision | { why: string }>}
   */
  async #askEngine(request) {
    try {
      return await this.#sync.decide(request, () => this.#runner.whenArrived())
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      // The model can correct a faulty call.
      if (this.#sync.closed || (error instanceof DelegateError && error.code === "invalid_request")) throw new Error(inParameters(message))
      if (!(await this.#sync.isRoot(request.sessionID))) throw new Error(undecidedSubagent(message))
      return { why: message }
    }
  }

  /**
   * @param {Request} request
   * @param {Context} context
   * @param {boolean} byUser
   * @param {string} why
   */
  async #runUndecided(request, context, byUser, why) {
    if (!byUser) await context.ask(question(request))
    const { inherited, model, variant, parts } = await this.#promptContext(request, context)
    return runUndecided(this.#host, request, { parts, model, variant }, inherited, context.abort, why, (child) => this.#sync.registerChild(child))
  }

  /** The parts, model and permissions of a prompt. @param {Request} request @param {Context} context */
  async #promptContext(request, context) {
    const [{ speaker, part }, session, agents] = await Promise.all([
      this.#callCache.call(request.sessionID, context.messageID, context.callID),
      this.#callCache.permission(request.sessionID),
      this.#setting.agents(),
    ])
    const named = (/** @type {string | undefined} */ wanted) => agents.find(({ name }) => name === wanted)
    const agent = named(this.#sync.spelled(request.agent))
    const { providerID, modelID, variant } = speaker
    return {
      part,
      parts: await promptParts(request.prompt, this.#setting.worktree, new Set(agents.map(({ name }) => name))),
      model: agent?.model ? { providerID: agent.model.providerID, modelID: agent.model.modelID } : { providerID, modelID },
      variant: agent?.model ? undefined : variant,
      inherited: {
        session,
        caller: rulesOf(named(request.callerAgent ?? context.agent)),
        agent: rulesOf(agent),
        primary_tools: this.#setting.primaryTools(),
        child_permissions: this.#setting.childPermissions(),
      },
    }
  }

  /**
   * @param {Request} request
   * @param {Context} context
   * @param {Granted} decision
   * @param {string} [childID]
   * @param {string} [waited]
   */
  async #execute(request, context, decision, childID, waited) {
    const { sessionID: callerID, callerAgent, background = false } = request
    const { part, parts, inherited, ...own } = await this.#promptContext(request, context)
    const { model, variant } = decision.model ? { model: decision.model, variant: undefined } : own
    context.abort.throwIfAborted()
    const asked = {
      now: Date.now(),
      partID: part?.id,
      callerID,
      callerAgent,
      agent: request.agent,
      background,
      parts,
      model,
      variant,
      limits: request.limits,
      permission: inheritedPermission({ ...inherited, resumed: childID !== undefined }),
    }
    const effects = childID
      ? await this.#sync.keep(decision, request, { ...asked, sessionID: childID }, () => this.#runner.whenArrived())
      : await this.#create(asked, decision, request)
    const wait = effects.find((effect) => effect.type === "wait")
    if (!wait) throw new Error(this.#sync.closed ? reloaded() : sessionGone())
    const { sessionID } = wait
    /** @type {string[]} */
    const troubles = waited ? [waited] : []
    const prompt = this.#runner.follow(wait, {
      callerID,
      background,
      prepare: childID ? (passed) => this.#prepare(sessionID, decision, inherited.agent, passed, troubles) : undefined,
    })
    const task_id = this.#sync.nameFor(sessionID, callerID)
    const metadata = { parentSessionId: callerID, sessionId: sessionID, model, ...(background ? { background: true, jobId: wait.taskID } : {}) }
    const delegate = { task_id, action: decision.action, rule: decision.rule }
    const shown = showChild(this.#host, part, request.description, metadata, context.abort)
    const done = { title: title(request.description, decision.action, task_id), metadata: { ...metadata, delegate } }
    if (background) {
      await Promise.all([shown.settled(), this.#sync.whenStored(sessionID)])
      const text = started(sessionID, wait.taskID ?? task_id, wait.behind)
      this.#lines.set(key(callerID, context.callID, sessionID), verdict(decision, task_id, undefined))
      return { ...done, output: text }
    }
    const end = await this.#awaitEnd(prompt, context, task_id)
    const outcome = { state: end.state, ...end.answer }
    const answered = isAnswered(outcome)
    // OpenCode keeps of a failed call only its running part.
    await (answered ? shown.settled() : shown.now())
    const notices = [...troubles, ...end.notices]
    if (!answered) throw new Error(failed({ ...end, sessionID, task_id, notices }))
    const text = output({ sessionID, state: "completed", text: outcome.text })
    this.#lines.set(key(callerID, context.callID, sessionID), verdict(decision, task_id, notices.join("\n") || undefined))
    return { ...done, output: text }
  }

  /**
   * Creates a child and commits its ticket.
   * @param {import("../../api.js").KeptPrompt} asked
   * @param {Granted} decision
   * @param {Request} request
   * @returns {Promise<Effect[]>}
   */
  async #create(asked, decision, request) {
    const create = this.#sync.apply({ type: "prompt.kept", ...asked, ticket: this.#sync.ticket(decision) }).find((effect) => effect.type === "create")
    if (!create) throw new Error(this.#sync.closed ? reloaded() : callEnded())
    const { parentID, title, agent, permission, record } = create
    this.#sync.creating.add(decision.sessionID)
    try {
      const child = await this.#host.create({ parentID, title, agent, permission, metadata: { [RECORD_KEY]: record } })
      return await this.#commit(asked, decision, request, child)
    } finally {
      this.#sync.creating.delete(decision.sessionID)
    }
  }

  /**
   * Commits the ticket of a call whose child is there.
   * @param {import("../../api.js").KeptPrompt} asked
   * @param {Granted} decision
   * @param {Request} request
   * @param {import("../sdk/index.js").HostSession} child
   * @returns {Promise<Effect[]>}
   */
  async #commit(asked, decision, request, child) {
    this.#sync.registerChild(child)
    const effects = this.#sync.commitTicket(decision, child.id, asked.now)
    this.#creating.delete(decision.sessionID)
    this.#resolveChild.get(decision)?.(child.id)
    if (effects.some(({ type }) => type === "wait")) return effects
    // The ticket was lost with an engine that trapped; the new engine gets the name and the prompt.
    await this.#sync.commit(decision, request, child.id)
    return this.#sync.apply({ type: "prompt.kept", ...asked, sessionID: child.id, first: true })
  }

  /**
   * Prepares a session for its resume: narrows its permissions, and summarises it if that was decided.
   * @param {string} sessionID
   * @param {Granted} decision
   * @param {HostRule[]} agent the rules of its agent
   * @param {HostRule[]} passed the rules that its callers pass on
   * @param {string[]} troubles
   */
  async #prepare(sessionID, decision, agent, passed, troubles) {
    await narrowPermissions(this.#host, sessionID, agent, passed)
    const trouble = decision.action === "compact" ? await summarise(this.#host, sessionID) : undefined
    if (trouble) troubles.push(trouble)
  }

  /**
   * Waits for the end of a prompt. The end of its call cancels the prompt.
   * @param {import("./prompt_runner.js").Prompt} prompt
   * @param {Context} context
   * @param {string} task_id
   */
  async #awaitEnd(prompt, { abort, sessionID, messageID, callID }, task_id) {
    const end = () => {
      this.#aborted.set(key(sessionID, callID, messageID), task_id)
      this.#runner.cancel(prompt)
    }
    if (abort.aborted) end()
    abort.addEventListener("abort", end, { once: true })
    try {
      return await prompt.end
    } finally {
      // OpenCode fires the signal at the end of every call, finished calls included.
      abort.removeEventListener("abort", end)
    }
  }
}

/** A call in a map, alone or with the message that makes it or its child. @param {string} sessionID @param {string} callID @param {string | undefined} other */
const key = (sessionID, callID, other) => `${sessionID} ${callID} ${other}`

/** The permission that OpenCode's own task tool asks. @param {Request} request */
const question = ({ agent, description }) => ({
  permission: "task",
  patterns: [agent],
  always: ["*"],
  metadata: { description, subagent_type: agent },
})

/** @param {HostAgent | undefined} agent */
const rulesOf = (agent) => (agent?.permission ?? []).map(({ permission, pattern, action }) => ({ permission, pattern, action }))
