// Executor "host": calls that wait for a session, and the end of their caller's turn. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { CHILD, data, kept, later, opencode, trap } from "./opencode.js"
import { calling, part } from "./own_tool.js"

describe("Two calls of one session", () => {
  it("The second call waits for the end of the first", async () => {
    const { before, begin, end, isThrough } = await calling()
    const sessionId = await begin("c1", await before({ task_id: "auth" }, "c1"))
    await end("c1", { output: "done", metadata: { sessionId } })
    await begin("c2", await before({ task_id: "auth" }, "c2"))
    const third = before({ task_id: "auth" }, "c3")
    assert.equal(await isThrough(third), false)
    await end("c2", { output: "done", metadata: { sessionId } })
    assert.equal((await third).task_id, sessionId)
  })

  it("The second call resumes the session that the first one creates", async () => {
    const { before, begin, end, isThrough } = await calling()
    const first = await before({ task_id: "auth" }, "c1")
    const second = before({ task_id: "auth" }, "c2")
    assert.equal(await isThrough(second), false)
    const sessionId = await begin("c1", first)
    assert.equal(await isThrough(second), false)
    await end("c1", { output: "done", metadata: { sessionId } })
    assert.equal((await second).task_id, sessionId)
  })

  it("The second call resumes the session of its name, whatever other sessions are created", async () => {
    const { before, begin, end, isThrough } = await calling()
    const [other, first] = [await before({ task_id: "map" }, "c0"), await before({ task_id: "auth" }, "c1")]
    const second = before({ task_id: "auth" }, "c2")
    await begin("c0", other, "ses_map")
    await end("c0", { output: "done", metadata: { sessionId: "ses_map" } })
    assert.equal(await isThrough(second), false)
    await begin("c1", first, "ses_auth")
    await end("c1", { output: "done", metadata: { sessionId: "ses_auth" } })
    assert.equal((await second).task_id, "ses_auth")
  })

  it("The second call creates the session if the first one fails", async () => {
    const { before, emit } = await calling()
    await before({ task_id: "auth" }, "c1")
    const second = before({ task_id: "auth" }, "c2")
    await emit("message.part.updated", { part: part("error", { error: "No." }) })
    assert.equal((await second).task_id, undefined)
  })

  for (const reported of [false, true]) {
    it(`The second call spawns if the session is deleted while it waits${reported ? "" : ", which no event reports"}`, async () => {
      const host = opencode()
      const { get } = host.input.client.session
      host.input.client.session.get = async (/** @type {any} */ given) => (host.sessions[given.path.id] ? get(given) : { error: { name: "NotFoundError" } })
      const { before, begin, end, emit, isThrough } = await calling({ executor: "host" }, host)
      const sessionId = await begin("c1", await before({ task_id: "auth" }, "c1"))
      const second = before({ task_id: "auth" }, "c2")
      assert.equal(await isThrough(second), false)
      const info = host.sessions[sessionId]
      delete host.sessions[sessionId]
      if (reported) await emit("session.deleted", { info })
      await end("c1", { output: "done", metadata: { sessionId } })
      assert.equal((await kept(second)).task_id, undefined)
      await begin("c2", {}, "ses_b")
      assert.match((await end("c2", { output: "done", metadata: { sessionId: "ses_b" } })).output, /\ntask_id: auth \(spawned: /)
    })
  }

  it("OpenCode is asked for a session that a call resumes if the call waited, or the session's conversation was not read lately", async () => {
    const host = opencode()
    const asked = /** @type {string[]} */ ([])
    const { get } = host.input.client.session
    host.input.client.session.get = async (/** @type {any} */ given) => (asked.push(given.path.id), get(given))
    const { before, begin, end, isThrough } = await calling({ executor: "host" }, host)
    const looks = async (/** @type {Promise<unknown>} */ call) => (asked.splice(0), await call, asked.filter((id) => id === "ses_a").length)
    const sessionId = await begin("c1", await before({ task_id: "auth" }, "c1"))
    const ended = async (/** @type {string} */ callID) => (await end(callID, { output: "done", metadata: { sessionId } }), later())
    const second = before({ task_id: "auth" }, "c2")
    assert.equal(await isThrough(second), false)
    assert.equal(await looks(ended("c1").then(() => second)), 1)
    await begin("c2", { task_id: sessionId })
    await ended("c2")
    assert.equal(await looks(before({ task_id: "auth" }, "c3")), 0)
    await begin("c3", { task_id: sessionId })
    await ended("c3")
    const { now } = Date
    try {
      Date.now = () => now() + 11_000
      assert.equal(await looks(before({ task_id: "auth" }, "c4")), 1)
    } finally {
      Date.now = now
    }
  })

  /** A new session, which a call may just have created. */
  const young = () => ({ ...CHILD, time: { created: Date.now() + 1_000, updated: 1 } })

  it("The second call waits for a call that may have created the session", async () => {
    for (const refuses of [false, true]) {
      const host = opencode()
      const { begin, before, end, isThrough, emit } = await calling({ executor: "host" }, host)
      const first = await before({ task_id: "auth" }, "c1")
      await emit("session.created", { info: host.add("ses_a", young()) })
      const { get } = host.input.client.session
      if (refuses) host.input.client.session.get = async () => ({ error: {} })
      const second = before({ task_id: "ses_a" }, "c2")
      assert.equal(await isThrough(second), false)
      host.input.client.session.get = get
      await begin("c1", first)
      assert.equal(await isThrough(second), false)
      await end("c1", { output: "done", metadata: { sessionId: "ses_a" } })
      assert.equal((await second).task_id, "ses_a")
    }
  })

  it("A call does not wait for a call that cannot have created its session", async () => {
    const { add, before, begin, emit, isThrough } = await calling()
    add("ses_other")
    for (const [id, fields] of /** @type {[string, object][]} */ ([["ses_old", CHILD], ["ses_theirs", { ...young(), parentID: "ses_other" }]])) await emit("session.created", { info: add(id, fields) })
    await begin("c1", await before({ task_id: "made" }, "c1"), "ses_made")
    await before({ task_id: "auth" }, "c2")
    assert.equal((await before({ task_id: "ses_old" }, "c3")).task_id, "ses_old")
    const theirs = before({ task_id: "ses_theirs" }, "c4", "ses_other")
    assert.equal(await isThrough(theirs), true)
    assert.equal((await theirs).task_id, "ses_theirs")
  })

  it("A waiting call waits for the running one after a trap of the engine", async () => {
    const { before, begin, end, isThrough } = await calling()
    const sessionId = await begin("c1", await before({ task_id: "auth" }, "c1"))
    const second = before({ task_id: "auth" }, "c2")
    assert.equal(await isThrough(second), false)
    trap()
    await later(400)
    const third = before({ task_id: "auth" }, "c3")
    assert.equal(await isThrough(second), false)
    assert.equal(await isThrough(third), false)
    await end("c1", { output: "done", metadata: { sessionId } })
    assert.equal((await second).task_id, sessionId)
    assert.equal(await isThrough(third), false)
    await end("c2", { output: "done", metadata: { sessionId } })
    assert.equal((await third).task_id, sessionId)
  })

  it("A call that fails while it waits holds no other call back", async () => {
    const { before, begin, end, emit, isThrough } = await calling()
    const sessionId = await begin("c1", await before({ task_id: "auth" }, "c1"))
    const [second, third] = [before({ task_id: "auth" }, "c2"), before({ task_id: "auth" }, "c3")]
    await isThrough(second)
    await emit("message.part.updated", { part: part("error", { error: "Tool execution aborted" }, "c2") })
    await assert.rejects(second, /The call is over/)
    assert.equal(await isThrough(third), false)
    await end("c1", { output: "done", metadata: { sessionId } })
    assert.equal((await third).task_id, sessionId)
  })

  it("A call waits until its session is idle, whatever runs it", async () => {
    const host = opencode()
    let busy = /** @type {Record<string, object>} */ ({ ses_a: { type: "busy" } })
    host.input.client.session.status = () => data(busy)
    host.add("ses_a", CHILD)
    const { before, isThrough } = await calling({ executor: "host" }, host)
    const call = before({ task_id: "mend-it" }, "c1")
    assert.equal(await isThrough(call), false)
    busy = {}
    assert.equal((await call).task_id, "ses_a")
  })
})

describe("The end of the caller's turn", () => {
  it("A waiting call of this caller fails, and no other caller's", async () => {
    const { before, begin, status, isThrough } = await calling()
    await begin("c1", await before({ task_id: "auth" }, "c1"))
    const waiting = before({ task_id: "auth" }, "c2")
    await isThrough(waiting)
    await status("ses_other", "idle")
    assert.equal(await isThrough(waiting), false)
    await status("ses_root", "idle")
    await assert.rejects(waiting, /The calling session has ended its turn/)
  })

  /** A call of a message, which `look` shows to the plugin. @param {() => unknown} look */
  async function callOf(look) {
    const host = opencode()
    Object.assign(host.input.client.session, { message: async () => look() })
    const world = await calling({ executor: "host" }, host)
    await world.emit("message.updated", { info: { id: "msg_1", role: "assistant", sessionID: "ses_root" } })
    await world.emit("message.part.updated", { part: part("running") })
    await world.before({ task_id: "auth" }, "c1")
    return world
  }
  const message = (/** @type {number | undefined} */ completed) => ({ data: { info: { id: "msg_1", time: { completed } }, parts: [] } })
  const NAMED = /\ntask_id: auth \(spawned/

  it("A late event of an earlier turn ends no call of the present turn", async () => {
    const { begin, end, status } = await callOf(() => message(undefined))
    await status("ses_root", "idle")
    const sessionId = await begin("c1", { task_id: undefined })
    assert.match((await end("c1", { output: "done", metadata: { sessionId } })).output, NAMED)
  })

  for (const [what, gone] of /** @type {const} */ ([["completed", message(1)], ["missing", { error: { name: "NotFoundError" } }]])) {
    it(`A call ends if its message is ${what}`, async () => {
      const { begin, end, status } = await callOf(() => gone)
      await status("ses_root", "idle")
      const sessionId = await begin("c1", { task_id: undefined })
      assert.doesNotMatch((await end("c1", { output: "done", metadata: { sessionId } })).output, NAMED)
    })
  }

  it("A look that OpenCode refuses is repeated", async () => {
    let looks = 0
    const { begin, end, status } = await callOf(() => (++looks < 3 ? { error: { name: "UnknownError" } } : message(1)))
    await kept(status("ses_root", "idle"))
    const sessionId = await begin("c1", { task_id: undefined })
    assert.doesNotMatch((await end("c1", { output: "done", metadata: { sessionId } })).output, NAMED)
  })

  it("A call goes on if OpenCode never answers", async () => {
    const { begin, end, status } = await callOf(() => ({ error: { name: "UnknownError" } }))
    await kept(status("ses_root", "idle"))
    const sessionId = await begin("c1", { task_id: undefined })
    assert.match((await end("c1", { output: "done", metadata: { sessionId } })).output, NAMED)
  })

  const BUSY = () => data({ ses_a: { type: "busy" } })
  /** Whether the session's own call is over, what OpenCode says of its status, and the state that its caller reads. @type {[string, boolean, () => any, string][]} */
  const STATES = [
    ["idle if its calls are over, whatever it does next", true, BUSY, "idle"],
    ["idle if OpenCode shows no turn of it", false, () => data({}), "idle"],
    ["idle if OpenCode does not say what it does", false, () => ({ error: { name: "UnknownError" } }), "idle"],
    ["running if its next turn runs", false, BUSY, "running"],
  ]
  for (const [what, over, status, expected] of STATES) {
    it(`A session that has called a subagent is ${what}`, async () => {
      const host = opencode()
      host.input.client.app.agents = () => data([{ name: "fixer", mode: "subagent", options: { task_budget: 1 } }, { name: "lead", mode: "subagent", options: { callable_by_subagents: true } }])
      const world = await calling({ executor: "host" }, host)
      await world.begin("c1", await world.before({ task_id: "auth" }, "c1"))
      await world.emit("message.updated", { info: { id: "msg_a", role: "assistant", sessionID: "ses_a" } })
      await world.emit("message.part.updated", { part: { ...part("running", {}, "c2"), messageID: "msg_a", sessionID: "ses_a" } })
      await world.before({ subagent_type: "lead" }, "c2", "ses_a")
      Object.assign(host.input.client.session, { status, message: async () => message(over ? 1 : undefined) })
      await world.status("ses_a", "idle")
      const { output } = await world.hooks.tool.delegate_list.execute({}, { sessionID: "ses_root" })
      assert.match(output, new RegExp(`\n\\| auth \\| fixer \\| ${expected} \\|`))
    })
  }

  it("A name without a session is free again", async () => {
    const { before, status, emit, add } = await calling()
    await before({ task_id: "auth" }, "c1")
    await status("ses_root", "idle")
    await emit("session.created", { info: add("ses_b", { ...CHILD, title: "Auth (@fixer subagent)" }) })
    assert.equal((await before({ task_id: "auth" }, "c2")).task_id, "ses_b")
  })
})
