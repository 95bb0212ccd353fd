// How another plugin's background tasks end: the engine reports a failure that the plugin does not take up again, and leaves all
// else to the plugin. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { later } from "./opencode.js"
import { create, longWaits, prompt, prompting, until } from "./prompting.js"

const REFUSAL = { name: "APIError", data: { message: "no such key" } }

/** The caller, which rests, and its background task, which runs. @param {import("./prompting.js").Mock} mock @param {Record<string, unknown>} [args] */
async function begun(mock, args) {
  const elapse = longWaits(mock)
  const at = await prompting()
  await at.call({ to: "fixer", resume: "the-mend", async: true, ...args })
  await at.status("ses_root", "idle")
  // A turn that begins in the millisecond in which the last one ended is that one.
  await later(2)
  const task = (nth = 0) => at.children()[nth].metadata.delegate.tasks?.at(-1)
  /** The plugin tries the task again, in another session. */
  const again = async () => prompt(at.client, await create({ description: "Mend it" }, at.client, { sessionID: "ses_root" }), "Go.")
  return { ...at, elapse, task, again }
}

describe("A background task that breaks off", () => {
  for (const [title, error, reason] of /** @type {[string, any, string][]} */ ([
    ["an error of a provider", REFUSAL, "no such key"],
    ["an error without a name", { data: { message: "out of order" } }, "out of order"],
    ["an error without a message", { name: "OddError" }, "OddError"],
    ["an error without anything", {}, "UnknownError"],
    ["an error whose fields are of other types", { name: 3, data: { message: [4] } }, "UnknownError"],
    ["an error without an object", "out of order", "UnknownError"],
  ])) {
    it(`The caller hears once of ${title}, after the time in which the plugin may try again`, async ({ mock }) => {
      const { turn, elapse, reports, done } = await begun(mock)
      await turn("ses_1a", error)
      await elapse(4_999)
      assert.deepEqual(reports(), [])
      await elapse(1)
      await elapse(60_000)
      const [report, ...others] = reports()
      assert.match(report, /<summary>Background task bg_\w+ failed<\/summary>/)
      assert.equal(/<task_error>\n(.*)\n<\/task_error>/.exec(report)?.[1], reason)
      assert.match(report, /\ntask_id: the-mend \(/)
      assert.deepEqual(others, [])
      assert.deepEqual(done.filter(([what]) => what === "abort"), [])
    })
  }

  for (const [what, wakes] of /** @type {[string, (client: any) => unknown][]} */ ([
    ["a prompt of a person", () => {}],
    ["the plugin's report of another task", (client) => prompt(client, "ses_1a", "Task ses_2a is completed.")],
  ])) {
    it(`The caller hears of an error, though ${what} wakes the session`, async ({ mock }) => {
      const { client, call, turn, elapse, reports } = await begun(mock)
      await call({ to: "lead", resume: "look", async: true }, "hand_over", undefined, { sessionID: "ses_1a", agent: "fixer", messageID: "msg_x" })
      await turn("ses_2a")
      await turn("ses_1a", REFUSAL)
      await elapse(2_000)
      await wakes(client)
      await turn("ses_1a")
      await elapse(5_000)
      assert.equal(reports().length, 1)
      assert.match(reports()[0], /no such key/)
    })
  }

  it("The caller hears nothing while the plugin prompts the session again, and then of the next error alone", async ({ mock }) => {
    const { client, turn, elapse, reports } = await begun(mock)
    await turn("ses_1a", REFUSAL)
    await elapse(4_000)
    await prompt(client, "ses_1a", "Go on.")
    await turn("ses_1a", { name: "APIError", data: { message: "overloaded" } })
    await elapse(4_000)
    assert.deepEqual(reports(), [])
    await elapse(1_000)
    assert.equal(reports().length, 1)
    assert.match(reports()[0], /overloaded/)
  })

  it("Nobody hears of an error that the session has overcome, and the session is free for the next call", async ({ mock }) => {
    const { call, client, status, turn, emit, elapse, reports, asked } = await begun(mock)
    await turn("ses_1a", REFUSAL)
    await prompt(client, "ses_1a", "Go on.")
    await status("ses_1a", "busy")
    await elapse(5_000)
    await later(2)
    await status("ses_1a", "idle")
    assert.match(await call({ resume: "the-mend", prompt: "And on." }), /\ntask_id: the-mend \(resumed: /)
    await emit("session.error", { sessionID: "ses_1a" })
    await elapse(60_000)
    assert.deepEqual(reports(), [])
    assert.deepEqual(asked(), [["ses_1a", "Go."], ["ses_1a", "Go on."], ["ses_1a", "And on."]])
  })

  it("Nobody hears of an error within a turn that goes on", async ({ mock }) => {
    const { emit, status, elapse, reports } = await begun(mock)
    await status("ses_1a", "busy")
    await emit("session.error", { sessionID: "ses_1a", error: REFUSAL })
    await status("ses_1a", "busy")
    await later(2)
    await status("ses_1a", "idle")
    await elapse(60_000)
    assert.deepEqual(reports(), [])
  })

  it("An error that comes twice, also after its turn, is reported once", async ({ mock }) => {
    const { emit, turn, elapse, reports } = await begun(mock)
    await turn("ses_1a", REFUSAL)
    await emit("session.error", { sessionID: "ses_1a", error: REFUSAL })
    await emit("session.error", { sessionID: "ses_1a" })
    await elapse(5_000)
    await elapse(60_000)
    assert.equal(reports().length, 1)
  })

  it("Events of other kinds end no task", async ({ mock }) => {
    const { emit, status, elapse, task, reports } = await begun(mock)
    await status("ses_1a", "busy")
    for (const type of ["session.compacted", "todo.updated", "session.error"]) await emit(type, { sessionID: "ses_1a" })
    await elapse(60_000)
    await later(50)
    assert.equal(task().state, "running")
    await status("ses_1a", "idle")
    await elapse(60_000)
    await until(() => task().state === "completed")
    assert.deepEqual(reports(), [])
  })

  it("A task that a person aborts is over, and the caller hears nothing", async ({ mock }) => {
    const { call, turn, elapse, reports, task, asked } = await begun(mock)
    await turn("ses_1a", { name: "MessageAbortedError", data: { message: "Aborted" } })
    await elapse(5_000)
    await until(() => task().state === "cancelled")
    await call({ resume: "the-mend", prompt: "Go on." })
    assert.deepEqual(reports(), [])
    assert.deepEqual(asked(), [["ses_1a", "Go."], ["ses_1a", "Go on."]])
  })

  it("A task of a plugin that is disposed is left to the next process", async ({ mock }) => {
    const { hooks, turn, elapse, reports, task } = await begun(mock)
    await turn("ses_1a", REFUSAL)
    await hooks.dispose()
    await elapse(60_000)
    assert.deepEqual(reports(), [])
    assert.equal(task().state, "running")
  })
})

describe("A background task that the plugin tries again in another session", () => {
  for (const [when, wait, before] of /** @type {const} */ ([["before", 1_000, 0], ["after", 5_000, 1]])) {
    it(`The new session has the name, and its failure is reported, if the plugin begins ${when} the report of the first`, async ({ mock }) => {
      const { call, turn, elapse, again, reports } = await begun(mock)
      await turn("ses_1a", REFUSAL)
      await elapse(wait)
      await again()
      await elapse(60_000)
      assert.equal(reports().length, before)
      await turn("ses_2a", { name: "APIError", data: { message: "overloaded" } })
      await elapse(5_000)
      assert.equal(reports().length, before + 1)
      assert.match(reports()[before], /overloaded[^]*\ntask_id: the-mend \(/)
      assert.match(await call({ resume: "the-mend", prompt: "Go on.", async: true }), /^Done\nSession: ses_2a\n/)
    })
  }

  it("Nobody hears of the first session while the plugin takes its time to prompt the new one", async ({ mock }) => {
    const { client, turn, elapse, reports } = await begun(mock)
    await turn("ses_1a", REFUSAL)
    await elapse(1_000)
    const id = await create({ description: "Mend it" }, client, { sessionID: "ses_root" })
    await elapse(60_000)
    await prompt(client, id, "Go.")
    await turn(id)
    await elapse(60_000)
    assert.deepEqual(reports(), [])
  })

  it("Nobody hears of the first session, also if it is deleted before its caller rests", async ({ mock }) => {
    const { turn, emit, status, sessions, again, elapse, reports, speak } = await begun(mock)
    await status("ses_root", "busy")
    await turn("ses_1a", REFUSAL)
    await again()
    await elapse(1_000)
    await until(() => sessions.ses_1a.metadata.delegate.tasks[0].state === "completed")
    await emit("session.deleted", { info: sessions.ses_1a })
    delete sessions.ses_1a
    await later(2)
    await status("ses_root", "idle")
    await elapse(60_000)
    assert.deepEqual(reports(), [])
    const parts = /** @type {any[]} */ ([])
    await speak("build", parts)
    assert.deepEqual(parts, [])
  })
})

describe("A background task that ends without an error", () => {
  /** Brings the caller's turn to its end, and a person's next message, and gives what the engine adds to it. @param {Awaited<ReturnType<typeof begun>>} at */
  const heard = async ({ status, speak, elapse, reports }) => {
    await status("ses_root", "busy")
    await later(2)
    await status("ses_root", "idle")
    const parts = /** @type {any[]} */ ([])
    await speak("build", parts)
    await elapse(120_000)
    return [...reports(), ...parts]
  }

  it("An answer is the plugin's to deliver", async ({ mock }) => {
    const at = await begun(mock)
    await at.turn("ses_1a")
    assert.deepEqual(await heard(at), [])
    await until(() => at.task().delivered)
    assert.deepEqual([at.task().state, at.task().delivered], ["completed", true])
  })

  it("An answer that comes while the caller runs is the plugin's to deliver", async ({ mock }) => {
    const at = await begun(mock)
    await at.status("ses_root", "busy")
    await at.turn("ses_1a")
    assert.deepEqual(await heard(at), [])
    await until(() => at.task().delivered)
    assert.deepEqual([at.task().state, at.task().delivered], ["completed", true])
  })

  it("A session that is deleted is reported as lost, once", async ({ mock }) => {
    const at = await begun(mock)
    await at.status("ses_1a", "busy")
    await at.emit("session.deleted", { info: at.sessions.ses_1a })
    delete at.sessions.ses_1a
    await later()
    const [report, ...others] = await heard(at)
    assert.match(report, /Background task bg_\w+ was lost/)
    assert.deepEqual(others, [])
  })

  it("A session that has ended its turn before it has the prompt has not answered it", async ({ mock }) => {
    const elapse = longWaits(mock)
    const at = await prompting(async (args, client, context) => {
      await create(args, client, context)
      return "Done\nSession: ses_1a"
    })
    await at.call({ to: "fixer", resume: "the-mend", async: true })
    await at.turn("ses_1a")
    for (let waits = 0; waits < 3; waits++) {
      await elapse(60_000)
      await later(50)
    }
    assert.equal(at.children()[0].metadata.delegate.tasks[0].state, "running")
    await prompt(at.client, "ses_1a", "Go.")
    assert.match(at.prompts[0].messageID, /^msg_/)
  })
})

describe("A background task that is aborted", () => {
  const ABORT = { name: "MessageAbortedError", data: { message: "Aborted" } }

  /** The plugin aborts the session, and its turn ends. @param {Awaited<ReturnType<typeof begun>>} at @param {any} [error] */
  const withdrawn = async ({ client, status, turn }, error = ABORT) => {
    await status("ses_1a", "busy")
    await client.session.abort({ path: { id: "ses_1a" } })
    await turn("ses_1a", error)
  }

  /** What the caller reads with its user's next message. @param {Awaited<ReturnType<typeof begun>>} at */
  const read = async ({ speak, elapse, reports }) => {
    await elapse(5_000)
    const parts = /** @type {any[]} */ ([])
    await speak("build", parts)
    await elapse(60_000)
    return [...reports(), ...parts.map(({ text }) => text)]
  }

  it("The caller reads of a person's abort with the next message, once, and of a summary since then nothing", async ({ mock }) => {
    const at = await begun(mock)
    await at.turn("ses_1a", ABORT)
    await at.elapse(5_000)
    await at.turn("ses_1a")
    const [text, ...others] = await read(at)
    assert.match(text, /<summary>Background task bg_\w+ was cancelled<\/summary>[^]*\ntask_id: the-mend \(/)
    assert.deepEqual(others, [])
    assert.deepEqual(await read(at), [])
  })

  it("The plugin's own abort is the plugin's to report", async ({ mock }) => {
    const at = await begun(mock)
    await withdrawn(at)
    assert.deepEqual(await read(at), [])
    await until(() => at.task().delivered)
    assert.equal(at.task().state, "cancelled")
  })

  it("A person's abort is reported, though the plugin aborts the next prompt of the session before its caller rests", async ({ mock }) => {
    const at = await begun(mock)
    await at.status("ses_root", "busy")
    await at.turn("ses_1a", ABORT)
    await at.elapse(5_000)
    await at.call({ resume: "the-mend", prompt: "Go on.", async: true })
    await withdrawn(at)
    await at.elapse(5_000)
    await later(2)
    await at.status("ses_root", "idle")
    const [text, ...others] = await read(at)
    assert.match(text, /was cancelled/)
    assert.deepEqual(others, [])
  })

  it("A failure is reported, though the plugin has aborted the session", async ({ mock }) => {
    const at = await begun(mock)
    await withdrawn(at, REFUSAL)
    const [text, ...others] = await read(at)
    assert.match(text, /no such key/)
    assert.deepEqual(others, [])
  })

  it("A child that the plugin creates after its own abort is no further attempt", async ({ mock }) => {
    const at = await begun(mock)
    await withdrawn(at)
    await read(at)
    await at.again()
    assert.deepEqual(at.children().map(({ metadata }) => metadata?.delegate?.slug), ["the-mend", undefined])
  })

  it("A person's abort of the prompt after the plugin's own abort is reported", async ({ mock }) => {
    const at = await begun(mock)
    await withdrawn(at)
    await at.elapse(5_000)
    await at.call({ resume: "the-mend", prompt: "Go on.", async: true })
    await at.turn("ses_1a", ABORT)
    const [text, ...others] = await read(at)
    assert.match(text, /was cancelled/)
    assert.deepEqual(others, [])
  })
})

describe("A background task that reaches a limit", () => {
  const STEP = { id: "msg_zzz", role: "assistant", sessionID: "ses_1a", finish: "tool-calls", cost: 0, tokens: { input: 1, output: 1, reasoning: 0, cache: { read: 0, write: 0 } }, time: { created: 1, completed: 2 } }

  /** The answer that the last step has given. */
  const ANSWER = { info: { id: "msg_zzz", role: "assistant", finish: "stop" }, parts: [{ type: "text", text: "Done." }] }

  for (const [what, error, reports, caller = "idle"] of /** @type {[string, any, number, "busy"?][]} */ ([
    ["The caller reads that its work is unfinished if its turn ends between two steps, which leaves no error", undefined, 1],
    ["The caller reads that its work is unfinished: the plugin does not know", { name: "MessageAbortedError", data: { message: "Aborted" } }, 1],
    ["A caller that ran reads that its work is unfinished, too", { name: "MessageAbortedError", data: { message: "Aborted" } }, 1, "busy"],
    ["The caller reads that its work is unfinished if the next step fails, too", REFUSAL, 1],
    ["An answer that comes with the last step is the plugin's to deliver", undefined, 0],
    ["An answer that comes with the last step is the plugin's to deliver to a caller that ran, too", undefined, 0, "busy"],
  ])) {
    it(what, async ({ mock }) => {
      const elapse = longWaits(mock)
      const at = await prompting(undefined, { limits: { max_steps: 1 } })
      await at.call({ to: "fixer", resume: "the-mend", async: true })
      await at.status("ses_root", caller)
      await later(2)
      await at.status("ses_1a", "busy")
      await at.emit("message.updated", { info: STEP })
      await until(() => at.done.some(([what]) => what === "abort"))
      if (error) await at.emit("session.error", { sessionID: "ses_1a", error })
      else if (!reports) at.messages.ses_1a.push(ANSWER)
      await at.status("ses_1a", "idle")
      await later(5)
      await elapse(60_000)
      await later(2)
      await at.status("ses_root", "idle")
      await elapse(60_000)
      assert.equal(at.reports().length, reports)
      for (const report of at.reports()) assert.match(report, /Its work is unfinished\. It was ended at its limit of 1 step/)
    })
  }

  it("The end of a session that is deleted before its turn is over is reported, once", async ({ mock }) => {
    const elapse = longWaits(mock)
    const at = await prompting(undefined, { limits: { max_steps: 1 } })
    await at.call({ to: "fixer", resume: "the-mend", async: true })
    await at.status("ses_root", "idle")
    await later(2)
    await at.status("ses_1a", "busy")
    await at.emit("message.updated", { info: STEP })
    await until(() => at.done.some(([what]) => what === "abort"))
    await at.emit("session.deleted", { info: at.sessions.ses_1a })
    delete at.sessions.ses_1a
    await elapse(60_000)
    assert.equal(at.reports().length, 1)
  })
})
