// Repeatable chance: the same seed gives the same throws.

/**
 * A seeded generator of 32 bits.
 */
export class Dice {
  #state

  /** @param {number | string} seed */
  constructor(seed) {
    this.#state = typeof seed === "number" ? seed >>> 0 : hash(seed)
  }

  /** The next number, from 0 to below 1. */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
  }

  /** A whole number below another. @param {number} limit */
  below(limit) {
    return Math.floor(this.next() * limit)
  }

  /** @param {number} chance from 0 to 1 */
  chance(chance) {
    return this.next() < chance
  }

  /** @template T @param {readonly T[]} list @returns {T} */
  pick(list) {
    return list[this.below(list.length)]
  }

  /** A text of the given letters. @param {number} length @param {string} letters */
  text(length, letters) {
    return Array.from({ length }, () => letters[this.below(letters.length)]).join("")
  }
}

/** A hash of a text, 32 bits. @param {string} text */
export function hash(text) {
  let mixed = 0x811c9dc5
  for (let index = 0; index < text.length; index++) mixed = Math.imul(mixed ^ text.charCodeAt(index), 0x01000193)
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  return (mixed ^ (mixed >>> 13)) >>> 0
}
