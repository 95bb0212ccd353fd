// The prompts that OpenCode's own tool sends to children. The engine follows each to its end, and says which model comes next after a
// failure.

import { POLL_MS, abortable, unregisterInstance } from "../../core/index.js"
import { SilenceWatch } from "./silence_watch.js"
import { TaskResults } from "./task_results.js"

/**
 * @typedef {import("../../api.js").Effect} Effect
 * @typedef {import("../../api.js").Failure} Failure
 * @typedef {import("../../api.js").HostRule} HostRule
 * @typedef {import("../sdk/index.js").Host} Host
 * @typedef {import("../sdk/index.js").Model} Model
 * @typedef {import("../../core/index.js").EngineSync} EngineSync
 * @typedef {Extract<Effect, { type: "send" }>} Send
 * @typedef {Extract<Effect, { type: "retry" }>} Retry
 * @typedef {Extract<Effect, { type: "deliver" }>} End
 *
 * A prompt. `earlier`: the text of a prompt that never reached the session, which goes before this one; `model`: the session's own
 * model, and `switched`: whether another took over; `requested`: what its session last
 * requested of its model; `silent`: whether its session was interrupted for its silence, and `next`: the attempt that follows then;
 * `limited`: whether a limit has ended it;
 * `started`: whether OpenCode has reported the begin of its turn, and `last`: the event about the end of that; `detached`: what hears
 * of the prompt's end if no call waits for it; `restored`: resolves when its session has its own model again.
 * @typedef {{
 *   sessionID: string, background: boolean, prompt_no?: number, attempt: number, process: string, earlier?: string, model?: Model, switched: boolean,
 *   requested?: "answer" | "summary", silent: boolean, started: boolean, detached?: (end: End) => void,
 *   last?: { type: string, error?: { type: string, message: string } }, send?: Send, next?: Retry, limited?: boolean, end?: End, restored?: Promise<void>,
 *   wake: () => void, watch?: SilenceWatch
 * }} ChildPrompt
 *
 * OpenCode's question whether it tries a failed request again.
 * @typedef {{
 *   sessionID: string, error: { type: string, message: string }, decision: { retry: boolean, delay?: number }
 * }} RetryQuestion
 */

/** The events about the end of a turn. */
const ENDS = new Set(["session.execution.succeeded", "session.execution.failed", "session.execution.interrupted"])

/** The longest time until an event is reported, in milliseconds. */
const EVENT_MS = 1_000

/**
 * The prompts of this instance.
 */
export class ChildPrompts {
  /** @type {Host} */
  #host
  /** @type {EngineSync} */
  #sync
  /** @type {Set<ChildPrompt>} */
  #prompts = new Set()
  /** The sessions with a prompt that goes on, though the engine that followed it is lost. @type {Set<string>} */
  #unfollowed = new Set()
  /** The lookups of prompts whose process is gone. @type {Set<Promise<void>>} */
  #lookups = new Set()
  #results

  /** @param {Host} host @param {EngineSync} sync */
  constructor(host, sync) {
    this.#host = host
    this.#sync = sync
    this.#results = new TaskResults(host, sync)
  }

  /** Takes in an effect on a prompt. @param {Effect} effect */
  perform(effect) {
    if (effect.type === "wait") {
      const asked = [...this.#prompts].find(({ sessionID, prompt_no }) => sessionID === effect.sessionID && prompt_no === undefined)
      if (asked) asked.prompt_no = effect.prompt_no
    }
    if (effect.type === "check") this.#recover(effect)
    if (effect.type === "abort" && effect.limit) this.#endAtLimit(effect.sessionID)
    if (effect.type === "deliver" && effect.to) return this.#results.take(effect)
    if (effect.type !== "send" && effect.type !== "deliver") return
    const prompt = [...this.#prompts].find(({ sessionID, prompt_no }) => sessionID === effect.sessionID && prompt_no === effect.prompt_no)
    if (!prompt) return
    if (effect.type === "send") {
      prompt.send = effect
      prompt.earlier = effect.message.parts.slice(0, -1).map((part) => /** @type {any} */ (part).text).join("\n\n")
    } else this.#finish(prompt, effect)
    prompt.wake()
  }

  /**
   * Hands a prompt to the engine, and waits until it may be sent.
   * @param {Omit<import("../../api.js").KeptPrompt, "now" | "model" | "variant" | "ticket" | "sessionID"> & { sessionID: string }} asked
   * @param {{ decision: import("../../api.js").Decision, request: import("../../api.js").Request }} call
   * @param {Model | undefined} model the session's own model
   * @param {AbortSignal} signal
   * @param {{ derived: string, created: (record?: unknown) => Promise<void> }} [child] if the session is new: its derived id, and what
   *   takes it in with its first record
   * @returns {Promise<ChildPrompt | undefined>} none if the engine does not follow it; with its end if it is not to be sent
   */
  async begin({ sessionID, ...asked }, { decision, request }, model, signal, child) {
    /** @type {ChildPrompt} */
    const prompt = { sessionID, background: asked.background ?? false, attempt: 1, process: this.#sync.process, model, switched: false, silent: false, started: false, wake: () => {} }
    this.#prompts.add(prompt)
    const named = model && { providerID: model.providerID, modelID: model.id }
    const kept = { now: Date.now(), ...asked, model: named, variant: model?.variant }
    if (child) await this.#create(kept, sessionID, decision, child)
    // The engine that reserved the child's name may be lost by now. Without another one, OpenCode sends the prompt.
    if (prompt.prompt_no === undefined) await this.#sync.keep(decision, request, { ...kept, sessionID }, () => this.whenRecovered()).catch(() => {})
    if (prompt.prompt_no !== undefined) prompt.process = this.#sync.process
    // An engine that is lost knows no prompt.
    while (prompt.prompt_no !== undefined && !prompt.send && !prompt.end && prompt.process === this.#sync.process) {
      /** @type {Promise<void>} */
      const woken = new Promise((resolve) => (prompt.wake = resolve))
      await abortable(Promise.race([woken, new Promise((resolve) => setTimeout(resolve, POLL_MS))]), signal).catch((error) => {
        this.cancelled(prompt)
        throw error
      })
    }
    if (prompt.send || prompt.end) return prompt
    this.#prompts.delete(prompt)
    this.#unfollowed.add(sessionID)
  }

  /**
   * Stores a new child with its first prompt, and commits the call that creates it.
   * @param {Omit<import("../../api.js").KeptPrompt, "sessionID">} kept
   * @param {string} sessionID
   * @param {import("../../api.js").Decision} decision
   * @param {{ derived: string, created: (record?: unknown) => Promise<void> }} child
   */
  async #create(kept, sessionID, decision, { derived, created }) {
    this.#sync.creating.add(derived)
    try {
      const create = this.#sync.apply({ type: "prompt.kept", ...kept, ticket: this.#sync.ticket(decision) }).find((effect) => effect.type === "create")
      await created(create?.record)
      this.#sync.commitTicket(decision, sessionID, kept.now)
    } finally {
      this.#sync.creating.delete(derived)
    }
  }

  /** Resolves when each result that is due is in its caller's session. */
  whenDelivered() {
    return this.#results.whenDelivered()
  }

  /** Resolves when the prompts of ended processes are looked up. */
  async whenRecovered() {
    while (this.#lookups.size) await Promise.all(this.#lookups)
  }

  /** Looks in a session for the fate of a prompt whose process is gone. @param {Extract<Effect, { type: "check" }>} check */
  #recover({ sessionID, prompt_no, attempt }) {
    const of = { sessionID, prompt_no, attempt }
    const look = async () => {
      // OpenCode chooses the message of a prompt. A record keeps a prompt only until its session has its first.
      const goesOn = this.#unfollowed.has(sessionID) || this.#of(sessionID)?.prompt_no !== undefined
      const arrived = goesOn || (await this.#host.messages(sessionID)).some(({ type }) => type === "user")
      if (arrived) this.#sync.apply({ type: "prompt.accepted", now: Date.now(), ...of })
      const settle = async () => {
        const answered = arrived && (await this.#host.outcome(sessionID)) === "succeeded"
        if (answered) this.#sync.apply({ type: "prompt.answered", now: Date.now(), ...of })
        else this.#sync.apply({ type: "prompt.failed", now: Date.now(), ...of, failure: { kind: "lost" }, live: false })
      }
      if (!(await this.#host.status())[sessionID]) return settle()
      // A turn outlives the plugin that is loaded again. No call waits for its end here, and OpenCode gives its caller the result.
      this.#results.follow(of, () => {})
      void this.#host.rest(sessionID).then(settle).catch(() => {})
    }
    // The engine hears of it after the event that made it ask.
    const looking = Promise.resolve().then(look).catch(() => {}).finally(() => this.#lookups.delete(looking))
    this.#lookups.add(looking)
  }

  /** Ends the turn of a session that has reached a limit. @param {string} sessionID */
  #endAtLimit(sessionID) {
    const prompt = this.#of(sessionID)
    // A prompt that waits has reached none.
    if (prompt?.send) prompt.limited = true
    void this.#host.interrupt(sessionID).catch(() => {})
  }

  /** Whether a session is being interrupted for its silence. @param {string} sessionID */
  isSilent(sessionID) {
    return this.#of(sessionID)?.silent ?? false
  }

  /** Takes in that OpenCode is about to send a prompt. @param {ChildPrompt} prompt */
  sent(prompt) {
    this.#apply("prompt.sent", prompt)
    prompt.silent = false
    const stall = prompt.send?.stall
    if (stall !== undefined) prompt.watch ??= new SilenceWatch(stall, () => this.#stalled(prompt, stall))
  }

  /** Takes in a prompt that OpenCode is about to store. @param {string} sessionID @param {{ text: string }} given its text may be changed */
  arrived(sessionID, given) {
    const prompt = this.#of(sessionID)
    if (!prompt?.send) return
    if (prompt.earlier) given.text = `${prompt.earlier}\n\n${given.text}`
    delete prompt.earlier
    this.#apply("prompt.accepted", prompt)
  }

  /** Takes in what a session is about to request of its model. @param {string} sessionID @param {"answer" | "summary"} what */
  requests(sessionID, what) {
    const prompt = this.#of(sessionID)
    if (prompt) prompt.requested = what
  }

  /**
   * Answers OpenCode's question whether it tries a failed request again. If the engine has another attempt, that one is OpenCode's
   * next try of the same request.
   * @param {RetryQuestion} question its `decision` is changed
   */
  async answer(question) {
    const { sessionID, error, decision } = question
    const prompt = this.#of(sessionID)
    // A next try of a summary goes to the same model.
    if (!prompt?.send || prompt.requested === "summary") return
    const { type: name, message } = error
    const next = this.#failed(prompt, decision.retry ? { kind: "retrying", message } : { kind: "host", name, message })
    if (!next) return
    await this.#use(prompt, next)
    question.decision = { retry: true, delay: next.after }
  }

  /** Takes in a prompt's answer. @param {ChildPrompt} prompt @returns {End | undefined} */
  answered(prompt) {
    this.#apply("prompt.answered", prompt)
    return this.#over(prompt)
  }

  /** Takes in that a person, an agent or OpenCode cancelled a prompt. @param {ChildPrompt} prompt @returns {End | undefined} */
  cancelled(prompt) {
    this.#apply("prompt.cancelled", prompt)
    return this.#over(prompt)
  }

  /** The end of a prompt that the engine has ended, or has forgotten. @param {ChildPrompt} prompt */
  #over(prompt) {
    if (!prompt.end) this.#finish(prompt, undefined)
    return prompt.end
  }

  /**
   * Takes in that OpenCode gave a prompt up.
   * @param {ChildPrompt} prompt
   * @param {Failure} failure
   * @returns {Promise<Retry | undefined>} the attempt that follows; none if the prompt is over
   */
  async gaveUp(prompt, failure) {
    const { next } = prompt
    delete prompt.next
    const retry = next ?? (prompt.end ? undefined : this.#failed(prompt, failure))
    if (!retry) return void this.#over(prompt)
    if (!next) await this.#use(prompt, retry)
    return retry
  }

  /**
   * Leaves a prompt to the events of OpenCode: no call waits for its end any more.
   * @param {ChildPrompt} prompt
   * @param {(end: End) => void} hear hears of its end
   */
  async detach(prompt, hear) {
    if (prompt.end) return hear(prompt.end)
    prompt.detached = hear
    this.#results.follow(prompt, hear)
    if (prompt.last) await this.#ended(prompt, prompt.last)
    else void this.#awaitRest(prompt).catch(() => {})
  }

  /** Ends a prompt whose session rests though no event came about that. @param {ChildPrompt} prompt */
  async #awaitRest(prompt) {
    const { sessionID } = prompt
    // A turn that begins is not reported at once, and neither is its end.
    const pause = () => new Promise((resolve) => setTimeout(resolve, EVENT_MS).unref())
    await pause()
    while (this.#prompts.has(prompt)) {
      await this.#host.rest(sessionID)
      await pause()
      const outcome = await this.#host.outcome(sessionID)
      if (outcome && this.#prompts.has(prompt)) await this.#ended(prompt, { type: `session.execution.${outcome}` })
    }
  }

  /**
   * Takes in an event of OpenCode.
   * @param {string} type
   * @param {any} data
   */
  async handleEvent(type, { sessionID, id, error }) {
    const prompt = this.#of(sessionID)
    if (!prompt?.send) return
    prompt.watch?.sign(type, id)
    if (type === "session.execution.started") {
      prompt.started = true
      delete prompt.last
    }
    // The event of an earlier turn may come late.
    if (!prompt.started || !ENDS.has(type)) return
    prompt.last = { type, error }
    if (prompt.detached) await this.#ended(prompt, prompt.last)
  }

  /** Takes in the end of the turn of a prompt that no call waits for. @param {ChildPrompt} prompt @param {NonNullable<ChildPrompt["last"]>} last */
  async #ended(prompt, { type, error }) {
    if (type === "session.execution.succeeded") return void this.answered(prompt)
    if (prompt.silent) {
      // OpenCode has reported the end to the caller already, so each attempt that follows fails in the same way.
      for (let { next } = prompt; next; ) next = this.#failed(prompt, { kind: "stalled", after_ms: prompt.send?.stall ?? 0 })
      return void this.#over(prompt)
    }
    const failure = { name: error?.type ?? "unknown", message: error?.message ?? "" }
    const next = type === "session.execution.failed" ? await this.gaveUp(prompt, { kind: "host", ...failure }) : undefined
    // OpenCode has reported the end to the caller already, so no other attempt follows.
    if (next || !prompt.end) this.cancelled(prompt)
  }

  /** Forgets all prompts: their turns go on. */
  dispose() {
    unregisterInstance(this.#sync.process)
    for (const { watch } of this.#prompts) watch?.stop()
    this.#prompts.clear()
  }

  /** The prompt that runs in a session, or is to run first. @param {string} sessionID */
  #of(sessionID) {
    return [...this.#prompts].find((prompt) => prompt.sessionID === sessionID)
  }

  /**
   * Takes in that the model of a prompt was silent for too long, and interrupts its session.
   * @param {ChildPrompt} prompt
   * @param {number} after_ms
   */
  async #stalled(prompt, after_ms) {
    prompt.silent = true
    prompt.next = this.#failed(prompt, { kind: "stalled", after_ms }, true)
    // The engine may have the end of a task delivered later.
    const over = prompt.end ?? (prompt.background && prompt.process === this.#sync.process)
    prompt.silent = Boolean(prompt.next ?? over)
    if (!prompt.silent) return
    // Until the next attempt is sent, the session says nothing.
    prompt.watch?.stop()
    delete prompt.watch
    if (prompt.next) await this.#use(prompt, prompt.next).catch(() => {})
    await this.#host.interrupt(prompt.sessionID).catch(() => {})
  }

  /**
   * Reports a failure of the present attempt to the engine.
   * @param {ChildPrompt} prompt
   * @param {Failure} failure
   * @param {boolean} [live] whether the attempt still runs in OpenCode
   * @returns {Retry | undefined} the attempt that follows
   */
  #failed(prompt, failure, live = false) {
    const { sessionID, prompt_no = 0, attempt } = prompt
    if (prompt.process !== this.#sync.process) return
    const effects = this.#sync.apply({ type: "prompt.failed", now: Date.now(), sessionID, prompt_no, attempt, failure, live })
    const next = effects.find((effect) => effect.type === "retry" && effect.sessionID === sessionID && effect.prompt_no === prompt_no)
    if (next?.type !== "retry") return
    prompt.attempt = next.attempt
    return next
  }

  /** Switches the session to the model of an attempt. @param {ChildPrompt} prompt @param {Retry} attempt */
  async #use(prompt, { message: { model, variant } }) {
    const { sessionID, model: own } = prompt
    if (!model || !own) return
    const other = { providerID: model.providerID, id: model.modelID, ...(variant === undefined ? {} : { variant }) }
    prompt.switched = true
    await this.#host.setOwnModel(sessionID, { own, other })
    await this.#host.switchModel(sessionID, other)
  }

  /** Gives a session its own model again. @param {ChildPrompt} prompt */
  async #restore({ sessionID, model }) {
    if (!model) return
    await this.#host.switchModel(sessionID, model)
    await this.#host.setOwnModel(sessionID, undefined)
  }

  /** The model of a session, if it is known. @param {string} sessionID */
  ownModel(sessionID) {
    return this.#ownModel(sessionID).catch(() => undefined)
  }

  /** The model of a session. A process that ended may have left it with another. @param {string} sessionID @returns {Promise<Model | undefined>} */
  async #ownModel(sessionID) {
    const [model, left] = await Promise.all([this.#host.model(sessionID), this.#host.ownModel(sessionID)])
    if (!left) return model
    const { own, other } = left
    const still = model?.providerID === other.providerID && model.id === other.id
    if (still) await this.#host.switchModel(sessionID, own)
    await this.#host.setOwnModel(sessionID, undefined)
    return still ? own : model
  }

  /** @param {ChildPrompt} prompt @param {End | undefined} end */
  #finish(prompt, end) {
    prompt.end = end
    prompt.watch?.stop()
    this.#prompts.delete(prompt)
    // The next prompt of the session begins with the session's own model.
    if (prompt.switched) prompt.restored = this.#restore(prompt).catch(() => {})
    if (end) prompt.detached?.(end)
  }

  /** @param {"prompt.sent" | "prompt.accepted" | "prompt.answered" | "prompt.cancelled"} type @param {ChildPrompt} prompt */
  #apply(type, { sessionID, prompt_no = 0, attempt, process }) {
    if (process === this.#sync.process) this.#sync.apply({ type, now: Date.now(), sessionID, prompt_no, attempt })
  }
}
