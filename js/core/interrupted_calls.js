// The names of the sessions of calls that were interrupted, or that a killed OpenCode never ended. No code of a plugin runs at the
// end of such a call, so the name stands in the requests to the model alone.

/** How many interrupted calls are named, and remembered with their sessions. */
const REMEMBERED = 100

/**
 * An interrupted call in the messages of a session. A provider may begin its ids again in each message. `shownID`: the session that
 * OpenCode shows for it.
 * @typedef {{ messageID: string, partID: string, input: any, shownID?: string }} InterruptedCall
 */

/**
 * Finds the sessions of interrupted calls.
 */
export class InterruptedCalls {
  #sync
  /** The session of each call; nothing if it has none. @type {Map<string, string | undefined>} */
  #sessions = new Map()

  /** @param {Pick<import("./engine_sync.js").EngineSync, "resolve" | "session">} sync */
  constructor(sync) {
    this.#sync = sync
  }

  /**
   * Those of the calls that are to be looked up. A session that cannot be found now is not looked for with every request.
   * @template {InterruptedCall} C
   * @param {C[]} calls
   */
  unknown(calls) {
    return calls.slice(-REMEMBERED).filter((call) => !this.#sessions.has(keyOf(call)))
  }

  /**
   * Looks up the sessions of calls. A killed OpenCode keeps nothing of the results that a tool has shown, but the engine knows the
   * child that a call spawned, or the session that it names.
   * @param {string} sessionID whose messages have the calls
   * @param {InterruptedCall[]} calls
   */
  async lookUp(sessionID, calls) {
    for (const call of calls) this.#sessions.set(keyOf(call), call.shownID ?? (await this.#find(sessionID, call)))
    for (const oldest of [...this.#sessions.keys()].slice(0, -REMEMBERED)) this.#sessions.delete(oldest)
  }

  /** The name of the session of a call, if it has one. @param {InterruptedCall} call */
  nameOf(call) {
    return this.#sync.session(this.#sessions.get(keyOf(call)) ?? "")?.slug
  }

  /** @param {string} sessionID @param {InterruptedCall} call */
  async #find(sessionID, { messageID, partID, input }) {
    const task_id = String(input?.task_id ?? input?.sessionID ?? "")
    const session = await this.#sync.resolve({ sessionID, task_id, messageID, partID }).catch(() => undefined)
    return session?.id
  }
}

/** A call as a key. @param {InterruptedCall} call */
const keyOf = ({ messageID, partID }) => `${messageID} ${partID}`
