// The name of the session in the error of a failed call, and its result if a limit ended it: in the part that OpenCode stores, and before that in the messages to
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
  /** The patches that are being made. @type {Map<string, Promise<void>>} */
  #making = new Map()

  /** @param {Host} host @param {(message: string) => void} report reports a message to a person */
  constructor(host, report) {
    this.#host = host
    this.#report = report
  }

  /**
   * Notes that a patch of a part is being made.
   * @param {string} partID
   * @param {Promise<void>} patching
   */
  after(partID, patching) {
    const made = patching.finally(() => this.#making.get(partID) === made && this.#making.delete(partID))
    this.#making.set(partID, made)
    return made
  }

  /** Resolves when no patch of a part is being made. @param {string} partID */
  async whenMade(partID) {
    await this.#making.get(partID)
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
    this.#store(part, { ...state, error: `${state.error}\n${line}`, metadata: { ...state.metadata, delegate: { task_id, ...more } } })
  }

  /**
   * Gives a failed call a result after all.
   * @param {Part} part
   * @param {{ output: string, title: string, delegate: Record<string, unknown> }} result
   */
  complete(part, { output, title, delegate }) {
    const { error: _, ...state } = part.state
    this.#store(part, { ...state, status: "completed", output, title, metadata: { ...state.metadata, delegate } })
  }

  /** @param {Part} part @param {any} state */
  #store(part, state) {
    this.#patches.set(part.id, state)
    this.#host
      .setPart({ ...part, state })
      .then(() => this.#patches.delete(part.id))
      // The model still reads the patch, as long as this process lives.
      .catch((error) => this.#report(`The error of call ${part.callID} could not be stored: ${error.message}`))
  }

  /** Patches a part in a request to the model. @param {Part} part */
  apply(part) {
    const state = this.#patches.get(part.id)
    if (state) part.state = state
  }
}
