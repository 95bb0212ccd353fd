// Calls in another plugin's queue, of which some are cancelled, dropped or refused. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { later } from "./opencode.js"
import { create, longWaits, prompt, prompting, until } from "./prompting.js"

/** A plugin whose background calls wait in a queue, each with a task unless it has none. @param {{ tasks?: boolean }} [options] */
async function queueing({ tasks = true } = {}) {
  const queue = /** @type {(() => Promise<string>)[]} */ ([])
  const at = await prompting(async (args, client, context) => {
    if (args.kind === "refused") return "Refused: full"
    const start = async () => {
      const id = args.resume ?? (await create(args, client, context))
      await prompt(client, id, args.prompt)
      return id
    }
    if (!args.async) return `Done\nSession: ${await start()}`
    queue.push(start)
    return tasks ? `Queued\nTask: task_${queue.length}` : "Queued"
  })
  return { ...at, start: async () => queue.shift()?.() }
}

describe("The end of a queued call", () => {
  for (const args of [{ task: "the-mend" }, { every: true }]) {
    it(`The tool that cancels a queued call reports its end alone (${JSON.stringify(args)})`, async ({ mock }) => {
      const elapse = longWaits(mock)
      const at = await prompting(async () => "Queued\nTask: task_1")
      for (const resume of ["the-mend", "other"]) await at.call({ to: "fixer", resume, description: resume, async: true })
      await at.call(args, "cancel_task")
      await at.status("ses_root", "busy")
      await later(2)
      await at.status("ses_root", "idle")
      await elapse(60_000)
      const parts = /** @type {any[]} */ ([])
      await at.speak("build", parts)
      assert.deepEqual([...at.reports(), ...parts], [])
      const states = () => at.children().map(({ metadata }) => metadata.delegate.tasks[0].state).join()
      await until(() => states() === (args.every ? "cancelled,cancelled" : "cancelled,running"))
    })
  }
})

describe("A call behind one in the queue", () => {
  /** A call in the queue, and one to its session. */
  async function two() {
    const at = await queueing()
    await at.call({ to: "fixer", resume: "the-mend", prompt: "One.", async: true })
    const second = at.call({ resume: "the-mend", prompt: "Two." })
    return { ...at, second }
  }
  const apart = [["ses_1a", "One."], ["ses_1a", "Two."]]

  it("A task that the plugin begins while it says that it has none is not lost", async () => {
    const { dropped, start, asked, status, second } = await two()
    let looks = 0
    dropped.has = /** @type {any} */ (async () => {
      if (!looks++) await start()
      return true
    })
    await until(() => looks)
    await later(100)
    assert.deepEqual(asked(), apart.slice(0, 1))
    await status("ses_1a", "busy")
    await later(2)
    await status("ses_1a", "idle")
    await second
    assert.deepEqual(asked(), apart)
  })

  it("A task that runs is not lost, though the plugin says that it is over", async () => {
    const { dropped, start, asked, status, second, children } = await two()
    await start()
    await status("ses_1a", "busy")
    dropped.add("task_1")
    await later(400)
    assert.deepEqual(asked(), apart.slice(0, 1))
    assert.equal(children()[0].metadata.delegate.tasks[0].state, "running")
    await later(2)
    await status("ses_1a", "idle")
    await second
    assert.deepEqual(asked(), apart)
  })

  it("A task whose prompt is on its way is not lost, though the plugin says that it is over", async () => {
    const { answering, dropped, start, asked, turn, second } = await two()
    /** @type {any} */
    let arrive
    answering("promptAsync", (args, send) => (arrive ? send(args) : new Promise((resolve) => (arrive = () => resolve(send(args))))))
    void start()
    await until(() => arrive)
    dropped.add("task_1")
    await later(400)
    assert.deepEqual(asked(), [])
    arrive()
    await turn("ses_1a")
    await second
    assert.deepEqual(asked(), apart)
  })

  it("The plugin is asked of its own tasks alone, and a call of another waits for its turn", async () => {
    const at = await prompting(async (args, client, context) => {
      if (args.prompt !== "One.") return `Done\nSession: ${args.resume}`
      const id = await create(args, client, context)
      await new Promise((resolve) => (go = /** @type {any} */ (resolve)))
      await prompt(client, id, args.prompt)
      return `Done\nSession: ${id}`
    })
    let go = /** @type {(() => void) | undefined} */ (undefined)
    const looks = /** @type {any[]} */ ([])
    at.dropped.has = /** @type {any} */ ((/** @type {string} */ task) => looks.push(task))
    const first = at.call({ to: "fixer", resume: "the-mend", prompt: "One." })
    await until(() => go)
    void at.call({ resume: "the-mend", prompt: "Two." })
    await later(400)
    assert.deepEqual(looks, [])
    go?.()
    await first
    assert.deepEqual(at.asked(), [["ses_1a", "One."]])
  })
})

describe("A call that the plugin refuses", () => {
  it("The call takes no later child's place", async () => {
    const { call, children, start } = await queueing()
    assert.equal(await call({ to: "fixer", resume: "the-mend", kind: "refused" }), "Refused: full")
    await call({ to: "fixer", resume: "other", async: true })
    assert.equal(await start(), "ses_1a")
    assert.deepEqual(children().map(({ metadata }) => metadata.delegate.slug), ["other"])
  })
})

describe("A queued call that resumes its session", () => {
  it("The session is none that the plugin creates for a call of the same description", async () => {
    const { call, children, start, turn, asked } = await queueing()
    await call({ to: "fixer", resume: "the-mend", prompt: "One." })
    await turn("ses_1a")
    await call({ to: "fixer", resume: "the-mend", prompt: "Two.", async: true })
    await call({ to: "fixer", resume: "other", prompt: "Three.", async: true })
    const resumes = await start()
    assert.equal(await start(), "ses_2a")
    assert.equal(resumes, "ses_1a")
    assert.deepEqual(asked(), [["ses_1a", "One."], ["ses_1a", "Two."], ["ses_2a", "Three."]])
    assert.deepEqual(children().map(({ metadata }) => metadata.delegate.slug), ["the-mend", "other"])
  })
})
