// Prompts of another plugin that OpenCode refuses, or that the plugin itself breaks off. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { later } from "./opencode.js"
import { create, longWaits, prompt, prompting, until } from "./prompting.js"

/** An OpenCode that refuses prompts of children, and a plugin that goes on without their outcome. @param {import("./prompting.js").Mock} mock @param {(args: any, at: any, send: () => Promise<any>) => any} refuse */
async function refusing(mock, refuse) {
  const elapse = longWaits(mock)
  const outcomes = /** @type {any[]} */ ([])
  /** The plugin asks a child. @param {any} client @param {string} id @param {string} text */
  const ask = (client, id, text) => prompt(client, id, text).then((/** @type {any} */ given) => outcomes.push(given), (/** @type {unknown} */ thrown) => outcomes.push({ thrown }))
  const at = await prompting(async (args, client, context) => {
    const id = args.resume ?? (await create(args, client, context))
    void ask(client, id, args.prompt)
    return `Done\nSession: ${id}`
  })
  const sent = /** @type {any[]} */ ([])
  at.answering("promptAsync", (args, send) => (sent.push(args.body), refuse(args, at, () => send(args))))
  await at.call({ to: "fixer", resume: "the-mend", async: true })
  await at.status("ses_root", "idle")
  await until(() => outcomes.length)
  /** The plugin asks the child once more. */
  const again = () => ask(at.client, "ses_1a", "Go.")
  const task = () => at.children()[0].metadata.delegate.tasks[0]
  return { ...at, elapse, outcomes, sent, again, task }
}

const no = (/** @type {string} */ message) => ({ error: { name: "APIError", data: { message } } })

describe("A prompt that OpenCode refuses", () => {
  for (const [error, reason] of /** @type {[any, string][]} */ ([
    [{ name: "APIError", data: { message: "no such agent" }, message: "other" }, "no such agent"],
    [new Error("Socket closed"), "Socket closed"],
    ["out of order", "out of order"],
    [{ name: "BadRequest", errors: [3] }, '{"name":"BadRequest","errors":[3]}'],
    [{ data: { message: { deep: true } }, message: 7 }, '{"data":{"message":{"deep":true}},"message":7}'],
    [null, "null"],
    [undefined, "UnknownError"],
  ])) {
    for (const way of error ? ["returned", "thrown"] : ["thrown"]) {
      it(`The plugin gets the ${way} error, and the caller hears of it once, after the plugin's time to try again (${reason})`, async ({ mock }) => {
        const { elapse, reports, outcomes, done } = await refusing(mock, () => {
          if (way === "thrown") throw error
          return { error }
        })
        assert.deepEqual(outcomes, [way === "thrown" ? { thrown: error } : { error }])
        await elapse(4_999)
        assert.deepEqual(reports(), [])
        await elapse(1)
        await elapse(60_000)
        assert.deepEqual(reports().map((report) => /<task_error>\n(.*)\n<\/task_error>/.exec(report)?.[1]), [reason])
        assert.deepEqual(done.filter(([what]) => what === "abort"), [])
      })
    }
  }

  it("The plugin's next try of it has the same id, and nobody hears of the first", async ({ mock }) => {
    let refuses = true
    const { elapse, reports, asked, sent, again, turn, task } = await refusing(mock, (_, at, send) => (refuses ? no("overloaded") : send()))
    refuses = false
    await elapse(4_000)
    await again()
    await elapse(60_000)
    await turn("ses_1a")
    assert.deepEqual(reports(), [])
    assert.deepEqual(asked(), [["ses_1a", "Go."]])
    assert.match(sent[0].messageID, /^msg_/)
    assert.equal(sent[1].messageID, sent[0].messageID)
    await until(() => task().state === "completed")
  })

  it("Each refusal gives the plugin its whole time, and the caller hears of the last", async ({ mock }) => {
    let count = 0
    const { elapse, reports, again } = await refusing(mock, () => no(`Refusal ${++count}`))
    for (let tries = 0; tries < 2; tries++) {
      await elapse(3_000)
      await again()
    }
    await elapse(4_999)
    assert.deepEqual(reports(), [])
    await elapse(1)
    assert.equal(reports().length, 1)
    assert.match(reports()[0], /Refusal 3/)
  })

  it("A prompt that OpenCode has stored before it refused is asked, and ends with its turn", async ({ mock }) => {
    const { elapse, reports, task, turn } = await refusing(mock, ({ path, body }, at) => {
      // No event names the message.
      at.messages[path.id] = [{ info: { id: body.messageID }, parts: body.parts }]
      return no("late")
    })
    await elapse(5_000)
    assert.deepEqual([task().state, reports()], ["running", []])
    await turn("ses_1a")
    await until(() => task().state === "completed")
    assert.deepEqual(reports(), [])
  })

  it("Nobody hears of a refusal after the plugin is disposed", async ({ mock }) => {
    const { hooks, elapse, reports, task } = await refusing(mock, () => no("overloaded"))
    await hooks.dispose()
    await elapse(60_000)
    assert.deepEqual(reports(), [])
    assert.equal(task().state, "running")
  })

  it("A refusal whose child is deleted is reported once, as lost", async ({ mock }) => {
    const { emit, elapse, reports, sessions } = await refusing(mock, () => no("overloaded"))
    await emit("session.deleted", { info: sessions.ses_1a })
    delete sessions.ses_1a
    await elapse(60_000)
    assert.equal(reports().length, 1)
    assert.match(reports()[0], /was lost/)
  })
})

describe("A call that still runs as OpenCode refuses its prompt", () => {
  for (const wait of [1_000, 6_000]) {
    it(`The plugin's next try after ${wait / 1_000} s has the same id`, async ({ mock }) => {
      const elapse = longWaits(mock)
      const at = await prompting(async (args, client, context) => {
        const id = await create(args, client, context)
        while ((await prompt(client, id, args.prompt)).error) await elapse(wait)
        return `Done\nSession: ${id}`
      })
      const ids = /** @type {string[]} */ ([])
      at.answering("promptAsync", (args, send) => (ids.push(args.body.messageID), ids.length < 3 ? no("overloaded") : send(args)))
      assert.match(await at.call({ to: "fixer", resume: "the-mend" }), /\ntask_id: the-mend \(spawned: /)
      assert.deepEqual(at.asked(), [["ses_1a", "Go."]])
      assert.match(ids[0], /^msg_/)
      assert.deepEqual(ids, [ids[0], ids[0], ids[0]])
      assert.deepEqual(at.reports(), [])
    })
  }
})

describe("A prompt whose session runs for another", () => {
  /** A plugin whose second call finds its session running, and the way in which it prompts it. @param {any} signal */
  const finding = async (signal) => {
    const at = await prompting(async (args, client, context) => {
      const id = args.resume ?? (await create(args, client, context))
      if (args.prompt === "Two.") await at.status(id, "busy")
      const asking = client.session.promptAsync({ path: { id }, body: { parts: [{ type: "text", text: args.prompt }] }, signal })
      if (args.async) void asking.catch(() => {})
      else await asking
      return `Done\nSession: ${id}`
    })
    await at.call({ to: "fixer", resume: "the-mend", prompt: "One." })
    await later(2)
    return at
  }

  it("The prompt waits for the end of that turn", async () => {
    const at = await finding(new AbortController().signal)
    const second = at.call({ resume: "the-mend", prompt: "Two." })
    await later(150)
    assert.deepEqual(at.asked(), [["ses_1a", "One."]])
    await at.status("ses_1a", "idle")
    await second
    assert.deepEqual(at.asked(), [["ses_1a", "One."], ["ses_1a", "Two."]])
  })

  it("A plugin that waits no longer gets its own reason, and the prompt is over", async () => {
    const stop = new AbortController()
    const at = await finding(stop.signal)
    const second = at.call({ resume: "the-mend", prompt: "Two." })
    await later(100)
    stop.abort(new Error("Too long."))
    await assert.rejects(second, /^Error: Too long\.\ntask_id: the-mend /)
    await at.status("ses_1a", "idle")
    await later()
    assert.deepEqual(at.asked(), [["ses_1a", "One."]])
    await at.call({ resume: "the-mend", prompt: "Three." })
    assert.deepEqual(at.asked(), [["ses_1a", "One."], ["ses_1a", "Three."]])
  })

  it("A plugin that waits no longer for a background task has it fail", async ({ mock }) => {
    const elapse = longWaits(mock)
    const stop = new AbortController()
    const at = await finding(stop.signal)
    await at.call({ resume: "the-mend", prompt: "Two.", async: true })
    await at.status("ses_root", "idle")
    stop.abort(new Error("Too long."))
    await later()
    await elapse(5_000)
    assert.equal(at.reports().length, 1)
    assert.match(at.reports()[0], /Too long\./)
  })
})
