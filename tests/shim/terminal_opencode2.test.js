// OpenCode 2's events and answers for the terminal half. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { setTimeout as wait } from "node:timers/promises"
import { followEvents } from "../../js/tui/opencode2/events.js"
import { sessionReads } from "../../js/tui/opencode2/session_reads.js"

describe("OpenCode 2's events", () => {
  /** Follows events, and gives what they become. @param {object} [host] */
  function following2(host = {}) {
    const heard = /** @type {any[]} */ ([])
    const reported = /** @type {string[]} */ ([])
    let emit = (/** @type {any} */ _event) => {}
    const context = /** @type {any} */ ({
      location: { directory: "/here" },
      client: { session: { message: { get: async () => { throw new Error("not written yet") } } } },
      data: { listen: (/** @type {any} */ hear) => { emit = (details) => hear({ details }); return () => {} } },
    })
    followEvents(context, /** @type {any} */ (host), { hear: (type, properties) => heard.push([type, properties]), isFollowed: (id) => id === "ses_root", toast: (toast) => heard.push(["toast", toast]), report: (what) => reported.push(what) })
    return { heard, reported, emit: (/** @type {string} */ type, /** @type {any} */ data, /** @type {string} */ directory = "/here") => emit({ type, data, created: 1, location: { directory } }) }
  }

  it("A call that fails before its message is written is a refused call, with its agent and its error", () => {
    const { emit, heard } = following2()
    const call = { sessionID: "ses_root", id: "call_1" }
    emit("session.tool.input.started", { ...call, name: "subagent" })
    emit("session.tool.called", { ...call, input: { agent: "nobody" } })
    emit("session.tool.failed", { ...call, error: { type: "unknown", message: "No." } })
    const [[type, { part }]] = heard
    assert.deepEqual([type, part.tool, part.state.status, part.state.error, part.state.input.subagent_type], ["message.part.updated", "task", "error", "No.", "nobody"])
  })

  it("A call that a person interrupts is marked as one", () => {
    const { emit, heard } = following2()
    emit("session.tool.input.started", { sessionID: "ses_root", id: "call_1", name: "subagent" })
    emit("session.tool.failed", { sessionID: "ses_root", id: "call_1", error: { type: "aborted", message: "Tool execution interrupted" } })
    assert.equal(heard[0][1].part.state.metadata.interrupted, true)
  })

  it("A notice of another project is not shown, and one of this project is cut and has no control character", () => {
    const { emit, heard } = following2()
    emit("rpc.opencode-delegate.toast", { message: "theirs", variant: "warning" }, "/there")
    emit("rpc.opencode-delegate.toast", { message: `a\u001b[31m\nb ${"x".repeat(5_000)}`, variant: "warning" })
    assert.equal(heard.length, 1)
    assert.match(heard[0][1].message, /^a \[31m\nb x+$/)
    assert.equal(heard[0][1].message.length, 600)
  })

  it("A session that asks before its record is read asks after the read, and the answer comes behind", async () => {
    const { emit, heard } = following2({ session: async (/** @type {string} */ id) => ({ id, title: "read" }) })
    const asked = { sessionID: "ses_root", id: "per_1", action: "shell", resources: ["ls"] }
    emit("rpc.opencode-delegate.stored", { sessionID: "ses_root" })
    emit("permission.asked", asked)
    emit("permission.replied", { sessionID: "ses_root", requestID: "per_1" })
    const early = heard.length
    await wait(150)
    assert.deepEqual([early, heard.map(([type]) => type)], [0, ["session.updated", "permission.asked", "permission.replied"]])
    emit("permission.asked", asked)
    assert.equal(heard.length, 4)
  })

  it("A read that fails keeps no question back", async () => {
    const { emit, heard, reported } = following2({ session: async () => { throw new Error("busy") } })
    emit("session.renamed", { sessionID: "ses_root" })
    emit("permission.asked", { sessionID: "ses_root", id: "per_1", action: "shell", resources: [] })
    await wait(150)
    assert.deepEqual([heard.map(([type]) => type), reported], [["permission.asked"], ["read a session"]])
  })

  it("An event that waits for a read waits for the newer read, in order, and an older answer does not count", async () => {
    const answers = /** @type {((session: string) => void)[]} */ ([])
    const seen = /** @type {string[]} */ ([])
    const reads = sessionReads(() => /** @type {Promise<string>} */ (new Promise((answer) => answers.push(answer))), { take: (session) => seen.push(session), refused: () => {} })
    reads.ask("ses_a")
    await wait(120)
    reads.after("ses_a", () => seen.push("first"))
    reads.ask("ses_a")
    reads.after("ses_a", () => seen.push("second"))
    await wait(120)
    answers[1]("new")
    await wait(1)
    answers[0]("old")
    await wait(1)
    assert.deepEqual(seen, ["new", "first", "second"])
  })

  it("An event waits a second for a read, and no longer", async () => {
    const seen = /** @type {string[]} */ ([])
    const reads = sessionReads(() => new Promise(() => {}), { take: () => {}, refused: () => {} })
    reads.ask("ses_a")
    for (const name of ["first", "second"]) reads.after("ses_a", () => seen.push(name))
    await wait(500)
    assert.deepEqual([...seen], [])
    await wait(1_000)
    assert.deepEqual(seen, ["first", "second"])
  })

  it("An event that waits for a read is dropped at the end", async () => {
    const seen = /** @type {string[]} */ ([])
    const reads = sessionReads(async () => "read", { take: (session) => seen.push(session), refused: () => {} })
    reads.ask("ses_a")
    reads.after("ses_a", () => seen.push("event"))
    reads.end()
    await wait(1_200)
    assert.deepEqual(seen, [])
  })

  it("An event of another form is reported, and the listener goes on", () => {
    const { emit, heard, reported } = following2()
    emit("rpc.opencode-delegate.toast", undefined)
    emit("session.execution.started", { sessionID: "ses_root" })
    assert.deepEqual([reported, heard.map(([type]) => type)], [["take in an event"], ["session.status"]])
  })
})
