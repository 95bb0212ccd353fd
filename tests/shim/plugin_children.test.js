// The children that a plugin with delegation tools of its own creates for its calls, and repeats in further sessions. Runs under Node
// and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { composed } from "./composed.js"
import { data, later, trap } from "./opencode.js"

/** The titles that oh-my-openagent gives to its children. */
const WITH_AGENT = { title: String.raw`^([^]*) \(@([^()]*) subagent\)$` }

/** The plugin's request for a child. @param {any} client @param {string | undefined} parentID @param {string} title @param {object} [more] */
const create = (client, parentID, title, more = {}) => client.session.create({ body: { parentID, title, ...more } })

/** The plugin's prompt. @param {any} client @param {string} id @param {string} text @param {Record<string, boolean>} [tools] */
const prompt = (client, id, text, tools) => client.session.promptAsync({ path: { id }, body: { parts: [{ type: "text", text }], tools } })

/** What each session was asked, in order. @param {any[]} prompts */
const asked = (prompts) => prompts.map(({ id, parts }) => [id, parts.map((/** @type {any} */ { text }) => text)])

/** The names of sessions. @param {any[]} sessions */
const names = (sessions) => sessions.map(({ metadata }) => metadata?.delegate?.slug)

/**
 * A plugin whose background calls wait in a queue, which the test starts: outside of every call.
 * @param {(given: { args: any, client: any, context: any }) => string} [titled]
 */
async function queueing(titled = ({ args }) => `${args.description} (@${args.to} subagent)`) {
  const queue = /** @type {(() => Promise<string>)[]} */ ([])
  const at = await composed(async (args, client, context) => {
    const start = async () => {
      const id = args.resume ?? (await create(client, context.sessionID, titled({ args, client, context }))).data.id
      await prompt(client, id, args.prompt)
      return id
    }
    if (!args.async) return `Done\nSession: ${await start()}`
    queue.push(start)
    return `Queued\nTask: task_${queue.length}`
  }, {}, 0, WITH_AGENT)
  return { ...at, start: (/** @type {number} */ nth) => queue[nth]() }
}

describe("A child at its creation", () => {
  it("It has the plugin's own metadata, its agent, its name and its prompt", async () => {
    let first = /** @type {any} */ (undefined)
    const at = await composed(async ({ description }, client, { sessionID }) => {
      const { id } = (await create(client, sessionID, `${description} (child)`, { metadata: { theirs: 1 } })).data
      first = structuredClone(at.sessions[id])
      return `Done\nSession: ${id}`
    })
    await at.call({ to: "fixer", resume: "the-mend" })
    const { theirs, delegate } = first.metadata
    assert.deepEqual([theirs, delegate.slug, delegate.prompt.parts, first.agent], [1, "the-mend", [{ type: "text", text: "Go." }], "fixer"])
  })

  it("A queued call's child has its name and its prompt", async () => {
    const given = /** @type {any[]} */ ([])
    const at = await composed(async () => "Queued\nTask: task_1")
    const { session } = at.input.client
    const made = session.create
    session.create = (/** @type {any} */ args) => (given.push(args.body), made(args))
    await at.call({ to: "fixer", resume: "the-mend", async: true })
    assert.equal(given.length, 1)
    const { slug, prompt: { parts } } = given[0].metadata.delegate
    assert.deepEqual([slug, parts, given[0].permission], ["the-mend", [{ type: "text", text: "Go." }], []])
  })

  /** How OpenCode fails, and what the plugin gets. @type {[string, () => any, unknown][]} */
  const FAILURES = [
    ["answers with an error", () => data(undefined), { data: undefined }],
    ["gives no answer", async () => undefined, undefined],
    ["breaks", () => {
      throw new Error("It is gone.")
    }, "It is gone."],
  ]
  for (const [what, fail, answer] of FAILURES) {
    it(`A child is the call's own if OpenCode ${what} at first, and no prompt is sent twice`, async () => {
      const at = await composed(async ({ description, prompt: text, resume }, client, { sessionID }) => {
        const { session } = at.input.client
        const made = session.create
        const title = `${description} (child)`
        session.create = fail
        // The plugin gets OpenCode's own answer.
        if (!resume) assert.deepEqual(await create(client, sessionID, title).catch((/** @type {any} */ { message }) => message), answer)
        session.create = made
        const id = resume ?? (await create(client, sessionID, title)).data.id
        await prompt(client, id, text)
        return `Done\nSession: ${id}`
      })
      await at.call({ to: "fixer", resume: "the-mend" })
      assert.deepEqual(at.children().map(({ agent, metadata }) => [agent, metadata.delegate.slug]), [["fixer", "the-mend"]])
      assert.match(at.prompts[0].messageID, /^msg_/)
      await at.call({ resume: "the-mend", prompt: "Go on." })
      assert.deepEqual(asked(at.prompts), [["ses_1a", ["Go."]], ["ses_1a", ["Go on."]]])
    })

    it(`A call for which OpenCode ${what} leaves its name free`, async () => {
      const at = await composed(async ({ description }, client, { sessionID }) => {
        const id = (await create(client, sessionID, `${description} (child)`).catch(() => undefined))?.data?.id
        return id ? `Done\nSession: ${id}` : "The plugin has no session."
      })
      const { session } = at.input.client
      const made = session.create
      session.create = fail
      assert.equal(await at.call({ to: "fixer", resume: "the-mend" }), "The plugin has no session.")
      session.create = made
      assert.match(await at.call({ to: "fixer", resume: "the-mend" }), /\ntask_id: the-mend \(spawned: /)
    })

    it(`A queued call for which OpenCode ${what} is the plugin's, and a line says that it has no name`, async () => {
      const at = await composed(async () => "Queued\nTask: task_1")
      at.input.client.session.create = fail
      assert.match(await at.call({ to: "fixer", resume: "the-mend", async: true }), /^Queued\nTask: task_1\nopencode-delegate did not apply its rules to this call: [^\n]+$/)
      assert.deepEqual(at.results[0].metadata, {})
    })
  }

  it("A child that is created after the engine was lost gets the name with the result", async () => {
    const at = await composed(async ({ description, prompt: text, resume }, client, { sessionID }) => {
      if (!resume) trap()
      const id = resume ?? (await create(client, sessionID, `${description} (child)`)).data.id
      await prompt(client, id, text)
      return `Done\nSession: ${id}`
    })
    assert.match(await at.call({ to: "fixer", resume: "the-mend" }), /\ntask_id: the-mend \(spawned: /)
    assert.match(await at.call({ resume: "the-mend", prompt: "Go on." }), /\ntask_id: the-mend \(resumed: /)
    assert.deepEqual(asked(at.prompts), [["ses_1a", ["Go."]], ["ses_1a", ["Go on."]]])
  })

  it("A child that is created again after the engine was lost gets its prompt", async () => {
    const at = await composed(async ({ description }, client, { sessionID }) => {
      const { session } = at.input.client
      const made = session.create
      session.create = () => data(undefined)
      await create(client, sessionID, `${description} (child)`)
      session.create = made
      trap()
      const { id } = (await create(client, sessionID, `${description} (child)`)).data
      await Promise.race([prompt(client, id, "Go."), later(2_000).then(() => assert.fail("The prompt waits."))])
      return `Done\nSession: ${id}`
    })
    assert.match(await at.call({ to: "fixer", resume: "the-mend" }), /\nSession: ses_1a\ntask_id: the-mend \(spawned: /)
    assert.deepEqual(asked(at.prompts), [["ses_1a", ["Go."]]])
  })

  it("A call during which the engine is lost stays in the plugin's queue", async () => {
    const at = await composed(async () => (trap(), "Queued\nTask: task_1"))
    assert.equal(await at.call({ to: "fixer", resume: "the-mend", async: true }), "Queued\nTask: task_1")
    assert.deepEqual(at.children(), [])
  })

  it("The prompt of a queued call outlives the engine", async () => {
    const { call, children } = await queueing()
    await call({ to: "fixer", resume: "the-mend", prompt: "One.", async: true })
    trap()
    await call({ to: "lead", resume: "other" })
    const [{ metadata: { delegate } }] = children()
    assert.deepEqual([delegate.slug, delegate.prompt?.parts], ["the-mend", [{ type: "text", text: "One." }]])
  })

  it("Sessions that the plugin creates without a parent, a title or any word are its own", async () => {
    const at = await composed(async ({ description }, client, { sessionID }) => {
      const own = [await create(client, undefined, `${description} (child)`), await client.session.create({ body: { parentID: sessionID } })]
      const { id } = (await create(client, sessionID, `${description} (child)`)).data
      return `Done\nSession: ${id}\nOwn: ${own.map(({ data }) => data.id)}`
    })
    assert.match(await at.call({ to: "fixer", resume: "the-mend" }), /\nSession: ses_3a\nOwn: ses_1a,ses_2a\ntask_id: the-mend /)
    assert.deepEqual(names(Object.values(at.sessions)), [undefined, undefined, undefined, "the-mend"])
  })

  it("A request without any field reaches OpenCode", async () => {
    const at = await composed(async (_, client) => {
      at.input.client.session.create = async (/** @type {any} */ ...args) => ({ data: { id: String(args) } })
      return (await client.session.create()).data.id
    })
    assert.equal(await at.call({ to: "fixer" }), "")
  })
})

describe("A child that the plugin's queue creates", () => {
  it("A queue that starts while the child is being created ahead gets that child", async () => {
    const made = /** @type {Promise<any>[]} */ ([])
    const at = await composed(async ({ description }, client, { sessionID }) => {
      setTimeout(() => made.push(create(client, sessionID, `${description} (child)`)), 5)
      return "Queued\nTask: task_1"
    })
    const { session } = at.input.client
    const { create: creating } = session
    session.create = async (/** @type {any} */ args) => (await later(40), creating(args))
    assert.match(await at.call({ to: "fixer", resume: "the-mend", async: true }), /\ntask_id: the-mend \(spawned: /)
    assert.equal((await made[0]).data.id, "ses_1a")
    assert.equal(at.children().length, 1)
  })

  it("A call whose child the plugin is creating already has that child", async () => {
    const at = await composed(async ({ description }, client, { sessionID }) => {
      void create(client, sessionID, `${description} (child)`)
      return "Queued\nTask: task_1"
    })
    const { session } = at.input.client
    const { create: creating } = session
    session.create = async (/** @type {any} */ args) => (await later(20), creating(args))
    assert.match(await at.call({ to: "fixer", resume: "the-mend", async: true }), /^Queued\nTask: task_1\ntask_id: the-mend \(spawned: /)
    assert.deepEqual(names(at.children()), ["the-mend"])
  })

  it("Calls with one description get the children of their agents, in whatever order they start", async () => {
    const { call, children, prompts, start } = await queueing()
    for (const to of ["fixer", "lead"]) await call({ to, resume: `the-${to}`, prompt: to, async: true })
    for (const nth of [1, 0]) await start(nth)
    assert.deepEqual(prompts.map(({ agent, parts: [{ text }] }) => [agent, text]), [["lead", "lead"], ["fixer", "fixer"]])
    assert.deepEqual(names(children()), ["the-fixer", "the-lead"])
  })

  it("Calls with one description and one agent, or an agent of another spelling, get their children in order", async () => {
    const { call, children, start } = await queueing(({ args }) => ` ${args.description}  (@${args.to.toUpperCase()} subagent)`)
    for (const resume of ["one", "two"]) await call({ to: "fixer", resume, async: true })
    assert.deepEqual([await start(0), await start(1)], ["ses_1a", "ses_2a"])
    assert.deepEqual(names(children()), ["one", "two"])
  })

  it("A child of a running call with the same description is left alone", async () => {
    const { call, children, prompts, start } = await queueing()
    await call({ to: "fixer", resume: "one", prompt: "One.", async: true })
    await start(0)
    await call({ to: "fixer", resume: "two", prompt: "Two.", async: true })
    await start(1)
    assert.deepEqual(names(children()), ["one", "two"])
    assert.deepEqual(asked(prompts), [["ses_1a", ["One."]], ["ses_2a", ["Two."]]])
  })

  it("A queue that is started during another call gets the queued call's child", async () => {
    let started = ""
    const at = await composed(async (args, client, { sessionID }) => {
      if (args.async) return "Queued\nTask: task_1"
      started = (await create(client, sessionID, "Queued one (child)")).data.id
      const { id } = (await create(client, sessionID, `${args.description} (child)`)).data
      return `Done\nSession: ${id}`
    })
    await at.call({ to: "fixer", resume: "one", description: "Queued one", async: true })
    assert.match(await at.call({ to: "fixer", resume: "two" }), /\nSession: ses_2a\ntask_id: two /)
    assert.equal(started, "ses_1a")
    assert.deepEqual(names(at.children()), ["one", "two"])
  })
})

describe("A child of another title", () => {
  /** What the plugin creates beside the call's child. @type {[string, (client: any, sessionID: string) => Promise<any>][]} */
  const OTHERS = [
    ["another description", (client, sessionID) => create(client, sessionID, "Look (@fixer subagent)")],
    ["another caller", (client) => create(client, "ses_other", "Mend it (@fixer subagent)")],
    ["a title of another form", (client, sessionID) => create(client, sessionID, "Mend it")],
  ]
  for (const [what, other] of OTHERS) {
    it(`A session with ${what} takes no call's place`, async () => {
      const at = await composed(async ({ description }, client, { sessionID }) => {
        const { id: own } = (await other(client, sessionID)).data
        assert.equal(own, "ses_1a")
        const { id } = (await create(client, sessionID, `${description} (@fixer subagent)`)).data
        return `Done\nSession: ${id}`
      }, {}, 0, WITH_AGENT)
      at.add("ses_other")
      assert.match(await at.call({ to: "fixer", resume: "the-mend" }), /\nSession: ses_2a\ntask_id: the-mend /)
      assert.equal(at.sessions.ses_1a.metadata?.delegate?.slug === "the-mend", false)
      assert.equal(at.sessions.ses_1a.agent, undefined)
    })
  }

  it("A call without a description gets the child that the plugin describes itself, also a second one", async () => {
    const at = await composed(async (_, client, { sessionID }) => {
      for (const text of ["Go.", "Again."]) {
        const { id } = (await create(client, sessionID, "Task of the plugin (child)")).data
        await prompt(client, id, text)
      }
      return "Done\nSession: ses_2a"
    })
    assert.match(await at.call({ to: "fixer", resume: "the-mend", description: "" }), /\ntask_id: the-mend \(spawned: /)
    await later(50)
    assert.deepEqual(at.children().map(({ agent, metadata }) => [agent, metadata.delegate.slug === "the-mend"]), [["fixer", false], ["fixer", true]])
    assert.equal(at.prompts.every(({ messageID }) => /^msg_/.test(messageID)), true)
  })

  it("A plugin whose titles have no form gives each child the title of its call", async () => {
    const at = await composed(async ({ description }, client, { sessionID }) => {
      await create(client, sessionID, "Look")
      const { id } = (await create(client, sessionID, description)).data
      return `Done\nSession: ${id}`
    }, {}, 0, { title: undefined })
    assert.match(await at.call({ to: "fixer", resume: "the-mend" }), /\nSession: ses_2a\ntask_id: the-mend /)
    assert.deepEqual(at.children().map(({ agent }) => agent), [undefined, "fixer"])
  })
})
