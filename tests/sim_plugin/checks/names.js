// I10: a name that a caller has read resolves as long as its session lives.

/**
 * @typedef {import("./scene.js").Scene} Scene
 * @typedef {import("./scene.js").Known} Known
 */

/**
 * The names that callers have read: names, ids and task ids of sessions.
 */
export class Names {
  #scene
  /** The names that were given under a root, and their sessions. @type {Map<string, Map<string, string>>} */
  #given = new Map()
  /** The names that each session has read. @type {Map<string, Set<string>>} */
  #heard = new Map()

  /** @param {Scene} scene */
  constructor(scene) {
    this.#scene = scene
  }

  /** The names that a session can call: those that it has read, else those of other sessions under its root. @param {string} sessionID */
  known(sessionID) {
    const root = this.#scene.store.root(sessionID)
    const own = [...(this.#heard.get(sessionID) ?? [])]
    const all = own.length ? own : [...(this.#given.get(root)?.keys() ?? [])]
    // If a task's session is deleted, its id is a new name like any other, and the next task of that id would find it taken.
    return all.filter((name) => !name.startsWith("bg_") || this.meant(root, name))
  }

  /** The living session of a name under a root. @param {string} root @param {string | undefined} name */
  meant(root, name) {
    const id = name === undefined ? undefined : this.#given.get(root)?.get(name)
    return id && this.#scene.store.sessions.has(id) ? id : undefined
  }

  /** All names of living sessions. @param {string} root */
  alive(root) {
    return [...(this.#given.get(root) ?? [])].filter(([, id]) => this.#scene.store.sessions.has(id))
  }

  /** The agent of a session. A prompt of another agent in it changes nothing. @param {string} id */
  agent(id) {
    return this.#scene.record(id)?.agent ?? this.#scene.store.sessions.get(id)?.agent
  }

  /** Takes in the names in a text that a session reads. @param {string} sessionID @param {string} text */
  learn(sessionID, text) {
    const { store } = this.#scene
    const root = store.root(sessionID)
    const id = /<task id="(ses_\w+)"/.exec(text)?.[1] ?? /^Subagent failed \(task_id: (ses_\w+)\)/.exec(text)?.[1]
    if (!id || !store.sessions.has(id)) return
    const names = [id, /\ntask_id: (\S+)/.exec(text)?.[1], /<summary>Background task (bg_\w+) (?:started|waits)/.exec(text)?.[1]]
    const all = this.#given.get(root) ?? new Map()
    const heard = this.#heard.get(sessionID) ?? new Set()
    this.#given.set(root, all)
    this.#heard.set(sessionID, heard)
    for (const name of names) {
      if (!name) continue
      const before = all.get(name)
      if (before && before !== id && store.sessions.has(before)) this.#unresolved(`"${name}" was given to ${before}, and now to ${id}`)
      all.set(name, id)
      heard.add(name)
    }
  }

  /** Checks the session of a call that named one. @param {Known} call @param {string | undefined} id @param {string} text */
  came(call, id, text) {
    const { store } = this.#scene
    const { mark, task_id, expected } = call
    if (!expected || !store.sessions.has(expected) || this.#scene.unjudged(call.caller)) return
    if (id && id !== expected && !this.#may(call, text)) this.#unresolved(`${mark} named ${task_id}, which stands for ${expected}, and ran in ${id}: ${text}`)
    if (/There is no session/.test(text)) this.#unresolved(`${mark} named ${task_id}, which stands for ${expected}: ${text}`)
  }

  /** Checks a name that delegate_output did not find. @param {string} sessionID @param {string} task_id @param {string} text */
  missed(sessionID, task_id, text) {
    const meant = this.meant(this.#scene.store.root(sessionID), task_id)
    if (meant && !this.#scene.store.sessions.get(sessionID)?.parentID && /There is no subagent session/.test(text)) {
      this.#unresolved(`${sessionID} cannot read ${task_id}, which stands for ${meant}`)
    }
  }

  /** Whether a call that names a session may run in another: by the options, or if the call's agent is another. @param {Known} call @param {string} text */
  #may({ agent, expected = "" }, text) {
    const { on_agent_mismatch, on_context_full } = this.#scene.weather.options
    const other = this.agent(expected) !== agent
    return (on_agent_mismatch === "spawn" && other) || (on_context_full === "spawn" && (/context/.test(text) || !/spawned|resumed/.test(text)))
  }

  /**
   * Reports a name that does not resolve any more, with these exceptions:
   *
   * - Each of two processes knows the sessions of its last load. It does not hear of the other's names, deletions and tasks.
   * - A name that OpenCode refused to store lives as long as its process. An undecided or unreadable session has no name.
   * - A process may be killed between a result and its late record.
   * @param {string} what
   */
  #unresolved(what) {
    const { alone, troubled, deaf, kills, reloads } = this.#scene
    if (!alone || troubled || (deaf && kills + reloads > 0)) return
    this.#scene.fail("I10", what)
  }
}
