// The engine's records in the plugin's storage, and which children each session has. A new child's record stands at the same place
// as the link to the child: a process that dies leaves both or none.

/**
 * @typedef {{
 *   get: (key: string) => Promise<any>, set: (key: string, value: unknown) => Promise<void>, remove: (key: string) => Promise<void>,
 *   scan: (from: { prefix: string, after?: string, limit?: number }) => Promise<{ entries: { key: string, value: any }[], next?: string }>,
 * }} Storage
 */

const recordKey = (/** @type {string} */ sessionID) => `record/${sessionID}`
const childrenKey = (/** @type {string} */ parentID) => `children/${parentID}/`
const childKey = (/** @type {string} */ parentID, /** @type {string} */ childID) => `${childrenKey(parentID)}${childID}`

/**
 * The records by session.
 */
export class StoredRecords {
  #storage

  /** @param {Storage} storage */
  constructor(storage) {
    this.#storage = storage
  }

  /** The record of a session, if it has one. @param {string} sessionID @param {string} [parentID] */
  async get(sessionID, parentID) {
    const record = await this.#storage.get(recordKey(sessionID))
    if (record !== undefined || !parentID) return record
    const first = await this.#storage.get(childKey(parentID, sessionID))
    return first === true ? undefined : first
  }

  /** @param {string} sessionID @param {unknown} record */
  set(sessionID, record) {
    return this.#storage.set(recordKey(sessionID), record)
  }

  /** Stores whose child a new session is, and its first record. @param {string} childID @param {string} parentID @param {unknown} record */
  create(childID, parentID, record) {
    return this.#storage.set(childKey(parentID, childID), record)
  }

  /** Stores whose child a session is. @param {string} childID @param {string} parentID */
  async link(childID, parentID) {
    const key = childKey(parentID, childID)
    if ((await this.#storage.get(key)) === undefined) await this.#storage.set(key, true)
  }

  /** The stored children of a session. @param {string} parentID */
  async children(parentID) {
    const prefix = childrenKey(parentID)
    const ids = []
    /** @type {string | undefined} */
    let after
    do {
      const page = await this.#storage.scan({ prefix, ...(after === undefined ? {} : { after }) })
      ids.push(...page.entries.map(({ key }) => key.slice(prefix.length)))
      after = page.next
    } while (after !== undefined)
    return ids
  }

  /** Removes what is stored of a session that is gone. @param {string} sessionID @param {string} [parentID] */
  async forget(sessionID, parentID) {
    await this.#storage.remove(recordKey(sessionID))
    if (parentID) await this.#storage.remove(childKey(parentID, sessionID))
  }
}
