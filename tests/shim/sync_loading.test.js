// What a load reads of OpenCode and what it spares, while sessions and other processes change. Runs under Node and Bun.

import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { describe, it } from "node:test"
import { HostRefusal } from "../../js/core/host.js"
import { later } from "./opencode.js"
import { child, recorded, request, world } from "./syncing.js"

/** A background task of the root, in a record. */
const TASK = { id: "bg_12345678", prompt_no: 1, callerID: "ses_root", state: "running", since: 900, delivered: false }

describe("A load", () => {
  it("A load during another one waits for its end", async () => {
    const { sync, host } = world({ ses_a: child() })
    const { children } = host
    host.children = async (id) => (await later(), children(id))
    const first = sync.load("ses_root")
    for (let turns = 0; turns < 10; turns++) await null
    await sync.load("ses_root")
    assert.equal(sync.session("ses_a")?.slug, "mend")
    await first
  })

  it("A conversation is read again for the ended processes of its own sessions alone", async () => {
    const other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1_000)"])
    const theirs = child({ parentID: "ses_other", metadata: recorded({ v: 2, process: `${other.pid}:other`, tasks: [{ ...TASK, callerID: "ses_other" }] }) })
    const { sync, asked } = world({ ses_a: child(), ses_other: {}, ses_b: theirs })
    for (const id of ["ses_root", "ses_other"]) await sync.load(id)
    other.kill("SIGKILL")
    await once(other, "exit")
    const read = asked.length
    await sync.load("ses_root")
    assert.equal(asked.length, read)
    await sync.load("ses_b")
    assert.ok(asked.slice(read).includes("below ses_other"))
  })

  /** The change of a session between two reads, and whether the second takes it in. @type {[string, (session: any) => void, boolean][]} */
  const CHANGES = [
    ["A session that is as it was is not taken in again", () => {}, false],
    ["A session that was updated since is taken in again", (session) => (session.time.updated += 1), true],
    ["A session with another title is taken in again", (session) => (session.title = "Mend that (@fixer subagent)"), true],
    ["A session with another record is taken in again", (session) => (session.metadata = recorded({ used: 2 })), true],
  ]
  for (const [what, change, again] of CHANGES) {
    it(what, async () => {
      const { sync, sessions, add } = world({ ses_a: child() })
      await sync.load("ses_root")
      change(sessions.ses_a)
      add("ses_new", child())
      const apply = sync.apply.bind(sync)
      const taken = /** @type {string[]} */ ([])
      sync.apply = (event) => (event.type === "session.created" && taken.push(event.session.id), apply(event))
      assert.equal(await sync.resolve({ sessionID: "ses_root", task_id: "theirs" }), undefined)
      assert.deepEqual(taken, again ? ["ses_a", "ses_new"] : ["ses_new"])
    })
  }

  it("A load that fails costs no other conversation its sessions", async () => {
    const { sync, host, asked } = world({ ses_a: child(), ses_other: {} })
    await sync.load("ses_a")
    const { children } = host
    host.children = async () => { throw new Error("No.") }
    await assert.rejects(sync.load("ses_other"), /No\./)
    host.children = children
    asked.length = 0
    await sync.load("ses_a")
    assert.deepEqual(asked, [])
  })

  it("A list with entries of another form costs no session its name", async () => {
    const { sync, host } = world({ ses_a: child() })
    const { children } = host
    host.children = async (id) => /** @type {any} */ ([null, {}, { id: 5 }, ...(await children(id))])
    await sync.load("ses_root")
    assert.deepEqual(sync.visible("ses_root").map(({ id }) => id), ["ses_root", "ses_a"])
  })

  it("Sessions that are above each other are refused, and cost no other conversation its sessions", { timeout: 20_000 }, async () => {
    const { sync } = world({ ses_a: child(), ses_b: child({ parentID: "ses_c" }), ses_c: child({ parentID: "ses_b" }) })
    await assert.rejects(sync.load("ses_b"), { message: "Session ses_b has no root: OpenCode says that session ses_b is above itself." })
    await sync.load("ses_a")
    assert.equal(sync.session("ses_a")?.slug, "mend")
  })

  it("A list with a session that is above its parent ends, with each session once", { timeout: 20_000 }, async () => {
    const { sync, host, sessions } = world({ ses_a: child(), ses_b: child({ parentID: "ses_a" }) })
    const { children } = host
    host.children = async (id) => (id === "ses_b" ? [sessions.ses_a, sessions.ses_root, sessions.ses_b] : children(id))
    await sync.load("ses_root")
    assert.deepEqual(sync.visible("ses_root").map(({ id }) => id), ["ses_root", "ses_a", "ses_b"])
  })

  it("A list that holds its own root costs no second read of that root", { timeout: 20_000 }, async () => {
    const { sync, host, sessions, asked } = world({ ses_a: child() }, { ses_root: { type: "busy" } })
    const { children } = host
    host.children = async (id) => [...(await children(id)), sessions.ses_root]
    await sync.load("ses_root")
    assert.deepEqual(asked, ["ses_root", "below ses_root", "below ses_a"])
  })

  for (const [what, listed] of /** @type {[string, Record<string, { type: string }>][]} */ ([["not listed", {}], ["listed as idle", { ses_a: { type: "idle" } }]])) {
    it(`A session with a new prompt stays busy if a read finds it ${what}`, async () => {
      const { sync, asked, add } = world({ ses_a: child() }, listed)
      const call = request({ now: Date.now(), task_id: "mend" })
      await sync.commit(await sync.decide(call), call, "ses_a")
      sync.apply({ type: "session.status", now: Date.now(), sessionID: "ses_a", status: "busy" })
      add("ses_new", child())
      const read = asked.length
      assert.equal(await sync.resolve({ sessionID: "ses_root", task_id: "none" }), undefined)
      assert.ok(asked.slice(read).includes("ses_root"))
      assert.equal(sync.session("ses_a")?.status, "busy")
    })
  }

  it("A prompt that is looked up during a load costs a session that is loaded later no name", async () => {
    const orphan = child({ metadata: recorded({ v: 2, slug: undefined, process: `${process.pid}:gone`, tasks: [TASK] }) })
    const { sync, host, effects } = world({ ses_a: orphan, ses_b: child({ parentID: "ses_a", metadata: recorded({ slug: "mend-it" }) }) })
    const { children } = host
    const looked = () => effects.filter(({ type }) => type === "check").map(({ sessionID, prompt_no, attempt }) => {
      sync.apply({ type: "prompt.failed", now: 1_000, sessionID, prompt_no, attempt, failure: { kind: "lost" }, live: false })
      return sessionID
    })
    host.children = async (id) => (await later(), looked(), children(id))
    await sync.load("ses_root")
    assert.deepEqual(looked(), ["ses_a"])
    assert.equal(sync.session("ses_b")?.slug, "mend-it")
  })

  it("Sessions of one moment are loaded in one order, however OpenCode lists them", async () => {
    const ids = ["ses_a", "ses_b", "ses_c", "ses_d"]
    for (const listed of [ids, ids.toReversed(), ["ses_c", "ses_a", "ses_d", "ses_b"]]) {
      const { sync } = world(Object.fromEntries(listed.map((id) => [id, child({ time: { created: 9, updated: 9 }, metadata: {} })])))
      await sync.load("ses_root")
      assert.deepEqual(sync.visible("ses_root").map(({ id }) => id), ["ses_root", ...ids.toReversed()])
    }
  })

  it("Metadata that others change during a load is kept", async () => {
    const { sync, host, sessions } = world({ ses_a: child({ metadata: { theirs: 1 } }) })
    const { children } = host
    host.children = async (id) => {
      const list = await children(id)
      if (id === "ses_a") sync.sessionUpdated((sessions.ses_a = { ...sessions.ses_a, metadata: { theirs: 2 } }))
      return list
    }
    await sync.load("ses_a")
    const decision = await sync.decide(request({ task_id: "ses_a" }))
    await sync.commit(decision, request(), "ses_a")
    assert.equal(await sync.whenStored("ses_a"), true)
    assert.equal(sessions.ses_a.metadata.theirs, 2)
  })

  it("The most recent session is the one that OpenCode changed last", async () => {
    const { sync } = world({ ses_a: child({ time: { created: 5, updated: 900 }, metadata: {} }), ses_b: child({ time: { created: 6, updated: 800 }, metadata: {}, title: "Map it (@fixer subagent)" }) })
    const decision = /** @type {any} */ (await sync.decide(request({ task_id: "last" })))
    assert.equal(decision.sessionID, "ses_a")
  })

  it("An agent's name with an invisible character is the agent's", async () => {
    const { sync } = world()
    await sync.load("ses_root")
    assert.deepEqual([sync.spelled("fix\u200ber"), sync.spelled("nobody")], ["fixer", "nobody"])
  })

  it("A session that cannot be read is named at the first load", async () => {
    const { sync, host, said } = world()
    const refused = new HostRefusal("Broken row.", { missing: false })
    const { session } = host
    host.children = async () => { throw refused }
    Object.assign(host, { callChildren: async () => ["ses_broken"] })
    host.session = async (id) => { if (id === "ses_broken") throw refused; return session(id) }
    await sync.load("ses_root")
    assert.match(said.join(), /^Session ses_broken cannot be read\./)
  })
})

describe("An event before the load", () => {
  it("A root that is created or updated before any load is a root", async () => {
    const { sync, sessions, add, host } = world()
    host.session = async () => assert.fail()
    sync.sessionCreated(sessions.ses_root)
    sync.sessionUpdated(sessions.ses_root)
    sync.sessionCreated(add("ses_a", child()))
    sync.sessionUpdated(add("ses_b", child()))
    host.session = async (id) => sessions[id]
    assert.equal(await sync.isRoot("ses_root"), true)
    host.session = async () => assert.fail()
    assert.deepEqual([await sync.isRoot("ses_a"), await sync.isRoot("ses_b")], [false, false])
  })

  it("A removed message of a conversation that is not loaded frees the name of its call", async () => {
    const spawned = recorded({ v: 2, slug: "undone", spawned: ["msg_1", "prt_1"] })
    const { sync, sessions } = world({ ses_a: child({ metadata: spawned }) })
    await sync.messageRemoved({ sessionID: "ses_root", messageID: "msg_1" })
    assert.equal(sync.session("ses_a")?.parentID, "ses_root")
    assert.equal(await sync.resolve({ sessionID: "ses_root", task_id: "undone" }), undefined)
    assert.ok(sessions.ses_a)
  })

  it("A deleted child whose conversation could not be loaded delivers the loss of its task later", async () => {
    const { sync, sessions, effects } = world({ ses_a: child({ metadata: recorded({ v: 2, process: "an ended one", tasks: [TASK] }) }) })
    const { ses_a } = sessions
    sync.registerChild(ses_a)
    delete sessions.ses_a
    await sync.sessionDeleted(ses_a)
    assert.deepEqual(effects.filter(({ type }) => type === "deliver").map(({ to }) => [to.taskID, to.lost]), [[TASK.id, true]])
  })
})

describe("A deleted child", () => {
  it("A child that is deleted while OpenCode does not answer delivers the loss of its task, once its conversation is read", async () => {
    const { sync, sessions, effects, host } = world({ ses_a: child({ metadata: recorded({ v: 2, process: "an ended one", tasks: [TASK] }) }) })
    const delivered = () => effects.filter(({ type }) => type === "deliver").map(({ to }) => [to.taskID, to.lost])
    const { session } = host
    const { ses_a } = sessions
    delete sessions.ses_a
    host.session = async () => { throw new Error("No.") }
    for (const _ of ["once", "again"]) await sync.sessionDeleted(ses_a)
    host.session = session
    assert.deepEqual(delivered(), [])
    for (const _ of ["once", "again"]) await sync.load("ses_root")
    assert.deepEqual(delivered(), [[TASK.id, true]])
    assert.equal(sync.session("ses_a"), undefined)
  })

  it("A session below a deleted child makes no call, though the answer to an earlier read lists that child", async () => {
    const { sync, sessions, add, host } = world({ ses_a: child() })
    await sync.load("ses_root")
    const { children } = host
    /** @type {(value?: unknown) => void} */
    let answer = () => {}
    const answering = new Promise((resolve) => (answer = resolve))
    host.children = async (id) => { const list = await children(id); await answering; return list }
    const reading = sync.resolve({ sessionID: "ses_root", task_id: "none" })
    await later()
    const { ses_a } = sessions
    delete sessions.ses_a
    await sync.sessionDeleted(ses_a)
    answer()
    await reading
    // OpenCode lets the turn of a deleted session go on, and its calls create sessions.
    sync.sessionCreated(add("ses_b", child({ parentID: "ses_a" })))
    for (const sessionID of ["ses_a", "ses_b"]) await assert.rejects(sync.decide(request({ sessionID })), { message: "no ses_a" })
    assert.equal(await sync.isRoot("ses_b"), false)
  })

  it("A deleted child without a record, or with one of another form, asks OpenCode for nothing", async () => {
    for (const metadata of [undefined, {}, { delegate: { theirs: 1 } }]) {
      const { sync, asked } = world({ ses_other: {} })
      await sync.load("ses_other")
      asked.length = 0
      await sync.sessionDeleted(/** @type {any} */ (child({ id: "ses_a", metadata })))
      assert.deepEqual(asked, [])
    }
  })

  it("A conversation that cannot be loaded stays unknown after the deletion of its child", async () => {
    const { sync, host, sessions, effects } = world({ ses_other: {}, ses_a: child({ metadata: recorded({ v: 2, process: "an ended one", tasks: [TASK] }) }) })
    await sync.load("ses_other")
    const { session } = host
    host.session = async () => { throw new Error("No.") }
    await sync.sessionDeleted(sessions.ses_a)
    assert.deepEqual([sync.session("ses_root"), effects], [undefined, []])
    host.session = session
  })
})

describe("An event of a loaded conversation", () => {
  it("A removed message counts at once", async () => {
    const { sync } = world({ ses_a: child({ metadata: recorded({ v: 2, spawned: ["msg_1", "prt_1"] }) }) })
    await sync.load("ses_root")
    assert.equal(sync.resumable("ses_root").length, 1)
    sync.messageRemoved({ sessionID: "ses_root", messageID: "msg_1" })
    assert.equal(sync.resumable("ses_root").length, 0)
  })

  it("A deleted session is gone at once", async () => {
    const { sync, sessions } = world({ ses_a: child({ metadata: recorded({ v: 2, process: "an ended one", tasks: [TASK] }) }) })
    await sync.load("ses_root")
    sync.sessionDeleted(sessions.ses_a)
    assert.equal(sync.session("ses_a"), undefined)
  })

  it("A deleted root with tasks in its metadata asks OpenCode for nothing", async () => {
    const { sync, asked } = world()
    await sync.load("ses_root")
    asked.length = 0
    await sync.sessionDeleted(/** @type {any} */ ({ id: "ses_theirs", title: "Theirs", time: { created: 1, updated: 1 }, metadata: recorded({ tasks: [TASK] }) }))
    assert.deepEqual(asked, [])
  })

  it("A session whose record finds it deleted is forgotten, without a report", async () => {
    const { sync, host, said } = world({ ses_a: child({ metadata: {} }) })
    host.setMetadata = async () => { throw new HostRefusal("None.", { missing: true }) }
    await sync.decide(request())
    assert.equal(await sync.whenStored("ses_a"), true)
    assert.equal(sync.session("ses_a"), undefined)
    assert.deepEqual(said, [])
  })

  it("A revert lasts until an event ends it", async () => {
    const { sync, sessions } = world({ ses_a: child({ metadata: recorded({ v: 2, spawned: ["msg_1", "prt_1"] }) }) })
    await sync.load("ses_root")
    sync.noteRevert("ses_root", { messageID: "msg_1" })
    // A name that is not found reads the conversation again.
    for (const _ of ["once", "again"]) assert.equal(await sync.resolve({ sessionID: "ses_root", task_id: "mend" }), undefined)
    sync.noteRevert("ses_root")
    assert.equal((await sync.resolve({ sessionID: "ses_root", task_id: "mend" }))?.id, "ses_a")
  })

  it("A prompt ends after the clock is set back", async () => {
    const { sync } = world({ ses_a: child() })
    await sync.load("ses_root")
    const status = (/** @type {"busy" | "idle"} */ status) => sync.apply({ type: "session.status", now: Date.now(), sessionID: "ses_a", status })
    status("busy")
    const { now } = Date
    Date.now = () => now() - 3_600_000
    try {
      status("idle")
      assert.equal(sync.session("ses_a")?.status, "idle")
    } finally {
      Date.now = now
    }
  })

  it("A closed instance applies no event", async () => {
    const { sync } = world({ ses_a: child() })
    await sync.load("ses_root")
    await sync.close()
    assert.deepEqual(sync.apply({ type: "session.deleted", now: 2_000, sessionID: "ses_a" }), [])
    assert.equal(sync.session("ses_a")?.slug, "mend")
  })
})
