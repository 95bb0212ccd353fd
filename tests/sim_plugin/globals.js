// The clock and the random numbers of this process come from the world in play: the shim reads both from the globals. All
// processes of a world share one module of the engine.

import { DelegateError, Engine } from "../../js/api.js"
import { initSync } from "../../pkg/opencode_delegate.js"

/**
 * @typedef {import("../../js/playground/opencode/clock.js").Clock} Clock
 * @typedef {import("../../js/playground/opencode/dice.js").Dice} Dice
 */

const real = { setTimeout, setInterval, clearTimeout, clearInterval, setImmediate, now: Date.now, random: Math.random }

/** Resolves after all promises that can settle, and their consequences. @returns {Promise<void>} */
export const breathe = () => new Promise((resolve) => void real.setImmediate(resolve))

/**
 * Replaces properties of an object, which may be its prototype's.
 * @param {object} object
 * @param {Record<string, unknown>} replacements
 * @returns {() => void} restores them
 */
function replace(object, replacements) {
  const own = Object.keys(replacements).map((name) => /** @type {const} */ ([name, Object.getOwnPropertyDescriptor(object, name)]))
  for (const [name, value] of Object.entries(replacements)) Object.defineProperty(object, name, { value, configurable: true, writable: true })
  return () => {
    for (const [name, descriptor] of own) {
      if (descriptor) Object.defineProperty(object, name, descriptor)
      else delete (/** @type {any} */ (object))[name]
    }
  }
}

/**
 * Replaces this process's clock and random numbers by a world's.
 * @param {Clock} clock
 * @param {Dice} dice
 * @returns {() => void} restores them
 */
export function install(clock, dice) {
  /** @param {import("../../js/playground/opencode/clock.js").Alarm} alarm */
  const timer = (alarm) => Object.assign(alarm, { unref: () => alarm, ref: () => alarm, hasRef: () => false })
  const patched = {
    setTimeout: (/** @type {any} */ work, /** @type {number} */ ms = 1, /** @type {any[]} */ ...args) => timer(clock.after(Math.max(1, ms), () => work(...args))),
    setInterval: (/** @type {any} */ work, /** @type {number} */ ms = 1, /** @type {any[]} */ ...args) =>
      timer(clock.after(Math.max(1, ms), () => work(...args), { every: Math.max(1, ms) })),
    clearTimeout: (/** @type {any} */ alarm) => clock.cancel(alarm),
    clearInterval: (/** @type {any} */ alarm) => clock.cancel(alarm),
  }
  Object.assign(globalThis, patched)
  Date.now = () => clock.wall()
  // Only the wall clock may jump.
  const began = clock.time
  const restoreClock = replace(performance, { now: () => clock.time - began, timeOrigin: began })
  Math.random = () => dice.next()
  instances().add = (instance) => {
    owners.set(instance, clock.owner)
    return Set.prototype.add.call(instances(), instance)
  }
  const restoreChance = replace(crypto, {
    getRandomValues: (/** @type {Uint8Array} */ bytes) => bytes.forEach((_, index) => (bytes[index] = dice.below(256))),
    randomUUID: () => `${dice.text(8, "0123456789abcdef")}-0000-4000-8000-${dice.text(12, "0123456789abcdef")}`,
  })
  return () => {
    const { setTimeout, setInterval, clearTimeout, clearInterval } = real
    Object.assign(globalThis, { setTimeout, setInterval, clearTimeout, clearInterval })
    Date.now = real.now
    Math.random = real.random
    delete (/** @type {{ add?: unknown }} */ (instances())).add
    owners.clear()
    restoreClock()
    restoreChance()
  }
}

/** The process of the world that runs each instance of the plugin. An instance gets another name after a trap. @type {Map<string, unknown>} */
const owners = new Map()

/** Ends the instances of a killed process. @param {unknown} owner */
export function endInstances(owner) {
  for (const instance of instances()) if (owners.get(instance) === owner) instances().delete(instance)
}

/** The instances of the plugin that this process takes for alive. */
export function instances() {
  return /** @type {Set<string>} */ (/** @type {any} */ (globalThis)[Symbol.for("opencode-delegate.instances")])
}

/** The messages with results on their way, of all plugins in this process. @returns {Set<string>} */
export function messagesOnTheirWay() {
  return /** @type {any} */ (globalThis)[Symbol.for("opencode-delegate.messages")] ?? new Set()
}

/**
 * Traps: overwrites the memory of the engine's module, and calls it. Each engine of this process is lost, whatever process of the
 * world it is of, and its next call says so.
 */
export function trap() {
  const engine = new Engine()
  const { memory } = /** @type {any} */ (initSync(/** @type {any} */ (undefined)))
  new Uint8Array(memory.buffer).fill(0xff)
  try {
    engine.spelled("a call that traps")
  } catch (error) {
    if (error instanceof DelegateError && error.code === "engine_trap") return
    throw error
  }
  throw new Error("The engine did not trap.")
}
