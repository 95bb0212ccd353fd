// The plugin's hooks, each as OpenCode calls it: its input and its effect. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { withDelegation } from "../../js/compose.js"
import { ASK_FAULT, readFault } from "../../js/core/index.js"
import { server } from "../../js/opencode1/index.js"
import { CHILD, data, later, opencode, plugin } from "./opencode.js"

describe("The tools", () => {
  const names = async (/** @type {Record<string, unknown>} */ options) => Object.keys((await plugin(options)).hooks.tool ?? {})

  const small = ["delegate_output", "delegate_steer", "delegate_cancel", "delegate_list"]
  it("Executor delegate offers the task tool and those beside it", async () => assert.deepEqual(await names({}), ["task", ...small]))
  it("Executor host offers the tools beside OpenCode's task tool", async () => assert.deepEqual(await names({ executor: "host" }), small))

  it("An invalid opencode.json removes the tools, and the reason is shown", async () => {
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

  it("The task tool of an engine that is off teaches no names, and a name is removed from a call", async () => {
    const { error } = console
    console.error = () => {}
    try {
      const { hooks, before, speak, toasts } = await plugin({ executor: "nobody", max_depth: -1 })
      await hooks.config({})
      const task = { description: "Runs", jsonSchema: { properties: { task_id: { type: "string" } } } }
      const copy = structuredClone(task)
      await hooks["tool.definition"]({ toolID: "task" }, task)
      assert.deepEqual(task, copy)
      assert.equal(toasts.length, 0)
      await speak()
      await speak()
      assert.equal(toasts.length, 1)
      assert.match(String(toasts[0]), /^error,Invalid configuration, field "executor": [^]* Field "max_depth": /)
      for (const task_id of ["mend-it", "last", "?!", " "]) assert.equal("task_id" in (await before({ task_id })), false, task_id)
      assert.equal((await before({ task_id: "ses_a" })).task_id, "ses_a")
    } finally {
      console.error = error
    }
  })

  /** The list of plugins, and whether a person is warned of slim. @type {[string, unknown, boolean][]} */
  const BESIDE_SLIM = [
    ["Slim beside this plugin", ["oh-my-opencode-slim@2.2.24", "opencode-delegate"], true],
    ["The entry for both", ["./node_modules/opencode-delegate/slim"], false],
  ]
  for (const [what, list, warns] of BESIDE_SLIM) {
    it(`${what} ${warns ? "is named at the first message, with the entry for both" : "is no reason to warn"}`, async () => {
      const { hooks, speak, toasts } = await plugin({})
      await hooks.config({ plugin: list })
      await speak()
      assert.equal(toasts.some((toast) => String(toast).includes('List "./node_modules/opencode-delegate/slim" in place of both plugins')), warns, toasts.join("\n"))
    })
  }

  it("A terminal that asks for the fault gets that of the options and the fields, or that there is none", async () => {
    const { error } = console
    console.error = () => {}
    try {
      const asks = async (/** @type {any} */ options, /** @type {any} */ config) => {
        const { hooks, commands } = await plugin(options)
        await hooks.config(config)
        for (const command of ["session.new", ASK_FAULT]) await hooks.event({ event: { type: "tui.command.execute", properties: { command } } })
        return commands.map(readFault)
      }
      const [[both], none] = [await asks({ max_depth: "x" }, { agent: { lead: { task_budget: -1 } } }), await asks({}, {})]
      assert.match(String(both), /^Invalid configuration, field "agents\.lead\.task_budget": [^]*"max_depth": [^]*"x"\.$/)
      assert.deepEqual(none, [""])
    } finally {
      console.error = error
    }
  })

  it("delegate_list requires no argument, and other tools stay unchanged", async () => {
    const [{ hooks }, { hooks: hostHooks }] = [await plugin({}), await plugin()]
    const list = { description: "Shows", jsonSchema: { type: "object", required: ["format"] } }
    await hooks["tool.definition"]({ toolID: "delegate_list" }, list)
    assert.deepEqual(list, { description: "Shows", jsonSchema: { type: "object", required: [] } })
    const read = { description: "Reads", jsonSchema: { required: ["path"], properties: { task_id: {} } } }
    const copy = structuredClone(read)
    for (const { "tool.definition": define } of [hooks, hostHooks]) await define({ toolID: "read" }, read)
    assert.deepEqual(read, copy)
  })
})

describe("A field of an agent that is nearly this package's", () => {
  it("A warning names the field in the log and on the screen, and the tools stay", async () => {
    const { hooks, speak, done, toasts } = await plugin({})
    await hooks.config({ agent: { lead: { mode: "subagent", task_buget: 2 } } })
    await speak()
    const message = 'opencode-delegate knows no field "task_buget" (on "lead"). Did you mean "task_budget"?'
    assert.deepEqual(done, [["warn", message]])
    assert.deepEqual(toasts, [["warning", message]])
    assert.ok(hooks.tool?.task)
  })
})

describe("Settings without an effect under executor host", () => {
  const idle = { max_parallel: 2, stall_ms: 5_000, max_depth: 2 }
  const agent = { fixer: { fallback_models: ["p/two"] } }
  for (const [executor, said] of /** @type {[string, any[]][]} */ ([["host", [["warn", 'Without effect under executor "host": max_parallel, stall_ms, fallback_models.']]], ["delegate", []]])) {
    it(`Executor ${executor} ${said.length ? "names them in the log" : "names none"}, and the tools stay`, async () => {
      const { hooks, done, toasts } = await plugin({ ...idle, executor })
      await hooks.config({ agent: structuredClone(agent) })
      assert.deepEqual(done, said)
      assert.deepEqual(toasts, [])
      assert.ok(hooks.tool?.delegate_list)
    })
  }
})

describe("A plugin that is loaded twice in one OpenCode", () => {
  it("The first copy runs with its options, and a warning names the second", async () => {
    const host = opencode()
    await plugin({ executor: "host" }, host)
    const { hooks } = await plugin({ max_depth: 1 }, host)
    assert.deepEqual(hooks, {})
    assert.match(host.done.join(), /^warn,opencode-delegate is loaded more than once/)
  })

  it("A second copy without options gives no warning", async () => {
    const host = opencode()
    await plugin({}, host)
    assert.deepEqual((await plugin({}, host)).hooks, {})
    assert.deepEqual(host.done, [])
  })
})

describe("The version of OpenCode", () => {
  for (const [version, old] of /** @type {[string, boolean][]} */ ([["1.15.4", true], ["1.14.41", true], ["1.15.12", true], ["1.15.13", false], ["1.18.33", false], ["2.0.0", false], ["10.0.0", false], ["v1.14.0", false], ["1.14.0-dev", false], ["0.0.0-dev-202611", false], ["local", false]])) {
    it(`Version ${version} is ${old ? "" : "not "}said to keep no metadata, once`, async () => {
      const { speak, toasts } = await plugin({}, opencode({ version }))
      await speak()
      await speak()
      assert.equal(toasts.length, Number(old))
      if (old) assert.match(toasts[0].join(), /^warning,OpenCode [\d.]+ does not keep the metadata of sessions\. .* Update OpenCode to 1\.15\.13 or later\.$/)
    })
  }
})

describe("An OpenCode that takes no tool without a Zod schema", () => {
  for (const [version, tool] of /** @type {[string, boolean][]} */ ([["1.14.41", false], ["1.15.0", true], ["1.18.33", true], ["local", true]])) {
    it(`Version ${version} ${tool ? "gets this package's tools" : "runs its own task tool"}`, async () => {
      const { hooks } = await plugin({}, opencode({ version }))
      await hooks.config({})
      assert.equal("tool" in hooks, tool)
    })
  }

  it("Calls of its own task tool are decided", async () => {
    const { hooks, add, speak, emit, before } = await plugin({}, opencode({ version: "1.14.41" }))
    await hooks.config({})
    await speak()
    await emit("session.created", { info: add("ses_a", CHILD) })
    assert.equal((await before({ task_id: "mend-it" })).task_id, "ses_a")
  })
})

describe("The sessions of a conversation", () => {
  it("A summary lists the living sessions", async () => {
    const { add, speak, emit, list } = await plugin()
    await speak()
    assert.deepEqual(await list(), [])
    await emit("session.created", { info: add("ses_a", CHILD) })
    assert.match((await list()).join(), /\n- mend-it \("fixer"\): "Mend it"$/)
    await emit("session.deleted", { info: { id: "ses_a" } })
    assert.deepEqual(await list(), [])
  })

  for (const [executor, status, ends] of /** @type {[string, string | undefined, boolean][]} */ ([["delegate", "busy", true], ["delegate", "retry", true], ["delegate", "idle", false], ["delegate", undefined, false], ["host", "busy", false]])) {
    it(`A session that is deleted with status ${status} under executor ${executor} is ${ends ? "" : "not "}aborted`, async () => {
      const { add, speak, emit, done } = await plugin({ executor })
      await speak()
      await emit("session.created", { info: add("ses_a", CHILD) })
      if (status) await emit("session.status", { sessionID: "ses_a", status: { type: status } })
      await emit("session.deleted", { info: { id: "ses_a" } })
      assert.deepEqual(done, ends ? [["abort", "ses_a"]] : [])
    })
  }

  it("A name resumes its idle session", async () => {
    const { add, speak, emit, before } = await plugin()
    await speak()
    await emit("session.created", { info: add("ses_a", CHILD) })
    assert.equal((await before({ task_id: "mend-it" }, "c1")).task_id, "ses_a")
  })
})

describe("The context of a session", () => {
  const tokens = { input: 100, output: 200, reasoning: 300, cache: { read: 150, write: 150 } }
  const message = { role: "assistant", sessionID: "ses_a", providerID: "p", modelID: "one", finish: "stop", tokens }

  /** @type {[string, Record<string, unknown>, boolean][]} */
  const CASES = [
    ["A last answer near the model's window fills the session", {}, true],
    ["A summary does not fill the session", { summary: true }, false],
    ["An unfinished answer does not fill the session", { finish: undefined }, false],
    ["A model without a window does not fill the session", { modelID: "bare" }, false],
    ["An unknown model does not fill the session", { modelID: "none" }, false],
    ["A user's message does not fill the session", { role: "user" }, false],
    ["An answer without a count of tokens does not fill the session", { tokens: undefined }, false],
    ["A short answer does not fill the session", { tokens: { ...tokens, input: 0 } }, false],
  ]
  for (const [what, fields, full] of CASES) {
    it(what, async () => {
      const { add, speak, emit, before } = await plugin({ executor: "host", on_context_full: "spawn" })
      await speak()
      await emit("session.created", { info: add("ses_a", CHILD) })
      await emit("message.updated", { info: { ...message, ...fields } })
      // A full session is not resumed.
      assert.equal("task_id" in (await before({ task_id: "mend-it" })), !full)
    })
  }

  it("A failed read of the windows is repeated, and costs no event", async () => {
    const host = opencode()
    const { providers } = host.input.client.config
    host.input.client.config.providers = async () => { throw new Error("busy") }
    const { add, speak, emit, before } = await plugin({ executor: "host", on_context_full: "spawn" }, host)
    await speak()
    await emit("session.created", { info: add("ses_a", CHILD) })
    await emit("message.updated", { info: message })
    await emit("message.updated", { info: { ...message, sessionID: "ses_unknown" } })
    host.input.client.config.providers = providers
    await emit("message.updated", { info: message })
    assert.equal("task_id" in (await before({ task_id: "mend-it" })), false)
  })

  it("The windows are read once", async () => {
    const { add, speak, emit, read } = await plugin()
    await speak()
    await emit("session.created", { info: add("ses_a", CHILD) })
    for (const _ of ["one", "two"]) await emit("message.updated", { info: message })
    assert.equal(read(), 1)
  })
})

describe("A call of OpenCode's own task tool", () => {
  /** The model's task_id, and OpenCode's. @type {[string, unknown, unknown][]} */
  const CASES = [
    ["A name resumes its session", "mend-it", "ses_a"],
    ["A name in another spelling resumes its session", "Mend It", "ses_a"],
    ["An id resumes its session", "ses_a", "ses_a"],
    ["An empty task_id spawns a session", "", undefined],
    ["A null task_id spawns a session", null, undefined],
    ["A new name spawns a session", "other", undefined],
    ["A name in another Unicode form resumes its session", "cafe\u0301", "ses_b"],
  ]
  for (const [what, task_id, expected] of CASES) {
    it(what, async () => {
      const { add, speak, emit, before } = await plugin()
      await speak()
      await emit("session.created", { info: add("ses_a", CHILD) })
      await emit("session.created", { info: add("ses_b", { ...CHILD, title: "Caf\u00e9 (@fixer subagent)" }) })
      assert.equal((await before({ task_id })).task_id, expected)
    })
  }

  it("A call is decided by the speaking agent's rules, unless the user named the target or made the call", async () => {
    const agents = /** @type {any[]} */ ([{ name: "lead", permission: [{ permission: "task", pattern: "fixer", action: "deny" }] }, { name: "fixer" }, { name: "build" }])
    const host = opencode()
    host.input.client.app.agents = () => data(agents)
    const judged = await plugin({ executor: "host" }, host)
    await judged.speak("build")
    await judged.before()
    await judged.speak("lead")
    await assert.rejects(judged.before(), /lead/)
    await judged.subtask()
    await judged.speak("lead", [{ type: "agent", name: "fixer" }])
    await judged.before()
    await judged.speak("lead", [{ type: "text", text: "Go." }])
    await assert.rejects(judged.before(), /lead/)
  })

  it("A call of another tool stays unchanged", async () => {
    const { hooks } = await plugin()
    const args = { task_id: "mend-it" }
    await hooks["tool.execute.before"]({ tool: "read", sessionID: "ses_root", callID: "c1" }, { args })
    assert.deepEqual(args, { task_id: "mend-it" })
    await hooks["tool.execute.after"]({ tool: "read", sessionID: "ses_root", callID: "c1" }, { output: "a", metadata: {} })
  })

  it("A result of another tool with the id of a call stays unchanged", async () => {
    const { hooks, add, speak, emit, before } = await plugin()
    await speak()
    await before({ task_id: "auth" }, "c1")
    await emit("session.created", { info: add("ses_a", CHILD) })
    const read = { title: "a", output: "alpha", metadata: { sessionId: "ses_a" } }
    await hooks["tool.execute.after"]({ tool: "read", sessionID: "ses_root", callID: "c1", args: {} }, read)
    assert.equal(read.output, "alpha")
    const result = { title: "Mend it", output: "done", metadata: { sessionId: "ses_a" } }
    await hooks["tool.execute.after"]({ tool: "task", sessionID: "ses_root", callID: "c1", args: {} }, result)
    assert.match(result.output, /^done\ntask_id: auth /)
  })

  it("Executor delegate decides only the user's calls of it", async () => {
    const { add, speak, emit, before, subtask } = await plugin({})
    await speak()
    await emit("session.created", { info: add("ses_a", CHILD) })
    assert.equal((await before({ task_id: "mend-it" })).task_id, "mend-it")
    assert.equal((await before({ task_id: "mend-it" }, "prt_1")).task_id, "mend-it", "an id is no proof")
    assert.equal((await subtask({ task_id: "mend-it" })).task_id, "ses_a")
  })

  it("A denied call lists the sessions, and a denied call of the user runs undecided", async () => {
    const { hooks, add, speak, emit, before, subtask } = await plugin()
    await speak()
    await emit("session.created", { info: add("ses_a", CHILD) })
    await assert.rejects(before({ task_id: "ses_000000000000AAAAAAAAAAAAAA" }), /Sessions that can be resumed:\n- mend-it/)
    await assert.rejects(before({ task_id: "ses_000000000000AAAAAAAAAAAAAA" }, "prt_1"), /There is no session/, "an id is no proof")
    await subtask({ task_id: "ses_000000000000AAAAAAAAAAAAAA" }, "prt_2")
    const result = { title: "Mend it", output: "done", metadata: { sessionId: "ses_a" } }
    await hooks["tool.execute.after"]({ tool: "task", sessionID: "ses_root", callID: "prt_2" }, result)
    assert.match(result.output, /^done\nopencode-delegate did not apply its rules to this call: There is no session/)
  })

  it("A failed call reaches the model after its name is stored", async () => {
    const host = opencode()
    const { update } = host.input.client.session
    host.input.client.session.update = async (/** @type {any} */ given) => (await later(50), update(given))
    const { hooks, add, sessions, speak, emit, before } = await plugin({ executor: "host" }, host)
    await speak()
    await before({ task_id: "auth" }, "c1")
    await emit("session.created", { info: add("ses_a", CHILD) })
    const part = { id: "prt_9", messageID: "msg_1", sessionID: "ses_root", callID: "c1", type: "tool", tool: "task", state: { status: "error", error: "No.", input: {}, metadata: { sessionId: "ses_a" } } }
    await hooks["experimental.chat.messages.transform"]({}, { messages: [{ parts: [part] }] })
    assert.equal(sessions.ses_a.metadata?.delegate.slug, "auth")
  })

  it("A failed call names its session, and the name resumes it", async () => {
    const { hooks, add, speak, emit, before } = await plugin()
    await speak()
    await before({ task_id: "auth" }, "c1")
    await emit("session.created", { info: add("ses_a", CHILD) })
    const part = { id: "prt_9", messageID: "msg_1", sessionID: "ses_root", callID: "c1", type: "tool", tool: "task", state: { status: "error", error: "No.", input: { prompt: "Go.", task_id: "ses_a" }, metadata: { sessionId: "ses_a" } } }
    const messages = [{ parts: [part, { type: "text" }, { type: "tool", tool: "read", state: { status: "error" } }] }]
    await hooks["experimental.chat.messages.transform"]({}, { messages })
    await later()
    assert.match(part.state.error, /^No\.\ntask_id: auth \(its session is kept/)
    // The model's own task_id, in its old position.
    assert.deepEqual(Object.entries(part.state.input), [["prompt", "Go."], ["task_id", "auth"]])
    assert.equal((await before({ task_id: "auth" })).task_id, "ses_a")
  })
})

for (const [how, make] of /** @type {[string, (input: any, options: any) => Promise<any>][]} */ ([
  ["alone", server],
  ["composed with another plugin", (input, options) => withDelegation(/** @type {import("../../js/compose.js").Server} */ (async () => ({})), options)(input)],
])) {
  describe(`The plugin ${how}`, () => {
    /** A call that has created a session, with all its events but the end. @param {ReturnType<typeof opencode>} [host] */
    async function called(host) {
      const world = await plugin({ executor: "host" }, host, make)
      await world.speak()
      await world.before({ task_id: "auth" }, "c1")
      await world.emit("session.created", { info: world.add("ses_a", CHILD) })
      const part = { id: "prt_9", messageID: "msg_1", sessionID: "ses_root", callID: "c1", type: "tool", tool: "task", state: { status: "running", error: "", input: {}, metadata: { sessionId: "ses_a" } } }
      await world.emit("message.part.updated", { part })
      return { ...world, part }
    }

    it("The plugin stores waiting records when it ends", async () => {
      const { hooks, emit, sessions } = await called()
      await emit("session.status", { sessionID: "ses_a", status: { type: "idle" } })
      await later(100)
      const tokens = { input: 100, output: 0, reasoning: 0, cache: { read: 0, write: 0 } }
      await emit("message.updated", { info: { role: "assistant", sessionID: "ses_a", providerID: "p", modelID: "one", finish: "stop", tokens } })
      assert.deepEqual([sessions.ses_a.metadata.delegate.slug, sessions.ses_a.metadata.delegate.tokens], ["auth", 0])
      await hooks.dispose()
      assert.equal(sessions.ses_a.metadata.delegate.tokens, 100)
    })

    it("A summary lists the sessions that can be resumed", async () => assert.match((await (await called()).list()).join(), /\n- auth \("fixer"\): "Mend it"$/))

    it("A call's error gets its name before the model reads it", async () => {
      const { hooks, part } = await called()
      Object.assign(part.state, { status: "error", error: "No." })
      await hooks["experimental.chat.messages.transform"]({}, { messages: [{ parts: [part] }] })
      assert.match(part.state.error, /^No\.\ntask_id: auth /)
    })

    it("The speaking agent's rules decide a call", async () => {
      const host = opencode()
      host.input.client.app.agents = () => data([{ name: "lead", permission: [{ permission: "task", pattern: "*", action: "deny" }] }, { name: "fixer" }, { name: "build" }])
      const { speak, before } = await called(host)
      await speak("lead")
      await assert.rejects(before(), /lead/)
    })
  })
}
