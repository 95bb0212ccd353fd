// A call of the task tool as a request to the engine: its caller's agent, its id, its waiting and its fault. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import "../../js/engine.js"
import { inParameters } from "../../js/opencode1/execute/call_arguments.js"
import { Requests } from "../../js/opencode1/hooks/index.js"

const ARGS = { subagent_type: "fixer", description: "Mend it", prompt: "Go." }

/** Requests of a conversation in which ses_a is the session of an agent. @param {boolean} [oneShot] */
const requests = (oneShot) => new Requests(/** @type {any} */ ({ session: (/** @type {string} */ id) => (id === "ses_a" ? { agent: "lead" } : undefined) }), oneShot)

describe("A background call", () => {
  it("A background call of an OpenCode that ends with its turn waits, and its result says so", () => {
    const args = { background: true }
    assert.match(String(requests(true).waits(args)), /waited for its result/)
    assert.equal(args.background, false)
  })

  /** @type {[string, boolean | undefined, any][]} */
  const CASES = [
    ["A background call of an OpenCode that stays does not wait", undefined, { background: true }],
    ["A background call of a served OpenCode does not wait", false, { background: true }],
    ["A call in the foreground waits without a word", true, { background: false }],
    ["A call without arguments waits without a word", true, undefined],
  ]
  for (const [what, oneShot, args] of CASES) {
    it(what, () => {
      const copy = structuredClone(args)
      assert.equal(requests(oneShot).waits(args), undefined)
      assert.deepEqual(args, copy)
    })
  }
})

describe("The id of a call", () => {
  const ids = (/** @type {Requests} */ all, /** @type {[string | undefined, string, string?][]} */ ...calls) =>
    calls.map(([messageID, callID, sessionID = "ses_root"]) => all.request({ sessionID, messageID, callID, by: "model" }, ARGS).callID)

  it("Each call of a message has an id of its own", () => {
    assert.deepEqual(ids(requests(), ["msg_1", "c1"], ["msg_1", "c1"], ["msg_1", "c2"], ["msg_1", "c1"]), ["c1", "c1 (2)", "c2", "c1 (3)"])
  })

  it("Calls of two messages or sessions may have the same id", () => {
    assert.deepEqual(ids(requests(), ["msg_1", "c1"], ["msg_2", "c1"], ["msg_2", "c1", "ses_a"], ["msg_2", "c1"]), ["c1", "c1", "c1", "c1 (2)"])
  })

  it("A call without a message keeps its id", () => {
    assert.deepEqual(ids(requests(), [undefined, "c1"], [undefined, "c1"]), ["c1", "c1"])
  })

  it("A deleted session's ids are free", () => {
    const all = requests()
    ids(all, ["msg_1", "c1"])
    all.forget("ses_root")
    assert.deepEqual(ids(all, ["msg_1", "c1"]), ["c1"])
  })
})

describe("The caller of a call", () => {
  const caller = (/** @type {Requests} */ all, sessionID = "ses_root", /** @type {string | undefined} */ speaker = undefined) =>
    all.request({ sessionID, callID: "c1", messageID: undefined, by: "model" }, ARGS, speaker).callerAgent

  it("The caller is the agent that OpenCode names, else that of the last message, else the session's", () => {
    const all = requests()
    assert.deepEqual([caller(all), caller(all, "ses_a")], [undefined, "lead"])
    all.handleMessage("ses_root", "build", [{ type: "text" }])
    all.handleMessage("ses_a", "plan", [{ type: "text" }])
    assert.deepEqual([caller(all), caller(all, "ses_a"), caller(all, "ses_a", "lead")], ["build", "plan", "lead"])
  })

  it("A mention is the user's word in its own message alone", () => {
    const all = requests()
    assert.equal(all.isMentioned("ses_root"), false)
    all.handleMessage("ses_root", "build", [{ type: "text" }, { type: "agent" }])
    assert.deepEqual([all.isMentioned("ses_root"), all.isMentioned("ses_a"), caller(all)], [true, false, undefined])
    all.handleMessage("ses_root", "build", [{ type: "text" }])
    assert.deepEqual([all.isMentioned("ses_root"), caller(all)], [false, "build"])
    all.handleMessage("ses_root", "build", [{ type: "agent" }])
    all.forget("ses_root")
    assert.equal(all.isMentioned("ses_root"), false)
  })
})

describe("The fault of a call", () => {
  it("It names the parameter that the model knows", () => assert.equal(inParameters('Invalid request, field "agent": No.'), 'Invalid request, field "subagent_type": No.'))

  it("A fault that quotes another keeps the quote", () => {
    const message = 'Invalid request, field "limits": expected a number, got Invalid request, field "agent": No.'
    assert.equal(inParameters(message), message)
  })
})
