// Another plugin reports the answers of its background tasks by itself. The engine notes an answer as delivered once the plugin has
// reported it. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { later, plugin } from "./opencode.js"
import { create, longWaits, prompt, prompting, until } from "./prompting.js"

const CALLER = "ses_root"

/**
 * Two background tasks of a caller that rests. Both have answered.
 * @param {import("./prompting.js").Mock} mock
 * @param {"idle" | "busy"} [caller] whether the caller rests as they answer
 */
async function answered(mock, caller = "idle") {
  const elapse = longWaits(mock)
  const at = await prompting(async (args, client, context) => {
    const id = args.resume ?? (await create(args, client, context))
    await prompt(client, id, args.prompt)
    return `Done\nSession: ${id}\nTask: task_${id.slice(4)}`
  })
  for (const name of ["the-mend", "the-docs"]) await at.call({ to: "fixer", resume: name, description: name, async: true })
  await at.status(CALLER, caller)
  await later(2)
  for (const id of ["ses_1a", "ses_2a"]) await at.turn(id)
  await until(() => at.children().every(({ metadata }) => metadata.delegate.tasks[0].state === "completed"))
  /** Whether each answer is noted as delivered. */
  const delivered = async () => {
    // A record may be written a second later.
    await elapse(1_000)
    await later(20)
    return at.children().map(({ metadata }) => metadata.delegate.tasks[0].delivered ?? false)
  }
  /** The plugin's report to the caller. @param {string} text @param {object} [more] */
  const report = (text, more) => prompt(at.client, CALLER, text, more)
  return { ...at, elapse, delivered, report }
}

describe("The plugin's report of answers", () => {
  it("Answers are noted as delivered when it comes, and not before", async ({ mock }) => {
    const { elapse, delivered, report } = await answered(mock)
    await elapse(118_999)
    assert.deepEqual(await delivered(), [false, false])
    await report("All tasks are completed.")
    assert.deepEqual(await delivered(), [true, true])
  })

  for (const [what, name, expected] of /** @type {[string, string, boolean[]][]} */ ([
    ["the plugin's id of a task", "task_2a", [false, true]],
    ["the id of a session", "ses_1a", [true, false]],
    ["an id that begins as another does", "task_1a, and neither task_2ab nor a-task_2a", [true, false]],
  ])) {
    it(`A report that names ${what} is about that task alone`, async ({ mock }) => {
      const { delivered, report } = await answered(mock)
      await report(`Task ${name} is completed.`)
      assert.deepEqual(await delivered(), expected)
      await report("All tasks are completed.")
      assert.deepEqual(await delivered(), [true, true])
    })
  }

  for (const [what, text, expected] of /** @type {[string, string, boolean[]][]} */ ([["one answer", "Task task_2a is completed.", [false, true]], ["no answer by name", "All tasks are completed.", [true, true]]])) {
    it(`A report of ${what} counts while the caller runs`, async ({ mock }) => {
      const { status, delivered, report, reports, speak } = await answered(mock, "busy")
      await report(text, { noReply: true })
      assert.deepEqual(await delivered(), expected)
      await later(2)
      await status(CALLER, "idle")
      const parts = /** @type {any[]} */ ([])
      await speak("build", parts)
      assert.deepEqual([reports(), parts], [[text], []])
    })
  }

  for (const [what, refuse] of /** @type {[string, () => any][]} */ ([
    ["answers with an error", async () => ({ error: { name: "UnknownError" } })],
    ["fails", () => Promise.reject(new Error("no connection"))],
  ])) {
    it(`A report is none if the request ${what}`, async ({ mock }) => {
      const { input, delivered, report } = await answered(mock)
      const { promptAsync } = input.client.session
      input.client.session.promptAsync = refuse
      await report("All tasks are completed.").catch(() => {})
      assert.deepEqual(await delivered(), [false, false])
      input.client.session.promptAsync = promptAsync
      await report("All tasks are completed.")
      assert.deepEqual(await delivered(), [true, true])
    })
  }

  it("A report whose request failed is none as the plugin is disposed", async ({ mock }) => {
    const { hooks, input, delivered, report } = await answered(mock)
    input.client.session.promptAsync = () => Promise.reject(new Error("no connection"))
    await assert.rejects(report("All tasks are completed."), /no connection/)
    await hooks.dispose()
    assert.deepEqual(await delivered(), [false, false])
  })

  it("A report counts if its request answers nothing", async ({ mock }) => {
    const { input, delivered, report } = await answered(mock)
    input.client.session.promptAsync = async () => undefined
    assert.equal(await report("All tasks are completed."), undefined)
    assert.deepEqual(await delivered(), [true, true])
  })

  it("A caller that is deleted leaves the reports of others as they are", async ({ mock }) => {
    const { add, emit, delivered, report } = await answered(mock)
    await emit("session.deleted", { info: add("ses_other", {}) })
    await report("All tasks are completed.")
    assert.deepEqual(await delivered(), [true, true])
  })

  it("A caller may be deleted while its report is on its way", async ({ mock }) => {
    const { emit, sessions, input, report } = await answered(mock)
    /** @type {any} */
    let arrive
    input.client.session.promptAsync = () => new Promise((resolve) => (arrive = resolve))
    const sent = report("All tasks are completed.")
    await emit("session.deleted", { info: sessions[CALLER] })
    arrive({ data: {} })
    assert.deepEqual(await sent, { data: {} })
  })

  it("A report without a text, or with parts of no form, is about all", async ({ mock }) => {
    for (const parts of [undefined, null, [{ type: "file" }, null]]) {
      const { delivered, client } = await answered(mock)
      await client.session.promptAsync({ path: { id: CALLER }, body: { parts } })
      assert.deepEqual(await delivered(), [true, true], JSON.stringify(parts))
      mock.reset()
    }
  })

  it("A prompt of another session reports nothing", async ({ mock }) => {
    const { add, delivered, client } = await answered(mock)
    add("ses_other", {})
    await prompt(client, "ses_other", "Task task_1a is completed.")
    await prompt(client, "ses_1a", "Go on.")
    assert.deepEqual(await delivered(), [false, false])
  })
})

describe("A report to a session that a call is about to prompt", () => {
  for (const [what, text, expected] of /** @type {[string, string, boolean][]} */ ([
    ["The report is not the prompt of the call", "Task ses_2a is completed.", true],
    ["A prompt that names a task is the prompt of its call", "Read what ses_2a has said. Go on.", false],
  ])) {
    it(what, async () => {
      const at = await prompting(async (args, client, context) => {
        const id = args.resume ?? (await create(args, client, context))
        if (args.prompt === "Go on.") await prompt(client, id, text)
        if (args.prompt !== "Go on." || expected) await prompt(client, id, args.prompt)
        return `Done\nSession: ${id}`
      })
      await at.call({ to: "lead", resume: "look" })
      await at.turn("ses_1a")
      await at.call({ to: "fixer", resume: "the-mend", async: true }, "hand_over", undefined, { sessionID: "ses_1a", agent: "lead", messageID: "msg_x" })
      await at.turn("ses_2a")
      await at.call({ to: "lead", resume: "look", prompt: "Go on.", async: true })
      await at.turn("ses_1a")
      const sent = at.prompts.filter(({ id, parts }) => id === "ses_1a" && parts.some((/** @type {any} */ part) => part.text !== "Go."))
      assert.deepEqual(sent.map(({ parts }) => parts.map((/** @type {any} */ part) => part.text)), expected ? [[text], ["Go on."]] : [[text]])
      assert.deepEqual(sent.map(({ messageID }) => messageID !== undefined), expected ? [false, true] : [true])
    })
  }
})

describe("An end that the plugin takes for an answer", () => {
  /** A task that broke off, and that the plugin reports. @param {import("./prompting.js").Mock} mock @param {string} text @param {any} [error] */
  async function broken(mock, text, error = { name: "MessageAbortedError", data: { message: "Aborted" } }) {
    const elapse = longWaits(mock)
    const at = await prompting()
    await at.call({ to: "fixer", resume: "the-mend", async: true })
    await at.status(CALLER, "idle")
    await later(2)
    await at.turn("ses_1a", error)
    await prompt(at.client, CALLER, text)
    await elapse(60_000)
    const parts = /** @type {any[]} */ ([])
    await at.speak("build", parts)
    await elapse(60_000)
    await later(20)
    const texts = [...at.reports(), ...parts.map(({ text }) => text)].filter((given) => given !== text)
    return { texts, task: at.children()[0].metadata.delegate.tasks[0] }
  }

  it("The caller reads the plugin's report of it alone", async ({ mock }) => {
    const { texts, task } = await broken(mock, "Task ses_1a is completed.")
    assert.deepEqual([texts, task.state, task.delivered], [[], "cancelled", true])
  })

  it("The caller hears of an error, though the plugin says that it tries again", async ({ mock }) => {
    const { texts: [text, ...others] } = await broken(mock, "Task ses_1a waits for another model.", { name: "APIError", data: { message: "no such key" } })
    assert.match(text, /no such key/)
    assert.deepEqual(others, [])
  })

  it("A report that does not name it is about others", async ({ mock }) => {
    const { texts: [text, ...others] } = await broken(mock, "All tasks are completed.")
    assert.match(text, /was cancelled/)
    assert.deepEqual(others, [])
  })
})

describe("An answer that is not reported yet", () => {
  it("A later error of its session is none of it", async ({ mock }) => {
    const { turn, elapse, status, delivered, report, reports, speak } = await answered(mock, "busy")
    await turn("ses_1a", { name: "APIError", data: { message: "no such key" } })
    await elapse(5_000)
    await report("All tasks are completed.")
    assert.deepEqual(await delivered(), [true, true])
    await status(CALLER, "idle")
    const parts = /** @type {any[]} */ ([])
    await speak("build", parts)
    assert.deepEqual([reports(), parts], [["All tasks are completed."], []])
  })

  for (const sent of [true, false]) {
    it(`A session that is deleted is ${sent ? "not reported as lost if its report is on its way" : "reported as lost, once"}`, async ({ mock }) => {
      const { emit, sessions, input, elapse, reports, report, speak } = await answered(mock, "busy")
      const { promptAsync } = input.client.session
      input.client.session.promptAsync = () => new Promise(() => {})
      if (sent) void report("Task ses_1a is completed.")
      input.client.session.promptAsync = promptAsync
      await emit("session.deleted", { info: sessions.ses_1a })
      delete sessions.ses_1a
      await elapse(5_000)
      const parts = /** @type {any[]} */ ([])
      await speak("build", parts)
      const texts = [...reports(), ...parts.map(({ text }) => text)]
      assert.equal(texts.filter((text) => /was lost/.test(text)).length, sent ? 0 : 1)
    })
  }
})

describe("A task that the plugin tries again", () => {
  it("A report that comes meanwhile is about others", async ({ mock }) => {
    const elapse = longWaits(mock)
    const at = await prompting()
    await at.call({ to: "fixer", resume: "the-mend", async: true })
    await at.turn("ses_1a", { name: "APIError", data: { message: "no such key" } })
    await prompt(at.client, "ses_1a", "Go on.")
    await at.status("ses_1a", "busy")
    await prompt(at.client, CALLER, "All tasks are completed.")
    await later(2)
    await at.status("ses_1a", "idle")
    await elapse(1_000)
    await later(20)
    const { state, delivered } = at.children()[0].metadata.delegate.tasks[0]
    assert.deepEqual([state, delivered], ["completed", false])
  })

  it("Its error is reported if the report of it is on its way as the plugin is disposed", async ({ mock }) => {
    longWaits(mock)
    const at = await prompting()
    await at.call({ to: "fixer", resume: "the-mend", async: true })
    await at.turn("ses_1a", { name: "MessageAbortedError", data: { message: "Aborted" } })
    at.input.client.session.promptAsync = () => new Promise(() => {})
    void prompt(at.client, CALLER, "Task ses_1a is completed.")
    await at.status("ses_1a", "idle")
    await at.hooks.dispose()
    await later(20)
    const { state, delivered } = at.children()[0].metadata.delegate.tasks[0]
    assert.deepEqual([state, delivered], ["cancelled", true])
  })
})

describe("Two tasks of one session", () => {
  it("The report of the second is not one of the first, which a person has aborted", async ({ mock }) => {
    const elapse = longWaits(mock)
    const at = await prompting()
    await at.call({ to: "fixer", resume: "the-mend", async: true })
    await at.status(CALLER, "busy")
    await at.turn("ses_1a", { name: "MessageAbortedError", data: { message: "Aborted" } })
    await elapse(5_000)
    // The engine aborts the session, which is idle.
    await at.status("ses_1a", "idle")
    await at.call({ resume: "the-mend", prompt: "Go on.", async: true })
    await at.turn("ses_1a")
    await prompt(at.client, CALLER, "Task ses_1a is completed.", { noReply: true })
    await later(2)
    await at.status(CALLER, "idle")
    const parts = /** @type {any[]} */ ([])
    await at.speak("build", parts)
    await elapse(60_000)
    const texts = [...at.reports(), ...parts.map(({ text }) => text)].filter((text) => !/^Task ses_1a/.test(text))
    assert.equal(texts.length, 1)
    assert.match(texts[0], /was cancelled/)
  })
})

describe("An answer that the plugin does not report", () => {
  it("It is noted as delivered after two minutes: the plugin reports it in another way", async ({ mock }) => {
    const { elapse, delivered, reports } = await answered(mock)
    await elapse(120_000)
    assert.deepEqual(await delivered(), [true, true])
    assert.deepEqual(reports(), [])
  })

  it("It is noted as delivered if its report is on its way as the plugin is disposed", async ({ mock }) => {
    const { hooks, input, delivered, report } = await answered(mock)
    input.client.session.promptAsync = () => new Promise(() => {})
    void report("Task task_2a is completed.")
    await hooks.dispose()
    assert.deepEqual(await delivered(), [false, true])
  })

  it("It is left to the next process if the plugin is disposed before", async ({ mock }) => {
    const { hooks, elapse, delivered } = await answered(mock)
    await hooks.dispose()
    await elapse(120_000)
    assert.deepEqual(await delivered(), [false, false])
  })

  it("It is reported by the engine that takes up the records, if the plugin is loaded again", async ({ mock }) => {
    const { hooks, messages, reports, ...host } = await answered(mock)
    await hooks.dispose()
    const answer = { info: { id: "msg_zzz", role: "assistant", finish: "stop" }, parts: [{ type: "text", text: "Mended." }] }
    for (const id of ["ses_1a", "ses_2a"]) messages[id].push(answer)
    // Another plugin's client is another, of the same OpenCode.
    const { speak } = await plugin({}, { ...host, input: { ...host.input, client: { ...host.input.client } } })
    const parts = /** @type {any[]} */ ([])
    for (const _ of ["once", "again"]) await speak("build", parts)
    assert.deepEqual(reports(), [])
    assert.equal(parts.length, 2)
    for (const { text } of parts) assert.match(text, /Background task \S+ is completed[^]*\nMended\.\n/)
  })
})
