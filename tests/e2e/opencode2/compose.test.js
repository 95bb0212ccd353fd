// A composed plugin of OpenCode 2 that uses much of its context, in the real OpenCode 2.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { MISSING } from "../../host/opencode2_binary.js"
import { AGENTS, OPENCODE2, boot, task } from "../fixture.js"

const only = { skip: MISSING || (!OPENCODE2 && "this is a test of OpenCode 2") }
const use = (/** @type {string} */ tool, /** @type {object} */ args = {}) => ({ call: { tool, args } })

/** OpenCode with the curious plugin, and what its tool says after a delegation. @param {import("node:test").TestContext} t @param {string} folder */
async function curious(t, folder) {
  const plugin = new URL(`../compose/opencode2/${folder}`, import.meta.url).href
  const at = await boot(t, { agent: AGENTS, plugin: [[plugin, { mine: 1 }]] })
  const root = await at.host.session()
  const result = await at.say(root, task("explorer", "Look around", [{ say: "three files" }]), task("explorer", "Break", [{ fail: { status: 400 } }]))
  const { seen, ...got } = JSON.parse(await at.say(root, use("look")))
  // OpenCode asks for a title beside the turn.
  return { ...at, root, result, got: { ...got, seen: seen.filter((/** @type {string} */ what) => !what.endsWith("title")) } }
}

describe("A composed plugin of OpenCode 2", only, () => {
  it("The plugin gets from its context what it gets alone, and its hooks run as often and in the same order", async (t) => {
    const [composed, alone] = await Promise.all(["curious_composed", "curious"].map((folder) => curious(t, folder)))
    assert.deepEqual(composed.got, alone.got)
    const plain = (/** @type {string} */ text) => text.replace(/ses_\w+/g, "ses_")
    const [first, second] = plain(alone.result).split(/\n(?=Subagent)/)
    const lines = ["task_id: look-around (spawned: No session was named.)", "task_id: break (its session is kept: give this task_id to go on with it)"]
    assert.equal(plain(composed.result), `${first}\n${lines[0]}\n${second}\n${lines[1]}`)
    const { agents, commands, entries, options, seen } = composed.got
    assert.ok(agents.includes("gardener") && commands.includes("water"))
    assert.deepEqual([entries, options], [[{ key: "record/mine", value: { plants: 3 } }], { mine: 1 }])
    for (const what of ["prompt", "context", "model.request primary", "before subagent", "evaluate", "after subagent error: Subagent failed (sessionID: ses_): scripted failure"]) assert.ok(seen.includes(what), `${what} in ${seen}`)
  })

  it("A hook that the plugin ends runs no more, and calls are decided as before", async (t) => {
    const { say, root } = await curious(t, "curious_composed")
    await say(root, use("silence"))
    const { seen } = JSON.parse(await say(root, use("look")))
    assert.match(await say(root, task("explorer", "Go on", [{ say: "again" }], "look-around")), /again[^]*task_id: look-around \(resumed: /)
    assert.deepEqual(JSON.parse(await say(root, use("look"))).seen, seen)
  })

  it("A sessionID that is a name resumes the session of that name", async (t) => {
    const { host, say, root } = await curious(t, "curious_composed")
    const call = use("subagent", { agent: "explorer", description: "Go on", prompt: "Go on.", sessionID: "Look around" })
    assert.match(await say(root, call), /task_id: look-around \(resumed: /)
    assert.equal((await host.children(root)).length, 2)
  })

  it("A name survives the change of its result by the plugin", async (t) => {
    const plugin = new URL("../compose/opencode2/pruner", import.meta.url).href
    const { host, say } = await boot(t, { agent: AGENTS, plugin: [plugin] })
    const result = await say(await host.session(), task("explorer", "Look around", [{ say: "three files" }]))
    assert.equal(result, "[pruned]\ntask_id: look-around (spawned: No session was named.)")
  })

  it("A project that is loaded again has one engine again", async (t) => {
    const { host, say, root } = await curious(t, "curious_composed")
    await host.api("DELETE", "/debug/location")
    assert.match(await say(root, task("explorer", "Go on", [{ say: "again" }], "look-around")), /again\n<\/subagent>\ntask_id: look-around \(resumed: [^\n]*$/)
  })

  it("A fault of the engine's options leaves the plugin its hooks", async (t) => {
    const plugin = new URL("../compose/opencode2/faulty", import.meta.url).href
    const { host, say } = await boot(t, { agent: AGENTS, plugin: [plugin] })
    const root = await host.session()
    assert.match(await say(root, task("explorer", "Look around", [{ say: "three files" }])), /three files\n<\/subagent>\nopencode-delegate did not apply its rules to this call: Invalid configuration, field "max_depth"/)
    const { seen } = JSON.parse(await say(root, use("look")))
    assert.ok(seen.includes("before subagent") && seen.some((/** @type {string} */ what) => what.startsWith("after subagent completed")), seen)
    assert.match(host.log(), /opencode-delegate: Invalid configuration, field "max_depth"/)
  })
})
