// Ends of another plugin's background tasks of which the engine knows more than the plugin: at a limit, of a request that failed, of a
// deleted session, and of a prompt with another behind it. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { PluginEntries } from "../../js/opencode1/execute/plugin_entries.js"
import { later } from "./opencode.js"
import { longWaits, prompt, prompting, until } from "./prompting.js"

const CALLER = "ses_root"
const REPORT = "Task ses_1a is completed."
const STEP = { role: "assistant", finish: "tool-calls", cost: 0, tokens: { input: 1, output: 1, reasoning: 0, cache: { read: 0, write: 0 } } }
const REFUSED = { error: { name: "UnknownError", data: { message: "out of order" } } }

/**
 * The caller, which rests, and its background task, which runs.
 * @param {import("./prompting.js").Mock} mock
 * @param {Parameters<typeof prompting>[1]} [options]
 */
async function begun(mock, options) {
  const elapse = longWaits(mock)
  const at = await prompting(undefined, options)
  await at.call({ to: "fixer", resume: "the-mend", async: true })
  await at.status(CALLER, "idle")
  await later(2)
  const task = () => at.children()[0].metadata.delegate.tasks?.at(-1)
  /** All that the caller reads, without the plugin's own words. */
  const read = async () => {
    const parts = /** @type {any[]} */ ([])
    await at.speak("build", parts)
    await elapse(60_000)
    await later(20)
    return [...at.reports(), ...parts.map(({ text }) => text)].filter((text) => text !== REPORT)
  }
  return { ...at, elapse, task, read, report: () => prompt(at.client, CALLER, REPORT) }
}

/** A task whose session has reached its limit, and rests. @param {import("./prompting.js").Mock} mock */
async function limited(mock) {
  const at = await begun(mock, { limits: { max_steps: 1 } })
  await at.status("ses_1a", "busy")
  await later(2)
  await at.emit("message.updated", { info: { ...STEP, id: "msg_a", sessionID: "ses_1a", time: { created: 1, completed: 2 } } })
  assert.deepEqual(at.done, [["abort", "ses_1a"]])
  await at.emit("session.error", { sessionID: "ses_1a", error: { name: "MessageAbortedError", data: { message: "Aborted" } } })
  await at.status("ses_1a", "idle")
  await later(2)
  return at
}

describe("A background task that a limit ends", () => {
  it("The plugin's report says that the work is unfinished, and is the only one", async ({ mock }) => {
    const { report, prompts, read, task } = await limited(mock)
    await report()
    const [{ parts: [own, more, ...others] }] = prompts.filter(({ id }) => id === CALLER)
    assert.deepEqual([own.text, others, more.synthetic], [REPORT, [], true])
    assert.match(more.text, /^task_id: the-mend \(its session is kept: [^\n]*\)\nIts work is unfinished\. It was ended at its limit of 1 step,/)
    assert.deepEqual([await read(), task().delivered], [[[REPORT, more.text].join("\n")], true])
  })

  it("The engine reports it after five seconds without a report", async ({ mock }) => {
    const { elapse, reports, read } = await limited(mock)
    await elapse(4_999)
    assert.deepEqual(reports(), [])
    await elapse(1)
    assert.match(reports()[0], /\nIts work is unfinished\./)
    assert.equal((await read()).length, 1)
  })

  it("A report that names others says nothing of it", async ({ mock }) => {
    const { client, reports, read } = await limited(mock)
    await prompt(client, CALLER, "All tasks are completed.")
    assert.deepEqual(reports(), ["All tasks are completed."])
    const [, text, ...others] = await read()
    assert.match(text, /\nIts work is unfinished\./)
    assert.deepEqual(others, [])
  })

  it("The next message of the user brings it, once", async ({ mock }) => {
    const { read } = await limited(mock)
    const [text, ...others] = await read()
    assert.match(text, /\nIts work is unfinished\./)
    assert.deepEqual(others, [])
  })

  it("The engine reports it if the request of the plugin's report fails", async ({ mock }) => {
    const { input, report, read } = await limited(mock)
    const { promptAsync } = input.client.session
    input.client.session.promptAsync = async () => REFUSED
    await report()
    input.client.session.promptAsync = promptAsync
    const texts = await read()
    assert.equal(texts.length, 1)
    assert.match(texts[0], /\nIts work is unfinished\./)
  })

  it("A report that is on its way after five seconds is the only one", async ({ mock }) => {
    const { input, elapse, report, reports, task } = await limited(mock)
    const { promptAsync } = input.client.session
    let arrive = (/** @type {any} */ _) => {}
    input.client.session.promptAsync = () => new Promise((resolve) => (arrive = resolve))
    const reported = report()
    input.client.session.promptAsync = promptAsync
    await elapse(5_000)
    assert.deepEqual(reports(), [])
    arrive({ data: {} })
    await reported
    await elapse(60_000)
    await until(() => task().delivered)
    assert.deepEqual(reports(), [])
  })
})

/** A background task whose first request OpenCode refuses. @param {import("./prompting.js").Mock} mock */
async function refused(mock) {
  const elapse = longWaits(mock)
  const at = await prompting()
  let refuses = true
  at.answering("promptAsync", (args, send) => (refuses ? REFUSED : send(args)))
  await at.call({ to: "fixer", resume: "the-mend", async: true })
  await at.status(CALLER, "idle")
  refuses = false
  await later(2)
  const texts = () => at.reports().filter((text) => text !== REPORT)
  return { ...at, elapse, texts }
}

describe("A request of the plugin that OpenCode refuses", () => {
  it("The plugin's report of it is the only one", async ({ mock }) => {
    const { client, elapse, texts, children } = await refused(mock)
    await prompt(client, CALLER, REPORT)
    await elapse(60_000)
    await later(20)
    assert.deepEqual(texts(), [])
    assert.equal(children()[0].metadata.delegate.tasks[0].delivered, true)
  })

  it("The engine reports it after five seconds without a report", async ({ mock }) => {
    const { elapse, texts } = await refused(mock)
    await elapse(4_999)
    assert.deepEqual(texts(), [])
    await elapse(1)
    await elapse(60_000)
    assert.equal(texts().length, 1)
    assert.match(texts()[0], /out of order/)
  })

  it("Nobody hears of it if the plugin's next try succeeds", async ({ mock }) => {
    const { client, elapse, texts, turn } = await refused(mock)
    await elapse(4_000)
    await prompt(client, "ses_1a", "Go.")
    await elapse(4_000)
    await turn("ses_1a")
    await elapse(60_000)
    assert.deepEqual(texts(), [])
  })
})

describe("A background task whose session is deleted", () => {
  for (const reports of [true, false]) {
    it(`The caller reads of it once if the plugin ${reports ? "reports it" : "says nothing"}`, async ({ mock }) => {
      const { emit, sessions, report, read } = await begun(mock)
      await emit("session.deleted", { info: sessions.ses_1a })
      delete sessions.ses_1a
      if (reports) await report()
      const texts = await read()
      assert.equal(texts.length, reports ? 0 : 1)
      if (!reports) assert.match(texts[0], /was lost/)
    })
  }
})

describe("A background task whose session is deleted as the plugins are loaded again", () => {
  it("The engine reports it at once: no record is left for the next process", async ({ mock }) => {
    const { emit, hooks, sessions, reports, elapse } = await begun(mock)
    await emit("session.deleted", { info: sessions.ses_1a })
    delete sessions.ses_1a
    assert.deepEqual(reports(), [])
    await hooks.dispose()
    await later(20)
    await elapse(60_000)
    assert.equal(reports().length, 1)
    assert.match(reports()[0], /was lost/)
  })
})

describe("A session with a running prompt and one that waits behind it", () => {
  it("Events are about the running one, and the plugin's next request about the other", () => {
    const entries = new PluginEntries(/** @type {any} */ ({}))
    const entry = (/** @type {object} */ fields) => /** @type {any} */ ({ sessionID: "ses_1a", sent: false, accepted: false, ...fields })
    const [runs, waits] = [entry({ sent: true, accepted: true }), entry({})]
    entries.add(runs)
    assert.deepEqual([entries.running("ses_1a"), entries.of("ses_1a")], [runs, runs])
    entries.add(waits)
    assert.equal(entries.running("ses_1a"), runs)
    assert.equal(entries.of("ses_1a"), waits)
    waits.sent = true
    assert.equal(entries.running("ses_1a"), waits)
    runs.sent = runs.accepted = waits.sent = false
    assert.equal(entries.running("ses_1a"), waits)
    assert.equal(entries.running("ses_other"), undefined)
  })
})
