// The pauses of another plugin: it prompts no session again at once, and drops a prompt that is identical with the one before it.

/**
 * The last prompt of a session. `count`: how often it came in a row.
 * @typedef {{ at: number, prompt?: string, count: number }} Last
 */

/** The mark of a prompt that is identical with the one before it. No model reads it. */
const MARK = "\u2063"

/**
 * Knows the last prompts, each for as long as a pause after it lasts.
 */
export class PluginPauses {
  #longest
  /** By session, the last that was prompted at the end. @type {Map<string, Last>} */
  #last = new Map()

  /** @param {Iterable<{ restMs: number, swallowsMs: number }>} tools the plugin's */
  constructor(tools) {
    this.#longest = Math.max(0, ...[...tools].flatMap(({ restMs, swallowsMs }) => [restMs, swallowsMs]))
  }

  /** Takes in that a session is prompted now. @param {string} sessionID @param {string} [prompt] the words of the call, if it makes a session */
  prompted(sessionID, prompt) {
    const now = Date.now()
    const last = this.#last.get(sessionID) ?? { count: 0 }
    this.#last.delete(sessionID)
    for (const [id, { at }] of this.#last) {
      if (at + this.#longest >= now) break
      this.#last.delete(id)
    }
    this.#last.set(sessionID, { prompt, ...last, at: now })
  }

  /**
   * The mark of a prompt that the plugin would take for the one before it.
   * @param {string} sessionID @param {string} prompt @param {number} swallowsMs
   */
  markOf(sessionID, prompt, swallowsMs) {
    const last = this.#last.get(sessionID)
    if (!last) return ""
    const again = last.prompt === prompt && Date.now() - last.at < swallowsMs
    Object.assign(last, { prompt, count: again ? last.count + 1 : 0 })
    return MARK.repeat(last.count)
  }

  /** Waits until the plugin prompts a session again. @param {string} sessionID @param {number} restMs @param {AbortSignal} abort */
  async rest(sessionID, restMs, abort) {
    const ms = (this.#last.get(sessionID)?.at ?? 0) + restMs - Date.now()
    if (ms <= 0 || abort.aborted) return
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      abort.addEventListener("abort", () => (clearTimeout(timer), resolve(undefined)), { once: true })
    })
  }

  /** Forgets a session. @param {string} sessionID */
  forget(sessionID) {
    this.#last.delete(sessionID)
  }
}
