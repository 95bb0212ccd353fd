// The fate of prompts whose process or engine is gone: each is looked up in its session, and reported to the engine.

import { readMessages } from "../sdk/index.js"
import { isOnItsWay } from "./attempt.js"

/**
 * @typedef {import("../../api.js").Effect} Effect
 * @typedef {import("../sdk/index.js").Host} Host
 * @typedef {import("../../core/index.js").EngineSync} EngineSync
 *
 * A prompt that goes on in this instance, of an engine that is lost.
 * @typedef {{ messageID?: string, arrived: Promise<true>, end: Promise<unknown> }} Running
 */

/** The number of looks for the fate of a prompt, if OpenCode does not answer. */
const LOOKS = 4

/** The pause before a look is repeated, in milliseconds. */
const AGAIN_MS = 250

/** The longest wait for the message of an instance that was disposed while OpenCode had yet to store it, in milliseconds. */
const ON_ITS_WAY_MS = 3_000

/**
 * The lookups in progress.
 */
export class PromptLookups {
  #host
  #sync
  #isDisposed
  /** The lookups of prompts whose process is gone. @type {Set<Promise<void>>} */
  #recoveries = new Set()
  /** The arrivals of prompts that go on after the loss of their engine. @type {Set<Promise<unknown>>} */
  #arrivals = new Set()

  /** @param {Host} host @param {EngineSync} sync @param {() => boolean} isDisposed */
  constructor(host, sync, isDisposed) {
    this.#host = host
    this.#sync = sync
    this.#isDisposed = isDisposed
  }

  /** Resolves when the prompts of ended processes are looked up. */
  async whenRecovered() {
    while (this.#recoveries.size) await Promise.all(this.#recoveries)
  }

  /** Resolves when it is known which prompts of lost engines have arrived. */
  async whenArrived() {
    await this.whenRecovered()
    while (this.#arrivals.size) await Promise.all(this.#arrivals)
  }

  /**
   * Looks in a session for the fate of a prompt.
   * @param {Extract<Effect, { type: "check" }>} check
   * @param {Running[]} running the prompt, if it goes on in this instance
   */
  look({ sessionID, prompt_no, attempt, messageID }, running) {
    const of = { sessionID, prompt_no, attempt }
    const apply = (/** @type {"prompt.accepted" | "prompt.answered"} */ type) => void this.#sync.apply({ type, now: Date.now(), ...of })
    const arrival = Promise.all(running.map(async (prompt) => {
      if (await this.#hasArrived(sessionID, prompt)) apply("prompt.accepted")
    }))
    const look = async () => {
      await Promise.all(running.map(({ end }) => end))
      const { asked, answer } = messageID ? await this.#read(sessionID, messageID) : { asked: false }
      if (asked) apply("prompt.accepted")
      if (answer) apply("prompt.answered")
      else this.#sync.apply({ type: "prompt.failed", now: Date.now(), ...of, failure: { kind: "lost" }, live: false })
    }
    // A prompt without a found fate counts as never sent, and could be sent twice.
    const again = async () => {
      for (let tries = 1; tries <= LOOKS && !this.#isDisposed(); tries++) {
        if (await look().then(() => true, () => false)) return
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS).unref())
      }
    }
    const looking = again().finally(() => this.#recoveries.delete(looking))
    if (!running.length) return void this.#recoveries.add(looking)
    // Of a prompt that goes on, a call waits for the arrival alone.
    const known = Promise.race([arrival, looking]).finally(() => this.#arrivals.delete(known))
    this.#arrivals.add(known)
  }

  /**
   * Whether the message of a prompt comes into its session before the prompt ends.
   * @param {string} sessionID
   * @param {Running} prompt
   */
  async #hasArrived(sessionID, { messageID, arrived, end }) {
    const over = end.then(() => false)
    for (;;) {
      const pause = new Promise((resolve) => setTimeout(resolve, AGAIN_MS).unref()).then(() => undefined)
      const known = await Promise.race([arrived, over, pause])
      if (known !== undefined) return known
      // The event about it may be lost, and the prompt may wait for a call that waits for this answer.
      const read = messageID && readMessages(await this.#host.messages(sessionID).catch(() => []), messageID)
      if (read && read.asked) return true
      if (this.#isDisposed()) return false
    }
  }

  /** What a session holds of a prompt, once its message is there or comes no more. @param {string} sessionID @param {string} messageID */
  async #read(sessionID, messageID) {
    for (const until = Date.now() + ON_ITS_WAY_MS; ; ) {
      const waits = isOnItsWay(messageID) && Date.now() < until && !this.#isDisposed()
      const read = readMessages(await this.#host.messages(sessionID), messageID)
      if (read.asked || !waits) return read
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS).unref())
    }
  }
}
