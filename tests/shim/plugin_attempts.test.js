// The further sessions in which a plugin with delegation tools of its own repeats a prompt that has failed. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { composed } from "./composed.js"
import { data, later } from "./opencode.js"

/** The plugin's request for a child. @param {any} client @param {string} parentID @param {string} [title] */
const create = async (client, parentID, title = "Mend it (child)") => (await client.session.create({ body: { parentID, title } }))?.data?.id

/** The plugin's prompt. @param {any} client @param {string} id @param {string} [text] @param {Record<string, boolean>} [tools] */
const prompt = (client, id, text = "Go.", tools = undefined) => client.session.promptAsync({ path: { id }, body: { parts: [{ type: "text", text }], tools } })

/** The children with a name in use, by id. @param {{ children: () => any[] }} at */
const named = ({ children }) => Object.fromEntries(children().map(({ id, metadata }) => [id, metadata?.delegate?.slug]))

/** An OpenCode that stores no prompt, and answers it so. @param {{ input: any }} at @param {() => Promise<any>} [answer] */
function storesNothing({ input: { client: { session } } }, answer = () => data({})) {
  const { promptAsync } = session
  const prompts = /** @type {any[]} */ ([])
  session.promptAsync = (/** @type {any} */ given) => (prompts.push(given.body), answer())
  return { prompts, restore: () => void (session.promptAsync = promptAsync) }
}

/** The messages that the root conversation gets when it is idle. @param {{ status: any, prompts: any[] }} at */
async function delivered({ status, prompts }) {
  await later(50)
  await status("ses_root", "idle")
  await later(50)
  return prompts.filter(({ id }) => id === "ses_root").map(({ parts }) => parts[0].text)
}

/** The time in which the plugin may take up a failed prompt again, in milliseconds. */
const QUIET_MS = 5_000

/** Does something while that time passes at once. @param {() => Promise<void>} work */
async function hurried(work) {
  const { setTimeout } = globalThis
  globalThis.setTimeout = /** @type {any} */ ((/** @type {() => void} */ run, /** @type {number} */ ms) => setTimeout(run, ms === QUIET_MS ? 5 : ms))
  await work().finally(() => (globalThis.setTimeout = setTimeout))
}

/** A background call whose turn has failed. @param {string} [first] the description of an earlier call in the same session */
async function failing(first) {
  /** @type {any} */
  let client
  const at = await composed(async ({ resume, description }, given, { sessionID }) => {
    client = given
    const id = resume ?? (await create(given, sessionID, `${description} (child)`))
    await prompt(given, id)
    return `Done\nSession: ${id}\nTask: task_1`
  })
  if (first) await at.call({ to: "fixer", resume: "the-mend", description: first })
  await at.call({ to: "fixer", resume: "the-mend", async: true })
  await hurried(async () => {
    await at.status("ses_1a", "busy")
    await at.emit("session.error", { sessionID: "ses_1a", error: { name: "APIError", data: { message: "No credit." } } })
    await at.status("ses_1a", "idle")
    await later(50)
  })
  return { ...at, client }
}

describe("A further attempt in another session", () => {
  it("Each attempt has the engine's id, and the name goes to the last session, whose result is the only one", async () => {
    const at = await composed(async (_, client, { sessionID }) => {
      for (let attempt = 0; attempt < 3; attempt++) await prompt(client, await create(client, sessionID))
      return "Done\nSession: ses_3a"
    })
    assert.match(await at.call({ to: "fixer", resume: "the-mend" }), /\nSession: ses_3a\ntask_id: the-mend \(spawned: /)
    assert.equal(new Set(at.prompts.map(({ messageID }) => messageID)).size, 3)
    assert.deepEqual(at.prompts.map(({ agent, messageID }) => [agent, /^msg_/.test(messageID)]), Array(3).fill(["fixer", true]))
    assert.deepEqual(await delivered(at), [])
    assert.deepEqual(Object.values(named(at)).map((name) => name === "the-mend"), [false, false, true])
    for (const { metadata } of at.children()) assert.equal(metadata.delegate.prompt, undefined)
    assert.match(await at.call({ resume: "the-mend", prompt: "Go on." }), /\ntask_id: the-mend \(resumed: /)
  })

  it("The session of an attempt that is given up is free for a later call", async () => {
    let attempts = 2
    const at = await composed(async ({ resume }, client, { sessionID }) => {
      for (; attempts > 0; attempts--) await prompt(client, await create(client, sessionID))
      if (resume) await prompt(client, resume, "Look again.")
      return "Done\nSession: ses_2a"
    })
    await at.call({ to: "fixer", resume: "the-mend" })
    assert.match(await at.call({ resume: "ses_1a", prompt: "Look again." }), /\ntask_id: [\w-]+ \(resumed: /)
    assert.deepEqual(at.prompts.map(({ id, parts }) => [id, parts.length]), [["ses_1a", 1], ["ses_2a", 1], ["ses_1a", 1]])
  })

  it("A tool that a refused prompt was denied is no tool of an attempt", async () => {
    const at = await composed(async (_, client, { sessionID }) => {
      const one = await create(client, sessionID)
      const { restore } = storesNothing(at, async () => ({ error: { name: "UnknownError" } }))
      await prompt(client, one, "Go.", { bash: false })
      restore()
      await prompt(client, await create(client, sessionID), "Go.", { task: false })
      return "Done\nSession: ses_2a"
    })
    await at.call({ to: "fixer", resume: "the-mend" })
    assert.deepEqual(at.prompts.map(({ tools }) => tools), [{ task: false }])
  })

  it("A tool stays denied after an attempt of which no event came", async () => {
    const at = await composed(async (_, client, { sessionID }) => {
      const one = await create(client, sessionID)
      const { restore } = storesNothing(at)
      await prompt(client, one, "Go.", { bash: false })
      restore()
      await prompt(client, await create(client, sessionID), "Go.", { task: false })
      return "Done\nSession: ses_2a"
    })
    await at.call({ to: "fixer", resume: "the-mend" })
    assert.deepEqual(at.prompts.map(({ tools }) => tools), [{ task: false, bash: false }])
  })

  /** How OpenCode fails to create it. @type {[string, () => Promise<any>][]} */
  const FAILURES = [["answers with an error", () => data(undefined)], ["gives no answer", async () => undefined]]
  for (const [what, fail] of FAILURES) {
    it(`The name stays with the first session if OpenCode ${what} to the request for another`, async () => {
      const at = await composed(async (_, client, { sessionID }) => {
        const id = await create(client, sessionID)
        await prompt(client, id)
        at.input.client.session.create = fail
        assert.equal(await create(client, sessionID), undefined)
        return `Done\nSession: ${id}`
      })
      assert.match(await at.call({ to: "fixer", resume: "the-mend" }), /\nSession: ses_1a\ntask_id: the-mend \(spawned: /)
      assert.deepEqual(named(at), { ses_1a: "the-mend" })
    })
  }
})

describe("A background call that has failed", () => {
  it("Its caller hears of it, and a further attempt gets the name", async () => {
    const at = await failing()
    assert.match(String(await delivered(at)), /No credit\./)
    await prompt(at.client, await create(at.client, "ses_root"), "Go.")
    await later(50)
    assert.equal(named(at).ses_2a, "the-mend")
    const { id, agent, messageID } = at.prompts.at(-1)
    assert.deepEqual([id, agent, /^msg_/.test(messageID)], ["ses_2a", "fixer", true])
    assert.equal((await delivered(at)).length, 1)
  })

  it("A further attempt is made under the description of the call that began the session", async () => {
    const at = await failing("Begin it")
    await delivered(at)
    await create(at.client, "ses_root", "Begin it (child)")
    await later(50)
    assert.equal(named(at).ses_2a, "the-mend")
  })

  it("A further attempt that begins before its caller is idle leaves no failure to report", async () => {
    const at = await failing()
    await prompt(at.client, await create(at.client, "ses_root"), "Go.")
    assert.deepEqual(await delivered(at), [])
    assert.equal(named(at).ses_2a, "the-mend")
  })

  it("A session that the plugin creates after a later call to the failed one is its own", async () => {
    const at = await failing()
    await delivered(at)
    assert.match(await at.call({ to: "fixer", resume: "the-mend" }), /\ntask_id: the-mend \(resumed: /)
    await create(at.client, "ses_root")
    await later(50)
    assert.equal(named(at).ses_1a, "the-mend")
  })

  it("A session that the plugin creates after the failed one was deleted is its own", async () => {
    const at = await failing()
    await delivered(at)
    const { ses_1a: info } = at.sessions
    delete at.sessions.ses_1a
    await at.emit("session.deleted", { info })
    await create(at.client, "ses_root")
    await later(50)
    assert.equal(at.sessions.ses_2a.agent, undefined)
  })

  it("The deletion of another session changes nothing for a further attempt", async () => {
    const at = await failing()
    await delivered(at)
    await at.emit("session.deleted", { info: at.add("ses_other", { parentID: "ses_root" }) })
    await create(at.client, "ses_root")
    await later(50)
    assert.equal(named(at).ses_2a, "the-mend")
  })
})

describe("A call that resumes its session", () => {
  it("A session that the plugin creates during it, with its title, is the plugin's own", async () => {
    const at = await composed(async ({ resume }, client, { sessionID }) => {
      if (resume) await create(client, sessionID)
      const id = resume ?? (await create(client, sessionID))
      await prompt(client, id)
      return `Done\nSession: ${id}`
    })
    for (let calls = 0; calls < 2; calls++) await at.call({ to: "fixer", resume: "the-mend" })
    assert.equal(named(at).ses_1a, "the-mend")
    assert.equal(at.sessions.ses_2a.agent, undefined)
  })

  it("A background call that goes on in another session takes the name there", async () => {
    const at = await composed(async ({ async, resume, prompt: text }, client, { sessionID }) => {
      const first = resume ?? (await create(client, sessionID))
      await prompt(client, first, text)
      if (!async) return `Done\nSession: ${first}`
      const next = await create(client, sessionID)
      await prompt(client, next, text)
      return `Done\nSession: ${next}\nTask: task_1`
    })
    await at.call({ to: "fixer", resume: "the-mend" })
    assert.match(await at.call({ resume: "the-mend", description: "Go further", prompt: "Further.", async: true }), /\nSession: ses_2a\nTask: task_1\ntask_id: the-mend \(resumed: /)
    assert.equal(at.prompts.at(-1).agent, "fixer")
    await later(50)
    assert.equal(named(at).ses_2a, "the-mend")
  })
})
