// node tests/sim_plugin/run.js [--seed N] [--worlds N] [--steps N] [--only WEATHER] [--composed] [--all] [--replay SEED]: worlds of
// a host against the real plugin, alone or composed with another one. SHIM_SEED and SHIM_WORLDS stand for the first two. A failing
// world is printed with its shortest steps.

import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { plan } from "./plan.js"
import { shrink } from "./shrink.js"
import { play } from "./world.js"

/** @typedef {import("./world.js").Server} Server */
/** @typedef {{ seed: number, steps: number, only?: Partial<import("./plan.js").Weather> }} Setting */

/** The weather of worlds with another plugin, which OpenCode never fails: that plugin has no second try. @type {Partial<import("./plan.js").Weather>} */
export const COMPOSED = {
  executor: "plugin", processes: 1, copies: 1, events: { lost: 0, doubled: 0, late: 0, lag: 0 }, calls: { refused: 0, lost: 0, slow: 0 },
  writers: 0, edits: 0, vandals: 0, traps: false, hostile: 0,
}

/**
 * Plays worlds.
 * @param {{ seed: number, worlds: number, steps: number, server: Server, only?: Partial<import("./plan.js").Weather>, report?: (violation: string) => void }} setting
 *   `report` gets each violation
 */
export async function worlds({ seed, worlds, steps, server, only, report = () => {} }) {
  const real = performance.now.bind(performance)
  const began = real()
  const sum = { worlds: 0, events: 0, calls: 0, kills: 0, violations: 0, failed: /** @type {number[]} */ ([]), kinds: /** @type {Record<string, number>} */ ({}) }
  for (let next = seed; next < seed + worlds; next++) {
    const { violations, events, calls, kills } = await play(next, plan(next, steps, only), server)
    sum.worlds++
    sum.events += events
    sum.calls += calls
    sum.kills += kills
    if (!violations.length) continue
    sum.violations += violations.length
    sum.failed.push(next)
    const { invariant, what } = violations[0]
    report(`${next} ${invariant}: ${what.slice(0, 300).replaceAll("\n", "\\n")}`)
    sum.kinds[invariant] = (sum.kinds[invariant] ?? 0) + 1
  }
  return { ...sum, rate: Math.round((1_000 * sum.events) / (real() - began)) }
}

/** A happening as a line. @param {import("../../js/playground/opencode/store.js").Happening} happening @param {number} start */
function line({ at, kind, sessionID = "", text, data }, start) {
  const status = data?.status ? ` ${data.status.type}` : ""
  return `${((at - start) / 1_000).toFixed(3).padStart(10)} ${kind.padEnd(22)} ${sessionID.slice(-6)} ${text.replaceAll("\n", "\\n").slice(0, 400)}${status}`
}

async function main() {
  const { SHIM_SEED = "1", SHIM_WORLDS = "100" } = process.env
  const { values } = parseArgs({
    options: {
      seed: { type: "string", default: SHIM_SEED }, worlds: { type: "string", default: SHIM_WORLDS }, steps: { type: "string", default: "40" },
      replay: { type: "string" }, only: { type: "string" }, shim: { type: "string" }, composed: { type: "boolean" }, lines: { type: "string", default: "60" }, all: { type: "boolean" },
    },
  })
  const [seed, count, steps] = [values.seed, values.worlds, values.steps].map(Number)
  const given = values.only ? JSON.parse(values.only) : undefined
  const only = values.composed ? { ...COMPOSED, ...given } : given
  const shim = values.shim ?? new URL(values.composed ? "./other_plugin.js" : "../../js/opencode1/index.js", import.meta.url).href
  /** @type {{ server: Server }} */
  const { server } = await import(shim)
  if (values.replay !== undefined) return replay({ seed: Number(values.replay), steps, only, server, lines: Number(values.lines) })
  const { failed, kinds, violations, ...sum } = await worlds({ seed, worlds: count, steps, server, only, report: values.all ? console.log : undefined })
  if (failed.length) {
    const [first] = failed
    console.log(`violated: ${JSON.stringify(kinds)}; seeds ${failed.slice(0, 40).join(" ")}`)
    console.log(`replay: node tests/sim_plugin/run.js --replay ${first} --steps ${steps}${values.composed ? " --composed" : ""}${values.only ? ` --only '${values.only}'` : ""}`)
    if (!values.all) await replay({ seed: first, steps, only, server, lines: Number(values.lines) })
    process.exitCode = 1
  }
  console.log(`${sum.calls} calls, ${sum.kills} kills, ${sum.rate} events per second`)
  console.log(`sim_plugin: ${sum.events} events in ${sum.worlds} worlds (seeds ${seed} to ${seed + sum.worlds - 1}), ${violations} violations`)
}

/**
 * Plays a world again, with the fewest steps that fail in the same way, and prints its happenings.
 * @param {{ seed: number, steps: number, only?: Partial<import("./plan.js").Weather>, server: Server, lines: number }} setting
 */
async function replay({ seed, steps, only, server, lines }) {
  const whole = plan(seed, steps, only)
  const first = await play(seed, whole, server)
  if (!first.violations.length) return void console.log(`seed ${seed} violates nothing`)
  process.exitCode = 1
  const small = await shrink(seed, whole, server, first.violations[0].invariant)
  const { violations, log } = await play(seed, small, server)
  console.log(`seed ${seed}: ${JSON.stringify(small.weather)}`)
  for (const step of small.steps) console.log(`  ${JSON.stringify(step)}`)
  if (lines) for (const happening of log.slice(-lines)) console.log(line(happening, log[0].at))
  for (const { invariant, what } of violations) console.log(`${invariant}: ${what}`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main()
