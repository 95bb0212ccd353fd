// Calls of a plugin with delegation tools of its own that are cancelled, or whose sessions, plugin or engine go away. Runs under Node
// and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { composed } from "./composed.js"
import { data, later, trap } from "./opencode.js"

/** The plugin's request for a child. @param {any} client @param {string} parentID @param {string} [title] */
const create = async (client, parentID, title = "Mend it (child)") => (await client.session.create({ body: { parentID, title } }))?.data?.id

/** The plugin's prompt. @param {any} client @param {string} id @param {string} [text] */
const prompt = (client, id, text = "Go.") => client.session.promptAsync({ path: { id }, body: { parts: [{ type: "text", text }] } })

/** What each session was asked, in order. @param {any[]} prompts */
const asked = (prompts) => prompts.map(({ id, parts }) => [id, parts.map((/** @type {any} */ { text }) => text)])

/** A plugin whose background calls wait in a queue, which the test starts: outside of every call. */
async function queueing() {
  const queue = /** @type {(() => Promise<string>)[]} */ ([])
  /** @type {any} */
  let client
  const at = await composed(async (args, given, { sessionID }) => {
    client = given
    const start = async () => {
      const id = args.resume ?? (await create(client, sessionID, `${args.description} (child)`))
      await prompt(client, id, args.prompt)
      return id
    }
    if (!args.async) return `Done\nSession: ${await start()}`
    queue.push(start)
    return `Queued\nTask: task_${queue.length}`
  })
  /** Deletes sessions as OpenCode does. @param {...string} ids */
  const remove = async (...ids) => {
    const infos = ids.map((id) => at.sessions[id])
    for (const id of ids) delete at.sessions[id]
    for (const info of infos) await at.emit("session.deleted", { info })
  }
  return { ...at, remove, start: (/** @type {number} */ nth) => queue[nth](), client: () => client }
}

describe("Queued calls that are cancelled", () => {
  it("The cancellation of one leaves the other in the queue", async () => {
    const { call, children, start } = await queueing()
    for (const resume of ["one", "two"]) await call({ to: "fixer", resume, async: true })
    await call({ task: "two" }, "cancel_task")
    assert.equal(await start(0), "ses_1a")
    assert.equal(children().length, 2)
  })

  it("The cancellation of all calls of a caller leaves those of another, and aborts no running one", async () => {
    const { add, call, done, sessions, start, status } = await queueing()
    add("ses_other")
    await call({ to: "fixer", resume: "running", async: true })
    await start(0)
    await status("ses_1a", "busy")
    await call({ to: "fixer", resume: "other", async: true }, "hand_over", undefined, { sessionID: "ses_other", messageID: "msg_o" })
    await call({ to: "fixer", resume: "own", async: true })
    await call({ every: true }, "cancel_task")
    await later()
    assert.deepEqual(done, [])
    assert.equal(await start(1), "ses_2a")
    assert.equal("ses_4a" in sessions, false)
  })
})

describe("A session that is deleted", () => {
  it("A queue starts a call of a deleted caller by itself", async () => {
    const { call, remove, sessions, start } = await queueing()
    await call({ to: "fixer", resume: "the-mend", async: true })
    await remove("ses_1a", "ses_root")
    assert.equal(await start(0), "ses_2a")
    assert.equal(sessions.ses_2a.agent, undefined)
  })

  it("A queued call keeps its child if another session is deleted", async () => {
    const { add, call, remove, start } = await queueing()
    await call({ to: "fixer", resume: "the-mend", async: true })
    add("ses_other")
    await remove("ses_other")
    assert.equal(await start(0), "ses_1a")
  })

  for (const [what, gone, agent] of /** @type {[string, string, string | undefined][]} */ ([["the session itself", "ses_1a", undefined], ["another session", "ses_other", "fixer"], ["the caller", "ses_root", undefined]])) {
    it(`A session that the plugin creates after it gave up a running one is ${agent ? "a further attempt" : "the plugin's own"} if ${what} is deleted`, async () => {
      const { add, call, client, remove, sessions, status } = await queueing()
      add("ses_other")
      const [calling] = [call({ to: "fixer", resume: "the-mend" })]
      await status("ses_1a", "busy")
      await calling
      await remove(gone)
      assert.equal(await create(client(), "ses_root"), "ses_2a")
      assert.equal(sessions.ses_2a.agent, agent)
    })
  }

  it("A prompt to a session that is deleted before it reaches OpenCode, which refuses it", async () => {
    let deletes = false
    const answers = /** @type {any[]} */ ([])
    const at = await composed(async ({ resume }, client, { sessionID }) => {
      const id = resume ?? (await create(client, sessionID))
      if (deletes) {
        const { ses_1a: info } = at.sessions
        delete at.sessions.ses_1a
        await at.emit("session.deleted", { info })
        at.input.client.session.promptAsync = async () => ({ error: { name: "NotFoundError" } })
      }
      answers.push(await Promise.race([prompt(client, id), later(2_000).then(() => assert.fail("The prompt waits."))]))
      return `Done\nSession: ${id}`
    })
    await at.call({ to: "fixer", resume: "the-mend" })
    deletes = true
    await at.call({ resume: "the-mend", prompt: "Go on." })
    assert.deepEqual(answers, [{ data: {} }, { error: { name: "NotFoundError" } }])
  })
})

describe("A plugin that OpenCode reloads", () => {
  it("Its old instance follows no request any more", async () => {
    const { call, hooks, sessions, start } = await queueing()
    await call({ to: "fixer", resume: "the-mend", async: true })
    await hooks.dispose()
    assert.equal(await start(0), "ses_2a")
    assert.equal(sessions.ses_2a.agent, undefined)
  })

  it("A call during which it is reloaded has the plugin's own result", async () => {
    const at = await composed(async (_, client, { sessionID }) => {
      await at.hooks.dispose()
      const id = await create(client, sessionID)
      await prompt(client, id)
      return `Done\nSession: ${id}`
    })
    assert.match(await at.call({ to: "fixer", resume: "the-mend" }), /^Done\nSession: ses_1a/)
    assert.deepEqual(asked(at.prompts), [["ses_1a", ["Go."]]])
  })
})

describe("An engine that is lost", () => {
  it("A further attempt of a call is made, and has the name", async () => {
    const at = await composed(async ({ resume }, client, { sessionID }) => {
      if (!resume) {
        await prompt(client, await create(client, sessionID))
        trap()
      }
      const id = resume ?? (await create(client, sessionID))
      await prompt(client, id)
      return `Done\nSession: ${id}`
    })
    assert.match(await at.call({ to: "fixer", resume: "the-mend" }), /\nSession: ses_2a\ntask_id: the-mend \(spawned: /)
    assert.match(await at.call({ resume: "the-mend", prompt: "Go on." }), /\nSession: ses_2a\ntask_id: the-mend \(resumed: /)
    assert.deepEqual(at.prompts.map(({ id, agent }) => [id, agent]), [["ses_1a", "fixer"], ["ses_2a", "fixer"], ["ses_2a", "fixer"]])
  })

  it("A further attempt of a call that names only a session has that session's agent", async () => {
    const at = await composed(async ({ resume }, client, { sessionID }) => {
      const id = resume ?? (await create(client, sessionID))
      await prompt(client, id)
      if (!resume) return `Done\nSession: ${id}`
      trap()
      return `Done\nSession: ${await create(client, sessionID)}\nTask: task_1`
    })
    await at.call({ to: "fixer", resume: "the-mend" })
    await at.call({ resume: "the-mend", async: true })
    assert.equal(at.sessions.ses_2a.agent, "fixer")
  })

  it("A call goes on with its session if the engine is lost as the session's messages are read", async () => {
    const { call, input, prompts } = await queueing()
    await call({ to: "fixer", resume: "the-mend" })
    const { session } = input.client
    const { messages } = session
    session.messages = (/** @type {any} */ given) => (given.query?.limit && trap(), messages(given))
    await call({ to: "fixer", resume: "the-mend", prompt: "Go on." })
    assert.deepEqual(prompts.map(({ id, agent }) => [id, agent]), [["ses_1a", "fixer"], ["ses_1a", "fixer"]])
  })

  it("A queued prompt that the plugin drops goes along with the next one, under that one's id", async () => {
    const { call, dropped, prompts } = await queueing()
    await call({ to: "fixer", resume: "the-mend", prompt: "One.", async: true })
    trap()
    dropped.add("task_1")
    await call({ resume: "the-mend", prompt: "Two." })
    assert.deepEqual(asked(prompts), [["ses_1a", ["One.", "Two."]]])
  })
})
