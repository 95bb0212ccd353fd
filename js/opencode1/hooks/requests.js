// A call of the task tool as a request to the engine: its caller's agent, and its arguments in one form.

/** The prefix of a user's call (a subtask or a command): OpenCode takes the id of its part. */
const USER_CALL = "prt_"

/**
 * Makes requests of calls.
 */
export class Requests {
  /** @type {import("../../core/index.js").EngineSync} */
  #sync
  /**
   * The agent that the last message of a session names. After a mention by the user, OpenCode asks no permission.
   * @type {Map<string, { agent?: string, mention: boolean }>}
   */
  #turns = new Map()

  /** @param {import("../../core/index.js").EngineSync} sync */
  constructor(sync) {
    this.#sync = sync
  }

  /** Takes in a user message. @param {string} sessionID @param {string | undefined} agent @param {{ type: string }[]} parts */
  handleMessage(sessionID, agent, parts) {
    this.#turns.set(sessionID, { agent, mention: parts.some(({ type }) => type === "agent") })
  }

  /** @param {string} sessionID */
  forget(sessionID) {
    this.#turns.delete(sessionID)
  }

  /** Whether the user mentioned an agent in the last message of a session. @param {string} sessionID */
  isMentioned(sessionID) {
    return this.#turns.get(sessionID)?.mention ?? false
  }

  /** Whether the user made a call. @param {string} callID */
  isByUser(callID) {
    return callID.startsWith(USER_CALL)
  }

  /**
   * @param {string} sessionID
   * @param {string} callID
   * @param {any} args the call's arguments
   * @param {string} [speaker] the calling agent, if OpenCode names it: a later message may name another agent
   * @returns {import("../../api.js").Request}
   */
  request(sessionID, callID, { subagent_type, description, prompt, task_id, background }, speaker) {
    const turn = this.#turns.get(sessionID)
    const agent = speaker ?? turn?.agent ?? this.#sync.session(sessionID)?.agent
    return {
      now: Date.now(),
      callID,
      sessionID,
      callerAgent: this.isByUser(callID) || turn?.mention ? undefined : agent,
      agent: subagent_type,
      description,
      prompt,
      task_id,
      background: background ?? false,
    }
  }
}
