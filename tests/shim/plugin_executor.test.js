// Calls of a plugin with delegation tools of its own: their results, their errors, and their ends. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { composed } from "./composed.js"
import { data, later, trap } from "./opencode.js"

const KEPT = "task_id: the-mend (its session is kept: give this task_id to go on with it)"

/** The plugin's request for a child. @param {any} client @param {any} context @param {string} [title] @returns {Promise<string>} */
const create = async (client, { sessionID }, title = "Mend it (child)") => (await client.session.create({ body: { parentID: sessionID, title } })).data.id

/** The plugin's prompt. @param {any} client @param {string} id @param {string} [text] */
const prompt = (client, id, text = "Go.") => client.session.promptAsync({ path: { id }, body: { parts: [{ type: "text", text }] } })

/** What each session was asked, in order. @param {any[]} prompts */
const asked = (prompts) => prompts.map(({ id, parts }) => [id, parts.map((/** @type {any} */ { text }) => text)])

/** A call, or a failure if it does not end. @template T @param {Promise<T>} call */
const ending = (call) => Promise.race([call, later(3_000).then(() => assert.fail("It does not end."))])

/** Composes it in an OpenCode that ends with the turn of its root. @template T @param {() => Promise<T>} compose */
async function inOneRun(compose) {
  const { argv } = process
  process.argv = ["opencode", "main", "run", "Do it"]
  return compose().finally(() => (process.argv = argv))
}

describe("The plugin's result", () => {
  const TOOLS = { hand_over: { session: "resume", agent: "to", background: "async", child: { metadata: "sessionId" }, task: { metadata: "taskId" }, refusals: ["^Refused"] } }

  /** Where the plugin says which child it was. @type {[string, (id: string, context: any) => any, string][]} */
  const PLACES = [
    ["the metadata of its result", (id) => ({ output: "Done", metadata: { sessionId: id, theirs: 1 } }), "Done\n"],
    ["the metadata of a result without a text", (id) => ({ metadata: { sessionId: id, theirs: 1 } }), "undefined\n"],
    ["what it has shown before", (id, context) => (context.metadata({ title: "At it", metadata: { sessionId: id } }), { output: "Done", metadata: { theirs: 1 } }), "Done\n"],
  ]
  for (const [what, result, begin] of PLACES) {
    it(`A child that only ${what} names has the call's name, and the plugin's own metadata stays`, async () => {
      const at = await composed(async (_, client, context) => {
        // A title of another form.
        const id = await create(client, context, "Mend it")
        await prompt(client, id)
        return result(id, context)
      }, {}, 0, { tools: TOOLS })
      const shown = /** @type {any[]} */ ([])
      const text = await at.call({ to: "fixer", resume: "the-mend" }, "hand_over", undefined, { metadata: (/** @type {any} */ given) => shown.push(given) })
      assert.match(text, new RegExp(`^${begin}task_id: the-mend \\(spawned: `))
      const { delegate, theirs } = at.results[0].metadata
      assert.deepEqual([theirs, delegate], [1, { task_id: "the-mend", action: "spawn", rule: delegate.rule }])
      assert.match(delegate.rule, /^R\d/)
      assert.deepEqual(shown, what.startsWith("what") ? [{ title: "At it", metadata: { sessionId: "ses_1a" } }] : [])
    })
  }

  it("The plugin's tool has the whole context of its call, and may show nothing", async () => {
    const at = await composed(async (_, client, context) => {
      context.metadata()
      return `Done by ${context.agent} in ${context.callID}\nSession: ${await create(client, context)}`
    })
    assert.match(await at.call({ to: "fixer", resume: "the-mend" }), /^Done by build in c1\nSession: ses_1a\ntask_id: the-mend /)
  })

  it("A result that is nothing leaves the name free", async () => {
    let says = false
    const at = await composed(async (_, client, context) => (says ? `Done\nSession: ${await create(client, context, "Mend it")}` : undefined))
    assert.equal(await at.call({ to: "fixer", resume: "the-mend" }), undefined)
    says = true
    assert.match(await at.call({ to: "fixer", resume: "the-mend" }), /\ntask_id: the-mend \(spawned: /)
  })

  it("A child that the text of a result with fields names has the call's name", async () => {
    const at = await composed(async (_, client, context) => ({ output: `Done\nSession: ${await create(client, context, "Mend it")}` }))
    assert.match(await at.call({ to: "fixer", resume: "the-mend" }), /^Done\nSession: ses_1a\ntask_id: the-mend \(spawned: /)
  })

  it("A foreground call without a child has no line", async () => {
    const at = await composed(async () => "The plugin has no session.\nTask: task_1")
    assert.equal(await at.call({ to: "fixer", resume: "the-mend" }), "The plugin has no session.\nTask: task_1")
    assert.deepEqual(at.results[0].metadata, {})
    assert.deepEqual(at.children(), [])
  })

  it("A background call whose child exists already creates no other", async () => {
    const at = await composed()
    await at.call({ to: "fixer", resume: "the-mend", async: true })
    assert.match(await at.call({ task: "the-mend" }, "read_task"), /^Result of task_1a/)
    assert.equal(at.children().length, 1)
  })

  for (const async of [true, false]) {
    it(`The text of a ${async ? "background" : "foreground"} call names ${async ? "the" : "no"} task of a plugin that has only background tasks`, async () => {
      const tools = { hand_over: { ...TOOLS.hand_over, child: { text: String.raw`^Session: (ses_\w+)$` }, task: { text: String.raw`^Task: (\w+)$` }, tasks: /** @type {const} */ ("background") } }
      const at = await composed(undefined, {}, 0, { tools })
      await at.call({ to: "fixer", resume: "the-mend", async })
      assert.equal(/^Result of task_1a/.test(await at.call({ task: "the-mend" }, "read_task")), async)
    })
  }

  it("A new child's answer that has the words of a session that is not ready is given at once", async () => {
    const at = await composed(async (args, client, context) => {
      const id = args.resume ?? (await create(client, context))
      await prompt(client, id)
      return "Unready: it said so"
    })
    await at.call({ to: "fixer", resume: "the-mend", async: true })
    for (const type of /** @type {const} */ (["busy", "idle"])) await at.status("ses_1a", type)
    assert.match(await ending(at.call({ resume: "the-mend" })), /^Unready: it said so\ntask_id: the-mend /)
    assert.equal(at.tried.length, 2)
  })

  it("A child that was never prompted may have the words of a forgotten session", async () => {
    const at = await composed(async (_, client, context) => `Forgotten: ${await create(client, context)}`)
    at.input.client.session.prompt = () => assert.fail("The engine prompts.")
    assert.match(await at.call({ to: "fixer", resume: "the-mend" }), /^Forgotten: ses_1a\ntask_id: the-mend \(spawned: /)
  })

  it("A hook without a result gets no line, and the line is no later call's", async () => {
    const at = await composed()
    const args = { to: "fixer", resume: "the-mend", description: "Mend it", prompt: "Go." }
    const context = { sessionID: "ses_root", messageID: "msg_1", callID: "c7", agent: "build", abort: new AbortController().signal, metadata() {} }
    await at.hooks.tool.hand_over.execute(args, context)
    const ended = { tool: "hand_over", sessionID: "ses_root", callID: "c7", args }
    await at.hooks["tool.execute.after"](ended, undefined)
    const result = { title: "", metadata: {}, output: "Another call's" }
    await at.hooks["tool.execute.after"](ended, result)
    assert.deepEqual(result, { title: "", metadata: {}, output: "Another call's" })
  })
})

describe("The lines below a result", () => {
  it("The lines about a background call that waits and about a failed summary stand below the name", async () => {
    const at = await inOneRun(() => composed())
    await at.call({ to: "fixer", resume: "the-mend" })
    at.sessions.ses_1a.model = { id: "one", providerID: "p" }
    at.input.client.session.summarize = () => ({ error: { name: "UnknownError" } })
    const tokens = { input: 900, output: 0, reasoning: 0, cache: { read: 0, write: 0 } }
    await at.emit("message.updated", { info: { role: "assistant", sessionID: "ses_1a", providerID: "p", modelID: "one", finish: "stop", tokens } })
    const lines = (await at.call({ resume: "the-mend", prompt: "Go on.", async: true })).split("\n").slice(3)
    assert.equal(lines.length, 3)
    for (const [nth, line] of [/^task_id: the-mend \([^\n]*\)$/, /background/, /^Its context could not be summarised/].entries()) assert.match(lines[nth], line)
  })

  it("A refusal stays as it is after a failed summary", async () => {
    const at = await composed(async ({ resume }, client, context) => (resume ? "Refused: too late" : `Done\nSession: ${await create(client, context)}`))
    await at.call({ to: "fixer", resume: "the-mend" })
    at.messages.ses_1a = [{ info: { id: "msg_0", role: "user" }, parts: [] }]
    at.input.client.session.summarize = () => ({ error: { name: "UnknownError" } })
    const tokens = { input: 900, output: 0, reasoning: 0, cache: { read: 0, write: 0 } }
    await at.emit("message.updated", { info: { role: "assistant", sessionID: "ses_1a", providerID: "p", modelID: "one", finish: "stop", tokens } })
    assert.equal(await ending(at.call({ resume: "the-mend", prompt: "Go on." })), "Refused: too late")
  })

  it("A result with nothing to add to its name has one line", async () => {
    const at = await composed()
    assert.match(await at.call({ to: "fixer", resume: "the-mend" }), /Task: task_1a\ntask_id: the-mend \([^\n]*\)$/)
  })
})

describe("A call that cannot be decided", () => {
  const LINE = "opencode-delegate did not apply its rules to this call: "

  /** The plugin in an OpenCode that answers no more. */
  async function silent() {
    const at = await composed(async (args) => JSON.stringify(args))
    const { session } = at.input.client
    for (const name of ["children", "get"]) session[name] = () => Promise.reject(new Error("OpenCode is silent."))
    trap()
    return at
  }

  /** What the call names, what the plugin gets, and what a further line says. @type {[string | undefined, string | undefined, string?][]} */
  const NAMES = [["ses_1a", "ses_1a"], [undefined, undefined], ["the-mend", undefined, '\nopencode-delegate could not look up "the-mend", so a new session was started.']]
  for (const [resume, given, more = ""] of NAMES) {
    it(`The plugin makes a primary agent's call with ${resume}, and a line says that no rule holds`, async () => {
      const { call, results } = await silent()
      const [args, ...lines] = (await call({ to: "fixer", resume })).split("\n")
      assert.equal(JSON.parse(args).resume, given)
      assert.equal(lines.join("\n"), `${LINE}OpenCode is silent.${more}`)
      assert.deepEqual(results[0].metadata, {})
    })
  }

  it("A line says that the call waits, too, if OpenCode ends with its turn", async () => {
    const { call } = await inOneRun(silent)
    const [args, waits, undecided] = (await call({ to: "fixer", async: true })).split("\n")
    assert.equal(JSON.parse(args).async, false)
    assert.match(waits, /background/)
    assert.equal(undecided, `${LINE}OpenCode is silent.`)
  })

  it("A subagent's call is refused", async () => {
    const at = await composed()
    await at.call({ to: "fixer", resume: "the-mend" })
    at.input.client.session.children = () => Promise.reject(new Error("OpenCode is silent."))
    trap()
    await assert.rejects(at.call({ to: "lead" }, "hand_over", undefined, { sessionID: "ses_1a", agent: "fixer" }), /OpenCode is silent\./)
    assert.equal(at.tried.length, 1)
  })
})

describe("An error of the plugin", () => {
  it("An error before any child is thrown as it is, and the name is free", async () => {
    const error = new Error("It broke.")
    let fails = true
    const at = await composed(async (_, client, context) => {
      if (fails) throw error
      return `Done\nSession: ${await create(client, context)}`
    })
    await assert.rejects(at.call({ to: "fixer", resume: "the-mend" }), (given) => given === error)
    fails = false
    assert.match(await at.call({ to: "fixer", resume: "the-mend" }), /\ntask_id: the-mend \(spawned: /)
  })

  it("An error that is a text names the child that it left", async () => {
    const at = await composed(async (_, client, context) => {
      await create(client, context)
      throw "It broke."
    })
    await assert.rejects(at.call({ to: "fixer", resume: "the-mend" }), { message: `It broke.\n${KEPT}` })
  })

  it("An error of a resumed session that got no prompt is thrown as it is", async () => {
    const error = new Error("It broke.")
    const at = await composed(async ({ resume }, client, context) => {
      if (resume) throw error
      return `Done\nSession: ${await create(client, context)}`
    })
    await at.call({ to: "fixer", resume: "the-mend" })
    at.messages.ses_1a = [{ info: { id: "msg_0", role: "user" }, parts: [] }]
    await assert.rejects(at.call({ resume: "the-mend" }), (given) => given === error)
  })

  it("An error of a call that waited for another's new child is thrown as it is", async () => {
    const error = new Error("It broke.")
    const at = await composed(async ({ resume }, client, context) => {
      if (resume) throw error
      await later(30)
      const id = await create(client, context)
      await prompt(client, id)
      return `Done\nSession: ${id}`
    })
    const first = at.call({ to: "fixer", resume: "the-mend" })
    await later(5)
    await assert.rejects(ending(at.call({ to: "fixer", resume: "the-mend", prompt: "Go on." })), (given) => given === error)
    assert.match(await first, /\ntask_id: the-mend \(spawned: /)
  })

  it("A prompt that may still arrive holds up a later call until its turn is over", async () => {
    const at = await composed(async ({ resume, prompt: text }, client, context) => {
      const id = resume ?? (await create(client, context))
      const { session } = at.input.client
      const { promptAsync } = session
      if (!resume) session.promptAsync = (/** @type {any} */ { body }) => (sent.push(body.messageID), data({}))
      await prompt(client, id, text)
      session.promptAsync = promptAsync
      return resume ? `Done\nSession: ${id}` : "I waited too long."
    })
    const sent = /** @type {string[]} */ ([])
    await at.call({ to: "fixer", resume: "the-mend" })
    const again = at.call({ resume: "the-mend", prompt: "Go on." })
    await later(100)
    assert.deepEqual(at.prompts, [])
    await at.emit("message.updated", { info: { id: sent[0], role: "user", sessionID: "ses_1a" } })
    for (const type of /** @type {const} */ (["busy", "idle"])) await at.status("ses_1a", type)
    assert.match(await ending(again), /^Done\nSession: ses_1a\ntask_id: the-mend /)
    assert.deepEqual(asked(at.prompts).at(-1)?.[0], "ses_1a")
  })

  /** How the plugin says that its prompt has failed. @type {[string, () => string][]} */
  const FAILURES = [
    ["throws", () => {
      throw new Error("No model.")
    }],
    ["says so in its result", () => "Refused: no model"],
  ]
  for (const [what, fail] of FAILURES) {
    it(`A prompt that OpenCode has not stored holds up no later call if the plugin ${what}`, async () => {
      const at = await composed(async ({ resume, prompt: text }, client, context) => {
        const id = resume ?? (await create(client, context))
        const { session } = at.input.client
        const { promptAsync } = session
        if (!resume) session.promptAsync = () => data({})
        await prompt(client, id, text)
        session.promptAsync = promptAsync
        return resume ? `Done\nSession: ${id}` : fail()
      })
      await at.call({ to: "fixer", resume: "the-mend" }).catch(() => {})
      at.messages.ses_1a = [{ info: { id: "msg_0", role: "user" }, parts: [] }]
      assert.match(await ending(at.call({ resume: "the-mend", prompt: "Go on." })), /^Done\nSession: ses_1a\ntask_id: the-mend \(resumed: /)
    })
  }
})

describe("A call whose caller's turn ends", () => {
  it("A call that waits for its session is not made", async () => {
    const stop = new AbortController()
    const { call, status, tried } = await composed()
    await call({ to: "fixer", resume: "the-mend" })
    await later()
    await status("ses_1a", "busy")
    const waiting = call({ resume: "the-mend", prompt: "Go on." }, "hand_over", stop.signal)
    await later()
    stop.abort()
    await assert.rejects(ending(waiting), /^Error: [^\n]*turn/)
    await status("ses_1a", "idle")
    await later(50)
    assert.deepEqual(tried, ["Go."])
  })

  for (const async of [false, true]) {
    it(`A call in the plugin's pause is not made (${async ? "background" : "foreground"})`, async () => {
      const stop = new AbortController()
      const { call, tried } = await composed(undefined, {}, 0, { rests_ms: 400 })
      await call({ to: "fixer", resume: "the-mend" })
      const resting = call({ resume: "the-mend", prompt: "Go on.", async }, "hand_over", stop.signal)
      await later()
      stop.abort()
      await assert.rejects(resting, /aborted/)
      await later(100)
      assert.deepEqual(tried, ["Go."])
      assert.match(await call({ resume: "the-mend", prompt: "Go on." }), /\ntask_id: the-mend \(resumed: /)
    })
  }

  it("The name of a call that hangs before its child exists is free", async () => {
    const stop = new AbortController()
    let hangs = true
    const { call } = await composed(async (_, client, context) => {
      if (hangs) return new Promise(() => {})
      return `Done\nSession: ${await create(client, context)}`
    })
    void call({ to: "fixer", resume: "the-mend" }, "hand_over", stop.signal)
    await later()
    stop.abort()
    hangs = false
    assert.match(await ending(call({ to: "fixer", resume: "the-mend" })), /\ntask_id: the-mend \(spawned: /)
  })

  /** How the plugin ends the call. @type {[string, () => string][]} */
  const ENDS = [
    ["throws", () => {
      throw new Error("Aborted.")
    }],
    ["says so in its result", () => "I was aborted."],
  ]
  for (const [what, end] of ENDS) {
    it(`A prompt that no session got is given up with its call if the plugin ${what}`, async () => {
      const stop = new AbortController()
      const at = await composed(async (args, client, context) => {
        const id = args.resume ?? (await create(client, context))
        if (!stop.signal.aborted) {
          stop.abort()
          return end()
        }
        await prompt(client, id, args.prompt)
        return `Done\nSession: ${id}`
      })
      await at.call({ to: "fixer", resume: "the-mend", prompt: "Mend." }, "hand_over", stop.signal).catch(() => {})
      await at.call({ resume: "the-mend", prompt: "Go on." })
      assert.deepEqual(asked(at.prompts), [["ses_1a", ["Go on."]]])
    })
  }
})
