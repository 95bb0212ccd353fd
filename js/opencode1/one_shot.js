// Whether OpenCode ends with the turn of its root: the background tasks of that turn would end with it.

/** The options of every command that take no value: yargs, which OpenCode uses, takes the next word as the value of any other. */
const FLAGS = ["--print-logs", "--pure", "--help", "-h", "--version", "-v"]

/** The words of the command line. */
const given = () => globalThis.process?.argv?.slice(2) ?? []

/**
 * Whether this process is `opencode run`, or `opencode github run`. Another process serves the sessions of `run --attach`.
 * @param {string[]} [words] the words of the command line
 */
export function isOneShot(words = given()) {
  const options = beforeMessage(words)
  let first = 0
  while (options[first]?.startsWith("-")) first += takesNext(options[first], options[first + 1]) ? 2 : 1
  const [command, ...rest] = options.slice(options[first] === "github" ? first + 1 : first)
  return command === "run" && !rest.some((word) => /^(-i|--interactive(=true)?)$/.test(word))
}

/** The words up to `--`: those after it are the message alone. @param {string[]} words */
const beforeMessage = (words) => words.slice(0, words.includes("--") ? words.indexOf("--") : words.length)

/** Whether the word after an option is its value. @param {string} option @param {string | undefined} next */
const takesNext = (option, next) => !option.includes("=") && !FLAGS.includes(option) && !option.startsWith("--no-") && next?.startsWith("-") === false

/**
 * Whether a person reads what such a process prints at its end. The events of `--format json` show each call already.
 * @param {string[]} [words] the words of the command line
 */
export function isReadAtEnd(words = given()) {
  const options = beforeMessage(words)
  const format = options.findLastIndex((word) => /^--format(=|$)/.test(word))
  const [, value = options[format + 1]] = /=(.*)/s.exec(options[format] ?? "") ?? []
  return isOneShot(words) && (format < 0 || value !== "json")
}
