// Rubbish of every kind: the shared cases, broken at random from a seed. The engine gives typed errors, and never traps.

import assert from "node:assert/strict"
import { readFileSync, readdirSync } from "node:fs"
import { describe, it } from "node:test"
import { DelegateError, Engine } from "../../js/engine.js"

const ROUNDS = Number(process.env.ROUNDS ?? 20_000)
const EXPECTED = new Set(["invalid_config", "invalid_event", "invalid_request", "corrupt_snapshot"])

const folder = new URL("../cases/", import.meta.url)
const cases = readdirSync(folder).filter((name) => name.endsWith(".json")).flatMap((name) => JSON.parse(readFileSync(new URL(name, folder), "utf8")))
const configs = cases.flatMap(({ config }) => (config ? [config] : []))
const steps = cases.flatMap(({ steps = [] }) => steps)
const events = steps.flatMap(({ apply }) => (apply ? [apply] : []))
const requests = steps.flatMap(({ decide }) => (decide ? [decide] : []))

/** Numbers from a seed (mulberry32). @param {number} seed */
function dice(seed) {
  return (/** @type {number} */ end) => {
    seed = (seed + 0x6d2b79f5) | 0
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % end
  }
}

const ODD = /** @type {any[]} */ ([null, true, -1, 1.5, 1e300, 2 ** 53, "", "ses_", "last", "\ud800", "é".repeat(70), "x".repeat(5_000), [], {}, [[]], { constructor: 1 }, ["a", 1]])

/** A copy with some values replaced. @param {any} value @param {(end: number) => number} roll @returns {any} */
function broken(value, roll) {
  if (roll(12) === 0) return ODD[roll(ODD.length)]
  if (Array.isArray(value)) return value.map((item) => broken(item, roll))
  if (typeof value !== "object" || value === null) return value
  const entries = Object.entries(value).filter(() => roll(15) > 0)
  return Object.fromEntries(entries.map(([key, item]) => [roll(40) ? key : `${key}x`, broken(item, roll)]))
}

/** @param {() => unknown} call */
function typed(call) {
  try {
    return call()
  } catch (error) {
    assert.ok(error instanceof DelegateError, `${error}`)
    assert.ok(EXPECTED.has(error.code), `${error.code}: ${error.message}`)
    return undefined
  }
}

describe("Rubbish", () => {
  it(`Rubbish of ${ROUNDS} kinds gets typed errors, and the engine still decides`, () => {
    const roll = dice(1)
    const pick = (/** @type {any[]} */ list) => list[roll(list.length)]
    let engine = new Engine()
    for (let round = 0; round < ROUNDS; round++) {
      if (round % 500 === 0) engine = /** @type {Engine} */ (typed(() => new Engine(broken(pick(configs), roll)))) ?? new Engine()
      typed(() => engine.apply(broken(pick(events), roll)))
      const request = { now: round, callID: `c${roll(50)}`, sessionID: "ses_root", agent: "explorer", description: "Look", prompt: "Look.", ...pick(requests) }
      const decision = /** @type {any} */ (typed(() => engine.decide(broken(request, roll)).decision))
      if (decision?.ticket !== undefined && roll(2)) {
        typed(() => engine.apply({ type: roll(4) ? "ticket.commit" : "ticket.refund", now: round, ticket: decision.ticket, sessionID: `ses_${roll(300)}` }))
      }
    }
    assert.equal(new Engine().decide({ now: 0, callID: "end", sessionID: "ses_end", agent: "explorer", description: "Look", prompt: "Look." }).decision.action, "spawn")
    assert.equal(Engine.restore(engine.snapshot()).snapshot(), engine.snapshot())
  })

  it("A cut or changed snapshot is refused", () => {
    const engine = new Engine()
    for (const event of events.slice(0, 40)) typed(() => engine.apply(event))
    engine.decide({ now: 0, callID: "c", sessionID: "ses_root", agent: "explorer", description: "Look", prompt: "Look." })
    const snapshot = engine.snapshot()
    const refused = (/** @type {string} */ text) => assert.throws(() => Engine.restore(text), { code: "corrupt_snapshot" })
    const roll = dice(2)
    for (let round = 0; round < 2_000; round++) {
      const at = roll(snapshot.length)
      refused(snapshot.slice(0, at))
      const other = String.fromCharCode(snapshot.charCodeAt(at) ^ (1 << roll(7)))
      refused(snapshot.slice(0, at) + other + snapshot.slice(at + 1))
    }
  })
})
