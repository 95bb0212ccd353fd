// A plugin of OpenCode 2 composed with the engine: what its setup, its hooks and its tools get. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { withDelegation } from "../../js/compose.js"
import { SLIM_CALLS, composeSetup } from "../../js/compose/index.js"
import { opencode2 } from "./opencode2.js"

/** A composed plugin that notes its hooks around calls. @param {string} id @param {string[]} seen @param {(event: any) => unknown} [does] what it does before a call */
const noting = (id, seen, does = () => {}) => withDelegation({
  id,
  async setup(/** @type {any} */ context) {
    await context.tool.hook("execute.before", async (/** @type {any} */ event) => {
      // The hooks wait for each other.
      await undefined
      seen.push(`${id} before ${event.tool} ${event.input?.sessionID}`)
      await does(event)
    })
    await context.tool.hook("execute.after", (/** @type {any} */ { tool, result }) => seen.push(`${id} after ${tool}: ${result.content[0].text}`))
  },
})

/** What OpenCode's own tool says. @param {string} id */
const said = (id) => `<subagent id="${id}">\ndone\n</subagent>`

/** A plugin's tool that says what it was given. @param {string} name */
const telling = (name) => ({ name, input: {}, execute: async (/** @type {any} */ input) => ({ content: JSON.stringify(input) ?? "nothing" }) })

describe("A call in OpenCode 2", () => {
  it("The plugin sees the engine's session, and OpenCode's own result, once", async () => {
    const seen = /** @type {string[]} */ ([])
    const host = opencode2()
    await host.load(noting("a", seen))
    assert.equal(await host.call({ task_id: "the-look" }), `${said("ses_1a")}\ntask_id: the-look (spawned: No session has this name yet.)`)
    assert.match(await host.call({ task_id: "The Look" }), /^<subagent id="ses_1a">[^]*\ntask_id: the-look \(resumed: /)
    const after = `a after subagent: ${said("ses_1a")}`
    assert.deepEqual(seen, ["a before subagent the-look", after, "a before subagent ses_1a", after])
  })

  it("The hooks for other tools run at once", async () => {
    const seen = /** @type {string[]} */ ([])
    const host = opencode2()
    await host.load(noting("a", seen))
    await host.context.tool.transform((editor) => editor.add(telling("look")))
    await host.callTool({ path: "a" }, "look")
    assert.deepEqual(seen, ["a before look undefined", 'a after look: {"path":"a"}'])
  })

  it("A hook that the plugin ends runs no more, whatever the tool", async () => {
    const seen = /** @type {string[]} */ ([])
    const host = opencode2()
    const hooks = /** @type {any[]} */ ([])
    await host.load(withDelegation({
      id: "a",
      async setup(/** @type {any} */ { tool }) {
        for (const name of ["execute.before", "execute.after"]) hooks.push(await tool.hook(name, (/** @type {any} */ { tool }) => seen.push(`${name} ${tool}`)))
        await tool.transform((/** @type {any} */ editor) => editor.add(telling("look")))
      },
    }))
    await host.call()
    await host.callTool({}, "look")
    assert.equal(seen.length, 4)
    for (const hook of hooks) await hook.dispose()
    await host.call()
    await host.callTool({}, "look")
    assert.equal(seen.length, 4)
  })

  it("A hook of another kind is OpenCode's, with all that the plugin says of it", async () => {
    const host = opencode2()
    const seen = /** @type {unknown[]} */ ([])
    const work = (/** @type {unknown} */ event) => void seen.push(event)
    await host.load(withDelegation({
      id: "a",
      async setup(/** @type {any} */ { tool, session }) {
        await tool.hook("definition", work, "early")
        await session.hook("model.request", work, "late")
        for (const name of ["execute.before", "execute.after"]) await tool.hook(name, () => {}, "first")
        await session.hook("context", () => {}, "last")
      },
    }))
    const own = [["tool.definition", "early"], ["session.model.request", "late"], ["tool.execute.before", "first"], ["tool.execute.after", "first"], ["session.context", "last"]]
    assert.deepEqual(host.registered.slice(0, 5), own)
    const event = { tool: "subagent" }
    for (const name of ["tool.definition", "session.model.request"]) await host.run(name, event)
    assert.ok(seen.length === 2 && seen.every((each) => each === event))
  })

  it("A new name for which the plugin gives an id resumes that session", async () => {
    const host = opencode2()
    await host.load(noting("a", [], ({ input }) => input.sessionID === "nick" && (input.sessionID = "ses_1a")))
    await host.call({ task_id: "one" })
    assert.match(await host.call({ task_id: "nick" }), /\ntask_id: one \(resumed: /)
  })

  /** The input that OpenCode's tool gets. @type {[string, any, any][]} */
  const INPUTS = [
    ["A name as the sessionID is one", { agent: "fixer", sessionID: "Look around" }, { agent: "fixer", task_id: "Look around" }],
    ["An id stays the sessionID", { agent: "fixer", sessionID: "ses_1a" }, { agent: "fixer", sessionID: "ses_1a" }],
    ["A name beside a name stays, for the tool to refuse", { sessionID: "one", task_id: "two" }, { sessionID: "one", task_id: "two" }],
    ["A call without a session stays as it is", { agent: "fixer" }, { agent: "fixer" }],
    ["A session that is no text stays as it is", { sessionID: 5 }, { sessionID: 5 }],
    ["A call without an input stays as it is", undefined, undefined],
  ]
  for (const [what, input, expected] of INPUTS) {
    it(what, async () => {
      const host = opencode2()
      await host.load(noting("a", []))
      assert.deepEqual((await host.run("tool.execute.before", { tool: "subagent", input })).input, expected)
      assert.deepEqual((await host.run("tool.execute.before", { tool: "look", input })).input, input)
    })
  }
})

describe("Plugins that are composed in one project", () => {
  /** The plugins whose hooks before a call ran. @param {string[]} seen */
  const ids = (seen) => seen.splice(0).filter((what) => what.includes("before")).map((what) => what.slice(0, what.indexOf(" ")))

  it("Each sees a call, and one that is loaded again keeps its place in the order", async () => {
    const seen = /** @type {string[]} */ ([])
    const host = opencode2()
    const load = async (/** @type {string[]} */ ...ids) => {
      for (const id of ids) await host.load(noting(id, seen))
    }
    await load("a", "b", "c")
    await host.call()
    assert.deepEqual(ids(seen), ["a", "b", "c"])
    host.unload()
    await load("c", "b", "a")
    await host.call()
    assert.deepEqual(ids(seen), ["a", "b", "c"])
  })

  it("The end of a load that another one has replaced ends no other plugin", async () => {
    const seen = /** @type {string[]} */ ([])
    const host = opencode2()
    const end = await host.load(noting("a", seen))
    await host.load(noting("b", seen))
    host.unload()
    for (const id of ["a", "b"]) await host.load(noting(id, seen))
    await end()
    await host.call()
    assert.deepEqual(ids(seen), ["a", "b"])
  })

  it("A plugin ends alone", async () => {
    const seen = /** @type {string[]} */ ([])
    const host = opencode2()
    const [, endB] = [await host.load(noting("a", seen)), await host.load(noting("b", seen)), await host.load(noting("c", seen))]
    await endB()
    await host.call()
    assert.deepEqual(ids(seen), ["a", "c"])
  })

  it("A plugin beside which the engine cannot begin fails with the error, and sees no call", async () => {
    const seen = /** @type {string[]} */ ([])
    const host = opencode2()
    const error = new Error("No hooks.")
    const { hook } = host.context.permission
    host.context.permission.hook = async () => Promise.reject(error)
    await assert.rejects(host.load(noting("a", seen)), (thrown) => thrown === error)
    host.context.permission.hook = hook
    await host.load(noting("b", seen))
    await host.call()
    assert.deepEqual(ids(seen), ["b"])
  })
})

describe("The end of a composed plugin", () => {
  it("Its hooks run in OpenCode's own order, and with OpenCode's own input", async () => {
    const seen = /** @type {string[]} */ ([])
    const host = opencode2()
    const end = await host.load(noting("a", seen))
    await host.call()
    seen.length = 0
    await end()
    const event = { tool: "subagent", input: { sessionID: "Look around" }, result: { content: [{ text: "done" }] } }
    for (const name of ["before", "after"]) await host.run(`tool.execute.${name}`, event)
    assert.deepEqual(seen, ["a before subagent Look around", "a after subagent: done"])
    assert.deepEqual(event.input, { sessionID: "Look around" })
  })

  it("Its tools and its requests pass as they are", async () => {
    const host = opencode2()
    const board = "- fix-1 / ses_1a / fixer / running"
    const setup = async (/** @type {any} */ { tool, session }) => {
      await tool.transform((/** @type {any} */ editor) => editor.add(telling("look")))
      await session.hook("context", () => {})
    }
    const end = /** @type {any} */ (await composeSetup(host.context, setup, "a", {}, SLIM_CALLS))
    await end()
    assert.equal(await host.callTool({ task_id: "one" }, "look"), '{"task_id":"one"}')
    await composedContext(host, [{ role: "user", content: [{ type: "text", text: board, metadata: BOARD }] }])
  })

  it("Both plugins end, and an error of the plugin's own end is given", async () => {
    const error = new Error("It does not end.")
    const host = opencode2()
    const end = await host.load(withDelegation({ id: "a", setup: async () => async () => { throw error } }))
    await assert.rejects(end(), (thrown) => thrown === error)
    await assert.rejects(host.call(), /OpenCode reloaded this plugin/)
  })

  it("The plugin's own end runs, and an answer of a setup that is none is left alone", async () => {
    let ended = 0
    for (const answer of /** @type {any[]} */ ([() => void ended++, undefined, "none"])) {
      const end = await opencode2().load(withDelegation({ id: "a", setup: async () => answer }))
      await end()
    }
    assert.equal(ended, 1)
  })
})

const BOARD = { "oh-my-opencode-slim.backgroundJobBoard": true }

/** A request to the model, through the hooks. @param {ReturnType<typeof opencode2>} host @param {any[]} messages */
const composedContext = (host, messages) => host.run("session.context", { sessionID: "ses_root", messages })

describe("A plugin of OpenCode 2 with names of its own", () => {
  const board = { role: "user", content: [{ type: "text", text: "- fix-1 / ses_1a / fixer / running", metadata: BOARD }] }

  /** A plugin whose hook before a call does something, composed with what is known of slim. @param {(event: any) => unknown} [does] @param {boolean} [known] */
  async function composed(does = () => {}, known = true) {
    const host = opencode2()
    const setup = async (/** @type {any} */ { tool, session }) => {
      await tool.hook("execute.before", does)
      await session.hook("context", () => {})
    }
    await host.load({ setup: (context) => composeSetup(context, setup, "a", {}, known ? SLIM_CALLS : undefined) })
    await host.call({ task_id: "one" })
    return host
  }

  it("A name is known when the model has read it", async () => {
    const host = await composed()
    await composedContext(host, [{ role: "user", content: "Go on." }, board])
    assert.match(await host.call({ task_id: "fix-1" }), /\ntask_id: one \(resumed: /)
  })

  it("A name is known in a conversation that an engine before this one has read", async () => {
    const host = opencode2()
    const load = () => host.load({ setup: (context) => composeSetup(context, (/** @type {any} */ { session }) => session.hook("context", () => {}), "a", {}, SLIM_CALLS) })
    const end = await load()
    await host.call({ task_id: "one" })
    await end()
    host.unload()
    await load()
    await composedContext(host, [board])
    assert.match(await host.call({ task_id: "fix-1" }), /\ntask_id: one \(resumed: /)
  })

  it("A name that the model has not read is the engine's", async () => {
    const host = await composed(({ input }) => input.sessionID === "fix-1" && (input.sessionID = "ses_1a"))
    assert.match(await host.call({ task_id: "fix-1" }), /\ntask_id: fix-1 \(spawned: /)
  })

  const refusing = (/** @type {any} */ { input }) => {
    if (input.sessionID === "ses_1a") throw new Error("A background task with the same objective already finished.")
  }

  it("A session that the plugin takes for a new one, and refuses, is resumed", async (t) => {
    const logged = t.mock.method(console, "warn", () => {})
    const host = await composed(refusing)
    assert.match(await host.call({ task_id: "one" }), /\ntask_id: one \(resumed: /)
    assert.match(String(logged.mock.calls[0]?.arguments), /Session ses_1a was resumed though another plugin refused to start a new one/)
  })

  it("A refusal stands if nothing is known of the plugin", async () => {
    const host = await composed(refusing, false)
    await assert.rejects(host.call({ task_id: "one" }), /same objective already finished/)
  })
})

describe("A result in a request of OpenCode 2", () => {
  const END = "</subagent>"
  const line = `${END}\ntask_id: look (spawned: New.)`
  const result = (/** @type {unknown} */ value, fields = {}) => ({ type: "tool-result", id: "call_1", name: "subagent", result: { type: "text", value }, ...fields })
  const text = (/** @type {string} */ text) => ({ type: "text", text })
  const media = { type: "media", data: "…" }

  /** The result, the plugin's version of it, and the final one. @type {[string, any, unknown, unknown][]} */
  const CASES = [
    ["A result that the plugin rewrites keeps its line", result(`a${line}`), `b${END}`, `b${line}`],
    ["A result that the plugin empties keeps its line", result(`a${line}`), "", line.slice(END.length)],
    ["A result that keeps its line has it once", result(`a${line}`), `b${line}`, `b${line}`],
    ["A result with two ends keeps the line below the last", result(`a${END} b${line}`), "c", `c${line.slice(END.length)}`],
    ["A result in parts keeps its line as a part", result([text(`a${line}`)]), [text("b")], [text("b"), text("task_id: look (spawned: New.)")]],
    ["A part without a text leaves the line as it is", result([media, text(`a${line}`), media]), [media], [media, text("task_id: look (spawned: New.)\n")]],
    ["A line in a part of its own is kept under a text", result([text(`a${END}`), text("task_id: look")]), "b", "b\ntask_id: look"],
    ["A result without an end stays as the plugin wrote it", result("a long answer"), "b", "b"],
    ["A result without a line stays as the plugin wrote it", result(`a${END}`), "b", "b"],
    ["A result of another tool stays as the plugin wrote it", result(`a${line}`, { name: "read" }), "b", "b"],
    ["A part that is no result stays as the plugin wrote it", result(`a${line}`, { type: "tool-call" }), "b", "b"],
    ["An error stays as the plugin wrote it", result({ error: { message: `a${line}` } }), "b", "b"],
    ["A result that is no text any more stays as the plugin wrote it", result(`a${line}`), { pruned: true }, { pruned: true }],
  ]
  for (const [what, part, written, expected] of CASES) {
    it(what, async () => {
      const host = opencode2()
      const setup = (/** @type {any} */ { session }) => session.hook("context", async (/** @type {any} */ { messages }) => {
        await undefined
        messages[2].content[1] = structuredClone({ ...part, result: { ...part.result, value: written } })
      })
      await host.load(withDelegation({ id: "a", setup }))
      const messages = [{ role: "user", content: "Go." }, { role: "assistant" }, { role: "tool", content: [text("first"), structuredClone(part)] }]
      await composedContext(host, messages)
      assert.deepEqual(/** @type {any} */ (messages[2]).content[1].result.value, expected)
    })
  }

  it("A result that the plugin takes out is gone", async () => {
    const host = opencode2()
    const setup = (/** @type {any} */ { session }) => session.hook("context", (/** @type {any} */ { messages }) => void delete messages[0].content[0].result)
    await host.load(withDelegation({ id: "a", setup }))
    const { messages } = await composedContext(host, [{ role: "tool", content: [result(`a${line}`)] }])
    assert.deepEqual(messages, [{ role: "tool", content: [{ type: "tool-result", id: "call_1", name: "subagent" }] }])
  })
})

describe("A tool of a composed plugin of OpenCode 2", () => {
  /** A host with a session `look-around`, and a plugin that adds a tool. @param {any} tool */
  async function adding(tool) {
    const host = opencode2()
    await host.load(withDelegation({ id: "a", setup: (/** @type {any} */ context) => context.tool.transform((/** @type {any} */ editor) => editor.add(tool)) }))
    return host
  }

  it("A tool gets the id for a session's name, and else its own input", async () => {
    const host = await adding(telling("look"))
    await host.call()
    for (const [task_id, expected] of [["look-around", "ses_1a"], ["Look around", "ses_1a"], ["ses_1a", "ses_1a"], ["none", "none"], ["", ""], [5, 5]]) {
      assert.equal(await host.callTool({ task_id, path: "a" }, "look"), JSON.stringify({ task_id: expected, path: "a" }))
    }
    assert.equal(await host.callTool({ path: "a" }, "look"), '{"path":"a"}')
    assert.equal(await host.callTool(undefined, "look"), "nothing")
  })

  it("A call of a tool without a name asks OpenCode for nothing", async (t) => {
    const host = await adding(telling("look"))
    host.add("ses_other")
    const asked = t.mock.method(host.context.session, "get").mock
    for (const task_id of [undefined, "", 5]) await host.callTool({ task_id }, "look", "ses_other")
    assert.equal(asked.callCount(), 0)
    await host.callTool({ task_id: "none" }, "look", "ses_other")
    assert.deepEqual(asked.calls[0].arguments, [{ sessionID: "ses_other" }])
  })

  it("A tool is called as a method, and keeps its other fields", async () => {
    class Look {
      name = "look"
      #word = "seen"
      get description() { return this.#word }
      async execute() { return { content: this.#word } }
    }
    const host = await adding(new Look())
    assert.equal(await host.callTool({ task_id: "one" }, "look"), "seen")
    assert.deepEqual([host.tool("look").name, host.tool("look").description], ["look", "seen"])
  })

  it("A tool that cannot be called, and one in place of OpenCode's own, are added as they are", async () => {
    const host = opencode2()
    const tools = [{ name: "none" }, { name: "odd", execute: "no" }, undefined, { ...telling("subagent") }]
    const added = /** @type {unknown[]} */ ([])
    const { transform } = host.context.tool
    host.context.tool.transform = (edit) => transform((editor) => edit({ ...editor, add: (/** @type {any} */ tool) => added.push(tool) }))
    await host.load(withDelegation({ id: "a", setup: (/** @type {any} */ context) => context.tool.transform((/** @type {any} */ editor) => tools.forEach(editor.add)) }))
    assert.ok(tools.every((tool, place) => added[place] === tool))
  })

  it("A tool of OpenCode's can be changed as without this package", async () => {
    const host = opencode2()
    const setup = (/** @type {any} */ context) => context.tool.transform((/** @type {any} */ editor) => editor.update("subagent", (/** @type {any} */ tool) => (tool.description = "Hands over")))
    await host.load(withDelegation({ id: "a", setup }))
    assert.match(host.tool("subagent").description, /^Hands over\n\nEvery subagent session has a name/)
  })
})

describe("The storage of a composed plugin of OpenCode 2", () => {
  it("The engine's records stand in a place of their own, and outlive the engine", async () => {
    const host = opencode2()
    const plugin = withDelegation({ id: "a", setup: (/** @type {any} */ { storage }) => storage.set("children/ses_root/mine", { plants: 3 }) })
    const end = await host.load(plugin)
    for (const name of ["one", "two", "three"]) await host.call({ task_id: name })
    await end()
    host.unload()
    assert.deepEqual([...host.stored.keys()].filter((key) => !key.startsWith("opencode-delegate/")), ["children/ses_root/mine"])
    await host.load(plugin)
    for (const name of ["one", "two", "three"]) assert.match(await host.call({ task_id: name }), /\(resumed: /, name)
  })

  it("The record of a deleted session is removed", async () => {
    const host = opencode2()
    const own = ["record/ses_1a", "children/ses_root/ses_1a"]
    await host.load(withDelegation({ id: "a", setup: (/** @type {any} */ { storage }) => Promise.all(own.map((key) => storage.set(key, "mine"))) }))
    await host.call({ task_id: "one" })
    assert.equal(host.stored.size, 3)
    await host.emit("session.deleted", { sessionID: "ses_1a" })
    assert.deepEqual([...host.stored.keys()], own)
  })
})
