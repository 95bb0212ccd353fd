// Figures of a session, short enough for a sidebar.

/** @typedef {import("./outline.js").Row} Row */

/** How each state looks: its mark, its word, and its colour in the theme. */
export const STATES = /** @type {const} */ ({
  running: { mark: "◐", word: "running", colour: "info" },
  waiting: { mark: "○", word: "waiting", colour: "textMuted" },
  permission: { mark: "△", word: "asks permission", colour: "warning" },
  failed: { mark: "✗", word: "failed", colour: "error" },
  done: { mark: "✓", word: "done", colour: "success" },
})

/** The states that a person wants to see first. */
const URGENT = /** @type {const} */ (["permission", "failed", "running", "waiting"])

/** A text in at most so many cells, one a character. @param {string} text @param {number} most */
export function cut(text, most) {
  const characters = [...text]
  return characters.length <= most ? text : `${characters.slice(0, Math.max(0, most - 1)).join("")}…`
}

/** @param {number} tokens */
const thousands = (tokens) => (tokens < 1_000 ? String(tokens) : tokens < 10_000 ? `${(tokens / 1_000).toFixed(1)}k` : tokens < 1_000_000 ? `${Math.round(tokens / 1_000)}k` : `${(tokens / 1_000_000).toFixed(1)}M`)

/** @param {number} ms */
export function ageOf(ms) {
  const minutes = Math.floor(Math.max(0, ms) / 60_000)
  if (minutes < 1) return "now"
  if (minutes < 60) return `${minutes}m`
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)}h` : `${Math.floor(minutes / 1_440)}d`
}

/** The figures of a row. @param {Row} row @returns {string[]} */
export function figures({ tokens, window, share = window ? tokens / window : undefined, cost, budget, used, resumed }) {
  return [
    tokens ? thousands(tokens) + (share === undefined ? "" : ` ${Math.round(share * 100)}%`) : "",
    cost ? `$${cost.toFixed(2)}` : "",
    !budget ? "" : `${used}/${budget}`,
    resumed ? `↻${resumed}` : "",
  ].filter(Boolean)
}

/** How many sessions are in each state, the urgent ones first. @param {Row[]} rows those below the root @returns {string} */
export function summary(rows) {
  const counts = [...URGENT, /** @type {const} */ ("done")].map((state) => [rows.filter((row) => row.state === state).length, state === "permission" ? "asking" : STATES[state].word])
  return counts.flatMap(([count, word]) => (count ? `${count} ${word}` : [])).join(" · ")
}

/**
 * The rows that fit, in their order: those that are urgent before those that are done, the last used before the others.
 * @param {Row[]} rows
 * @param {number} most
 * @returns {Row[]}
 */
export function fitting(rows, most) {
  if (rows.length <= most) return rows
  const rank = (/** @type {Row} */ { state }) => (state === "done" ? URGENT.length : URGENT.indexOf(state))
  const kept = new Set([...rows].sort((a, b) => rank(a) - rank(b) || a.age - b.age).slice(0, most))
  return rows.filter((row) => kept.has(row))
}

/**
 * The place of a session among its parent's children: "explore-auth, 2 of 5 under lead".
 * @param {Row[]} rows a whole conversation
 * @param {string} sessionID
 * @param {string} rootTitle
 * @returns {string | undefined} none for a root
 */
export function placeOf(rows, sessionID, rootTitle) {
  const row = rows.find((other) => other.sessionID === sessionID)
  if (!row?.parentID) return undefined
  const siblings = rows.filter(({ parentID }) => parentID === row.parentID)
  const parent = rows.find((other) => other.sessionID === row.parentID)
  const above = parent?.parentID ? parent.title : `"${cut(rootTitle, 40)}"`
  return `${row.title}, ${siblings.indexOf(row) + 1} of ${siblings.length} under ${above}`
}
