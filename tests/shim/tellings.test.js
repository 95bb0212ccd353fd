// How a caller is told of a background task: once, in a message of its own or along with the user's. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import "../../js/engine.js"
import { bindClient } from "../../js/opencode1/sdk/client.js"
import { ResultDelivery } from "../../js/opencode1/execute/result_delivery.js"
import { kept } from "./opencode.js"

const data = async (/** @type {unknown} */ data) => ({ data })
const NONE = { error: { name: "NotFoundError", data: { message: "Session not found" } } }

/** What OpenCode says where it does not answer. */
const REFUSED = { error: { name: "UnknownError" } }

/** As much of OpenCode and of the engine sync as a delivery needs. @param {{ caller?: any, child?: any, knows?: boolean, messages?: any, stored?: Promise<boolean>, refuses?: (times: number) => boolean }} [given] */
function world({ caller = { id: "ses_caller", agent: "build" }, child = { id: "ses_child" }, knows = true, messages = {}, stored, refuses = () => false } = {}) {
  const prompted = /** @type {any[]} */ ([])
  const events = /** @type {any[]} */ ([])
  const said = /** @type {string[]} */ ([])
  const session = {
    get: async (/** @type {any} */ { path }) => { const found = path.id === "ses_caller" ? caller : child; return found.error ? found : { data: found } },
    messages: async (/** @type {any} */ { path }) => { const found = messages[path.id] ?? []; return found.error ? found : { data: found } },
    promptAsync: async (/** @type {any} */ asked) => (prompted.push(asked), refuses(prompted.length) ? REFUSED : data(true)),
  }
  const sync = {
    whenStored: () => stored ?? Promise.resolve(true),
    session: (/** @type {string} */ id) => (id === "ses_caller" ? { id, agent: "known" } : knows ? { id, slug: "auth" } : undefined),
    hasChild: () => knows,
    apply: (/** @type {any} */ event) => void events.push(event),
  }
  const delivery = new ResultDelivery(bindClient(/** @type {any} */ ({ session, app: {}, config: {}, tui: {} })), /** @type {any} */ (sync), (message) => said.push(message))
  const told = () => events.filter(({ type }) => type === "task.told").map(({ sessionID, turn, told }) => [sessionID, turn, told])
  return { delivery, sync, prompted, events, said, told }
}

const SEED = "0123456789abcd"
const to = (fields = {}) => ({ taskID: "bg_1", callerID: "ses_caller", messageID: "msg_1", partID: `prt_1${SEED}`, joins: false, lost: false, ...fields })
/** @param {object} [fields] @param {object} [telling] @returns {any} */
const ending = (fields, telling) => ({ type: "deliver", sessionID: "ses_child", turn: 2, state: "idle", notices: [], to: to(telling), ...fields })

const said = (/** @type {string} */ text) => [{ info: { id: "u1", role: "user" }, parts: [{ type: "text", text: "Go." }] }, { info: { id: "a1", role: "assistant", finish: "stop" }, parts: [{ type: "text", text }] }]

describe("a caller is told of a task", () => {
  it("in a message of its own, as the agent that it is", async () => {
    const { delivery, prompted, told } = world()
    await delivery.deliver(ending(), { text: "Done." })
    const [{ path, body: { parts: [{ text, ...part }], ...body } }] = prompted
    assert.deepEqual(path, { id: "ses_caller" })
    assert.deepEqual(body, { messageID: "msg_1", agent: "build" })
    assert.deepEqual(part, { id: `prt_1${SEED}`, type: "text", synthetic: true })
    assert.match(text, /Background task bg_1 is completed[^]*\nDone\.\n[^]*\ntask_id: auth$/)
    assert.deepEqual(told(), [["ses_child", 2, true]])
  })

  it("by the next plugin where this one has ended", async () => {
    const { delivery, sync, prompted } = world()
    Object.assign(sync, { closed: true })
    await delivery.deliver(ending(), { text: "Done." })
    assert.deepEqual(prompted, [])
  })

  it("as the agent that it was, where OpenCode does not say", async () => {
    const { delivery, prompted } = world({ caller: { id: "ses_caller" } })
    await delivery.deliver(ending(), { text: "Done." })
    assert.equal(prompted[0].body.agent, "known")
  })

  it("not before it is kept which message tells it", async () => {
    let keep = () => {}
    const { delivery, prompted } = world({ stored: new Promise((resolve) => (keep = () => resolve(true))) })
    const delivered = delivery.deliver(ending(), { text: "Done." })
    await new Promise((resolve) => setTimeout(resolve))
    assert.deepEqual(prompted, [])
    keep()
    await delivered
    assert.equal(prompted.length, 1)
  })

  /** What is known, what it is told of, and what stands in it. @type {[string, Parameters<typeof world>[0], any, RegExp][]} */
  const CASES = [
    ["with the answer that stands in its session", { messages: { ses_child: said("Done.") } }, ending({}, { asked: "u1" }), /is completed[^]*\nDone\.\n/],
    ["without an answer that was to another prompt", { messages: { ses_child: said("Done.") } }, ending({}, { asked: "u2" }), /has ended/],
    ["without an answer where it failed, whatever was said", { messages: { ses_child: said("Done.") } }, ending({ state: "failed", message: "429" }, { asked: "u1" }), /failed<[^]*\n429\n/],
    ["by the id of a session that is not known", { knows: false }, ending({ state: "failed", message: "429" }), /\ntask_id: ses_child \(its session is kept/],
    ["that its session is gone", { knows: false, child: NONE }, ending({ state: "failed" }, { lost: true }), /Its session was deleted/],
    ["that its process is gone where its session is not", { child: NONE }, ending({ state: "failed" }, { lost: true }), /The process that ran it/],
  ]
  for (const [what, given, of, expected] of CASES) {
    it(what, async () => {
      const { delivery, prompted, told } = world(given)
      await delivery.deliver(of)
      assert.match(prompted[0].body.parts[0].text, expected)
      assert.deepEqual(told(), [["ses_child", 2, true]])
    })
  }
})

describe("a caller is not told", () => {
  const holding = (/** @type {string} */ id) => ({ ses_caller: [{ info: { id: "m0", role: "user" }, parts: [] }, { info: { id: "m1", role: "user" }, parts: [{ id: "prt_0" }, { id }] }] })

  /** @type {[string, Parameters<typeof world>[0], any, boolean | undefined][]} */
  const CASES = [
    ["of what it is not to be told", {}, ending({ to: undefined }), undefined],
    ["what it was told, by whichever message", { messages: holding(`prt_9${SEED}`) }, ending({}, { unless: ["m1"] }), true],
    ["anything once it is gone", { caller: NONE }, ending(), true],
    ["anything yet where it cannot be kept which message tells it", { stored: Promise.resolve(false) }, ending(), false],
    ["anything yet where OpenCode does not say whether it is there", { caller: REFUSED }, ending(), false],
    ["anything yet where OpenCode does not say whether it was told", { messages: { ses_caller: REFUSED } }, ending({}, { unless: ["m1"] }), false],
    ["anything yet where OpenCode does not say what was answered", { messages: { ses_child: REFUSED } }, ending(), false],
  ]
  for (const [what, given, of, expected] of CASES) {
    it(what, async () => {
      const { delivery, prompted, told, said } = world(given)
      await delivery.deliver(of, what.endsWith("answered") ? undefined : { text: "Done." })
      assert.deepEqual(prompted, [])
      assert.deepEqual(told(), expected === undefined ? [] : [["ses_child", 2, expected]])
      assert.equal(said.length, expected === false ? 1 : 0)
    })
  }

  it("of another's task for its own, nor twice for what nobody meant to tell", async () => {
    for (const telling of [{ unless: ["m1"] }, {}]) {
      const { delivery, prompted } = world({ messages: holding(telling.unless ? "prt_9dcba9876543210" : `prt_9${SEED}`) })
      await delivery.deliver(ending({}, telling), { text: "Done." })
      assert.equal(prompted.length, 1)
    }
  })

  for (const [what, until, waits] of /** @type {[string, number, number[]][]} */ ([["is tried again", 2, [1_000, 2_000]], ["is tried four times", 9, [1_000, 2_000, 3_000]]])) {
    it(`in vain of a session that is gone, of which no next turn tells: it ${what}`, async () => {
      const waited = /** @type {number[]} */ ([])
      const real = globalThis.setTimeout
      const quick = (/** @type {() => void} */ work, /** @type {number} */ ms) => real(work, ms <= 3_000 ? (waited.push(ms), 1) : ms)
      globalThis.setTimeout = /** @type {any} */ (quick)
      try {
        const { delivery, prompted, told } = world({ knows: false, child: NONE, refuses: (times) => times <= until })
        await kept(delivery.deliver(ending(), { text: "Done." }))
        assert.deepEqual(waited, waits)
        assert.equal(prompted.length, waits.length + 1)
        assert.deepEqual(told(), [["ses_child", 2, until < 4]])
      } finally {
        globalThis.setTimeout = real
      }
    })
  }

  it("where OpenCode refuses, and told so next time", async () => {
    const { delivery, told, said } = world({ refuses: () => true })
    await delivery.deliver(ending(), { text: "Done." })
    assert.deepEqual(told(), [["ses_child", 2, false]])
    assert.match(said.join(), /^The result of bg_1 could not be delivered\. It is delivered at the caller's next turn: OpenCode refused/)
  })
})

describe("along with the user's message goes", () => {
  it("what was waiting for it, and no longer", async () => {
    const { delivery, sync, prompted, events, told } = world()
    const { apply } = sync
    /** What the engine has told with the next message of the caller. */
    let joining = [ending({}, { joins: true, messageID: "msg_user" })]
    sync.apply = (event) => {
      if (event.type === "session.prompted") queueMicrotask(() => joining.forEach((one) => void delivery.deliver(one, { text: "Done." })))
      apply(event)
    }
    const parts = await delivery.partsFor("ses_caller", "msg_user")
    assert.deepEqual(parts.map(({ text, ...part }) => part), [{ id: `prt_1${SEED}`, type: "text", synthetic: true, messageID: "msg_user", sessionID: "ses_caller" }])
    assert.match(parts[0].text, /\nDone\.\n/)
    const [{ now, ...event }] = events
    assert.deepEqual(event, { type: "session.prompted", sessionID: "ses_caller", messageID: "msg_user" })
    // Who dies before the message is stored has told nothing.
    assert.deepEqual([prompted, told()], [[], []])
    delivery.messageStored("ses_caller", "msg_user")
    assert.deepEqual(told(), [["ses_child", 2, true]])
    joining = []
    assert.deepEqual(await delivery.partsFor("ses_caller", "msg_next"), [])
  })

  /** What is seen after two messages told something, and what is noted of them. @type {[string, [string, string][], [string, number, boolean][]][]} */
  const SEEN = [
    ["the first", [["ses_caller", "msg_a"]], [["ses_child", 1, true]]],
    ["the second only, the first is to be told again", [["ses_caller", "msg_b"]], [["ses_child", 1, false], ["ses_child", 2, true]]],
    ["a later one only, both are", [["ses_caller", "msg_c"]], [["ses_child", 1, false], ["ses_child", 2, false]]],
    ["both, in turn", [["ses_caller", "msg_a"], ["ses_caller", "msg_b"], ["ses_caller", "msg_b"]], [["ses_child", 1, true], ["ses_child", 2, true]]],
    ["one before, nothing is noted", [["ses_caller", "msg_0"]], []],
    ["another session's, nothing is noted", [["ses_other", "msg_c"]], []],
  ]
  for (const [what, seen, noted] of SEEN) {
    it(`what is told once its message is seen: where that is ${what}`, async () => {
      const { delivery, told } = world()
      for (const [turn, messageID] of /** @type {[number, string][]} */ ([[1, "msg_a"], [2, "msg_b"]])) {
        await delivery.deliver(ending({ turn }, { joins: true, messageID }), { text: "Done." })
      }
      for (const one of seen) delivery.messageStored(...one)
      assert.deepEqual(told(), noted)
    })
  }

  it("its own, where another message comes at the same moment", async () => {
    const { delivery, sync } = world()
    sync.apply = ({ type, messageID }) => {
      if (type === "session.prompted") queueMicrotask(() => void delivery.deliver(ending({}, { joins: true, messageID }), { text: "Done." }))
    }
    const along = await Promise.all(["msg_a", "msg_b"].map((messageID) => delivery.partsFor("ses_caller", messageID)))
    assert.deepEqual(along.map((parts) => parts.map(({ messageID }) => messageID)), [["msg_a"], ["msg_b"]])
  })

  it("nothing that it holds already, or that could not be read", async () => {
    for (const messages of [{ ses_caller: [{ info: {}, parts: [{ id: `prt_0${SEED}` }] }] }, { ses_caller: REFUSED }]) {
      const { delivery, sync } = world({ messages })
      sync.apply = (event) => {
        if (event.type === "session.prompted") queueMicrotask(() => void delivery.deliver(ending({}, { joins: true, unless: ["m1"] }), { text: "Done." }))
      }
      assert.deepEqual(await delivery.partsFor("ses_caller", "msg_user"), [])
    }
  })
})
