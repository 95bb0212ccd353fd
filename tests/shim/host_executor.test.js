// Executor "host": a call of OpenCode's own task tool, from the hook before it to its end. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { withDelegation } from "../../js/compose.js"
import { CHILD, data, kept, later, opencode, plugin } from "./opencode.js"
import { RESTS, RUNS, calling, part } from "./own_tool.js"

describe("A result", () => {
  it("A result has its session's name, and keeps the model's task_id", async () => {
    const { before, begin, end } = await calling()
    const sessionId = await begin("c1", await before({ task_id: "Auth" }, "c1"))
    assert.deepEqual(await end("c1", { title: "", output: "done", metadata: { sessionId, theirs: 1 } }), {
      title: "Mend it · auth spawned",
      output: "done\ntask_id: auth (spawned: No session has this name yet.)",
      metadata: { sessionId, theirs: 1, delegate: { task_id: "auth", action: "spawn", rule: "R5", asked: "Auth", place: 3 } },
    })
  })

  it("A result registers its new session if no other event did", async () => {
    const { before, end, emit, add } = await calling()
    await before({ task_id: "auth" }, "c1")
    await emit("session.created", { info: add("ses_a", CHILD) })
    assert.match((await end("c1", { output: "done", metadata: { sessionId: "ses_a" } })).output, /\ntask_id: auth \(spawned: /)
    assert.equal((await before({ task_id: "auth" }, "c2")).task_id, "ses_a")
  })

  it("A result is named though its session has no event", async () => {
    const { before, end, add } = await calling()
    await before({ task_id: "auth" }, "c1")
    add("ses_a", CHILD)
    assert.match((await end("c1", { output: "done", metadata: { sessionId: "ses_a" } })).output, /\ntask_id: \S+ \(spawned: /)
  })

  it("A result keeps its own title, and says that the model gave no task_id", async () => {
    const { before, begin, end } = await calling()
    const sessionId = await begin("c1", await before({}, "c1"))
    const { title, metadata: { delegate: { asked, place } } } = await end("c1", { title: "Theirs", output: "done", metadata: { sessionId } })
    assert.deepEqual([title, asked, place], ["Theirs · mend-it spawned", null, -1])
  })

  it("A call without an agent is refused in the words of OpenCode's tool", async () => {
    const { before } = await calling()
    await assert.rejects(before({ subagent_type: undefined }, "c1"), { message: 'Invalid request, field "subagent_type": the field is missing.' })
  })

  it("A call with a word that stands for no session starts one, and the message keeps the word", async () => {
    const { before, begin, end } = await calling()
    const args = await before({ task_id: "new" }, "c1")
    assert.equal(args.task_id, undefined)
    const { output, metadata: { delegate: { asked } } } = await end("c1", { title: "", output: "done", metadata: { sessionId: await begin("c1", args) } })
    assert.deepEqual([output, asked], ["done\ntask_id: mend-it (spawned: No session was named.)", "new"])
  })

  it("A result without a session stays unchanged", async () => {
    const { before, end } = await calling()
    await before({}, "c1")
    assert.deepEqual(await end("c1", { title: "", output: "done", metadata: undefined }), { title: "", output: "done", metadata: undefined })
  })

  it("A missing result and another call's result do not end the call", async () => {
    const { before, begin, end } = await calling()
    const sessionId = await begin("c1", await before({}, "c1"))
    await end("c1", undefined)
    assert.equal((await end("c2", { output: "done", metadata: { sessionId } })).output, "done")
    assert.match((await end("c1", { output: "done", metadata: { sessionId } })).output, /task_id: mend-it/)
    // A second end of the same call changes nothing.
    assert.equal((await end("c1", { output: "done", metadata: { sessionId } })).output, "done")
  })

  for (const background of [undefined, true]) {
    it(`A result ${background ? "in the background leaves its session running" : "ends the turn of its session"}`, async () => {
      const { before, begin, end } = await calling()
      const sessionId = await begin("c1", await before({}, "c1"))
      await end("c1", { output: "done", metadata: { sessionId, background } })
      await before({ task_id: sessionId }, "c2")
      const { output } = await end("c2", { output: "done", metadata: { sessionId } })
      assert.match(output, background ? RUNS : RESTS)
    })
  }
})

describe("A result that shows no session", () => {
  it("The name of its call is free again", async () => {
    const { before, end } = await calling()
    await before({ task_id: "auth" }, "c1")
    const result = await end("c1", { title: "Mend it", output: "done", metadata: undefined })
    assert.equal(result.output, "done")
    assert.equal((await before({ task_id: "auth" }, "c2")).task_id, undefined)
    assert.match((await end("c2", { output: "done", metadata: { sessionId: "ses_a" } })).output, /^done/)
  })

  it("The running part of its call names the session", async () => {
    const { before, begin, end } = await calling()
    await begin("c1", await before({ task_id: "auth" }, "c1"))
    assert.match((await end("c1", { output: "done", metadata: { theirs: 1 } })).output, /^done\ntask_id: auth \(spawned: /)
    assert.equal((await before({ task_id: "auth" }, "c2")).task_id, "ses_a")
  })
})

describe("Calls with one id", () => {
  /** A call's part, which is about to run. @param {string} messageID @param {object} [state] */
  const first = (messageID, state = { status: "running" }) => ({ id: `prt_${messageID}`, messageID, sessionID: "ses_root", callID: "call_0", type: "tool", tool: "task", state: { input: {}, ...state } })

  /** The plugin, and a way to begin a message with a call. */
  async function speaking(host = opencode()) {
    const world = await calling({ executor: "host" }, host)
    const open = async (/** @type {string} */ messageID) => {
      await world.emit("message.updated", { info: { id: messageID, sessionID: "ses_root", role: "assistant" } })
      await world.emit("message.part.updated", { part: first(messageID) })
    }
    const after = async (/** @type {any} */ args, /** @type {string} */ sessionId) => {
      const result = { title: "", output: "done", metadata: { sessionId } }
      await world.hooks["tool.execute.after"]({ tool: "task", sessionID: "ses_root", callID: "call_0", args }, result)
      return result.output
    }
    return { ...world, open, after }
  }

  it("Two calls of one message are two calls, each with its own result", async () => {
    const { open, before, after, emit, add } = await speaking()
    await open("msg_1")
    const [one, two] = [await before({ task_id: "one" }, "call_0"), await before({ task_id: "two" }, "call_0")]
    for (const id of ["ses_1", "ses_2"]) await emit("session.created", { info: add(id, CHILD) })
    assert.match(await after(two, "ses_2"), /task_id: two \(spawned: /)
    assert.match(await after(one, "ses_1"), /task_id: one \(spawned: /)
  })

  it("Two identical calls of one message spawn two sessions", async () => {
    const { open, before, after, emit, add } = await speaking()
    await open("msg_1")
    const [one, two] = [await before({}, "call_0"), await before({}, "call_0")]
    for (const id of ["ses_1", "ses_2"]) await emit("session.created", { info: add(id, CHILD) })
    await emit("message.part.updated", { part: first("msg_1", { status: "running", metadata: { sessionId: "ses_1" } }) })
    await emit("message.part.updated", { part: first("msg_1", { status: "running", metadata: { sessionId: "ses_2" } }) })
    const names = [await after(one, "ses_1"), await after(two, "ses_2")].map((output) => /task_id: (\S+)/.exec(output)?.[1])
    assert.deepEqual(names.sort(), ["mend-it", "mend-it-2"])
  })

  it("The late error of an earlier prompt ends no call, and the call's own error frees its name", async () => {
    const { open, before, after, emit, add } = await speaking()
    await open("msg_1")
    const one = await before({ task_id: "one", prompt: "Go." }, "call_0")
    const error = (/** @type {string} */ prompt) => emit("message.part.updated", { part: first("msg_1", { status: "error", error: "No.", input: { prompt } }) })
    await error("Stop.")
    await emit("session.created", { info: add("ses_1", CHILD) })
    assert.match(await after(one, "ses_1"), /task_id: one \(spawned: /)
    await open("msg_1")
    await before({ task_id: "two", prompt: "Go." }, "call_0")
    await error("Go.")
    await emit("session.created", { info: add("ses_2", { ...CHILD, title: "Two (@fixer subagent)" }) })
    assert.equal((await before({ task_id: "two" }, "c3")).task_id, "ses_2")
  })

  it("The late end of an earlier call ends no call of a message that no event has shown yet", async () => {
    const host = opencode()
    const { open, before, after, emit, add } = await speaking(host)
    const old = { input: { prompt: "One." }, metadata: { sessionId: "ses_1" } }
    await open("msg_1")
    await emit("message.part.updated", { part: first("msg_1", { status: "running", ...old }) })
    host.input.client.session.messages = () => data([{ info: { id: "msg_2", role: "assistant", time: {} }, parts: [first("msg_2")] }])
    const two = await before({ task_id: "two" }, "call_0")
    await emit("message.part.updated", { part: first("msg_1", { status: "error", error: "No.", ...old }) })
    await emit("session.created", { info: add("ses_2", CHILD) })
    assert.match(await after(two, "ses_2"), /task_id: two \(spawned: /)
  })

  it("The part of an earlier message ends no call of a later one", async () => {
    const { open, before, after, emit, add } = await speaking()
    await open("msg_1")
    await before({ task_id: "one" }, "call_0")
    await open("msg_2")
    const two = await before({ task_id: "two" }, "call_0")
    await emit("message.part.updated", { part: first("msg_1", { status: "error", error: "No." }) })
    await emit("session.created", { info: add("ses_2", CHILD) })
    assert.match(await after(two, "ses_2"), /task_id: two \(spawned: /)
    assert.equal((await before({ task_id: "one" }, "c3")).task_id, undefined)
  })
})

describe("A call that fails", () => {
  it("A call that fails before its session exists frees its name", async () => {
    const { before, emit, add } = await calling()
    await before({ task_id: "auth" }, "c1")
    await emit("message.part.updated", { part: part("error", { error: "No." }) })
    await emit("session.created", { info: add("ses_b", { ...CHILD, title: "Auth (@fixer subagent)" }) })
    assert.equal((await before({ task_id: "auth" }, "c2")).task_id, "ses_b")
  })

  for (const background of [undefined, true]) {
    it(`A failure ${background ? "in the background leaves its session running" : "ends the turn of its session"}`, async () => {
      const { before, begin, end, emit } = await calling()
      const sessionId = await begin("c1", await before({ task_id: "auth" }, "c1"))
      await emit("message.part.updated", { part: part("error", { error: "No.", metadata: { sessionId, background } }) })
      assert.equal((await before({ task_id: "auth" }, "c2")).task_id, sessionId)
      const { output } = await end("c2", { output: "done", metadata: { sessionId } })
      assert.match(output, background ? RUNS : RESTS)
    })
  }

  it("The stored error gets the session's name and the model's task_id", async () => {
    const host = opencode()
    const patched = /** @type {any[]} */ ([])
    host.input.client._client.patch = (/** @type {any} */ { body }) => (patched.push(body.state), data(true))
    const { before, begin, emit } = await calling({ executor: "host" }, host)
    const sessionId = await begin("c1", await before({ task_id: "Auth" }, "c1"))
    await emit("message.part.updated", { part: part("error", { error: "No.", metadata: { sessionId } }) })
    await later()
    assert.deepEqual(patched.map(({ error, metadata }) => [error, metadata]), [[
      "No.\ntask_id: auth (its session is kept: give this task_id to go on with it)", { sessionId, delegate: { task_id: "auth", asked: "Auth", place: 3 } },
    ]])
  })

  it("An error gets no name before the record that holds it is stored", async () => {
    const host = opencode()
    const patched = /** @type {any[]} */ ([])
    let store = () => {}
    const stored = new Promise((done) => (store = () => done(undefined)))
    const { update } = host.input.client.session
    Object.assign(host.input.client.session, { update: (/** @type {any} */ given) => stored.then(() => update(given)) })
    host.input.client._client.patch = (/** @type {any} */ { body }) => (patched.push(body.state.error), data(true))
    const { before, begin, emit } = await calling({ executor: "host" }, host)
    const sessionId = await begin("c1", await before({ task_id: "Auth" }, "c1"))
    await emit("message.part.updated", { part: part("error", { error: "No.", metadata: { sessionId } }) })
    await later()
    assert.deepEqual(patched, [])
    store()
    await later()
    assert.match(patched[0], /^No\.\ntask_id: auth /)
  })
})

describe("A call whose session is full", () => {
  /** @param {(given: any) => any} summarize */
  async function full(summarize) {
    const host = opencode()
    const summarised = /** @type {any[]} */ ([])
    Object.assign(host.input.client.session, {
      summarize: async (/** @type {any} */ given) => (summarised.push(given), summarize(given)), messages: () => data([]),
    })
    const { before, end, emit } = await calling({ executor: "host" }, host)
    await emit("session.created", { info: host.add("ses_a", { ...CHILD, model: { id: "one", providerID: "p" } }) })
    const tokens = { input: 900, output: 0, reasoning: 0, cache: { read: 0, write: 0 } }
    await emit("message.updated", { info: { role: "assistant", sessionID: "ses_a", providerID: "p", modelID: "one", finish: "stop", tokens } })
    const { task_id } = await before({ task_id: "mend-it" }, "c1")
    const { output } = await end("c1", { output: "done", metadata: { sessionId: task_id } })
    return { task_id, output, summarised }
  }

  it("The session is summarised first", async () => {
    const { task_id, output, summarised } = await full(() => data(true))
    assert.deepEqual(summarised, [{ path: { id: "ses_a" }, body: { providerID: "p", modelID: "one" } }])
    assert.equal(task_id, "ses_a")
    assert.match(output, /^done\ntask_id: mend-it \(summarised and resumed: [^\n]*\)$/)
  })

  it("The session is resumed unchanged if the summary fails, and the result says so", async () => {
    const { task_id, output } = await full(() => ({ error: { name: "BadRequest" } }))
    assert.equal(task_id, "ses_a")
    assert.match(output, /\nIts context could not be summarised, so it was resumed as it is: \{"name":"BadRequest"\}$/)
  })
})

it("An invalid argument fails the call with its field", async () => {
  const { before } = await calling()
  await assert.rejects(before({ prompt: 5 }), ({ message }) => /prompt/.test(message) && !/did not apply its rules|cannot be decided/.test(message))
})

describe("A call in the model's history", () => {
  const transformed = async (/** @type {any} */ stored) => {
    const { hooks } = await calling()
    const of = structuredClone(stored)
    await hooks["experimental.chat.messages.transform"]({}, { messages: [{ parts: [of] }] })
    return Object.entries(of.state.input)
  }
  const given = { description: "Mend it", task_id: "ses_a", prompt: "Go." }
  const made = (/** @type {object} */ delegate, fields = {}) => ({ ...part("completed", { input: { ...given }, metadata: { delegate } }), ...fields })
  const [description, task_id, prompt] = Object.entries(given)

  /** A call as it is stored, and its fields as the model reads them. @type {[string, any, [string, string][]][]} */
  const CASES = [
    ["The model's task_id is restored in its old position", made({ asked: "Auth", place: 0 }), [["task_id", "Auth"], description, prompt]],
    ["The task_id comes last if its position is unknown", made({ asked: "Auth" }), [description, prompt, ["task_id", "Auth"]]],
    ["The task_id comes last if it had no position", made({ asked: "Auth", place: -1 }), [description, prompt, ["task_id", "Auth"]]],
    ["The task_id is removed if the model gave none", made({ asked: null, place: -1 }), [description, prompt]],
    ["A call of this package's own tool stays unchanged", made({ task_id: "auth" }), [description, task_id, prompt]],
    ["A call of another tool stays unchanged", made({ asked: "Auth", place: 0 }, { tool: "read" }), [description, task_id, prompt]],
    ["A part that is no call stays unchanged", made({ asked: "Auth", place: 0 }, { type: "text" }), [description, task_id, prompt]],
  ]
  for (const [what, of, expected] of CASES) it(what, async () => assert.deepEqual(await transformed(of), expected))

  it("A call that never ended names its session, and no other call does", async () => {
    const { hooks, add, emit } = await calling()
    const metadata = { delegate: { v: 2, slug: "auth", id: "ses_1_auth", agent: "fixer", description: "Mend it", budget: 0, used: 0 } }
    await emit("session.created", { info: add("ses_a", { ...CHILD, metadata }) })
    const running = { input: given, metadata: { sessionId: "ses_a" }, time: { start: 1 } }
    const parts = [part("running", running), part("pending", { metadata: { sessionId: "ses_unknown" } }, "c2"), part("running", {}, "c3")]
    const states = structuredClone(parts).map(({ state }) => state)
    await hooks["experimental.chat.messages.transform"]({}, { messages: [{ parts }] })
    const named = { ...running, status: "error", error: "[Tool execution was interrupted]\ntask_id: auth (its session is kept: give this task_id to go on with it)" }
    assert.deepEqual(parts.map(({ state }) => state), [named, ...states.slice(1)])
  })

  /** A call that never ended, and whether it names its session. @type {[string, any, boolean][]} */
  const UNFINISHED = [
    ["A call that showed a session names it, though the model named none", part("running", { metadata: { sessionId: "ses_a" } }), true],
    ["A call that had yet to run names the session of its task_id", part("pending", { input: given }), true],
    ["A call names the session of its task_id if what it showed is no id", part("running", { input: given, metadata: { sessionId: 5 } }), true],
    ["A call of another tool names no session", { ...part("running", { input: given }), tool: "read" }, false],
    ["A part that is no call names no session", { ...part("running", { input: given }), type: "text" }, false],
    ["A call that has ended names no session", part("completed", { input: given, output: "done" }), false],
  ]
  for (const [what, stored, names] of UNFINISHED) {
    it(what, async () => {
      const { hooks, add, emit } = await calling()
      await emit("session.created", { info: add("ses_a", CHILD) })
      const of = structuredClone(stored)
      await hooks["experimental.chat.messages.transform"]({}, { messages: [{ parts: [of] }] })
      const error = "[Tool execution was interrupted]\ntask_id: mend-it (its session is kept: give this task_id to go on with it)"
      assert.deepEqual(of.state, names ? { ...stored.state, status: "error", error } : stored.state)
    })
  }
})

describe("A call that another plugin refuses", () => {
  /** @param {(args: any) => void} does @param {string} task_id */
  async function refused(does, task_id) {
    const host = opencode()
    let refuses = false
    /** @type {import("../../js/compose.js").Server} */
    const theirs = async () => ({ "tool.execute.before": async (/** @type {any} */ _, /** @type {any} */ { args }) => {
      if (!refuses) return
      does(args)
      throw new Error("Only one at a time.")
    } })
    const hooks = /** @type {any} */ (await withDelegation(theirs)(host.input, undefined))
    await hooks["chat.message"]({ sessionID: "ses_root" }, { message: { id: "msg_1", agent: "build" }, parts: [] })
    await later()
    await hooks.event({ event: { type: "session.created", properties: { info: host.add("ses_a", CHILD) } } })
    refuses = true
    const args = { description: "Mend it", prompt: "Go.", subagent_type: "fixer", task_id }
    await hooks["tool.execute.before"]({ tool: "task", sessionID: "ses_root", callID: "c1" }, { args })
    return { args, done: host.done }
  }
  const lets = (/** @type {any} */ args) => void delete args.task_id

  it("A refused task_id stays refused", () => assert.rejects(refused(() => {}, "mend-it"), /Only one at a time/))
  it("A refused new session stays refused", () => assert.rejects(refused(lets, "other"), /Only one at a time/))

  it("A known session is resumed if the plugin removed its task_id, and a warning says so", async () => {
    const { args, done } = await refused(lets, "mend-it")
    assert.equal(args.task_id, "ses_a")
    assert.deepEqual(done.at(-1), ["warn", "Session ses_a was resumed though another plugin refused to start a new one: Only one at a time."])
  })
})

it("An unloaded plugin rejects the model's calls, and passes the user's without a name", async () => {
  const { before, subtask, speak, hooks } = await plugin()
  await speak()
  await hooks.dispose()
  await assert.rejects(before({ task_id: "auth" }), /^Error: OpenCode reloaded this plugin during the call\. Call again\.$/)
  assert.equal("task_id" in (await subtask({ task_id: "auth" })), false)
})
