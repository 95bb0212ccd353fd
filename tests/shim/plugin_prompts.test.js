// What of another plugin's prompts reaches OpenCode: the engine's message for a call, and the plugin's own words else. Runs under
// Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { PluginPauses, PluginPrompts } from "../../js/opencode1/execute/index.js"
import { data, later, noting } from "./opencode.js"
import { create, longWaits, prompt, prompting } from "./prompting.js"

const text = (/** @type {string} */ text) => ({ type: "text", text })

/** A plugin whose call prompts its child with these bodies, in order, and what reaches OpenCode. @param {any[]} bodies @param {"prompt" | "promptAsync"} [method] */
async function sending(bodies, method = "promptAsync") {
  const sent = /** @type {any[]} */ ([])
  const at = await prompting(async (args, client, context) => {
    const id = args.resume ?? (await create(args, client, context))
    for (const body of bodies) await client.session[method]({ path: { id }, body })
    return `Done\nSession: ${id}`
  })
  const { session } = at.input.client
  session.prompt = (/** @type {any} */ args) => session.promptAsync(args)
  at.answering(method, (args, send) => (sent.push(args.body), send(args)))
  return { ...at, sent }
}

describe("A prompt of a call", () => {
  for (const method of /** @type {const} */ (["prompt", "promptAsync"])) {
    it(`The first has the engine's id, and a later one is the plugin's own (${method})`, async () => {
      const { call, sent } = await sending([{ parts: [text("Go.")] }, { parts: [text("Go on.")], noReply: true }], method)
      await call({ to: "fixer" })
      const [{ messageID, ...first }, second] = sent
      assert.match(messageID, /^msg_/)
      assert.deepEqual(first, { parts: [text("Go.")], agent: "fixer" })
      assert.deepEqual(second, { parts: [text("Go on.")], noReply: true, agent: "fixer" })
    })
  }

  it("Two prompts at once are one of the engine's and one of the plugin's", async () => {
    const at = await prompting(async (args, client, context) => {
      const id = await create(args, client, context)
      await Promise.all(["Go.", "Go on."].map((words) => prompt(client, id, words)))
      return `Done\nSession: ${id}`
    })
    await at.call({ to: "fixer" })
    assert.deepEqual(at.asked(), [["ses_1a", "Go on."], ["ses_1a", "Go."]])
    assert.deepEqual(at.prompts.map(({ messageID }) => messageID?.slice(0, 4)), [undefined, "msg_"])
  })

  it("An agent of the plugin's choice stays", async () => {
    const { call, sent } = await sending([{ parts: [text("Go.")], agent: "lead" }, { parts: [text("Go on.")], agent: "lead" }])
    await call({ to: "fixer" })
    assert.deepEqual(sent.map(({ agent }) => agent), ["lead", "lead"])
  })

  it("A part of another form stays as it is, with and without a mark", async () => {
    const parts = [text("Go."), { type: "file", url: "data:," }, { type: "text", text: 3 }]
    const { call, sent } = await sending([{ parts }, { parts: [null, ...parts] }])
    await call({ to: "fixer", resume: "the-mend" })
    // The second is identical, so it is marked for the plugin.
    await call({ resume: "the-mend" })
    assert.deepEqual(sent.map((body) => body.parts), [parts, [null, ...parts], parts, [null, ...parts]])
  })

  it("A part of the plugin's that has the mark stays as it is in an unmarked call", async () => {
    const { call, sent } = await sending([{ parts: [text("Go\u2063.")] }])
    await call({ to: "fixer" })
    assert.deepEqual(sent[0].parts, [text("Go\u2063.")])
  })

  for (const body of [undefined, {}, { parts: "Go." }]) {
    it(`A prompt without parts goes to OpenCode, which refuses it (${JSON.stringify(body)})`, async () => {
      const { call, sent } = await sending([body])
      await call({ to: "fixer" })
      assert.deepEqual(sent[0].parts, [])
    })
  }

  it("Tools that the plugin gives stay, though OpenCode does not say what the session may use", async () => {
    const { call, sent, input } = await sending([{ parts: [text("Go.")], tools: { bash: false } }])
    const { get } = input.client.session
    input.client.session.get = (/** @type {any} */ args) => (args.path.id === "ses_1a" ? data(undefined) : get(args))
    await call({ to: "fixer" })
    assert.deepEqual(sent[0].tools, { bash: false })
  })

  it("A message of another in the child is not the prompt's", async () => {
    const { call, emit, input, prompts, sent } = await sending([{ parts: [text("Go.")] }])
    const stored = input.client.session.promptAsync
    let other = 0
    input.client.session.promptAsync = async (/** @type {any} */ args) => {
      if (!other++) {
        await emit("message.updated", { info: { id: "msg_other", role: "user", sessionID: "ses_1a" } })
        return { error: { name: "APIError", data: { message: "no" } } }
      }
      return stored(args)
    }
    await call({ to: "fixer", resume: "the-mend" })
    await call({ resume: "the-mend", prompt: "Go on." })
    assert.deepEqual(prompts.map(({ parts }) => parts.length), [2])
    assert.equal(sent.length, 1)
  })
})

describe("The plugin's client", () => {
  it("A copy of the client creates and prompts children as the client does", async () => {
    const at = await prompting(async (args, client, context) => {
      const id = await create(args, { ...client }, context)
      await prompt({ ...client }, id, args.prompt)
      return `Done\nSession: ${id}`
    })
    assert.match(await at.call({ to: "fixer", resume: "the-mend" }), /\ntask_id: the-mend \(spawned: /)
    assert.match(at.prompts[0].messageID, /^msg_/)
  })

  it("An answer without anything is an answer", async () => {
    const { call, answering, asked } = await prompting()
    answering("promptAsync", async (args, send) => void (await send(args)))
    assert.match(await call({ to: "fixer", resume: "the-mend" }), /\ntask_id: the-mend \(spawned: /)
    assert.deepEqual(asked(), [["ses_1a", "Go."]])
  })

  it("A plugin that breaks before it prompts the session that it resumes has its own error", async () => {
    for (const aborts of [false, true]) {
      const stop = new AbortController()
      const { call } = await prompting(async (args, client, context) => {
        const id = args.resume ?? (await create(args, client, context))
        if (args.prompt === "Go on.") {
          if (aborts) stop.abort()
          throw new Error("It broke.")
        }
        await prompt(client, id, args.prompt)
        return `Done\nSession: ${id}`
      })
      await call({ to: "fixer", resume: "the-mend" })
      await assert.rejects(call({ resume: "the-mend", prompt: "Go on." }, "hand_over", stop.signal), /^Error: It broke\./)
    }
  })

  it("A plugin that breaks before it creates a child has its own error", async () => {
    for (const async of [false, true]) {
      for (const aborts of [false, true]) {
        const stop = new AbortController()
        const { call } = await prompting(async () => {
          if (aborts) stop.abort()
          throw new Error("It broke.")
        })
        await assert.rejects(call({ to: "fixer", async }, "hand_over", stop.signal), { message: "It broke." })
      }
    }
  })
})

describe("The engine's effects", () => {
  const sync = { apply: () => [{ type: "wait", sessionID: "ses_a", prompt_no: 1 }], ticket: () => 0, session: () => undefined, hasChild: () => true, whenStored: async () => true }
  const effects = ["send", "deliver", "forget", "check"].flatMap((type) => [1, 2].map((prompt_no) => ({ type, sessionID: "ses_a", prompt_no, notices: [], message: { messageID: "msg_1", parts: [] } })))

  /** A prompt of a session. */
  function begun() {
    const prompts = new PluginPrompts(noting().host, /** @type {any} */ (sync), async () => {}, new PluginPauses([]))
    prompts.begin(/** @type {any} */ ({ request: { sessionID: "ses_root", prompt: "Go." }, decision: {}, sessionID: "ses_a", used: () => {} }))
    const session = { promptAsync: async () => data({}) }
    const ask = () => prompt(prompts.client(/** @type {any} */ ({ session })), "ses_a", "Go.")
    /** The effects that are about it. */
    const taken = () => effects.filter((effect) => prompts.perform(/** @type {any} */ (effect))).map(({ type, prompt_no }) => `${type} ${prompt_no}`)
    return { prompts, ask, taken }
  }

  it("An effect is about a prompt once the engine knows it, by its number", async () => {
    const { prompts, ask, taken } = begun()
    assert.deepEqual(taken(), [])
    void ask()
    await later()
    assert.deepEqual(taken(), ["send 1", "deliver 1", "forget 1"])
    for (const effect of [{ type: "abort", sessionID: "ses_a" }, { type: "send", sessionID: "ses_b", prompt_no: 1 }]) assert.equal(prompts.perform(/** @type {any} */ (effect)), false)
  })

  it("No effect is about the prompt of a plugin that is disposed", async () => {
    const { prompts, ask, taken } = begun()
    void ask()
    await later()
    prompts.dispose()
    assert.deepEqual(taken(), [])
  })
})

describe("A prompt of no call", () => {
  /** A plugin at rest, whose child has been prompted. */
  async function resting() {
    const at = await prompting()
    await at.call({ to: "fixer", resume: "the-mend" })
    const given = /** @type {any[]} */ ([])
    at.input.client.session.promptAsync = async (/** @type {any} */ args) => (given.push(args), data({}))
    return { ...at, given }
  }

  it("A prompt of a session that is no child stays as it is", async () => {
    const { client, given } = await resting()
    const args = [{ path: { id: "ses_root" }, body: { parts: [text("Done."), null], tools: { bash: true } } }, { path: { id: "ses_far" }, body: {} }, { path: {} }, {}, undefined]
    for (const each of args) await client.session.promptAsync(each)
    assert.deepEqual(given, args)
  })

  it("A child has its agent, also in a prompt of the plugin's own", async () => {
    const { client, given } = await resting()
    await client.session.promptAsync({ path: { id: "ses_1a" }, body: { parts: [text("Todos are left.")], noReply: true } })
    assert.deepEqual(given, [{ path: { id: "ses_1a" }, body: { parts: [text("Todos are left.")], noReply: true, agent: "fixer" } }])
  })

  it("A child is denied what it was denied, also in a prompt of the plugin's own", async () => {
    const { client, given, sessions } = await resting()
    sessions.ses_1a.permission = [{ permission: "bash", pattern: "*", action: "deny" }]
    await client.session.promptAsync({ path: { id: "ses_1a" }, body: { parts: [text("Go on.")], tools: { task: false } } })
    assert.deepEqual(given[0].body.tools, { task: false, bash: false })
  })

  it("A malformed prompt takes no waiting call's place", async () => {
    const given = /** @type {any[]} */ ([])
    const at = await prompting(async (args, client, context) => {
      at.input.client.session.promptAsync = async (/** @type {any} */ args) => (given.push(args), { error: "whom?" })
      await client.session.promptAsync({ path: {}, body: { parts: [text("Go.")] } })
      await create(args, client, context)
      throw new Error("It broke.")
    })
    await assert.rejects(at.call({ to: "fixer" }), /task_id: mend-it/)
    assert.deepEqual(given, [{ path: {}, body: { parts: [text("Go.")] } }])
  })
})

describe("An event that names no session", () => {
  it("Events without a session change no call", async () => {
    const at = await prompting(async (args, client, context) => {
      const id = await create(args, client, context)
      await at.emit("server.connected", {})
      await at.emit("message.updated", { info: { id: "msg_other", role: "user", sessionID: id } })
      await prompt(client, id, args.prompt)
      return `Done\nSession: ${id}`
    })
    assert.match(await at.call({ to: "fixer", resume: "the-mend" }), /\ntask_id: the-mend \(spawned: /)
    assert.match(at.prompts[0].messageID, /^msg_/)
  })


  it("A call that has no child yet does not fail by an error of none, and its prompt stays for the next", async ({ mock }) => {
    const elapse = longWaits(mock)
    let broken = true
    const at = await prompting(async (args, client, context) => {
      if (broken) await at.emit("session.error", { error: { name: "APIError", data: { message: "no such key" } } })
      const id = args.resume ?? (await create(args, client, context))
      if (broken) throw new Error("It broke.")
      await prompt(client, id, args.prompt)
      return `Done\nSession: ${id}`
    })
    await assert.rejects(at.call({ to: "fixer", resume: "the-mend", prompt: "One." }))
    broken = false
    await at.call({ resume: "the-mend", prompt: "Two." })
    assert.deepEqual(at.asked(), [["ses_1a", "One.", "Two."]])
    await elapse(60_000)
    assert.deepEqual(at.reports(), [])
  })
})
