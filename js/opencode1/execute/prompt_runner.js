// Carries out what the engine says of prompts, and tells it what came of that.

import { answerTo } from "../sdk/answers.js"
import { Attempt } from "./attempt.js"
import { leave } from "../../core/instances.js"
import { LOOK_MS } from "./session_locks.js"

/**
 * @typedef {import("../../api.js").Effect} Effect
 * @typedef {import("../sdk/answers.js").Answer} Answer
 * @typedef {import("../sdk/answers.js").Trouble} Trouble
 * @typedef {import("../sdk/client.js").Host} Host
 * @typedef {import("../../core/engine_sync.js").Ledger} Ledger
 * @typedef {Extract<Effect, { type: "deliver" }>} Ending
 * @typedef {{ state: Ending["state"], message?: string, notices: string[], answer?: Answer }} End
 * @typedef {{
 *   sessionID: string, turn: number, attempt: number, callerID: string, background: boolean, waits: boolean, sent: boolean, preparing: boolean,
 *   prepare?: () => Promise<void>, answer?: Answer, end: Promise<End>, finish: (end: End) => void
 * }} Prompt
 */

/** The longest that a session is waited for after it was aborted, in milliseconds. */
const QUIET_MS = 5_000

/** How often it is looked for what became of a prompt, where OpenCode does not say. */
const LOOKS = 4

/** How long it is given to end before it is aborted again, in milliseconds. */
const AGAIN_MS = 250

/**
 * The prompts of this instance, from the moment they are taken up to their end.
 */
export class Runner {
  /** @type {Host} */
  #host
  /** @type {Ledger} */
  #ledger
  /** @type {(ending: Ending, answer?: Answer) => Promise<void>} */
  #deliver
  /** By session and number. @type {Map<string, Prompt>} */
  #prompts = new Map()
  /** What is to be done of prompts that are not followed yet. @type {Map<string, any[]>} */
  #early = new Map()
  /** What runs in the host, by session. @type {Map<string, Attempt>} */
  #attempts = new Map()
  /** When the last call for a session is over. @type {Map<string, Promise<unknown>>} */
  #calls = new Map()
  /** Lookups of prompts whose process is gone. @type {Set<Promise<void>>} */
  #checks = new Set()
  /** Answers that are yet to be told to their callers. @type {Map<string, Answer>} */
  #answers = new Map()
  #disposed = false
  /** Whether it is looked whether what prompts wait for is over. */
  #watching = false

  /**
   * @param {Host} host
   * @param {Ledger} ledger
   * @param {(ending: Ending, answer?: Answer) => Promise<void>} deliver tells a caller what became of a background task
   */
  constructor(host, ledger, deliver) {
    this.#host = host
    this.#ledger = ledger
    this.#deliver = deliver
  }

  /**
   * Follows a prompt that the engine has just taken up.
   * @param {Extract<Effect, { type: "wait" }>} wait
   * @param {{ callerID: string, background: boolean, prepare?: () => Promise<void> }} call `prepare` is done before the
   *   prompt is first sent
   * @returns {Prompt}
   */
  follow({ sessionID, turn, behind }, call) {
    /** @type {Prompt["finish"]} */
    let finish = () => {}
    /** @type {Prompt["end"]} */
    const end = new Promise((resolve) => (finish = resolve))
    const prompt = { sessionID, turn, attempt: 1, waits: behind > 0, sent: false, preparing: false, ...call, end, finish }
    const place = key(sessionID, turn)
    this.#prompts.set(place, prompt)
    const early = this.#early.get(place) ?? []
    this.#early.delete(place)
    early.forEach((effect) => this.#of(prompt, effect))
    if (!this.#watching) this.#watch()
    return prompt
  }

  /**
   * Carries out an effect, not before whoever called for it has returned.
   * @param {Effect} effect
   */
  perform(effect) {
    queueMicrotask(() => {
      if (this.#disposed) return
      if (effect.type === "abort") this.#abort(effect.sessionID)
      else if (effect.type === "check") this.#check(effect)
      else if (effect.type === "deliver" && effect.to) this.#hand(effect)
      else if (effect.type === "send" || effect.type === "retry" || effect.type === "deliver" || effect.type === "forget") {
        const place = key(effect.sessionID, effect.turn)
        const prompt = this.#prompts.get(place)
        if (prompt) this.#of(prompt, effect)
        // Who called for it is about to follow it.
        else if (effect.type !== "forget") this.#early.set(place, [...(this.#early.get(place) ?? []), effect])
      }
    })
  }

  /**
   * Carries out what a prompt that is followed comes to.
   * @param {Prompt} prompt
   * @param {Extract<Effect, { type: "send" | "retry" | "deliver" | "forget" }>} effect
   */
  #of(prompt, effect) {
    if (effect.type === "send" || effect.type === "retry") this.#send(prompt, effect)
    else if (effect.type === "deliver") this.#finish(prompt, effect)
    // Nobody waits for its end.
    else if (prompt.background) this.#finish(prompt, { state: "idle", notices: [] })
  }

  /** Looks whether sessions are idle in which prompts wait: the event that tells so may be lost, or come before an older one. */
  async #watch() {
    this.#watching = true
    const waiting = () => new Set(this.prompts(({ waits }) => waits).map(({ sessionID }) => sessionID))
    while (waiting().size && !this.#disposed) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS).unref())
      const now = Date.now()
      const status = await this.#host.status().catch(() => undefined)
      for (const sessionID of status ? waiting() : []) {
        const idle = (status?.[sessionID]?.type ?? "idle") === "idle"
        const known = this.#ledger.session(sessionID)?.status
        if (idle && known !== "idle") this.#ledger.apply({ type: "session.status", now, sessionID, status: "idle" })
      }
    }
    this.#watching = false
  }

  /** Ends a prompt because somebody wants that. @param {Prompt} prompt */
  cancel({ sessionID, turn, attempt, preparing, finish }) {
    this.#tell("prompt.cancelled", { sessionID, turn, attempt })
    // A session that is being summarised runs, though nothing of this prompt was sent.
    if (preparing && !this.#disposed) this.#abort(sessionID)
    // The engine tells the end of what it knows; of what it has lost, this does.
    setTimeout(() => finish({ state: "cancelled", notices: [] })).unref()
  }

  /** The prompts of a session, or those that a caller left to the background. @param {(prompt: Prompt) => boolean} test */
  prompts(test) {
    return [...this.#prompts.values()].filter(test)
  }

  /**
   * Takes in an event of the host.
   * @param {string} type
   * @param {any} properties
   */
  seen(type, properties) {
    const sessionID = properties.sessionID ?? properties.info?.sessionID ?? properties.part?.sessionID
    this.#attempts.get(sessionID)?.seen(type, properties)
    // As in OpenCode, who breaks off a session breaks off what it left to the background.
    if (type === "session.error" && properties.error?.name === "MessageAbortedError" && !this.#disposed) {
      this.prompts(({ callerID, background }) => background && callerID === sessionID).forEach((prompt) => this.cancel(prompt))
    }
  }

  /** Is done when everything is looked up that a process left behind. */
  async checked() {
    while (this.#checks.size) await Promise.all(this.#checks)
  }

  /** Lets go of everything, and of no child: what runs ends with the host, or goes on. */
  dispose() {
    this.#disposed = true
    leave(this.#ledger.process)
    for (const { finish } of this.#prompts.values()) finish({ state: "cancelled", notices: [] })
    this.#prompts.clear()
    this.#early.clear()
    this.#answers.clear()
  }

  /** @param {Prompt} prompt @param {Extract<Effect, { type: "send" | "retry" }>} effect */
  async #send(prompt, { sessionID, turn, attempt, message, stall, ...more }) {
    const of = { sessionID, turn, attempt }
    Object.assign(prompt, { attempt, waits: false })
    if ("after" in more) await new Promise((resolve) => setTimeout(resolve, more.after))
    const current = () => !this.#disposed && this.#prompts.get(key(sessionID, turn))?.attempt === attempt
    // What ran before on this session must have ended, and what this needs to be found again must be stored.
    await Promise.all([this.#calls.get(sessionID), prompt.background && this.#ledger.stored(sessionID)])
    if (!current()) return
    try {
      prompt.preparing = !prompt.sent
      if (!prompt.sent) await prompt.prepare?.()
    } catch (error) {
      return this.#failed(of, { name: "PrepareError", message: String(/** @type {Error} */ (error).message ?? error) })
    }
    if (!current()) return
    Object.assign(prompt, { sent: true, preparing: false })
    const run = new Attempt(message, {
      accepted: () => this.#tell("prompt.accepted", of),
      troubled: (trouble) => this.#failed(of, trouble, true),
    })
    this.#attempts.set(sessionID, run)
    this.#tell("prompt.sent", of)
    const call = run.run(this.#host, sessionID, stall)
    this.#calls.set(sessionID, call)
    const outcome = await call
    if (this.#attempts.get(sessionID) === run) this.#attempts.delete(sessionID)
    if (this.#calls.get(sessionID) === call) this.#calls.delete(sessionID)
    if (!current()) return
    if ("answer" in outcome) {
      prompt.answer = outcome.answer
      if (prompt.background) this.#answers.set(key(sessionID, turn), outcome.answer)
      this.#tell("prompt.answered", of)
    } else {
      this.#failed(of, outcome.trouble)
    }
    // What an engine knew of it that trapped since, the next one does not.
    setTimeout(() => {
      if (!current()) return
      const message = "trouble" in outcome ? outcome.trouble.message : undefined
      this.#finish(prompt, { state: message === undefined ? "idle" : "failed", message, notices: [] })
    }).unref()
  }

  /** @param {string} sessionID */
  #abort(sessionID) {
    const late = new Promise((resolve) => setTimeout(resolve, QUIET_MS).unref())
    const quiet = Promise.race([this.#silence(sessionID, this.#calls.get(sessionID)), late])
    this.#calls.set(sessionID, quiet)
    quiet.finally(() => this.#calls.get(sessionID) === quiet && this.#calls.delete(sessionID))
  }

  /**
   * Aborts a session until its call is over: OpenCode passes over the abort of a prompt that it has not stored yet.
   * @param {string} sessionID
   * @param {Promise<unknown> | undefined} call
   */
  async #silence(sessionID, call) {
    const run = this.#attempts.get(sessionID)
    let over = !call
    call?.then(() => (over = true))
    do {
      await this.#host.abort(sessionID).catch(() => {})
      await Promise.race([call, new Promise((resolve) => setTimeout(resolve, AGAIN_MS).unref())])
    } while (!over && !this.#disposed && this.#attempts.get(sessionID) === run)
  }

  /** Hands the result of a background task on. @param {Ending} ending */
  #hand(ending) {
    const place = key(ending.sessionID, ending.turn)
    this.#deliver(ending, this.#answers.get(place)).finally(() => this.#answers.delete(place))
  }

  /** @param {Prompt} prompt @param {End} end */
  #finish(prompt, { state, message, notices }) {
    this.#prompts.delete(key(prompt.sessionID, prompt.turn))
    prompt.finish({ state, message, notices, answer: prompt.answer })
  }

  /**
   * Looks in a session for what became of a prompt.
   * @param {Extract<Effect, { type: "check" }>} check
   */
  #check({ sessionID, turn, attempt, messageID }) {
    const of = { sessionID, turn, attempt }
    const look = async () => {
      const messages = messageID ? await this.#host.messages(sessionID) : []
      const { asked, answer } = messageID ? answerTo(messages, messageID) : { asked: false }
      if (asked) this.#tell("prompt.accepted", of)
      if (answer) this.#tell("prompt.answered", of)
      else this.#failed(of, { name: "Lost", message: "The process that ran it is gone." })
    }
    // What is not found out counts as never sent, and would be sent twice.
    const again = async () => {
      for (let tries = 1; tries <= LOOKS && !this.#disposed; tries++) {
        if (await look().then(() => true, () => false)) return
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS).unref())
      }
    }
    const looking = again().finally(() => this.#checks.delete(looking))
    this.#checks.add(looking)
  }

  /** @param {{ sessionID: string, turn: number, attempt: number }} of @param {Trouble} trouble @param {boolean} [live] */
  #failed(of, { name, message, retryable }, live = false) {
    this.#ledger.apply({ type: "prompt.failed", now: Date.now(), ...of, name, message, retryable, live, jitter: Math.random() })
  }

  /**
   * @param {"prompt.sent" | "prompt.accepted" | "prompt.answered" | "prompt.cancelled"} type
   * @param {{ sessionID: string, turn: number, attempt: number }} of
   */
  #tell(type, of) {
    this.#ledger.apply({ type, now: Date.now(), ...of })
  }
}

/** @param {string} sessionID @param {number} turn */
const key = (sessionID, turn) => `${sessionID} ${turn}`
