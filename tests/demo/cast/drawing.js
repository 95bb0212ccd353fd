// Screens of a terminal as one SVG picture that plays. A row that several screens show stands in it once.

import { rowsOf } from "./ansi.js"

/**
 * @typedef {import("./ansi.js").Run} Run
 * @typedef {{ screen: string, ms: number }} Frame `screen` with its colours; `ms`: how long it is shown
 */

/** The largest picture that the repository takes, in bytes. */
export const MOST = 150_000

/** The size of a cell, in pixels. */
const [CELL, LINE] = [8, 17]
/** The space around the screen, and the height of the bar above it. */
const [EDGE, BAR] = [12, 26]
const [INK, PAPER] = ["#eeeeee", "#0a0a0a"]

/**
 * Draws frames that follow each other, over and over. Without motion the last one is shown.
 * @param {Frame[]} frames
 * @param {{ columns: number, rows: number, title: string, description: string }} about
 */
export function drawing(frames, { columns, rows, title, description }) {
  const [width, height] = [columns * CELL + 2 * EDGE, rows * LINE + BAR + 2 * EDGE]
  /** The name of each drawn row. @type {Map<string, string>} */
  const names = new Map()
  const whole = frames.reduce((sum, { ms }) => sum + ms, 0)
  const percent = (/** @type {number} */ ms) => `${+((100 * ms) / whole).toFixed(2)}%`
  let shown = 0
  const scenes = frames.map(({ screen, ms }, place) => {
    const uses = rowsOf(screen).slice(0, rows).map((row, index) => {
      const drawn = drawRow(row)
      if (!drawn) return ""
      const name = names.get(drawn) ?? `r${names.size}`
      names.set(drawn, name)
      return `<use href="#${name}" y="${index * LINE}"/>`
    })
    const [from, to] = [percent(shown), percent((shown += ms))]
    const hidden = place ? "0%{visibility:hidden}" : ""
    const end = place < frames.length - 1 ? `${to}{visibility:hidden}` : ""
    return { style: `@keyframes k${place}{${hidden}${from}{visibility:visible}${end}}.k${place}{animation:k${place} ${whole}ms step-end infinite}`, group: `<g class="k${place}" visibility="${place === frames.length - 1 ? "visible" : "hidden"}">${uses.join("")}</g>` }
  })
  const dots = ["#e06c75", "#e5c07b", "#7fd88f"].map((colour, place) => `<circle cx="${EDGE + 6 + 18 * place}" cy="14" r="5" fill="${colour}"/>`)
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="t d">
<title id="t">${escape(title)}</title><desc id="d">${escape(description)}</desc>
<style>text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace;white-space:pre}.b{font-weight:700}.i{font-style:italic}.u{text-decoration:underline}
@media (prefers-reduced-motion:no-preference){${scenes.map(({ style }) => style).join("\n")}}</style>
<defs>${[...names].map(([drawn, name]) => `<g id="${name}">${drawn}</g>`).join("\n")}</defs>
<rect width="${width}" height="${height}" rx="8" fill="${PAPER}"/>${dots.join("")}
<g transform="translate(${EDGE} ${BAR + EDGE})" fill="${INK}">${scenes.map(({ group }) => group).join("\n")}</g>
</svg>
`
}

/** A row: the paper below its text, and each run at its cell. An empty row is an empty text. @param {Run[]} row */
function drawRow(row) {
  let column = 0
  const papers = /** @type {string[]} */ ([])
  const texts = /** @type {string[]} */ ([])
  for (const { text, style } of row) {
    const long = [...text].length
    const [ink, paper] = style.inverse ? [style.bg ?? PAPER, style.fg ?? INK] : [style.fg, style.bg]
    if (paper && paper !== PAPER) papers.push(`<rect x="${column * CELL}" width="${long * CELL}" height="${LINE}" fill="${paper}"/>`)
    for (const { 0: word, index } of text.matchAll(/\S+(?: \S+)*/g)) {
      const cells = [...word].length
      const classes = [style.bold && "b", style.italic && "i", style.underline && "u"].filter(Boolean).join(" ")
      const more = [classes && ` class="${classes}"`, ink && ink !== INK && ` fill="${ink}"`, style.dim && ' opacity=".6"'].filter(Boolean).join("")
      const x = (column + [...text.slice(0, index)].length) * CELL
      texts.push(`<text x="${x}" y="13" textLength="${cells * CELL}"${more}>${escape(word)}</text>`)
    }
    column += long
  }
  return papers.join("") + texts.join("")
}

/** @param {string} text */
const escape = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
