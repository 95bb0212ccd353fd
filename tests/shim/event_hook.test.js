// Events of OpenCode 1, as the engine and a person in the terminal get them. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import "../../js/engine.js"
import { ASK_FAULT, faultCommand, steerCommand } from "../../js/core/index.js"
import { eventHook } from "../../js/opencode1/hooks/index.js"
import { callsTool } from "../../js/opencode1/sdk/index.js"
import { plugin } from "./opencode.js"

/** What the engine gets of OpenCode's events. @param {[type: string, properties: any][]} events */
async function applied(events) {
  const got = /** @type {any[]} */ ([])
  const nothing = /** @type {any} */ (new Proxy({}, { get: () => () => undefined }))
  const sync = /** @type {any} */ ({ apply: (/** @type {any} */ { now, ...event }) => (assert.ok(now > 0), void got.push(event)) })
  const parts = { host: nothing, actions: nothing, settings: nothing, requests: nothing, callCache: nothing, windows: nothing, runner: nothing, delivery: nothing, hostExecutor: nothing, delegateExecutor: nothing }
  const hook = eventHook({ project: "/work", sync, pluginParts: () => [], ...parts })
  for (const [type, properties] of events) await hook({ event: /** @type {any} */ ({ type, properties }) })
  return got
}

describe("A question for permission", () => {
  it("The engine gets a question, and its answer", async () => {
    const asked = { id: "per_1", sessionID: "ses_a", permission: "edit", patterns: ["a.rs"] }
    const answered = { sessionID: "ses_a", requestID: "per_1", reply: "once" }
    const question = { sessionID: "ses_a", requestID: "per_1" }
    assert.deepEqual(await applied([["permission.asked", asked], ["permission.replied", answered]]), [{ type: "permission.asked", ...question }, { type: "permission.replied", ...question }])
  })
})

describe("The end of a step", () => {
  const of = (/** @type {string | undefined} */ finish, id = "msg_1") => /** @type {[string, any]} */ (["message.updated", { info: { id, sessionID: "ses_a", role: "assistant", finish } }])
  const part = (/** @type {string} */ type, fields = {}) => /** @type {[string, any]} */ (["message.part.updated", { part: { id: "prt_1", messageID: "msg_1", sessionID: "ses_a", type, tool: "read", state: { status: "running" }, ...fields } }])

  /** The events, and whether the engine hears that another step follows. @type {[string, [string, any][], boolean][]} */
  const CASES = [
    ["No step follows an answer", [of("stop")], false],
    ["No step follows an answer with a text", [part("text"), of("stop")], false],
    ["Another step follows calls of tools", [of("tool-calls")], true],
    ["Another step follows a call of a tool, though the message names another end", [part("tool"), of("stop")], true],
    ["No step follows a tool that the model's provider ran", [part("tool", { metadata: { providerExecuted: true } }), of("stop")], false],
    ["No step follows for another message's call", [part("tool", { messageID: "msg_0" }), of("stop")], false],
  ]
  for (const [what, events, more] of CASES) {
    it(what, async () => assert.deepEqual(await applied(events), [{ type: "session.stepped", sessionID: "ses_a", messageID: "msg_1", more }]))
  }

  it("A message that has not ended is no step", async () => assert.deepEqual(await applied([of(undefined)]), []))

  it("A part of another form calls no tool", () => {
    const parts = [undefined, null, {}, { type: "text" }, { type: "tool", metadata: { providerExecuted: true } }, { type: "tool" }, { type: "tool", metadata: {} }]
    assert.deepEqual(parts.map((part) => callsTool(part)), [false, false, false, false, false, true, true])
  })
})

describe("A command of a person in the terminal", () => {
  /** The command, the commands that answer it, and the messages on the screen. @type {[string, unknown, string[], string[][]][]} */
  const CASES = [
    ["A question for the fault of the configuration is answered", ASK_FAULT, [faultCommand()], []],
    ["A command of another program is not answered", "session.new", [], []],
    ["A person reads what becomes of a message to a session", steerCommand("ses_root", "Stop."), [], [["info", "There is no subagent session \"ses_root\" within reach."]]],
  ]
  for (const [what, command, answers, shown] of CASES) {
    it(what, async () => {
      const { emit, commands, toasts } = await plugin({})
      await emit("tui.command.execute", { command })
      assert.deepEqual([commands, toasts], [answers, shown])
    })
  }

  it("A message that the screen cannot show fails no event", async () => {
    const { emit, input } = await plugin({})
    input.client.tui.showToast = async () => { throw new Error("Away.") }
    await emit("tui.command.execute", { command: steerCommand("ses_root", "Stop.") })
  })
})
