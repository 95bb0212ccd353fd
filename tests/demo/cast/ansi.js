// A screen of tmux as rows of styled text. tmux writes colours and styles alone (`capture-pane -e`), each as one SGR sequence.

/**
 * @typedef {{ fg?: string, bg?: string, bold?: boolean, dim?: boolean, italic?: boolean, underline?: boolean, inverse?: boolean }} Style
 * @typedef {{ text: string, style: Style }} Run
 */

/** The 16 colours that a terminal names, in the shades of a dark theme. */
const NAMED = [
  "#1e1e1e", "#e06c75", "#7fd88f", "#e5c07b", "#5c9cf5", "#9d7cd8", "#56b6c2", "#d4d4d4",
  "#808080", "#e06c75", "#7fd88f", "#f5a742", "#5c9cf5", "#9d7cd8", "#56b6c2", "#eeeeee",
]

/** A colour of the palette of 256. @param {number} index */
function indexed(index) {
  if (index < 16) return NAMED[index]
  const level = index < 232 ? [36, 6, 1].map((by) => [0, 95, 135, 175, 215, 255][Math.floor((index - 16) / by) % 6]) : Array(3).fill(8 + 10 * (index - 232))
  return rgb(level)
}

/** @param {number[]} levels */
const rgb = (levels) => `#${levels.map((level) => level.toString(16).padStart(2, "0")).join("")}`

/**
 * The style after a sequence.
 * @param {Style} before
 * @param {number[]} codes
 * @returns {Style}
 */
function restyle(before, codes) {
  let style = { ...before }
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at]
    if (code === 0) style = {}
    else if (code === 1) style.bold = true
    else if (code === 2) style.dim = true
    else if (code === 3) style.italic = true
    else if (code === 4) style.underline = true
    else if (code === 7) style.inverse = true
    else if (code === 22) style.bold = style.dim = undefined
    else if (code === 23) style.italic = undefined
    else if (code === 24) style.underline = undefined
    else if (code === 27) style.inverse = undefined
    else if (code === 39) style.fg = undefined
    else if (code === 49) style.bg = undefined
    else if (code === 38 || code === 48) {
      const whole = codes[at + 1] === 2
      const colour = whole ? rgb(codes.slice(at + 2, at + 5)) : indexed(codes[at + 2])
      style[code === 38 ? "fg" : "bg"] = colour
      at += whole ? 4 : 2
    } else if (code >= 30 && code <= 37) style.fg = NAMED[code - 30]
    else if (code >= 40 && code <= 47) style.bg = NAMED[code - 40]
    else if (code >= 90 && code <= 97) style.fg = NAMED[code - 82]
    else if (code >= 100 && code <= 107) style.bg = NAMED[code - 92]
  }
  return style
}

/**
 * The rows of a screen. A style goes on over the end of a line.
 * @param {string} screen
 * @returns {Run[][]}
 */
export function rowsOf(screen) {
  /** @type {Style} */
  let style = {}
  return screen.replace(/\n$/, "").split("\n").map((line) => {
    /** @type {Run[]} */
    const row = []
    for (const [place, piece] of line.split(/\x1b\[([\d;:]*)m/).entries()) {
      if (place % 2) style = restyle(style, piece.split(/[;:]/).map(Number))
      else if (piece) row.push({ text: piece, style })
    }
    return row
  })
}
