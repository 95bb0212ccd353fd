// Executor "delegate": the task tool of this package, which runs the child itself.

import { randomBytes } from "node:crypto"
import { DelegateError, inheritedPermission } from "../../api.js"
import { compact } from "./summarise.js"
import { curb } from "./narrow_permissions.js"
import { partsOf } from "./prompt_parts.js"
import { runPlainly } from "./undecided_call.js"
import { KEY } from "../../core/record_writer.js"
import { show } from "./running_part.js"
import { UNLOADED, denial, failure, kept, output, started, title, unjudgedSubagent, verdict } from "../../core/texts/results.js"
import { LOOK_MS } from "./session_locks.js"

/**
 * @typedef {import("../../api.js").Decision} Decision
 * @typedef {import("../../api.js").Effect} Effect
 * @typedef {import("../../api.js").Request} Request
 * @typedef {import("../sdk/client.js").Host} Host
 * @typedef {import("../sdk/client.js").HostAgent} HostAgent
 * @typedef {import("../sdk/client.js").HostSession} HostSession
 * @typedef {import("../../core/engine_sync.js").Ledger} Ledger
 * @typedef {import("./error_patches.js").Part} Part
 * @typedef {import("./prompt_runner.js").Runner} Runner
 * @typedef {Exclude<Decision, { action: "deny" }>} Granted
 * @typedef {import("@opencode-ai/plugin").ToolContext & { callID: string }} Context
 * @typedef {{ worktree: string, agents: () => Promise<HostAgent[]>, primaryTools: () => string[] }} Setting
 * @typedef {{ title: string, output: string, metadata: Record<string, unknown> }} Result
 */

/**
 * The calls of the task tool that this package runs.
 */
export class Tasks {
  #host
  #ledger
  #runner
  #mender
  #seen
  #setting
  /** Children that are being created, by derived id. @type {Map<string, Promise<string | undefined>>} */
  #making = new Map()
  /** What is to stand under results, by call: OpenCode cuts long ones off at their end. @type {Map<string, string>} */
  #verdicts = new Map()
  /** The handle of calls that were broken off, by call. @type {Map<string, string>} */
  #broken = new Map()

  /**
   * @param {Host} host
   * @param {Ledger} ledger
   * @param {Runner} runner
   * @param {import("./error_patches.js").Mender} mender
   * @param {import("../sync/call_cache.js").Seen} seen
   * @param {Setting} setting
   */
  constructor(host, ledger, runner, mender, seen, setting) {
    this.#host = host
    this.#ledger = ledger
    this.#runner = runner
    this.#mender = mender
    this.#seen = seen
    this.#setting = setting
  }

  /**
   * Runs a call, and gives its result as OpenCode's own tool would.
   * @param {Request} request
   * @param {Context} context
   * @param {boolean} byUser whether the user named the agent, so that no permission is asked
   * @returns {Promise<Result>}
   * @throws {Error} the denial or the failure, for the model to read
   */
  async run(request, context, byUser) {
    const decided = await this.#decide(request)
    if ("why" in decided) return this.#plainly(request, context, byUser, decided.why)
    const { decision, childID, refund } = decided
    try {
      if (!byUser) await context.ask(question(request))
      return await this.#carryOut(request, context, decision, childID)
    } catch (error) {
      refund()
      throw error
    }
  }

  /**
   * Tells the model what was done, in a result.
   * @param {string} sessionID
   * @param {string} callID
   * @param {{ output: string } | undefined} result
   */
  after(sessionID, callID, result) {
    const call = `${sessionID} ${callID}`
    const lines = this.#verdicts.get(call)
    this.#verdicts.delete(call)
    if (lines && result) result.output += `\n${lines}`
  }

  /**
   * Names the session in the error of a call that OpenCode ended by itself.
   * @param {Part} part
   */
  part(part) {
    const call = `${part.sessionID} ${part.callID}`
    const task_id = this.#broken.get(call)
    if (part.state.status === "error" && task_id) this.#mender.mend(part, task_id)
    if (part.state.status !== "error" && part.state.status !== "completed") return
    this.#broken.delete(call)
    this.#verdicts.delete(call)
  }

  /**
   * Asks the engine until there is something to do: what was to be joined may come to nothing before it is there.
   * @param {Request} request
   * @returns {Promise<{ decision: Granted, childID?: string, refund: () => void } | { why: string }>}
   */
  async #decide(request) {
    for (;;) {
      const decision = await this.#judge(request)
      if ("why" in decision) return decision
      if (decision.action === "deny") throw new Error(denial(decision))
      if (decision.action === "spawn") {
        /** @type {(childID: string | undefined) => void} */
        let made = () => {}
        this.#making.set(decision.sessionID, new Promise((resolve) => (made = resolve)))
        const refund = () => {
          this.#ledger.refund(decision)
          this.#making.delete(decision.sessionID)
          made(undefined)
        }
        this.#made.set(decision, made)
        return { decision, refund }
      }
      if (decision.action !== "join") return { decision, childID: decision.sessionID, refund: () => this.#ledger.refund(decision) }
      const maker = this.#making.get(decision.sessionID)
      const childID = maker ? await maker : this.#ledger.session(decision.sessionID)?.id
      if (childID) return { decision, childID, refund: () => {} }
      // Its call has come to something else since, and tells so in a moment.
      if (!maker) await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    }
  }

  /** @type {WeakMap<Granted, (childID: string | undefined) => void>} */
  #made = new WeakMap()

  /**
   * Asks the engine. Where it cannot tell, a subagent's call is denied and a primary's is run without it.
   * @param {Request} request
   * @returns {Promise<Decision | { why: string }>}
   */
  async #judge(request) {
    try {
      return await this.#ledger.decide(request, () => this.#runner.checked())
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      // What is wrong with the call itself, the model can mend.
      if (this.#ledger.closed || (error instanceof DelegateError && error.code === "invalid_request")) throw new Error(message)
      if (!(await this.#ledger.isRoot(request.sessionID))) throw new Error(unjudgedSubagent(message))
      return { why: message }
    }
  }

  /**
   * @param {Request} request
   * @param {Context} context
   * @param {boolean} byUser
   * @param {string} why
   */
  async #plainly(request, context, byUser, why) {
    if (!byUser) await context.ask(question(request))
    const { inherited, model, variant, parts } = await this.#gather(request, context)
    return runPlainly(this.#host, request, { parts, model, variant }, inherited, context.abort, why, (child) => this.#ledger.adopt(child))
  }

  /** What a prompt needs beside the call itself. @param {Request} request @param {Context} context */
  async #gather(request, context) {
    const [{ speaker, part }, session, agents] = await Promise.all([
      this.#seen.call(request.sessionID, context.messageID, context.callID),
      this.#seen.permission(request.sessionID),
      this.#setting.agents(),
    ])
    const named = (/** @type {string | undefined} */ wanted) => agents.find(({ name }) => name === wanted)
    const agent = named(this.#ledger.spelled(request.agent))
    const { providerID, modelID, variant } = speaker
    return {
      part,
      parts: await partsOf(request.prompt, this.#setting.worktree, new Set(agents.map(({ name }) => name))),
      model: agent?.model ? { providerID: agent.model.providerID, modelID: agent.model.modelID } : { providerID, modelID },
      variant: agent?.model ? undefined : variant,
      inherited: {
        session,
        caller: rulesOf(named(request.callerAgent ?? context.agent)),
        agent: rulesOf(agent),
        primary_tools: this.#setting.primaryTools(),
      },
    }
  }

  /**
   * @param {Request} request
   * @param {Context} context
   * @param {Granted} decision
   * @param {string} [childID]
   */
  async #carryOut(request, context, decision, childID) {
    const { sessionID: callerID, callerAgent, background = false } = request
    const { part, parts, model, variant, inherited } = await this.#gather(request, context)
    context.abort.throwIfAborted()
    const asked = {
      now: Date.now(),
      callerID,
      callerAgent,
      agent: request.agent,
      background,
      parts,
      model,
      variant,
      permission: inheritedPermission(inherited),
      seed: randomBytes(14).toString("base64url").replace(/[^\w]|_/g, "0").slice(0, 14),
      process: this.#ledger.process,
    }
    const effects = childID
      ? this.#ledger.apply({ type: "prompt.kept", ...asked, ticket: "ticket" in decision ? decision.ticket : undefined, sessionID: childID })
      : await this.#create(asked, decision, request)
    const wait = effects.find((effect) => effect.type === "wait")
    if (!wait) throw new Error(this.#ledger.closed ? UNLOADED : "The session of this task is gone. Call again without its task_id to start a new one.")
    const { sessionID } = wait
    /** @type {string[]} */
    const troubles = []
    const prompt = this.#runner.follow(wait, {
      callerID,
      background,
      prepare: childID ? () => this.#prepare(sessionID, decision, inherited, troubles) : undefined,
    })
    const task_id = this.#ledger.session(sessionID)?.slug ?? sessionID
    const metadata = { parentSessionId: callerID, sessionId: sessionID, model, ...(background ? { background: true, jobId: wait.taskID } : {}) }
    const delegate = { task_id, action: decision.action, rule: decision.rule }
    const shown = show(this.#host, part, request.description, metadata)
    const done = { title: title(request.description, decision.action, task_id), metadata: { ...metadata, delegate } }
    if (background) {
      await Promise.all([shown.settled(), this.#ledger.stored(sessionID)])
      const text = started(sessionID, wait.taskID ?? task_id, wait.behind)
      this.#verdicts.set(`${callerID} ${request.callID}`, verdict(decision, task_id, undefined))
      return { ...done, output: text }
    }
    const end = await this.#await(prompt, context, task_id)
    const answered = end.state === "idle" && end.answer && "text" in end.answer
    // Of a failed call OpenCode keeps what was shown while it ran.
    await (answered ? shown.settled() : shown.now())
    const notices = [...troubles, ...end.notices]
    const failed = (/** @type {string} */ why) => new Error([why, kept(task_id), ...notices].join("\n"))
    if (end.state === "deleted") throw new Error("Task cancelled: its session was deleted. Call again to start a new one.")
    if (end.state === "cancelled") throw failed("Task cancelled")
    if (end.state !== "idle" || !end.answer) throw failed(failure(sessionID, end.message ?? "It gave no answer."))
    if ("error" in end.answer) throw failed(failure(sessionID, end.answer.error))
    const text = output({ sessionID, state: "completed", text: end.answer.text })
    this.#verdicts.set(`${callerID} ${request.callID}`, verdict(decision, task_id, notices.join("\n") || undefined))
    return { ...done, output: text }
  }

  /**
   * Creates a child and commits its ticket.
   * @param {import("../../api.js").Asked} asked
   * @param {Granted} decision
   * @param {Request} request
   * @returns {Promise<Effect[]>}
   */
  async #create(asked, decision, request) {
    const ticket = "ticket" in decision ? decision.ticket : undefined
    const create = this.#ledger.apply({ type: "prompt.kept", ...asked, ticket }).find((effect) => effect.type === "create")
    if (!create) throw new Error(this.#ledger.closed ? UNLOADED : "The call was given up before its session was created. Call again.")
    const { parentID, title, agent, permission, record } = create
    const child = await this.#host.create({ parentID, title, agent, permission, metadata: { [KEY]: record } })
    this.#ledger.adopt(child)
    const effects = this.#ledger.apply({ type: "ticket.commit", now: asked.now, ticket: create.ticket, sessionID: child.id })
    this.#making.delete(decision.sessionID)
    this.#made.get(decision)?.(child.id)
    if (effects.some(({ type }) => type === "wait")) return effects
    // An engine that trapped since has taken the ticket along: its successor is told of name and prompt.
    await this.#ledger.commit(decision, request, child.id)
    return this.#ledger.apply({ type: "prompt.kept", ...asked, sessionID: child.id })
  }

  /**
   * Makes a session ready to be resumed: summarised where that was decided, and allowed no more than its caller.
   * @param {string} sessionID
   * @param {Granted} decision
   * @param {import("./narrow_permissions.js").Inherited} inherited
   * @param {string[]} troubles
   */
  async #prepare(sessionID, decision, inherited, troubles) {
    await curb(this.#host, await this.#host.session(sessionID), inherited)
    const trouble = decision.action === "compact" ? await compact(this.#host, sessionID) : undefined
    if (trouble) troubles.push(trouble)
  }

  /**
   * Waits for the end of a prompt, which the end of its call is too.
   * @param {import("./prompt_runner.js").Prompt} prompt
   * @param {Context} context
   * @param {string} task_id
   */
  async #await(prompt, { abort, sessionID, callID }, task_id) {
    const end = () => {
      this.#broken.set(`${sessionID} ${callID}`, task_id)
      this.#runner.cancel(prompt)
    }
    if (abort.aborted) end()
    abort.addEventListener("abort", end, { once: true })
    try {
      return await prompt.end
    } finally {
      // OpenCode fires the signal at the end of every call, of those too that are done.
      abort.removeEventListener("abort", end)
    }
  }
}

/** What OpenCode's own task tool asks. @param {Request} request */
const question = ({ agent, description }) => ({
  permission: "task",
  patterns: [agent],
  always: ["*"],
  metadata: { description, subagent_type: agent },
})

/** @param {HostAgent | undefined} agent */
const rulesOf = (agent) => (agent?.permission ?? []).map(({ permission, pattern, action }) => ({ permission, pattern, action }))
