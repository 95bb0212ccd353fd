// How a text of others is shown.

/** A text of others on one line of at most so many characters, without control characters. @param {unknown} value */
export const shown = (value, most = 80) => {
  const line = String(value).replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ")
  return line.length > most ? `${line.slice(0, most - 1)}…` : line
}

/** A path or a sentence that holds one: its end matters too. @param {unknown} value */
export const shownLong = (value) => shown(value, 1000)

/** A value in JSON, shown. @param {unknown} value */
export const json = (value) => {
  try {
    return shown(JSON.stringify(value))
  } catch {
    // A value of YAML may hold itself.
    return "…"
  }
}
