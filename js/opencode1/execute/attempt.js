// One attempt of a prompt: sent, watched until it is answered or has failed.

import { answerOf } from "../sdk/answers.js"
import { ifThere } from "../sdk/client.js"

/**
 * @typedef {import("../../api.js").Message} Message
 * @typedef {import("../sdk/answers.js").Answer} Answer
 * @typedef {import("../sdk/answers.js").Trouble} Trouble
 * @typedef {import("../sdk/client.js").Host} Host
 * @typedef {{ accepted(): void, troubled(trouble: Trouble): void }} Listener
 */

/** How often an attempt is looked at for signs of life, in milliseconds. */
const LOOK_MS = 250

/** How often it is looked for a message, where OpenCode does not say whether it is there. */
const LOOKS = 4

/**
 * An attempt that runs in the host.
 */
export class Attempt {
  #message
  #listener
  /** What the host last said was wrong with the session: a refused call itself does not tell. @type {Trouble | undefined} */
  #error
  #accepted = false
  #seenAt = Date.now()
  /** Tools that run: while they do, the model is not waited for. @type {Set<string>} */
  #tools = new Set()
  /** Whether it is looked which tools still run. */
  #counting = false

  /**
   * @param {Message} message
   * @param {Listener} listener is told while it runs
   */
  constructor(message, listener) {
    this.#message = message
    this.#listener = listener
  }

  /**
   * Sends the prompt, and is done when the host is done with it.
   * @param {Host} host
   * @param {string} sessionID
   * @param {number} stall how long it may be silent, in milliseconds
   * @returns {Promise<{ answer: Answer } | { trouble: Trouble }>}
   */
  async run(host, sessionID, stall) {
    let told = false
    const timer = setInterval(() => {
      if (told || Date.now() - this.#seenAt < stall) return
      if (this.#tools.size) return void this.#count(host, sessionID)
      told = true
      const message = `It gave no sign of life for ${Math.round(stall / 1000)} seconds.`
      this.#listener.troubled({ name: "Stalled", message, retryable: true })
    }, Math.min(LOOK_MS, stall))
    timer.unref()
    try {
      const { data, error } = await host.prompt(sessionID, this.#message)
      if (data?.info?.role === "assistant") {
        if (data.info.parentID === this.#message.messageID) this.#accept()
        return answerOf(data)
      }
      await this.#look(host, sessionID)
      if (this.#error) return { trouble: this.#error }
      return { trouble: { name: error?.name ?? "UnknownError", message: error?.data?.message ?? "OpenCode gave no answer." } }
    } catch (error) {
      await this.#look(host, sessionID)
      return { trouble: { name: "ConnectionError", message: String(error), retryable: true } }
    } finally {
      clearInterval(timer)
    }
  }

  /**
   * Takes in what the host tells of its session.
   * @param {string} type
   * @param {any} properties
   */
  seen(type, properties) {
    this.#seenAt = Date.now()
    if (type === "message.updated" && properties.info.id === this.#message.messageID) this.#accept()
    else if (type === "message.part.updated" && properties.part.type === "tool") {
      const { id } = properties.part
      if (runs(properties.part)) this.#tools.add(id)
      else this.#tools.delete(id)
    } else if (type === "session.error" && properties.error) {
      const { name, data } = properties.error
      this.#error = { name, message: data?.message ?? name, retryable: data?.isRetryable }
    } else if (type === "session.status" && properties.status.type === "retry") {
      this.#listener.troubled({ name: "Retrying", message: properties.status.message, retryable: true })
    }
  }

  /**
   * Looks which tools still run: the event that tells of an end may be lost. What runs is a sign of life.
   * @param {Host} host
   * @param {string} sessionID
   */
  async #count(host, sessionID) {
    if (this.#counting) return
    this.#counting = true
    const messages = await host.messages(sessionID).catch(() => undefined)
    this.#counting = false
    if (!messages) return
    const parts = messages.filter(({ info }) => info.parentID === this.#message.messageID).flatMap(({ parts }) => parts)
    this.#tools = new Set(parts.filter(runs).map(({ id }) => id))
    if (this.#tools.size) this.#seenAt = Date.now()
  }

  /**
   * Looks whether the message is there: it is stored before the model is looked for, and after the agent is. Sent again, it
   * would stand there twice, so that a look that fails is taken again.
   * @param {Host} host
   * @param {string} sessionID
   */
  async #look(host, sessionID) {
    for (let tries = 1; !this.#accepted && tries <= LOOKS; tries++) {
      const message = await ifThere(host.message(sessionID, this.#message.messageID)).catch(() => null)
      if (message) this.#accept()
      if (message !== null) return
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS).unref())
    }
  }

  #accept() {
    if (this.#accepted) return
    this.#accepted = true
    this.#listener.accepted()
  }
}

/** Whether a part is a tool that runs. @param {any} part */
const runs = ({ type, state }) => type === "tool" && (state.status === "running" || state.status === "pending")
