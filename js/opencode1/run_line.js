// The line at the end of `opencode run`: the sessions that its calls resumed and started.

import { runLine } from "../core/texts/index.js"

/** Gathers the calls of a run. */
export class RunLine {
  /** The sessions that this run created. @type {Set<string>} */
  #created = new Set()
  /** The child of each call, by the call's part. @type {Map<string, string>} */
  #children = new Map()
  /** The calls of this run, by their parts. A fork copies the parts of ended calls, which never begin here. @type {Set<string>} */
  #begun = new Set()

  /** Takes in an event. @param {string} type @param {any} properties */
  handleEvent(type, { info, part }) {
    if (type === "session.created") this.#created.add(info.id)
    if (type !== "message.part.updated" || part.type !== "tool" || part.tool !== "task") return
    if (part.state.status === "pending" || part.state.status === "running") this.#begun.add(part.id)
    if (!this.#begun.has(part.id)) return
    const child = part.state.metadata?.sessionId
    if (child) this.#children.set(part.id, child)
  }

  /**
   * The line, empty if no call had a session.
   * @param {(sessionID: string) => { slug?: string } | undefined} session looks a session up
   */
  text(session) {
    /** @type {Map<string, number>} */
    const calls = new Map()
    for (const child of this.#children.values()) calls.set(child, 1 + (calls.get(child) ?? 0))
    const sessions = [...calls].flatMap(([child, calls]) => {
      const known = session(child)
      return known ? [{ task_id: known.slug ?? child, spawned: this.#created.has(child), calls }] : []
    })
    return runLine(sessions)
  }
}
