// The watch over a child that runs: it must give signs of life while none of its tools runs.

import { POLL_MS } from "../../core/index.js"

/**
 * Watches one prompt.
 */
export class SilenceWatch {
  #last = Date.now()
  /** The running tools. While a tool runs, the model may be silent. @type {Set<string>} */
  #tools = new Set()
  #timer

  /**
   * @param {number} longest the longest allowed silence, in milliseconds
   * @param {() => void} silent hears of each longer one
   */
  constructor(longest, silent) {
    this.#timer = setInterval(() => {
      if (this.#tools.size || Date.now() - this.#last < longest) return
      this.#last = Date.now()
      silent()
    }, Math.min(POLL_MS, longest))
    this.#timer.unref()
  }

  /** Takes in an event of the session. @param {string} type @param {string} [id] the tool's call */
  sign(type, id) {
    this.#last = Date.now()
    if (type === "session.tool.called" && id) this.#tools.add(id)
    else if ((type === "session.tool.success" || type === "session.tool.failed") && id) this.#tools.delete(id)
    // A turn that begins or ends has no running tool.
    else if (type.startsWith("session.execution.")) this.#tools.clear()
  }

  /** Ends the watch. */
  stop() {
    clearInterval(this.#timer)
  }
}
