// A plugin's own tools, read and followed as their description says, with a stand-in for the engine. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import "../../js/engine.js"
import { followTools, readTools } from "../../js/compose/described_tools.js"

/** @type {import("../../js/compose/description.js").ToolDescription} */
const PLAIN = { session: "resume", agent: "to", child: { metadata: "child" } }
/** @type {import("../../js/compose/description.js").ToolDescription} */
const FULL = {
  ...PLAIN, background: "async", permission: "hand", child: { metadata: "child", text: "^Session: (.*)$" }, task: { metadata: "task" },
  refusals: ["^No", "^Never"], forgotten: "^Forgotten", unready: "^Unready",
}

/** A described tool. @param {import("../../js/compose/description.js").ToolDescription} tool */
const read = (tool) => /** @type {import("../../js/opencode1/index.js").PluginTool} */ (readTools({ plugin: "theirs", tools: { tool } }).get("tool"))

describe("The arguments of a described tool", () => {
  /** The arguments, and what is read of them. @type {[string, any, any][]} */
  const CASES = [
    ["A description is read without the space around it", { description: " Mend it\n", prompt: "Go." }, { description: "Mend it", described: true, prompt: "Go." }],
    ["A description of space alone is none", { description: " \n", prompt: "Go." }, { description: "Go.", described: false }],
    ["The first words of a prompt may stand in any space", { prompt: "  Mend all\n\n of  the code" }, { description: "Mend all of the", described: false }],
    ["A call without words has no description", {}, { description: "", prompt: "", described: false }],
    ["A value that is no text is none", { to: 5, resume: {}, description: [], prompt: null }, { agent: "", task_id: undefined, description: "", described: false, prompt: "" }],
    ["A call waits unless its flag is set", { async: "true" }, { background: false }],
    ["A call with its flag does not wait", { async: true }, { background: true }],
  ]
  for (const [what, args, expected] of CASES) {
    it(what, () => {
      const found = /** @type {any} */ (read(FULL).read(args))
      for (const [name, value] of Object.entries(expected)) assert.equal(found[name], value, name)
    })
  }

  it("A tool without a flag waits, whatever its arguments are", () => assert.equal(read(PLAIN).read({ undefined: true }).background, false))

  it("A call is made to wait by its flag, and needs none if the tool has none", () => {
    assert.deepEqual(read(FULL).wait({ to: "fixer", async: true }), { to: "fixer", async: false })
    const args = { to: "fixer" }
    assert.equal(read(PLAIN).wait(args), args)
  })

  it("A tool needs its own permission, and that of OpenCode's tool if it names none", () => {
    assert.deepEqual([FULL, PLAIN].map((tool) => read(tool).read({}).permission), ["hand", "task"])
  })
})

describe("The result of a described tool", () => {
  const result = (/** @type {string} */ text, metadata = {}) => ({ text, metadata })

  it("A refusal, a forgotten session and an unready one are known by their patterns", () => {
    const { refuses, forgot, unready } = read(FULL)
    for (const [text, ...expected] of /** @type {const} */ ([
      ["No.", true, false, false], ["Never.", true, false, false], ["Forgotten.", false, true, false], ["Unready.", false, false, true], ["Done: No.", false, false, false],
    ])) assert.deepEqual([refuses, forgot, unready].map((is) => is(result(text))), expected, text)
  })

  it("A tool without patterns gives none of these results", () => {
    const { refuses, forgot, unready } = read(PLAIN)
    for (const text of ["", "No.", "Forgotten.", "undefined"]) assert.deepEqual([refuses, forgot, unready].map((is) => is(result(text))), [false, false, false], text)
  })

  /** The metadata, the text, and the child. @type {[string, any, string, string | undefined][]} */
  const CASES = [
    ["A child in the metadata goes before one in the text", { child: "ses_a" }, "Session: ses_b", "ses_a"],
    ["An empty child in the metadata is none", { child: "" }, "Session: ses_b", "ses_b"],
    ["A child in the metadata that is no text is none", { child: 5 }, "Session: ses_b", "ses_b"],
    ["A child stands in a line of its own", {}, "Done.\nSession: ses_b\nBye.", "ses_b"],
    ["A child in the midst of a line is none", {}, "See Session: ses_b", undefined],
  ]
  for (const [what, metadata, text, child] of CASES) it(what, () => assert.equal(read(FULL).child(result(text, metadata)), child))

  it("A tool has a child or a task only in the places that are described", () => {
    assert.equal(read(PLAIN).child(result("Session: ses_b", { undefined: "ses_b" })), undefined)
    assert.equal(read(FULL).task(result("", { task: "task_1" }), false), "task_1")
    for (const background of [true, false]) assert.equal(read(PLAIN).task(result("task_1", { undefined: "task_1", task: "task_1" }), background), undefined)
  })
})

/** A plugin's tools, followed with a stand-in for the engine, which knows the session `one` of the plugin's `task_1`, and `two` and `three`. */
function following(/** @type {Record<string, any>} */ tools, /** @type {Partial<import("../../js/compose/description.js").Description>} */ given) {
  const description = { plugin: "theirs", ...given }
  const asked = /** @type {unknown[]} */ ([])
  const cancelled = /** @type {unknown[][]} */ ([])
  /** What the engine was given to run. @type {any[]} */
  const run = []
  const sessions = /** @type {Record<string, string>} */ ({ one: "ses_1a", two: "ses_2a", three: "ses_3a", task_3: "ses_3a" })
  const tasks = /** @type {Record<string, string>} */ ({ ses_1a: "task_1", ses_3a: "task_3" })
  const shared = /** @type {any} */ ({
    runPlugin: async (/** @type {any[]} */ ...all) => (run.push(all), "run"),
    resolveSession: async (/** @type {string} */ callerID, /** @type {string} */ id) => (asked.push([callerID, id]), sessions[id] && { id: sessions[id] }),
    pluginTask: (/** @type {string} */ id) => tasks[id],
    readSession: async (/** @type {string} */ id, /** @type {string} */ callerID) => `The engine reads ${id} for ${callerID}.`,
    cancelSession: async (/** @type {string} */ id, /** @type {string} */ callerID) => `The engine cancels ${id} for ${callerID}.`,
    cancelQueued: (/** @type {unknown[]} */ ...all) => void cancelled.push(all),
  })
  const followed = /** @type {Record<string, any>} */ (followTools(tools, description, readTools(description), shared))
  return { followed, asked, cancelled, run, call: (/** @type {string} */ name, /** @type {any} */ args) => followed[name].execute(args, CONTEXT) }
}
const CONTEXT = Object.freeze({ sessionID: "ses_root", callID: "call_1", metadata: () => assert.fail("It shows something.") })

describe("The tools of a described plugin", () => {
  it("A plugin without tools has none", () => {
    const { followed } = following(/** @type {any} */ (undefined), { readers: { look: { id: "task", unknown: "^Unknown", over: "^Over" } } })
    assert.equal(followed, undefined)
  })

  it("A tool that is not described is the plugin's own", () => {
    const tools = { look: { execute: async () => "seen" }, none: null }
    assert.deepEqual(following(tools, { tools: { hand_over: PLAIN }, readers: { read: { id: "task", unknown: "^Unknown" } } }).followed, tools)
  })

  it("A tool that delegates keeps its fields, and the engine runs its calls", async () => {
    const args = { to: "fixer" }
    const { call, followed, run } = following({ hand_over: { description: "Hands over", execute: async (/** @type {any[]} */ ...all) => all } }, { tools: { hand_over: PLAIN } })
    assert.equal(followed.hand_over.description, "Hands over")
    assert.equal(await call("hand_over", args), "run")
    const [[tool, execute, ...rest]] = run
    assert.equal(tool.read(args).agent, "fixer")
    assert.deepEqual([await execute("a", "b"), rest], [["a", "b"], [args, CONTEXT, { isOver: undefined, cancel: undefined }]])
  })
})

/** A plugin's tool that knows the ids of some tasks, and says so in some shape. @param {(text: string) => unknown} shape */
function knowing(shape) {
  const tried = /** @type {unknown[]} */ ([])
  const execute = async (/** @type {any} */ args, /** @type {unknown} */ context) => {
    assert.equal(context, CONTEXT)
    tried.push(args)
    return shape(args?.task === "task_1" ? "Result" : "Unknown")
  }
  return { tool: { description: "Looks", execute }, tried }
}

describe("A tool that takes the id of a task", () => {
  /** The arguments, the result, and the tasks that the plugin is asked for. @type {[string, any, string, unknown[]][]} */
  const CASES = [
    ["The plugin's own id is the plugin's", { task: "task_1" }, "Result", ["task_1"]],
    ["A name is given as the plugin's own id", { task: "one", full: true }, "Result", ["one", "task_1"]],
    ["A session without a task of the plugin is the engine's", { task: "two" }, "The engine reads ses_2a for ses_root.", ["two"]],
    ["A session whose task the plugin has forgotten is the engine's", { task: "three" }, "The engine reads ses_3a for ses_root.", ["three", "task_3"]],
    ["An id that the plugin has forgotten is asked for once", { task: "task_3" }, "The engine reads ses_3a for ses_root.", ["task_3"]],
    ["A name that nobody knows is the plugin's", { task: "none" }, "Unknown", ["none"]],
  ]
  const readers = { look: { id: "task", unknown: "^Unknown" } }
  for (const [shape, made] of /** @type {[string, (text: string) => any][]} */ ([["a text", (text) => text], ["an object", (output) => ({ output })]])) {
    for (const [what, args, expected, asks] of CASES) {
      it(`${what}, with ${shape} as its result`, async () => {
        const { tool, tried } = knowing(made)
        const { call, followed } = following({ look: tool }, { readers })
        const result = await call("look", args)
        assert.deepEqual(result, expected.startsWith("The engine") ? expected : made(expected))
        assert.deepEqual(tried, asks.map((task) => ({ ...args, task })))
        assert.equal(followed.look.description, "Looks")
      })
    }
  }

  it("A call without an id is the plugin's, and the engine looks nothing up", async () => {
    for (const args of [{}, { task: "" }, { task: 5 }, { task: null }, undefined]) {
      const { tool, tried } = knowing((text) => text)
      const { call, asked } = following({ look: tool }, { readers })
      assert.equal(await call("look", args), "Unknown")
      assert.ok(tried.length === 1 && tried[0] === args && asked.length === 0)
    }
  })

  it("A result without a text is one that the plugin knows, unless its pattern is one of no text", async () => {
    for (const result of [undefined, null, {}, { output: "" }]) {
      const look = { execute: async () => result }
      assert.equal(await following({ look }, { readers }).call("look", { task: "two" }), result)
      assert.match(await following({ look }, { readers: { look: { id: "task", unknown: "^$" } } }).call("look", { task: "two" }), /^The engine reads ses_2a/)
    }
  })
})

describe("A tool that cancels tasks", () => {
  const cancellers = { stop: { id: "task", all: "every", unknown: "^Unknown" }, end: { id: "task", unknown: "^Unknown" } }

  /** The tool, the arguments, and the calls in the plugin's queue that are cancelled. @type {[string, string, any, unknown[][]][]} */
  const CASES = [
    ["The queued call of a session is cancelled", "stop", { task: "one" }, [["ses_root", "ses_1a"]]],
    ["All queued calls of the caller are cancelled", "stop", { every: true }, [["ses_root", undefined]]],
    ["All queued calls are cancelled, whatever session is named", "stop", { every: true, task: "one" }, [["ses_root", undefined]]],
    ["A flag that is not true cancels nothing", "stop", { every: "true", task: "none" }, []],
    ["A session that nobody knows cancels nothing", "stop", { task: "none" }, []],
    ["A session that is no text cancels nothing", "stop", { task: ["one"] }, []],
    ["A call without arguments cancels nothing", "stop", undefined, []],
    ["A tool without a flag for all cancels nothing without a session", "end", { undefined: true }, []],
    ["A tool without a flag for all cancels the call of a session", "end", { every: true, task: "one" }, [["ses_root", "ses_1a"]]],
  ]
  for (const [what, name, args, expected] of CASES) {
    it(what, async () => {
      const { tool } = knowing((text) => text)
      const { call, cancelled, followed } = following({ [name]: tool }, { cancellers })
      await call(name, args)
      assert.deepEqual(cancelled, expected)
      assert.equal(followed[name].description, "Looks")
    })
  }

  it("A call that is dropped from the queue is dropped after the plugin has answered, which the model reads", async () => {
    const { tool } = knowing((text) => text)
    assert.equal(await following({ stop: tool }, { cancellers }).call("stop", { task: "one" }), "Result")
    assert.equal(await following({ stop: tool }, { cancellers }).call("stop", { task: "two" }), "The engine cancels ses_2a for ses_root.")
    const { call, cancelled } = following({ stop: { execute: async () => assert.fail("It fails.") } }, { cancellers })
    await assert.rejects(call("stop", { every: true }), /It fails/)
    assert.deepEqual(cancelled, [])
  })
})

describe("A plugin's queue", () => {
  const shapes = /** @type {((text: string) => any)[]} */ ([(text) => text, (output) => ({ output })])
  const hand_over = { execute: async () => "Done" }

  /** What the engine can do with a plugin's tasks. @param {Record<string, any>} tools @param {object} description */
  async function tasks(tools, description) {
    const { call, run } = following({ hand_over, ...tools }, { tools: { hand_over: PLAIN }, ...description })
    await call("hand_over", {})
    return run[0][4]
  }
  const isOver = async (/** @type {Record<string, any>} */ tools, /** @type {Record<string, any>} */ readers) => (await tasks(tools, { readers })).isOver

  it("A task is over if a reader says so, or does not know it, and nothing of that is shown", async () => {
    for (const shape of shapes) {
      const given = /** @type {any[]} */ ([])
      const execute = async (/** @type {any} */ args, /** @type {any} */ context) => {
        context.metadata({ title: "Looks" })
        given.push([args, context.sessionID, context.callID])
        return shape({ task_1: "It runs. Over there.", task_2: "Over: it failed" }[/** @type {string} */ (args.task)] ?? "Unknown")
      }
      const over = await isOver({ look: { execute } }, { other: { id: "task", unknown: "^Unknown" }, gone: { id: "task", unknown: "^", over: "^" }, look: { id: "task", unknown: "^Unknown", over: "^Over" } })
      assert.deepEqual([await over("task_1"), await over("task_2"), await over("task_3")], [false, true, true])
      assert.deepEqual(given, ["task_1", "task_2", "task_3"].map((task) => [{ task }, "ses_root", undefined]))
    }
  })

  it("A reader that says nothing says nothing of a task", async () => {
    for (const result of [undefined, null, {}]) {
      const tools = { look: { execute: async () => result } }
      assert.equal(await (await isOver(tools, { look: { id: "task", unknown: "^Unknown", over: "^." } }))("task_1"), false)
      assert.equal(await (await isOver(tools, { look: { id: "task", unknown: "^Unknown", over: "^$" } }))("task_1"), true)
    }
  })

  it("A task is cancelled by the plugin's own tool, and nothing of that is shown", async () => {
    const given = /** @type {any[]} */ ([])
    const execute = async (/** @type {any} */ args, /** @type {any} */ context) => {
      context.metadata({ title: "Cancels" })
      given.push([args, context.sessionID, context.callID])
    }
    const { cancel } = await tasks({ stop: { execute } }, { cancellers: { gone: { id: "id", unknown: "^" }, stop: { id: "task", all: "every", unknown: "^Unknown" } } })
    assert.equal(await cancel("task_1"), undefined)
    assert.deepEqual(given, [[{ task: "task_1" }, "ses_root", undefined]])
    assert.equal((await tasks({}, { cancellers: { gone: { id: "id", unknown: "^" } } })).cancel, undefined)
    assert.equal((await tasks({}, {})).cancel, undefined)
  })

  it("The engine asks nothing if no reader of the plugin knows that", async () => {
    const tools = { look: { execute: async () => "Unknown" } }
    for (const readers of /** @type {any[]} */ ([{}, { look: { id: "task", unknown: "^Unknown" } }, { gone: { id: "task", unknown: "^Unknown", over: "^Over" } }])) {
      assert.equal(await isOver(tools, readers), undefined)
    }
  })
})
