// The names that oh-my-opencode-slim gives sessions, and what a plugin of that kind leaves of our results. Runs under Node
// and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import "../../js/engine.js"
import { compose } from "../../js/compose/compose.js"
import { TESTED, boardNicknames, loadSlim } from "../../js/compose/slim.js"
import { CHILD, later, opencode } from "./opencode.js"

const BOARD = { "oh-my-opencode-slim.backgroundJobBoard": true }
const board = (/** @type {string} */ text, metadata = /** @type {object | null} */ (BOARD)) => ({ info: { sessionID: "ses_root" }, parts: [{ type: "text", text, metadata }] })

describe("slim's job board tells", () => {
  const told = (/** @type {string} */ alias, sessionID = "ses_a") => ({ parentID: "ses_root", sessionID, alias })

  /** @type {[string, any[], object[]][]} */
  const CASES = [
    ["each name and its session", [board("Jobs:\n- exp-1 / ses_a / explorer / completed, reconciled\n- fix-2 / ses_b / fixer / running")], [told("exp-1"), told("fix-2", "ses_b")]],
    ["those of every board", [board("- a / ses_a / x"), { info: {}, parts: [] }, board("- b / ses_a / x")], [told("a"), told("b")]],
    ["no name that a user writes", [board("- exp-1 / ses_a / explorer", null), board("- exp-1 / ses_a / explorer", { other: true }), board("- exp-1 / ses_a / explorer", { "oh-my-opencode-slim.backgroundJobBoard": "true" })], []],
    ["no name within a line, or of what is no session", [board("See - exp-1 / ses_a / explorer\n- exp-1 / none / explorer\n- exp 1 / ses_a / x\n- exp-1 / ses_a")], []],
  ]
  for (const [what, messages, expected] of CASES) it(what, () => assert.deepEqual([...boardNicknames(messages)], expected))
})

it("slim is loaded from where it is installed, in the version that is tested", async () => {
  const { server, version } = await loadSlim()
  assert.deepEqual([typeof server, version], ["function", TESTED])
})

describe("a plugin that gives names of its own", () => {
  const call = { tool: "task", sessionID: "ses_root" }

  /** The plugin, composed with a reader of its names, and a session that it knows. @param {any} [theirs] */
  async function composed(theirs = {}) {
    const host = opencode()
    const hooks = /** @type {any} */ (await compose(host.input, theirs, {}, boardNicknames))
    await hooks["chat.message"]({ sessionID: "ses_root" }, { message: { id: "msg_1", agent: "build" }, parts: [] })
    await later()
    await hooks.event({ event: { type: "session.created", properties: { info: host.add("ses_a", CHILD) } } })
    let count = 0
    const before = async (/** @type {string} */ task_id) => {
      const args = /** @type {{ task_id?: string }} */ ({ description: "Mend it", prompt: "Go.", subagent_type: "fixer", task_id })
      await hooks["tool.execute.before"]({ ...call, callID: `c${++count}` }, { args })
      return args.task_id
    }
    const ask = (/** @type {any[]} */ messages) => hooks["experimental.chat.messages.transform"]({}, { messages })
    return { ...host, hooks, before, ask }
  }

  it("has them known once the model is shown them", async () => {
    const { before, ask } = await composed()
    await ask([board("- fix-1 / ses_a / fixer / completed")])
    assert.equal(await before("fix-1"), "ses_a")
  })

  it("has no name taken for its own that the model was not shown", async () => {
    const { before } = await composed({ "tool.execute.before": async (/** @type {any} */ _, /** @type {any} */ { args }) => void (args.task_id = "ses_a") })
    assert.equal(await before("fix-1"), undefined)
  })

  it("has them known of a conversation that nobody has asked about yet", async () => {
    const { before, ask, add } = await composed()
    add("ses_other")
    add("ses_theirs", { ...CHILD, parentID: "ses_other" })
    await ask([{ info: { sessionID: "ses_other" }, parts: [{ type: "text", metadata: BOARD, text: "- fix-1 / ses_theirs / fixer / completed" }] }])
    // It is no name of this conversation.
    assert.equal(await before("fix-1"), undefined)
  })

  it("has its tools reach a session by its name", async () => {
    const look = { args: { task_id: {} }, execute: async (/** @type {any} */ { task_id }) => task_id }
    const { hooks, ask } = await composed({ tool: { look } })
    await ask([board("- fix-1 / ses_a / fixer / completed")])
    const reached = (/** @type {unknown} */ task_id) => hooks.tool.look.execute({ task_id }, { sessionID: "ses_root" })
    // Its own names it knows itself.
    for (const [given, expected] of [["mend-it", "ses_a"], ["Mend It", "ses_a"], ["ses_a", "ses_a"], ["fix-1", "fix-1"], ["none", "none"], ["", ""], [5, 5]]) {
      assert.equal(await reached(given), expected)
    }
  })

  const END = "</task>"
  const line = `${END}\ntask_id: auth (spawned: New.)`
  const result = (/** @type {unknown} */ output, fields = {}) => ({ type: "tool", tool: "task", state: { output, metadata: { delegate: { task_id: "auth" } } }, ...fields })

  /** The call's part, what the plugin makes of its result, and what is left. @type {[string, any, unknown, unknown][]} */
  const CASES = [
    ["keeps the lines below results that it writes anew", result(`a${line}`), `b${END}`, `b${line}`],
    ["keeps them once where it leaves them", result(`a${line}`), `b${line}`, `b${line}`],
    ["keeps what stands below the last of two", result(`a${END} b${line}`), "c", `c${line.slice(END.length)}`],
    ["may write the results of other tools", result(`a${line}`, { tool: "read" }), "b", "b"],
    ["may write results that are not ours", result(`a${line}`, { state: { output: `a${line}`, metadata: {} } }), "b", "b"],
    ["may write what is no result", result(undefined), "b", "b"],
  ]
  for (const [what, part, written, expected] of CASES) {
    it(what, async () => {
      const { ask } = await composed({ "experimental.chat.messages.transform": async () => void (part.state.output = written) })
      await ask([{ info: {}, parts: [{ type: "text" }, part] }])
      assert.equal(part.state.output, expected)
    })
  }
})
