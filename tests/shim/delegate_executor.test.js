// Executor "delegate": a call of this package's own task tool, from its arguments to its result. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { evaluatePermission } from "../../js/engine.js"
import { answered, failed, hosting, running } from "./children.js"
import { data, kept, later, trap } from "./opencode.js"

const KEPT = "(its session is kept: give this task_id to go on with it)"

describe("A call", () => {
  it("A call returns the child's answer and name", async () => {
    const { call, created, prompts } = await running()
    const { title, output, metadata } = await call()
    assert.equal(title, "Mend it · spawned")
    assert.equal(output, '<task id="ses_new1" state="completed">\n<task_result>\nDone.\n</task_result>\n</task>\ntask_id: mend-it (spawned: No session was named.)')
    assert.deepEqual(metadata, { parentSessionId: "ses_root", sessionId: "ses_new1", model: { providerID: "p", modelID: "one" }, delegate: { task_id: "mend-it", action: "spawn", rule: "R12" } })
    const [{ parentID, title: named, agent, metadata: { delegate } }] = created
    assert.deepEqual([parentID, named, agent, delegate.slug], ["ses_root", "Mend it (@fixer subagent)", "fixer", "mend-it"])
    const [{ id, parts, model, variant }] = prompts
    assert.deepEqual([id, parts.map((/** @type {any} */ { type, text }) => [type, text]), model, variant], ["ses_new1", [["text", "Go."]], { providerID: "p", modelID: "one" }, "high"])
  })

  it("An agent's own model answers, without the caller's variant", async () => {
    const { call, prompts } = await running(hosting(undefined, { fixer: { model: { providerID: "q", modelID: "two", more: 1 } } }))
    await call()
    assert.deepEqual([prompts[0].model, prompts[0].variant], [{ providerID: "q", modelID: "two" }, undefined])
  })

  it("A name resumes its session", async () => {
    const { call, prompts, created } = await running()
    await call({ task_id: "auth" })
    const { output, metadata } = await call({ task_id: "Auth", prompt: "Go on." })
    assert.match(output, /\ntask_id: auth \(resumed: /)
    assert.deepEqual([metadata.delegate.action, created.length, prompts.map(({ id }) => id)], ["resume", 1, ["ses_new1", "ses_new1"]])
  })

  it("A call waits until its session is idle, also if the idle event is missing", async () => {
    const host = hosting()
    const statuses = /** @type {Record<string, any>} */ ({})
    host.input.client.session.status = () => data(statuses)
    const { call, prompts, emit } = await running(host)
    await call({ task_id: "auth" })
    // If a turn ends and another begins in one millisecond, the end counts as the later.
    await later()
    statuses.ses_new1 = { type: "busy" }
    await emit("session.status", { sessionID: "ses_new1", status: { type: "busy" } })
    const next = kept(call({ task_id: "auth", prompt: "Go on." }))
    await later(600)
    assert.equal(prompts.length, 1)
    delete statuses.ses_new1
    assert.match((await next).output, /\ntask_id: auth \(resumed: /)
    assert.equal(prompts.length, 2)
  })

  it("A call asks for permission as OpenCode does, unless the user named the agent", async () => {
    const { call, speak } = await running()
    assert.deepEqual((await call()).asked, [{ permission: "task", patterns: ["fixer"], always: ["*"], metadata: { description: "Mend it", subagent_type: "fixer" } }])
    await speak("build", [{ type: "agent", name: "fixer" }])
    assert.deepEqual((await call()).asked, [])
  })

  it("A call without permission creates no session, and its name stays free", async () => {
    const { call, created } = await running()
    const ask = async () => { throw new Error("The user rejected it.") }
    await assert.rejects(call({ task_id: "auth" }, { ask }), /The user rejected it/)
    assert.deepEqual(created, [])
    assert.match((await call({ task_id: "auth" })).output, /\ntask_id: auth \(spawned: /)
  })

  it("A denied call creates no session", async () => {
    const { call, created, prompts } = await running()
    await assert.rejects(call({ subagent_type: "fixr" }), /fixer/)
    assert.deepEqual([created, prompts], [[], []])
  })

  it("A call that was aborted before creates no session", async () => {
    const { call, created } = await running()
    await assert.rejects(call({}, { abort: AbortSignal.abort(new Error("Enough.")) }), /Enough/)
    assert.deepEqual(created, [])
  })

  it("A child has no permission that its caller lacks under child_permissions \"caller\", when it is spawned and when it is resumed", async () => {
    const denied = [{ permission: "edit", pattern: "*", action: "deny" }]
    const { call, created, sessions } = await running(hosting(undefined, { lead: { permission: denied } }), { child_permissions: "caller" })
    await call({ task_id: "auth" }, { agent: "build" })
    assert.notEqual(evaluatePermission(created[0].permission, "edit", "a.txt"), "deny")
    await call({ task_id: "auth" }, { agent: "lead" })
    assert.equal(evaluatePermission(sessions.ses_new1.permission, "edit", "a.txt"), "deny")
    await call({ task_id: "map" }, { agent: "lead" })
    assert.equal(evaluatePermission(created[1].permission, "edit", "a.txt"), "deny")
  })
})

describe("The failure of a call", () => {
  it("A session whose rules could not be read is narrowed before the next attempt", async () => {
    const denied = [{ permission: "edit", pattern: "*", action: "deny" }]
    const { call, input, sessions, prompts } = await running(hosting(undefined, { lead: { permission: denied }, fixer: { options: { fallback_models: ["p/two"] } } }), { child_permissions: "caller" })
    await call({ task_id: "auth" }, { agent: "build" })
    const { get } = input.client.session
    let asked = 0
    input.client.session.get = (/** @type {any} */ given) => (given.path.id === "ses_new1" && asked++ === 0 ? { error: { name: "UnknownError" } } : get(given))
    assert.match((await kept(call({ task_id: "auth" }, { agent: "lead" }))).output, /\nDone\.\n/)
    assert.deepEqual([prompts.length, evaluatePermission(sessions.ses_new1.permission, "edit", "a.txt")], [2, "deny"])
  })

  /** The child's answer, and the error that the model reads. @type {[string, any, string][]} */
  const CASES = [
    ["A call fails with the error of its child's tool", { parts: [{ type: "tool", state: { status: "error", error: "No file." } }] }, `Subagent failed (task_id: ses_new1): No file.\ntask_id: mend-it ${KEPT}`],
    ["A call fails with the error of its child's model", failed("400"), `Subagent failed (task_id: ses_new1): 400\ntask_id: mend-it ${KEPT}`],
  ]
  for (const [what, answer, expected] of CASES) {
    it(what, async () => {
      const { call } = await running(hosting(() => answer))
      await assert.rejects(call(), ({ message }) => message === expected)
    })
  }

  it("A fallback model answers in place of the failed one, and the result says so", async () => {
    const host = hosting(({ nth }) => (nth === 1 ? failed("429", true) : answered("Done.")), { fixer: { options: { fallback_models: ["p/two"] } } })
    const { call, prompts } = await running(host)
    const { output } = await call()
    // The session holds the prompt by then.
    assert.deepEqual(prompts.map(({ model, parts }) => [model.modelID, parts.length]), [["one", 1], ["two", 0]])
    assert.match(output, /\nDone\.\n[^]*\ntask_id: mend-it \(spawned: [^\n]*\n.*p\/two/)
  })

  it("A prompt that never arrived is sent again unchanged", async () => {
    const host = hosting(({ nth }) => { if (nth === 1) throw new Error("fetch failed"); return answered("Done.") }, { fixer: { options: { fallback_models: ["p/two"] } } })
    const { message } = host.input.client.session
    host.input.client.session.message = (/** @type {any} */ given) => (given.path.id === "ses_root" ? message(given) : { error: { name: "NotFoundError" } })
    const { call, prompts } = await running(host)
    assert.match((await call()).output, /\nDone\.\n/)
    const [first, second] = prompts.map(({ parts }) => parts.map((/** @type {any} */ { text }) => text))
    assert.deepEqual([first, second], [["Go."], ["Go."]])
  })

  it("A fallback model answers after the silent one is aborted", async () => {
    /** @type {(answer: any) => void} */
    let end = () => {}
    const host = hosting(({ nth }) => (nth === 1 ? new Promise((resolve) => (end = resolve)) : answered("Done.")), { fixer: { options: { fallback_models: ["p/two"] } } })
    let aborts = 0
    // OpenCode ignores the abort of a prompt that it has not stored yet.
    host.input.client.session.abort = () => (++aborts === 2 && end(failed("Aborted")), data(true))
    const { call, prompts } = await running(host, { stall_ms: 50 })
    const result = call()
    await later(150)
    assert.deepEqual([prompts.length, aborts], [1, 1])
    assert.match((await kept(result)).output, /\nDone\.\n/)
    assert.deepEqual([prompts.map(({ model }) => model.modelID), aborts], [["one", "two"], 2])
  })

  it("A call without an agent is refused in the words of OpenCode's tool", async () => {
    const { call } = await running(hosting())
    await assert.rejects(call({ subagent_type: undefined }), { message: 'Invalid request, field "subagent_type": the field is missing.' })
  })

  it("A call fails if the permissions of its session are unreadable", async () => {
    const { call, input } = await running(hosting(), { child_permissions: "caller" })
    await call({ task_id: "auth" })
    const { get } = input.client.session
    let asked = 0
    input.client.session.get = (/** @type {any} */ given) => (given.path.id === "ses_new1" && asked++ === 0 ? { error: { name: "BadRequest" } } : get(given))
    await assert.rejects(call({ task_id: "auth" }), /^Error: Subagent failed \(task_id: ses_new1\): OpenCode refused a call: \{"name":"BadRequest"\}\n/)
  })

  it("A retryable failure is retried, and each wait is twice as long", async () => {
    const real = globalThis.setTimeout
    const waited = /** @type {number[]} */ ([])
    const { call, prompts } = await running(hosting(({ nth }) => (nth < 3 ? failed("429", true) : answered("Done."))))
    // Only a wait for a retry lies between a look and the limit of a call; a record waits exactly a second.
    const isAgain = (/** @type {number} */ ms) => ms > 300 && ms < 10_000 && ms !== 1_000
    globalThis.setTimeout = /** @type {any} */ ((/** @type {any} */ work, /** @type {number} */ ms, /** @type {any[]} */ ...args) => real(work, isAgain(ms) ? (waited.push(ms), 1) : ms, ...args))
    Object.assign(crypto, { getRandomValues: (/** @type {Uint8Array} */ bytes) => bytes.fill(0x33) })
    try {
      assert.match((await call()).output, /\nDone\.\n/)
    } finally {
      Object.assign(globalThis, { setTimeout: real })
      delete (/** @type {any} */ (crypto)).getRandomValues
    }
    assert.deepEqual([prompts.length, waited.length], [3, 2])
    assert.equal(waited[1], 2 * waited[0])
  })

  it("An abort fails the call, ends its session's turn and keeps the session", async () => {
    const host = hosting(() => new Promise((resolve) => (end = resolve)))
    /** @type {(answer: any) => void} */
    let end = () => {}
    const { call, done, hooks } = await running(host)
    host.input.client.session.abort = (/** @type {any} */ { path }) => (done.push(["abort", path.id]), end(failed("Aborted")), data(true))
    const abort = new AbortController()
    const result = call({}, { abort: abort.signal })
    await later()
    abort.abort()
    await assert.rejects(result, ({ message }) => message === `Task cancelled\ntask_id: mend-it ${KEPT}`)
    assert.deepEqual(done, [["abort", "ses_new1"]])
    // OpenCode replaces the error with its own.
    const part = { id: "prt_1", messageID: "msg_call", sessionID: "ses_root", callID: "c1", type: "tool", tool: "task", state: { status: "error", error: "Tool execution aborted", input: {} } }
    await hooks.event({ event: { type: "message.part.updated", properties: { part } } })
    await hooks["experimental.chat.messages.transform"]({}, { messages: [{ parts: [part] }] })
    assert.equal(part.state.error, `Tool execution aborted\ntask_id: mend-it ${KEPT}`)
  })

  it("A call fails if its session is deleted, and offers no name", async () => {
    const { call, emit, sessions } = await running(hosting(() => new Promise(() => {})))
    const result = call()
    await later()
    const info = sessions.ses_new1
    delete sessions.ses_new1
    await emit("session.deleted", { info })
    await assert.rejects(result, { message: "Task cancelled: its session was deleted. Call again to start a new one." })
  })
})

describe("A task tool of another plugin", () => {
  it("A warning names the order of the plugin list, once", async () => {
    const { hooks, emit, call, before, done, subtask } = await running()
    const warnings = () => done.filter(([level, message]) => level === "warn" && message.includes('Move "opencode-delegate" to the end of that list'))
    const after = (/** @type {any} */ args, /** @type {any} */ metadata, callID = "theirs") => hooks["tool.execute.after"]({ tool: "task", sessionID: "ses_root", callID, args }, { title: "", output: "done", metadata })
    const theirs = async (/** @type {any} */ metadata) => {
      const info = { id: "msg_theirs", sessionID: "ses_root", role: "assistant" }
      await emit("message.updated", { info })
      await emit("message.part.updated", { part: { id: "prt_theirs", messageID: info.id, sessionID: "ses_root", callID: "theirs", type: "tool", tool: "task", state: { status: "running", input: {} } } })
      await after(await before({}, "theirs"), metadata)
    }
    await call()
    await after(await subtask({}, "prt_1"), { sessionId: "ses_a" }, "prt_1")
    // Another copy of this package ran it.
    await theirs({ delegate: { task_id: "auth" } })
    // Another instance of this package saw it begin, or OpenCode shows no message of it.
    for (const args of [{}, await before({}, "shown")]) await after(args, {}, "shown")
    assert.deepEqual(warnings(), [])
    for (const metadata of [{}, undefined]) {
      await theirs(metadata)
      assert.equal(warnings().length, 1)
    }
  })
})

describe("Two simultaneous calls", () => {
  it("Two calls of one new name share its session, one after the other", async () => {
    const ends = /** @type {((answer: any) => void)[]} */ ([])
    const { call, created, prompts } = await running(hosting(() => new Promise((resolve) => ends.push(resolve))))
    const both = [call({ task_id: "auth", prompt: "One." }), call({ task_id: "auth", prompt: "Two." })]
    await later()
    assert.deepEqual([created.length, prompts.length], [1, 1])
    ends[0](answered("First."))
    const first = await both[0]
    await later()
    assert.equal(prompts.length, 2)
    ends[1](answered("Second."))
    const second = await both[1]
    assert.deepEqual([first, second].map(({ output }) => /\n(First|Second)\.\n/.exec(output)?.[1]), ["First", "Second"])
    assert.deepEqual(prompts.map(({ id }) => id), ["ses_new1", "ses_new1"])
  })

  it("The second call creates the session if the first one fails", async () => {
    const host = hosting()
    const { create } = host.input.client.session
    let refuses = true
    host.input.client.session.create = async (/** @type {any} */ given) => (refuses ? ((refuses = false), { error: { name: "BadRequest" } }) : create(given))
    const { call, created } = await running(host)
    const [first, second] = await Promise.allSettled([call({ task_id: "auth" }), call({ task_id: "auth" })])
    assert.deepEqual([first.status, second.status, created.length], ["rejected", "fulfilled", 1])
  })
})

describe("A background call", () => {
  it("A background call returns at once, and its result is delivered when its caller is idle", async () => {
    /** @type {(answer: any) => void} */
    let end = () => {}
    const { call, delivered, emit, sessions } = await running(hosting(() => new Promise((resolve) => (end = resolve))))
    const { output, metadata } = await call({ background: true })
    const [, taskID] = /^<task id="ses_new1" state="running">\n<summary>Background task (bg_\w+) started<\/summary>[^]*\ntask_id: mend-it \(spawned: /.exec(output) ?? []
    assert.ok(taskID)
    assert.deepEqual([metadata.background, metadata.jobId], [true, taskID])
    // The result's delivery must outlive the process.
    assert.equal(sessions.ses_new1.metadata.delegate.tasks[0].state, "running")
    await later()
    end(answered("Done."))
    await later()
    // Its caller is still busy.
    assert.equal(delivered.length, 0)
    for (const _ of ["once", "again"]) {
      await emit("session.status", { sessionID: "ses_root", status: { type: "idle" } })
      await later()
    }
    assert.equal(delivered.length, 1)
    const { id, parts: [{ text, synthetic }] } = delivered[0]
    assert.deepEqual([id, synthetic], ["ses_root", true])
    assert.ok(text.startsWith(`<task id="ses_new1" state="completed">\n<summary>Background task ${taskID} is completed</summary>\n<task_result>\nDone.\n`))
  })

  it("A background call ends with its caller's abort, and with no other error", async () => {
    const { call, emit, done } = await running(hosting(() => new Promise(() => {})))
    await call({ background: true })
    await later()
    const error = { name: "MessageAbortedError", data: { message: "Aborted" } }
    await emit("session.error", { sessionID: "ses_other", error })
    await emit("session.error", { sessionID: "ses_root", error: { name: "APIError", data: {} } })
    await emit("session.error", { sessionID: "ses_root" })
    await later()
    assert.deepEqual(done, [])
    await emit("session.error", { sessionID: "ses_root", error })
    await later()
    assert.deepEqual(done, [["abort", "ses_new1"]])
  })
})

describe("A call that the engine could not decide", () => {
  const broken = () => {
    const host = hosting()
    host.input.client.session.status = async () => ({ error: { name: "UnknownError" } })
    return host
  }

  it("A primary's call runs undecided, and its result says so", async () => {
    const { call } = await running(broken())
    const { output, asked } = await call()
    assert.match(output, /\nDone\.\n[^]*\nopencode-delegate did not apply its rules to this call: OpenCode refused a call/)
    assert.equal(asked.length, 1)
  })

  it("A subagent's call is denied", async () => {
    const host = broken()
    host.add("ses_a", { parentID: "ses_root", agent: "lead" })
    const { call, prompts } = await running(host)
    await assert.rejects(call({}, { sessionID: "ses_a", agent: "lead" }), /A subagent's call that cannot be decided is denied: OpenCode refused/)
    assert.deepEqual(prompts, [])
  })

  it("An invalid argument fails the call with its field", async () => {
    const { call, prompts } = await running()
    await assert.rejects(call({ prompt: 5 }), ({ message }) => /prompt/.test(message) && !/did not apply its rules|cannot be decided/.test(message))
    assert.deepEqual(prompts, [])
  })
})

describe("A trap of the engine", () => {
  /** A call whose engine traps before its child answers. @param {any} answer */
  async function trapped(answer) {
    /** @type {(answer: any) => void} */
    let end = () => {}
    const world = await running(hosting(() => new Promise((resolve) => (end = resolve))))
    const result = world.call({ task_id: "auth" })
    await later()
    trap()
    end(answer)
    return { ...world, result }
  }

  it("A child's answer reaches its caller", async () => {
    const { result } = await trapped(answered("Done."))
    assert.match((await result).output, /^<task id="ses_new1" state="completed">\n<task_result>\nDone\.\n/)
  })

  it("A child's failure reaches its caller", async () => {
    const { result } = await trapped(failed("400"))
    await assert.rejects(result, /^Error: Subagent failed \(task_id: ses_new1\): 400\n/)
  })
})

it("The end of the plugin cancels its waiting calls, and aborts no session", async () => {
  const { call, hooks, done } = await running(hosting(() => new Promise(() => {})))
  const result = call()
  await later()
  await hooks.dispose()
  await assert.rejects(result, /^Error: Task cancelled/)
  assert.deepEqual(done, [])
})

describe("An unloaded plugin", () => {
  const UNLOADED = /^Error: OpenCode reloaded this plugin during the call\. Call again\.$/

  it("An unloaded plugin rejects calls", async () => {
    const { call, hooks, created } = await running()
    await hooks.dispose()
    await assert.rejects(call(), UNLOADED)
    assert.deepEqual(created, [])
  })

  it("A child that was being created keeps its prompt for the next plugin", async () => {
    const { call, hooks, sessions, prompts } = await running()
    const result = call({ task_id: "auth" }, { ask: () => hooks.dispose() })
    await assert.rejects(result, UNLOADED)
    assert.deepEqual([Object.keys(sessions), prompts], [["ses_root"], []])
    const host = hosting()
    const { create } = host.input.client.session
    const slow = await running(host)
    host.input.client.session.create = async (/** @type {any} */ given) => (await slow.hooks.dispose(), create(given))
    await assert.rejects(slow.call({ task_id: "auth" }), UNLOADED)
    const { slug, prompt } = host.sessions.ses_new1.metadata.delegate
    assert.deepEqual([slug, prompt.parts[0].text, host.prompts], ["auth", "Go.", []])
  })

  it("An unloaded plugin stores no late event", async () => {
    const { call, hooks, emit, sessions } = await running()
    await call({ task_id: "auth" })
    await hooks.dispose()
    const { delegate } = sessions.ses_new1.metadata
    await emit("session.status", { sessionID: "ses_new1", status: { type: "busy" } })
    await later(1_100)
    assert.deepEqual(sessions.ses_new1.metadata.delegate, delegate)
  })
})
