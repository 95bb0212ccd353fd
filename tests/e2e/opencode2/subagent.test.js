// The wrapped tool `subagent` and the small tools beside it, in the real OpenCode 2.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { script } from "../../host/model.js"
import { MISSING } from "../../host/opencode2_binary.js"
import { AGENTS, OPENCODE2, boot, idIn, task } from "../fixture.js"

const only = { skip: MISSING || (!OPENCODE2 && "this is a test of OpenCode 2") }
const call = (/** @type {string} */ tool, /** @type {object} */ args) => ({ call: { tool, args } })

describe("The tool subagent", only, () => {
  it("A call that names nothing gets OpenCode's own result, and one line below it", async (t) => {
    const { host, say } = await boot(t)
    const stock = await boot(t, { plugin: [] })
    const step = task("explorer", "Look around", [{ say: "three files" }])
    const [ours, theirs] = [await say(await host.session(), step), await stock.say(await stock.host.session(), step)]
    const plain = (/** @type {string} */ text) => text.replace(/ses_\w+/g, "ses_")
    assert.equal(plain(ours), `${plain(theirs)}\ntask_id: look-around (spawned: No session was named.)`)
  })

  it("A sessionID names a session as task_id does, and a call that names two sessions is refused", async (t) => {
    const { host, say } = await boot(t)
    const root = await host.session()
    const [one, two] = [idIn(await say(root, task("explorer", "One", "Go.", "one"))), idIn(await say(root, task("explorer", "Two", "Go.", "two")))]
    const named = (/** @type {object} */ more) => call("subagent", { agent: "explorer", description: "Again", prompt: script({ say: "again" }), ...more })
    assert.match(await say(root, named({ sessionID: one })), /again[^]*task_id: one \(resumed: /)
    assert.match(await say(root, named({ sessionID: one, task_id: "one" })), /again[^]*task_id: one \(resumed: /)
    assert.match(await say(root, named({ sessionID: two, task_id: "one" })), /^The task_id "one" and the sessionID ses_\w+ name different sessions\. Give one of them\.$/)
    assert.equal((await host.children(root)).length, 2)
  })

  it("This package's fields of an agent are taken out of the body of its requests", async (t) => {
    const { host } = await boot(t, { agent: { ...AGENTS, lead: { mode: "subagent", description: "Leads", task_budget: 2, callable_by_subagents: true } } })
    await host.prompt(await host.session(), script({ say: "hello" }))
    const { request } = (await host.api("GET", "/agent")).find((/** @type {any} */ { id }) => id === "lead")
    assert.deepEqual(request.body, {})
  })

  it("OpenCode's own depth limit is reported once if it refuses what a budget allows", async (t) => {
    const lead = { mode: "subagent", description: "Leads", task_budget: 2, callable_by_subagents: true }
    const { host, say } = await boot(t, { agent: { ...AGENTS, lead, fixer: { ...AGENTS.fixer, callable_by_subagents: true } }, config: { experimental: { subagent_depth: 1 } } })
    const twice = [task("fixer", "Fix it"), task("fixer", "Fix it"), { say: "I read: {{results}}" }]
    const result = await say(await host.session(), task("lead", "Lead", twice, "lead"))
    assert.equal(result.split("Subagent depth limit reached").length, 3, result)
    assert.equal(host.log().split("Raise experimental.subagent_depth in opencode.json").length, 2)
  })
})

describe("The small tools", only, () => {
  it("delegate_list shows each session, and delegate_output reads the last answer of one", async (t) => {
    const { host, say } = await boot(t)
    const root = await host.session()
    await say(root, task("explorer", "Explore auth", [{ say: "three files" }]), task("fixer", "Fix it", [{ say: "fixed" }]))
    const list = await say(root, call("delegate_list", {}))
    assert.match(list, /explore-auth[^\n]*explorer[^\n]*idle/)
    assert.match(list, /fix-it[^\n]*fixer[^\n]*idle/)
    assert.match(await say(root, call("delegate_output", { task_id: "explore-auth" })), /three files/)
    assert.match(await say(root, call("delegate_output", { task_id: "nothing" })), /There is no subagent session "nothing" within reach. There are: explore-auth, fix-it/)
  })

  it("delegate_cancel ends a background task, and its session can be resumed", async (t) => {
    const { host, say, model } = await boot(t)
    const root = await host.session()
    const slow = { task: { ...task("explorer", "Look long", [{ gate: "looks", say: "never" }], "slow").task, background: true } }
    assert.match(await say(root, slow), /working in the background[^]*task_id: slow \(spawned: /)
    await model.reached("looks")
    assert.match(await say(root, call("delegate_cancel", { task_id: "slow" })), /task_id: slow/)
    const again = await say(root, task("explorer", "Look again", [{ say: "here again" }], "slow"))
    assert.match(again, /here again[^]*task_id: slow \(resumed: /)
  })
})
