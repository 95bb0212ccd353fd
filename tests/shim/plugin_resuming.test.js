// Calls of a plugin with delegation tools of its own to sessions that exist: those of a subagent, of an ended process or engine, and
// those that no prompt has reached. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { composed } from "./composed.js"
import { data, later, trap } from "./opencode.js"

/** What each session was asked, in order. @param {any[]} prompts */
const asked = (prompts) => prompts.map(({ id, parts }) => [id, parts.map((/** @type {any} */ { text }) => text)])

/** The record of a session that another process has stored. @param {Record<string, unknown>} fields */
const recorded = (fields) => ({ delegate: { v: 2, agent: "lead", description: "Look", budget: 0, used: 0, tokens: 0, window: 0, lastUsed: 1, ...fields } })

/** A subagent without OpenCode's own tool, which delegates by the plugin's. */
const NO_TASK = [{ permission: "task", pattern: "*", action: "deny" }]

/** A call of the subagent in ses_1a. */
const BELOW = { sessionID: "ses_1a", agent: "fixer", messageID: "msg_x" }

/** A subagent that may delegate by the plugin's tool alone, and calls by it. */
async function below() {
  const at = await composed()
  await at.call({ to: "fixer", resume: "the-mend" })
  at.sessions.ses_1a.permission = NO_TASK
  /** @param {Record<string, unknown>} [args] */
  const call = (args) => at.call({ to: "lead", resume: "look", ...args }, "hand_over", undefined, BELOW)
  return { ...at, call }
}

describe("A subagent that delegates by the plugin's tool alone", () => {
  it("It resumes by name what it had begun in an ended process", async () => {
    const { add, call } = await below()
    add("ses_look", { parentID: "ses_1a", agent: "lead", metadata: recorded({ slug: "look", id: "ses_look_look" }) })
    assert.match(await call(), /\nSession: ses_look\n[^]*\ntask_id: look \(resumed: /)
  })

  it("It resumes by name what it had begun before the engine was lost", async () => {
    const { call, children } = await below()
    assert.match(await call(), /\ntask_id: look \(spawned: /)
    for (const prompt of ["Go on.", "And on."]) {
      trap()
      assert.match(await call({ prompt }), /\nSession: ses_2a\n[^]*\ntask_id: look \(resumed: /)
    }
    assert.equal(children().length, 1)
  })

  it("It is asked for its children again if OpenCode did not answer", async () => {
    const { add, call, input } = await below()
    add("ses_look", { parentID: "ses_1a", agent: "lead", metadata: recorded({ slug: "look", id: "ses_look_look" }) })
    const { session } = input.client
    const { children } = session
    session.children = (/** @type {any} */ { path }) => (path.id === "ses_1a" ? Promise.reject(new Error("busy")) : children({ path }))
    assert.match(await call({ resume: "other" }), /\ntask_id: other \(spawned: /)
    session.children = children
    assert.match(await call(), /\nSession: ses_look\n[^]*\ntask_id: look \(resumed: /)
  })

  it("It is asked for its children once", async () => {
    const { call, input } = await below()
    const { session } = input.client
    const { children } = session
    let reads = 0
    session.children = (/** @type {any} */ given) => ((reads += Number(given.path.id === "ses_1a")), children(given))
    await call()
    const before = reads
    await call({ prompt: "Go on." })
    assert.deepEqual([before, reads], [1, 1])
  })
})

describe("A session whose process has ended", () => {
  it("A call waits until it is known that the session has its last prompt, and sends that never again", async () => {
    const at = await composed()
    const messageID = "msg_0000000000000000000000001"
    at.messages.ses_old = [{ info: { id: messageID, role: "user", sessionID: "ses_old" }, parts: [{ type: "text", text: "One." }] }]
    at.add("ses_old", { parentID: "ses_root", agent: "lead", metadata: recorded({ slug: "old", id: "ses_old_old", messageID, process: "an ended one", prompt: { parts: [{ type: "text", text: "One." }], agent: "lead", models: [], permission: [] } }) })
    const { session } = at.input.client
    const { messages } = session
    session.messages = async (/** @type {any} */ given) => (await later(60), messages(given))
    assert.match(await at.call({ resume: "old", prompt: "Two." }), /\nSession: ses_old\n[^]*\ntask_id: old \(resumed: /)
    assert.deepEqual(asked(at.prompts), [["ses_old", ["Two."]]])
  })
})

describe("A session that no prompt has reached", () => {
  /** A plugin that gives up before its first prompt. @param {Record<string, unknown>} begun the first call */
  async function unprompted(begun) {
    let gives = false
    const got = /** @type {any[]} */ ([])
    const at = await composed(async (args, client, { sessionID }) => {
      const { resume, to, kind, prompt: text } = args
      got.push({ resume, to, kind, text })
      const id = resume ?? (await client.session.create({ body: { parentID: sessionID, title: `${args.description} (child)`, permission: NO_TASK } })).data.id
      if (!gives) throw new Error("It gives up.")
      await client.session.promptAsync({ path: { id }, body: { parts: [{ type: "text", text }] } })
      return `Done\nSession: ${id}`
    })
    await assert.rejects(at.call(begun), /^Error: It gives up\./)
    gives = true
    got.length = 0
    return { ...at, got }
  }

  it("The plugin makes it as a new one, of its own agent, and gets that session", async () => {
    const { call, children, got, prompts } = await unprompted({ to: "lead", resume: "the-mend" })
    assert.match(await call({ resume: "the-mend", prompt: "Go." }), /\nSession: ses_1a\ntask_id: the-mend \(resumed: /)
    assert.deepEqual(got, [{ resume: undefined, to: "lead", kind: undefined, text: "Go." }])
    assert.equal(children().length, 1)
    assert.deepEqual(asked(prompts), [["ses_1a", ["Go.", "Go."]]])
    assert.equal(prompts[0].agent, "lead")
  })

  it("It keeps the denials that the plugin gives to a new one", async () => {
    const { call, input, sessions } = await unprompted({ to: "lead", resume: "the-mend" })
    delete sessions.ses_1a.permission
    const { session } = input.client
    const { update } = session
    const added = /** @type {any[]} */ ([])
    session.update = (/** @type {any} */ given) => (given.body.permission && added.push(...given.body.permission), update(given))
    await call({ resume: "the-mend" })
    assert.deepEqual(added, NO_TASK)
  })

  it("The plugin resumes one whose agent only a stand-in may name", async () => {
    const { call, got, prompts } = await unprompted({ kind: "any", resume: "the-mend" })
    await call({ resume: "the-mend", prompt: "Go on." })
    assert.deepEqual(got, [{ resume: "ses_1a", to: undefined, kind: undefined, text: "Go on." }])
    assert.deepEqual(asked(prompts), [["ses_1a", ["Go.", "Go on."]]])
  })

  it("The plugin resumes a session whose messages OpenCode does not show", async () => {
    const { call, got, input } = await unprompted({ to: "lead", resume: "the-mend" })
    input.client.session.messages = (/** @type {any} */ { path }) => (path.id === "ses_1a" ? Promise.reject(new Error("busy")) : data([]))
    await call({ resume: "the-mend", prompt: "Go on." })
    assert.equal(got[0].resume, "ses_1a")
  })

  it("The plugin resumes a session that has a message", async () => {
    const { call, got, messages } = await unprompted({ to: "lead", resume: "the-mend" })
    messages.ses_1a = [{ info: { id: "msg_0", role: "user" }, parts: [] }]
    await call({ to: "lead", resume: "the-mend", prompt: "Go on." })
    assert.equal(got[0].resume, "ses_1a")
  })
})
