// The plugin's cost of one delegation in the real OpenCode: the same call with and without it, in turns.

import { script, startModel } from "../host/model.js"
import { startHost } from "../host/opencode.js"

const NAMED = "spawned under a name that the model gives, which is looked up and stored at once"

/**
 * The milliseconds of one delegation without the plugin, and the plugin's addition.
 * @param {number} pairs
 * @param {string} executor
 */
export async function hostCost(pairs, executor) {
  const model = await startModel()
  const agent = { explorer: { mode: "subagent", description: "Reads code" } }
  const plugin = new URL("../../js/plugin.js", import.meta.url).href
  const hosts = [await startHost({ model, config: { agent } }), await startHost({ model, config: { agent }, plugin: [[plugin, { executor }]] })]
  try {
    const rows = []
    for (const what of ["resumed", "spawned", NAMED]) {
      const times = /** @type {number[][]} */ ([])
      const roots = await Promise.all(hosts.map((host) => host.session()))
      const ids = await Promise.all(hosts.map((host, place) => delegate(host, roots[place], "Explore auth").then(({ id }) => id)))
      for (let pair = 0; pair < pairs + 3; pair++) {
        const pairTimes = [0, 0]
        // The order of each pair alternates, too.
        for (const place of pair % 2 ? [1, 0] : [0, 1]) {
          // Stock OpenCode takes no name: its named spawn is a plain one.
          const name = place === 1 ? `name-${pair}` : undefined
          const task_id = { resumed: ids[place], spawned: undefined, [NAMED]: name }[what]
          const { ms } = await delegate(hosts[place], roots[place], `Explore part ${pair}`, task_id)
          pairTimes[place] = ms
        }
        if (pair >= 3) times.push(pairTimes)
      }
      rows.push({ what, stock: median(times.map(([stock]) => stock)), added: median(times.map(([stock, ours]) => ours - stock)) })
    }
    return rows
  } finally {
    await Promise.all(hosts.map((host) => host.stop()))
    await model.close()
  }
}

/**
 * The time of a prompt that makes one call of the task tool.
 * @param {import("../host/opencode.js").Host} host @param {string} root @param {string} description
 * @param {string} [task_id]
 */
async function delegate(host, root, description, task_id) {
  const task = { description, prompt: "Go.", subagent_type: "explorer", ...(task_id ? { task_id } : {}) }
  const began = performance.now()
  await host.prompt(root, script({ task }, { say: "done" }))
  const ms = performance.now() - began
  const parts = (await host.messages(root)).flatMap(({ parts }) => parts)
  const call = parts.filter(({ type }) => type === "tool").at(-1)
  if (call.state.status !== "completed") throw new Error(JSON.stringify(call.state))
  return { ms, id: call.state.metadata.sessionId }
}

/** @param {number[]} numbers */
function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[sorted.length >> 1]
}
