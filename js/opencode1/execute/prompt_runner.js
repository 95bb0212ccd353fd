// The engine's effects on prompts, carried out, and their outcome, reported to the engine.

import { POLL_MS, countEnded, unregisterInstance } from "../../core/index.js"
import { engineLost } from "../../core/texts/index.js"
import { Attempt } from "./attempt.js"
import { partialAnswer } from "./partial_answer.js"
import { PromptLookups } from "./prompt_lookups.js"

/**
 * @typedef {import("../../api.js").Effect} Effect
 * @typedef {import("../../api.js").HostRule} HostRule
 * @typedef {import("../sdk/index.js").Answer} Answer
 * @typedef {import("../../api.js").Failure} Failure
 * @typedef {import("../sdk/index.js").Host} Host
 * @typedef {import("../../core/index.js").EngineSync} EngineSync
 * @typedef {Extract<Effect, { type: "deliver" }>} Ending
 * @typedef {{ state: Ending["state"], message?: string, notices: string[], answer?: Answer }} End
 * @typedef {{
 *   sessionID: string, prompt_no: number, attempt: number, process: string, callerID: string, background: boolean, waits: boolean, sent: boolean,
 *   preparing: boolean, messageID?: string, passed: HostRule[], prepare?: (passed: HostRule[]) => Promise<void>, answer?: Answer, end: Promise<End>,
 *   finish: (end: End) => void, arrived: Promise<true>, arrive: () => void, call?: Promise<unknown>
 * }} Prompt `messageID`: the message of its first attempt; `arrived`: its message is in the session; `call`: the request of its last attempt
 */

/** The longest wait for a session after its abort, in milliseconds. */
const QUIET_MS = 5_000

/** The pause before an abort is repeated, in milliseconds. */
const AGAIN_MS = 250

/**
 * The prompts of this instance, from their acceptance by the engine to their end.
 */
export class PromptRunner {
  /** @type {Host} */
  #host
  /** @type {EngineSync} */
  #sync
  /** @type {(ending: Ending, answer?: Answer) => Promise<void>} */
  #deliver
  /** By session, number and process: an engine that follows a lost one may give a number again. @type {Map<string, Prompt>} */
  #prompts = new Map()
  /** The effects on prompts that are not followed yet. @type {Map<string, any[]>} */
  #early = new Map()
  /** The attempts that run in the host, by session. @type {Map<string, Attempt>} */
  #attempts = new Map()
  /** The sessions of which one attempt is to end before the next is sent. @type {Set<string>} */
  #replacing = new Set()
  /** The end of the last call for a session. @type {Map<string, Promise<unknown>>} */
  #calls = new Map()
  /** The requests to abort a session that OpenCode has not answered yet. @type {Map<string, Promise<unknown>>} */
  #aborts = new Map()
  /** The ends of turns that are being aborted. @type {Map<string, Promise<unknown>>} */
  #quiet = new Map()
  /** The answers that wait for their delivery. @type {Map<string, Answer>} */
  #answers = new Map()
  #lookups
  #disposed = false
  /** Whether a poll for the sessions of waiting prompts is in progress. */
  #watching = false

  /**
   * @param {Host} host
   * @param {EngineSync} sync
   * @param {(ending: Ending, answer?: Answer) => Promise<void>} deliver delivers the result of a background task to its caller
   */
  constructor(host, sync, deliver) {
    this.#host = host
    this.#sync = sync
    this.#deliver = deliver
    this.#lookups = new PromptLookups(host, sync, () => this.#disposed)
  }

  /**
   * Follows a prompt that the engine has just accepted.
   * @param {Extract<Effect, { type: "wait" }>} wait
   * @param {{ callerID: string, background: boolean, prepare?: (passed: HostRule[]) => Promise<void> }} call `prepare` runs before the
   *   first attempt, with the rules that the callers pass on
   * @returns {Prompt}
   */
  follow({ sessionID, prompt_no, behind }, call) {
    /** @type {Prompt["finish"]} */
    let finish = () => {}
    /** @type {Prompt["end"]} */
    const end = new Promise((resolve) => (finish = resolve))
    /** @type {Prompt["arrive"]} */
    let arrive = () => {}
    /** @type {Prompt["arrived"]} */
    const arrived = new Promise((resolve) => (arrive = () => resolve(true)))
    const { process } = this.#sync
    const prompt = { sessionID, prompt_no, attempt: 1, process, waits: true, sent: false, preparing: false, passed: [], ...call, end, finish, arrived, arrive }
    const id = key(sessionID, prompt_no, process)
    this.#prompts.set(id, prompt)
    const early = this.#early.get(id) ?? []
    this.#early.delete(id)
    early.forEach((effect) => this.#carryOut(prompt, effect))
    const watch = () => this.#watching || this.#watch()
    // Without a prompt before it in its session, a prompt mostly has its effect by then.
    if (behind > 0) watch()
    else queueMicrotask(watch)
    return prompt
  }

  /**
   * Carries out an effect, after its cause has returned.
   * @param {Effect} effect
   */
  perform(effect) {
    queueMicrotask(() => {
      if (this.#disposed) return
      if (effect.type === "abort") this.#abort(effect.sessionID)
      else if (effect.type === "check") this.#recover(effect)
      else if (effect.type === "deliver" && effect.to) this.#deliverResult(effect)
      else if (effect.type === "send" || effect.type === "retry" || effect.type === "deliver" || effect.type === "forget") {
        const id = key(effect.sessionID, effect.prompt_no, this.#sync.process)
        const prompt = this.#prompts.get(id)
        if (prompt) this.#carryOut(prompt, effect)
        // The caller is about to follow the prompt.
        else if (effect.type !== "forget") this.#early.set(id, [...(this.#early.get(id) ?? []), effect])
      }
    })
  }

  /**
   * Carries out an effect on a followed prompt.
   * @param {Prompt} prompt
   * @param {Extract<Effect, { type: "send" | "retry" | "deliver" | "forget" }>} effect
   */
  #carryOut(prompt, effect) {
    if (effect.type === "send" || effect.type === "retry") return void this.#send(prompt, effect)
    this.#stopPreparing(prompt)
    if (effect.type === "deliver") this.#finish(prompt, effect)
    // No call waits for the end of a background prompt.
    else if (prompt.background) this.#finish(prompt, { state: "idle", notices: [] })
  }

  /** Polls the sessions of the prompts that the engine has not sent yet: the event of an idle session may be lost, or overtake an older one. */
  async #watch() {
    this.#watching = true
    const waiting = () => new Set(this.prompts(({ waits }) => waits).map(({ sessionID }) => sessionID))
    while (waiting().size && !this.#disposed) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS).unref())
      // The engine that let them wait is lost, and the next one does not know them.
      const lost = this.prompts(({ waits, process }) => waits && process !== this.#sync.process)
      for (const prompt of lost) this.#finish(prompt, { state: "failed", message: engineLost(), notices: [] })
      const now = Date.now()
      const status = await this.#host.status().catch(() => undefined)
      for (const sessionID of status ? waiting() : []) {
        const idle = (status?.[sessionID]?.type ?? "idle") === "idle"
        const known = this.#sync.session(sessionID)?.status
        if (idle && known !== "idle") this.#sync.apply({ type: "session.status", now, sessionID, status: "idle" })
      }
    }
    this.#watching = false
  }

  /** Cancels a prompt. @param {Prompt} prompt */
  cancel(prompt) {
    const { sessionID, prompt_no, attempt } = prompt
    this.#applyEvent("prompt.cancelled", { sessionID, prompt_no, attempt }, prompt)
    this.#giveUp(prompt)
  }

  /**
   * Stops a session and all below it.
   * @param {string} sessionID
   * @param {string} callerID the session of the agent that stops it
   * @param {number} [waiting] the number of calls that waited for one of them
   * @returns {number} the number of prompts, calls and turns that are ended
   */
  cancelAll(sessionID, callerID, waiting = 0) {
    const prompts = this.prompts((prompt) => prompt.sessionID === sessionID)
    const effects = this.#sync.apply({ type: "session.cancelled", now: Date.now(), sessionID, callerID })
    prompts.forEach((prompt) => this.#giveUp(prompt))
    return Math.max(prompts.length, countEnded(effects, sessionID, waiting))
  }

  /** Ends a prompt that the engine does not know: after a trap it knows none, and reports no end. @param {Prompt} prompt */
  #giveUp(prompt) {
    const { sessionID, prompt_no, process } = prompt
    const id = key(sessionID, prompt_no, process)
    setTimeout(() => {
      this.#stopPreparing(prompt)
      prompt.finish({ state: "cancelled", notices: [] })
      if (process === this.#sync.process || this.#prompts.get(id) !== prompt) return
      if (prompt.sent) this.#abort(sessionID)
      // It is not sent any more.
      else this.#prompts.delete(id)
    }).unref()
  }

  /** Aborts a session that is being summarised: it runs, though its prompt is not sent yet. @param {Prompt} prompt */
  #stopPreparing(prompt) {
    if (!prompt.preparing || this.#disposed) return
    prompt.preparing = false
    this.#abort(prompt.sessionID)
  }

  /** The prompts that pass a test. @param {(prompt: Prompt) => boolean} test */
  prompts(test) {
    return [...this.#prompts.values()].filter(test)
  }

  /**
   * Takes in an event of the host.
   * @param {string} type
   * @param {any} properties
   */
  handleEvent(type, properties) {
    const sessionID = properties.sessionID ?? properties.info?.sessionID ?? properties.part?.sessionID
    this.#attempts.get(sessionID)?.handleEvent(type, properties)
    // As in OpenCode, the abort of a session aborts its background tasks. One that makes room for another attempt does not.
    if (type === "session.error" && sessionID && properties.error?.name === "MessageAbortedError" && !this.#replacing.has(sessionID)) {
      this.#sync.apply({ type: "session.aborted", now: Date.now(), sessionID })
    }
  }

  /** Resolves when the prompts of ended processes are looked up. */
  whenRecovered() {
    return this.#lookups.whenRecovered()
  }

  /** Resolves when it is known which prompts of lost engines have arrived. A prompt arrives only after the hook for its message. */
  whenArrived() {
    return this.#lookups.whenArrived()
  }

  /** Forgets all prompts, and aborts no child: a running child ends with the host, or continues. */
  dispose() {
    this.#disposed = true
    unregisterInstance(this.#sync.process)
    for (const attempt of this.#attempts.values()) attempt.leave()
    for (const { finish } of this.#prompts.values()) finish({ state: "cancelled", notices: [] })
    this.#prompts.clear()
    this.#early.clear()
    this.#answers.clear()
  }

  /** @param {Prompt} prompt @param {Extract<Effect, { type: "send" | "retry" }>} effect */
  async #send(prompt, { sessionID, prompt_no, attempt, message, stall, ...more }) {
    const of = { sessionID, prompt_no, attempt }
    Object.assign(prompt, { attempt, waits: false, messageID: prompt.messageID ?? message.messageID })
    // A retry says nothing of permissions: those of the first attempt still hold.
    if ("permission" in more) prompt.passed = more.permission ?? []
    if (this.#attempts.has(sessionID)) this.#replacing.add(sessionID)
    if ("after" in more) await new Promise((resolve) => setTimeout(resolve, more.after))
    const current = () => !this.#disposed && prompt.attempt === attempt && this.#prompts.get(key(sessionID, prompt_no, prompt.process)) === prompt
    // The last call for this session must be over, and urgent records must be stored: if this process dies, the next one looks for
    // the messages that they name.
    await Promise.all([this.#calls.get(sessionID), this.#sync.whenStored(sessionID)])
    this.#replacing.delete(sessionID)
    if (!current()) return
    try {
      prompt.preparing = !prompt.sent
      if (!prompt.sent) await prompt.prepare?.(prompt.passed)
    } catch (error) {
      prompt.preparing = false
      const message = String(/** @type {Error} */ (error).message ?? error)
      this.#failed(of, { kind: "prepare", message }, prompt)
      return this.#endIfLost(current, prompt, message)
    }
    if (!current()) return
    Object.assign(prompt, { sent: true, preparing: false })
    const run = new Attempt(message, {
      accepted: () => {
        prompt.arrive()
        this.#applyEvent("prompt.accepted", of, prompt)
      },
      failed: (failure) => {
        this.#failed(of, failure, prompt, true)
        // After a trap no engine has the prompt stopped.
        if (failure.kind === "stalled" && prompt.process !== this.#sync.process) this.#abort(sessionID)
      },
    })
    this.#attempts.set(sessionID, run)
    this.#applyEvent("prompt.sent", of, prompt)
    const call = run.run(this.#host, sessionID, stall)
    this.#calls.set(sessionID, call)
    prompt.call = call
    const outcome = await call
    if (this.#attempts.get(sessionID) === run) this.#attempts.delete(sessionID)
    if (this.#calls.get(sessionID) === call) this.#calls.delete(sessionID)
    // The result of a background task says what its session used, the last step included.
    if (prompt.background && "answer" in outcome) await this.#host.session(sessionID).then((session) => this.#sync.noteSpent(session, true), () => {})
    if (!current()) return
    if ("answer" in outcome) {
      prompt.answer = outcome.answer
      if (prompt.background && !this.#isReplaced(prompt)) this.#answers.set(key(sessionID, prompt_no), outcome.answer)
      this.#applyEvent("prompt.answered", of, prompt)
    } else {
      this.#failed(of, outcome.failure, prompt)
    }
    this.#endIfLost(current, prompt, "failure" in outcome ? outcome.failure.message : undefined)
  }

  /**
   * Ends a prompt whose engine was lost: after a trap the new engine does not know the prompt, and does not end it.
   * @param {() => boolean} current whether the attempt is the present one
   * @param {Prompt} prompt
   * @param {string} [message] its failure
   */
  #endIfLost(current, prompt, message) {
    setTimeout(() => {
      if (current()) this.#finish(prompt, { state: message === undefined ? "idle" : "failed", message, notices: [] })
    }).unref()
  }

  /** Aborts a session. The next prompt waits until it is quiet. @param {string} sessionID */
  #abort(sessionID) {
    const late = new Promise((resolve) => setTimeout(resolve, QUIET_MS).unref())
    const quiet = Promise.race([this.#abortUntilQuiet(sessionID, this.#calls.get(sessionID)), late])
    for (const waits of [this.#calls, this.#quiet]) {
      waits.set(sessionID, quiet)
      quiet.finally(() => waits.get(sessionID) === quiet && waits.delete(sessionID))
    }
  }

  /**
   * Aborts a session until its call is over: OpenCode ignores the abort of a prompt that it has not stored yet.
   * @param {string} sessionID
   * @param {Promise<unknown> | undefined} call
   */
  async #abortUntilQuiet(sessionID, call) {
    const run = this.#attempts.get(sessionID)
    let over = !call
    call?.then(() => (over = true))
    do {
      const asked = this.#host.abort(sessionID).catch(() => {})
      this.#aborts.set(sessionID, asked)
      await asked
      if (this.#aborts.get(sessionID) === asked) this.#aborts.delete(sessionID)
      await Promise.race([call, new Promise((resolve) => setTimeout(resolve, AGAIN_MS).unref())])
    } while (!over && !this.#disposed && this.#attempts.get(sessionID) === run)
  }

  /** Delivers the result of a background task. @param {Ending} ending */
  #deliverResult(ending) {
    const id = key(ending.sessionID, ending.prompt_no)
    const answer = this.#answers.get(id)
    // A limit ended its turn: the answer so far is there once the session rests.
    const resting = ending.state === "idle" && !answer ? this.#quiet.get(ending.sessionID) : undefined
    const deliver = () => this.#deliver(ending, answer)
    const delivery = resting ? resting.then(deliver) : deliver()
    delivery.finally(() => this.#answers.delete(id))
  }

  /** @param {Prompt} prompt @param {End} end */
  #finish(prompt, { state, message, notices }) {
    const { sessionID, prompt_no, process, callerID, background, messageID } = prompt
    this.#prompts.delete(key(sessionID, prompt_no, process))
    const finish = () => prompt.finish({ state, message, notices, answer: prompt.answer })
    if (background) return finish()
    // A limit ended its turn: the answer so far is there once the session rests.
    const read = async () => {
      await this.#quiet.get(sessionID)
      prompt.answer = await partialAnswer(this.#host, sessionID, messageID)
    }
    const partial = state === "idle" && !prompt.answer ? read().catch(() => {}) : undefined
    // A caller that is stopped as well must not go on with the end of its call.
    const stopped = this.#aborts.get(callerID)
    if (!partial && !stopped) return finish()
    const late = new Promise((resolve) => setTimeout(resolve, QUIET_MS).unref())
    Promise.all([partial, stopped && Promise.race([stopped, late])]).then(finish)
  }

  /** Looks for the fate of a prompt whose process is gone. @param {Extract<Effect, { type: "check" }>} check */
  #recover(check) {
    const { sessionID, prompt_no, messageID } = check
    // A prompt that an engine of this instance had sent before it was lost goes on. The next engine may have another number for it.
    const own = this.prompts((prompt) => prompt.sessionID === sessionID && prompt.process !== this.#sync.process && !prompt.waits &&
      (prompt.prompt_no === prompt_no || prompt.messageID === messageID))
    // A prompt that is cancelled on its way may still arrive.
    this.#lookups.look(check, own.map(({ messageID, arrived, end, call }) => ({ messageID, arrived, end: Promise.all([end, call]) })))
  }

  /** Whether the engine has given the number of a lost engine's prompt to another. @param {Prompt} prompt */
  #isReplaced({ sessionID, prompt_no, process }) {
    return process !== this.#sync.process && this.#prompts.has(key(sessionID, prompt_no, this.#sync.process))
  }

  /**
   * @param {{ sessionID: string, prompt_no: number, attempt: number }} of
   * @param {Failure} failure
   * @param {Prompt} [prompt] if this instance follows it
   * @param {boolean} [live]
   */
  #failed(of, failure, prompt, live = false) {
    if (prompt && this.#isReplaced(prompt)) return
    this.#sync.apply({ type: "prompt.failed", now: Date.now(), ...of, failure, live })
  }

  /**
   * @param {"prompt.sent" | "prompt.accepted" | "prompt.answered" | "prompt.cancelled"} type
   * @param {{ sessionID: string, prompt_no: number, attempt: number }} of
   * @param {Prompt} [prompt] if this instance follows it
   */
  #applyEvent(type, of, prompt) {
    if (prompt && this.#isReplaced(prompt)) return
    this.#sync.apply({ type, now: Date.now(), ...of })
  }
}

/** @param {string} sessionID @param {number} prompt_no @param {string} [process] the instance whose engine numbered it */
const key = (sessionID, prompt_no, process = "") => `${sessionID} ${prompt_no} ${process}`
