// The tools for models: their texts, and delegate_output, delegate_steer, delegate_cancel and delegate_list. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import "../../js/engine.js"
import { BACKGROUND_GUIDE, TASK_ID_GUIDE, TOOL_GUIDE } from "../../js/core/texts/index.js"
import { delegateTools, smallTools } from "../../js/opencode1/execute/delegate_tools.js"
import { ToolDefinition } from "../../js/opencode1/hooks/tool_definition.js"
import { kept } from "./opencode.js"

/** The tools as models get them. */
const offered = () => delegateTools(smallTools(/** @type {any} */ ({})), async () => {})

describe("The task tool's text", () => {
  const own = () => ({ description: "OpenCode's words", jsonSchema: { properties: { prompt: { type: "string", description: "theirs" }, task_id: { type: "string", description: "theirs" } }, required: ["prompt"] } })
  const task_id = { type: "string", description: TASK_ID_GUIDE }
  const ours = () => ({ description: offered().task.description, jsonSchema: { type: "object", properties: { prompt: { description: "ours" }, task_id: {}, background: { type: "boolean" } }, required: ["prompt", "background"] } })

  it("The guide to names follows OpenCode's text", async () => {
    const output = own()
    await new ToolDefinition().define(output, false)
    assert.equal(output.description, `OpenCode's words\n\n${TOOL_GUIDE}`)
    assert.deepEqual(output.jsonSchema, { properties: { ...own().jsonSchema.properties, task_id }, required: ["prompt"] })
  })

  it("Two plugins add the guide once", async () => {
    const output = own()
    for (const _ of ["one", "two"]) await new ToolDefinition().define(output, false)
    assert.equal(output.description, `OpenCode's words\n\n${TOOL_GUIDE}`)
  })

  it("A tool without task_id keeps its parameters", async () => {
    const output = { description: "OpenCode's words", jsonSchema: { properties: { prompt: {} } } }
    await new ToolDefinition().define(output, false)
    assert.deepEqual(output.jsonSchema, { properties: { prompt: {} } })
    const bare = { description: "OpenCode's words" }
    await new ToolDefinition().define(bare, false)
    assert.equal("jsonSchema" in bare, false)
  })

  it("This package's tool has OpenCode's text, whichever is defined first", async () => {
    for (const order of ["theirs", "ours"]) {
      const definition = new ToolDefinition()
      const [theirs, output] = [own(), ours()]
      const early = order === "ours" ? definition.define(output, true) : undefined
      await definition.define(theirs, true)
      assert.deepEqual(theirs, own())
      await (early ?? definition.define(output, true))
      assert.equal(output.description, `OpenCode's words\n\n${TOOL_GUIDE}\n${BACKGROUND_GUIDE}`)
      assert.deepEqual(output.jsonSchema, {
        type: "object", properties: { ...own().jsonSchema.properties, background: { type: "boolean" }, task_id }, required: ["description", "prompt", "subagent_type"],
      })
    }
  })

  it("The parameter model is there if an agent lists models, and names them", async () => {
    const [theirs, output, without] = [own(), ours(), ours()]
    Object.assign(without.jsonSchema.properties, { model: { type: "string" } })
    /** @type {[string, string[]][]} */
    const models = [["fixer", ["a/one", "b/two"]], ["mapper", ["a/one"]]]
    await new ToolDefinition().define(theirs, false, { models })
    const { description } = /** @type {any} */ (theirs.jsonSchema.properties).model
    assert.equal(description, "The model for this session, if not the agent's own: one of its agent's models. fixer: a/one, b/two; mapper: a/one.")
    assert.equal(/** @type {any} */ (theirs.jsonSchema.properties).model.type, "string")
    await kept(new ToolDefinition().define(output, true, { models }))
    assert.equal(/** @type {any} */ (output.jsonSchema.properties).model.description, description)
    await kept(new ToolDefinition().define(without, true))
    assert.equal("model" in without.jsonSchema.properties, false)
  })

  it("The parameter limits is there if prompts have limits", async () => {
    const [theirs, output, without] = [own(), ours(), ours()]
    Object.assign(without.jsonSchema.properties, { limits: {} })
    await new ToolDefinition().define(theirs, false, { limited: true })
    await kept(new ToolDefinition().define(output, true, { limited: true }))
    await kept(new ToolDefinition().define(without, true))
    assert.deepEqual([theirs, output, without].map(({ jsonSchema }) => "limits" in jsonSchema.properties), [true, true, false])
  })

  it("OpenCode's own tool keeps what it says of a model and of limits", async () => {
    const output = own()
    const theirs = { model: { type: "string", description: "theirs" }, limits: { type: "object" } }
    Object.assign(output.jsonSchema.properties, theirs)
    await new ToolDefinition().define(output, false)
    assert.deepEqual(output.jsonSchema.properties, { ...own().jsonSchema.properties, ...theirs, task_id })
  })

  it("A long list of models is left out of the parameter", async () => {
    const output = own()
    await new ToolDefinition().define(output, false, { models: [["fixer", Array.from({ length: 100 }, (_, at) => `a/model-${at}`)]] })
    assert.match(/** @type {any} */ (output.jsonSchema.properties).model.description, /one of its agent's models\. A denial names them\.$/)
  })

  it("This package's tool has its own text if OpenCode defines none", async () => {
    const output = ours()
    await kept(new ToolDefinition().define(output, true))
    assert.equal(output.description, [ours().description, "", TOOL_GUIDE, BACKGROUND_GUIDE].join("\n"))
    assert.deepEqual(output.jsonSchema.properties.prompt, { description: "ours" })
  })
})

it("Each tool says what its parameters are, and of which type", () => {
  const texts = (/** @type {string[]} */ ...names) => names.map((name) => [name, { type: "string" }])
  const shown = Object.entries(offered()).map(([tool, { args }]) => {
    const described = /** @type {[string, any][]} */ (Object.entries(args))
    assert.ok(described.every(([, { description }]) => description.length > 9), tool)
    return [tool, described.map(([name, { description, ...schema }]) => [name, schema])]
  })
  const [integer, number] = [{ type: "integer" }, { type: "number" }]
  const limits = { type: "object", properties: { timeout_ms: integer, max_tokens: integer, max_cost: number, max_steps: integer }, additionalProperties: false }
  assert.deepEqual(shown, [
    ["task", [...texts("description", "prompt", "subagent_type", "task_id", "model"), ["limits", limits], ...texts("command"), ["background", { type: "boolean" }]]],
    ["delegate_output", texts("task_id")],
    ["delegate_steer", texts("task_id", "message")],
    ["delegate_cancel", texts("task_id")],
    ["delegate_list", [...texts("agent", "state"), ["page", { type: "integer" }], ["format", { type: "string", enum: ["table", "mermaid"] }]]],
  ])
})

it("All that a request of a primary gains has at most 2 400 bytes", () => {
  const { task, ...small } = offered()
  const schemas = Object.entries(small).map(([name, { description, args }]) => ({ type: "function", function: { name, description, parameters: { type: "object", properties: args, required: Object.keys(args) } } }))
  const added = [TOOL_GUIDE, BACKGROUND_GUIDE, TASK_ID_GUIDE, task.args.background, ...schemas].map((text) => JSON.stringify(text)).join()
  assert.ok(Buffer.byteLength(added) <= 2_400, `${Buffer.byteLength(added)} bytes`)
})

const ROOT = { id: "ses_root" }
const CHILD = { id: "ses_child", slug: "auth", parentID: "ses_root", status: "idle" }
const user = { info: { id: "u1", role: "user" }, parts: [{ type: "text", text: "Go." }] }
const said = (/** @type {any[]} */ parts, info = {}) => ({ info: { id: "a1", role: "assistant", finish: "stop", ...info }, parts })

/** The tools of a conversation. @param {{ session?: any, sessions?: any[], messages?: any[], prompts?: number, closed?: boolean, whenStored?: (id: string) => Promise<boolean> }} [given] */
function conversation({ session = CHILD, sessions = [], messages = [], prompts = 0, closed = false, whenStored = async () => true } = {}) {
  const done = /** @type {any[]} */ ([])
  const all = delegateTools(smallTools(/** @type {any} */ ({
    host: {
      messages: async (/** @type {string} */ id) => (done.push(["read", id]), messages),
      steer: async (/** @type {any} */ message) => void done.push(["steer", message]),
    },
    sync: {
      lists: true,
      closed,
      steer: (/** @type {any} */ { sessionID, task_id, message }) => (message ? { action: "send", sessionID: task_id, messageID: "msg_1", text: message, answer: `for ${sessionID}` } : { action: "refuse", message: "It is empty." }),
      resolve: async (/** @type {any} */ { task_id, sessionID }) => (task_id === "auth" && sessionID === "ses_root" ? session : task_id === "root" ? ROOT : undefined),
      nameFor: (/** @type {string} */ id) => session.slug ?? id,
      whenStored,
      resumable: () => sessions, visible: () => [ROOT, ...sessions], load: async () => {},
      list: (/** @type {string} */ id, /** @type {{ mermaid: boolean }} */ { mermaid, ...form }) => `${mermaid ? "diagram" : "table"} of ${id}${Object.values(form).filter((value) => value !== undefined).map((value) => ` ${value}`).join("")}`,
    },
    cancel: (/** @type {string} */ id, /** @type {string} */ callerID) => (done.push(["cancel all", id, callerID]), prompts),
  })))
  const use = async (/** @type {string} */ tool, args = {}) => all[tool].execute(args, { sessionID: "ses_root" })
  return { use, done }
}

it("No tool of a closed instance answers from what it forgot", async () => {
  const { use, done } = conversation({ closed: true })
  for (const [tool, args] of Object.entries({ delegate_output: {}, delegate_steer: { message: "Stop." }, delegate_cancel: {}, delegate_list: {} })) {
    await assert.rejects(use(tool, { task_id: "auth", ...args }), { message: "OpenCode reloaded this plugin during the call. Call again." })
  }
  assert.deepEqual(done, [])
})

it("A tool that takes a name shows it once the record of its session is stored", async () => {
  for (const [tool, args] of Object.entries({ delegate_output: {}, delegate_steer: { message: "Stop." }, delegate_cancel: {} })) {
    const ids = /** @type {string[]} */ ([])
    let stored = () => {}
    const { use, done } = conversation({ whenStored: (id) => new Promise((resolve) => (ids.push(id), (stored = () => resolve(true)))) })
    const used = use(tool, { task_id: "auth", ...args })
    await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual([ids, done], [["ses_child"], []], tool)
    stored()
    await used
    assert.equal(done.length, 1, tool)
  }
})

describe("delegate_output", () => {
  /** The session and its messages; the state, the text and the lines below it in the result. @type {[string, any, any[], string, string, string[]][]} */
  const CASES = [
    ["delegate_output returns the answer", {}, [user, said([{ type: "text", text: "Done." }])], "completed", "Done.", []],
    ["delegate_output returns a failed tool's error", {}, [user, said([{ type: "tool", state: { status: "error", error: "No file." } }])], "error", "No file.", []],
    ["delegate_output returns a failed model's error", {}, [user, said([{ type: "text", text: "I begin." }], { error: { name: "APIError", data: { message: "429" } } })], "error", "429", []],
    ["delegate_output says that there is no text", {}, [user], "error", "The session has no text yet.", []],
    ["delegate_output returns the last text of a running session", { status: "busy" }, [user, said([{ type: "text", text: "I begin." }], { finish: undefined })], "running", "I begin.", ["The session is still running; this is its last text."]],
    ["delegate_output marks an old answer as such if a new prompt waits", { prompt: "created" }, [user, said([{ type: "text", text: "Done." }])], "running", "Done.", ["The session is still running; this is its last text."]],
    ["delegate_output says that the process of a lost task is gone", { task: { state: "lost" } }, [user], "error", "The session has no text yet.", ["Its process ended during its last task; give this task_id to the task tool to go on."]],
    ["delegate_output adds no line for a completed task", { task: { state: "completed" } }, [user, said([{ type: "text", text: "Done." }])], "completed", "Done.", []],
  ]
  for (const [what, session, messages, state, text, below] of CASES) {
    it(what, async () => {
      const { title, output, metadata } = await conversation({ session: { ...CHILD, ...session }, messages }).use("delegate_output", { task_id: "auth" })
      const tag = state === "error" ? "task_error" : "task_result"
      assert.equal(output, [`<task id="ses_child" state="${state}">`, `<${tag}>`, text, `</${tag}>`, "</task>", "task_id: auth", ...below].join("\n"))
      assert.deepEqual([title, metadata], ["auth", { sessionId: "ses_child" }])
    })
  }

  it("delegate_output gives the id of a session without a name", async () => {
    assert.match((await conversation({ session: { ...CHILD, slug: undefined } }).use("delegate_output", { task_id: "auth" })).output, /\ntask_id: ses_child$/)
  })

  /** @type {[string, string, any[], RegExp][]} */
  const NONE = [
    ["An unknown name lists the sessions", "map", [CHILD, { id: "ses_bare" }], /^There is no subagent session "map" within reach\. There are: auth, ses_bare\.$/],
    ["An unknown name says that there is no session", "map", [], /^There is no subagent session "map" within reach\. There is none yet\.$/],
    ["delegate_output does not read a root", "root", [], /no subagent session "root"/],
  ]
  for (const [what, task_id, sessions, expected] of NONE) {
    it(what, async () => {
      const { use, done } = conversation({ sessions })
      await assert.rejects(use("delegate_output", { task_id }), ({ message }) => expected.test(message))
      assert.deepEqual(done, [])
    })
  }
})

describe("delegate_steer", () => {
  it("A message that the engine lets through goes to the session, and its caller reads the engine's answer", async () => {
    const { use, done } = conversation()
    const { title, output, metadata } = await use("delegate_steer", { task_id: "auth", message: "Leave src/old out." })
    assert.deepEqual(done, [["steer", { action: "send", sessionID: "auth", messageID: "msg_1", text: "Leave src/old out.", answer: "for ses_root" }]])
    assert.deepEqual([title, output, metadata], ["auth", "for ses_root", { sessionId: "ses_child" }])
  })
  it("A message that the engine refuses goes nowhere", async () => {
    const { use, done } = conversation()
    assert.equal((await use("delegate_steer", { task_id: "auth", message: "" })).output, "It is empty.")
    assert.deepEqual(done, [])
  })
  it("A message for an unknown session is an error that lists the sessions", async () => {
    await assert.rejects(conversation({ sessions: [CHILD] }).use("delegate_steer", { task_id: "map", message: "x" }), /There are: auth\./)
  })
})

describe("delegate_cancel", () => {
  /** The session, the number of its prompts, and the text of the result. @type {[string, any, number, string][]} */
  const CASES = [
    ["delegate_cancel counts the prompts", { status: "busy" }, 2, "Cancelled 2 prompts."],
    ["delegate_cancel counts one prompt", { status: "busy" }, 1, "Cancelled 1 prompt."],
    ["delegate_cancel cancels a turn that this process did not start", { status: "busy" }, 0, "The session's turn was cancelled."],
    ["delegate_cancel says that nothing runs", {}, 0, "The session was idle, so nothing was cancelled."],
  ]
  for (const [what, session, prompts, text] of CASES) {
    it(what, async () => {
      const { use, done } = conversation({ session: { ...CHILD, ...session }, prompts })
      const { title, output, metadata } = await use("delegate_cancel", { task_id: "auth" })
      assert.deepEqual(done, [["cancel all", "ses_child", "ses_root"]])
      assert.equal(output, `${text}\ntask_id: auth (its session is kept: give this task_id to go on with it)`)
      assert.deepEqual([title, metadata], ["auth", { sessionId: "ses_child" }])
    })
  }
})

describe("delegate_list", () => {
  const sessions = [{ ...CHILD, depth: 1, tokens: 0, lastUsed: 0 }]
  it("delegate_list shows a table", async () => {
    const { title, output } = await conversation({ sessions }).use("delegate_list")
    assert.equal(title, "1 session")
    assert.equal(output, "table of ses_root")
  })
  it("delegate_list shows a diagram on request", async () => assert.equal((await conversation({ sessions }).use("delegate_list", { format: "mermaid" })).output, "diagram of ses_root"))
  it("delegate_list hands on the agent, the state and the page, and no empty text", async () => {
    assert.equal((await conversation().use("delegate_list", { agent: "fixer", state: "idle", page: 2 })).output, "table of ses_root fixer idle 2")
    assert.equal((await conversation().use("delegate_list", { agent: "", state: "", page: null, format: "" })).output, "table of ses_root")
  })
  it("delegate_list counts no session", async () => assert.equal((await conversation().use("delegate_list")).title, "0 sessions"))
})
