// `max_parallel` in the real OpenCode 2: a child waits with its prompt until fewer prompts run.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"
import { MISSING } from "../../host/opencode2_binary.js"
import { until } from "../delegate/world.js"
import { OPENCODE2, boot, task } from "../fixture.js"

const only = { skip: MISSING || (!OPENCODE2 && "this is a test of OpenCode 2") }

describe("A child in the background", only, () => {
  it("A call of a child in the background waits for its end, and gets its own answer", { timeout: 120_000 }, async (t) => {
    const { host, say, model } = await boot(t)
    const root = await host.session()
    await say(root, { task: { ...task("explorer", "Work", [{ gate: "first", say: "ONE" }], "work").task, background: true } })
    await model.reached("first")
    const said = say(root, task("explorer", "Work on", [{ say: "TWO" }], "work"))
    model.open("first")
    assert.match(await said, /TWO\n<\/subagent>\ntask_id: work \(resumed: /)
    assert.match(await say(root, { call: { tool: "delegate_list", args: {} } }), /\| work \|[^\n]*completed \(bg_/)
  })
})

describe("max_parallel in OpenCode 2", only, () => {
  it("The prompt of a child waits until fewer than max_parallel prompts run", { timeout: 120_000 }, async (t) => {
    const { host, say, model } = await boot(t, { options: { max_parallel: 1 } })
    const root = await host.session()
    const one = (/** @type {string} */ name) => task("explorer", name, [{ gate: name, say: `${name} is done` }], name).task
    const said = say(root, { tasks: [one("one"), one("two")] })
    const children = await until(async () => {
      const children = await host.children(root)
      return children.length === 2 ? children : undefined
    }, "two children")
    const asked = () => new Set(model.requests.flatMap(({ kind, sessionID }) => (kind === "chat" && children.some(({ id }) => id === sessionID) ? [sessionID] : [])))
    await until(() => asked().size, "a child that is asked")
    // Long enough for the other to be asked as well.
    await sleep(2_000)
    assert.equal(asked().size, 1)
    for (const name of ["one", "two"]) model.open(name)
    const result = await said
    assert.match(result, /one is done/)
    assert.match(result, /two is done/)
    assert.equal(asked().size, 2)
  })
})
