// Calls of a plugin with delegation tools of its own that wait in its queue, that it gives up, or that look alike. Runs under Node and
// Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"
import { PluginPauses } from "../../js/opencode1/execute/index.js"
import { composed } from "./composed.js"
import { later } from "./opencode.js"

/** @param {any} args @param {any} client @param {any} context @returns {Promise<string>} the id of a new child */
const create = async ({ description }, { session }, { sessionID }) => (await session.create({ body: { parentID: sessionID, title: `${description} (child)` } })).data.id

/** @param {string} id @param {any} args @param {any} client */
const prompt = (id, { prompt }, { session }) => session.promptAsync({ path: { id }, body: { parts: [{ type: "text", text: prompt }] } })

/** A plugin whose background calls wait in a queue. @param {() => void} [queueing] runs before such a call returns */
async function queued(queueing = () => {}) {
  const queue = /** @type {(() => Promise<string>)[]} */ ([])
  const at = await composed(async (args, client, context) => {
    const start = async () => {
      const id = args.resume ?? (await create(args, client, context))
      await prompt(id, args, client)
      return id
    }
    if (!args.async) return `Done\nSession: ${await start()}`
    queue.push(start)
    queueing()
    return `Queued\nTask: task_${queue.length}`
  })
  const start = async () => (await queue.shift()?.()) ?? ""
  return { ...at, start, drop: () => void queue.shift() }
}

describe("A call in the plugin's queue", () => {
  it("A queued call has its name and its prompt at once, and the plugin gets that child", async () => {
    const { call, children, prompts, start } = await queued()
    assert.match(await call({ to: "fixer", resume: "the-mend", async: true }), /^Queued\nTask: task_1\ntask_id: the-mend \(spawned: /)
    const [child] = children()
    assert.equal(child.metadata.delegate.prompt.parts[0].text, "Go.")
    assert.equal(child.agent, "fixer")
    assert.equal(await start(), child.id)
    assert.deepEqual(prompts.map(({ id, agent, parts }) => [id, agent, parts.length]), [[child.id, "fixer", 1]])
    assert.equal(children().length, 1)
  })

  it("A queued call that is cancelled gives no later call its child", async () => {
    for (const args of [{ task: "the-mend" }, { task: "task_1" }, { every: true }]) {
      const { call, children, drop, start } = await queued()
      await call({ to: "fixer", resume: "the-mend", async: true })
      assert.match(await call(args, "cancel_task"), /^Cancelled/)
      drop()
      await call({ to: "fixer", resume: "other", async: true })
      assert.equal(await start(), "ses_2a", JSON.stringify(args))
      assert.deepEqual(children().map(({ metadata }) => metadata.delegate.slug), ["the-mend", "other"])
    }
  })

  it("A queued call whose caller is aborted has its child", async () => {
    const stop = new AbortController()
    const { call, children, start } = await queued(() => stop.abort())
    assert.match(await call({ to: "fixer", resume: "the-mend", async: true }, "hand_over", stop.signal), /\ntask_id: the-mend \(spawned: /)
    assert.equal(await start(), children()[0].id)
    assert.equal(children().length, 1)
  })
})

describe("A call that the plugin drops from its queue", () => {
  /** What each session was asked, in order. @param {any[]} prompts */
  const asked = (prompts) => prompts.map(({ id, parts }) => [id, parts.map((/** @type {any} */ { text }) => text)])

  for (const again of [{ to: "fixer", resume: "the-mend" }, { resume: "the-mend" }]) {
    for (const async of [false, true]) {
      it(`Its prompt goes along with a later call to its session (${JSON.stringify({ ...again, async })})`, async () => {
        const { call, children, dropped, drop, prompts, start } = await queued()
        await call({ to: "fixer", resume: "the-mend", prompt: "One.", async: true })
        drop()
        dropped.add("task_1")
        assert.match(await call({ ...again, prompt: "Two.", async }), /\ntask_id: the-mend \(resumed: /)
        if (async) await start()
        const [child, ...others] = children()
        assert.deepEqual(asked(prompts), [[child.id, ["One.", "Two."]]])
        assert.deepEqual(others, [])
      })
    }
  }

  it("Its prompt goes along with a call that waited for it before", async () => {
    const { call, dropped, drop, prompts } = await queued()
    await call({ to: "fixer", resume: "the-mend", prompt: "One.", async: true })
    const later = call({ resume: "the-mend", prompt: "Two." })
    await sleep(400)
    assert.deepEqual(prompts, [])
    drop()
    dropped.add("task_1")
    await later
    assert.deepEqual(asked(prompts), [["ses_1a", ["One.", "Two."]]])
  })

  it("Two calls to one session run in order, each once, if the plugin drops none", async () => {
    const { call, prompts, start, status } = await queued()
    await call({ to: "fixer", resume: "the-mend", prompt: "One.", async: true })
    const second = call({ to: "fixer", resume: "the-mend", prompt: "Two.", async: true })
    await sleep(400)
    const id = await start()
    for (const type of /** @type {const} */ (["busy", "idle"])) await status(id, type)
    await second
    assert.equal(await start(), id)
    assert.deepEqual(asked(prompts), [[id, ["One."]], [id, ["Two."]]])
  })

  it("A later call waits while the plugin says nothing of its queue", async () => {
    const { call, dropped, prompts, start, status } = await queued()
    await call({ to: "fixer", resume: "the-mend", prompt: "One.", async: true })
    let looks = 0
    dropped.has = () => {
      throw new Error(`Look ${++looks}`)
    }
    const second = call({ resume: "the-mend", prompt: "Two." })
    await sleep(400)
    assert.ok(looks > 0)
    const id = await start()
    for (const type of /** @type {const} */ (["busy", "idle"])) await status(id, type)
    await second
    assert.deepEqual(asked(prompts), [[id, ["One."]], [id, ["Two."]]])
  })
})

describe("A call that waits for a session that is cancelled", () => {
  it("The call is cancelled too, and the plugin never gets it", async () => {
    // The plugin has no task of the session, so the engine cancels it.
    const { call, tried, status } = await queued()
    await call({ to: "fixer", resume: "the-mend" })
    // A turn that begins in the millisecond in which the last one ended is that one.
    await later()
    await status("ses_1a", "busy")
    const waiting = call({ resume: "the-mend", prompt: "Go on." })
    await later()
    assert.match(await call({ task: "the-mend" }, "cancel_task"), /^Cancelled 2 prompts\./)
    await assert.rejects(waiting, /^Error: Task cancelled\ntask_id: the-mend /)
    await status("ses_1a", "idle")
    await later()
    assert.deepEqual(tried, ["Go."])
  })
})

describe("Calls with max_parallel", () => {
  it("A prompt of the plugin waits for no place, and the session gets the engine's message", async () => {
    const { call, prompts, status } = await composed(undefined, { max_parallel: 1 })
    for (const to of ["fixer", "lead"]) {
      await call({ to, description: to, async: true })
      await status(`ses_${prompts.length}a`, "busy")
    }
    assert.deepEqual(prompts.map(({ agent, messageID }) => [agent, /^msg_/.test(messageID)]), [["fixer", true], ["lead", true]])
  })
})

describe("Calls that look alike", () => {
  it("Two calls with one description get their own children, whichever is created first", async () => {
    const { call, children, messages } = await composed(async (args, client, context) => {
      await later(args.prompt === "First." ? 40 : 5)
      const id = await create(args, client, context)
      await later(60)
      await prompt(id, args, client)
      return `Done\nSession: ${id}`
    })
    const [first, second] = await Promise.all([call({ to: "fixer", resume: "one", prompt: "First." }), call({ to: "fixer", resume: "two", prompt: "Second." })])
    assert.match(first, /\ntask_id: one \(spawned: /)
    assert.match(second, /\ntask_id: two \(spawned: /)
    const asked = children().map(({ id, metadata }) => [metadata.delegate.slug, messages[id][0].parts[0].text])
    assert.deepEqual(Object.fromEntries(asked), { one: "First.", two: "Second." })
  })
})

describe("A call that the plugin gives up", () => {
  it("A prompt that no session got stays for the next prompt of its session", async () => {
    let gives = false
    const { call, children, prompts } = await composed(async (args, client, context) => {
      const id = args.resume ?? (await create(args, client, context))
      if (gives) await prompt(id, args, client)
      return gives ? `Done\nSession: ${id}` : "I waited too long."
    })
    assert.match(await call({ to: "fixer", resume: "the-mend", prompt: "Mend." }), /^I waited too long\.\ntask_id: the-mend \(spawned: /)
    await later()
    assert.equal(children()[0].metadata.delegate.prompt.parts[0].text, "Mend.")
    gives = true
    assert.match(await call({ resume: "the-mend", prompt: "Go on." }), /\ntask_id: the-mend \(resumed: /)
    assert.deepEqual(prompts.map(({ parts }) => parts.map((/** @type {any} */ { text }) => text)), [["Mend.", "Go on."]])
  })

  it("A session that still runs is prompted again only after its turn", async () => {
    const at = await composed(async (args, client, context) => {
      const id = args.resume ?? (await create(args, client, context))
      await prompt(id, args, client)
      if (!args.resume) await at.status(id, "busy")
      return `I waited too long.\nSession: ${id}`
    })
    await at.call({ to: "fixer", resume: "the-mend" })
    const again = at.call({ resume: "the-mend", prompt: "Go on." })
    await later(100)
    assert.equal(at.prompts.length, 1)
    await at.status("ses_1a", "idle")
    assert.match(await again, /\ntask_id: the-mend /)
    assert.equal(at.prompts.length, 2)
  })
})

describe("The plugin's aborts", () => {
  it("A call that comes before the plugin has cleared up is made again after that", async () => {
    let clears = false
    const at = await composed(async (args, client, context) => {
      if (args.resume && !clears) {
        setTimeout(() => {
          clears = true
          client.session.abort({ path: { id: args.resume } })
        }, 20)
        return "Unready: it runs"
      }
      const id = args.resume ?? (await create(args, client, context))
      await prompt(id, args, client)
      return `Done\nSession: ${id}`
    })
    await at.call({ to: "fixer", resume: "the-mend", async: true })
    for (const type of /** @type {const} */ (["busy", "idle"])) await at.status("ses_1a", type)
    assert.match(await at.call({ resume: "the-mend", prompt: "Go on.", async: true }), /^Done\nSession: ses_1a\ntask_id: the-mend /)
    assert.equal(at.prompts.length, 2)
  })

  it("An abort that clears up after an answered background task ends no later prompt of the session", async () => {
    let aborts = 0
    const at = await composed(async (args, client, context) => {
      const id = args.resume ?? (await create(args, client, context))
      await prompt(id, args, client)
      for (; aborts > 0; aborts--) await client.session.abort({ path: { id } })
      return `Done\nSession: ${id}`
    })
    await at.call({ to: "fixer", resume: "the-mend", async: true })
    for (const type of /** @type {const} */ (["busy", "idle"])) await at.status("ses_1a", type)
    aborts = 1
    await at.call({ resume: "the-mend", prompt: "Go on." })
    assert.deepEqual(at.done.filter(([done]) => done === "abort"), [])
    aborts = 1
    await at.call({ resume: "the-mend", prompt: "And on." })
    assert.deepEqual(at.done.filter(([done]) => done === "abort"), [["abort", "ses_1a"]])
  })
})

describe("The plugin's own prompts", () => {
  it("An abort after the plugin has prompted a session by itself reaches OpenCode", async () => {
    /** @type {any} */
    let client
    const at = await composed(async (args, given, context) => {
      client = given
      const id = await create(args, given, context)
      await prompt(id, args, given)
      return `Done\nSession: ${id}`
    })
    await at.call({ to: "fixer", resume: "the-mend", async: true })
    for (const type of /** @type {const} */ (["busy", "idle"])) await at.status("ses_1a", type)
    await prompt("ses_1a", { prompt: "Todos are left." }, client)
    await at.status("ses_1a", "busy")
    await client.session.abort({ path: { id: "ses_1a" } })
    assert.deepEqual(at.done.filter(([done]) => done === "abort"), [["abort", "ses_1a"]])
  })

  for (const again of [{ to: "fixer", resume: "the-mend" }, { resume: "the-mend" }]) {
    it(`A queued call to a session that was never prompted goes on with that session (${Object.keys(again)})`, async () => {
      const queue = /** @type {(() => Promise<string>)[]} */ ([])
      const at = await composed(async (args, client, context) => {
        if (!args.async) {
          await create(args, client, context)
          throw new Error("The plugin gives up before it prompts.")
        }
        queue.push(async () => {
          const id = args.resume ?? (await create(args, client, context))
          await prompt(id, args, client)
          return id
        })
        return "Queued\nTask: task_1"
      })
      await assert.rejects(at.call({ to: "fixer", resume: "the-mend", prompt: "Mend." }))
      const [child] = at.children()
      assert.match(await at.call({ ...again, prompt: "Go on.", async: true }), /^Queued\nTask: task_1\ntask_id: the-mend /)
      assert.equal(await queue[0](), child.id)
      assert.equal(at.children().length, 1)
      // The prompt that never arrived goes along with the next one.
      assert.deepEqual(at.prompts.map(({ id, parts }) => [id, parts.map((/** @type {any} */ { text }) => text)]), [[child.id, ["Mend.", "Go on."]]])
    })
  }
})

describe("The pauses of a plugin", () => {
  it("A session is prompted again only after the pause, which begins when a request has returned", async () => {
    let returned = 0
    const { call } = await composed(async (args, client, context) => {
      // A pause from the begin of the request would end 10 ms after its return.
      if (Date.now() - returned < 40) return "Refused: too soon"
      const id = args.resume ?? (await create(args, client, context))
      await prompt(id, args, client)
      returned = Date.now()
      return `Done\nSession: ${id}`
    }, {}, 40)
    await call({ to: "fixer", resume: "the-mend" })
    assert.match(await call({ resume: "the-mend", prompt: "Go on." }), /^Done/)
  })

  it("A session is forgotten when the longest pause after its prompt has passed", async () => {
    const pauses = new PluginPauses([{ restMs: 5, swallowsMs: 10 }])
    for (const id of ["ses_a", "ses_b"]) pauses.prompted(id, "Go.")
    await later(30)
    assert.equal(pauses.markOf("ses_a", "Go.", 60_000), "\u2063")
    pauses.prompted("ses_c", "Go.")
    assert.equal(pauses.markOf("ses_b", "Go.", 60_000), "")
  })
})
