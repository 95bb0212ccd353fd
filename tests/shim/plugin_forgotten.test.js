// Calls to sessions that a plugin with delegation tools of its own has forgotten: the engine continues them. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { composed } from "./composed.js"
import { data, later, trap } from "./opencode.js"

const KEPT = "task_id: the-mend (its session is kept: give this task_id to go on with it)"
const RESUMED = "task_id: the-mend (resumed: The task_id names this session.)"

/** A result in the form of OpenCode's own tool. @param {string} text */
const result = (text) => `<task id="ses_1a" state="completed">\n<task_result>\n${text}\n</task_result>\n</task>`

/**
 * A plugin that forgets its sessions after the first call, and an OpenCode whose children answer the engine's prompts.
 * @param {(at: any) => any} [answer] the text of an answer, or an error
 * @param {Record<string, unknown>} [options]
 * @param {(context: any) => any} [forgetting] runs before the plugin says that it has forgotten a session
 * @param {string} [says] how it says that
 * @param {Parameters<typeof composed>[3]} [more] of its description
 */
async function forgetful(answer = () => "Done again.", options = {}, forgetting = () => {}, says = "Forgotten", more = {}) {
  const at = await composed(async ({ description, prompt, resume }, { session }, context) => {
    if (resume) {
      await forgetting(context)
      return `${says}: ${resume}`
    }
    const { id } = (await session.create({ body: { parentID: context.sessionID, title: `${description} (child)` } })).data
    await session.promptAsync({ path: { id }, body: { parts: [{ type: "text", text: prompt }] } })
    return `Done\nSession: ${id}\nTask: task_1a`
  }, options, 0, more)
  const asked = /** @type {any[]} */ ([])
  at.input.client.session.prompt = async (/** @type {any} */ { path: { id }, body }) => {
    asked.push({ id, agent: body.agent, types: body.parts.map((/** @type {any} */ { type }) => type), texts: body.parts.map((/** @type {any} */ { text }) => text) })
    const info = { id: body.messageID, role: "user", sessionID: id }
    at.messages[id].push({ info, parts: body.parts })
    await at.emit("message.updated", { info })
    const given = await answer(at)
    const error = typeof given === "string" ? undefined : given
    return { data: { info: { role: "assistant", sessionID: id, parentID: body.messageID, finish: error ? undefined : "stop", error }, parts: error ? [] : [{ type: "text", text: given }] } }
  }
  await at.call({ to: "fixer", resume: "the-mend" })
  return { ...at, asked }
}

describe("A session that the plugin has forgotten", () => {
  for (const [what, to] of /** @type {[string, object][]} */ ([["a call that names its agent", { to: "fixer" }], ["a call that names nobody", {}]])) {
    it(`The engine prompts the session once for ${what}, and its answer is the result`, async () => {
      const { asked, call, prompts, results, tried } = await forgetful()
      assert.equal(await call({ ...to, resume: "the-mend", prompt: "Go on." }), `${result("Done again.")}\n${RESUMED}`)
      assert.deepEqual(asked, [{ id: "ses_1a", agent: "fixer", types: ["text"], texts: ["Go on."] }])
      assert.deepEqual(tried, ["Go.", "Go on."])
      assert.equal(prompts.length, 1)
      assert.deepEqual(results.at(-1).metadata, { delegate: { task_id: "the-mend", action: "resume", rule: "R4" } })
    })
  }

  it("A background call returns at once, and its result is delivered in a message to its idle caller", async () => {
    let answer = (/** @type {string} */ _) => {}
    const { asked, call, prompts, results, status } = await forgetful(() => new Promise((resolve) => (answer = resolve)))
    const text = await call({ resume: "the-mend", prompt: "Go on.", async: true })
    assert.match(text, /^<task id="ses_1a" state="running">\n<summary>Background task bg_\w+ started<\/summary>[^]*<\/task>\ntask_id: the-mend \(resumed: [^\n]*\)$/)
    assert.equal(results.at(-1).metadata.delegate.task_id, "the-mend")
    await later(50)
    assert.equal(asked.length, 1)
    assert.equal(prompts.length, 1)
    answer("Done again.")
    await status("ses_root", "idle")
    await later(50)
    assert.equal(prompts.length, 2)
    assert.equal(prompts[1].id, "ses_root")
    assert.match(prompts[1].parts[0].text, /\nDone again\.\n/)
  })

  it("A failure of the session names it once", async () => {
    const { call } = await forgetful(() => ({ name: "APIError", data: { message: "No credit.", isRetryable: false } }))
    await assert.rejects(call({ resume: "the-mend", prompt: "Go on." }), { message: `Subagent failed (task_id: ses_1a): No credit.\n${KEPT}` })
  })

  it("The name stays in use after a failure", async () => {
    let fails = true
    const { call } = await forgetful(() => (fails ? { name: "APIError", data: { message: "No credit.", isRetryable: false } } : "Done again."))
    await assert.rejects(call({ resume: "the-mend", prompt: "Go on." }))
    fails = false
    assert.match(await call({ resume: "the-mend", prompt: "And on." }), /\nDone again\.\n[^]*\ntask_id: the-mend \(resumed: /)
  })

  it("The end of the caller's turn ends the session's turn, and the error names the session once", async () => {
    const stop = new AbortController()
    const { call, done } = await forgetful(() => new Promise(() => stop.abort()))
    await assert.rejects(call({ resume: "the-mend", prompt: "Go on." }, "hand_over", stop.signal), { message: `Task cancelled\n${KEPT}` })
    await later()
    assert.deepEqual(done, [["abort", "ses_1a"]])
  })

  it("The end of the caller's turn after the result ends no later turn of the session", async () => {
    const stop = new AbortController()
    const { call, done } = await forgetful()
    await call({ resume: "the-mend", prompt: "Go on." }, "hand_over", stop.signal)
    const later = call({ resume: "the-mend", prompt: "And on." })
    stop.abort()
    assert.match(await later, /\nDone again\.\n/)
    assert.deepEqual(done, [])
  })

  for (const async of [false, true]) {
    it(`A call whose caller's turn ends before it is known that the plugin has forgotten prompts nobody (${async ? "background" : "foreground"})`, async () => {
      const stop = new AbortController()
      const { asked, call } = await forgetful(undefined, {}, () => stop.abort())
      await assert.rejects(call({ resume: "the-mend", prompt: "Go on.", async }, "hand_over", stop.signal), /aborted/)
      await later(50)
      assert.deepEqual(asked, [])
    })
  }

  it("A session that is deleted meanwhile gets no prompt, and the call says so", async () => {
    const at = await forgetful(undefined, {}, async () => {
      const { ses_1a: info } = at.sessions
      delete at.sessions.ses_1a
      await at.emit("session.deleted", { info })
    })
    await assert.rejects(at.call({ resume: "the-mend", prompt: "Go on." }), /^Error: The session of this task is gone\./)
    assert.deepEqual(at.asked, [])
  })

  it("A session that is deleted as it answers ends the call, which says so", async () => {
    const { call } = await forgetful(async (at) => {
      const { ses_1a: info } = at.sessions
      delete at.sessions.ses_1a
      await at.emit("session.deleted", { info })
      return new Promise(() => {})
    })
    await assert.rejects(call({ resume: "the-mend", prompt: "Go on." }), /^Error: [^\n]*its session was deleted/)
  })

  it("A call during which OpenCode reloads its plugins prompts nobody, and says so", async () => {
    const at = await forgetful(undefined, {}, () => at.hooks.dispose())
    await assert.rejects(at.call({ resume: "the-mend", prompt: "Go on." }), /^Error: [^\n]*reload/)
    assert.deepEqual(at.asked, [])
  })

  it("A call during which the engine is lost goes on with the next engine", async () => {
    const { asked, call } = await forgetful(undefined, {}, trap)
    assert.equal(await call({ resume: "the-mend", prompt: "Go on." }), `${result("Done again.")}\n${RESUMED}`)
    assert.deepEqual(asked, [{ id: "ses_1a", agent: "fixer", types: ["text"], texts: ["Go on."] }])
  })

  it("A call whose caller's turn ends while the next engine reads the sessions prompts nobody", async () => {
    const stop = new AbortController()
    const at = await forgetful(undefined, {}, () => {
      trap()
      const { session } = at.input.client
      const { children } = session
      session.children = (/** @type {any} */ given) => (stop.abort(), children(given))
    })
    await assert.rejects(at.call({ resume: "the-mend", prompt: "Go on." }, "hand_over", stop.signal), /^Error: Task cancelled\n/)
    await later(50)
    assert.deepEqual(at.asked, [])
  })

  it("The lines about a background call that waits and about a failed summary stand below the answer", async () => {
    const { argv } = process
    process.argv = ["opencode", "main", "run", "Do it"]
    const { asked, call, emit, input, sessions } = await forgetful().finally(() => (process.argv = argv))
    sessions.ses_1a.model = { id: "one", providerID: "p" }
    input.client.session.summarize = () => ({ error: { name: "UnknownError" } })
    const tokens = { input: 900, output: 0, reasoning: 0, cache: { read: 0, write: 0 } }
    await emit("message.updated", { info: { role: "assistant", sessionID: "ses_1a", providerID: "p", modelID: "one", finish: "stop", tokens } })
    const lines = (await call({ resume: "the-mend", prompt: "Go on.", async: true })).split("</task>\n")[1].split("\n")
    assert.equal(lines.length, 3)
    for (const [nth, line] of [/^task_id: the-mend \(/, /background/, /^Its context could not be summarised/].entries()) assert.match(lines[nth], line)
    assert.equal(asked.length, 1)
  })

  it("The line about a failed summary stands below a background call's result, too", async () => {
    const { call, emit, input, sessions } = await forgetful()
    sessions.ses_1a.model = { id: "one", providerID: "p" }
    input.client.session.summarize = () => ({ error: { name: "UnknownError" } })
    const tokens = { input: 900, output: 0, reasoning: 0, cache: { read: 0, write: 0 } }
    await emit("message.updated", { info: { role: "assistant", sessionID: "ses_1a", providerID: "p", modelID: "one", finish: "stop", tokens } })
    assert.match(await call({ resume: "the-mend", prompt: "Go on.", async: true }), /\ntask_id: the-mend \([^\n]*\)\nIts context could not be summarised[^\n]*$/)
  })

  it("Two calls to the session run one after the other", async () => {
    let running = 0
    let most = 0
    const { asked, call } = await forgetful(async () => {
      most = Math.max(most, ++running)
      await later(30)
      running--
      return "Done again."
    })
    await Promise.all(["One.", "Two."].map((prompt) => call({ resume: "the-mend", prompt })))
    assert.deepEqual(asked.map(({ texts }) => texts), [["One."], ["Two."]])
    assert.equal(most, 1)
  })
})

describe("The words of a forgotten session", () => {
  it("A call for a new session that ends in them is the plugin's own result", async () => {
    const { call, children } = await composed(async () => "Forgotten: it said so")
    assert.equal(await call({ to: "fixer", resume: "the-mend" }), "Forgotten: it said so")
    assert.deepEqual(children(), [])
  })

  it("A call to a session that was never prompted is made as a new one, and its result is the plugin's own", async () => {
    const { call, children, input } = await composed(async (args, { session }, { sessionID }) => {
      if (args.prompt === "Go on.") return "Forgotten: it said so"
      const { data } = await session.create({ body: { parentID: sessionID, title: `${args.description} (child)` } })
      throw new Error(`It broke in ${data.id}.`)
    })
    input.client.session.prompt = () => data(assert.fail("The engine prompts."))
    await assert.rejects(call({ to: "fixer", resume: "the-mend", prompt: "Mend." }), /^Error: It broke in ses_1a\./)
    assert.match(await call({ to: "fixer", resume: "the-mend", prompt: "Go on." }), /^Forgotten: it said so/)
    assert.equal(children().length, 1)
  })
})

describe("A session that rests, while the plugin takes it for running", () => {
  /** Such a session, whose background task a person has aborted. @param {Parameters<typeof composed>[3]} [more] @param {() => unknown} [meanwhile] */
  async function stuck(more, meanwhile) {
    const at = await forgetful(undefined, {}, meanwhile, "Unready", more)
    await at.status("ses_1a", "busy")
    await at.status("ses_1a", "idle")
    return at
  }

  it("The plugin's task is cancelled, and the engine prompts the session once", async () => {
    const { asked, call, cancelled } = await stuck()
    assert.equal(await call({ resume: "the-mend", prompt: "Go on." }), `${result("Done again.")}\n${RESUMED}`)
    assert.deepEqual(cancelled, ["task_1a"])
    assert.deepEqual(asked.map(({ texts }) => texts), [["Go on."]])
  })

  it("The plugin's word stands if the session runs", async () => {
    /** @type {() => unknown} */
    let begin = () => {}
    const { asked, call, cancelled, status } = await stuck(undefined, () => begin())
    begin = () => status("ses_1a", "busy")
    assert.match(await call({ resume: "the-mend", prompt: "Go on." }), /^Unready: ses_1a/)
    assert.deepEqual([asked, cancelled], [[], []])
  })

  for (const [what, more] of /** @type {[string, Parameters<typeof composed>[3]][]} */ ([
    ["has no tool that cancels", { cancellers: {} }],
    ["names no tasks", { tools: { hand_over: { session: "resume", agent: "to", background: "async", child: { text: String.raw`^Session: (ses_\w+)$` }, unready: "^Unready" } } }],
  ])) {
    it(`The plugin's word stands if it ${what}`, async () => {
      const { asked, call, cancelled } = await stuck(more)
      assert.match(await call({ resume: "the-mend", prompt: "Go on." }), /^Unready: ses_1a/)
      assert.deepEqual([asked, cancelled], [[], []])
    })
  }
})
