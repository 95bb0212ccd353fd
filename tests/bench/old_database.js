// The plugin's cost in a database of a year: the first delegations after a start, in a conversation with hundreds of subagents.

import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { deriveSessionID } from "../../js/engine.js"
import { script, startModel } from "../host/model.js"
import { startHost } from "../host/opencode.js"
import { HOSTS, delegate, median } from "./host.js"

/** The conversations, and the subagents of each. */
const ROOTS = 6
const CHILDREN = 500
/** The database, in the words of the page. */
export const OLD_DATABASE = `${CHILDREN} subagents below the conversation, ${ROOTS * CHILDREN} in the database`

/** The rules of a subagent that may call no other. */
const PERMISSION = ["todowrite", "task", "delegate_*"].map((permission) => ({ permission, pattern: "*", action: "deny" }))

/** The hosts that share the database; the first has no plugin. */
const SIDES = /** @type {const} */ (["stock", "delegate", "host"])

/**
 * The milliseconds of prompts with one delegation, without the plugin, and what the plugin adds under each executor.
 * @param {number} rounds
 */
export async function oldDatabaseCost(rounds) {
  const model = await startModel()
  const home = mkdtempSync(join(tmpdir(), "delegate-old-"))
  try {
    const { root, ids } = await furnish(home, model)
    /** @type {Record<string, number[][]>} */
    const times = { "the first resumes one of them": [], "the next spawns one under a name that the model gives": [] }
    for (let round = 0; round < rounds; round++) {
      const taken = /** @type {number[][]} */ ([[], []])
      // Each order of the hosts takes its turn.
      for (const place of [0, 1, 2].map((at) => (at + round) % SIDES.length)) {
        const host = await start(home, model, SIDES[place])
        try {
          // The first prompt of a server is slow.
          await host.prompt(await host.session(), script({ say: "ready" }))
          const number = round * SIDES.length + place
          const calls = place ? [{ task_id: nameOf(number) }, { task_id: `new-${number}` }] : [{ task_id: ids[number] }, {}]
          for (const [at, named] of calls.entries()) taken[at][place] = (await delegate(host, root, `Go on ${number}`, named)).ms
        } finally {
          await host.stop()
        }
      }
      Object.values(times).forEach((list, at) => list.push(taken[at]))
    }
    return Object.entries(times).map(([what, list]) => ({
      what,
      stock: median(list.map(([stock]) => stock)),
      added: [1, 2].map((place) => median(list.map((taken) => taken[place] - taken[0]))),
    }))
  } finally {
    await model.close()
    rmSync(home, { recursive: true, force: true, maxRetries: 5 })
  }
}

const nameOf = (/** @type {number} */ number) => `part-${number}`

/** @param {string} home @param {import("../host/model.js").Model} model @param {typeof SIDES[number]} side */
function start(home, model, side) {
  const agent = { explorer: { mode: "subagent", description: "Reads code" } }
  const plugin = side === "stock" ? [] : [[new URL("../../js/plugin.js", import.meta.url).href, HOSTS[side].options]]
  return startHost(/** @type {any} */ ({ home, model, config: { agent }, plugin }))
}

/** Fills the database as the plugin does in a year. @param {string} home @param {import("../host/model.js").Model} model */
async function furnish(home, model) {
  const host = await start(home, model, "stock")
  try {
    const roots = /** @type {{ root: string, ids: string[] }[]} */ ([])
    for (let number = 0; number < ROOTS; number++) {
      const root = await host.session()
      const ids = /** @type {string[]} */ ([])
      for (let child = 0; child < CHILDREN; child++) {
        const slug = nameOf(child)
        const record = {
          v: 2, slug, id: deriveSessionID(root, slug), agent: "explorer", description: `Explore part ${child}`, budget: 0, used: 0, tokens: 9_000, window: 200_000,
          lastUsed: Date.now(), spawned: ["msg_old", "prt_old"], files: Array.from({ length: 8 }, (_, file) => `src/part_${child}/file_${file}.ts`),
        }
        ids.push(await host.session({ parentID: root, title: `Explore part ${child} (@explorer subagent)`, agent: "explorer", permission: PERMISSION, metadata: { delegate: record } }))
      }
      roots.push({ root, ids })
    }
    return roots[0]
  } finally {
    await host.stop()
  }
}
