// The engine kept in step with OpenCode: loading conversations, storing records, and tickets. Runs under Node and Bun.

import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { describe, it } from "node:test"
import { HostRefusal } from "../../js/core/host.js"
import { bindClient } from "../../js/opencode1/sdk/client.js"
import { trap } from "./opencode.js"
import { child, recorded, request, world } from "./syncing.js"

const DENIED = [{ permission: "task", pattern: "*", action: "deny" }]

describe("Loading a conversation", () => {
  it("A conversation is loaded from its root, once, whichever session asks", async () => {
    const { sync, asked } = world({ ses_a: child(), ses_b: child({ parentID: "ses_a", metadata: undefined, title: "Map it (@fixer subagent)" }) })
    await sync.load("ses_b")
    assert.deepEqual(asked, ["ses_b", "ses_a", "ses_root", "below ses_root", "below ses_a", "below ses_b"])
    for (const id of ["ses_root", "ses_a", "ses_b"]) await sync.load(id)
    assert.equal(asked.length, 6)
    const [root, a, b] = sync.visible("ses_b")
    assert.deepEqual([root.id, root.description, a.slug, a.description, a.used, b.description, b.depth], ["ses_root", "", "mend", "Mend it", 1, "Map it", 2])
  })

  it("A conversation is shown whole from any of its sessions, as a table or a diagram", async () => {
    const { sync } = world({ ses_a: child(), ses_b: child({ parentID: "ses_a", metadata: undefined, title: "Map it (@fixer subagent)" }) })
    assert.equal(sync.list("ses_b", {}), "There is no subagent session yet.")
    await sync.load("ses_b")
    assert.match(sync.list("ses_b", {}), /^\| task_id \|[^]*\n\| mend \| fixer \|[^]*\n\|   map-it \| fixer \|/)
    assert.match(sync.list("ses_a", { mermaid: true }), /^flowchart TD\n  s0\["root[^]*s1\["mend<br>/)
  })

  it("A conversation that failed to load is loaded again", async () => {
    const { sync, host } = world({ ses_a: child() })
    const { children } = host
    host.children = async () => { throw new Error("No.") }
    await assert.rejects(sync.load("ses_root"), /No\./)
    host.children = children
    await sync.load("ses_root")
    assert.equal(sync.session("ses_a")?.slug, "mend")
  })

  it("A session with data of another form is known by its id alone, is named once, and costs no other session its name", async () => {
    const deep = Array.from({ length: 200 }).reduce((inner) => [inner], 1)
    for (const fields of [{ title: 5 }, { agent: 5 }, { time: undefined, title: null }, { metadata: { delegate: { v: 1, budget: deep } } }, { permission: deep }]) {
      const { sync, said, sessions } = world({ ses_a: child(), ses_odd: child({ metadata: { delegate: { theirs: 1 } }, ...fields }), ses_b: child({ parentID: "ses_odd", metadata: recorded({ slug: "below" }) }) })
      const before = JSON.stringify(sessions.ses_odd.metadata)
      await sync.load("ses_root")
      await sync.decide(request({ task_id: "nobody" }))
      assert.deepEqual([sync.session("ses_a")?.slug, sync.session("ses_b")?.slug, sync.session("ses_odd")?.parentID], ["mend", "below", "ses_root"], JSON.stringify(fields))
      assert.equal(said.filter((message) => message.includes("ses_odd")).length, 1, said.join("\n"))
      assert.equal(JSON.stringify(sessions.ses_odd.metadata), before)
    }
  })

  it("A list that the host refuses for one of its sessions is read session by session", async () => {
    const { sync, host, said } = world({ ses_a: child(), ses_other: child({ parentID: "ses_x" }) })
    const { session } = host
    const refused = new HostRefusal("Broken row.", { missing: false })
    host.children = async (id) => { if (id === "ses_root") throw refused; return [] }
    Object.assign(host, { callChildren: async () => ["ses_a", "ses_broken", "ses_gone", "ses_other"] })
    host.session = async (id) => {
      if (id === "ses_broken") throw refused
      if (id === "ses_gone") throw new HostRefusal("None.", { missing: true })
      return session(id)
    }
    await sync.load("ses_root")
    assert.equal((await sync.decide(request({ task_id: "new-name" }))).action, "spawn")
    assert.deepEqual([sync.session("ses_a")?.slug, sync.session("ses_other")?.id], ["mend", undefined])
    assert.deepEqual(said.filter((message) => message.includes("cannot be read")).map((message) => /ses_\w+/.exec(message)?.[0]), ["ses_broken"])
  })

  it("A list that the host refuses for another cause is not taken for an empty one", async () => {
    const { sync, host } = world({ ses_a: child() })
    const { children } = host
    let refusals = 0
    host.children = async (id) => { if (refusals-- > 0) throw new HostRefusal("Locked.", { missing: false }); return children(id) }
    Object.assign(host, { callChildren: async () => ["ses_a"] })
    refusals = 2
    await assert.rejects(sync.load("ses_root"), /Locked/)
    refusals = 1
    await sync.load("ses_root")
    assert.equal(sync.session("ses_a")?.slug, "mend")
  })

  it("A conversation is read again once a process that ran its prompts is gone", async () => {
    const other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1_000)"])
    const task = { id: "bg_00000001", prompt_no: 1, callerID: "ses_root", state: "running", since: 1, delivered: false }
    const { sync, asked } = world({ ses_a: child({ metadata: recorded({ v: 2, process: `${other.pid}:other`, tasks: [task] }) }) })
    await sync.load("ses_root")
    const read = asked.length
    await sync.load("ses_a")
    assert.equal(asked.length, read)
    other.kill("SIGKILL")
    await once(other, "exit")
    const apply = sync.apply.bind(sync)
    const alive = /** @type {any[]} */ ([])
    sync.apply = (event) => (event.type === "session.created" && event.session.id === "ses_a" && alive.push(event.session.alive), apply(event))
    await sync.load("ses_a")
    assert.ok(asked.length > read)
    // Nothing else about the session has changed.
    assert.deepEqual(alive, [false])
    const again = asked.length
    await sync.load("ses_a")
    assert.equal(asked.length, again)
  })

  it("A conversation is read again once a process is gone that a record names beside its own", async () => {
    const other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1_000)"])
    const prompt = { parts: [{ type: "text", text: "Look." }], agent: "fixer", models: [], permission: [], process: `${other.pid}:other` }
    // Its own process is one that is alive, as the other is.
    const { sync, asked } = world({ ses_a: child({ metadata: recorded({ v: 2, process: `${process.ppid}:third`, prompt, messageID: "msg_1" }) }) })
    const shown = /** @type {any[]} */ ([])
    const apply = sync.apply.bind(sync)
    sync.apply = (event) => {
      if (event.type === "session.created" && event.session.id === "ses_a") shown.push([event.session.alive, event.session.living])
      return apply(event)
    }
    await sync.load("ses_root")
    const read = asked.length
    await sync.load("ses_a")
    assert.equal(asked.length, read)
    other.kill("SIGKILL")
    await once(other, "exit")
    await sync.load("ses_a")
    assert.ok(asked.length > read)
    assert.deepEqual(shown, [[true, [prompt.process]], [true, []]])
    const again = asked.length
    await sync.load("ses_a")
    assert.equal(asked.length, again)
  })

  it("A user's message reads a conversation again that another process may have changed since", async () => {
    const { sync, asked, add } = world({ ses_a: child() })
    await sync.refresh("ses_root")
    const read = asked.length
    await sync.refresh("ses_root")
    assert.equal(asked.length, read)
    add("ses_b", child({ metadata: recorded({ slug: "theirs" }) }))
    const { now } = Date
    Date.now = () => now() + 11_000
    try {
      await sync.refresh("ses_a")
      assert.equal(asked.length, read)
      await sync.refresh("ses_root")
    } finally {
      Date.now = now
    }
    assert.equal(sync.session("ses_b")?.slug, "theirs")
  })

  it("A session below one that cannot delegate is loaded with its depth", async () => {
    const below = (/** @type {string} */ parentID) => child({ parentID, permission: DENIED, metadata: undefined })
    const { sync } = world({ ses_a: below("ses_root"), ses_b: below("ses_a"), ses_c: below("ses_b") })
    await sync.load("ses_c")
    assert.deepEqual(["ses_b", "ses_c"].map((id) => [sync.session(id)?.depth, sync.session(id)?.rootID]), [[2, "ses_root"], [3, "ses_root"]])
  })

  it("A root that is deleted during the load rejects it", async () => {
    const { sync, host, asked } = world()
    host.status = async () => (sync.apply({ type: "session.deleted", now: 1, sessionID: "ses_root" }), {})
    await assert.rejects(sync.load("ses_root"), /Session ses_root was deleted while it was read\./)
    assert.deepEqual(asked, ["ses_root", "below ses_root"])
    await assert.rejects(sync.load("ses_root"), /was deleted/)
  })

  it("A decision loads the conversation first, and then waits for recovered work", async () => {
    const { sync, add } = world()
    await sync.load("ses_root")
    add("ses_a", child())
    const known = () => sync.session("ses_a")?.slug
    const seen = /** @type {unknown[]} */ ([known()])
    const decision = await sync.decide(request({ task_id: "mend" }), async () => {
      seen.push(known())
      sync.apply({ type: "session.status", now: 2, sessionID: "ses_a", status: "busy" })
    })
    assert.deepEqual([seen, decision.action], [[undefined, "mend"], "join"])
  })

  it("Simultaneous requests share one load", async () => {
    const { sync, asked } = world({ ses_a: child() })
    await sync.load("ses_root")
    await Promise.all(["none", "nothing"].map((task_id) => sync.resolve(request({ task_id }))))
    assert.equal(asked.filter((what) => what === "below ses_root").length, 2)
  })

  it("A child's description is read from OpenCode's title", async () => {
    const titles = ["Mend it (@fixer subagent)", "Mend it (@a b subagent)", "Mend (@fixer subagent) it", "Mend it (@fixer)"]
    const { sync } = world(Object.fromEntries(titles.map((title, place) => [`ses_${place}`, child({ title, metadata: {} })])))
    await sync.load("ses_root")
    assert.deepEqual(sync.resumable("ses_root").map(({ description }) => description), ["Mend it", "Mend it", "Mend (@fixer subagent) it", "Mend it (@fixer)"])
  })

  it("Sessions are loaded in order of creation", async () => {
    const { sync } = world({ ses_a: child({ time: { created: 9, updated: 9 }, metadata: {} }), ses_b: child({ time: { created: 5, updated: 9 }, metadata: {} }), ses_c: child({ time: { created: 9, updated: 9 }, metadata: {} }) })
    await sync.load("ses_root")
    assert.deepEqual(sync.visible("ses_root").map(({ id }) => id), ["ses_root", "ses_b", "ses_c", "ses_a"])
  })

  it("A session that cannot delegate is loaded without children, unless its record has a budget", async () => {
    const { sync, asked } = world({
      ses_a: child({ permission: [{ ...DENIED[0], permission: "edit" }, ...DENIED], metadata: {} }), ses_b: child({ permission: DENIED }),
      ses_c: child({ metadata: {}, permission: [{ ...DENIED[0], pattern: "x" }, { ...DENIED[0], permission: "edit" }, { ...DENIED[0], action: "ask" }] }),
    })
    await sync.load("ses_root")
    assert.deepEqual(asked.filter((what) => what.startsWith("below")), ["below ses_root", "below ses_b", "below ses_c"])
  })

  it("Sessions are loaded with their status", async () => {
    const { sync } = world({ ses_a: child({ metadata: {} }), ses_b: child({ metadata: {} }), ses_c: child({ metadata: {} }) }, { ses_a: { type: "busy" }, ses_b: { type: "retry" }, ses_c: { type: "idle" } })
    await sync.load("ses_root")
    assert.deepEqual(sync.visible("ses_root").map(({ status }) => status), ["idle", "busy", "retry", "idle"])
  })

  it("An unknown name loads the conversation again", async () => {
    const { sync, add } = world()
    await sync.load("ses_root")
    add("ses_a", child())
    const { action, sessionID } = /** @type {any} */ (await sync.decide(request({ task_id: "mend" })))
    assert.deepEqual([action, sessionID], ["resume", "ses_a"])
    add("ses_b", child({ metadata: recorded({ slug: "map", agent: "mapper" }) }))
    assert.equal((await sync.resolve(request({ task_id: "map" })))?.id, "ses_b")
    assert.equal(await sync.resolve(request({ task_id: "none" })), undefined)
  })

  it("A failed read of the configuration is tried again", async () => {
    const { sync, configure, configured } = world()
    configure(async () => { throw new Error("fetch failed") })
    await assert.rejects(sync.load("ses_root"), /fetch failed/)
    configure(async () => configured)
    await sync.load("ses_root")
    assert.equal(sync.visible("ses_root").length, 1)
  })

  it("An invalid configuration is read once", async () => {
    const { sync, configure, configured } = world()
    configure(async () => /** @type {any} */ ({ nonsense: true }))
    await assert.rejects(sync.load("ses_root"), { code: "invalid_config" })
    configure(async () => configured)
    await assert.rejects(sync.load("ses_root"), { code: "invalid_config" })
  })
})

describe("A loaded conversation", () => {
  it("An event of a loaded conversation is applied, and any other ignored", async () => {
    const { sync, sessions, add } = world()
    sync.sessionCreated(add("ses_early"))
    assert.equal(sync.session("ses_early"), undefined)
    await sync.load("ses_root")
    sync.sessionCreated(add("ses_a", child({ metadata: undefined })))
    sync.sessionCreated(add("ses_b", child({ parentID: "ses_elsewhere" })))
    assert.equal(sync.session("ses_a")?.parentID, "ses_root")
    assert.equal(sync.session("ses_b"), undefined)
    sync.apply({ type: "session.deleted", now: 2_000, sessionID: "ses_a" })
    assert.deepEqual(sync.visible("ses_a"), [])
    assert.equal(sync.visible("ses_root").length, 1)
    assert.ok(sessions.ses_a)
  })

  it("A session that is deleted before it is loaded delivers the loss of its task", async () => {
    const task = { id: "bg_12345678", prompt_no: 1, callerID: "ses_root", state: "running", since: 900, delivered: false }
    const { sync, sessions, effects, asked } = world({ ses_a: child({ metadata: recorded({ v: 2, process: "an ended one", tasks: [task] }) }), ses_b: child() })
    const { ses_a, ses_b } = sessions
    delete sessions.ses_b
    await sync.sessionDeleted(ses_b)
    assert.deepEqual(asked, [])
    delete sessions.ses_a
    await sync.sessionDeleted(ses_a)
    assert.deepEqual(effects.map(({ type, sessionID, to }) => [type, sessionID, to?.taskID, to?.callerID, to?.lost]).at(-1), ["deliver", "ses_a", task.id, "ses_root", true])
    await sync.sessionDeleted(ses_a)
    assert.deepEqual(effects.filter(({ type }) => type === "deliver").length, 1)
    assert.equal(sync.session("ses_a"), undefined)
  })

  it("A registered child of a loaded conversation is known, and any other ignored", async () => {
    const { sync, add, asked } = world()
    const call = request()
    const decision = await sync.decide(call)
    sync.registerChild(add("ses_a", child()))
    await sync.commit(decision, call, "ses_a")
    sync.registerChild(add("ses_other"))
    sync.registerChild(add("ses_b", child({ parentID: "ses_elsewhere" })))
    asked.length = 0
    await sync.load("ses_a")
    assert.deepEqual(asked, [])
    await sync.load("ses_other")
    await assert.rejects(sync.load("ses_b"), /no ses_elsewhere/)
    assert.deepEqual(asked, ["ses_other", "below ses_other", "ses_b", "ses_elsewhere"])
  })

  it("A registered child that no call was committed for is read before it makes a call", async () => {
    const { sync, add } = world()
    await sync.load("ses_root")
    sync.registerChild(add("ses_a", child({ agent: "mapper", metadata: {} })))
    const decision = /** @type {any} */ (await sync.decide(request({ sessionID: "ses_a" })))
    assert.deepEqual([decision.action, decision.rule], ["deny", "G6"])
  })

  it("A root reaches all its sessions, and a child reaches its own", async () => {
    const { sync } = world({ ses_a: child(), ses_b: child({ parentID: "ses_a", metadata: {} }), ses_c: child({ metadata: {} }) })
    await sync.load("ses_root")
    const ids = (/** @type {string} */ id) => sync.resumable(id).map(({ id }) => id)
    assert.deepEqual([ids("ses_root"), ids("ses_a"), ids("ses_c"), ids("ses_none")], [["ses_a", "ses_c", "ses_b"], ["ses_b"], [], []])
  })

  it("A record is stored beside the newest metadata of others", async () => {
    const { sync, sessions, add } = world()
    const decision = /** @type {any} */ (await sync.decide(request()))
    sync.sessionCreated(add("ses_a", child({ metadata: { theirs: 1 } })))
    sync.sessionUpdated({ ...sessions.ses_a, metadata: { theirs: 2 } })
    await sync.commit(decision, request(), "ses_a")
    assert.equal(await sync.whenStored("ses_a"), true)
    assert.deepEqual([sessions.ses_a.metadata.theirs, sessions.ses_a.metadata.delegate.slug], [2, decision.slug])
  })

  it("A record that could not be stored is reported, unless its session was deleted", async () => {
    for (const gone of [false, true]) {
      const { sync, host, said } = world({ ses_a: child({ metadata: {} }) })
      host.setMetadata = async () => { throw new Error("refused") }
      const asked = request({ agent: "mapper" })
      await sync.commit(await sync.decide(asked), asked, "ses_a")
      if (gone) sync.apply({ type: "session.deleted", now: 2_000, sessionID: "ses_a" })
      assert.equal(await sync.whenStored("ses_a"), gone)
      assert.deepEqual(said, gone ? [] : ["The record of session ses_a could not be stored: refused"])
    }
  })

  it("A record that could not be stored is stored once more when the engine ends", async () => {
    const { sync, host, sessions } = world({ ses_a: child({ metadata: {} }) })
    const { setMetadata } = host
    host.setMetadata = async () => { throw new Error("refused") }
    const asked = request({ agent: "mapper" })
    await sync.commit(await sync.decide(asked), asked, "ses_a")
    assert.equal(await sync.whenStored("ses_a"), false)
    host.setMetadata = setMetadata
    await sync.close()
    assert.equal(sessions.ses_a.metadata.delegate.slug, "mend-it")
  })

  it("A record of a name that a decision shows is stored with the decision", async () => {
    const { sync, sessions } = world({ ses_a: child({ metadata: {} }) })
    const decision = await sync.decide(request({ prompt: "Go on." }))
    assert.equal(decision.action === "spawn" && decision.candidates[0].slug, "mend-it")
    assert.equal(await sync.whenStored("ses_a"), true)
    assert.equal(sessions.ses_a.metadata.delegate.slug, "mend-it")
  })

  it("The engine hears of a failed write, and asks again with the next decision", async () => {
    const { sync, sessions, host } = world({ ses_a: child({ metadata: {} }) })
    const { setMetadata } = host
    host.setMetadata = async () => { throw new Error("refused") }
    await sync.decide(request())
    assert.equal(await sync.whenStored("ses_a"), false)
    host.setMetadata = setMetadata
    await sync.decide(request())
    assert.equal(await sync.whenStored("ses_a"), true)
    assert.equal(sessions.ses_a.metadata.delegate.slug, "mend-it")
    // The name is stored, so the next decision writes nothing.
    host.setMetadata = async () => assert.fail()
    await sync.decide(request())
    assert.equal(await sync.whenStored("ses_a"), true)
  })

  it("A child is never taken for a root, also if OpenCode does not answer", async () => {
    const { sync, add, host } = world({ ses_a: child() })
    await sync.load("ses_root")
    add("ses_other")
    const theirs = child({ id: "ses_theirs", parentID: "ses_other" })
    sync.sessionCreated(/** @type {any} */ (theirs))
    const roots = () => Promise.all(["ses_root", "ses_a", "ses_other", "ses_theirs"].map((id) => sync.isRoot(id)))
    assert.deepEqual(await roots(), [true, false, true, false])
    host.session = async () => { throw new Error("refused") }
    // An unreadable session must not end all delegation.
    assert.deepEqual(await roots(), [true, false, true, false])
    // A deleted session delegates nothing.
    const gone = bindClient(/** @type {any} */ ({ session: { get: async () => ({ error: { name: "NotFoundError" } }) }, app: {}, config: {}, tui: {} }))
    host.session = gone.session
    assert.deepEqual(await roots(), [true, false, false, false])
  })

  it("A deleted root delegates nothing, though a read or an event shows it late", async () => {
    const { sync, host, sessions } = world()
    await sync.load("ses_root")
    sync.apply({ type: "session.deleted", now: 1, sessionID: "ses_root" })
    sync.sessionCreated(/** @type {any} */ (sessions.ses_root))
    host.session = bindClient(/** @type {any} */ ({ session: { get: async () => ({ error: { name: "NotFoundError" } }) }, app: {}, config: {}, tui: {} })).session
    assert.equal(await sync.isRoot("ses_root"), false)
  })

  it("A call is rejected if its session is deleted during the decision", async () => {
    const { sync, sessions } = world({ ses_a: child() })
    await sync.load("ses_a")
    await assert.rejects(sync.decide(request({ sessionID: "ses_a" }), async () => {
      sync.apply({ type: "session.deleted", now: 2, sessionID: "ses_a" })
      delete sessions.ses_a
    }), /no ses_a/)
  })
})

describe("A ticket", () => {
  const spent = (/** @type {ReturnType<typeof world>["sync"]} */ sync) => sync.session("ses_a")?.used
  const asks = () => request({ sessionID: "ses_a", callerAgent: "fixer" })

  it("A call of a lost engine counts once, though the next engine keeps its prompt before its commit", async () => {
    const { sync, add } = world({ ses_a: child({ metadata: recorded({ budget: 5, used: 1 }) }) })
    const decision = await sync.decide(asks())
    add("ses_b", child({ parentID: "ses_a", metadata: undefined }))
    trap()
    const { now } = Date
    for (const later of [0, 5]) {
      Date.now = () => now() + later
      if (later === 0) await sync.keep(decision, asks(), { now: now(), callerID: "ses_a", agent: "fixer", parts: [], permission: [], sessionID: "ses_b" }, async () => {})
      else await sync.commit(decision, asks(), "ses_b")
    }
    Date.now = now
    assert.equal(spent(sync), 2)
  })

  it("A committed ticket counts against the budget, and a refunded one does not", async () => {
    const { sync, add } = world({ ses_a: child() })
    const first = await sync.decide(asks())
    sync.refund(first)
    const second = await sync.decide(asks())
    sync.sessionCreated(add("ses_b", child({ parentID: "ses_a", metadata: undefined })))
    await sync.commit(second, asks(), "ses_b")
    assert.deepEqual([first.action, second.action, spent(sync)], ["spawn", "spawn", 2])
    assert.equal(/** @type {any} */ (await sync.decide(asks())).code, "budget_exhausted")
  })

  it("A denial has no ticket", async () => {
    const { sync } = world({ ses_a: child() })
    const denied = await sync.decide(request({ agent: "nobody" }))
    sync.refund(denied)
    await sync.commit(denied, request(), "ses_a")
    assert.equal(denied.action, "deny")
  })
})
