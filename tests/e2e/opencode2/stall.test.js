// A child whose model is silent, in the real OpenCode 2: after `stall_ms` it is interrupted, and counts as failed.

import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import { MISSING } from "../../host/opencode2_binary.js"
import { until } from "../delegate/world.js"
import { AGENTS, OPENCODE2, boot, task } from "../fixture.js"

const only = { skip: MISSING || (!OPENCODE2 && "this is a test of OpenCode 2") }
const models = { n: { name: "n", tool_call: true, limit: { context: 200_000, output: 8_192 } } }
const agent = { ...AGENTS, chained: { mode: "subagent", description: "Has another", fallback_models: ["scripted/n"] } }
/** With this, a hanging model fails by itself. */
const HANGS = { hang: 600_000, drop: true }
const LIMIT = { timeout: 120_000 }
const WHY = "It gave no sign of life for 2 seconds."

const ends = /** @type {(() => Promise<void>)[]} */ ([])
/** @type {Awaited<ReturnType<typeof boot>>} */
let world
before(async () => {
  if (only.skip) return
  world = await boot({ after: (/** @type {() => Promise<void>} */ end) => void ends.push(end) }, { agent, config: { provider: { scripted: { models } } }, options: { stall_ms: 2_000 } })
})
after(() => Promise.all(ends.map((end) => end())))

/** The models that were asked in the only child of a root. @param {string} root */
async function asked(root) {
  const [{ id }] = await world.host.children(root)
  return world.model.requests.filter(({ kind, sessionID }) => kind === "chat" && sessionID === id).map(({ body }) => body.model).join(" ")
}

describe("A child whose model is silent", only, () => {
  it("A child whose model hangs goes on with the next model", LIMIT, async () => {
    const { host, say } = world
    const root = await host.session()
    const result = await say(root, task("chained", "Work", [HANGS, { say: "ANSWER" }], "work"))
    assert.match(result, /ANSWER\n<\/subagent>\ntask_id: work \(spawned: [^\n]*\)\nIts model failed \(It gave no sign of life for 2 seconds\.\); scripted\/n took over\.$/)
    assert.equal(await asked(root), "m n")
  })

  it("A child whose model hangs once, and has no other, is asked again", LIMIT, async () => {
    const { host, say } = world
    const root = await host.session()
    assert.match(await say(root, task("explorer", "Work", [HANGS, { say: "ANSWER" }], "work")), /ANSWER\n<\/subagent>\ntask_id: work \(spawned: [^\n]*\)$/)
    assert.equal(await asked(root), "m m")
  })

  it("A child whose model always hangs fails, and can be resumed", LIMIT, async () => {
    const { host, say } = world
    const root = await host.session()
    const result = await say(root, task("explorer", "Work", [{ ...HANGS, times: 3 }], "work"))
    assert.equal(result.replace(/ses_\w+/, "ses_"), `Subagent failed (task_id: ses_): ${WHY}\ntask_id: work (its session is kept: give this task_id to go on with it)`)
    assert.equal(await asked(root), "m m m")
    assert.match(await say(root, task("explorer", "Work", [{ say: "BACK" }], "work")), /BACK[^]*\(resumed: /)
  })

  it("A person who allowed a call is not asked about its next attempt", LIMIT, async () => {
    const { host, say } = world
    const root = await host.session({ permissions: [{ action: "subagent", resource: "*", effect: "ask" }] })
    const events = await host.events()
    const said = say(root, task("chained", "Work", [HANGS, { say: "ANSWER" }], "work"))
    const asks = (/** @type {any} */ { type, data }) => type === "permission.asked" && data.sessionID === root
    const { data: { id } } = /** @type {any} */ (await events.wait(asks))
    await host.api("POST", `/session/${root}/permission/${id}/reply`, { decision: "once" })
    assert.match(await said, /ANSWER[^]*scripted\/n took over/)
    events.stop()
    assert.equal(events.list.filter(asks).length, 1)
  })

  it("A child is not silent while one of its tools runs", LIMIT, async () => {
    const { host, say } = world
    const root = await host.session()
    const sleeps = { call: { tool: "shell", args: { command: "sleep 5", description: "Sleeps" } } }
    assert.match(await say(root, task("explorer", "Work", [sleeps, { say: "ANSWER" }], "work")), /ANSWER\n<\/subagent>\ntask_id: work \(spawned: [^\n]*\)$/)
    assert.equal(await asked(root), "m m")
  })

  it("A silent child in the background is interrupted, and its caller reads why", LIMIT, async () => {
    const { host, say, model } = world
    const root = await host.session()
    const slow = { task: { ...task("explorer", "Work", [HANGS], "work").task, background: true } }
    assert.match(await say(root, slow), /working in the background/)
    const texts = () => model.requests.flatMap(({ sessionID, body }) => (sessionID === root ? [JSON.stringify(body.messages)] : []))
    await until(() => texts().some((text) => text.includes('state=\\"cancelled\\"') || text.includes("cancelled")), "OpenCode reported the end")
    await say(root)
    assert.ok((texts().at(-1) ?? "").includes(WHY), texts().at(-1))
    assert.equal(await asked(root), "m")
  })
})
