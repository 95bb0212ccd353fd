// The test runner for Stryker. It runs in Stryker's process and switches from mutant to mutant, so that each costs no more than
// the tests that reach it.

import { register } from "node:module"
import { pathToFileURL } from "node:url"
import { collect } from "./collect.js"
import { FILES, TRIES, WORLDS } from "./suite.js"

/**
 * @typedef {{ id: string, name: string, timeSpentMs: number, status: 0 | 1, failureMessage?: string }} Result its statuses
 *   are Stryker's: 0 for success, 1 for failure
 * @typedef {{
 *   activeMutant?: string, currentTestId?: string, hitCount?: number, hitLimit?: number,
 *   mutantCoverage?: { static: Record<string, number>, perTest: Record<string, Record<string, number>> }
 * }} Switch the state that the mutated code reads
 * @typedef {{
 *   activeMutant: { id: string }, testFilter?: string[], hitLimit?: number, disableBail: boolean, mutantActivation: "static" | "runtime"
 * }} Asked
 */

/** @type {Switch} */
const mutated = /** @type {any} */ (globalThis).__stryker__ ??= {}

/** Gets each uncaught error, which would end a process without such a listener. @type {(why: string) => void} */
let fail = () => {}
process.on("uncaughtException", (error) => fail(`Uncaught: ${error?.stack ?? error}`))

/** The longest time of a world, in milliseconds: a world that ends takes less than a tenth of it. */
const LIMIT_MS = 10_000

// Worlds put clocks of their own in the place of these.
const { setTimeout, clearTimeout } = globalThis

const WORLD = "world "
const isWorld = (/** @type {string} */ test) => test.startsWith(WORLD)

class Runner {
  /** @type {Promise<Map<string, () => Promise<string | undefined>>> | undefined} */
  #suite
  /** Whether this process has tried no mutant yet. */
  #fresh = true
  /** Whether a test of this process may still be running. */
  #spoiled = false

  capabilities() {
    // Modules are loaded once: for a mutant of their top level Stryker starts another process.
    return { reloadEnvironment: false }
  }

  async dryRun() {
    const tests = await this.#run(await (this.#suite ??= suite()), true)
    return { status: "complete", tests, mutantCoverage: mutated.mutantCoverage }
  }

  /** @param {Asked} asked */
  async mutantRun({ activeMutant: { id }, testFilter, hitLimit, disableBail, mutantActivation }) {
    if (this.#spoiled) throw new Error("A test may still be running.")
    const fresh = this.#fresh
    this.#fresh = false
    if (mutantActivation === "static") mutated.activeMutant = id
    const all = await (this.#suite ??= suite())
    const reaching = testFilter ? [...all].filter(([name]) => testFilter.includes(name)) : [...all]
    const tests = new Map([...reaching.filter(([name]) => !isWorld(name)), ...reaching.filter(([name]) => isWorld(name)).slice(0, TRIES)])
    Object.assign(mutated, { activeMutant: id, hitCount: 0, hitLimit })
    const results = await this.#run(tests, disableBail)
    const { hitCount = 0 } = mutated
    // Unset, so that unmutated code counts no more hits.
    Object.assign(mutated, { activeMutant: undefined, hitCount: undefined, hitLimit: undefined })
    if (hitLimit !== undefined && hitCount > hitLimit) return { status: "timeout", reason: `It was run ${hitCount} times.` }
    const failed = results.filter(({ status }) => status === 1)
    if (!failed.length) return { status: "survived", nrOfTests: results.length }
    // An earlier mutant may have left something behind. On this error Stryker starts another process.
    const [{ id: name, failureMessage }] = failed
    if (!fresh && !this.#spoiled && mutantActivation !== "static" && (await tests.get(name)?.())) throw new Error(`"${name}" fails without a mutant, too.`)
    return { status: "killed", killedBy: failed.map(({ id }) => id), failureMessage, nrOfTests: results.length }
  }

  /** @param {Map<string, () => Promise<string | undefined>>} tests @param {boolean} all whether tests after a failed one run too */
  async #run(tests, all) {
    const results = /** @type {Result[]} */ ([])
    for (const [id, test] of tests) {
      mutated.currentTestId = id
      const began = performance.now()
      const broken = new Promise((resolve) => (fail = (why) => resolve((this.#spoiled = true) && why)))
      const timer = setTimeout(() => fail("It does not end."), LIMIT_MS)
      const failureMessage = await Promise.race([test(), broken])
      clearTimeout(timer)
      mutated.currentTestId = undefined
      results.push({ id, name: id, timeSpentMs: Math.ceil(performance.now() - began), status: failureMessage ? 1 : 0, failureMessage })
      if (failureMessage && !all) break
    }
    return results
  }
}

/** All tests, the shortest first. Each returns its failure. */
async function suite() {
  register("./hooks.js", import.meta.url)
  const load = (/** @type {string} */ path) => pathToFileURL(`${process.cwd()}/${path}`).href
  /** @type {Map<string, () => Promise<string | undefined>>} */
  const all = new Map()
  for (const file of FILES) for (const [name, test] of await collect(load(file))) all.set(`${file}: ${name}`, test)
  const { server } = await import(load("js/opencode1/index.js"))
  const { worlds } = await import(load("tests/sim_plugin/run.js"))
  for (const [only, seed, steps] of WORLDS) {
    all.set(`${WORLD}${seed} of ${steps} steps ${JSON.stringify(only)}`, async () => {
      let violated = /** @type {string | undefined} */ (undefined)
      try {
        await worlds({ seed, worlds: 1, steps, server, only, report: (/** @type {string} */ violation) => (violated ??= violation) })
      } catch (error) {
        return String(/** @type {any} */ (error)?.stack ?? error)
      }
      return violated
    })
  }
  return all
}

export const strykerPlugins = [{ kind: "TestRunner", name: "worlds", injectableClass: Runner }]
