// One attempt of a prompt: sent, and watched until it is answered or fails.

import { readError } from "../../api.js"
import { POLL_MS, ifFound } from "../../core/index.js"
import { noAnswer } from "../../core/texts/index.js"
import { readMessages } from "../sdk/index.js"
import { ownAnswer } from "./partial_answer.js"

/**
 * @typedef {import("../../api.js").Message} Message
 * @typedef {import("../sdk/index.js").Answer} Answer
 * @typedef {import("../../api.js").Failure} Failure
 * @typedef {import("../sdk/index.js").Host} Host
 * @typedef {{ accepted(): void, failed(failure: Failure): void }} Listener
 */

/** The messages of prompts that instances of this process had on their way as they were disposed. @type {Set<string>} */
const onTheirWay = new Set()

/** Whether OpenCode may still store a message of a disposed instance, if it has not. @param {string} messageID */
export const isOnItsWay = (messageID) => onTheirWay.has(messageID)

/** The number of looks for a message, if OpenCode does not say whether it is stored. */
const LOOKS = 4

/**
 * An attempt that runs in the host.
 */
export class Attempt {
  #message
  #listener
  /** The host's last error of the session: a refused call does not contain it. @type {import("../../api.js").HostFailure | undefined} */
  #error
  #accepted = false
  /** Whether OpenCode has not ended the request. */
  #pending = false
  #lastSignOfLife = Date.now()
  /** The running tools. While a tool runs, the model may be silent. @type {Set<string>} */
  #tools = new Set()
  /** Whether a count of the running tools is in progress. */
  #counting = false

  /**
   * @param {Message} message
   * @param {Listener} listener hears of the acceptance, and of failures while the attempt runs
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
   * @returns {Promise<{ answer: Answer } | { failure: Failure & { message: string } }>}
   */
  async run(host, sessionID, stall) {
    let reported = false
    const timer = setInterval(() => {
      if (reported || Date.now() - this.#lastSignOfLife < stall) return
      if (this.#tools.size) return void this.#countTools(host, sessionID)
      reported = true
      this.#listener.failed({ kind: "stalled", after_ms: stall })
    }, Math.min(POLL_MS, stall))
    timer.unref()
    try {
      const { data, error } = await this.#send(host, sessionID)
      if (data?.info?.role === "assistant") {
        const { messageID } = this.#message
        const own = data.info.parentID === messageID ? undefined : await ownAnswer(host, sessionID, messageID).catch(() => undefined)
        if (own || data.info.parentID === messageID) this.#accept()
        if (own) return { answer: own }
        const { answer, failed } = readMessages([data])
        if (answer) return { answer }
        if (failed) {
          // A turn that ran already may have failed with the prompt in its session.
          await this.#findMessage(host, sessionID)
          return { failure: failed }
        }
      }
      await this.#findMessage(host, sessionID)
      if (this.#error) return { failure: this.#error }
      // OpenCode ends a turn with a summary that a person asked for meanwhile, and leaves the prompt unanswered.
      if (data?.info?.summary === true) return { failure: { kind: "empty", message: noAnswer() } }
      return { failure: readError({ ...error, data: { message: noAnswer(), ...error?.data } }) }
    } catch (error) {
      await this.#findMessage(host, sessionID)
      return { failure: { kind: "connection", message: String(error) } }
    } finally {
      clearInterval(timer)
    }
  }

  /** @param {Host} host @param {string} sessionID */
  async #send(host, sessionID) {
    const { messageID } = this.#message
    this.#pending = true
    return host.prompt(sessionID, this.#message).finally(() => {
      this.#pending = false
      onTheirWay.delete(messageID)
    })
  }

  /** Notes that the instance is disposed: its request goes on. */
  leave() {
    if (this.#pending && !this.#accepted) onTheirWay.add(this.#message.messageID)
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
      this.#error = readError(properties.error)
    } else if (type === "session.status" && properties.status.type === "retry") {
      this.#listener.failed({ kind: "retrying", message: properties.status.message })
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
