// The command `opencode run`, which ends with the turn of its root, in the real OpenCode.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { script } from "../host/model.js"
import { boot, task } from "./fixture.js"

describe("opencode run", () => {
  it("A background call waits ten seconds for its child and says so, and --continue resumes the child by its name", async (t) => {
    const { host } = await boot(t, { own: true, env: { OPENCODE_EXPERIMENTAL_BACKGROUND_SUBAGENTS: "true" } })
    const explore = (/** @type {string} */ description, /** @type {object[]} */ prompt) => ({ task: { ...task("explorer", description, prompt, "explore").task, background: true } })
    const results = { say: "RESULTS {{results}}" }
    const first = await host.run([], script(explore("Explore", [{ hang: 10_000 }, { say: "SECRET=kumquat" }]), results))
    assert.match(first, /RESULTS <task id="ses_\w+" state="completed">[^]*SECRET=kumquat[^]*task_id: explore \(spawned/)
    assert.match(first, /so this call did not go to the background and waited for its result\./)
    const next = await host.run(["--continue"], script(explore("Explore on", [{ say: "recalled {{recall /SECRET=(\\w+)/}}" }]), results))
    assert.match(next, /RESULTS <task id="ses_\w+" state="completed">[^]*recalled kumquat[^]*task_id: explore \(resumed/)
  })
})
