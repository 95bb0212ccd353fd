// Whether OpenCode ends with the turn of its root: the background tasks of that turn would end with it.

/** The options that may stand before a command, and the number of words of each. @type {Record<string, number>} */
const OPTIONS = { "--print-logs": 1, "--pure": 1, "--log-level": 2 }

/** The words of the command line. */
const given = () => globalThis.process?.argv?.slice(2) ?? []

/**
 * Whether this process is `opencode run`, or `opencode github run`. Another process serves the sessions of `run --attach`.
 * @param {string[]} [words] the words of the command line
 */
export function isOneShot(words = given()) {
  let first = 0
  while (OPTIONS[words[first]]) first += OPTIONS[words[first]]
  const [command, ...rest] = words.slice(words[first] === "github" ? first + 1 : first)
  return command === "run" && !rest.includes("-i") && !rest.includes("--interactive")
}

/**
 * Whether a person reads what such a process prints at its end. The events of `--format json` show each call already.
 * @param {string[]} [words] the words of the command line
 */
export function isReadAtEnd(words = given()) {
  const format = words.findLastIndex((word) => /^--format(=|$)/.test(word))
  const [, value = words[format + 1]] = /=(.*)/s.exec(words[format] ?? "") ?? []
  return isOneShot(words) && (format < 0 || value !== "json")
}
