// I10: no handle that a caller was given stops resolving while its session lives.

/**
 * @typedef {import("./scene.js").Scene} Scene
 * @typedef {import("./scene.js").Known} Known
 */

/**
 * The handles that callers were told.
 */
export class Names {
  #scene
  /** Those told under a root, and what they stood for. @type {Map<string, Map<string, string>>} */
  #told = new Map()
  /** Who was told a handle, by session. @type {Map<string, Set<string>>} */
  #heard = new Map()

  /** @param {Scene} scene */
  constructor(scene) {
    this.#scene = scene
  }

  /** What a session knows to call: what it was told itself, else what others under its root were. @param {string} sessionID */
  known(sessionID) {
    const root = this.#scene.store.root(sessionID)
    const own = [...(this.#heard.get(sessionID) ?? [])]
    const all = own.length ? own : [...(this.#told.get(root)?.keys() ?? [])]
    // The id of a task whose session is gone is a new name like any other, and would be taken when that name's task comes again.
    return all.filter((handle) => !handle.startsWith("bg_") || this.meant(root, handle))
  }

  /** The session that a handle under a root was told for, while it lives. @param {string} root @param {string | undefined} handle */
  meant(root, handle) {
    const id = handle === undefined ? undefined : this.#told.get(root)?.get(handle)
    return id && this.#scene.store.sessions.has(id) ? id : undefined
  }

  /** All handles that stand for living sessions. @param {string} root */
  alive(root) {
    return [...(this.#told.get(root) ?? [])].filter(([, id]) => this.#scene.store.sessions.has(id))
  }

  /** Whose session it is: what another agent was asked there in passing does not change that. @param {string} id */
  agent(id) {
    return this.#scene.record(id)?.agent ?? this.#scene.store.sessions.get(id)?.agent
  }

  /** Takes in the handles that a session is told. @param {string} sessionID @param {string} text */
  learn(sessionID, text) {
    const { store } = this.#scene
    const root = store.root(sessionID)
    const id = /<task id="(ses_\w+)"/.exec(text)?.[1] ?? /^Subagent failed \(task_id: (ses_\w+)\)/.exec(text)?.[1]
    if (!id || !store.sessions.has(id)) return
    const handles = [id, /\ntask_id: (\S+)/.exec(text)?.[1], /<summary>Background task (bg_\w+) (?:started|waits)/.exec(text)?.[1]]
    const all = this.#told.get(root) ?? new Map()
    const heard = this.#heard.get(sessionID) ?? new Set()
    this.#told.set(root, all)
    this.#heard.set(sessionID, heard)
    for (const handle of handles) {
      if (!handle) continue
      const before = all.get(handle)
      if (before && before !== id && store.sessions.has(before)) this.#unresolved(`"${handle}" was told for ${before}, and now for ${id}`)
      all.set(handle, id)
      heard.add(handle)
    }
  }

  /** Looks at what a call came to that named a session. @param {Known} call @param {string | undefined} id @param {string} text */
  came(call, id, text) {
    const { store } = this.#scene
    const { mark, task_id, expected } = call
    if (!expected || !store.sessions.has(expected) || this.#scene.unjudged(call.caller)) return
    if (id && id !== expected && !this.#may(call, text)) this.#unresolved(`${mark} named ${task_id}, which stands for ${expected}, and came to ${id}: ${text}`)
    if (/There is no session/.test(text)) this.#unresolved(`${mark} named ${task_id}, which stands for ${expected}: ${text}`)
  }

  /** Looks at a session that could not be read by its handle. @param {string} sessionID @param {string} task_id @param {string} text */
  missed(sessionID, task_id, text) {
    const meant = this.meant(this.#scene.store.root(sessionID), task_id)
    if (meant && !this.#scene.store.sessions.get(sessionID)?.parentID && /There is no subagent session/.test(text)) {
      this.#unresolved(`${sessionID} cannot read ${task_id}, which stands for ${meant}`)
    }
  }

  /** Whether a call that names a session may come to another: by the options, and where its agent is not that session's. @param {Known} call @param {string} text */
  #may({ agent, expected = "" }, text) {
    const { on_agent_mismatch, on_context_full } = this.#scene.weather.options
    const other = this.agent(expected) !== agent
    return (on_agent_mismatch === "spawn" && other) || (on_context_full === "spawn" && (/context/.test(text) || !/spawned|resumed/.test(text)))
  }

  /**
   * What a handle stood for and stands for no more.
   *
   * - Of two processes each knows what it read when it met a root, and what was not to be found then: of names that both
   *   give at once, of sessions that the other deletes and of tasks that the other begins it does not hear.
   * - What OpenCode refuses to store is known for as long as the process lives, and of a session that was run unjudged or
   *   could not be read nothing is known.
   * - Late events may bring a kill between a name that is told and its record.
   * @param {string} what
   */
  #unresolved(what) {
    const { alone, troubled, deaf, kills, reloads } = this.#scene
    if (!alone || troubled || (deaf && kills + reloads > 0)) return
    this.#scene.fail("I10", what)
  }
}
