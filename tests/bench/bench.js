// `npm run bench` measures a decision: beside plain JavaScript and slim's job board, natively, and in instructions. It prints
// ratios, times and the machine. `--instructions` counts only instructions and fails if a count is over the baseline, which
// `--accept` sets; `--host` measures whole prompts in the real OpenCode alone; `--write` puts the figures into docs/benchmarks.md.

import { publish } from "../pages.js"
import { HOSTS, hostCost } from "./host.js"
import { accept, compare, count, missing, steady } from "./instructions.js"
import { machine } from "./machine.js"
import { core, decisions, loading } from "./measure.js"
import { OLD_DATABASE, oldDatabaseCost } from "./old_database.js"
import { firstPrompts, prompts, ratios, times } from "./tables.js"

const FLAGS = ["--instructions", "--accept", "--host", "--write"]
/** The prompts of each kind, with the plugin and without. An old database is measured by a sixth of them, each after a start. */
const PAIRS = Number(process.env.PAIRS ?? 30)

const flags = process.argv.slice(2)
const unknown = flags.find((flag) => !FLAGS.includes(flag))
if (unknown) {
  console.error(`There is no ${unknown}. There are ${FLAGS.join(", ")}.`)
  process.exit(2)
}
const [alone, accepts, host, writes] = FLAGS.map((flag) => flags.includes(flag))
const began = Date.now()

if (host) {
  const costs = /** @type {import("./tables.js").Cost[]} */ ([])
  for (const [name, { heading, missing }] of Object.entries(HOSTS)) {
    if (missing) console.log(`${heading}: SKIPPED, ${missing}`)
    else costs.push({ heading, rows: await hostCost(PAIRS, name) })
  }
  const starts = Math.ceil(PAIRS / 6)
  print("bench-host", [prompts(costs, PAIRS), firstPrompts(OLD_DATABASE, starts, await oldDatabaseCost(starts)), `From \`npm run bench -- --host\`, on ${machine()}.\n`])
} else {
  const why = missing()
  const counts = why ? undefined : count("count")
  if (!alone) {
    const figures = { decisions: decisions(), core: core(), loading: loading(), counts }
    const [inBun, inNode] = ratios(figures)
    const [decide, beside, natively, loaded] = times(figures)
    const from = `From \`npm run bench\`, on ${machine()}; medians.\n`
    // The page shows only Bun, in which OpenCode runs plugins.
    print("bench", [inBun, inNode, decide, beside, natively, loaded, from], [inBun, decide, natively, loaded, from])
  }
  if (!counts) console.log(`instructions: SKIPPED, ${why}`)
  else if (accepts) accept(counts)
  else if (!compare(counts)) process.exitCode = 1
  if (counts && !steady(count("growth"))) process.exitCode = 1
}
console.log(`\nIn ${((Date.now() - began) / 1000).toFixed(0)} s.`)

/** @param {string} mark @param {string[]} parts @param {string[]} [onPage] */
function print(mark, parts, onPage = parts) {
  console.log(parts.join("\n"))
  if (writes) publish("docs/benchmarks.md", mark, `${onPage.join("\n")}\n`)
}
