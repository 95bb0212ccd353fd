// The caches that events fill (calls, speakers, permissions), and the writes to OpenCode: errors, records. Runs
// under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import "../../js/engine.js"
import { ErrorPatches } from "../../js/opencode1/execute/error_patches.js"
import { RecordWriter } from "../../js/core/record_writer.js"
import { CallCache } from "../../js/opencode1/sync/call_cache.js"
import { later, noting } from "./opencode.js"

describe("Reading a running call", () => {
  const speaker = { id: "msg_1", sessionID: "ses_1", role: "assistant", providerID: "p", modelID: "one" }
  const part = (/** @type {string} */ status, fields = {}) => ({ id: "prt_1", type: "tool", tool: "task", sessionID: "ses_1", messageID: "msg_1", callID: "c1", state: { status }, ...fields })
  const running = part("running")

  /** The events, and whether they suffice. @type {[string, [string, any][], boolean][]} */
  const CASES = [
    ["A call is read from its events alone", [["message.updated", { info: speaker }], ["message.part.updated", { part: running }]], true],
    ["A call without events is read from OpenCode", [], false],
    ["A call whose speaker is unknown is read from OpenCode", [["message.part.updated", { part: running }]], false],
    ["A call after which another agent spoke is read from OpenCode", [["message.updated", { info: { ...speaker, id: "msg_2" } }], ["message.part.updated", { part: running }]], false],
    ["A call after which the user spoke is read from OpenCode", [["message.updated", { info: { ...speaker, role: "user" } }], ["message.part.updated", { part: running }]], false],
    ["A call whose part is unknown is read from OpenCode", [["message.updated", { info: speaker }]], false],
    ["A call is read from OpenCode if another call runs", [["message.updated", { info: speaker }], ["message.part.updated", { part: part("running", { callID: "c2" }) }]], false],
    ["A call is read from OpenCode if another tool runs", [["message.updated", { info: speaker }], ["message.part.updated", { part: part("running", { tool: "read" }) }]], false],
    ["A call that has ended is read from OpenCode", [["message.updated", { info: speaker }], ["message.part.updated", { part: running }], ["message.part.updated", { part: part("completed") }]], false],
    ["A call of an earlier message with its id does not stand for a call", [["message.updated", { info: speaker }], ["message.part.updated", { part: part("running", { messageID: "msg_0" }) }]], false],
    ["A call that is not running yet is read from OpenCode", [["message.updated", { info: speaker }], ["message.part.updated", { part: part("pending") }]], false],
    ["A call outlives another session", [["message.updated", { info: speaker }], ["message.part.updated", { part: running }], ["session.deleted", { info: { id: "ses_2" } }]], true],
    ["A call of a deleted session is read from OpenCode", [["message.updated", { info: speaker }], ["message.part.updated", { part: running }], ["session.deleted", { info: { id: "ses_1" } }]], false],
  ]
  for (const [what, events, suffices] of CASES) {
    it(what, async () => {
      const { host, calls } = noting({ message: () => ({ info: speaker, parts: [part("running", { callID: "c0" }), running] }) })
      const cache = new CallCache(host)
      for (const [type, properties] of events) cache.handleEvent(type, properties)
      assert.deepEqual(await cache.call("ses_1", "msg_1", "c1"), { speaker, part: running })
      assert.deepEqual(calls, suffices ? [] : [["message", "ses_1", "msg_1"]])
    })
  }
})

describe("The origin of a call", () => {
  const speaker = (id = "msg_1", fields = {}) => ({ id, sessionID: "ses_1", role: "assistant", time: { created: 1 }, ...fields })
  const part = (/** @type {string} */ id, /** @type {string} */ callID, fields = {}) => ({ id, type: "tool", tool: "task", sessionID: "ses_1", messageID: "msg_1", callID, state: { status: "running" }, ...fields })
  const said = (/** @type {any} */ info) => /** @type {[string, any]} */ (["message.updated", { info }])
  const shown = (/** @type {any} */ of) => /** @type {[string, any]} */ (["message.part.updated", { part: of }])
  const earlier = part("prt_0", "call_0", { messageID: "msg_0" })

  /** The events, the messages in OpenCode, the call's id, its origin, and whether OpenCode had to be asked. @type {[string, [string, any][], any[], string, object, boolean][]} */
  const CASES = [
    ["A model's call is known by the id in its part", [said(speaker()), shown(part("prt_1", "call_0"))], [], "call_0", { messageID: "msg_1", by: "model" }, false],
    ["A model's call that is not running yet is known", [said(speaker()), shown(part("prt_1", "call_0", { state: { status: "pending" } }))], [], "call_0", { messageID: "msg_1", by: "model" }, false],
    ["A user's call is known by the id of its part", [said(speaker()), shown(part("prt_1", "own"))], [], "prt_1", { messageID: "msg_1", by: "user" }, false],
    ["A model's call that bears the id of a part is no user's", [said(speaker()), shown(part("prt_1", "own")), shown(part("prt_2", "prt_1"))], [], "prt_1", { messageID: "msg_1", by: "model" }, false],
    ["A model's call with an id like a part's is no user's", [], [{ info: speaker(), parts: [part("prt_2", "prt_1")] }], "prt_1", { messageID: "msg_1", by: "model" }, true],
    ["A call of an earlier message with the same id is another call", [said(speaker()), shown(earlier)], [{ info: speaker(), parts: [part("prt_1", "call_0")] }], "call_0", { messageID: "msg_1", by: "model" }, true],
    ["A user's call without events is read from OpenCode", [], [{ info: speaker(), parts: [part("prt_1", "own")] }], "prt_1", { messageID: "msg_1", by: "user" }, true],
    ["A user's call that has ended makes no later call the user's", [], [{ info: speaker(), parts: [part("prt_1", "own", { state: { status: "completed" } })] }], "prt_1", { messageID: "msg_1", by: "model" }, true],
    ["A call whose part is not stored yet is of the message that runs", [], [{ info: speaker(), parts: [] }, { info: { id: "msg_2", role: "user" }, parts: [] }], "call_0", { messageID: "msg_1", by: "model" }, true],
    ["A user's call whose end was shown makes no later call the user's", [said(speaker()), shown(part("prt_1", "own")), shown(part("prt_1", "own", { state: { status: "completed" } }))], [{ info: speaker(), parts: [] }], "prt_1", { messageID: "msg_1", by: "model" }, true],
    ["A model's call with the id of another tool's part is no user's", [], [{ info: speaker(), parts: [part("prt_1", "own", { tool: "read" })] }], "prt_1", { messageID: "msg_1", by: "model" }, true],
    ["A call of a message without times is of that message", [], [{ info: { id: "msg_1", role: "assistant" }, parts: [] }], "call_0", { messageID: "msg_1", by: "model" }, true],
    ["A call without a part is of no message that has ended", [], [{ info: speaker("msg_1", { time: { completed: 2 } }), parts: [] }], "call_0", { messageID: undefined, by: "model" }, true],
  ]
  for (const [what, events, messages, callID, expected, asks] of CASES) {
    it(what, async () => {
      const { host, calls } = noting({ lastMessages: () => messages })
      const cache = new CallCache(host)
      for (const [type, properties] of events) cache.handleEvent(type, properties)
      assert.deepEqual(await cache.origin("ses_1", callID, undefined), expected)
      assert.deepEqual(calls, asks ? [["lastMessages", "ses_1"]] : [])
    })
  }

  it("A call whose part was shown waits for its session's earlier call", async () => {
    const reads = /** @type {((messages: any[]) => void)[]} */ ([])
    const { host } = noting({ lastMessages: () => new Promise((resolve) => reads.push(resolve)) })
    const cache = new CallCache(host)
    for (const [type, properties] of [said(speaker()), shown(part("prt_2", "call_2"))]) cache.handleEvent(type, properties)
    const order = /** @type {string[]} */ ([])
    const asked = ["call_1", "call_2"].map((callID) => cache.origin("ses_1", callID, "Do it.").then(() => order.push(callID)))
    for (const resolve of reads) setTimeout(() => resolve([{ info: speaker(), parts: [part("prt_1", "call_1")] }]))
    await Promise.all(asked)
    assert.deepEqual(order, ["call_1", "call_2"])
  })

  it("A call is the model's if OpenCode does not answer", async () => {
    const { host, calls } = noting({ lastMessages: () => Promise.reject(new Error("No.")) })
    assert.deepEqual(await new CallCache(host).origin("ses_1", "prt_1", undefined), { messageID: undefined, by: "model" })
    assert.equal(calls.length, 2)
  })

  it("A call of a deleted session is read from OpenCode", async () => {
    const { host, calls } = noting({ lastMessages: () => [] })
    const cache = new CallCache(host)
    for (const [type, properties] of [said(speaker()), shown(part("prt_1", "own")), /** @type {[string, any]} */ (["session.deleted", { info: { id: "ses_1" } }])]) cache.handleEvent(type, properties)
    assert.equal((await cache.origin("ses_1", "prt_1", undefined)).by, "model")
    assert.equal(calls.length, 2)
  })
})

describe("A session's own rules", () => {
  const rule = { permission: "edit", pattern: "*", action: "deny" }
  const info = { id: "ses_1", permission: [rule] }

  /** The events, the rules, and whether OpenCode had to be asked. @type {[string, [string, any][], any[], boolean][]} */
  const CASES = [
    ["A new session's rules come from its event", [["session.created", { info }]], [rule], false],
    ["Changed rules come from their event", [["session.created", { info: { id: "ses_1" } }], ["session.updated", { info }]], [rule], false],
    ["An event without rules means no rules", [["session.updated", { info: { id: "ses_1" } }]], [], false],
    ["Unknown rules are read from OpenCode", [["session.created", { info: { ...info, id: "ses_2" } }]], [rule], true],
    ["A deleted session's rules are read from OpenCode", [["session.created", { info: { id: "ses_1" } }], ["session.deleted", { info }]], [rule], true],
  ]
  for (const [what, events, expected, asks] of CASES) {
    it(what, async () => {
      const { host, calls } = noting({ session: () => info })
      const cache = new CallCache(host)
      for (const [type, properties] of events) cache.handleEvent(type, properties)
      for (const _ of ["once", "again"]) assert.deepEqual(await cache.permission("ses_1"), expected)
      assert.deepEqual(calls, asks ? [["session", "ses_1"]] : [])
    })
  }
})

describe("The error of a call", () => {
  const part = (error = "No.") => ({ id: "prt_1", messageID: "msg_1", sessionID: "ses_1", callID: "c1", type: "tool", tool: "task", state: { status: "error", error, metadata: { sessionId: "ses_2" } } })
  const MENDED = { status: "error", error: "No.\ntask_id: auth (its session is kept: give this task_id to go on with it)", metadata: { sessionId: "ses_2", delegate: { task_id: "auth", asked: "Auth" } } }

  it("An error gets its session's name in OpenCode, and in the model's messages until it is stored", async () => {
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

  it("An error that has the name stays unchanged", () => {
    const { host, calls } = noting()
    new ErrorPatches(host, assert.fail).patch(part(MENDED.error), "auth")
    assert.deepEqual(calls, [])
  })

  it("A part whose error changes again is ready once its last patch is made", async () => {
    const patches = new ErrorPatches(noting().host, assert.fail)
    const ends = /** @type {(() => void)[]} */ ([])
    const patching = () => patches.after("prt_1", new Promise((resolve) => ends.push(() => resolve())))
    const first = patching()
    const last = patching()
    ends[0]()
    await first
    let ready = false
    const whenReady = patches.whenMade("prt_1").then(() => (ready = true))
    await later()
    assert.equal(ready, false)
    ends[1]()
    await last
    await whenReady
    await patches.whenMade("prt_2")
  })

  it("An error that could not be stored keeps its name for the model, and is reported", async () => {
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

describe("A record", () => {
  /** @param {Record<string, any>} [metadata] of each session */
  function recording(metadata = {}) {
    const failed = /** @type {string[]} */ ([])
    const stored = /** @type {string[]} */ ([])
    const answers = {
      session: (/** @type {string} */ id) => ({ id, metadata: metadata[id] }),
      setMetadata: (/** @type {string} */ id, /** @type {any} */ data) => ({ id, metadata: (metadata[id] = data) }),
    }
    const { host, calls } = noting(answers)
    const records = new RecordWriter(host, (id, error) => error ? failed.push(`${id} ${error.message}`) : stored.push(id))
    return { calls, metadata, answers, failed, stored, records }
  }

  it("A record is written at once, beside others' metadata", async () => {
    const { records, metadata } = recording({ a: { theirs: 1, delegate: { used: 0 } } })
    records.store("a", { used: 1 }, false)
    await records.whenWritten("a")
    assert.deepEqual(metadata.a, { theirs: 1, delegate: { used: 1 } })
  })

  it("A record is written beside the newest metadata of events, without a read", async () => {
    const { records, calls } = recording()
    records.noteMetadata("a", { theirs: 1 })
    records.noteMetadata("a", { theirs: 2 })
    records.store("a", { used: 1 }, false)
    await records.whenWritten("a")
    records.store("a", { used: 2 }, false)
    await records.flush()
    assert.deepEqual(calls.map(([name, , data]) => [name, data]), [["setMetadata", { theirs: 2, delegate: { used: 1 } }], ["setMetadata", { theirs: 2, delegate: { used: 2 } }]])
  })

  it("A record of a session without metadata is written", async () => {
    const { records, metadata, failed } = recording()
    records.store("a", { used: 1 }, false)
    await records.flush()
    assert.deepEqual([metadata.a, failed], [{ delegate: { used: 1 } }, []])
  })

  it("A record that is stored already is not written again", async () => {
    const { records, calls, stored } = recording({ a: { delegate: { used: 1 } } })
    records.store("a", { used: 1 }, false)
    await records.whenWritten("a")
    assert.deepEqual(calls.map(([name]) => name), ["session"])
    assert.deepEqual(stored, ["a"])
  })

  it("The last waiting record of a session is written", async () => {
    const { records, calls, stored } = recording({ a: {} })
    for (const used of [1, 2, 3]) records.store("a", { used }, false)
    await records.whenWritten("a")
    // The engine hears of the last record alone.
    assert.deepEqual(stored, ["a"])
    assert.deepEqual(calls.filter(([name]) => name === "setMetadata").map(([, , { delegate }]) => delegate.used), [3])
  })

  it("Records of two sessions are written side by side", async () => {
    const { records, calls } = recording()
    records.noteMetadata("a")
    records.noteMetadata("b")
    records.store("a", {}, false)
    records.store("b", {}, false)
    const written = ["a", "b"].map((id) => records.whenWritten(id))
    assert.deepEqual(calls.map(([name, id]) => [name, id]), [["setMetadata", "a"], ["setMetadata", "b"]])
    await Promise.all(written)
  })

  it("A record that comes during a write and cannot be written is not taken for a written one", async () => {
    const { host } = noting({ session: () => ({ metadata: {} }), setMetadata: async (_, { delegate }) => { await later(5); if (delegate.used === 2) throw new Error("refused"); return { metadata: { delegate } } } })
    const records = new RecordWriter(host, () => {})
    records.store("a", { used: 1 }, false)
    const written = records.whenWritten("a")
    records.store("a", { used: 2 }, false)
    assert.equal(await written, false)
    await later(60)
    assert.equal(await records.whenWritten("a"), false)
  })

  it("An urgent record for which nobody waits is written in a moment", async () => {
    const { records, stored } = recording({ a: {} })
    records.store("a", { used: 1 }, true)
    records.store("a", { used: 2 }, false)
    await later(100)
    assert.deepEqual(stored, ["a"])
  })

  it("A record that can wait is written by a flush", async () => {
    const { records, calls } = recording({ a: {} })
    records.store("a", { used: 1 }, true)
    records.store("a", { used: 2 }, true)
    await records.whenWritten("a")
    await later()
    assert.deepEqual(calls, [])
    await records.flush()
    assert.deepEqual(calls.at(-1), ["setMetadata", "a", { delegate: { used: 2 } }])
  })

  it("A record that can wait is written later without a flush, once", async () => {
    const { setTimeout } = globalThis
    globalThis.setTimeout = /** @type {any} */ ((/** @type {() => void} */ work) => setTimeout(work, 1))
    try {
      const { records, calls } = recording({ a: {} })
      records.store("a", { used: 1 }, true)
      records.store("a", { used: 2 }, true)
      await new Promise((resolve) => setTimeout(resolve, 20))
      assert.deepEqual(calls.slice(1), [["setMetadata", "a", { delegate: { used: 2 } }]])
    } finally {
      globalThis.setTimeout = setTimeout
    }
  })

  it("A record that a failed write leaves to wait is not written at once", async () => {
    const { host, calls } = noting({ session: () => ({ metadata: {} }), setMetadata: () => { throw new Error("refused") } })
    /** @type {RecordWriter} */
    const records = new RecordWriter(host, (id) => records.store(id, { used: 1 }, true))
    records.store("a", { used: 0 }, false)
    assert.equal(await records.whenWritten("a"), false)
    await later()
    assert.equal(calls.filter(([name]) => name === "setMetadata").length, 1)
    records.forget("a")
    assert.equal(await records.whenWritten("a"), true)
  })

  it("A record that can wait is replaced by an urgent one", async () => {
    const { records, metadata } = recording({ a: {} })
    records.store("a", { used: 1 }, true)
    records.store("a", { used: 2 }, false)
    await records.whenWritten("a")
    assert.deepEqual(metadata.a, { delegate: { used: 2 } })
  })

  it("A record of a deleted session is not written", async () => {
    const { records, calls } = recording()
    records.store("a", {}, true)
    records.forget("a")
    await records.flush()
    assert.deepEqual(calls, [])
  })

  it("A record that cannot be written is reported, and the next one is written", async () => {
    const { records, failed, stored, answers, metadata } = recording({ a: {} })
    const { setMetadata } = answers
    answers.setMetadata = () => { throw new Error("refused") }
    records.store("a", { used: 1 }, false)
    await records.flush()
    assert.deepEqual([failed, stored], [["a refused"], []])
    answers.setMetadata = setMetadata
    records.store("a", { used: 2 }, false)
    await records.flush()
    assert.deepEqual(metadata.a, { delegate: { used: 2 } })
  })

  it("A record that the report of a failure brings is written", async () => {
    const { host, calls } = noting({ session: () => ({ metadata: {} }), setMetadata: (_, { delegate }) => { if (!delegate.used) throw new Error("refused"); return { metadata: { delegate } } } })
    /** @type {RecordWriter} */
    const records = new RecordWriter(host, (id, error) => void (error && records.store(id, { used: 1 }, false)))
    records.store("a", { used: 0 }, false)
    await records.flush()
    assert.deepEqual(calls.filter(([name]) => name === "setMetadata").map(([, , { delegate }]) => delegate.used), [0, 1])
  })

  it("A record waits for the write before it, and the last one alone is reported", async () => {
    const { records, calls, answers, stored } = recording({ a: {} })
    const { setMetadata } = answers
    const writes = /** @type {(() => void)[]} */ ([])
    answers.setMetadata = (id, data) => /** @type {any} */ (new Promise((resolve) => writes.push(() => resolve(setMetadata(id, data)))))
    const used = () => calls.filter(([name]) => name === "setMetadata").map(([, , { delegate }]) => delegate.used)
    const written = [1, 2].map(async (used) => {
      records.store("a", { used }, false)
      const done = records.whenWritten("a")
      await later(5)
      return done
    })
    await later(20)
    assert.deepEqual([used(), stored], [[1], []])
    writes[0]()
    await later(20)
    assert.deepEqual([used(), stored], [[1, 2], []])
    writes[1]()
    assert.deepEqual(await Promise.all(written), [true, true])
    assert.deepEqual(stored, ["a"])
  })

  it("A record that can wait is written by a flush that begins with the report of a failure", async () => {
    const { host, calls } = noting({ session: () => ({ metadata: {} }), setMetadata: (_, { delegate }) => { if (!delegate.used) throw new Error("refused"); return { metadata: { delegate } } } })
    let flushed = Promise.resolve()
    /** @type {RecordWriter} */
    const records = new RecordWriter(host, (id, error) => {
      if (!error) return
      records.store(id, { used: 1 }, true)
      flushed = records.flush()
    })
    records.store("a", { used: 0 }, false)
    await records.whenWritten("a")
    await flushed
    assert.deepEqual(calls.filter(([name]) => name === "setMetadata").map(([, , { delegate }]) => delegate.used), [0, 1])
  })
})
