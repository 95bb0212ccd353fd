// The printed lines of the demonstration.

const colours = process.stdout.isTTY && !process.env.NO_COLOR

/** @param {number} code @returns {(text: string) => string} */
const paint = (code) => (text) => (colours ? `\x1b[${code}m${text}\x1b[0m` : text)
const [bold, dim, red, green, yellow, cyan] = [1, 2, 31, 32, 33, 36].map(paint)

const TONES = { resumed: green, spawned: cyan, denied: yellow, failed: red, "cut off": red }

/** @param {string} text */
export const say = (text) => console.log(text)

/** @param {string} text */
export const heading = (text) => console.log(`\n${bold(text)}`)

/** @param {import("./watch.js").Delegation} delegation */
export function line({ caller, agent, depth, task_id, outcome, ms, reason }) {
  const who = `${"  ".repeat(depth)}${caller} → ${agent}`.padEnd(40)
  const time = ms === undefined ? "" : `${ms} ms`
  console.log(`  ${who} ${task_id.padEnd(16)} ${TONES[outcome](outcome.padEnd(7))} ${dim(time.padStart(8))}  ${reason}`)
}

/**
 * Prints a claim after its test has passed.
 * @param {string} text
 * @param {() => void | Promise<void>} test throws if the claim is false
 */
export async function claim(text, test) {
  try {
    await test()
  } catch (cause) {
    throw new Error(`This claim is false: ${text}`, { cause })
  }
  console.log(`  ${green("✓")} ${text}`)
}

/** @param {[string, string | number][]} rows */
export function table(rows) {
  const width = Math.max(...rows.map(([name]) => name.length))
  for (const [name, value] of rows) console.log(`  ${name.padEnd(width)}  ${String(value).padStart(7)}`)
}

/** @param {unknown} error */
export function failure(error) {
  const lines = []
  for (let next = error; next; next = next instanceof Error ? next.cause : undefined) {
    lines.push(next instanceof Error ? next.message : String(next))
  }
  console.error(`\n${red("✗")} ${lines.join("\n  because: ")}`)
}
