// How the states of sessions look, and texts that fit.

/** The mark and the colour of each state, as the theme calls it. */
export const LOOKS = /** @type {const} */ ({
  running: { mark: "◐", colour: "info" },
  waiting: { mark: "○", colour: "textMuted" },
  permission: { mark: "△", colour: "warning" },
  failed: { mark: "✗", colour: "error" },
  stopped: { mark: "■", colour: "textMuted" },
  done: { mark: "✓", colour: "success" },
})

/** The mark between the pieces of a text of the engine. */
const BETWEEN = " · "

/** A text in at most so many characters. @param {string} text @param {number} most */
export function cut(text, most) {
  const characters = [...text]
  return characters.length <= most ? text : `${characters.slice(0, Math.max(0, most - 1)).join("")}…`
}

/** A text of others on one line. @param {unknown} text @param {number} most */
export const plainLine = (text, most) => cut(String(text ?? "").replace(/[\s\p{Cc}\p{Cf}]+/gu, " ").trim(), most)

/**
 * The pieces of a text in lines of at most so many characters.
 * @param {string} text
 * @param {number} most
 * @returns {string[]}
 */
export function linesOf(text, most) {
  const lines = /** @type {string[]} */ ([])
  for (const piece of text.split(BETWEEN)) {
    const last = lines.at(-1)
    const longer = last === undefined ? undefined : last + BETWEEN + piece
    if (longer !== undefined && [...longer].length <= most) lines[lines.length - 1] = longer
    else lines.push(cut(piece, most))
  }
  return lines
}

/**
 * The wider of two texts, if it fits.
 * @param {{ text: string, short: string }} row
 * @param {number} most
 */
export const fitting = ({ text, short }, most) => ([...text].length <= most ? text : cut(short, Math.max(0, most)))
