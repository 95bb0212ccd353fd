// Time and chance of this process, handed to the world that is being played: the shim takes both from the globals.

import { createRequire, syncBuiltinESMExports } from "node:module"

/**
 * @typedef {import("../../js/playground/opencode/clock.js").Clock} Clock
 * @typedef {import("../../js/playground/opencode/dice.js").Dice} Dice
 */

const crypto = createRequire(import.meta.url)("node:crypto")
const real = { setTimeout, setInterval, clearTimeout, clearInterval, setImmediate, now: Date.now, random: Math.random, randomBytes: crypto.randomBytes, randomUUID: crypto.randomUUID }

/** Is done when all promises are that can be, and what follows from them. @returns {Promise<void>} */
export const breathe = () => new Promise((resolve) => void real.setImmediate(resolve))

/** Whether the names that a module has imported follow what is put in their place, which Bun does not do. */
export const CAN_PATCH = !("Bun" in globalThis)

/**
 * Puts a world's clock and dice in the place of this process's own.
 * @param {Clock} clock
 * @param {Dice} dice
 * @returns {() => void} puts them back
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
  // Of no other clock than the wall's does anybody know how it is set.
  const began = clock.time
  const monotone = { now: () => clock.time - began, timeOrigin: began }
  for (const [name, value] of Object.entries(monotone)) Object.defineProperty(performance, name, { value, configurable: true, writable: true })
  Math.random = () => dice.next()
  crypto.randomBytes = (/** @type {number} */ length) => Buffer.from(Array.from({ length }, () => dice.below(256)))
  crypto.randomUUID = () => `${dice.text(8, "0123456789abcdef")}-0000-4000-8000-${dice.text(12, "0123456789abcdef")}`
  syncBuiltinESMExports()
  return () => {
    const { setTimeout, setInterval, clearTimeout, clearInterval } = real
    Object.assign(globalThis, { setTimeout, setInterval, clearTimeout, clearInterval })
    Date.now = real.now
    Math.random = real.random
    // What was put before the prototype's own goes.
    for (const name of ["now", "timeOrigin"]) delete (/** @type {any} */ (performance))[name]
    Object.assign(crypto, { randomBytes: real.randomBytes, randomUUID: real.randomUUID })
    syncBuiltinESMExports()
  }
}

/** The instances of the plugin that this process believes to live: those of a process that is killed must go from it. */
export function instances() {
  return /** @type {Set<string>} */ (/** @type {any} */ (globalThis)[Symbol.for("opencode-delegate.instances")])
}
