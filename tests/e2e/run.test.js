// The command `opencode run`, which ends with the turn of its root, in the real OpenCode.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { script } from "../host/model.js"
import { read } from "../pages.js"
import { use } from "./delegate/world.js"
import { OPENCODE2, boot, task } from "./fixture.js"

const results = { say: "RESULTS {{results}}" }
const recall = [{ say: "recalled {{recall /SECRET=(\\w+)/}}" }]

const NO_LINE = OPENCODE2 && "a plugin of OpenCode 2 runs in the server"
const LINE = /^opencode-delegate: (.*)$/gm

/** The line in the reference. */
const LINES = [...read("docs/reference.md").matchAll(LINE)].map(([, text]) => text)

/** The plugin's lines on standard error. @param {import("../host/opencode.js").Host} host @param {string[]} words @param {string} input */
async function lines(host, words, input) {
  let errors = ""
  await host.run(words, input, (text) => (errors += text))
  const found = [...errors.matchAll(LINE)].map(([, text]) => text)
  if (found.length) assert.equal(errors.trimEnd().split("\n").at(-1), `opencode-delegate: ${found.at(-1)}`)
  return found
}

describe("opencode run", () => {
  it("--continue resumes a child of the last run by its name", async (t) => {
    const { host } = await boot(t, { own: true })
    const first = await host.run([], script(task("explorer", "Explore", [{ say: "SECRET=kumquat" }], "explore"), results))
    assert.match(first, /SECRET=kumquat[^]*task_id: explore \(spawned/)
    const next = await host.run(["--continue"], script(task("explorer", "Explore on", recall, "explore"), results))
    assert.match(next, /recalled kumquat[^]*task_id: explore \(resumed/)
  })

  it("The last line of a run on standard error names the sessions that its calls resumed and started", { skip: NO_LINE }, async (t) => {
    const { host } = await boot(t, { own: true })
    const [explore, on] = [task("explorer", "Explore", [{ say: "Here." }], "explore-auth"), task("explorer", "Explore on", [{ say: "There." }], "explore-auth")]
    assert.equal(LINES.length, 1)
    assert.deepEqual(await lines(host, [], script(explore, on, { say: "done" })), ["started explore-auth (2 calls)"])
    const fixes = task("fixer", "Fix", [{ fail: { status: 400, times: 9 } }], "fix-login")
    const denied = task("nobody", "Nobody's", [{ say: "never" }])
    assert.deepEqual(await lines(host, ["--continue"], script(fixes, explore, on, denied, { say: "done" })), LINES)
    // The parts of the original's calls are copied into a fork.
    assert.deepEqual(await lines(host, ["--continue", "--fork"], script(explore, { say: "done" })), ["resumed explore-auth"])
    assert.deepEqual(await lines(host, ["--continue"], script({ say: "done" })), [])
  })

  it("A run has no last line with --format json, nor from the server of --attach", { skip: NO_LINE }, async (t) => {
    const { host } = await boot(t, { own: true })
    const input = script(task("explorer", "Explore", [{ say: "Here." }], "explore-auth"), { say: "done" })
    let errors = ""
    const events = (await host.run(["--format", "json"], input, (text) => (errors += text))).trim().split("\n")
    assert.ok(events.some((event) => JSON.parse(event).part?.state?.metadata?.delegate?.task_id === "explore-auth"))
    assert.equal(errors, "")
    assert.deepEqual(await lines(host, ["--attach", host.url], input), [])
    assert.doesNotMatch(host.log(), LINE)
  })

  it("In OpenCode 2, whose server cannot see that it ends with the turn, the next run shows that a background task was lost", { skip: !OPENCODE2 }, async (t) => {
    const { host } = await boot(t, { own: true })
    const explore = task("explorer", "Explore", [{ hang: 60_000 }, { say: "never" }], "explore").task
    assert.match(await host.run([], script({ task: { ...explore, background: true } }, results)), /working in the background/)
    const next = await host.run(["--continue"], script(use("list"), task("explorer", "Explore on", [{ say: "here again" }], "explore"), results))
    assert.match(next, /\| explore \| explorer \| lost \(bg_\w+\) \|[^]*here again[^]*task_id: explore \(resumed/)
  })

  it("A background call waits ten seconds for its child and says so, and --continue resumes the child by its name", { skip: OPENCODE2 && "the server of OpenCode 2 cannot see that it ends with the turn" }, async (t) => {
    const { host } = await boot(t, { own: true, env: { OPENCODE_EXPERIMENTAL_BACKGROUND_SUBAGENTS: "true" } })
    const explore = (/** @type {string} */ description, /** @type {object[]} */ prompt) => ({ task: { ...task("explorer", description, prompt, "explore").task, background: true } })
    const first = await host.run([], script(explore("Explore", [{ hang: 10_000 }, { say: "SECRET=kumquat" }]), results))
    assert.match(first, /RESULTS <task id="ses_\w+" state="completed">[^]*SECRET=kumquat[^]*task_id: explore \(spawned/)
    assert.match(first, /so this call did not go to the background and waited for its result\./)
    const next = await host.run(["--continue"], script(explore("Explore on", recall), results))
    assert.match(next, /RESULTS <task id="ses_\w+" state="completed">[^]*recalled kumquat[^]*task_id: explore \(resumed/)
  })
})
