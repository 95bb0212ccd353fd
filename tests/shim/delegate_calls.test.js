// Executor "delegate": the ends of calls, their context, and calls in trouble. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { evaluatePermission } from "../../js/engine.js"
import { answered, failed, hosting, running } from "./children.js"
import { CHILD, data, kept, later, trap } from "./opencode.js"

const KEPT = "(its session is kept: give this task_id to go on with it)"
const DENIED = [{ permission: "edit", pattern: "*", action: "deny" }]
const refused = async () => ({ error: { name: "UnknownError" } })

/** The part of a call. @param {object} state @param {object} [fields] */
const part = (state, fields) => ({ id: "prt_1", messageID: "msg_call", sessionID: "ses_root", callID: "c1", type: "tool", tool: "task", state: { input: {}, ...state }, ...fields })

describe("The end of a call", () => {
  /** The plugin, and a call with all hooks and events. */
  async function calling() {
    const world = await running()
    const { hooks, emit, done } = world
    const shown = (/** @type {object} */ state, /** @type {object} */ fields = {}) => emit("message.part.updated", { part: part(state, fields) })
    /** @param {{ theirs?: boolean, during?: () => unknown, after?: boolean }} how */
    const call = async ({ theirs = false, during = () => {}, after = true }) => {
      await emit("message.updated", { info: { id: "msg_call", sessionID: "ses_root", role: "assistant", providerID: "p", modelID: "one" } })
      await shown({ status: "running" })
      const args = { description: "Mend it", prompt: "Go.", subagent_type: "fixer" }
      await hooks["tool.execute.before"]({ tool: "task", sessionID: "ses_root", callID: "c1" }, { args })
      const context = { sessionID: "ses_root", messageID: "msg_call", callID: "c1", agent: "build", abort: new AbortController().signal, ask: async () => {} }
      if (!theirs) await hooks.tool.task.execute(args, context)
      await during()
      // Another plugin's hook or tool may have given other metadata.
      if (after) await hooks["tool.execute.after"]({ tool: "task", sessionID: "ses_root", callID: "c1", args }, { title: "", output: "done", metadata: {} })
    }
    const warnings = () => done.filter(([level]) => level === "warn").length
    return { ...world, call, shown, warnings }
  }

  it("A call of this package's tool is known as its own until its end", async () => {
    const { call, shown, warnings } = await calling()
    await call({ during: () => shown({ status: "running" }) })
    await call({ during: () => shown({ status: "error", error: "Aborted" }, { messageID: "msg_old" }) })
    assert.equal(warnings(), 0)
  })

  for (const status of ["error", "completed"]) {
    it(`A later call with the same id is another plugin's after the part of the first is ${status}`, async () => {
      const { call, shown, warnings } = await calling()
      await call({ after: false })
      await call({ theirs: true })
      assert.equal(warnings(), 0)
      await call({ after: false })
      await shown({ status, error: "No.", metadata: {} })
      await call({ theirs: true })
      assert.equal(warnings(), 1)
    })
  }

  it("An aborted call keeps its session's name for its error, whatever its part shows before", async () => {
    const { call, hooks, emit, input, done } = await running(hosting(() => new Promise((resolve) => (end = resolve))))
    /** @type {(answer: any) => void} */
    let end = () => {}
    input.client.session.abort = (/** @type {any} */ { path }) => (done.push(["abort", path.id]), end(failed("Aborted")), data(true))
    const abort = new AbortController()
    const result = call({}, { abort: abort.signal })
    await later()
    abort.abort()
    await assert.rejects(result, /Task cancelled/)
    const ended = part({ status: "error", error: "Tool execution aborted" })
    for (const shown of [part({ status: "running" }), ended]) await emit("message.part.updated", { part: shown })
    await hooks["experimental.chat.messages.transform"]({}, { messages: [{ parts: [ended] }] })
    assert.equal(/** @type {any} */ (ended.state).error, `Tool execution aborted\ntask_id: mend-it ${KEPT}`)
  })
})

describe("A call that is not run", () => {
  it("A rejected call of a known session leaves the session idle", async () => {
    const { call } = await running()
    await call({ task_id: "auth" })
    const ask = async () => { throw new Error("The user rejected it.") }
    await assert.rejects(call({ task_id: "auth" }, { ask }), /The user rejected it/)
    for (const _ of ["once", "again"]) assert.match((await call({ task_id: "auth", prompt: "Go on." })).output, /\ntask_id: auth \(resumed: (?!.*running)/)
  })

  it("A call that is aborted while its session is created is cancelled", async () => {
    const { call, input } = await running(hosting(() => new Promise(() => {})))
    const { create } = input.client.session
    const abort = new AbortController()
    input.client.session.create = async (/** @type {any} */ given) => (abort.abort(), create(given))
    await assert.rejects(kept(call({}, { abort: abort.signal })), /Task cancelled/)
  })

  it("A call waits for the session that a subtask of the user is about to create", async () => {
    const { call, subtask, emit, add, prompts, hooks } = await running()
    const args = await subtask({ task_id: "auth" }, "prt_9")
    const second = kept(call({ task_id: "auth", prompt: "Go on." }))
    await later()
    await emit("session.created", { info: add("ses_a", CHILD) })
    await emit("message.part.updated", { part: part({ status: "running", metadata: { sessionId: "ses_a" } }, { id: "prt_9", messageID: "msg_prt_9", callID: "own" }) })
    await later(300)
    assert.deepEqual(prompts, [])
    await hooks["tool.execute.after"]({ tool: "task", sessionID: "ses_root", callID: "prt_9", args }, { title: "", output: "done", metadata: { sessionId: "ses_a" } })
    assert.match((await second).output, /\ntask_id: auth \(resumed: /)
    assert.deepEqual(prompts.map(({ id }) => id), ["ses_a"])
  })
})

it("A subtask of the user waits for the session that a call is about to create", async () => {
  const { call, subtask, input, sessions } = await running()
  const { create } = input.client.session
  /** @type {() => void} */
  let go = () => {}
  input.client.session.create = async (/** @type {any} */ given) => (await new Promise((resolve) => (go = () => resolve(undefined))), create(given))
  const first = call({ task_id: "auth" })
  await later()
  const second = kept(subtask({ task_id: "auth" }, "prt_9"))
  await later(50)
  go()
  await first
  assert.equal((await second).task_id, sessions.ses_new1.id)
})

describe("The context of a call", () => {
  it("An agent that a prompt names becomes a part of the prompt", async () => {
    const { call, prompts } = await running()
    await call({ prompt: "Ask @lead, not @nobody." })
    assert.deepEqual(prompts[0].parts.slice(1).map((/** @type {any} */ { type, name }) => [type, name]), [["agent", "lead"]])
  })

  it("A new child gets the rules of OpenCode's own tool, and a resumed one keeps its own", async () => {
    const { call, created, sessions } = await running(hosting(undefined, { lead: { permission: DENIED } }))
    await call({ task_id: "auth" }, { agent: "lead" })
    assert.deepEqual(created[0].permission.map((/** @type {any} */ { permission, action }) => [permission, action]), [["todowrite", "deny"], ["task", "deny"], ["delegate_*", "deny"]])
    const { permission } = sessions.ses_new1
    await call({ task_id: "auth" }, { agent: "lead" })
    assert.deepEqual(sessions.ses_new1.permission, permission)
  })

  it("A resumed session without rules of its own stays without, though OpenCode does not show them", async () => {
    const { call, add, emit, sessions, input } = await running()
    await emit("session.created", { info: add("ses_a", CHILD) })
    const { get } = input.client.session
    input.client.session.get = (/** @type {any} */ given) => (given.path.id === "ses_a" ? refused() : get(given))
    assert.match((await call({ task_id: "mend-it" })).output, /\ntask_id: mend-it \(resumed: [^\n]*\)$/)
    assert.equal(sessions.ses_a.permission, undefined)
  })

  it("A child of a mentioned agent has no permission that the calling agent lacks under child_permissions \"caller\"", async () => {
    const { call, created, speak } = await running(hosting(undefined, { lead: { permission: DENIED } }), { child_permissions: "caller" })
    await speak("lead", [{ type: "agent", name: "fixer" }])
    await call({}, { agent: "lead" })
    assert.equal(evaluatePermission(created[0].permission, "edit", "a.txt"), "deny")
  })

  it("A background call returns after its record is stored", async () => {
    const { call, input, sessions } = await running()
    await call({ task_id: "auth" })
    const { update } = input.client.session
    input.client.session.update = async (/** @type {any} */ given) => (await later(50), update(given))
    await call({ task_id: "auth", background: true })
    assert.equal(sessions.ses_new1.metadata.delegate.tasks[0].state, "running")
  })

  it("The running part of a call is not written after its result", async () => {
    const { call, input } = await running(hosting(() => new Promise(() => {})))
    const written = /** @type {any[]} */ ([])
    input.client._client.patch = (/** @type {any} */ { body }) => (written.push(body), data(true))
    await call({ background: true })
    await later(100)
    assert.deepEqual(written, [])
  })
})

/** The plugin in a run of OpenCode that ends with its turn. @param {ReturnType<typeof hosting>} [host] */
function runningOnce(host) {
  const { argv } = process
  process.argv = ["opencode", "main", "run", "Do it"]
  return running(host).finally(() => (process.argv = argv))
}

describe("A call whose session is full", () => {
  /** A call of the session, and its summaries. @param {(given: any) => any} summarize @param {typeof running} [run] */
  async function full(summarize, run = running) {
    const host = hosting()
    const summarised = /** @type {any[]} */ ([])
    host.input.client.session.summarize = async (/** @type {any} */ given) => (summarised.push(given), summarize(given))
    const { call, emit, prompts } = await run(host)
    await emit("session.created", { info: host.add("ses_a", { ...CHILD, model: { id: "one", providerID: "p" } }) })
    const tokens = { input: 900, output: 0, reasoning: 0, cache: { read: 0, write: 0 } }
    await emit("message.updated", { info: { role: "assistant", sessionID: "ses_a", providerID: "p", modelID: "one", finish: "stop", tokens } })
    const { output } = await call({ task_id: "mend-it", background: run !== running })
    return { output, summarised, prompts }
  }

  it("The session is summarised first", async () => {
    const { output, summarised, prompts } = await full(() => data(true))
    assert.deepEqual([summarised, prompts.length], [[{ path: { id: "ses_a" }, body: { providerID: "p", modelID: "one" } }], 1])
    assert.match(output, /\nDone\.\n[^]*\ntask_id: mend-it \(summarised and resumed: [^\n]*\)$/)
  })

  it("The session is resumed unchanged if the summary fails, and the result says so", async () => {
    const { output, prompts } = await full(() => ({ error: { name: "BadRequest" } }))
    assert.equal(prompts.length, 1)
    assert.match(output, /\nIts context could not be summarised, so it was resumed as it is: \{"name":"BadRequest"\}$/)
  })

  it("The end of a call ends the summary of its session", async () => {
    const host = hosting()
    const abort = new AbortController()
    host.input.client.session.summarize = () => (setTimeout(() => abort.abort()), new Promise(() => {}))
    const { call, emit, done, prompts } = await running(host)
    await emit("session.created", { info: host.add("ses_a", { ...CHILD, model: { id: "one", providerID: "p" } }) })
    const tokens = { input: 900, output: 0, reasoning: 0, cache: { read: 0, write: 0 } }
    await emit("message.updated", { info: { role: "assistant", sessionID: "ses_a", providerID: "p", modelID: "one", finish: "stop", tokens } })
    await assert.rejects(kept(call({ task_id: "mend-it" }, { abort: abort.signal })), /Task cancelled/)
    await later()
    assert.deepEqual([done.filter(([what]) => what === "abort"), prompts], [[["abort", "ses_a"]], []])
  })

  it("A summary that succeeds adds no line to the lines of the result", async () => {
    assert.match((await full(() => data(true), runningOnce)).output, /\ntask_id: mend-it \(summarised and resumed: [^\n]*\)\n[^\n]*background[^\n]*$/)
  })
})

describe("A call of a run that ends with its turn", () => {
  it("A background call waits for its answer, and its result says so in a line of its own", async () => {
    const answers = hosting(({ nth }) => (nth === 1 ? failed("429", true) : answered("Done.")), { fixer: { options: { fallback_models: ["p/two"] } } })
    const { call } = await runningOnce(answers)
    const { output, metadata } = await call({ background: true })
    assert.match(output, /\nDone\.\n[^]*\ntask_id: mend-it \(spawned: [^\n]*\n[^\n]*background[^\n]*\n[^\n]*p\/two[^\n]*$/)
    assert.equal("background" in metadata, false)
  })
})

describe("A call that the engine could not decide", () => {
  const broken = (/** @type {any} */ agents) => {
    const host = hosting(undefined, agents)
    host.input.client.session.status = refused
    return host
  }

  it("A call runs undecided if an agent of OpenCode has a faulty field", async () => {
    const { call } = await running(hosting(undefined, { fixer: { options: { task_budget: -1 } } }))
    assert.match((await call()).output, /\nDone\.\n[^]*\nopencode-delegate did not apply its rules to this call: [^\n]*task_budget/)
  })

  it("A call with a name runs in a new session with the rules of OpenCode's own tool, and its result says that the name is ignored", async () => {
    const { call, input, created } = await running(broken({}))
    const { get } = input.client.session
    input.client.session.get = (/** @type {any} */ given) => (given.path.id.startsWith("ses_") ? get(given) : refused())
    assert.match((await call({ task_id: "auth" })).output, /\nopencode-delegate did not apply its rules[^\n]*\n[^\n]*"auth"[^\n]*$/)
    assert.deepEqual(created[0].permission.map((/** @type {any} */ { permission, action }) => [permission, action]), [["todowrite", "deny"], ["task", "deny"], ["delegate_*", "deny"]])
  })

  it("A user's call of an agent asks for no permission", async () => {
    const { call, speak } = await running(broken({}))
    await speak("build", [{ type: "agent", name: "fixer" }])
    assert.deepEqual((await call()).asked, [])
  })

  it("A call of an agent that OpenCode does not list runs with the caller's model", async () => {
    const { call, prompts } = await running(broken({}))
    await call({ subagent_type: "ghost" })
    assert.deepEqual([prompts[0].agent, prompts[0].model, prompts[0].variant], ["ghost", { providerID: "p", modelID: "one" }, "high"])
  })

  it("The session that runs the call stays a subagent's if OpenCode does not answer", async () => {
    const { call, prompts, input } = await running(broken({}))
    await call()
    input.client.session.get = refused
    await assert.rejects(call({}, { sessionID: "ses_new1", agent: "fixer" }), /A subagent's call that cannot be decided is denied/)
    assert.equal(prompts.length, 1)
  })
})

describe("A trap of the engine", () => {
  it("A call whose session is being created gets its answer and its name", async () => {
    const { call, input, prompts } = await running()
    const { create } = input.client.session
    input.client.session.create = async (/** @type {any} */ given) => (trap(), create(given))
    assert.match((await call({ task_id: "auth" })).output, /\nDone\.\n[^]*\ntask_id: auth \(spawned: /)
    assert.match((await call({ task_id: "auth", prompt: "Go on." })).output, /\ntask_id: auth \(resumed: /)
    assert.deepEqual(prompts.map(({ parts }) => parts.map((/** @type {any} */ { text }) => text)), [["Go."], ["Go on."]])
  })

  it("The record of a session that is being created names the message of its prompt before OpenCode gets it", async () => {
    const named = /** @type {boolean[]} */ ([])
    const host = hosting(({ id, body }) => (named.push(host.sessions[id].metadata.delegate.messageID === body.messageID), answered("Done.")))
    const { call, input } = await running(host)
    const { create } = input.client.session
    input.client.session.create = async (/** @type {any} */ given) => (trap(), create(given))
    await call({ task_id: "auth" })
    assert.deepEqual(named, [true])
  })
})

describe("The model of a call", () => {
  it("The model that a call asks for answers, without the variant of the caller's model", async () => {
    const { call, prompts } = await running(hosting(undefined, { fixer: { options: { models: ["p/one", "q/two"] } } }))
    for (const model of ["q/two", undefined]) await call({ model })
    assert.deepEqual(prompts.map(({ model, variant }) => [model, variant]), [[{ providerID: "q", modelID: "two" }, undefined], [{ providerID: "p", modelID: "one" }, "high"]])
  })
})
