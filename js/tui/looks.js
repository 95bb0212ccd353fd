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
export const BETWEEN = " · "

/**
 * The cells that a text takes in the terminal. OpenCode brings Bun, which knows them; another runtime counts characters.
 * @type {(text: string) => number}
 */
export const cellsOf = /** @type {any} */ (globalThis).Bun?.stringWidth ?? ((/** @type {string} */ text) => [...text].length)

/** Splits a text into what a person sees as one character: a letter with its marks, an emoji of several parts. */
const SEGMENTER = new Intl.Segmenter()

/** A text in at most so many cells. @param {string} text @param {number} most */
export function cut(text, most) {
  if (cellsOf(text) <= most) return text
  let shown = ""
  for (const { segment } of SEGMENTER.segment(text)) {
    if (cellsOf(shown + segment) >= most) break
    shown += segment
  }
  return `${shown}…`
}

/** A name in at most so many cells: its end stays too, since two names may differ there alone. @param {string} name @param {number} most */
export function cutName(name, most) {
  if (cellsOf(name) <= most) return name
  let end = ""
  for (const { segment } of [...SEGMENTER.segment(name)].reverse()) {
    if (cellsOf(segment + end) > (most - 1) / 2) break
    end = segment + end
  }
  return cut(name, most - cellsOf(end)) + end
}

/** A text of others on one line, in at most so many cells. @param {unknown} text @param {number} most */
export const plainLine = (text, most) => cut(String(text ?? "").replace(/[\s\p{Cc}\p{Cf}]+/gu, " ").trim(), most)

/**
 * The pieces of a text in lines of at most so many cells.
 * @param {string} text
 * @param {number} most
 * @returns {string[]}
 */
export function linesOf(text, most) {
  const lines = /** @type {string[]} */ ([])
  for (const piece of text.split(BETWEEN)) {
    const last = lines.at(-1)
    const longer = last === undefined ? undefined : last + BETWEEN + piece
    if (longer !== undefined && cellsOf(longer) <= most) lines[lines.length - 1] = longer
    else lines.push(cut(piece, most))
  }
  return lines
}

/**
 * The wider of two texts, if it fits.
 * @param {{ text: string, short: string }} row
 * @param {number} most
 */
export const fitting = ({ text, short }, most) => (cellsOf(text) <= most ? text : cut(short, Math.max(0, most)))
