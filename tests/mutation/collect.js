// A stand-in for `node:test` while mutants are tried. It collects the tests, to run them in this process over and over.

import { mock } from "node:test"

/**
 * @typedef {{ skip?: string | boolean }} Options
 * @typedef {(context: { mock: typeof mock }) => unknown} Body
 */

/** The longest time of a test, in milliseconds: a test that waits for ever fails. */
const LIMIT_MS = 4_000

/** The names of the suites around what is taken down now. @type {string[]} */
const around = []
/** @type {Map<string, Body>} */
let taken = new Map()

/** @param {string} name @param {Options | Body} options @param {Body} [body] */
export function describe(name, options, body = /** @type {Body} */ (options)) {
  if (typeof options === "object" && options.skip) return
  around.push(name)
  body({ mock })
  around.pop()
}

/** @param {string} name @param {Options | Body} options @param {Body} [body] */
export function it(name, options, body = /** @type {Body} */ (options)) {
  if (typeof options === "object" && options.skip) return
  const whole = [...around, name].join(" › ")
  taken.set(taken.has(whole) ? `${whole} (test ${taken.size})` : whole, body)
}

/** Does nothing: the tests run for as long as the process lives. */
export function after() {}

/**
 * The tests of a file. Each returns its failure, if it has one.
 * @param {string} url
 * @returns {Promise<Map<string, () => Promise<string | undefined>>>}
 */
export async function collect(url) {
  taken = new Map()
  await import(url)
  return new Map([...taken].map(([name, body]) => [name, () => wrong(body)]))
}

/** @param {Body} body */
async function wrong(body) {
  let nobodys = /** @type {string | undefined} */ (undefined)
  const unhandled = (/** @type {any} */ error) => (nobodys = String(error?.stack ?? error))
  process.on("unhandledRejection", unhandled)
  /** @type {NodeJS.Timeout | undefined} */
  let timer
  const late = new Promise((_, reject) => (timer = setTimeout(reject, LIMIT_MS, new Error("It does not end."))))
  try {
    await Promise.race([body({ mock }), late])
    await new Promise((resolve) => setImmediate(resolve))
    return nobodys
  } catch (error) {
    return String(/** @type {any} */ (error)?.stack ?? error)
  } finally {
    clearTimeout(timer)
    mock.reset()
    process.off("unhandledRejection", unhandled)
  }
}
