// A set that remembers its latest members alone: what others choose to add must not make it grow.

/**
 * The last members that were added.
 * @template T
 */
export class RecentSet {
  #most
  /** The oldest first. @type {Set<T>} */
  #members = new Set()

  /** @param {number} most the number of members; over that the oldest is forgotten */
  constructor(most) {
    this.#most = most
  }

  /** @param {T} member */
  add(member) {
    this.#members.add(member)
    if (this.#members.size > this.#most) for (const oldest of this.#members) return void this.#members.delete(oldest)
  }

  /** @param {T} member */
  has(member) {
    return this.#members.has(member)
  }
}
