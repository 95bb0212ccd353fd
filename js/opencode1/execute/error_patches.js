// The name of the session in the error of a failed call: in the part that OpenCode stores, and before that in the messages to
// the model.

import { resumeHint } from "../../core/texts/index.js"

/**
 * @typedef {import("../sdk/index.js").Host} Host
 * @typedef {import("../sdk/index.js").Part} Part
 */

/**
 * Names the session in the errors of calls.
 */
export class ErrorPatches {
  /** @type {Host} */
  #host
  /** @type {(message: string) => void} */
  #report
  /** The patched state of a failed part, until OpenCode has stored it. @type {Map<string, any>} */
  #patches = new Map()

  /** @param {Host} host @param {(message: string) => void} report reports a message to a person */
  constructor(host, report) {
    this.#host = host
    this.#report = report
  }

  /**
   * Names the session in a failed part.
   * @param {Part} part
   * @param {string} task_id
   * @param {Record<string, unknown>} [more] further fields of the part's `metadata.delegate`
   */
  patch(part, task_id, more = {}) {
    const { state } = part
    const line = resumeHint(task_id)
    if (state.error.includes(line)) return
    const patch = {
      error: `${state.error}\n${line}`,
      metadata: { ...state.metadata, delegate: { task_id, ...more } },
    }
    this.#patches.set(part.id, patch)
    this.#host
      .setPart({ ...part, state: { ...state, ...patch } })
      .then(() => this.#patches.delete(part.id))
      // The model still reads the patch, as long as this process lives.
      .catch((error) => this.#report(`The error of call ${part.callID} could not be stored: ${error.message}`))
  }

  /** Patches a part in a request to the model. @param {Part} part */
  apply(part) {
    const patch = this.#patches.get(part.id)
    if (patch) Object.assign(part.state, patch)
  }
}
