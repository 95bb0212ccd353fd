// `node tests/bench/terminal.js` measures what the terminal half adds to OpenCode's terminal: to its start, and to its idling over
// a minute before a conversation of a hundred sessions. ROUNDS and IDLE_S set the size. It prints medians, with the half and without.

import { readFileSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import { OURS } from "../e2e/fixture.js"
import { startModel } from "../host/model.js"
import { MISSING, startTerminal } from "../host/terminal.js"

const ROUNDS = Number(process.env.ROUNDS ?? 5)
const IDLE_S = Number(process.env.IDLE_S ?? 60)
/** The ticks of the kernel in a second. */
const TICKS = 100
/** The time in which a terminal comes to rest. */
const SETTLES_MS = 5_000

if (MISSING) {
  console.error(MISSING)
  process.exit(1)
}
const half = new URL("../../js/tui.js", import.meta.url).href
const model = await startModel()
const kinds = /** @type {[string, string[]][]} */ ([["without", []], ["with", [half]]])
const starts = /** @type {Record<string, number[]>} */ ({ without: [], with: [] })
const idles = /** @type {Record<string, number>} */ ({})

for (let round = 0; round < ROUNDS; round++) {
  for (const [kind, tui] of round % 2 ? kinds.toReversed() : kinds) {
    const began = performance.now()
    const terminal = await startTerminal({ model, plugin: [OURS], tui, width: 160, height: 45 })
    await terminal.see("Ask anything")
    starts[kind].push(performance.now() - began)
    if (round === 0) idles[kind] = await idle(terminal)
    await terminal.stop()
  }
}
await model.close()
for (const [kind] of kinds) console.log(`${kind} the terminal half: start ${median(starts[kind]).toFixed(0)} ms (${starts[kind].map((ms) => ms.toFixed(0)).join(", ")}), idle ${idles[kind].toFixed(2)} CPU s in ${IDLE_S} s`)

/** The CPU seconds of a terminal that shows a conversation and rests. @param {import("../host/terminal.js").Terminal} terminal */
async function idle(terminal) {
  const root = await terminal.session()
  await Promise.all(Array.from({ length: 100 }, (_, place) => terminal.api("POST", "/session", {
    parentID: root, title: `Work ${place} (@explorer subagent)`, agent: "explorer",
    metadata: { delegate: { v: 2, slug: `work-${place}`, agent: "explorer", description: `Work ${place}`, budget: 0, used: 0, lastUsed: 1_790_000_000_000 + place } },
  })))
  await terminal.api("POST", "/tui/select-session", { sessionID: root })
  await sleep(SETTLES_MS)
  const before = cpu(terminal)
  await sleep(IDLE_S * 1_000)
  return cpu(terminal) - before
}

/** The CPU seconds that the processes of a terminal have used. @param {import("../host/terminal.js").Terminal} terminal */
function cpu(terminal) {
  return terminal.living().reduce((sum, pid) => {
    // The name of a process stands in brackets, and may hold blanks.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /s, "").split(" ")
    return sum + (Number(fields[11]) + Number(fields[12])) / TICKS
  }, 0)
}

/** @param {number[]} values */
function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1]
}
