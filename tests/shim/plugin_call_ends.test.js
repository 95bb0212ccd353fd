// Calls of another plugin's tool that end before their prompts, and what becomes of those. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { later } from "./opencode.js"
import { create, longWaits, prompt, prompting, until } from "./prompting.js"

const ALONG = "Its earlier prompt never reached the session, so it was sent with this one."

/** A promise that never resolves. */
const never = new Promise(() => {})

/**
 * A plugin whose first call ends as given.
 * @param {(id: string, at: any, args: any) => Promise<string>} first
 * @param {AbortController} [stop] aborts the caller
 */
async function ending(first, stop = new AbortController()) {
  const at = await prompting(async (args, client, context) => {
    const id = args.resume ?? (await create(args, client, context))
    if (args.prompt === "One.") return first(id, at, args)
    await prompt(client, id, args.prompt)
    return `Done\nSession: ${id}`
  })
  /** @param {Record<string, unknown>} [more] */
  const one = (more) => at.call({ to: "fixer", resume: "the-mend", prompt: "One.", ...more }, "hand_over", stop.signal).catch((error) => String(error))
  const two = () => at.call({ resume: "the-mend", prompt: "Two." })
  return { ...at, one, two }
}

/** The ways in which a call ends. */
const ENDS = {
  returned: async (/** @type {string} */ id) => `Done\nSession: ${id}`,
  refused: async (/** @type {string} */ id) => `Refused: it is late.\nSession: ${id}`,
  thrown: async () => {
    throw new Error("It broke.")
  },
}

/**
 * How far the prompt has come.
 * @type {Record<string, (id: string, at: any) => Promise<unknown>>}
 */
const WAYS = {
  "that was never sent": async () => {},
  "that OpenCode has refused": async (id, { client, answering }) => {
    const { session } = client
    answering("promptAsync", (/** @type {any} */ args, /** @type {any} */ send) => (args.body.parts[0].text === "One." && args.body.parts.length === 1 ? { error: { name: "APIError", data: { message: "no" } } } : send(args)))
    await session.promptAsync({ path: { id }, body: { parts: [{ type: "text", text: "One." }] } })
  },
  "that OpenCode refuses after its request": async (id, { client, answering, emit }) => {
    answering("promptAsync", (/** @type {any} */ args, /** @type {any} */ send) => (args.body.parts[0].text === "One." && args.body.parts.length === 1 ? { data: {} } : send(args)))
    await prompt(client, id, "One.")
    await emit("session.error", { sessionID: id, error: { name: "UnknownError", data: { message: "no such model" } } })
    await later(20)
  },
  "that its session has": (id, { client }) => prompt(client, id, "One."),
  "that its session has, and whose turn broke off": async (id, { client, turn }) => {
    await prompt(client, id, "One.")
    await turn(id, { name: "APIError", data: { message: "no such key" } })
  },
  "that its session has, as no event said": (id, { client, answering, messages, prompts }) => {
    answering("promptAsync", async (/** @type {any} */ args, /** @type {any} */ send) => {
      if (args.body.parts[0].text !== "One.") return send(args)
      messages[id] = [{ info: { id: args.body.messageID }, parts: args.body.parts }]
      prompts.push({ id, ...args.body })
      return never
    })
    void prompt(client, id, "One.")
    return later(50)
  },
}

const hasArrived = (/** @type {string} */ way) => way.startsWith("that its session has")

describe("A call that ends", () => {
  for (const [way, go] of Object.entries(WAYS)) {
    for (const [end, finish] of Object.entries(ENDS)) {
      const arrived = hasArrived(way)
      it(`A prompt ${way} ${arrived ? "is over" : "goes along with the next, whose result says so"} (${end})`, async ({ mock }) => {
        const elapse = longWaits(mock)
        const { one, two, asked } = await ending(async (id, at) => {
          await go(id, at)
          return finish(id)
        })
        const result = await one()
        assert.match(result, end === "thrown" ? /^Error: It broke\.\ntask_id: the-mend \(/ : /\ntask_id: the-mend \(spawned: /)
        assert.ok(!result.includes(ALONG))
        await elapse(5_000)
        assert.equal(await two(), `Done\nSession: ses_1a\ntask_id: the-mend (resumed: The task_id names this session.)${arrived ? "" : `\n${ALONG}`}`)
        assert.deepEqual(asked(), arrived ? [["ses_1a", "One."], ["ses_1a", "Two."]] : [["ses_1a", "One.", "Two."]])
      })
    }
  }

  it("A prompt on its way is over with a call that breaks", async () => {
    const { one, two, asked } = await ending(async (id, { client, answering }) => {
      answering("promptAsync", (/** @type {any} */ args, /** @type {any} */ send) => (args.body.parts[0].text === "One." ? never : send(args)))
      void prompt(client, id, "One.")
      await later(50)
      return ENDS.thrown()
    })
    await one()
    await two()
    assert.deepEqual(asked(), [["ses_1a", "Two."]])
  })

  it("A prompt that was never sent is over with its aborted caller", async () => {
    for (const end of [ENDS.thrown, ENDS.returned]) {
      const stop = new AbortController()
      const { one, two, asked } = await ending(async (id) => {
        stop.abort()
        return end(id)
      }, stop)
      await one()
      assert.ok(!(await two()).includes(ALONG))
      assert.deepEqual(asked(), [["ses_1a", "Two."]])
    }
  })
})

describe("A background call that ends", () => {
  for (const [way, go] of Object.entries(WAYS)) {
    for (const end of /** @type {const} */ (["refused", "thrown"])) {
      const arrived = hasArrived(way)
      it(`The result of a call reports its end alone (${end}, with a prompt ${way})`, async ({ mock }) => {
        const elapse = longWaits(mock)
        const { one, status, reports, speak, children } = await ending(async (id, at) => {
          await go(id, at)
          return ENDS[end](id)
        })
        await status("ses_root", "busy")
        assert.match(await one({ async: true }), /It broke|it is late/)
        await later(2)
        await status("ses_root", "idle")
        await elapse(60_000)
        const parts = /** @type {any[]} */ ([])
        await speak("build", parts)
        assert.deepEqual([...reports(), ...parts], [])
        const task = () => children()[0].metadata.delegate.tasks[0]
        await until(() => task().delivered)
        if (arrived) assert.equal(task().state, end === "refused" && way === "that its session has" ? "completed" : "error")
      })
    }
  }

  it("A call that is thrown after its prompt is read as failed", async ({ mock }) => {
    const elapse = longWaits(mock)
    const { one, call, children } = await ending(async (id, { client }) => {
      await prompt(client, id, "One.")
      throw new Error("It broke.")
    })
    await one({ async: true })
    await elapse(1_000)
    await until(() => children()[0].metadata.delegate.tasks[0].state !== "running")
    const [{ state, message }] = children()[0].metadata.delegate.tasks
    assert.deepEqual([state, message], ["error", "It broke."])
  })
})

describe("A call that ends while its session runs", () => {
  for (const error of [undefined, { name: "APIError", data: { message: "no such key" } }, { name: "MessageAbortedError", data: { message: "Aborted" } }]) {
    it(`The next prompt waits for the end of that turn, and of the plugin's time to try again (${error?.name})`, async ({ mock }) => {
      const elapse = longWaits(mock)
      const { one, two, asked, turn, reports } = await ending(async (id, at) => {
        await prompt(at.client, id, "One.")
        await at.status(id, "busy")
        return ENDS.thrown()
      })
      await one()
      const second = two()
      await later(100)
      assert.deepEqual(asked(), [["ses_1a", "One."]])
      await turn("ses_1a", error)
      if (error) {
        await elapse(4_999)
        await later(100)
        assert.deepEqual(asked(), [["ses_1a", "One."]])
        await elapse(1)
      }
      await second
      assert.deepEqual(asked(), [["ses_1a", "One."], ["ses_1a", "Two."]])
      assert.deepEqual(reports(), [])
    })
  }

  it("The next prompt waits for a prompt that is on its way, and for its turn", async () => {
    /** @type {any} */
    let arrive
    const { one, two, asked, answering, turn } = await ending(async (id, at) => {
      at.answering("promptAsync", (/** @type {any} */ args, /** @type {any} */ send) => (arrive ? send(args) : new Promise((resolve) => (arrive = () => resolve(send(args))))))
      void prompt(at.client, id, "One.")
      await later(50)
      return ENDS.returned(id)
    })
    await one()
    const second = two()
    await later(100)
    assert.deepEqual(asked(), [])
    arrive()
    await turn("ses_1a")
    await second
    assert.deepEqual(asked(), [["ses_1a", "One."], ["ses_1a", "Two."]])
  })

  it("A turn that ends before its call frees the session only with the call", async () => {
    /** @type {any} */
    let go
    const { one, two, asked, turn } = await ending(async (id, { client }) => {
      await prompt(client, id, "One.")
      await new Promise((resolve) => (go = resolve))
      return ENDS.returned(id)
    })
    const first = one()
    await until(() => go)
    await turn("ses_1a")
    const second = two()
    await later(100)
    assert.deepEqual(asked(), [["ses_1a", "One."]])
    go()
    await Promise.all([first, second])
    assert.deepEqual(asked(), [["ses_1a", "One."], ["ses_1a", "Two."]])
  })
})
