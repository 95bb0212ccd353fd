// Worlds of the model of OpenCode with the real plugin: the invariants hold through every fault.

import assert from "node:assert/strict"
import { describe, it } from "node:test"

/** How many worlds of each kind are played, and with how many steps. */
const [WORLDS, STEPS] = [12, 30]

const FAIR = { processes: 1, copies: 1, events: { lost: 0, doubled: 0, late: 0, lag: 0 }, calls: { refused: 0, lost: 0, slow: 0 }, edits: 0, vandals: 0, traps: false }

/** Plays worlds, in which nothing may be violated. @param {any} server @param {object} only */
async function hold(server, only) {
  const { worlds } = await import("./run.js")
  /** @type {string[]} */
  const violations = []
  const { events, calls } = await worlds({ seed: 1, worlds: WORLDS, steps: STEPS, server, only, report: (violation) => violations.push(violation) })
  assert.deepEqual(violations, [])
  assert.ok(events > 1_000 && calls > 20, `${events} events, ${calls} calls`)
}

describe("The invariants", () => {
  for (const [what, only] of /** @type {[string, object][]} */ ([
    ["with executor delegate, through kills and reloads", { ...FAIR, executor: "delegate", kills: true }],
    ["with executor host, through kills and reloads", { ...FAIR, executor: "host", kills: true }],
    ["through faulty events and calls, and with two processes", {}],
    ["through forks and undos", { edits: 0.3 }],
    ["through traps of the engine", { ...FAIR, kills: true, traps: true }],
    ["through records that another plugin writes", { ...FAIR, vandals: 0.2 }],
  ])) {
    it(`The invariants hold ${what}`, async () => hold((await import("../../js/opencode1/index.js")).server, only))
  }

  it("The invariants hold beside another plugin with delegation tools of its own", async () => {
    const { COMPOSED } = await import("./run.js")
    await hold((await import("./other_plugin.js")).server, COMPOSED)
  })
})
