// The plugin's hooks, each as OpenCode calls it: what it reads there, and what it leaves. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { withDelegation } from "../../js/compose.js"
import { server } from "../../js/opencode1/index.js"
import { CHILD, data, later, opencode, plugin } from "./opencode.js"

describe("the tools", () => {
  const names = async (/** @type {Record<string, unknown>} */ options) => Object.keys((await plugin(options)).hooks.tool ?? {})

  it("are there where this package runs the children", async () => assert.deepEqual(await names({}), ["task", "delegate_output", "delegate_cancel", "delegate_list"]))
  it("are not where OpenCode does", async () => assert.deepEqual(await names({ executor: "host" }), []))

  it("go, and why is said, where opencode.json is wrong", async () => {
    const { error } = console
    console.error = () => {}
    try {
      const { hooks, done } = await plugin({})
      await hooks.config({ agent: { lead: { task_budget: -1 } } })
      assert.equal("tool" in hooks, false)
      assert.equal(done.length, 1)
      assert.match(done[0].join(), /^error,Invalid configuration[^]* Until this is corrected/)
    } finally {
      console.error = error
    }
  })

  it("are told in full, and of delegate_list that nothing of it is required", async () => {
    const { hooks } = await plugin({})
    const list = { description: "Shows", jsonSchema: { type: "object", required: ["format"] } }
    await hooks["tool.definition"]({ toolID: "delegate_list" }, list)
    assert.deepEqual(list, { description: "Shows", jsonSchema: { type: "object", required: [] } })
    const read = { description: "Reads", jsonSchema: { required: ["path"], properties: { task_id: {} } } }
    const copy = structuredClone(read)
    await hooks["tool.definition"]({ toolID: "read" }, read)
    assert.deepEqual(read, copy)
  })
})

describe("loaded twice in one OpenCode", () => {
  it("it is once there, with the options of the first", async () => {
    const host = opencode()
    await plugin({ executor: "host" }, host)
    const { hooks } = await plugin({ max_depth: 1 }, host)
    assert.deepEqual(hooks, {})
    assert.match(host.done.join(), /^warn,opencode-delegate is loaded more than once/)
  })

  it("nothing is said where the second has no options", async () => {
    const host = opencode()
    await plugin({}, host)
    assert.deepEqual((await plugin({}, host)).hooks, {})
    assert.deepEqual(host.done, [])
  })
})

describe("what happens to sessions", () => {
  it("is known by a summary, as long as they are there", async () => {
    const { add, speak, tell, list } = await plugin()
    await speak()
    assert.deepEqual(await list(), [])
    await tell("session.created", { info: add("ses_a", CHILD) })
    assert.match((await list()).join(), /\n- mend-it \(fixer\): Mend it$/)
    await tell("session.deleted", { info: { id: "ses_a" } })
    assert.deepEqual(await list(), [])
  })

  for (const [executor, status, ends] of /** @type {[string, string | undefined, boolean][]} */ ([["delegate", "busy", true], ["delegate", "retry", true], ["delegate", "idle", false], ["delegate", undefined, false], ["host", "busy", false]])) {
    it(`${ends ? "ends" : "ends nothing of"} one that is deleted with status ${status} under executor ${executor}`, async () => {
      const { add, speak, tell, done } = await plugin({ executor })
      await speak()
      await tell("session.created", { info: add("ses_a", CHILD) })
      if (status) await tell("session.status", { sessionID: "ses_a", status: { type: status } })
      await tell("session.deleted", { info: { id: "ses_a" } })
      assert.deepEqual(done, ends ? [["abort", "ses_a"]] : [])
    })
  }

  it("joins what runs, and resumes what has come to rest", async () => {
    const { add, speak, tell, before } = await plugin()
    await speak()
    await tell("session.created", { info: add("ses_a", CHILD) })
    assert.equal((await before({ task_id: "mend-it" }, "c1")).task_id, "ses_a")
  })
})

describe("how full a session is", () => {
  const tokens = { input: 100, output: 200, reasoning: 300, cache: { read: 150, write: 150 } }
  const message = { role: "assistant", sessionID: "ses_a", providerID: "p", modelID: "one", finish: "stop", tokens }

  /** @type {[string, Record<string, unknown>, boolean][]} */
  const CASES = [
    ["is what its last answer took of its model's window", {}, true],
    ["is what its summary is", { summary: true }, false],
    ["is not known while it answers", { finish: undefined }, false],
    ["is not known of a model without a window", { modelID: "bare" }, false],
    ["is not known of a model that there is none of", { modelID: "none" }, false],
    ["is nothing that a user says", { role: "user" }, false],
    ["is not what a little takes", { tokens: { ...tokens, input: 0 } }, false],
  ]
  for (const [what, fields, full] of CASES) {
    it(what, async () => {
      const { add, speak, tell, before } = await plugin({ executor: "host", on_context_full: "spawn" })
      await speak()
      await tell("session.created", { info: add("ses_a", CHILD) })
      await tell("message.updated", { info: { ...message, ...fields } })
      // A session that is too full for another prompt is passed over.
      assert.equal("task_id" in (await before({ task_id: "mend-it" })), !full)
    })
  }

  it("takes one reading of the windows", async () => {
    const { add, speak, tell, read } = await plugin()
    await speak()
    await tell("session.created", { info: add("ses_a", CHILD) })
    for (const _ of ["one", "two"]) await tell("message.updated", { info: message })
    assert.equal(read(), 1)
  })
})

describe("a call of OpenCode's own task tool", () => {
  /** What it gives as task_id, and what OpenCode gets. @type {[string, unknown, unknown][]} */
  const CASES = [
    ["by name", "mend-it", "ses_a"],
    ["by a name that is written otherwise", "Mend It", "ses_a"],
    ["by id", "ses_a", "ses_a"],
    ["by nothing", "", undefined],
    ["by null", null, undefined],
    ["by a new name", "other", undefined],
    ["by a name of another form of Unicode", "cafe\u0301", "ses_b"],
  ]
  for (const [what, task_id, expected] of CASES) {
    it(`names a session ${what}`, async () => {
      const { add, speak, tell, before } = await plugin()
      await speak()
      await tell("session.created", { info: add("ses_a", CHILD) })
      await tell("session.created", { info: add("ses_b", { ...CHILD, title: "Caf\u00e9 (@fixer subagent)" }) })
      assert.equal((await before({ task_id })).task_id, expected)
    })
  }

  it("is judged by whoever speaks, unless the user named the agent or made the call", async () => {
    const agents = /** @type {any[]} */ ([{ name: "lead", permission: [{ permission: "task", pattern: "fixer", action: "deny" }] }, { name: "fixer" }, { name: "build" }])
    const host = opencode()
    host.input.client.app.agents = () => data(agents)
    const judged = await plugin({ executor: "host" }, host)
    await judged.speak("build")
    await judged.before()
    await judged.speak("lead")
    await assert.rejects(judged.before(), /lead/)
    await judged.before({}, "prt_1")
    await judged.speak("lead", [{ type: "agent", name: "fixer" }])
    await judged.before()
    await judged.speak("lead", [{ type: "text", text: "Go." }])
    await assert.rejects(judged.before(), /lead/)
  })

  it("of another tool is none", async () => {
    const { hooks } = await plugin()
    const args = { task_id: "mend-it" }
    await hooks["tool.execute.before"]({ tool: "read", sessionID: "ses_root", callID: "c1" }, { args })
    assert.deepEqual(args, { task_id: "mend-it" })
    await hooks["tool.execute.after"]({ tool: "read", sessionID: "ses_root", callID: "c1" }, { output: "a", metadata: {} })
  })

  it("is not decided where this package runs the children, unless the user makes it", async () => {
    const { add, speak, tell, before } = await plugin({})
    await speak()
    await tell("session.created", { info: add("ses_a", CHILD) })
    assert.equal((await before({ task_id: "mend-it" })).task_id, "mend-it")
    assert.equal((await before({ task_id: "mend-it" }, "prt_1")).task_id, "ses_a")
  })

  it("that is denied tells what can be resumed, and of the user's goes through and says so", async () => {
    const { hooks, add, speak, tell, before } = await plugin()
    await speak()
    await tell("session.created", { info: add("ses_a", CHILD) })
    await assert.rejects(before({ task_id: "ses_000000000000AAAAAAAAAAAAAA" }), /Sessions that can be resumed:\n- mend-it/)
    await before({ task_id: "ses_000000000000AAAAAAAAAAAAAA" }, "prt_1")
    const result = { title: "Mend it", output: "done", metadata: { sessionId: "ses_a" } }
    await hooks["tool.execute.after"]({ tool: "task", sessionID: "ses_root", callID: "prt_1" }, result)
    assert.match(result.output, /^done\nopencode-delegate did not apply its rules to this call: There is no session/)
  })

  it("that fails is told of when its name is stored", async () => {
    const host = opencode()
    const { update } = host.input.client.session
    host.input.client.session.update = async (/** @type {any} */ given) => (await later(50), update(given))
    const { hooks, add, sessions, speak, tell, before } = await plugin({ executor: "host" }, host)
    await speak()
    await before({ task_id: "auth" }, "c1")
    await tell("session.created", { info: add("ses_a", CHILD) })
    const part = { id: "prt_9", messageID: "msg_1", sessionID: "ses_root", callID: "c1", type: "tool", tool: "task", state: { status: "error", error: "No.", input: {}, metadata: { sessionId: "ses_a" } } }
    await hooks["experimental.chat.messages.transform"]({}, { messages: [{ parts: [part] }] })
    assert.equal(sessions.ses_a.metadata?.delegate.slug, "auth")
  })

  it("that fails names its session, and gives back what nobody ran", async () => {
    const { hooks, add, speak, tell, before } = await plugin()
    await speak()
    await before({ task_id: "auth" }, "c1")
    await tell("session.created", { info: add("ses_a", CHILD) })
    const part = { id: "prt_9", messageID: "msg_1", sessionID: "ses_root", callID: "c1", type: "tool", tool: "task", state: { status: "error", error: "No.", input: { prompt: "Go.", task_id: "ses_a" }, metadata: { sessionId: "ses_a" } } }
    const messages = [{ parts: [part, { type: "text" }, { type: "tool", tool: "read", state: { status: "error" } }] }]
    await hooks["experimental.chat.messages.transform"]({}, { messages })
    await later()
    assert.match(part.state.error, /^No\.\ntask_id: auth \(its session is kept/)
    // What the model itself had asked for, where it stood.
    assert.deepEqual(Object.entries(part.state.input), [["prompt", "Go."], ["task_id", "auth"]])
    assert.equal((await before({ task_id: "auth" })).task_id, "ses_a")
  })
})

for (const [how, make] of /** @type {[string, (input: any, options: any) => Promise<any>][]} */ ([
  ["alone", server],
  ["composed with another plugin", (input, options) => withDelegation(/** @type {import("../../js/compose.js").Server} */ (async () => ({})), options)(input)],
])) {
  describe(`${how} the plugin`, () => {
    /** A call that has made a session, of which all but its end is told. @param {ReturnType<typeof opencode>} [host] */
    async function called(host) {
      const world = await plugin({ executor: "host" }, host, make)
      await world.speak()
      await world.before({ task_id: "auth" }, "c1")
      await world.tell("session.created", { info: world.add("ses_a", CHILD) })
      const part = { id: "prt_9", messageID: "msg_1", sessionID: "ses_root", callID: "c1", type: "tool", tool: "task", state: { status: "running", error: "", input: {}, metadata: { sessionId: "ses_a" } } }
      await world.tell("message.part.updated", { part })
      return { ...world, part }
    }

    it("stores what could wait when it ends", async () => {
      const { hooks, tell, sessions } = await called()
      await tell("session.status", { sessionID: "ses_a", status: { type: "idle" } })
      await later()
      const tokens = { input: 100, output: 0, reasoning: 0, cache: { read: 0, write: 0 } }
      await tell("message.updated", { info: { role: "assistant", sessionID: "ses_a", providerID: "p", modelID: "one", finish: "stop", tokens } })
      assert.deepEqual([sessions.ses_a.metadata.delegate.slug, sessions.ses_a.metadata.delegate.tokens], ["auth", 0])
      await hooks.dispose()
      assert.equal(sessions.ses_a.metadata.delegate.tokens, 100)
    })

    it("has a summary keep what can be resumed", async () => assert.match((await (await called()).list()).join(), /\n- auth \(fixer\): Mend it$/))

    it("mends the error of a call before the model reads it", async () => {
      const { hooks, part } = await called()
      Object.assign(part.state, { status: "error", error: "No." })
      await hooks["experimental.chat.messages.transform"]({}, { messages: [{ parts: [part] }] })
      assert.match(part.state.error, /^No\.\ntask_id: auth /)
    })

    it("knows who speaks", async () => {
      const host = opencode()
      host.input.client.app.agents = () => data([{ name: "lead", permission: [{ permission: "task", pattern: "*", action: "deny" }] }, { name: "fixer" }, { name: "build" }])
      const { speak, before } = await called(host)
      await speak("lead")
      await assert.rejects(before(), /lead/)
    })
  })
}
