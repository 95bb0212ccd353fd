// One attempt of a prompt: sent, and watched until it is answered or fails.

import { ifFound } from "../../core/index.js"
import { noAnswer } from "../../core/texts/index.js"
import { answerOf } from "../sdk/index.js"
import { POLL_MS } from "./waiting.js"

/**
 * @typedef {import("../../api.js").Message} Message
 * @typedef {import("../sdk/index.js").Answer} Answer
 * @typedef {import("../sdk/index.js").Trouble} Trouble
 * @typedef {import("../sdk/index.js").Host} Host
 * @typedef {{ accepted(): void, troubled(trouble: Trouble): void }} Listener
 */

/** The number of looks for a message, if OpenCode does not say whether it is stored. */
const LOOKS = 4

/**
 * An attempt that runs in the host.
 */
export class Attempt {
  #message
  #listener
  /** The host's last error of the session: a refused call does not contain it. @type {Trouble | undefined} */
  #error
  #accepted = false
  #lastSignOfLife = Date.now()
  /** The running tools. While a tool runs, the model may be silent. @type {Set<string>} */
  #tools = new Set()
  /** Whether a count of the running tools is in progress. */
  #counting = false

  /**
   * @param {Message} message
   * @param {Listener} listener hears of acceptance and trouble during the attempt
   */
  constructor(message, listener) {
    this.#message = message
    this.#listener = listener
  }

  /**
   * Sends the prompt, and resolves when the host has finished it.
   * @param {Host} host
   * @param {string} sessionID
   * @param {number} stall the longest allowed silence, in milliseconds
   * @returns {Promise<{ answer: Answer } | { trouble: Trouble }>}
   */
  async run(host, sessionID, stall) {
    let reported = false
    const timer = setInterval(() => {
      if (reported || Date.now() - this.#lastSignOfLife < stall) return
      if (this.#tools.size) return void this.#countTools(host, sessionID)
      reported = true
      const message = `It gave no sign of life for ${Math.round(stall / 1000)} seconds.`
      this.#listener.troubled({ name: "Stalled", message, retryable: true })
    }, Math.min(POLL_MS, stall))
    timer.unref()
    try {
      const { data, error } = await host.prompt(sessionID, this.#message)
      if (data?.info?.role === "assistant") {
        if (data.info.parentID === this.#message.messageID) this.#accept()
        return answerOf(data)
      }
      await this.#findMessage(host, sessionID)
      if (this.#error) return { trouble: this.#error }
      return { trouble: { name: error?.name ?? "UnknownError", message: error?.data?.message ?? noAnswer() } }
    } catch (error) {
      await this.#findMessage(host, sessionID)
      return { trouble: { name: "ConnectionError", message: String(error), retryable: true } }
    } finally {
      clearInterval(timer)
    }
  }

  /**
   * Takes in an event of the session.
   * @param {string} type
   * @param {any} properties
   */
  handleEvent(type, properties) {
    this.#lastSignOfLife = Date.now()
    if (type === "message.updated" && properties.info.id === this.#message.messageID) this.#accept()
    else if (type === "message.part.updated" && properties.part.type === "tool") {
      const { id } = properties.part
      if (isRunningTool(properties.part)) this.#tools.add(id)
      else this.#tools.delete(id)
    } else if (type === "session.error" && properties.error) {
      const { name, data } = properties.error
      this.#error = { name, message: data?.message ?? name, retryable: data?.isRetryable }
    } else if (type === "session.status" && properties.status.type === "retry") {
      this.#listener.troubled({ name: "Retrying", message: properties.status.message, retryable: true })
    }
  }

  /**
   * Reads which tools still run: the event of a tool's end may be lost. A running tool is a sign of life.
   * @param {Host} host
   * @param {string} sessionID
   */
  async #countTools(host, sessionID) {
    if (this.#counting) return
    this.#counting = true
    const messages = await host.messages(sessionID).catch(() => undefined)
    this.#counting = false
    if (!messages) return
    const parts = messages.filter(({ info }) => info.parentID === this.#message.messageID).flatMap(({ parts }) => parts)
    this.#tools = new Set(parts.filter(isRunningTool).map(({ id }) => id))
    if (this.#tools.size) this.#lastSignOfLife = Date.now()
  }

  /**
   * Looks for the message in its session. OpenCode stores it after the check of the agent and before the check of the model. A
   * second prompt with a stored message would double it, so a failed look is repeated.
   * @param {Host} host
   * @param {string} sessionID
   */
  async #findMessage(host, sessionID) {
    for (let tries = 1; !this.#accepted && tries <= LOOKS; tries++) {
      const message = await ifFound(host.message(sessionID, this.#message.messageID)).catch(() => null)
      if (message) this.#accept()
      if (message !== null) return
      await new Promise((resolve) => setTimeout(resolve, POLL_MS).unref())
    }
  }

  #accept() {
    if (this.#accepted) return
    this.#accepted = true
    this.#listener.accepted()
  }
}

/** @param {any} part */
const isRunningTool = ({ type, state }) => type === "tool" && (state.status === "running" || state.status === "pending")
