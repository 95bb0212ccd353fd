// Failed calls of the task tool, told so that they can be corrected: in what OpenCode stores, and until that is stored
// in what the model is sent.

import { kept } from "../../core/texts/results.js"

/**
 * @typedef {import("../sdk/client.js").Host} Host
 * @typedef {{ id: string, messageID: string, sessionID: string, callID?: string, type: string, tool?: string, state: any }} Part
 */

/**
 * Names the session in the errors of calls.
 */
export class Mender {
  /** @type {Host} */
  #host
  /** @type {(message: string) => void} */
  #say
  /** The failed part of a call, as the model is to see it, until OpenCode has stored it so. @type {Map<string, any>} */
  #mended = new Map()

  /** @param {Host} host @param {(message: string) => void} say tells a person something */
  constructor(host, say) {
    this.#host = host
    this.#say = say
  }

  /**
   * @param {Part} part the failed one
   * @param {string} task_id
   * @param {Record<string, unknown>} [more] what else its metadata is to hold
   */
  mend(part, task_id, more = {}) {
    const { state } = part
    const line = kept(task_id)
    if (state.error.includes(line)) return
    const mended = {
      error: `${state.error}\n${line}`,
      metadata: { ...state.metadata, delegate: { task_id, ...more } },
    }
    this.#mended.set(part.id, mended)
    this.#host
      .setPart({ ...part, state: { ...state, ...mended } })
      .then(() => this.#mended.delete(part.id))
      // The model is told all the same, for as long as this process lives.
      .catch((error) => this.#say(`The error of call ${part.callID} could not be stored: ${error.message}`))
  }

  /** Makes a part of a request to the model read as it was mended. @param {Part} part */
  transform(part) {
    const mended = this.#mended.get(part.id)
    if (mended) Object.assign(part.state, mended)
  }
}
