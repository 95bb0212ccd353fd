// What stands where there are few lines: the most pressing of the sessions and of their counts.

import { BETWEEN, cellsOf, linesOf } from "./looks.js"

/**
 * The counts of an outline beside a text that is left out where both have no room. Of the counts, the most pressing stay.
 * @param {string} summary
 * @param {number} most the cells of both
 * @param {number} beside the cells of the text
 * @returns {{ text: string, hasRoom: boolean }} `hasRoom`: whether the text has room
 */
export function countsIn(summary, most, beside) {
  const [whole, ...counts] = summary.split(BETWEEN)
  const first = counts[0] ?? whole
  const hasRoom = cellsOf(first) <= most - beside
  const room = hasRoom ? most - beside : most
  if (cellsOf(summary) <= room) return { text: summary, hasRoom }
  return { text: linesOf([first, ...counts.slice(1)].join(BETWEEN), room)[0], hasRoom }
}

/**
 * The rows of the most pressing sessions, or else that of the session that was used last.
 * @param {Pick<import("../api.js").Outline, "rows" | "pressing" | "latest">} outline
 * @param {number} most
 */
export function mostPressing({ rows, pressing, latest }, most) {
  const ids = pressing.length ? pressing.slice(0, most) : [latest]
  return ids.flatMap((id) => rows.find(({ sessionID }) => sessionID === id) ?? [])
}
