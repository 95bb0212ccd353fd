// Any plugin composed with the engine, without a host: its own hooks and fields stay unchanged. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { withDelegation } from "../../js/compose.js"

/** The part of OpenCode that a decision needs: its sessions. */
function opencode() {
  /** @type {Map<string, any>} */
  const sessions = new Map()
  const add = (/** @type {string} */ id, fields = {}) =>
    void sessions.set(id, { id, title: id, time: { created: sessions.size, updated: sessions.size }, ...fields })
  for (const id of ["ses_root", "ses_other"]) add(id)
  const data = async (/** @type {unknown} */ data) => ({ data })
  const client = {
    session: {
      get: (/** @type {any} */ { path }) => data(sessions.get(path.id)),
      children: (/** @type {any} */ { path }) => data([...sessions.values()].filter(({ parentID }) => parentID === path.id)),
      status: () => data({}),
      update: (/** @type {any} */ { path, body }) => data(Object.assign(sessions.get(path.id), body)),
    },
    app: { agents: () => data(["explorer", "fixer"].map((name) => ({ name, mode: "subagent" }))), log: () => data(true) },
    config: { providers: () => data({ providers: [] }) },
    tui: { showToast: () => data(true) },
  }
  return { add, sessions, input: /** @type {any} */ ({ client, worktree: "/", directory: "/" }) }
}

/** A host that answers nothing. @type {any} */
const REFUSING = { client: new Proxy({}, { get: () => new Proxy({}, { get: () => async () => { throw new Error("refused") } }) }), worktree: "/", directory: "/" }

/** The composed hooks of a plugin. @param {any} theirs @param {any} [input] @returns {Promise<any>} */
const composed = (theirs, input = opencode().input) => /** @type {any} */ (withDelegation(async () => theirs))(input, undefined)

/** The hooks that are composed, each with arguments of a call. @type {Record<string, [any, any]>} */
const COMPOSED = {
  config: [{ agent: {} }, undefined],
  "chat.message": [{ sessionID: "ses_root" }, { message: { id: "msg_1", agent: "build" }, parts: [] }],
  "tool.definition": [{ toolID: "read" }, { description: "Reads" }],
  "tool.execute.before": [{ tool: "read", sessionID: "ses_root", callID: "c1" }, { args: { filePath: "a" } }],
  "tool.execute.after": [{ tool: "read", sessionID: "ses_root", callID: "c1", args: {} }, { title: "a", output: "alpha", metadata: {} }],
  "experimental.chat.messages.transform": [{}, { messages: [] }],
  "experimental.session.compacting": [{ sessionID: "ses_root" }, { context: [] }],
  event: [{ event: { type: "session.idle", properties: { sessionID: "ses_root" } } }, undefined],
  dispose: [undefined, undefined],
}

describe("withDelegation", () => {
  const server = async () => ({})

  it("A function gives a function", () => assert.equal(typeof withDelegation(server), "function"))

  it("A plugin gives a plugin with the same fields, and stays unchanged", () => {
    const plugin = { id: "mine", server, setup: async () => "for OpenCode 2", tui: undefined, more: { a: 1 } }
    const { server: ours, setup: oursToo, ...rest } = withDelegation(plugin)
    const { server: theirs, setup, ...expected } = plugin
    assert.deepEqual(rest, expected)
    assert.ok(rest.more === plugin.more && theirs === server && ours !== server && oursToo !== setup)
    assert.deepEqual(Object.keys(withDelegation(plugin)).sort(), Object.keys(plugin).sort())
    assert.deepEqual(Object.keys(withDelegation({ id: "mine", server })), ["id", "server"])
  })

  it("A plugin of a class gives a plugin with the inherited fields", () => {
    const { id, server } = withDelegation(new (class { get id() { return "mine" } async server() { return {} } })())
    assert.deepEqual([id, typeof server], ["mine", "function"])
  })

  it("A plugin of OpenCode 2 alone gives one", () => {
    assert.deepEqual(Object.keys(withDelegation({ id: "mine", setup: async () => {} })), ["id", "setup"])
  })

  it("A setup gets the context of another host unchanged, and its answer is given back", async () => {
    const context = { tool: {} }
    assert.equal(await withDelegation({ setup: async (/** @type {unknown} */ given) => given }).setup(context), context)
  })

  for (const what of /** @type {any[]} */ ([undefined, null, 5, "text", true, {}, { server: 5 }, { setup: 5 }, { id: "mine" }, { default: server }, [], [server], Promise.resolve(server)])) {
    it(`withDelegation throws a TypeError for ${JSON.stringify(what) ?? typeof what}`, () => assert.throws(() => withDelegation(what), { name: "TypeError", message: /^withDelegation takes a plugin function/ }))
  }
})

describe("A composed server", () => {
  it("The server gets the same input and options, and none of ours", async () => {
    for (const options of [undefined, { theirs: 1 }, Object.freeze({ nonsense: true })]) {
      const { input } = opencode()
      let got = /** @type {unknown[]} */ ([])
      await withDelegation(async (/** @type {unknown[]} */ ...all) => ((got = all), {}), { same_agent: "resume" })(input, options)
      assert.ok(got.length <= 2 && got[0] === input && got[1] === options)
    }
  })

  it("The server is called as a method of its plugin", async () => {
    const plugin = /** @type {any} */ ({ id: "mine", name: "Mine", async server() { return { name: this.name } } })
    assert.equal((await withDelegation(plugin).server(opencode().input)).name, "Mine")
  })

  it("A server that fails gives the same error", async () => {
    const error = new Error("mine")
    for (const server of /** @type {any[]} */ ([() => { throw error }, async () => { throw error }])) {
      await assert.rejects(withDelegation(server)(opencode().input), (thrown) => thrown === error)
    }
  })

  for (const hooks of [undefined, null, {}]) {
    it(`A server may return ${JSON.stringify(hooks)}, at once or later`, async () => {
      for (const server of /** @type {any[]} */ ([() => hooks, async () => hooks])) {
        const all = await withDelegation(server)(opencode().input)
        assert.equal("tool" in all, false)
        assert.deepEqual(Object.keys(all).sort(), Object.keys(COMPOSED).sort())
        for (const [name, [input, output]] of Object.entries(COMPOSED)) await all[name](input, output)
      }
    })
  }
})

describe("A composed hook", () => {
  for (const [name, [input, output]] of Object.entries(COMPOSED)) {
    it(`${name} gets the same objects, once, whatever the host answers`, async () => {
      for (const host of [opencode().input, REFUSING]) {
        const copy = structuredClone([input, output])
        const got = /** @type {unknown[][]} */ ([])
        await (await composed({ [name]: async (/** @type {unknown[]} */ ...all) => void got.push(all) }, host))[name](input, output)
        assert.ok(got.length === 1 && got[0][0] === input && got[0][1] === output)
        assert.deepEqual([input, output], copy)
      }
    })

    it(`${name} fails with the same error if it throws or rejects`, async () => {
      const error = Object.assign(new RangeError("mine"), { code: 7 })
      for (const hook of [() => { throw error }, () => Promise.reject(error)]) {
        const hooks = await composed({ [name]: hook })
        await assert.rejects(async () => hooks[name](input, output), (thrown) => thrown === error)
      }
    })

    it(`${name} is called on the plugin's hooks`, async () => {
      let seen
      class Hooks { [name]() { seen = this } }
      const theirs = new Hooks()
      await (await composed(theirs))[name](input, output)
      assert.equal(seen, theirs)
    })
  }

  it("The event hook runs at once, since OpenCode does not wait for it", async () => {
    let seen = false
    const hooks = await composed({ event: () => { seen = true } })
    assert.ok((hooks.event(...COMPOSED.event), seen))
  })

  it("A config hook that fails does not stop ours", async () => {
    const config = /** @type {any} */ ({ agent: { lead: { mode: "subagent", task_budget: 2 } } })
    const hooks = await composed({ config: async () => { throw new Error("mine") } })
    await assert.rejects(hooks.config(config), /mine/)
    assert.equal(config.subagent_depth, 3)
  })
})

describe("This package's fields of agents", () => {
  const budget = { task_budget: 2 }

  /** The agents, the plugin's version of them, and the final ones. @type {[string, any, any, any][]} */
  const CASES = [
    ["A field of an agent that the plugin writes again is kept", { lead: { mode: "subagent", ...budget } }, { lead: { mode: "subagent", prompt: "Lead." } }, { lead: { mode: "subagent", prompt: "Lead.", options: {}, permission: { task: "allow" } } }],
    ["A field among the options is kept", { lead: { mode: "subagent", options: { ...budget, heat: 1 } } }, { lead: { mode: "subagent" } }, { lead: { mode: "subagent", options: {}, permission: { task: "allow" } } }],
    ["A field that the plugin sets itself wins", { lead: { mode: "subagent", ...budget } }, { lead: { mode: "subagent", options: { task_budget: 0, heat: 1 } } }, { lead: { mode: "subagent", options: { heat: 1 } } }],
    ["An agent that the plugin removes is gone", { lead: { mode: "subagent", ...budget } }, { other: { mode: "subagent" } }, { other: { mode: "subagent" } }],
    ["Agents that the plugin removes together are gone", { lead: { mode: "subagent", ...budget } }, undefined, undefined],
    ["An agent without fields stays as the plugin wrote it", { plain: { mode: "subagent" } }, { plain: { prompt: "Look." } }, { plain: { prompt: "Look." } }],
    ["An agent that is none stays as the plugin wrote it", { none: null }, { none: { mode: "subagent" } }, { none: { mode: "subagent" } }],
    ["Agents that the plugin adds are added", undefined, { lead: { mode: "subagent" } }, { lead: { mode: "subagent" } }],
  ]
  for (const [what, agent, written, expected] of CASES) {
    it(what, async () => {
      const config = { agent: structuredClone(agent) }
      const hooks = await composed({ config: async (/** @type {any} */ config) => void (config.agent = structuredClone(written)) })
      await hooks.config(config)
      assert.deepEqual(config.agent, expected)
    })
  }
})

describe("A field that is not composed", () => {
  it("Composing leaves a getter that every object inherits with its prototype", async () => {
    Object.defineProperty(Object.prototype, "everywhere", { get: () => undefined, configurable: true })
    try {
      assert.equal(Object.hasOwn(await composed({}), "everywhere"), false)
    } finally {
      delete (/** @type {any} */ (Object.prototype).everywhere)
    }
  })

  const hook = async () => {}
  const auth = { provider: "p", methods: [] }

  /** Hooks, and whether they are unchanged. @type {[string, () => any, (hooks: any, theirs: any) => boolean][]} */
  const CASES = [
    ["a known hook", () => ({ "chat.params": hook, "permission.ask": hook }), (hooks) => hooks["chat.params"] === hook && hooks["permission.ask"] === hook],
    ["a field that every object inherits", () => ({ toString: () => "theirs" }), (hooks) => hooks.toString() === "theirs"],
    ["an unknown hook", () => ({ "some.day": hook, [Symbol.for("day")]: hook }), (hooks) => hooks["some.day"] === hook && hooks[Symbol.for("day")] === hook],
    ["a field that is no function", () => ({ auth, provider: auth, name: "mine", none: null }), (hooks) => hooks.auth === auth && hooks.provider === auth && hooks.name === "mine" && hooks.none === null],
    ["a lazy getter", () => ({ asked: 0, get auth() { this.asked++; return auth } }), (hooks, theirs) => hooks.asked === 0 && theirs.asked === 0 && hooks.auth === auth],
    ["a method of a class", () => new (class { some() {} })(), (hooks, theirs) => hooks.some === theirs.some && !Object.hasOwn(hooks, "some") && Object.getPrototypeOf(hooks) === Object.getPrototypeOf(theirs)],
    ["a getter of a class with a field of its own", () => new (class { #auth = auth; get auth() { return this.#auth } })(), (hooks) => hooks.auth === auth],
    ["a hidden field", () => Object.defineProperty({}, "hidden", { value: hook }), (hooks) => hooks.hidden === hook && !Object.keys(hooks).includes("hidden")],
    ["a tool that is none", () => ({ tool: { none: null } }), (hooks) => Object.keys(hooks).includes("tool") && hooks.tool.none === null],
    ["a field for tools without a tool", () => ({ tool: undefined }), (hooks) => "tool" in hooks && hooks.tool === undefined],
    ["frozen hooks", () => Object.freeze({ event: hook, "chat.params": hook, tool: Object.freeze({}) }), (hooks) => hooks["chat.params"] === hook],
    ["hooks without a prototype", () => Object.assign(Object.create(null), { "chat.params": hook }), (hooks) => hooks["chat.params"] === hook],
    ["a tool that takes no task_id", () => ({ tool: { one: { args: { path: {} }, execute: hook }, two: { execute: hook } } }), ({ tool }, theirs) => tool.one === theirs.tool.one && tool.two === theirs.tool.two],
  ]
  for (const [what, make, untouched] of CASES) {
    it(`Composing leaves ${what} unchanged`, async () => {
      const theirs = make()
      assert.ok(untouched(await composed(theirs), theirs))
    })
  }
})

/** A plugin's hook before calls. @param {(args: any) => unknown} does */
const before = (does) => ({ "tool.execute.before": async (/** @type {any} */ _, /** @type {any} */ { args }) => void does(args) })

/** OpenCode's part of a call of its task tool: the hooks around it, and a child that runs. */
function calling(/** @type {any} */ hooks, /** @type {ReturnType<typeof opencode>} */ host) {
  let count = 0
  const emit = (/** @type {string} */ type, /** @type {any} */ properties) => hooks.event({ event: { type, properties } })
  return async (/** @type {Record<string, unknown>} */ given, sessionID = "ses_root") => {
    const call = { tool: "task", sessionID, callID: `call_${++count}` }
    const args = /** @type {any} */ ({ description: "Explore", prompt: "Go.", subagent_type: "explorer", ...given })
    await hooks["tool.execute.before"](call, { args })
    const id = args.task_id ?? `ses_child${count}`
    if (!args.task_id) {
      host.add(id, { parentID: sessionID, agent: args.subagent_type, title: `${args.description} (@${args.subagent_type} subagent)` })
      await emit("session.created", { info: host.sessions.get(id) })
    }
    const metadata = { sessionId: id }
    await emit("message.part.updated", { part: { ...call, type: "tool", state: { status: "running", metadata } } })
    for (const type of ["busy", "idle"]) await emit("session.status", { sessionID: id, status: { type } })
    const result = { title: args.description, output: "done", metadata }
    await hooks["tool.execute.after"]({ ...call, args }, result)
    return { id, agent: args.subagent_type, output: result.output }
  }
}

/** A host and its task tool, under a plugin with these hooks. @param {any} theirs @param {(plugin: any) => any} [wrap] */
async function delegating(theirs, wrap = withDelegation) {
  const host = opencode()
  const hooks = await wrap(async () => theirs)(host.input, undefined)
  await hooks["chat.message"](...COMPOSED["chat.message"])
  return { ...host, hooks, call: calling(hooks, host) }
}

describe("A call of the task tool", () => {
  it("A call is named, and its name resumes its session", async () => {
    const { call } = await delegating({})
    const first = await call({ task_id: "Explore Auth" })
    assert.equal(first.output, "done\ntask_id: explore-auth (spawned: No session has this name yet.)")
    assert.match((await call({ task_id: "explore-auth" })).output, /^done\ntask_id: explore-auth \(resumed: /)
  })

  it("A call that the engine could not decide reaches the plugin's hook unchanged", async () => {
    const args = { description: "Explore", prompt: "Go.", subagent_type: "explorer", task_id: "ses_some", seen: "" }
    const hooks = await composed(before((args) => (args.seen = args.task_id)), REFUSING)
    await hooks["tool.execute.before"]({ tool: "task", sessionID: "ses_root", callID: "c1" }, { args })
    assert.deepEqual([args.task_id, args.seen], ["ses_some", "ses_some"])
  })
})

describe("A nested call of an agent without a budget", () => {
  /** The result of a call that a child makes. @param {Record<string, unknown>} options @param {import("../../js/compose.js").Description} [description] */
  const nested = async (options, description) => {
    const { call } = await delegating({}, (/** @type {any} */ plugin) => withDelegation(plugin, options, description))
    const { id } = await call({})
    return call({ description: "Below" }, id)
  }

  it("The call passes, and is named", async () => {
    assert.match((await nested({})).output, /task_id: below \(spawned: /)
  })

  it("The call is denied if the plugin leaves that to the engine", async () => {
    assert.match((await nested({}, { plugin: "theirs", nesting: "plugin" })).output, /task_id: below \(spawned: /)
    await assert.rejects(nested({}, { plugin: "theirs", nesting: "engine" }), /Caller has no task budget configured/)
  })

  it("The call is denied if the options say so", () => assert.rejects(nested({ nested_calls: "budget" }), /Caller has no task budget configured/))
})

describe("A call that the plugin changes", () => {
  /** The plugin's hook, the call's task_id, and the result. @type {[string, (args: any) => void, string | undefined, RegExp | [string, RegExp]][]} */
  const CASES = [
    ["A new name is given to the new session", () => {}, "fresh", ["ses_child3", /task_id: fresh \(spawned: /]],
    ["A new name that the plugin removes is given to the new session", (args) => delete args.task_id, "fresh", ["ses_child3", /task_id: fresh \(spawned: /]],
    ["A known name that the plugin removes resumes its session", (args) => delete args.task_id, "one", ["ses_child1", /task_id: one \(resumed: /]],
    ["A known name wins over the plugin's id", (args) => (args.task_id = "ses_child2"), "one", ["ses_child1", /task_id: one \(resumed: /]],
    ["A new name for which the plugin gives an id resumes that session", (args) => (args.task_id = "ses_child2"), "nick", ["ses_child2", /task_id: two \(resumed: /]],
    ["An id that the plugin adds resumes its session", (args) => (args.task_id = "ses_child2"), undefined, ["ses_child2", /task_id: two \(resumed: /]],
    ["An id of another conversation is refused", (args) => (args.task_id = "ses_theirs"), "nick", /not a child of caller session/],
    ["A name is given to the new session if the plugin's id is unknown", (args) => (args.task_id = "ses_00000000000000000000000000"), "nick", ["ses_child3", /task_id: nick \(spawned: /]],
    ["A call that the plugin sends to another agent spawns its session", (args) => (args.subagent_type = "fixer"), "fresh", ["ses_child3", /task_id: fresh \(spawned: /]],
    ["The model reads the plugin's error", () => { throw new Error("No, not that.") }, "fresh", /^Error: No, not that\.$/],
  ]
  for (const [what, does, task_id, then] of CASES) {
    it(what, async () => {
      let meddles = false
      const { call, add } = await delegating(before((args) => meddles && does(args)))
      await call({ task_id: "one" })
      await call({ task_id: "two" })
      add("ses_theirs", { parentID: "ses_other", agent: "explorer" })
      meddles = true
      const done = call({ task_id })
      if (then instanceof RegExp) return assert.rejects(done, then)
      const { id, agent, output } = await done
      assert.equal(id, then[0])
      assert.match(output, then[1])
      // The name in the result resumes that session, and so does the model's own task_id.
      meddles = false
      for (const name of [/task_id: (\S+)/.exec(output)?.[1], task_id ?? id]) {
        assert.equal((await call({ task_id: name, subagent_type: agent })).id, id)
      }
    })
  }

  it("A name that the plugin gives to another session resumes that session", async () => {
    let newest = ""
    const { call } = await delegating(before((args) => args.task_id === "newest" && (args.task_id = newest)))
    for (const name of ["one", "two"]) {
      newest = (await call({ task_id: name })).id
      assert.equal((await call({ task_id: "newest" })).id, newest)
    }
  })
})

describe("A plugin that is composed twice", () => {
  const twice = (/** @type {any} */ plugin) => withDelegation(withDelegation(plugin))

  it("A call is decided once, and its result named once", async () => {
    const seen = /** @type {any[]} */ ([])
    const { call, hooks, sessions } = await delegating(before(({ task_id }) => seen.push(task_id)), twice)
    for (const task_id of ["one", "one", undefined]) {
      assert.match((await call({ task_id })).output, task_id ? /^done\ntask_id: one \(.*\)$/ : /^done\ntask_id: explore \(.*\)\nrelated: one .*$/)
    }
    assert.deepEqual(seen, ["one", "ses_child1", undefined])
    const definition = { description: "Delegates", jsonSchema: { properties: { task_id: {} } } }
    await hooks["tool.definition"]({ toolID: "task" }, definition)
    assert.equal(definition.description.split("Every subagent session has a name").length, 2)
    assert.equal(sessions.size, 4)
  })

  it("A session keeps its name, in its record too", async () => {
    const { call, hooks, sessions } = await delegating({}, twice)
    for (const _ of ["new", "again"]) assert.match((await call({ task_id: "one" })).output, /\ntask_id: one /)
    await hooks.dispose()
    assert.equal(sessions.get("ses_child1").metadata.delegate.slug, "one")
  })

  it("The plugin's refusal stands, and its tools get the session's id", async () => {
    const error = new Error("No.")
    let refuses = false
    const peek = { args: { task_id: {} }, execute: async (/** @type {any} */ { task_id }) => task_id }
    const { call, hooks } = await delegating({ tool: { peek }, ...before(() => { if (refuses) throw error }) }, twice)
    const { id } = await call({ task_id: "one" })
    refuses = true
    await assert.rejects(call({ task_id: "one" }), (thrown) => thrown === error)
    assert.equal(await hooks.tool.peek.execute({ task_id: "one" }, { sessionID: "ses_root" }), id)
  })
})
