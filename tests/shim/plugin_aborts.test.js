// The aborts by which another plugin clears up after the answers of its background tasks: none ends a later prompt. Runs under Node
// and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { later, trap } from "./opencode.js"
import { create, longWaits, prompt, prompting, until } from "./prompting.js"

/** A session that has answered a task. @param {import("./prompting.js").Mock} mock @param {Record<string, unknown>} [args] of its call */
async function answered(mock, args = { async: true }) {
  const elapse = longWaits(mock)
  const at = await prompting()
  await at.call({ to: "fixer", resume: "the-mend", ...args })
  await at.status("ses_root", "idle")
  await at.turn("ses_1a")
  /** The plugin's abort, and whether it reached OpenCode. */
  const abort = async () => {
    const before = at.done.length
    const given = await at.client.session.abort({ path: { id: "ses_1a" } })
    assert.deepEqual(given, { data: true })
    return at.done.slice(before).some(([done]) => done === "abort")
  }
  return { ...at, elapse, abort }
}

describe("The plugin's abort of a session", () => {
  it("The abort of a session that rests reaches OpenCode", async ({ mock }) => {
    const { abort } = await answered(mock)
    assert.equal(await abort(), true)
  })

  it("The first abort of a session that a person has prompted since ends nothing", async ({ mock }) => {
    const { abort, status } = await answered(mock)
    await status("ses_1a", "busy")
    assert.deepEqual([await abort(), await abort()], [false, true])
  })

  it("The first abort of a session that was prompted since ends nothing, before its turn has begun", async ({ mock }) => {
    const { abort, answering, call } = await answered(mock)
    answering("promptAsync", () => new Promise(() => {}))
    void call({ resume: "the-mend", prompt: "Go on." })
    await later(150)
    assert.deepEqual([await abort(), await abort()], [false, true])
  })

  it("The first abort after the engine is lost ends nothing", async ({ mock }) => {
    const { abort } = await answered(mock)
    trap()
    assert.deepEqual([await abort(), await abort()], [false, true])
  })

  it("An abort that comes long after the answer reaches OpenCode", async ({ mock }) => {
    const { abort, status, elapse } = await answered(mock)
    await status("ses_1a", "busy")
    await elapse(30_000)
    assert.equal(await abort(), true)
  })

  it("An abort that comes up to half a minute after the answer ends nothing", async ({ mock }) => {
    const { abort, status, elapse } = await answered(mock)
    await status("ses_1a", "busy")
    await elapse(29_999)
    assert.equal(await abort(), false)
  })

  it("Each answer gives the plugin its whole time to clear up", async ({ mock }) => {
    const { abort, status, call, turn, elapse } = await answered(mock)
    await elapse(20_000)
    await call({ resume: "the-mend", prompt: "Go on.", async: true })
    await turn("ses_1a")
    await elapse(20_000)
    await status("ses_1a", "busy")
    assert.equal(await abort(), false)
  })

  it("The abort after the answer of a call that waited for it reaches OpenCode", async ({ mock }) => {
    const { abort, status } = await answered(mock, {})
    await status("ses_1a", "busy")
    assert.equal(await abort(), true)
  })

  it("The abort after a call that ended before its session's turn reaches OpenCode", async ({ mock }) => {
    longWaits(mock)
    const at = await prompting(async (args, client, context) => {
      const id = await create(args, client, context)
      await prompt(client, id, args.prompt)
      await at.status(id, "busy")
      return `Done\nSession: ${id}`
    })
    await at.call({ to: "fixer", resume: "the-mend" })
    await at.turn("ses_1a")
    await at.status("ses_1a", "busy")
    await at.client.session.abort({ path: { id: "ses_1a" } })
    assert.deepEqual(at.done.filter(([done]) => done === "abort"), [["abort", "ses_1a"]])
  })

  it("An abort of nothing goes to OpenCode as it is", async ({ mock }) => {
    const { client, input } = await answered(mock)
    const given = /** @type {any[]} */ ([])
    input.client.session.abort = async (/** @type {any} */ args) => (given.push(args), { error: "whom?" })
    for (const args of [undefined, {}, { path: {} }]) assert.deepEqual(await client.session.abort(args), { error: "whom?" })
    assert.deepEqual(given, [undefined, {}, { path: {} }])
  })
})

/** A plugin that resumes no session before it has cleared up. @param {import("./prompting.js").Mock} mock @param {boolean} [answers] whether the session has answered a background task */
async function unready(mock, answers = true) {
  const elapse = longWaits(mock)
  let tries = 0
  const at = await prompting(async (args, client, context) => {
    if (args.resume && ++tries === 1) {
      await args.meanwhile?.()
      return "Unready: it runs"
    }
    const id = args.resume ?? (await create(args, client, context))
    await prompt(client, id, args.prompt)
    return `Done\nSession: ${id}`
  })
  await at.call({ to: "fixer", resume: "the-mend", async: true })
  if (answers) await at.turn("ses_1a")
  const stop = new AbortController()
  /** @param {() => unknown} [meanwhile] */
  const again = (meanwhile) => {
    let result = /** @type {string | undefined} */ (undefined)
    at.call({ resume: "the-mend", prompt: "Go on.", meanwhile }, "hand_over", stop.signal).then((given) => (result = given), (error) => (result = String(error)))
    return () => result
  }
  return { ...at, elapse, again, stop, tries: () => tries }
}

describe("A call that the plugin is not ready for", () => {
  /** @type {Record<string, (at: Awaited<ReturnType<typeof unready>>) => unknown>} */
  const ways = {
    "the plugin has cleared up": ({ client }) => client.session.abort({ path: { id: "ses_1a" } }),
    "half a minute has passed": ({ elapse }) => elapse(30_000),
    "the session is deleted": ({ emit, sessions }) => emit("session.deleted", { info: sessions.ses_1a }),
  }
  for (const [way, go] of Object.entries(ways)) {
    it(`The call is made again once ${way}`, async ({ mock }) => {
      const at = await unready(mock)
      const result = at.again()
      await later(150)
      await at.elapse(20_000)
      assert.deepEqual([at.tries(), result()], [1, undefined])
      await go(at)
      await until(result)
      assert.equal(at.tries(), 2)
      assert.match(String(result()), /^Done\nSession: ses_1a/)
    })
  }

  for (const when of ["before", "in"]) {
    it(`A call that is aborted ${when} the wait is not made again`, async ({ mock }) => {
      const at = await unready(mock)
      const result = at.again(() => when === "before" && at.stop.abort())
      await later(150)
      at.stop.abort()
      await until(result)
      assert.equal(at.tries(), 1)
    })
  }

  it("The plugin's word stands if it has nothing to clear up", async ({ mock }) => {
    const at = await unready(mock, false)
    await at.status("ses_1a", "busy")
    await at.client.session.abort({ path: { id: "ses_1a" } })
    await at.turn("ses_1a")
    await at.client.session.abort({ path: { id: "ses_1a" } })
    const result = at.again()
    await until(result)
    assert.match(String(result()), /^Unready: it runs/)
    assert.equal(at.tries(), 1)
  })
})

describe("The engine's abort of a prompt", () => {
  it("A prompt that arrives after it is aborted", async () => {
    const at = await prompting(async (args, client, context) => {
      const id = await create(args, client, context)
      void prompt(client, id, args.prompt)
      return `Done\nSession: ${id}`
    })
    /** @type {any} */
    let arrive
    at.answering("promptAsync", (args, send) => new Promise((resolve) => (arrive = () => resolve(send(args)))))
    const aborts = () => at.done.filter(([what, id]) => what === "abort" && id === "ses_1a").length
    await at.call({ to: "fixer", resume: "the-mend", async: true })
    await until(() => arrive)
    // A person ends the caller's turn.
    await at.emit("session.error", { sessionID: "ses_root", error: { name: "MessageAbortedError", data: { message: "Aborted" } } })
    await until(aborts)
    const before = aborts()
    arrive()
    await until(() => aborts() > before)
    assert.deepEqual(at.asked(), [["ses_1a", "Go."]])
  })
})
