// Executor "delegate": calls that end together, after their session or before their turn. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { answered, failed, hosting, running } from "./children.js"
import { data, kept, later, plugin, trap } from "./opencode.js"

const KEPT = "(its session is kept: give this task_id to go on with it)"
const FALLBACK = { fixer: { options: { fallback_models: ["p/two"] } } }
const asks = (fields = {}) => ({ description: "Mend it", prompt: "Go.", subagent_type: "fixer", ...fields })
const context = (fields = {}) => ({ sessionID: "ses_root", messageID: "msg_call", callID: "c1", agent: "build", abort: new AbortController().signal, ask: async () => {}, ...fields })

describe("The end of a call", () => {
  it("Each of two calls that end together gets its own lines", async () => {
    const { hooks } = await running()
    const calls = Object.entries({ c1: "auth", c2: "map" })
    const results = await Promise.all(calls.map(([callID, task_id]) => hooks.tool.task.execute(asks({ task_id }), context({ callID }))))
    for (const [nth, [callID, task_id]] of calls.entries()) {
      await hooks["tool.execute.after"]({ tool: "task", sessionID: "ses_root", callID }, results[nth])
      assert.match(results[nth].output, new RegExp(`</task>\\ntask_id: ${task_id} \\(spawned: [^\\n]*$`))
    }
  })

  it("The signal of a call that has ended leaves the call's error as it is", async () => {
    const { call, emit, hooks, sessions } = await running(hosting(() => new Promise(() => {})))
    const abort = new AbortController()
    const result = call({}, { abort: abort.signal })
    await later()
    const info = sessions.ses_new1
    delete sessions.ses_new1
    await emit("session.deleted", { info })
    const error = "Task cancelled: its session was deleted. Call again to start a new one."
    await assert.rejects(result, { message: error })
    // OpenCode fires it at the end of every call.
    abort.abort()
    const part = { id: "prt_1", messageID: "msg_call", sessionID: "ses_root", callID: "c1", type: "tool", tool: "task", state: { status: "error", error, input: {} } }
    await emit("message.part.updated", { part })
    await hooks["experimental.chat.messages.transform"]({}, { messages: [{ parts: [part] }] })
    assert.equal(part.state.error, error)
  })
})

describe("A call that resumes its session", () => {
  it("A resumed call fails with its error alone", async () => {
    const { call } = await running(hosting(({ nth }) => (nth === 1 ? answered("Done.") : failed("400"))))
    await call({ task_id: "auth" })
    await assert.rejects(call({ task_id: "auth" }), { message: `Subagent failed (task_id: ses_new1): 400\ntask_id: auth ${KEPT}` })
  })

  it("The fallback model of a resumed call is named in the line below the verdict", async () => {
    const { call } = await running(hosting(({ nth }) => (nth === 2 ? failed("429", true) : answered("Done.")), FALLBACK))
    await call({ task_id: "auth" })
    assert.match((await call({ task_id: "auth" })).output, /<\/task>\ntask_id: auth \(resumed: [^\n]*\n[^\n]*p\/two[^\n]*$/)
  })
})

it("A call that waits for other sessions' prompts is sent once", async () => {
  const ends = /** @type {((answer: any) => void)[]} */ ([])
  const { call, prompts } = await running(hosting(() => new Promise((resolve) => ends.push(resolve))), { max_parallel: 1 })
  const both = ["auth", "map"].map((task_id) => call({ task_id, prompt: task_id }))
  await later()
  assert.deepEqual(prompts.map(({ parts }) => parts[0].text), ["auth"])
  ends[0](answered("One."))
  await later()
  ends[1](answered("Two."))
  const outputs = (await Promise.all(both)).map(({ output }) => /\n(One|Two)\.\n/.exec(output)?.[1])
  await later()
  assert.deepEqual([outputs, prompts.map(({ parts }) => parts[0].text)], [["One", "Two"], ["auth", "map"]])
})

describe("A trap of the engine", () => {
  it("A background call that waits is named by its session's id", async () => {
    const { call, emit } = await running()
    await call({ task_id: "auth" })
    await later()
    await emit("session.status", { sessionID: "ses_new1", status: { type: "busy" } })
    const { setTimeout } = globalThis
    const pauses = /** @type {any[]} */ ([])
    // The runner's first pause follows the acceptance of the prompt at once.
    globalThis.setTimeout = /** @type {any} */ ((/** @type {any} */ work, /** @type {number} */ ms, /** @type {any[]} */ ...more) => {
      if (ms === 250 && pauses.push(ms) === 1) trap()
      return setTimeout(work, ms, ...more)
    })
    try {
      const { output } = await kept(call({ task_id: "auth", background: true }))
      assert.equal(pauses.length > 0, true)
      assert.match(output, /^<task id="ses_new1" state="running">[^]*\ntask_id: ses_new1 \(resumed: /)
    } finally {
      Object.assign(globalThis, { setTimeout })
    }
  })
})

describe("The first call after a reload of the plugin", () => {
  it("The call does not repeat an earlier prompt that arrived, though OpenCode shows that late", async () => {
    const host = hosting(({ nth }) => (nth === 1 ? new Promise(() => {}) : answered("Again.")))
    const first = await running(host)
    first.call({ task_id: "auth" }).catch(() => {})
    await later()
    await first.hooks.dispose()
    const arrived = [{ info: { id: host.prompts[0].messageID, role: "user" }, parts: [{ type: "text", text: "Go." }] }]
    host.input.client.session.messages = async (/** @type {any} */ { path }) => (path.id === "ses_new1" ? (await later(50), data(arrived)) : data([]))
    // No message of the user comes before the call.
    const { hooks } = await plugin({}, { ...host, input: { ...host.input, client: { ...host.input.client } } })
    const { output } = await hooks.tool.task.execute(asks({ task_id: "auth", prompt: "Go on." }), context({ callID: "c2" }))
    assert.match(output, /\nAgain\.\n/)
    assert.deepEqual(host.prompts.slice(1).map(({ parts }) => parts.map((/** @type {any} */ { text }) => text)), [["Go on."]])
  })
})
