// How a background result is delivered: once, in a message of its own or with the user's message. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import "../../js/engine.js"
import { bindClient } from "../../js/opencode1/sdk/client.js"
import { ResultDelivery } from "../../js/opencode1/execute/result_delivery.js"
import { kept } from "./opencode.js"

const data = async (/** @type {unknown} */ data) => ({ data })
const NONE = { error: { name: "NotFoundError", data: { message: "Session not found" } } }

/** The answer of an OpenCode that refuses. */
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
    session: (/** @type {string} */ id) => (id === "ses_caller" ? { id, agent: "known" } : knows ? { id, slug: "auth", description: "Find it" } : undefined),
    nameFor: (/** @type {string} */ id) => (knows ? "auth" : id),
    hasChild: () => knows,
    apply: (/** @type {any} */ event) => void events.push(event),
  }
  const delivery = new ResultDelivery(bindClient(/** @type {any} */ ({ session, app: {}, config: {}, tui: {} })), /** @type {any} */ (sync), (message) => said.push(message))
  const forget = () => void (knows = false)
  const delivered = () => events.filter(({ type }) => type === "task.delivered").map(({ sessionID, prompt_no, delivered }) => [sessionID, prompt_no, delivered])
  return { delivery, sync, host: session, prompted, events, said, delivered, forget }
}

const SEED = "0123456789abcd"
const to = (fields = {}) => ({ taskID: "bg_1", callerID: "ses_caller", messageID: "msg_1", partID: `prt_1${SEED}`, joins: false, lost: false, ...fields })
/** @param {object} [fields] @param {object} [target] @returns {any} */
const ending = (fields, target) => ({ type: "deliver", sessionID: "ses_child", prompt_no: 2, state: "idle", notices: [], to: to(target), ...fields })

const said = (/** @type {string} */ text) => [{ info: { id: "u1", role: "user" }, parts: [{ type: "text", text: "Go." }] }, { info: { id: "a1", role: "assistant", finish: "stop" }, parts: [{ type: "text", text }] }]

describe("A delivery", () => {
  it("A result is delivered in a message of its own, to the caller's agent", async () => {
    const { delivery, prompted, delivered } = world()
    await delivery.deliver(ending(), { text: "Done." })
    const [{ path, body: { parts: [{ text, ...part }], ...body } }] = prompted
    assert.deepEqual(path, { id: "ses_caller" })
    assert.deepEqual(body, { messageID: "msg_1", agent: "build" })
    assert.deepEqual(part, { id: `prt_1${SEED}`, type: "text", synthetic: true, metadata: { delegate: { result: true } } })
    assert.match(text, /Background task bg_1 is completed[^]*\nDone\.\n[^]*\ntask_id: auth$/)
    assert.deepEqual(delivered(), [["ses_child", 2, true]])
  })

  it("An unloaded plugin delivers nothing", async () => {
    const { delivery, sync, prompted, delivered } = world()
    Object.assign(sync, { closed: true })
    await delivery.deliver(ending(), { text: "Done." })
    assert.deepEqual([prompted, delivered()], [[], [["ses_child", 2, false]]])
  })

  it("The engine's agent is used if OpenCode does not name the caller's", async () => {
    const { delivery, prompted } = world({ caller: { id: "ses_caller" } })
    await delivery.deliver(ending(), { text: "Done." })
    assert.equal(prompted[0].body.agent, "known")
  })

  it("OpenCode chooses the agent if neither it nor the engine names the caller's", async () => {
    const { delivery, sync, prompted } = world({ caller: { id: "ses_caller" } })
    Object.assign(sync, { session: () => undefined })
    await delivery.deliver(ending(), { text: "Done." })
    assert.deepEqual(prompted.map(({ body }) => body.agent), [undefined])
  })

  it("A result whose message OpenCode refused is sent in the next one at once", async () => {
    const { delivery, prompted, delivered } = world({ refuses: (times) => times === 1 })
    await delivery.deliver(ending(), { text: "Done." })
    await delivery.deliver(ending({}, { messageID: "msg_2", unless: ["msg_1"] }), { text: "Done." })
    assert.deepEqual(prompted.map(({ body }) => body.messageID), ["msg_1", "msg_2"])
    assert.deepEqual(delivered(), [["ses_child", 2, false], ["ses_child", 2, true]])
  })

  it("A result is delivered only after its message's id is stored", async () => {
    let keep = () => {}
    const { delivery, prompted } = world({ stored: new Promise((resolve) => (keep = () => resolve(true))) })
    const delivered = delivery.deliver(ending(), { text: "Done." })
    await new Promise((resolve) => setTimeout(resolve))
    assert.deepEqual(prompted, [])
    keep()
    await delivered
    assert.equal(prompted.length, 1)
  })

  /** The world, the ending of the task, and the delivered text. @type {[string, Parameters<typeof world>[0], any, RegExp][]} */
  const CASES = [
    ["A result is delivered with the answer from its session", { messages: { ses_child: said("Done.") } }, ending({}, { asked: "u1" }), /is completed[^]*\nDone\.\n/],
    ["An answer to another prompt is not delivered", { messages: { ses_child: said("Done.") } }, ending({}, { asked: "u2" }), /has ended/],
    ["A failed task is delivered with its error, not with the last text", { messages: { ses_child: said("Done.") } }, ending({ state: "failed", message: "429" }, { asked: "u1" }), /failed<[^]*\n429\n/],
    ["A failed task is delivered, though its session is unreadable", { messages: { ses_child: REFUSED } }, ending({ state: "failed", message: "429" }), /failed<[^]*\n429\n/],
    ["A failed task whose session was deleted is delivered with its error", { knows: false, child: NONE }, ending({ state: "failed", message: "429" }), /failed<[^]*\n429\n/],
    ["A session without a name is delivered with its id", { knows: false }, ending({ state: "failed", message: "429" }), /\ntask_id: ses_child \(its session is kept/],
    ["A lost task whose session was deleted is delivered as such", { knows: false, child: NONE }, ending({ state: "failed" }, { lost: true }), /Its session was deleted/],
    ["A lost task whose session is unreadable names its dead process", { knows: false, child: REFUSED }, ending({ state: "failed" }, { lost: true }), /Its process ended before it gave an answer/],
    ["A lost task whose session exists names its dead process", { child: NONE }, ending({ state: "failed" }, { lost: true }), /Its process ended before it gave an answer/],
  ]
  for (const [what, given, of, expected] of CASES) {
    it(what, async () => {
      const { delivery, prompted, delivered } = world(given)
      await delivery.deliver(of)
      assert.match(prompted[0].body.parts[0].text, expected)
      assert.deepEqual(delivered(), [["ses_child", 2, true]])
    })
  }
})

describe("No delivery", () => {
  const holding = (/** @type {string} */ id) => ({ ses_caller: [{ info: { id: "m0", role: "user" }, parts: [] }, { info: { id: "m1", role: "user" }, parts: [{ id: "prt_0" }, { id }] }] })

  /** @type {[string, Parameters<typeof world>[0], any, boolean | undefined][]} */
  const CASES = [
    ["A task without a delivery sends no message", {}, ending({ to: undefined }), undefined],
    ["A result that is in the conversation is not delivered again", { messages: holding(`prt_9${SEED}`) }, ending({}, { unless: ["m1"] }), true],
    ["A deleted caller gets no message", { caller: NONE }, ending(), true],
    ["A deleted caller with an earlier message gets no other", { caller: NONE, messages: { ses_caller: NONE } }, ending({}, { unless: ["m1"] }), true],
    ["A result waits if its message's id could not be stored", { stored: Promise.resolve(false) }, ending(), false],
    ["A result waits if its caller is unreadable", { caller: REFUSED }, ending(), false],
    ["A result waits if the caller's messages are unreadable", { messages: { ses_caller: REFUSED } }, ending({}, { unless: ["m1"] }), false],
    ["A result waits if its answer is unreadable", { messages: { ses_child: REFUSED } }, ending(), false],
  ]
  for (const [what, given, of, expected] of CASES) {
    it(what, async () => {
      const { delivery, prompted, delivered, said } = world(given)
      await delivery.deliver(of, what.includes("answer is unreadable") ? undefined : { text: "Done." })
      assert.deepEqual(prompted, [])
      assert.deepEqual(delivered(), expected === undefined ? [] : [["ses_child", 2, expected]])
      assert.equal(said.length, expected === false ? 1 : 0)
    })
  }

  it("The engine hears that a caller is deleted before it hears of the delivery, so that no session above gets a notice", async () => {
    const { delivery, events } = world({ caller: NONE })
    await delivery.deliver(ending(), { text: "Done." })
    assert.deepEqual(events.map(({ type, sessionID }) => [type, sessionID]), [["session.deleted", "ses_caller"], ["task.delivered", "ses_child"]])
  })

  it("A result waits while one of its earlier messages is on its way", async () => {
    const { delivery, prompted, delivered } = world()
    await delivery.deliver(ending({}, { joins: true, messageID: "msg_a" }), { text: "Done." })
    await delivery.deliver(ending({}, { messageID: "msg_b", unless: ["msg_0", "msg_a"] }), { text: "Done." })
    assert.deepEqual([prompted, delivered()], [[], [["ses_child", 2, false]]])
  })

  it("Only a part with this result's seed, found by a known message, counts as delivered", async () => {
    for (const target of [{ unless: ["m1"] }, {}]) {
      const { delivery, prompted } = world({ messages: holding(target.unless ? "prt_9dcba9876543210" : `prt_9${SEED}`) })
      await delivery.deliver(ending({}, target), { text: "Done." })
      assert.equal(prompted.length, 1)
    }
  })

  for (const [what, until, waits] of /** @type {[string, number, number[]][]} */ ([["is sent again", 2, [1_000, 2_000]], ["is sent at most four times", 9, [1_000, 2_000, 3_000]]])) {
    it(`The result of a deleted session ${what} if OpenCode refuses it`, async () => {
      const waited = /** @type {number[]} */ ([])
      const real = globalThis.setTimeout
      const quick = (/** @type {() => void} */ work, /** @type {number} */ ms) => real(work, ms <= 3_000 ? (waited.push(ms), 1) : ms)
      globalThis.setTimeout = /** @type {any} */ (quick)
      try {
        const { delivery, prompted, delivered } = world({ knows: false, child: NONE, refuses: (times) => times <= until })
        await kept(delivery.deliver(ending(), { text: "Done." }))
        assert.deepEqual(waited, waits)
        assert.equal(prompted.length, waits.length + 1)
        assert.deepEqual(delivered(), [["ses_child", 2, until < 4]])
      } finally {
        globalThis.setTimeout = real
      }
    })
  }

  /** Runs a test with pauses a hundred times shorter. @param {() => Promise<void>} test */
  const hurried = (test) => async () => {
    const real = globalThis.setTimeout
    const quick = (/** @type {() => void} */ work, /** @type {number} */ ms) => real(work, ms / 100)
    globalThis.setTimeout = /** @type {any} */ (quick)
    await kept(test()).finally(() => (globalThis.setTimeout = real))
  }
  const JOINS = { joins: true, messageID: "msg_a" }

  for (const comes of [true, false]) {
    it(`A deleted session's task is ${comes ? "not reported lost if its result comes with a message that another message passed" : "reported lost if its result's message never comes"}`, hurried(async () => {
      const messages = /** @type {Record<string, any>} */ ({})
      const { delivery, prompted, delivered, forget } = world({ child: NONE, messages })
      await delivery.deliver(ending({}, JOINS), { text: "Done." })
      delivery.messageStored("ses_caller", "msg_b")
      forget()
      const lost = delivery.deliver(ending({ state: "failed" }, { lost: true, unless: ["msg_a"] }))
      await new Promise((resolve) => setImmediate(resolve))
      if (comes) Object.assign(messages, holding(`prt_9${SEED}`))
      await lost
      assert.equal(prompted.length, comes ? 0 : 1)
      assert.deepEqual(delivered(), [["ses_child", 2, false], ["ses_child", 2, true]])
    }))

    it(`The result of a session that is deleted before the result's message ${comes ? "comes is delivered once" : "is lost is delivered in a message of its own"}`, hurried(async () => {
      const messages = /** @type {Record<string, any>} */ ({})
      const { delivery, prompted, forget } = world({ child: NONE, messages })
      await delivery.deliver(ending({}, JOINS), { text: "Done." })
      forget()
      delivery.messageStored("ses_caller", "msg_b")
      if (comes) Object.assign(messages, holding(`prt_9${SEED}`))
      await new Promise((resolve) => setTimeout(resolve, 9_000))
      assert.deepEqual(prompted.map(({ body }) => [body.messageID, /\nDone\.\n/.test(body.parts[0].text)]), comes ? [] : [[undefined, true]])
    }))
  }

  it("The result of a deleted session is not sent again after its message was stored, though that was removed since", hurried(async () => {
    const { delivery, prompted, delivered, forget } = world({ child: NONE })
    await delivery.deliver(ending({}, JOINS), { text: "Done." })
    forget()
    delivery.messageStored("ses_caller", "msg_a")
    await new Promise((resolve) => setTimeout(resolve, 9_000))
    assert.deepEqual([prompted, delivered()], [[], [["ses_child", 2, true]]])
  }))

  it("The result of a deleted session that cannot join a message is delivered in a message of its own", hurried(async () => {
    const { delivery, prompted, delivered, sync } = world({ knows: false, child: NONE })
    let stores = 0
    sync.whenStored = async () => ++stores > 1
    await delivery.deliver(ending({}, JOINS), { text: "Done." })
    assert.deepEqual(prompted.map(({ body }) => body.messageID), [undefined])
    assert.deepEqual(delivered(), [["ses_child", 2, true]])
  }))

  it("A result whose session the engine does not know after a trap is not delivered again", hurried(async () => {
    let reads = 0
    const messages = { get ses_caller() { return reads++ ? [] : REFUSED } }
    const { delivery, prompted, delivered, forget } = world({ messages })
    forget()
    await delivery.deliver(ending({}, { ...JOINS, unless: ["msg_0"] }), { text: "Done." })
    assert.deepEqual([prompted, delivered()], [[], [["ses_child", 2, false]]])
  }))

  for (const [what, answers] of /** @type {[string, boolean][]} */ ([["once OpenCode says that it is gone", true], ["not while OpenCode does not answer", false]])) {
    it(`The result of a session that may be deleted is delivered again ${what}`, hurried(async () => {
      const { delivery, host, prompted, delivered } = world({ knows: false, child: NONE, refuses: (times) => times === 1 })
      const { get } = host
      let asked = 0
      host.get = async (one) => (one.path.id === "ses_child" && (++asked === 2 || !answers) ? REFUSED : get(one))
      await delivery.deliver(ending(), { text: "Done." })
      assert.deepEqual([prompted.length, delivered()], answers ? [2, [["ses_child", 2, true]]] : [1, [["ses_child", 2, false]]])
    }))
  }

  it("A result whose answer is deleted with its session is delivered as lost", async () => {
    const { delivery, prompted, delivered } = world({ knows: false, child: NONE, messages: { ses_child: NONE } })
    await delivery.deliver(ending())
    assert.match(prompted[0].body.parts[0].text, /was lost[^]*Its session was deleted/)
    assert.deepEqual(delivered(), [["ses_child", 2, true]])
  })

  it("A refused delivery is reported, and waits for the next turn", async () => {
    const { delivery, delivered, said } = world({ refuses: () => true })
    await delivery.deliver(ending(), { text: "Done." })
    assert.deepEqual(delivered(), [["ses_child", 2, false]])
    assert.match(said.join(), /^The result of bg_1 could not be delivered. It is delivered at the caller's next turn: OpenCode refused/)
  })
})

describe("A delivery with the user's message", () => {
  it("A waiting result is delivered once, with the user's next message", async () => {
    const { delivery, sync, prompted, events, delivered } = world()
    const { apply } = sync
    /** The results that the engine delivers with the next message of the caller. */
    let joining = [ending({}, { joins: true, messageID: "msg_user" })]
    sync.apply = (event) => {
      if (event.type === "session.prompted") queueMicrotask(() => joining.forEach((one) => void delivery.deliver(one, { text: "Done." })))
      apply(event)
    }
    const parts = await delivery.partsFor("ses_caller", "msg_user", false)
    assert.deepEqual(parts.map(({ text, ...part }) => part), [{ id: `prt_1${SEED}`, type: "text", synthetic: true, metadata: { delegate: { result: true } }, messageID: "msg_user", sessionID: "ses_caller" }])
    assert.match(parts[0].text, /\nDone\.\n/)
    const [{ now, ...event }] = events
    assert.deepEqual(event, { type: "session.prompted", sessionID: "ses_caller", messageID: "msg_user", synthetic: false, result: undefined })
    // A process that dies before the message is stored has delivered nothing.
    assert.deepEqual([prompted, delivered()], [[], []])
    delivery.messageStored("ses_caller", "msg_user")
    assert.deepEqual([delivered(), events.at(-1).messageID], [[["ses_child", 2, true]], "msg_user"])
    joining = []
    assert.deepEqual(await delivery.partsFor("ses_caller", "msg_next", false), [])
  })

  it("A notice names the task, its caller and the number of other tasks, and asks for no answer", async () => {
    const { delivery, sync } = world({ messages: { ses_child: REFUSED } })
    sync.apply = ({ type, messageID }) => {
      if (type === "session.prompted") queueMicrotask(() => void delivery.deliver(ending({}, { joins: true, messageID, via: "ses_lead", others: 3 })))
    }
    const [{ text, ...part }, ...more] = await delivery.partsFor("ses_caller", "msg_user", true, "Text.")
    assert.deepEqual([part, more], [{ id: `prt_1${SEED}`, type: "text", synthetic: true, metadata: { delegate: { result: true } }, messageID: "msg_user", sessionID: "ses_caller" }, []])
    assert.match(text, /^Background task "Find it" \(task_id "auth"\) of "auth" has ended: completed\. [^\n]*\nSo have 3 others\.$/)
  })

  it("A notice of deleted sessions names them by their ids", async () => {
    const { delivery, sync } = world({ knows: false, child: NONE })
    sync.apply = ({ type, messageID }) => {
      if (type === "session.prompted") queueMicrotask(() => void delivery.deliver(ending({}, { joins: true, messageID, via: "ses_lead" })))
    }
    const [{ text }] = await delivery.partsFor("ses_caller", "msg_user", true, "Text.")
    assert.match(text, /^Background task "" \(task_id "ses_child"\) of "ses_lead" has ended: completed\. "ses_lead" got the result/)
  })

  /** The messages that are stored after two deliveries, and what is noted of each. @type {[string, [string, string][], [string, number, boolean][]][]} */
  const SEEN = [
    ["A stored first message confirms its own result", [["ses_caller", "msg_a"]], [["ses_child", 1, true]]],
    ["A stored second message confirms its result, and the first result waits again", [["ses_caller", "msg_b"]], [["ses_child", 1, false], ["ses_child", 2, true]]],
    ["A stored later message lets both results wait again", [["ses_caller", "msg_c"]], [["ses_child", 1, false], ["ses_child", 2, false]]],
    ["Two stored messages confirm both results", [["ses_caller", "msg_a"], ["ses_caller", "msg_b"], ["ses_caller", "msg_b"]], [["ses_child", 1, true], ["ses_child", 2, true]]],
    ["A stored earlier message confirms no result", [["ses_caller", "msg_0"]], []],
    ["A stored message of another session confirms no result", [["ses_other", "msg_c"]], []],
  ]
  for (const [what, seen, noted] of SEEN) {
    it(what, async () => {
      const { delivery, delivered } = world()
      for (const [prompt_no, messageID] of /** @type {[number, string][]} */ ([[1, "msg_a"], [2, "msg_b"]])) {
        await delivery.deliver(ending({ prompt_no }, { joins: true, messageID }), { text: "Done." })
      }
      for (const one of seen) delivery.messageStored(...one)
      assert.deepEqual(delivered(), noted)
    })
  }

  it("Each of two simultaneous messages gets its own result", async () => {
    const { delivery, sync } = world()
    sync.apply = ({ type, messageID }) => {
      if (type === "session.prompted") queueMicrotask(() => void delivery.deliver(ending({}, { joins: true, messageID }), { text: "Done." }))
    }
    const along = await Promise.all(["msg_a", "msg_b"].map((messageID) => delivery.partsFor("ses_caller", messageID, false)))
    assert.deepEqual(along.map((parts) => parts.map(({ messageID }) => messageID)), [["msg_a"], ["msg_b"]])
  })

  it("A result is not added to a conversation that holds it or is unreadable", async () => {
    for (const messages of [{ ses_caller: [{ info: {}, parts: [{ id: `prt_0${SEED}` }] }] }, { ses_caller: REFUSED }]) {
      const { delivery, sync } = world({ messages })
      sync.apply = (event) => {
        if (event.type === "session.prompted") queueMicrotask(() => void delivery.deliver(ending({}, { joins: true, messageID: "msg_user", unless: ["m1"] }), { text: "Done." }))
      }
      assert.deepEqual(await delivery.partsFor("ses_caller", "msg_user", false), [])
    }
  })
})
