// The lines of a text.

/**
 * Gives the line of a place in a text, from 1.
 * @param {string} text
 * @returns {(offset: number) => number}
 */
export function linesOf(text) {
  /** @type {number[] | undefined} */
  let starts
  return (offset) => {
    starts ??= [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)]
    let [low, high] = [0, starts.length]
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if (starts[middle] <= offset) low = middle
      else high = middle
    }
    return low + 1
  }
}

/** @param {string} text @param {number} offset @param {number} length @param {string} by */
export const splice = (text, offset, length, by) => text.slice(0, offset) + by + text.slice(offset + length)
