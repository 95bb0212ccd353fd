// I12: a session that has reached the number of steps of its prompt ends.

/** The time in which an abort arrives, in milliseconds. */
const ABORTS_MS = 1_000

/**
 * The steps of sessions.
 */
export class Limits {
  #scene
  #most
  /** The message with which a call last prompted each session. @type {Map<string, string>} */
  #asked = new Map()
  /** The time of the last calls that have no engine any more. */
  #orphanedAt = -Infinity

  /** @param {import("./scene.js").Scene} scene */
  constructor(scene) {
    this.#scene = scene
    this.#most = Number(/** @type {any} */ (scene.weather.options.limits)?.max_steps ?? Infinity)
  }

  /** Takes in the prompt of a call. @param {string} sessionID @param {string} messageID @param {number} made when the call was made */
  prompted(sessionID, messageID, made) {
    // OpenCode may prompt the session of a call that a reload ended, and its own tool one of a call whose engine is lost.
    if (made > this.#orphanedAt) this.#asked.set(sessionID, messageID)
    else this.#asked.delete(sessionID)
  }

  /** Takes in that the engines of running prompts are gone: their limits end. @param {string} kind @param {number} at */
  ended(kind, at) {
    this.#asked.clear()
    if (kind === "reload" || (kind === "trap" && this.#scene.weather.executor === "host")) this.#orphanedAt = at
  }

  /**
   * Checks a step that begins. The abort of a session may cross its next, short step. The news of a deleted session may wake it once more,
   * for one step.
   * @param {string} sessionID
   */
  begins(sessionID) {
    const { troubled, deaf, alone, store } = this.#scene
    const asked = this.#asked.get(sessionID)
    if (!asked || troubled || deaf || !alone) return
    const messages = store.messages(sessionID).filter(({ info }) => info.id > asked)
    const last = messages.findLastIndex(({ info }) => info.role === "user")
    const [ended, woken] = [messages, messages.slice(last + 1)].map((all) => all.filter(({ info }) => info.finish === "tool-calls"))
    const over = ended.slice(this.#most).some(({ info }) => info.time.completed - info.time.created > ABORTS_MS)
    if (over && woken.length > 1) this.#scene.fail("I12", `${sessionID} goes on after ${ended.length} steps`)
  }
}
