// A plugin with delegation tools of its own, followed by the engine by its description. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { withDelegation } from "../../js/compose.js"
import { data, later, opencode, plugin } from "./opencode.js"

/** @type {import("../../js/compose.js").Description} */
const DESCRIPTION = {
  plugin: "theirs",
  tools: {
    hand_over: {
      session: "resume", agent: "to", stand_ins: { kind: "fixer" }, background: "async",
      child: { text: String.raw`^Session: (ses_\w+)$` }, task: { text: String.raw`^Task: (\w+)$` },
      refusals: ["^Refused"], forgotten: "^Forgotten",
    },
  },
  readers: { read_task: { id: "task", unknown: "^Unknown" } },
  title: String.raw`^([^]*) \(child\)$`,
  swallows_ms: 60_000,
}

/**
 * Such a plugin, composed, in a part of OpenCode that creates and prompts sessions.
 * @param {(args: any, client: any, context: any) => Promise<string>} [instead] what its tool does
 */
async function composed(instead) {
  const host = opencode()
  const { client } = host.input
  const messages = /** @type {Record<string, any[]>} */ ({})
  const prompts = /** @type {any[]} */ ([])
  const tried = /** @type {string[]} */ ([])
  /** @type {(type: string, properties: any) => Promise<void>} */
  let emit = async () => {}
  let made = 0
  Object.assign(client.session, {
    async create(/** @type {any} */ { body }) {
      const info = host.add(`ses_${++made}a`, body)
      await emit("session.created", { info })
      return data(info)
    },
    async promptAsync(/** @type {any} */ { path: { id }, body }) {
      const info = { id: body.messageID ?? `msg_${prompts.length}`, role: "user", sessionID: id }
      prompts.push({ id, ...body })
      messages[id] = [...(messages[id] ?? []), { info, parts: body.parts }]
      host.sessions[id].permission = Object.entries(body.tools ?? {}).map(([permission, on]) => ({ permission, pattern: "*", action: on ? "allow" : "deny" }))
      await emit("message.updated", { info })
      return { data: {} }
    },
    message: (/** @type {any} */ { path }) => data(messages[path.id]?.find((/** @type {any} */ { info }) => info.id === path.messageID)),
    messages: (/** @type {any} */ { path }) => data(messages[path.id] ?? []),
  })
  const theirs = async (/** @type {any} */ { client: given }) => ({
    tool: {
      hand_over: {
        description: "", args: {},
        async execute(/** @type {any} */ args, /** @type {any} */ context) {
          tried.push(args.prompt)
          if (instead) return instead(args, given, context)
          const id = args.resume ?? (await given.session.create({ body: { parentID: context.sessionID, title: `${args.description} (child)` } })).data.id
          await given.session.promptAsync({ path: { id }, body: { parts: [{ type: "text", text: args.prompt }], tools: args.tools } })
          return `Done\nSession: ${id}\nTask: task_${id.slice(4)}`
        },
      },
      read_task: { description: "", args: {}, execute: async (/** @type {any} */ { task }) => (/^task_/.test(task) ? `Result of ${task}` : "Unknown") },
    },
  })
  const at = await plugin({}, host, (input, options) => withDelegation(theirs, options, DESCRIPTION)(input))
  emit = at.emit
  await at.speak()
  let count = 0
  /** A call, and its result as the model reads it. @param {any} args @param {string} [tool] */
  const call = async (args, tool = "hand_over") => {
    const context = { sessionID: "ses_root", messageID: "msg_1", callID: `c${++count}`, agent: "build", abort: new AbortController().signal, metadata() {} }
    const result = { title: "", metadata: {}, output: await at.hooks.tool[tool].execute({ description: "Mend it", prompt: "Go.", ...args }, context) }
    await at.hooks["tool.execute.after"]({ tool, sessionID: "ses_root", callID: context.callID, args }, result)
    return result.output
  }
  const children = () => Object.values(host.sessions).filter(({ parentID }) => parentID === "ses_root")
  return { ...at, call, children, prompts, tried }
}

describe("A plugin with tools of its own", () => {
  it("A child has its agent and its record from the first moment, and its prompt has the engine's id", async () => {
    const { call, children, prompts } = await composed()
    assert.match(await call({ to: "fixer", resume: "the-mend" }), /^Done\nSession: ses_1a\nTask: task_1a\ntask_id: the-mend \(spawned: /)
    const [child] = children()
    assert.equal(child.agent, "fixer")
    assert.equal(child.metadata.delegate.slug, "the-mend")
    assert.match(prompts[0].messageID, /^msg_/)
    assert.equal(prompts[0].agent, "fixer")
  })

  it("A name, an id, a nearly right id and the plugin's own id of a task resume the session", async () => {
    const { call, children } = await composed()
    await call({ to: "fixer" })
    for (const resume of ["mend-it", "ses_1a", "task_1a"]) assert.match(await call({ to: "fixer", resume, prompt: resume }), /Session: ses_1a\n[^]*\ntask_id: mend-it \(resumed: /, resume)
    assert.equal(children().length, 1)
  })

  it("A call without an agent goes to the agent of the session that it names", async () => {
    const { call, prompts } = await composed()
    await call({ kind: "any" })
    assert.match(await call({ resume: "mend-it" }), /\(resumed: /)
    assert.deepEqual(prompts.map(({ agent }) => agent), ["fixer", "fixer"])
  })

  it("An unknown id and another agent's session are refused before the plugin runs", async () => {
    const { call, tried } = await composed()
    await call({ to: "fixer" })
    await assert.rejects(call({ to: "fixer", resume: "ses_0000" }), /There is no session "ses_0000" to resume/)
    await assert.rejects(call({ to: "lead", resume: "mend-it" }), /belongs to agent "fixer", not to "lead"/)
    assert.equal(tried.length, 1)
  })

  it("A call that names nobody goes to the plugin as it is", async () => {
    const { call } = await composed(async () => "Refused: whom?")
    assert.equal(await call({}), "Refused: whom?")
  })

  it("A refused call leaves its name free", async () => {
    let refuses = true
    const { call } = await composed(async ({ description }, { session }, { sessionID }) => {
      if (refuses) return "Refused. Session: ses_other"
      const { data } = await session.create({ body: { parentID: sessionID, title: `${description} (child)` } })
      return `Done\nSession: ${data.id}`
    })
    assert.equal(await call({ to: "fixer", resume: "the-mend" }), "Refused. Session: ses_other")
    refuses = false
    assert.match(await call({ to: "fixer", resume: "the-mend" }), /\ntask_id: the-mend \(spawned: /)
  })

  it("An identical prompt is marked for the plugin, and reaches the child unmarked", async () => {
    const { call, prompts, tried } = await composed()
    await call({ to: "fixer" })
    for (let again = 0; again < 2; again++) await call({ resume: "mend-it" })
    assert.equal(new Set(tried).size, 3)
    assert.deepEqual(prompts.map(({ parts }) => parts[0].text), ["Go.", "Go.", "Go."])
  })

  it("A tool that an attempt was denied stays denied in the next, whose session has the name", async () => {
    const { call, prompts, children } = await composed(async ({ description }, { session }, { sessionID }) => {
      const title = `${description} (child)`
      for (const tools of [{ bash: false }, { task: false }]) {
        const { data } = await session.create({ body: { parentID: sessionID, title } })
        await session.promptAsync({ path: { id: data.id }, body: { parts: [{ type: "text", text: "Go." }], tools } })
      }
      return "Done\nSession: ses_2a"
    })
    assert.match(await call({ to: "fixer", resume: "the-mend" }), /\ntask_id: the-mend \(spawned: /)
    assert.deepEqual(prompts[1].tools, { task: false, bash: false })
    await later()
    assert.deepEqual(children().map(({ metadata }) => metadata?.delegate?.slug === "the-mend"), [false, true])
  })

  it("A reader takes a name, and the engine answers about a session that the plugin does not know", async () => {
    const { call } = await composed()
    await call({ to: "fixer" })
    assert.equal(await call({ task: "mend-it" }, "read_task"), "Result of task_1a")
    assert.equal(await call({ task: "nobody" }, "read_task"), "Unknown")
  })

  it("A child that the plugin creates for itself takes no call's place", async () => {
    const { call, children, prompts } = await composed(async ({ description }, { session }, { sessionID }) => {
      const own = (await session.create({ body: { parentID: sessionID, title: "look: a picture" } })).data.id
      await session.promptAsync({ path: { id: own }, body: { parts: [{ type: "text", text: "Look." }], tools: { read: false } } })
      const { data } = await session.create({ body: { parentID: sessionID, title: `${description} (child)` } })
      await session.promptAsync({ path: { id: data.id }, body: { parts: [{ type: "text", text: "Go." }], tools: { bash: false } } })
      return `Done\nSession: ${data.id}`
    })
    assert.match(await call({ to: "fixer", resume: "the-mend" }), /Session: ses_2a\n[^]*task_id: the-mend \(spawned: /)
    assert.deepEqual(children().map(({ metadata }) => metadata?.delegate?.slug === "the-mend"), [false, true])
    assert.deepEqual(prompts[1].tools, { bash: false })
  })

  it("A session whose background prompt has ended is prompted again with an id and a record", async () => {
    const { call, prompts, emit } = await composed()
    await call({ to: "fixer", resume: "the-mend", async: true })
    for (const type of ["busy", "idle"]) await emit("session.status", { sessionID: "ses_1a", status: { type } })
    await call({ resume: "the-mend", prompt: "Go on." })
    assert.equal(prompts.length, 2)
    assert.match(String(prompts[1].messageID), /^msg_/)
    assert.notEqual(prompts[0].messageID, prompts[1].messageID)
  })

  it("A child's answer that has the words of a forgotten session or of a refusal is an answer", async () => {
    const { call, prompts } = await composed(async (args, { session }, { sessionID }) => {
      const id = args.resume ?? (await session.create({ body: { parentID: sessionID, title: `${args.description} (child)` } })).data.id
      await session.promptAsync({ path: { id }, body: { parts: [{ type: "text", text: args.prompt }] } })
      return args.prompt
    })
    await call({ to: "fixer", resume: "the-mend" })
    for (const prompt of ["Forgotten: it said so", "Refused: it said so"]) assert.match(await call({ resume: "the-mend", prompt }), new RegExp(`^${prompt}\ntask_id: the-mend \\(resumed`))
    assert.equal(prompts.length, 3)
  })

  it("A plugin's error names the session that it left", async () => {
    const { call } = await composed(async ({ description }, { session }, { sessionID }) => {
      await session.create({ body: { parentID: sessionID, title: `${description} (child)` } })
      throw new Error("It broke.")
    })
    await assert.rejects(call({ to: "fixer" }), /^Error: It broke\.\ntask_id: mend-it /)
  })
})
