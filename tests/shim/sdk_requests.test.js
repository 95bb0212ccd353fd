// The requests that the plugin makes of OpenCode, in the form that OpenCode takes. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import "../../js/engine.js"
import { bindClient } from "../../js/opencode1/sdk/index.js"

/** OpenCode's client. It notes each call, and gives one answer. @param {unknown} [answer] */
function bound(answer = true) {
  const calls = /** @type {[string, any][]} */ ([])
  const group = (/** @type {string} */ of) => new Proxy({}, { get: (_, name) => async (/** @type {any} */ given) => (calls.push([`${of}.${String(name)}`, given]), { data: answer }) })
  const client = { session: group("session"), app: group("app"), config: group("config"), tui: group("tui"), _client: group("raw") }
  return { calls, host: bindClient(/** @type {any} */ (client)) }
}

/** A message with calls of tools, each by its tool, its id and the session that it names. @param {[string, string, unknown][]} calls */
const message = (...calls) => ({ info: { id: "msg_1" }, parts: calls.map(([tool, id, sessionId]) => ({ type: "tool", tool, id, messageID: "msg_1", state: { metadata: { sessionId } } })) })

describe("A message for a running session", () => {
  const steering = { action: "send", sessionID: "ses_1", messageID: "msg_9", text: "Go on.", answer: "" }
  const parts = [{ type: "text", text: "Go on.", metadata: { delegate: { steers: true } } }]

  it("It begins no turn, and has the agent, the model and the instructions of the message that the session answers", async () => {
    const asked = { info: { role: "user", agent: "fixer", model: { providerID: "p", modelID: "one", variant: "high" }, system: "Be brief." }, parts: [] }
    const { calls, host } = bound([{ info: { role: "user", agent: "other" } }, asked, { info: { role: "assistant", agent: "third" } }])
    await host.steer(/** @type {any} */ (steering))
    const body = { messageID: "msg_9", noReply: true, agent: "fixer", model: { providerID: "p", modelID: "one" }, variant: "high", system: "Be brief.", parts }
    assert.deepEqual(calls, [["session.messages", { path: { id: "ses_1" }, query: { limit: 10 } }], ["session.prompt", { path: { id: "ses_1" }, body }]])
  })

  it("The message of a long turn is looked for in all of the session", async () => {
    const { calls, host } = bound([{ info: { role: "assistant" } }])
    await host.steer(/** @type {any} */ (steering))
    assert.deepEqual(calls.map(([name, { path, query }]) => [name, path.id, query?.limit]), [["session.messages", "ses_1", 10], ["session.messages", "ses_1", undefined], ["session.prompt", "ses_1", undefined]])
  })
})

describe("A request", () => {
  const rule = { permission: "edit", pattern: "*", action: /** @type {const} */ ("deny") }
  const child = { parentID: "ses_1", title: "Mend it", agent: "fixer", permission: [rule], metadata: {} }
  const prompt = { messageID: "msg_1", agent: "fixer", parts: [{ type: "text", text: "Go." }] }
  const model = { providerID: "p", modelID: "one" }

  /** @type {[string, (host: any) => Promise<unknown>, [string, any]][]} */
  const CASES = [
    ["A session is read by its id", (host) => host.session("ses_1"), ["session.get", { path: { id: "ses_1" } }]],
    ["Children are read by their parent's id", (host) => host.children("ses_1"), ["session.children", { path: { id: "ses_1" } }]],
    ["The status of all sessions is read at once", (host) => host.status(), ["session.status", undefined]],
    ["Metadata is written as a whole", (host) => host.setMetadata("ses_1", { theirs: 1 }), ["session.update", { path: { id: "ses_1" }, body: { metadata: { theirs: 1 } } }]],
    ["A child is created with its fields", (host) => host.create(child), ["session.create", { body: child }]],
    ["Rules are added to a session", (host) => host.addPermission("ses_1", [rule]), ["session.update", { path: { id: "ses_1" }, body: { permission: [rule] } }]],
    ["The end of a conversation is ten messages", (host) => host.lastMessages("ses_1"), ["session.messages", { path: { id: "ses_1" }, query: { limit: 10 } }]],
    ["All messages are read without a limit", (host) => host.messages("ses_1"), ["session.messages", { path: { id: "ses_1" } }]],
    ["The sessions that calls name are read from all messages", (host) => host.callChildren("ses_1"), ["session.messages", { path: { id: "ses_1" } }]],
    ["The calls that name a session are read from all messages", (host) => host.namings("ses_1"), ["session.messages", { path: { id: "ses_1" } }]],
    ["A prompt is sent to its session", (host) => host.prompt("ses_1", prompt), ["session.prompt", { path: { id: "ses_1" }, body: prompt }]],
    ["A prompt that no call waits for is stored", (host) => host.promptAsync("ses_1", prompt), ["session.promptAsync", { path: { id: "ses_1" }, body: prompt }]],
    ["A session is aborted by its id", (host) => host.abort("ses_1"), ["session.abort", { path: { id: "ses_1" } }]],
    ["A session is summarised by a model", (host) => host.summarize("ses_1", model), ["session.summarize", { path: { id: "ses_1" }, body: model }]],
    ["The messages from one on are read from all messages", (host) => host.messagesFrom("ses_1", "msg_1"), ["session.messages", { path: { id: "ses_1" } }]],
    ["A question for permission is denied with a message, as JSON", (host) => host.refuse({ type: "refuse", sessionID: "ses_1", requestID: "per_1", message: "No." }), ["raw.post", {
      url: "/permission/{requestID}/reply", path: { requestID: "per_1" }, body: { reply: "reject", message: "No." }, headers: { "Content-Type": "application/json" },
    }]],
    ["The version is read from the health of OpenCode", (host) => host.health(), ["raw.get", { url: "/global/health" }]],
    ["The agents are read", (host) => host.agents(), ["app.agents", undefined]],
    ["The providers are read", (host) => host.providers(), ["config.providers", undefined]],
    ["A line of the log names the plugin", (host) => host.log("warn", "No."), ["app.log", { body: { service: "opencode-delegate", level: "warn", message: "No." } }]],
    ["A command goes to the terminals in an event", (host) => host.command("a.command x"), ["tui.publish", { body: { type: "tui.command.execute", properties: { command: "a.command x" } } }]],
    ["A message on the screen names the plugin", (host) => host.toast("No.", "error"), ["tui.showToast", { body: { title: "opencode-delegate", message: "No.", variant: "error" } }]],
  ]
  for (const [what, ask, expected] of CASES) {
    it(what, async () => {
      const { host, calls } = bound([])
      await ask(host)
      assert.deepEqual(calls, [expected])
    })
  }

  it("The version of an OpenCode that hangs is waited for one second", async () => {
    const { setTimeout } = globalThis
    const limits = /** @type {number[]} */ ([])
    globalThis.setTimeout = /** @type {any} */ ((/** @type {() => void} */ work, /** @type {number} */ ms) => (limits.push(ms), setTimeout(work, 1)))
    try {
      const hangs = { get: () => new Promise(() => {}) }
      await assert.rejects(bindClient(/** @type {any} */ ({ _client: hangs })).health(), /did not answer/)
      assert.deepEqual(limits, [1_000])
    } finally {
      globalThis.setTimeout = setTimeout
    }
  })
})

describe("The calls of a conversation", () => {
  const messages = [message(["task", "prt_1", "ses_a"], ["read", "prt_2", "ses_b"], ["task", "prt_3", "ses_a"]), { info: {}, parts: [{ type: "text" }] }, message(["task", "prt_4", 7], ["task", "prt_5", "ses_c"], ["task", "prt_6", undefined])]

  it("The children of a session's calls are named once each", async () => {
    assert.deepEqual(await bound(messages).host.callChildren("ses_1"), ["ses_a", "ses_c"])
  })

  it("A call without a state or without metadata names no session", async () => {
    const bare = [{}, { state: {} }].map((fields) => ({ type: "tool", tool: "task", id: "prt_1", messageID: "msg_1", ...fields }))
    const { host } = bound([{ info: {}, parts: bare }, ...messages])
    assert.deepEqual(await host.callChildren("ses_1"), ["ses_a", "ses_c"])
  })

  it("Each call that names a session is one naming", async () => {
    const naming = (/** @type {string} */ partID, /** @type {string} */ namedID) => ({ messageID: "msg_1", partID, namedID })
    assert.deepEqual(await bound(messages).host.namings("ses_1"), [naming("prt_1", "ses_a"), naming("prt_3", "ses_a"), naming("prt_5", "ses_c")])
  })
})

it("The messages from one on are that one and those after it, each with its parts", async () => {
  const said = (/** @type {string} */ id, /** @type {string[]} */ ...parts) => ({ info: { id, role: "user" }, parts: parts.map((id) => ({ id, type: "text" })) })
  const { host } = bound([said("msg_1", "prt_1"), said("msg_2", "prt_2", "prt_3"), said("msg_3")])
  assert.deepEqual(await host.messagesFrom("ses_1", "msg_2"), [{ id: "msg_2", partIDs: ["prt_2", "prt_3"] }, { id: "msg_3", partIDs: [] }])
})
