// Time and chance of a worker, handed to the world that is played in it: the shim takes both from the globals.

/**
 * @typedef {import("../opencode/index.js").Clock} Clock
 * @typedef {import("../opencode/index.js").Dice} Dice
 */

const channel = new MessageChannel()
/** @type {(() => void)[]} */
const waiting = []
channel.port1.onmessage = () => waiting.shift()?.()

/** Is done when all promises are that can be, and what follows from them. @returns {Promise<void>} */
export const breathe = () => new Promise((resolve) => {
  waiting.push(resolve)
  channel.port2.postMessage(undefined)
})

/** Puts a world's clock and dice in the place of the worker's own: nothing else runs in it. @param {Clock} clock @param {Dice} dice */
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
  Object.defineProperty(performance, "now", { value: () => clock.time - began, configurable: true })
}

/** Forgets the instances of the plugin that are believed to live: those of a process that is killed, or of the world before. */
export function forget() {
  /** @type {Set<string> | undefined} */ (/** @type {any} */ (globalThis)[Symbol.for("opencode-delegate.instances")])?.clear()
}
