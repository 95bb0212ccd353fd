// Notices for a person, and the tool's texts while the engine is off, in the real OpenCode.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { boot, task } from "./fixture.js"

describe("Options at fault", () => {
  it("The first message shows every option at fault once, and a name gets an answer that says so", async (t) => {
    const { host, model, say } = await boot(t, { options: { max_depth: -1, context_limit: 7 } })
    const events = await host.events()
    const root = await host.session()
    const result = await say(root, task("explorer", "Explore auth", "Go on.", "explore-auth"))
    assert.match(result, /<task id="ses_\w+" state="completed">[^]*did not apply its rules to this call: Invalid configuration/)
    assert.match(result, /opencode-delegate could not look up "explore-auth", so a new session was started\.$/)
    const [{ body }] = model.requests.filter(({ kind, sessionID }) => kind === "chat" && sessionID === root)
    const tool = body.tools?.find(({ function: { name } }) => name === "task")?.function
    assert.doesNotMatch(JSON.stringify(tool), /explore-auth|has a name/)

    await host.prompt(root, "Go on.")
    await events.wait(({ type }) => type === "tui.toast.show")
    events.stop()
    const toasts = events.list.filter(({ type }) => type === "tui.toast.show").map(({ properties }) => properties)
    assert.equal(toasts.length, 1, JSON.stringify(toasts))
    assert.equal(toasts[0].variant, "error")
    for (const field of ["max_depth", "context_limit"]) assert.ok(toasts[0].message.includes(`ield "${field}": expected`), toasts[0].message)
  })

  it("The first message shows rules of permission.task that disagree", async (t) => {
    const build = { permission: { task: { explorer: "deny", "*": "allow" } } }
    const { host } = await boot(t, { agent: { build, explorer: { mode: "subagent", description: "Reads" } } })
    const events = await host.events()
    await host.prompt(await host.session(), "Hello.")
    const { properties } = await events.wait(({ type }) => type === "tui.toast.show")
    events.stop()
    assert.equal(properties.variant, "warning")
    assert.match(properties.message, /^Agent "build": for "explorer", the most specific permission\.task rule and the last matching one disagree/)
  })
})
