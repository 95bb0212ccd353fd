// The names of the sessions of calls that were interrupted, or that a killed OpenCode never ended. No code of a plugin runs at the
// end of such a call, so the name stands in the requests to the model alone.

/** The number of interrupted calls that are remembered with their sessions, or without. */
const REMEMBERED = 1_000
/** The time in milliseconds after which a call whose session was not found is looked up again: its session may come to be known. */
const AGAIN_MS = 60_000

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
  /** The session of each call, if it has one, its caller, and when it was looked up. @type {Map<string, { id?: string, callerID: string, at: number }>} */
  #found = new Map()

  /** @param {Pick<import("./engine_sync.js").EngineSync, "nameFor" | "resolveAll" | "session">} sync */
  constructor(sync) {
    this.#sync = sync
  }

  /**
   * Those of the calls that are to be looked up. Another plugin may have put a part without ids into the request.
   * @template {InterruptedCall} C
   * @param {C[]} calls
   */
  unknown(calls) {
    const isUnknown = (/** @type {C} */ call) => {
      const found = this.#found.get(keyOf(call))
      return !found || (found.id === undefined && Math.abs(Date.now() - found.at) >= AGAIN_MS)
    }
    const whole = calls.filter(({ messageID, partID }) => typeof messageID === "string" && typeof partID === "string")
    return whole.slice(-REMEMBERED).filter(isUnknown)
  }

  /**
   * Looks up the sessions of calls. A killed OpenCode keeps nothing of the results that a tool has shown, but the engine knows the
   * child that a call spawned, or the session that it names.
   * @param {string} sessionID whose messages have the calls
   * @param {InterruptedCall[]} calls
   */
  async lookUp(sessionID, calls) {
    const hidden = calls.filter(({ shownID }) => shownID === undefined)
    const lookups = hidden.map(({ messageID, partID, input }) => ({ sessionID, task_id: nameIn(input), messageID, partID }))
    // A failure says nothing about a call: the next request looks it up again.
    const sessions = hidden.length ? await this.#sync.resolveAll(lookups).catch(() => undefined) : []
    const at = Date.now()
    for (const call of calls) if (call.shownID !== undefined) this.#found.set(keyOf(call), { id: call.shownID, callerID: sessionID, at })
    sessions?.forEach((session, place) => this.#found.set(keyOf(hidden[place]), { id: session?.id, callerID: sessionID, at }))
    for (const oldest of [...this.#found.keys()].slice(0, -REMEMBERED)) this.#found.delete(oldest)
  }

  /** The name of the session of a call, if it has one. @param {InterruptedCall} call */
  nameOf(call) {
    const { id = "", callerID = "" } = this.#found.get(keyOf(call)) ?? {}
    return this.#sync.session(id)?.slug && this.#sync.nameFor(id, callerID)
  }
}

/** The session that a call names. Its input may be of any form: OpenCode may not have checked it yet. @param {any} input */
function nameIn(input) {
  const given = input?.task_id ?? input?.sessionID
  return typeof given === "string" ? given : undefined
}

/** A call as a key. @param {InterruptedCall} call */
const keyOf = ({ messageID, partID }) => `${messageID} ${partID}`
