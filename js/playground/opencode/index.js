// The face of the model of OpenCode: its process, its database, and the clock and the dice that drive both.

/**
 * @typedef {import("./clock.js").Alarm} Alarm
 * @typedef {import("./store.js").Happening} Happening
 * @typedef {import("./store.js").Message} Message
 * @typedef {import("./turn.js").Asked} Asked
 * @typedef {import("./turn.js").Outcome} Outcome
 */

export { Clock } from "./clock.js"
export { Dice } from "./dice.js"
export { Host } from "./host.js"
export { Store } from "./store.js"
