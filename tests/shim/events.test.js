// What is kept of what OpenCode tells, so that it need not be asked: speakers, calls, permissions; and what is told it in
// turn: errors that name their session, records. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { ErrorPatches } from "../../js/opencode1/execute/error_patches.js"
import { RecordWriter } from "../../js/core/record_writer.js"
import { CallCache } from "../../js/opencode1/sync/call_cache.js"
import { showChild } from "../../js/opencode1/execute/running_part.js"

/** A host of which every call is noted and answered so. @param {Record<string, (...args: any[]) => unknown>} [answers] */
function noting(answers = {}) {
  const calls = /** @type {any[]} */ ([])
  const host = new Proxy({}, { get: (_, name) => async (/** @type {any[]} */ ...args) => (calls.push([name, ...args]), answers[String(name)]?.(...args)) })
  return { host: /** @type {any} */ (host), calls }
}

/** Is done when what follows from what was done is done. */
const later = (ms = 0) => new Promise((resolve) => setTimeout(resolve, ms))

describe("of a call, OpenCode is asked", () => {
  const speaker = { id: "msg_1", sessionID: "ses_1", role: "assistant", providerID: "p", modelID: "one" }
  const part = (/** @type {string} */ status, fields = {}) => ({ id: "prt_1", type: "tool", tool: "task", sessionID: "ses_1", callID: "c1", state: { status }, ...fields })
  const running = part("running")

  /** What was told, and whether that suffices. @type {[string, [string, any][], boolean][]} */
  const CASES = [
    ["nothing where it has told all", [["message.updated", { info: speaker }], ["message.part.updated", { part: running }]], true],
    ["where it has told nothing", [], false],
    ["where the speaker is not known", [["message.part.updated", { part: running }]], false],
    ["where another speaks by now", [["message.updated", { info: { ...speaker, id: "msg_2" } }], ["message.part.updated", { part: running }]], false],
    ["where the user has spoken", [["message.updated", { info: { ...speaker, role: "user" } }], ["message.part.updated", { part: running }]], false],
    ["where the call is not known", [["message.updated", { info: speaker }]], false],
    ["where another call runs", [["message.updated", { info: speaker }], ["message.part.updated", { part: part("running", { callID: "c2" }) }]], false],
    ["where another tool runs", [["message.updated", { info: speaker }], ["message.part.updated", { part: part("running", { tool: "read" }) }]], false],
    ["where the call is over", [["message.updated", { info: speaker }], ["message.part.updated", { part: running }], ["message.part.updated", { part: part("completed") }]], false],
    ["where the session was deleted", [["message.updated", { info: speaker }], ["message.part.updated", { part: running }], ["session.deleted", { info: { id: "ses_1" } }]], false],
  ]
  for (const [what, told, suffices] of CASES) {
    it(what, async () => {
      const { host, calls } = noting({ message: () => ({ info: speaker, parts: [part("running", { callID: "c0" }), running] }) })
      const cache = new CallCache(host)
      for (const [type, properties] of told) cache.handleEvent(type, properties)
      assert.deepEqual(await cache.call("ses_1", "msg_1", "c1"), { speaker, part: running })
      assert.deepEqual(calls, suffices ? [] : [["message", "ses_1", "msg_1"]])
    })
  }
})

describe("a session's own rules", () => {
  const rule = { permission: "edit", pattern: "*", action: "deny" }
  const info = { id: "ses_1", permission: [rule] }

  /** What was told, what they are, and whether that had to be asked. @type {[string, [string, any][], any[], boolean][]} */
  const CASES = [
    ["are told when it is made", [["session.created", { info }]], [rule], false],
    ["are told when they change", [["session.created", { info: { id: "ses_1" } }], ["session.updated", { info }]], [rule], false],
    ["are none where none is told", [["session.updated", { info: { id: "ses_1" } }]], [], false],
    ["are asked where nothing is told", [["session.created", { info: { ...info, id: "ses_2" } }]], [rule], true],
    ["are asked of what was deleted", [["session.created", { info: { id: "ses_1" } }], ["session.deleted", { info }]], [rule], true],
  ]
  for (const [what, told, expected, asks] of CASES) {
    it(what, async () => {
      const { host, calls } = noting({ session: () => info })
      const cache = new CallCache(host)
      for (const [type, properties] of told) cache.handleEvent(type, properties)
      for (const _ of ["once", "again"]) assert.deepEqual(await cache.permission("ses_1"), expected)
      assert.deepEqual(calls, asks ? [["session", "ses_1"]] : [])
    })
  }
})

describe("the error of a call", () => {
  const part = (error = "No.") => ({ id: "prt_1", messageID: "msg_1", sessionID: "ses_1", callID: "c1", type: "tool", tool: "task", state: { status: "error", error, metadata: { sessionId: "ses_2" } } })
  const MENDED = { status: "error", error: "No.\ntask_id: auth (its session is kept: give this task_id to go on with it)", metadata: { sessionId: "ses_2", delegate: { task_id: "auth", asked: "Auth" } } }

  it("names its session in what OpenCode stores, and in what the model is sent until then", async () => {
    const { host, calls } = noting()
    const patches = new ErrorPatches(host, assert.fail)
    patches.patch(part(), "auth", { asked: "Auth" })
    const sent = part()
    patches.apply(sent)
    assert.deepEqual(sent.state, MENDED)
    assert.deepEqual(calls, [["setPart", { ...part(), state: MENDED }]])
    await later()
    const stored = part("as it is stored")
    patches.apply(stored)
    assert.equal(stored.state.error, "as it is stored")
  })

  it("that names it already stays as it is", () => {
    const { host, calls } = noting()
    new ErrorPatches(host, assert.fail).patch(part(MENDED.error), "auth")
    assert.deepEqual(calls, [])
  })

  it("names its session to the model for as long as it cannot be stored, which is said", async () => {
    const said = /** @type {string[]} */ ([])
    const patches = new ErrorPatches(noting({ setPart: () => { throw new Error("refused") } }).host, (message) => said.push(message))
    patches.patch(part(), "auth", { asked: "Auth" })
    await later()
    const sent = part()
    patches.apply(sent)
    assert.deepEqual(sent.state, MENDED)
    assert.match(said.join(), /^The error of call c1 could not be stored: refused$/)
  })
})

describe("a record", () => {
  /** @param {Record<string, any>} [metadata] of each session */
  function recording(metadata = {}) {
    const failed = /** @type {string[]} */ ([])
    const answers = {
      session: (/** @type {string} */ id) => ({ id, metadata: metadata[id] }),
      setMetadata: (/** @type {string} */ id, /** @type {any} */ data) => ({ id, metadata: (metadata[id] = data) }),
    }
    const { host, calls } = noting(answers)
    return { calls, metadata, answers, failed, records: new RecordWriter(host, (id, { message }) => failed.push(`${id} ${message}`)) }
  }

  it("is written at once, beside what others keep there", async () => {
    const { records, metadata } = recording({ a: { theirs: 1, delegate: { used: 0 } } })
    records.store("a", { used: 1 }, false)
    await records.whenWritten("a")
    assert.deepEqual(metadata.a, { theirs: 1, delegate: { used: 1 } })
  })

  it("is written beside what was told last, without asking", async () => {
    const { records, calls } = recording()
    records.noteMetadata("a", { theirs: 1 })
    records.noteMetadata("a", { theirs: 2 })
    records.store("a", { used: 1 }, false)
    await records.whenWritten("a")
    records.store("a", { used: 2 }, false)
    await records.flush()
    assert.deepEqual(calls.map(([name, , data]) => [name, data]), [["setMetadata", { theirs: 2, delegate: { used: 1 } }], ["setMetadata", { theirs: 2, delegate: { used: 2 } }]])
  })

  it("is written once where it is stored so", async () => {
    const { records, calls } = recording({ a: { delegate: { used: 1 } } })
    records.store("a", { used: 1 }, false)
    await records.whenWritten("a")
    assert.deepEqual(calls.map(([name]) => name), ["session"])
  })

  it("is written after the one before, the last of those that wait", async () => {
    const { records, calls } = recording({ a: {} })
    for (const used of [1, 2, 3]) records.store("a", { used }, false)
    await records.whenWritten("a")
    assert.deepEqual(calls.filter(([name]) => name === "setMetadata").map(([, , { delegate }]) => delegate.used), [1, 3])
  })

  it("is not waited for by others", async () => {
    const { records, calls } = recording()
    records.noteMetadata("a")
    records.noteMetadata("b")
    records.store("a", {}, false)
    records.store("b", {}, false)
    assert.deepEqual(calls.map(([name, id]) => [name, id]), [["setMetadata", "a"], ["setMetadata", "b"]])
    await records.flush()
  })

  it("that can wait does, unless all is to be written", async () => {
    const { records, calls } = recording({ a: {} })
    records.store("a", { used: 1 }, true)
    records.store("a", { used: 2 }, true)
    await records.whenWritten("a")
    await later()
    assert.deepEqual(calls, [])
    await records.flush()
    assert.deepEqual(calls.at(-1), ["setMetadata", "a", { delegate: { used: 2 } }])
  })

  it("that can wait goes with the next that cannot", async () => {
    const { records, metadata } = recording({ a: {} })
    records.store("a", { used: 1 }, true)
    records.store("a", { used: 2 }, false)
    await records.whenWritten("a")
    assert.deepEqual(metadata.a, { delegate: { used: 2 } })
  })

  it("of a session that is gone is not written", async () => {
    const { records, calls } = recording()
    records.store("a", {}, true)
    records.forget("a")
    await records.flush()
    assert.deepEqual(calls, [])
  })

  it("that cannot be written is told of, and the next is written", async () => {
    const { records, failed, answers, metadata } = recording({ a: {} })
    const { setMetadata } = answers
    answers.setMetadata = () => { throw new Error("refused") }
    records.store("a", { used: 1 }, false)
    await records.flush()
    assert.deepEqual(failed, ["a refused"])
    answers.setMetadata = setMetadata
    records.store("a", { used: 2 }, false)
    await records.flush()
    assert.deepEqual(metadata.a, { delegate: { used: 2 } })
  })
})

describe("a child that runs", () => {
  /** @param {string} status @returns {any} */
  const part = (status) => ({ id: "prt_1", messageID: "msg_1", sessionID: "ses_1", type: "tool", state: { status, input: {}, metadata: { theirs: 1 } } })
  const SHOWN = { ...part("running"), state: { status: "running", input: {}, title: "Explore", metadata: { theirs: 1, sessionId: "ses_2" } } }
  const shows = (/** @type {any} */ host, /** @type {any} */ of) => showChild(host, of, "Explore", { sessionId: "ses_2" })

  it("is shown after a while, once", async () => {
    const { host, calls } = noting()
    const shown = shows(host, part("running"))
    await later(80)
    await shown.now()
    assert.deepEqual(calls, [["setPart", SHOWN]])
  })

  it("is shown at once where that is asked for", async () => {
    const { host, calls } = noting()
    await shows(host, part("running")).now()
    assert.deepEqual(calls, [["setPart", SHOWN]])
  })

  it("is not shown where its call is over before", async () => {
    const { host, calls } = noting()
    await shows(host, part("running")).settled()
    await later(80)
    assert.deepEqual(calls, [])
  })

  it("is not shown in a call that is not known to run", async () => {
    const { host, calls } = noting()
    for (const of of [part("pending"), part("completed"), undefined]) await shows(host, of).now()
    assert.deepEqual(calls, [])
  })

  it("is over when what was begun to show it is, however that ended", async () => {
    /** @type {(error: Error) => void} */
    let refuse = () => {}
    const { host } = noting({ setPart: () => new Promise((_, reject) => (refuse = reject)) })
    const shown = shows(host, part("running"))
    let over = false
    const now = shown.now().then(() => (over = true))
    await later()
    assert.equal(over, false)
    refuse(new Error("refused"))
    await now
  })
})
