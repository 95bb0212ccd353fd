// The processes that ran prompts of sessions when those were read: the host reports no end of a process.

import { isAlive } from "./instances.js"

/**
 * The other processes, by session.
 */
export class OtherProcesses {
  /** @type {Map<string, string[]>} */
  #processes = new Map()

  /**
   * Notes which processes run the prompts of a session.
   * @param {{ id: string, record: any, alive?: boolean, living?: string[] }} session
   */
  note({ id, record, alive, living = [] }) {
    const processes = alive ? [record.process, ...living] : living
    if (processes.length > 0) this.#processes.set(id, processes)
    else this.#processes.delete(id)
  }

  /**
   * Whether a process is gone that ran prompts of some sessions. Each end is reported once.
   * @param {(sessionID: string) => boolean} among
   */
  haveDied(among) {
    const gone = [...this.#processes].filter(([id, processes]) => among(id) && !processes.every(isAlive))
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
