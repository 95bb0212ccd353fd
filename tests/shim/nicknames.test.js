// The names that oh-my-opencode-slim gives sessions, and the result lines that outlive such a plugin. Runs under Node and Bun.

import assert from "node:assert/strict"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, it } from "node:test"
import { pathToFileURL } from "node:url"
import "../../js/engine.js"
import { compose } from "../../js/compose/compose.js"
import { loadPlugin, versionOf } from "../../js/compose/load.js"
import { SLIM, SLIM_CALLS, SLIM_DESCRIPTION, TESTED, importForOpenCode2 } from "../../js/compose/slim.js"
import { CHILD, later, opencode, plugin } from "./opencode.js"

const nicknames = SLIM_CALLS.nicknames ?? (() => [])
const BOARD = { "oh-my-opencode-slim.backgroundJobBoard": true }
const board = (/** @type {string} */ text, metadata = /** @type {object | null} */ (BOARD)) => ({ info: { sessionID: "ses_root" }, parts: [{ type: "text", text, metadata }] })

describe("slim's job board", () => {
  const nickname = (/** @type {string} */ alias, sessionID = "ses_a") => ({ parentID: "ses_root", sessionID, alias })

  /** @type {[string, any[], object[]][]} */
  const CASES = [
    ["Each line gives a name and its session", [board("Jobs:\n- exp-1 / ses_a / explorer / completed, reconciled\n- fix-2 / ses_b / fixer / running")], [nickname("exp-1"), nickname("fix-2", "ses_b")]],
    ["Every board gives its names", [board("- a / ses_a / x"), { info: {}, parts: [] }, board("- b / ses_a / x")], [nickname("a"), nickname("b")]],
    ["A user's text gives no name", [board("- exp-1 / ses_a / explorer", null), board("- exp-1 / ses_a / explorer", { other: true }), board("- exp-1 / ses_a / explorer", { "oh-my-opencode-slim.backgroundJobBoard": "true" })], []],
    ["A line of another form gives no name", [board("See - exp-1 / ses_a / explorer\n- exp-1 / none / explorer\n- exp 1 / ses_a / x\n- exp-1 / ses_a")], []],
  ]
  for (const [what, messages, expected] of CASES) it(what, () => assert.deepEqual([...nicknames(messages)], expected))
})

describe("slim's refusal of a new session", () => {
  it("slim's refusal is known by its text, and no other error is one", () => {
    const refuses = (/** @type {unknown} */ error) => SLIM_CALLS.refusesNew?.(error)
    assert.equal(refuses(new Error("A background task with the same objective already finished: fix-1.")), true)
    for (const error of [new Error("No. A background task with the same objective already finished"), "A background task", {}, null, undefined]) assert.equal(refuses(error), false)
  })
})

describe("The load of slim", () => {
  it("slim is loaded from its package, in the tested version", async () => {
    const { server, version } = await loadPlugin(SLIM_DESCRIPTION)
    assert.deepEqual([typeof server, version], ["function", TESTED])
  })

  it("slim for OpenCode 2 is loaded from its package too, with a setup", async () => {
    const { setup, version } = await loadPlugin(SLIM_DESCRIPTION, importForOpenCode2)
    assert.deepEqual([typeof setup, version], ["function", TESTED])
  })

  const INSTALL = `npm install ${SLIM}@${TESTED}`
  const missing = (/** @type {string} */ name, code = "ERR_MODULE_NOT_FOUND") => Object.assign(new Error(`Cannot find package '${name}'`), { code })

  /** The module, or the error of its import, and the reason. @type {[string, unknown, string][]} */
  const CASES = [
    ["A missing slim is named as not installed", missing(SLIM), `${SLIM} could not be loaded: it is not installed beside opencode-delegate. `],
    ["A missing package of slim is named", missing("theirs"), "could not be loaded: Cannot find package 'theirs'. "],
    ["Another error is given as it is", missing(SLIM, "ERR_OTHER"), `could not be loaded: Cannot find package '${SLIM}'. `],
    ["A module without a plugin is named as none", { default: { server: 5 } }, `${SLIM} is not an OpenCode plugin. `],
    ["An empty module is named as no plugin", {}, `${SLIM} is not an OpenCode plugin. `],
  ]
  for (const [what, loaded, reason] of CASES) {
    it(`${what}, with the remedy`, () => assert.rejects(loadPlugin(SLIM_DESCRIPTION, async () => { if (loaded instanceof Error) throw loaded; return loaded }), ({ message }) => {
      assert.ok(message.includes(reason) && message.endsWith(INSTALL), message)
      return true
    }))
  }

  it("A module that is a plugin function itself is slim", async () => {
    const server = async () => ({})
    for (const module of [{ default: server }, { default: { server } }]) assert.equal((await loadPlugin(SLIM_DESCRIPTION, async () => module)).server, server)
  })

  it("The version is that of the nearest package.json of slim", () => {
    const root = mkdtempSync(join(tmpdir(), "slim-"))
    try {
      mkdirSync(join(root, "dist/inner"), { recursive: true })
      const module = pathToFileURL(join(root, "dist/inner/index.js")).href
      assert.equal(versionOf(SLIM, module), undefined)
      writeFileSync(join(root, "package.json"), JSON.stringify({ name: SLIM, version: "9.9.9" }))
      writeFileSync(join(root, "dist/package.json"), JSON.stringify({ name: "theirs", version: "1.0.0" }))
      assert.equal(versionOf(SLIM, module), "9.9.9")
    } finally {
      rmSync(root, { recursive: true })
    }
  })
})

describe("A plugin with names of its own", () => {
  const call = { tool: "task", sessionID: "ses_root" }

  /** The plugin, composed with a reader of its names, and a session that it knows. @param {any} [theirs] */
  async function composed(theirs = {}) {
    const host = opencode()
    const hooks = /** @type {any} */ (await compose(host.input, async () => theirs, {}, SLIM_DESCRIPTION))
    await hooks["chat.message"]({ sessionID: "ses_root" }, { message: { id: "msg_1", agent: "build" }, parts: [] })
    await later()
    await hooks.event({ event: { type: "session.created", properties: { info: host.add("ses_a", CHILD) } } })
    let count = 0
    const before = async (/** @type {string} */ task_id, sessionID = "ses_root") => {
      const args = /** @type {{ task_id?: string }} */ ({ description: "Mend it", prompt: "Go.", subagent_type: "fixer", task_id })
      await hooks["tool.execute.before"]({ ...call, sessionID, callID: `c${++count}` }, { args })
      return args.task_id
    }
    const ask = (/** @type {any[]} */ messages) => hooks["experimental.chat.messages.transform"]({}, { messages })
    const { session } = host.input.client
    const { get } = session
    const asked = /** @type {string[]} */ ([])
    session.get = (/** @type {any} */ given) => (asked.push(given.path.id), get(given))
    return { ...host, hooks, before, ask, asked }
  }

  it("A name is known after the model has read it", async () => {
    const { before, ask } = await composed()
    await ask([board("- fix-1 / ses_a / fixer / completed")])
    assert.equal(await before("fix-1"), "ses_a")
  })

  it("A name is unknown until the model has read it", async () => {
    const { before } = await composed({ "tool.execute.before": async (/** @type {any} */ _, /** @type {any} */ { args }) => void (args.task_id = "ses_a") })
    assert.equal(await before("fix-1"), undefined)
  })

  it("An unknown name is another plugin's if one of the composed plugins gives names", async () => {
    const host = opencode()
    const hooks = /** @type {any} */ (await compose(host.input, async () => ({}), {}, SLIM_DESCRIPTION))
    await compose(host.input, async () => ({ "tool.execute.before": async (/** @type {any} */ _, /** @type {any} */ { args }) => void (args.task_id = "ses_a") }), {})
    await hooks["chat.message"]({ sessionID: "ses_root" }, { message: { id: "msg_1", agent: "build" }, parts: [] })
    await hooks.event({ event: { type: "session.created", properties: { info: host.add("ses_a", CHILD) } } })
    const args = { description: "Mend it", prompt: "Go.", subagent_type: "fixer", task_id: "nick" }
    await hooks["tool.execute.before"]({ ...call, callID: "c1" }, { args })
    assert.equal(args.task_id, "ses_a")
  })

  it("A plugin that is composed beside this one leaves the children to OpenCode, and the log says so", async () => {
    const host = opencode()
    const { hooks } = await plugin({}, host)
    assert.equal("tool" in hooks, true)
    for (const _ of ["one", "two"]) await compose(host.input, async () => ({}), {})
    assert.equal("tool" in hooks, false)
    assert.deepEqual(host.done, [["warn", 'The executor is "host", because another plugin is composed with opencode-delegate.']])
  })

  it("A name of another conversation stays in that conversation", async () => {
    const { before, ask, add } = await composed()
    add("ses_other")
    add("ses_theirs", { ...CHILD, parentID: "ses_other" })
    await ask([{ info: { sessionID: "ses_other" }, parts: [{ type: "text", metadata: BOARD, text: "- fix-1 / ses_theirs / fixer / completed" }] }])
    // It is no name of this conversation.
    assert.equal(await before("fix-1"), undefined)
  })

  const OTHER = { info: { sessionID: "ses_other" }, parts: [{ type: "text", metadata: BOARD, text: "- fix-1 / ses_theirs / fixer / completed" }] }

  it("A name of a conversation that is not loaded yet is known there", async () => {
    const { before, ask, add } = await composed()
    add("ses_other")
    add("ses_theirs", { ...CHILD, parentID: "ses_other" })
    await ask([OTHER])
    assert.equal(await before("fix-1", "ses_other"), "ses_theirs")
  })

  it("A name of a known session asks OpenCode for nothing, in a copy of its conversation too", async () => {
    const { before, ask, asked, add } = await composed()
    add("ses_other")
    await ask([{ ...OTHER, parts: [{ type: "text", metadata: BOARD, text: "- fix-1 / ses_a / fixer / completed" }] }])
    assert.deepEqual(asked, [])
    assert.equal(await before("fix-1"), "ses_a")
  })

  it("A call of the plugin's tool without a name asks OpenCode for nothing", async () => {
    const look = { args: { task_id: {} }, execute: async (/** @type {any} */ { task_id }) => task_id }
    const { hooks, asked, add } = await composed({ tool: { look } })
    add("ses_other")
    for (const task_id of [undefined, "", 5]) assert.equal(await hooks.tool.look.execute({ task_id }, { sessionID: "ses_other" }), task_id)
    assert.deepEqual(asked, [])
    await hooks.tool.look.execute({ task_id: "none" }, { sessionID: "ses_other" })
    assert.deepEqual(asked[0], "ses_other")
  })

  it("The plugin's tools get the id for a session's name", async () => {
    const look = { args: { task_id: {} }, execute: async (/** @type {any} */ { task_id }) => task_id }
    const { hooks, ask } = await composed({ tool: { look } })
    await ask([board("- fix-1 / ses_a / fixer / completed")])
    const reached = (/** @type {unknown} */ task_id) => hooks.tool.look.execute({ task_id }, { sessionID: "ses_root" })
    // The plugin resolves its own names itself.
    for (const [given, expected] of [["mend-it", "ses_a"], ["Mend It", "ses_a"], ["ses_a", "ses_a"], ["fix-1", "fix-1"], ["none", "none"], ["", ""], [5, 5]]) {
      assert.equal(await reached(given), expected)
    }
  })

  it("The plugin's tools get their own arguments if no task_id is given", async () => {
    const look = { args: { task_id: {} }, execute: async (/** @type {any} */ args) => args }
    const { hooks } = await composed({ tool: { look } })
    const args = { path: "a" }
    assert.equal(await hooks.tool.look.execute(args, { sessionID: "ses_root" }), args)
  })

  it("A call of the task tool without a result passes to the model", async () => {
    const { ask } = await composed()
    const parts = [{ type: "tool", tool: "task", state: { status: "pending" } }]
    const copy = structuredClone(parts)
    await ask([{ info: {}, parts }])
    assert.deepEqual(parts, copy)
  })

  it("A part of a kind of its own passes to the model", async () => {
    const { ask } = await composed()
    const parts = [{ type: "theirs", tool: "task" }]
    await ask([{ info: {}, parts }])
    assert.deepEqual(parts, [{ type: "theirs", tool: "task" }])
  })

  const END = "</task>"
  const line = `${END}\ntask_id: auth (spawned: New.)`
  const result = (/** @type {unknown} */ output, fields = {}) => ({ type: "tool", tool: "task", state: { output, metadata: { delegate: { task_id: "auth" } } }, ...fields })

  /** The call's part, the plugin's version of its result, and the final result. @type {[string, any, unknown, unknown][]} */
  const CASES = [
    ["A result that the plugin rewrites keeps its result line", result(`a${line}`), `b${END}`, `b${line}`],
    ["A result that keeps its line has it once", result(`a${line}`), `b${line}`, `b${line}`],
    ["A result with two task blocks keeps the line below the last", result(`a${END} b${line}`), "c", `c${line.slice(END.length)}`],
    ["A result of another tool stays as the plugin wrote it", result(`a${line}`, { tool: "read" }), "b", "b"],
    ["A result that is not ours stays as the plugin wrote it", result(`a${line}`, { state: { output: `a${line}`, metadata: {} } }), "b", "b"],
    ["A part without a result stays as the plugin wrote it", result(undefined), "b", "b"],
  ]
  for (const [what, part, written, expected] of CASES) {
    it(what, async () => {
      const { ask } = await composed({ "experimental.chat.messages.transform": async () => void (part.state.output = written) })
      await ask([{ info: {}, parts: [{ type: "text" }, part] }])
      assert.equal(part.state.output, expected)
    })
  }
})
