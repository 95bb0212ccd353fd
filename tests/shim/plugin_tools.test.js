// A plugin with delegation tools of its own, followed by the engine by its description. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { composed } from "./composed.js"
import { later } from "./opencode.js"

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
    await later(100)
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
