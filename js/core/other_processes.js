// The processes that ran prompts of sessions when those were read: the host reports no end of a process.

import { isAlive } from "./instances.js"

/**
 * The other processes, by session.
 */
export class OtherProcesses {
  /** @type {Map<string, string>} */
  #processes = new Map()

  /**
   * Notes which process runs the prompts of a session.
   * @param {{ id: string, record: any, alive?: boolean }} session
   */
  note({ id, record, alive }) {
    if (alive) this.#processes.set(id, record.process)
    else this.#processes.delete(id)
  }

  /**
   * Whether a process is gone that ran prompts of some sessions. Each end is reported once.
   * @param {(sessionID: string) => boolean} among
   */
  haveDied(among) {
    const gone = [...this.#processes].filter(([id, process]) => among(id) && !isAlive(process))
    for (const [id] of gone) this.#processes.delete(id)
    return gone.length > 0
  }

  /** Whether another process ran the prompts of a session when that was read. @param {string} sessionID */
  has(sessionID) {
    return this.#processes.has(sessionID)
  }

  /** @param {string} sessionID */
  delete(sessionID) {
    this.#processes.delete(sessionID)
  }
}
