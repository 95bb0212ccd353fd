// The plugin's cost of one delegation in the real OpenCode: the same call with and without it, in turns.

import { readFileSync } from "node:fs"
import { script, startModel } from "../host/model.js"
import { startHost as startOpenCode1 } from "../host/opencode.js"
import { startHost as startOpenCode2 } from "../host/opencode2.js"
import { MISSING } from "../host/opencode2_binary.js"

/**
 * The hosts that run children: an executor of OpenCode 1, or OpenCode 2.
 * `bare`: the least that such a plugin can be.
 * @type {Record<string, { heading: string, start: (options: any) => Promise<any>, plugin: string, options: object, bare?: string, missing?: string | false }>}
 */
export const HOSTS = {
  delegate: { heading: "OpenCode 1, `\"delegate\"`", start: startOpenCode1, plugin: "js/plugin.js", options: { executor: "delegate" }, bare: "tests/bench/bare_tool.js" },
  host: { heading: "OpenCode 1, `\"host\"`", start: startOpenCode1, plugin: "js/plugin.js", options: { executor: "host" } },
  opencode2: { heading: "OpenCode 2", start: startOpenCode2, plugin: ".", options: {}, missing: MISSING },
}

const NAMED = "spawned under a name that the model gives"

/**
 * The milliseconds of a prompt with one delegation without the plugin, the plugin's addition, and that of a bare one. `thread`: the
 * CPU time that the plugin adds to OpenCode's thread for each prompt, with the records that are stored after it.
 * @param {number} rounds
 * @param {keyof typeof HOSTS} name
 */
export async function hostCost(rounds, name) {
  const { start, plugin, options, bare } = HOSTS[name]
  const model = await startModel()
  const agent = { explorer: { mode: "subagent", description: "Reads code" } }
  const at = (/** @type {string} */ path) => new URL(`../../${path}`, import.meta.url).href
  const plugins = [[], [[at(plugin), options]], ...(bare ? [[[at(bare), {}]]] : [])]
  const hosts = /** @type {any[]} */ ([])
  try {
    for (const plugin of plugins) hosts.push(await start({ model, config: { agent }, plugin }))
    const orders = permutations([...hosts.keys()])
    const rows = []
    for (const what of ["resumed", "spawned", NAMED]) {
      const times = /** @type {number[][]} */ ([])
      const roots = await Promise.all(hosts.map((host) => host.session()))
      const ids = await Promise.all(hosts.map((host, place) => delegate(host, roots[place], "Explore auth").then(({ id }) => id)))
      let began = /** @type {number[]} */ ([])
      for (let round = 0; round < rounds + 3; round++) {
        if (round === 3) began = hosts.map(threadTime)
        const taken = hosts.map(() => 0)
        // A prompt is faster after one in the same host, so all orders take turns.
        for (const place of orders[round % orders.length]) {
          // Neither OpenCode nor a bare plugin takes a name: their named spawn is a plain one.
          const task_id = place === 1 ? `name-${round}` : undefined
          // Stock OpenCode 2 resumes by its own parameter.
          const id = name === "opencode2" && place === 0 ? { sessionID: ids[place] } : { task_id: ids[place] }
          const named = { resumed: id, spawned: {}, [NAMED]: task_id ? { task_id } : {} }[what]
          const { ms } = await delegate(hosts[place], roots[place], `Explore part ${round}`, named)
          taken[place] = ms
        }
        if (round >= 3) times.push(taken)
      }
      const worked = hosts.map((host, place) => (threadTime(host) - began[place]) / rounds)
      const over = (/** @type {number} */ place) => median(times.map((taken) => taken[place] - taken[0]))
      rows.push({ what, stock: median(times.map(([stock]) => stock)), added: over(1), thread: worked[1] - worked[0], bare: bare ? over(2) : undefined })
    }
    return rows
  } finally {
    await Promise.all(hosts.map((host) => host.stop()))
    await model.close()
  }
}

/**
 * The time of a prompt that makes one call of the tool that delegates.
 * @param {any} host @param {string} root @param {string} description
 * @param {object} [named] what names the session
 */
export async function delegate(host, root, description, named = {}) {
  const task = { description, prompt: "Go.", subagent_type: "explorer", ...named }
  const began = performance.now()
  await host.prompt(root, script({ task }, { say: "done" }))
  const ms = performance.now() - began
  const messages = /** @type {any[]} */ (await host.messages(root))
  const { state } = messages.flatMap(({ parts, content = [] }) => parts ?? content).filter(({ type }) => type === "tool").at(-1)
  if (state.status !== "completed") throw new Error(JSON.stringify(state))
  return { ms, id: state.metadata.sessionId ?? state.metadata.sessionID }
}

/**
 * The CPU time that the first thread of a host has taken, in milliseconds: OpenCode runs its JavaScript in it. Linux counts it in
 * hundredths of a second; other systems do not show it.
 * @param {{ pid(): number | undefined }} host
 */
function threadTime(host) {
  const pid = host.pid()
  try {
    const [user, system] = readFileSync(`/proc/${pid}/task/${pid}/stat`, "utf8").split(") ")[1].split(" ").slice(11)
    return 10 * (Number(user) + Number(system))
  } catch {
    return NaN
  }
}

/** The orders of things. @param {number[]} of @returns {number[][]} */
function permutations(of) {
  if (of.length < 2) return [of]
  return of.flatMap((first) => permutations(of.filter((other) => other !== first)).map((rest) => [first, ...rest]))
}

/** @param {number[]} numbers */
export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[sorted.length >> 1]
}
