// The calls of OpenCode that a delegation waits for before its child is prompted, as docs/benchmarks.md lists them. Runs under Node
// and Bun.

import assert from "node:assert/strict"
import { it } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"
import { partOf, read } from "../pages.js"
import { hosting, running } from "./children.js"
import { CHILD, plugin } from "./opencode.js"
import { recorded } from "./syncing.js"

/** The time that a call of OpenCode takes, so that calls at once differ from calls in a row. */
const TAKES_MS = 5
const NAMES = /** @type {Record<string, string>} */ ({
  get: "`GET /session/:id`", status: "`GET /session/status`", children: "`GET /session/:id/children`", create: "`POST /session`", update: "`PATCH /session/:id`",
})

/** Notes the calls of a host until `stop`, those that are made at once on one line. @param {any} host */
function following(host) {
  const { session } = host.input.client
  const lines = /** @type {string[][]} */ ([])
  let pending = 0
  let stopped = false
  for (const [name, run] of Object.entries(session)) {
    session[name] = async (/** @type {any[]} */ ...args) => {
      if (name === "prompt") stopped = true
      if (!stopped) {
        if (pending) lines.at(-1)?.push(NAMES[name] ?? name)
        else lines.push([NAMES[name] ?? name])
      }
      pending++
      if (name !== "prompt") await sleep(TAKES_MS)
      return run(...args).finally(() => pending--)
    }
  }
  return {
    begin: () => ((stopped = false), void lines.splice(0)),
    stop: () => void (stopped = true),
    text: () => lines.map((at) => at.sort().join(" beside ")).join(", then ") || "none",
  }
}

/** The kinds of calls, each with the options and the arguments. @type {[string, Record<string, unknown>, (id: string) => Record<string, unknown>][]} */
const KINDS = [
  ["a session is resumed", {}, (task_id) => ({ task_id })],
  ["the same, if the denials of its caller hold for it", { child_permissions: "caller" }, (task_id) => ({ task_id })],
  ["a session is spawned", {}, () => ({})],
  ["a session is spawned under a name that the model gives", {}, () => ({ task_id: "another" })],
]
const AGENTS = { build: { permission: [{ permission: "edit", pattern: "*", action: "deny" }] }, fixer: { permission: [{ permission: "*", pattern: "*", action: "allow" }] } }

/** Reports a call as OpenCode does before it runs the tool. @param {any} world @param {string} callID @param {object} [input] */
async function report({ emit, sessions }, callID, input = {}) {
  await emit("session.updated", { info: sessions.ses_root })
  await emit("message.updated", { info: { id: "msg_call", role: "assistant", sessionID: "ses_root", providerID: "p", modelID: "one" } })
  const part = { id: `prt_${callID}`, messageID: "msg_call", sessionID: "ses_root", callID, type: "tool", tool: "task", state: { status: "running", input } }
  await emit("message.part.updated", { part })
}

/** With executor "delegate". @param {Record<string, unknown>} options @param {(id: string) => Record<string, unknown>} named */
async function delegated(options, named) {
  const host = hosting(undefined, AGENTS)
  const path = following(host)
  const world = await running(host, options)
  // The messages of a conversation that is new to the plugin are read once, before its first new name.
  const { metadata } = await world.call({ task_id: "first" })
  await report(world, "c2")
  path.begin()
  await world.call(named(metadata.sessionId))
  return path.text()
}

/** With executor "host". @param {Record<string, unknown>} options @param {(id: string) => Record<string, unknown>} named */
async function hosted(options, named) {
  const host = hosting(undefined, AGENTS)
  host.add("ses_a", { ...CHILD, permission: [{ permission: "task", pattern: "*", action: "deny" }], metadata: recorded({ budget: 0 }) })
  const path = following(host)
  const world = await plugin({ executor: "host", ...options }, host)
  await world.speak()
  const failing = { status: "error", error: "No.", input: {} }
  await world.before({ task_id: "first" }, "c1")
  await world.emit("message.part.updated", { part: { id: "prt_c1", messageID: "msg_call", sessionID: "ses_root", callID: "c1", type: "tool", tool: "task", state: failing } })
  await report(world, "c2", { prompt: "Go." })
  path.begin()
  await world.before(named("ses_a"), "c2")
  path.stop()
  return path.text()
}

it("A delegation waits for the calls of OpenCode that docs/benchmarks.md lists", async () => {
  const rows = []
  for (const [what, options, named] of KINDS) rows.push(`| ${what} | ${await delegated(options, named)} | ${await hosted(options, named)} |`)
  const table = ["| before the child is prompted | `\"delegate\"` | `\"host\"` |", "|---|---|---|", ...rows, ""].join("\n")
  assert.equal(partOf(read("docs/benchmarks.md"), "critical-path"), table)
})
