// The cost of a decision in JavaScript, by mitata: the engine through the wasm, plain JavaScript, and slim's job board.
// Prints a line of JSON for each. Needs --expose-gc in Node.

import assert from "node:assert/strict"
import { do_not_optimize, measure } from "mitata"
import { engine } from "./engine.js"
import { plain } from "./plain.js"
import { slim } from "./slim.js"
import { BATCH, KINDS, SIZES, ask } from "./world.js"

/** The time of each measurement, in nanoseconds. mitata takes at least twelve samples. */
const TIME = 250e6
/** A decision is slow above this time, in milliseconds. */
const SLOW = 1

/** Slim's own behaviour, if it differs. */
const INSTEAD = /** @type {Partial<Record<import("./world.js").Kind, string>>} */ ({ mistyped: "spawn" })

/** @typedef {(sessions: number) => { decide: (request: any) => any, takeBack: (decision: any) => void, alias?: (slug: string) => string }} Make */
/** @type {[string, Make][]} */
const sides = [["engine", engine], ["plain", plain], ["slim", await slim()]]

/** What both sides must say alike. @param {any} decision */
const essence = ({ action, rule, reason, code, sessionID, slug }) => ({ action, rule, reason, code, sessionID, slug })

agree()
for (const sessions of SIZES) {
  for (const [side, make] of sides) {
    const world = make(sessions)
    for (const { kind, row } of KINDS) {
      let calls = 0
      let count = BATCH
      /** The time of one decision among a few, without their preparation and their refund. */
      const few = () => {
        const requests = ask(kind, sessions, calls, count)
        calls += requests.length
        if (world.alias) for (const request of requests) request.task_id &&= world.alias(request.task_id)
        const decisions = new Array(requests.length)
        const began = performance.now()
        for (let place = 0; place < requests.length; place++) decisions[place] = world.decide(requests[place])
        const spent = performance.now() - began
        for (const decision of decisions) {
          check(side, kind, row, decision)
          world.takeBack(decision)
        }
        do_not_optimize(decisions)
        // Slow decisions are measured one by one.
        if (spent > SLOW * count) count = 1
        return (spent * 1e6) / requests.length
      }
      // The warm-up, until the compilers are done.
      for (const until = performance.now() + TIME / 2e6; performance.now() < until;) few()
      const { p50, avg } = await measure(function* () { yield { manual: few, budget: "real" } }, { min_cpu_time: TIME })
      console.log(JSON.stringify({ side, kind, sessions, ns: p50, mean: avg }))
    }
  }
}

/** The yardstick must decide as the engine does. */
function agree() {
  const sessions = 1_000
  const [ours, theirs] = [engine(sessions), plain(sessions)]
  for (const { kind, row } of KINDS) {
    for (let from = 0; from < 200; from += BATCH) {
      const requests = ask(kind, sessions, from)
      const decisions = requests.map((request) => {
        const decision = ours.decide(request)
        check("engine", kind, row, decision)
        const plainly = theirs.decide(request)
        assert.deepEqual(essence(plainly), essence(decision))
        return [decision, plainly]
      })
      for (const [decision, plainly] of decisions) {
        ours.takeBack(decision)
        theirs.takeBack(plainly)
      }
    }
  }
}

/** @param {string} side @param {import("./world.js").Kind} kind @param {string} row @param {any} decision */
function check(side, kind, row, decision) {
  if (side !== "slim") assert.equal(decision.rule, row)
  else assert.equal(decision.action, INSTEAD[kind] ?? { R2: "deny", R4: "resume" }[row] ?? "spawn")
}
