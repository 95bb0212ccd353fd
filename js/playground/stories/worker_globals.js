// A worker's time and chance, in the hands of the played world: the plugin takes both from the globals.

/**
 * @typedef {import("../opencode/index.js").Clock} Clock
 * @typedef {import("../opencode/index.js").Dice} Dice
 */

const channel = new MessageChannel()
/** @type {(() => void)[]} */
const waiting = []
channel.port1.onmessage = () => waiting.shift()?.()

/** Resolves when all promises that can settle have settled. @returns {Promise<void>} */
export const breathe = () => new Promise((resolve) => {
  waiting.push(resolve)
  channel.port2.postMessage(undefined)
})

/** Replaces the worker's clock and dice by a world's: nothing else runs in the worker. @param {Clock} clock @param {Dice} dice */
export function install(clock, dice) {
  /** @param {import("../opencode/index.js").Alarm} alarm */
  const timer = (alarm) => Object.assign(alarm, { unref: () => alarm, ref: () => alarm })
  const began = clock.time
  Object.assign(globalThis, {
    setTimeout: (/** @type {any} */ work, ms = 1, /** @type {any[]} */ ...args) => timer(clock.after(Math.max(1, ms), () => work(...args))),
    setInterval: (/** @type {any} */ work, ms = 1, /** @type {any[]} */ ...args) =>
      timer(clock.after(Math.max(1, ms), () => work(...args), { every: Math.max(1, ms) })),
    clearTimeout: (/** @type {any} */ alarm) => clock.cancel(alarm),
    clearInterval: (/** @type {any} */ alarm) => clock.cancel(alarm),
  })
  Date.now = () => clock.wall()
  Math.random = () => dice.next()
  Object.assign(crypto, {
    getRandomValues: (/** @type {Uint8Array} */ bytes) => bytes.forEach((_, index) => (bytes[index] = dice.below(256))),
    randomUUID: () => `${dice.text(8, "0123456789abcdef")}-0000-4000-8000-${dice.text(12, "0123456789abcdef")}`,
  })
  Object.defineProperty(performance, "now", { value: () => clock.time - began, configurable: true })
}

/** Forgets the live instances of the plugin: those of a killed process, or of the last world. */
export function forget() {
  /** @type {Set<string> | undefined} */ (/** @type {any} */ (globalThis)[Symbol.for("opencode-delegate.instances")])?.clear()
}
