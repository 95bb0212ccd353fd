// Notices for a person, and the tool's texts while the engine is off, in the real OpenCode.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { until } from "./delegate/world.js"
import { OPENCODE2, boot, task } from "./fixture.js"

/**
 * What a person reads: OpenCode 1 shows it on the screen, and OpenCode 2's server prints it.
 * @param {import("../host/opencode.js").Host} host
 * @param {() => Promise<unknown>} work makes it known
 * @param {"warning" | "error"} variant
 * @returns {Promise<string>}
 */
async function notice(host, work, variant) {
  if (OPENCODE2) {
    await work()
    const lines = () => host.log().split("\n").filter((line) => line.startsWith("opencode-delegate: "))
    await until(() => lines().length, "a line in the log")
    assert.equal(lines().length, 1, lines().join("\n"))
    return lines()[0].replace("opencode-delegate: ", "")
  }
  const events = await host.events()
  await work()
  await events.wait(({ type }) => type === "tui.toast.show")
  events.stop()
  const toasts = events.list.filter(({ type }) => type === "tui.toast.show").map(({ properties }) => properties)
  assert.equal(toasts.length, 1, JSON.stringify(toasts))
  assert.equal(toasts[0].variant, variant)
  return toasts[0].message
}

describe("Options at fault", () => {
  it("The first message shows every option at fault once, and a name gets an answer that says so", async (t) => {
    const { host, model, say } = await boot(t, { options: { max_depth: -1, context_limit: 7 } })
    const root = await host.session()
    const message = await notice(host, async () => {
      // The tool of OpenCode 2 has no task_id then.
      const result = await say(root, task("explorer", "Explore auth", "Go on.", OPENCODE2 ? undefined : "explore-auth"))
      assert.match(result, /<(?:task id|subagent sessionID)="ses_\w+" state="completed">[^]*did not apply its rules to this call: Invalid configuration/)
      if (!OPENCODE2) assert.match(result, /opencode-delegate could not look up "explore-auth", so a new session was started\.$/)
      await host.prompt(root, "Go on.")
    }, "error")
    for (const field of ["max_depth", "context_limit"]) assert.ok(message.includes(`ield "${field}": expected`), message)
    const [{ body }] = model.requests.filter(({ kind, sessionID }) => kind === "chat" && sessionID === root)
    const tool = body.tools?.find(({ function: { name } }) => name === (OPENCODE2 ? "subagent" : "task"))?.function
    assert.ok(tool)
    assert.doesNotMatch(JSON.stringify(tool), /explore-auth|has a name/)
  })

  it("The first message shows rules of permission.task that disagree", async (t) => {
    const build = { permission: { task: { explorer: "deny", "*": "allow" } } }
    const { host } = await boot(t, { agent: { build, explorer: { mode: "subagent", description: "Reads" } } })
    const message = await notice(host, async () => host.prompt(await host.session(), "Hello."), "warning")
    assert.match(message, /^Agent "build": for "explorer", the most specific permission\.task rule and the last matching one disagree/)
  })
})
