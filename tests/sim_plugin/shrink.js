// The fewest steps and the fairest weather under which a world still fails.

import { play } from "./world.js"

/**
 * @typedef {import("./plan.js").Step} Step
 * @typedef {import("./plan.js").Weather} Weather
 * @typedef {{ weather: Weather, steps: Step[] }} Plan
 */

/** How often a world is tried. */
const TRIES = 300

/**
 * @param {number} seed
 * @param {Plan} plan
 * @param {import("./world.js").Server} server
 * @param {string} invariant the one that must still fail
 * @returns {Promise<Plan>}
 */
export async function shrink(seed, plan, server, invariant) {
  let tries = 0
  const fails = async (/** @type {Plan} */ smaller) => {
    if (tries++ >= TRIES) return false
    return (await play(seed, smaller, server)).violations[0]?.invariant === invariant
  }
  let { weather, steps } = plan
  for (const fair of fairer(weather)) if (await fails({ weather: fair(weather), steps })) weather = fair(weather)
  for (let size = steps.length >> 1; size >= 1; size = size > 1 ? size >> 1 : 0) {
    for (let place = 0; place < steps.length; ) {
      const fewer = steps.toSpliced(place, size)
      if (await fails({ weather, steps: fewer })) steps = fewer
      else place += size
    }
  }
  return { weather, steps }
}

/** The ways to make a weather fairer. @param {Weather} weather @returns {((weather: Weather) => Weather)[]} */
function fairer({ events, calls, model, options }) {
  const without = (/** @type {"events" | "calls" | "model"} */ group, /** @type {string} */ field) => (/** @type {Weather} */ weather) => ({ ...weather, [group]: { ...weather[group], [field]: 0 } })
  return [
    ...Object.keys(events).map((field) => without("events", field)),
    ...Object.keys(calls).map((field) => without("calls", field)),
    ...Object.keys(model).map((field) => without("model", field)),
    ...Object.keys(options).map((field) => (/** @type {Weather} */ weather) => ({ ...weather, options: Object.fromEntries(Object.entries(weather.options).filter(([name]) => name !== field)) })),
    (weather) => ({ ...weather, processes: 1 }),
    (weather) => ({ ...weather, copies: 1 }),
  ]
}
