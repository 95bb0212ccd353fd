// Executor "host": calls in trouble, their lines in results and errors, and the calls that a part shows. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { CHILD, data, kept, later, opencode, plugin, trap } from "./opencode.js"

const KEPT = "(its session is kept: give this task_id to go on with it)"
const refused = async () => ({ error: { name: "UnknownError" } })

/** The part of a call. @param {string} callID @param {object} state @param {object} [fields] */
const part = (callID, state, fields) => ({ id: `prt_${callID}`, messageID: "msg_1", sessionID: "ses_root", callID, type: "tool", tool: "task", state: { input: {}, ...state }, ...fields })

/** The plugin under executor "host", and the result of a call. @param {(host: ReturnType<typeof opencode>) => void} [change] */
async function calling(change = () => {}) {
  const host = opencode()
  change(host)
  const world = await plugin({ executor: "host" }, host)
  await world.speak()
  const shown = (/** @type {string} */ callID, /** @type {object} */ state, /** @type {object} */ fields = {}) => world.emit("message.part.updated", { part: part(callID, state, fields) })
  const create = (/** @type {string} */ id, fields = {}) => world.emit("session.created", { info: host.add(id, { ...CHILD, ...fields }) })
  const end = async (/** @type {string} */ callID, /** @type {string | undefined} */ sessionId, /** @type {object} */ metadata = {}) => {
    const result = { title: "", output: "done", metadata: { sessionId, ...metadata } }
    await world.hooks["tool.execute.after"]({ tool: "task", sessionID: "ses_root", callID }, result)
    return result
  }
  const history = async (/** @type {any[]} */ ...parts) => void (await world.hooks["experimental.chat.messages.transform"]({}, { messages: [{ parts }] }))
  /** Whether a promise has settled by now. @param {Promise<unknown>} promise */
  const isThrough = async (promise) => {
    let through = false
    promise.then(() => (through = true), () => (through = true))
    await later()
    return through
  }
  return { ...world, shown, create, end, history, isThrough }
}

/** A session of an agent whose context is full. */
const full = async (/** @type {Awaited<ReturnType<typeof calling>>} */ { create, emit }) => {
  await create("ses_a", { model: { id: "one", providerID: "p" } })
  const tokens = { input: 900, output: 0, reasoning: 0, cache: { read: 0, write: 0 } }
  await emit("message.updated", { info: { role: "assistant", sessionID: "ses_a", providerID: "p", modelID: "one", finish: "stop", tokens } })
}

describe("The lines of a result", () => {
  it("A call that waits and whose session was not summarised has a line for each", async () => {
    const { argv } = process
    process.argv = ["opencode", "main", "run", "Do it"]
    const world = await calling(({ input }) => (input.client.session.summarize = refused)).finally(() => (process.argv = argv))
    await full(world)
    const args = /** @type {any} */ (await world.before({ task_id: "mend-it", background: true }, "c1"))
    assert.deepEqual([args.task_id, args.background], ["ses_a", false])
    assert.match((await world.end("c1", "ses_a")).output, /^done\ntask_id: mend-it \([^\n]*\)\n[^\n]*background[^\n]*\nIts context could not be summarised[^\n]*$/)
  })

  /** The task_id of a call that the engine could not decide, that of the call that runs, and the lines of its result. @type {[string | undefined, string | undefined, RegExp][]} */
  const CASES = [
    [undefined, undefined, /^done\nopencode-delegate did not apply its rules[^\n]*$/],
    ["ses_a", "ses_a", /^done\nopencode-delegate did not apply its rules[^\n]*$/],
    ["auth", undefined, /^done\nopencode-delegate did not apply its rules[^\n]*\n[^\n]*"auth"[^\n]*$/],
    [" ", undefined, /^done\nopencode-delegate did not apply its rules[^\n]*$/],
  ]
  for (const [task_id, runs, expected] of CASES) {
    it(`An undecided call with the task_id ${JSON.stringify(task_id)} runs with ${runs}, and its result says so`, async () => {
      const { before, end, done } = await calling(({ input }) => (input.client.session.status = refused))
      assert.equal((await before({ task_id }, "c1")).task_id, runs)
      assert.match(done.at(-1).join(), /^warn,opencode-delegate did not apply its rules/)
      const result = await end("c1", "ses_a", { theirs: 1 })
      assert.match(result.output, expected)
      assert.deepEqual([result.title, result.metadata], ["", { sessionId: "ses_a", theirs: 1 }])
    })
  }

  it("A subagent's call that the engine could not decide is denied", async () => {
    const { before } = await calling((host) => { host.add("ses_sub", CHILD); host.input.client.session.status = refused })
    await assert.rejects(before({}, "c1", "ses_sub"), /A subagent's call that cannot be decided is denied/)
  })

  it("A call runs undecided if an agent of OpenCode has a faulty field", async () => {
    const { before, end } = await calling(({ input }) => (input.client.app.agents = () => data([{ name: "fixer", mode: "subagent", options: { task_budget: -1 } }])))
    await before({}, "c1")
    assert.match((await end("c1", undefined)).output, /^done\nopencode-delegate did not apply its rules[^\n]*task_budget/)
  })

  it("A user's call with an invalid argument runs undecided", async () => {
    const { subtask, end } = await calling()
    await subtask({ prompt: 5 }, "prt_1")
    assert.match((await end("prt_1", undefined)).output, /^done\nopencode-delegate did not apply its rules[^\n]*prompt/)
  })

  it("A user's call in a subagent's session runs undecided if the engine could not decide it", async () => {
    const { subtask } = await calling((host) => { host.add("ses_sub", CHILD); host.input.client.session.status = refused })
    assert.equal((await subtask({ task_id: "auth" }, "prt_1", "ses_sub")).task_id, undefined)
  })

  it("A result reaches the model after its session's name is stored", async () => {
    const { before, create, end, sessions, input } = await calling()
    await before({ task_id: "auth" }, "c1")
    await create("ses_a")
    const { update } = input.client.session
    input.client.session.update = async (/** @type {any} */ given) => (await later(50), update(given))
    await end("c1", "ses_a")
    assert.equal(sessions.ses_a.metadata?.delegate.slug, "auth")
  })

  it("A result after a trap of the engine has its session's name, which the session keeps", async () => {
    const { before, create, end } = await calling()
    await before({ task_id: "auth" }, "c1")
    await create("ses_a")
    trap()
    assert.match((await end("c1", "ses_a")).output, /\ntask_id: auth \(spawned: /)
    assert.equal((await before({ task_id: "auth" }, "c2")).task_id, "ses_a")
  })
})

describe("A failed call in the model's history", () => {
  const ended = (fields = {}) => part("c1", { status: "error", error: "No.", metadata: { sessionId: "ses_a" } }, fields)

  it("A failure that no event reported names its session, after the name is stored, and ends the call", async () => {
    const { before, create, history, sessions, input, isThrough } = await calling()
    await before({ task_id: "auth" }, "c1")
    await create("ses_a")
    const second = before({ task_id: "auth" }, "c2")
    assert.equal(await isThrough(second), false)
    const { update } = input.client.session
    input.client.session.update = async (/** @type {any} */ given) => (await later(50), update(given))
    const failed = ended()
    await history(failed)
    assert.equal(/** @type {any} */ (failed.state).error, `No.\ntask_id: auth ${KEPT}`)
    assert.equal(sessions.ses_a.metadata?.delegate.slug, "auth")
    assert.equal((await second).task_id, "ses_a")
  })

  it("A running call in the history goes on", async () => {
    const { before, create, history, end } = await calling()
    await before({ task_id: "auth" }, "c1")
    await create("ses_a")
    await history(part("c1", { status: "running", metadata: {} }), { type: "text", text: "Hm." }, { type: "tool", tool: "read", state: { status: "error", error: "No.", metadata: { sessionId: "ses_a" } } })
    assert.match((await end("c1", "ses_a")).output, /\ntask_id: auth \(spawned: /)
  })

  it("A failure without a session, and one of an unknown session, stay as they are", async () => {
    const { before, history } = await calling()
    await before({ task_id: "auth" }, "c1")
    for (const metadata of [undefined, { sessionId: "ses_none" }]) {
      const failed = part("c1", { status: "error", error: "No.", metadata })
      await history(failed)
      assert.equal(/** @type {any} */ (failed.state).error, "No.")
    }
  })
})

describe("The parts of calls with one id", () => {
  it("A failed part that shows a session ends the call of that session", async () => {
    const { before, create, shown, end, isThrough, hooks } = await calling()
    for (const name of ["one", "two"]) {
      await before({ task_id: name }, name)
      await create(`ses_${name}`)
      await end(name, `ses_${name}`)
    }
    await before({ task_id: "one" }, "c1")
    await before({ task_id: "two" }, "c1")
    await shown("c1", { status: "error", error: "No.", metadata: { sessionId: "ses_two" } })
    // The session of the other call is still taken.
    assert.equal(await isThrough(before({ task_id: "two" }, "c3")), true)
    assert.equal(await isThrough(before({ task_id: "one" }, "c4")), false)
    await hooks.dispose()
  })

  it("A failed part that shows the session of an earlier call leaves a call that is to create one", async () => {
    const { before, create, shown, end } = await calling()
    await before({ task_id: "one" }, "c1")
    await before({ task_id: "two" }, "c1")
    await create("ses_one")
    await shown("c1", { status: "running", metadata: { sessionId: "ses_one" } })
    await shown("c1", { status: "error", error: "No.", metadata: { sessionId: "ses_one" } })
    await create("ses_two")
    assert.match((await end("c1", "ses_two")).output, /\ntask_id: two \(spawned: /)
  })

  it("The part of another session or of another call ends no call", async () => {
    const { before, create, shown, end } = await calling()
    await before({ task_id: "auth" }, "c1")
    await create("ses_a")
    for (const fields of [{ sessionID: "ses_other" }, { callID: "c2" }]) await shown("c1", { status: "error", error: "No." }, { id: "prt_x", ...fields })
    assert.match((await end("c1", "ses_a")).output, /\ntask_id: auth \(spawned: /)
  })

  it("The part of a user's call, which has its id from the part, ends the call", async () => {
    const { subtask, shown, create, before } = await calling()
    await subtask({ task_id: "auth" }, "prt_9")
    await shown("own", { status: "error", error: "No." }, { id: "prt_9", messageID: "msg_prt_9" })
    await create("ses_b", { title: "Auth (@fixer subagent)" })
    assert.equal((await before({ task_id: "auth" }, "c2")).task_id, "ses_b")
  })
})

describe("The end of a turn", () => {
  it("The turn of a user's call whose message OpenCode does not name ends with the session", async () => {
    const { before, emit, create } = await calling()
    await before({ task_id: "auth" }, "c1")
    await emit("session.status", { sessionID: "ses_root", status: { type: "idle" } })
    await create("ses_b", { title: "Auth (@fixer subagent)" })
    assert.equal((await before({ task_id: "auth" }, "c2")).task_id, "ses_b")
  })

  it("A call whose message OpenCode does not name goes on while its session is busy", async () => {
    const { before, emit, create, end } = await calling(({ input }) => (input.client.session.status = () => data({ ses_root: { type: "busy" } })))
    await before({ task_id: "auth" }, "c1")
    await emit("session.status", { sessionID: "ses_root", status: { type: "idle" } })
    await create("ses_a")
    assert.match((await end("c1", "ses_a")).output, /\ntask_id: auth \(spawned: /)
  })

  it("An idle event that comes while its session is busy lets no second call through", async () => {
    const { before, emit, end, isThrough } = await calling((host) => {
      host.add("ses_a", CHILD)
      host.input.client.session.status = () => data({ ses_root: { type: "busy" } })
    })
    await before({ task_id: "mend-it" }, "c1")
    const second = before({ task_id: "mend-it" }, "c2")
    assert.equal(await isThrough(second), false)
    await emit("session.status", { sessionID: "ses_root", status: { type: "idle" } })
    await later(400)
    assert.equal(await isThrough(second), false)
    await end("c1", "ses_a")
    assert.equal((await second).task_id, "ses_a")
  })
})

describe("A summary that fails", () => {
  /** The host's part in the summary, the messages that it leaves, and the reason in the result. @type {[string, (session: any, messages: any[]) => void, RegExp][]} */
  const CASES = [
    ["a refusal", (session) => (session.summarize = refused), /\{"name":"UnknownError"\}$/],
    ["an error in the summary's message", (session, messages) => (session.summarize = async () => (messages.push({ info: { id: "m3", summary: true, error: { name: "APIError", data: { message: "429" } } }, parts: [] }), { data: true })), /: 429$/],
    ["an error without a message", (session, messages) => (session.summarize = async () => (messages.push({ info: { id: "m3", summary: true, error: { name: "APIError" } }, parts: [] }), { data: true })), /: APIError$/],
    ["an unknown model", (session) => { const { get } = session; session.get = (/** @type {any} */ given) => (given.path.id === "ses_a" ? data({ id: "ses_a", parentID: "ses_root" }) : get(given)) }, /: its model is not known$/],
  ]
  for (const [what, fail, expected] of CASES) {
    it(`A summary that fails with ${what} leaves the session as it was`, async () => {
      const messages = /** @type {any[]} */ ([
        { info: { id: "m1", summary: true, error: { name: "Old" } }, parts: [{ type: "compaction" }] }, { info: { id: "m2" }, parts: [{ type: "text" }] },
      ])
      const removed = /** @type {string[]} */ ([])
      const world = await calling(({ input }) => {
        input.client.session.messages = (/** @type {any} */ { path }) => data(path.id === "ses_a" ? [...messages] : [])
        input.client._client.delete = (/** @type {any} */ { path }) => (removed.push(path.messageID), data(true))
      })
      await full(world)
      const { summarize } = world.input.client.session
      fail(world.input.client.session, messages)
      const after = world.input.client.session.summarize ?? summarize
      world.input.client.session.summarize = async (/** @type {any} */ given) => {
        messages.push({ info: { id: "m4" }, parts: [{ type: "compaction" }] }, { info: { id: "m5" }, parts: [{ type: "text" }] })
        return after(given)
      }
      assert.equal((await kept(world.before({ task_id: "mend-it" }, "c1"))).task_id, "ses_a")
      assert.match((await world.end("c1", "ses_a")).output, expected)
      assert.deepEqual(removed.sort(), what === "an unknown model" ? [] : messages.map(({ info }) => info.id).filter((id) => id === "m3" || id === "m4").sort())
    })
  }

  it("A session is resumed though the messages of the failed summary cannot be removed", async () => {
    const messages = /** @type {any[]} */ ([])
    const world = await calling(({ input }) => {
      input.client.session.messages = (/** @type {any} */ { path }) => data(path.id === "ses_a" ? [...messages] : [])
      input.client.session.summarize = () => (messages.push({ info: { id: "m1", summary: true }, parts: [] }), refused())
      input.client._client.delete = refused
    })
    await full(world)
    assert.equal((await world.before({ task_id: "mend-it" }, "c1")).task_id, "ses_a")
  })
})
