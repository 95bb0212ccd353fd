// The engine kept in step with OpenCode after a trap: a new engine continues from OpenCode's sessions. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { later, trap } from "./opencode.js"
import { child, recorded, request, world } from "./syncing.js"

describe("An engine that traps", () => {
  const SAID = /^The engine trapped\. A new one is made/

  it("A new engine decides from OpenCode's sessions", async () => {
    const { sync, said } = world({ ses_a: child() })
    await sync.load("ses_root")
    trap()
    const { action, sessionID } = /** @type {any} */ (await sync.decide(request({ task_id: "mend" })))
    assert.deepEqual([action, sessionID], ["resume", "ses_a"])
    assert.equal(said.length, 1)
    assert.match(said[0], SAID)
  })

  it("An event that traps loads its session into a new engine", async () => {
    const { sync, said } = world({ ses_a: child() })
    await sync.load("ses_root")
    trap()
    assert.deepEqual(sync.apply({ type: "session.status", now: 2_000, sessionID: "ses_a", status: "busy" }), [])
    assert.match(said.join(), SAID)
    // The new engine loads in the background.
    await new Promise((resolve) => setTimeout(resolve, 20))
    assert.equal(sync.session("ses_a")?.slug, "mend")
  })

  it("A new engine knows no session until a conversation is loaded", async () => {
    const { sync, said } = world({ ses_a: child() })
    await sync.load("ses_root")
    trap()
    assert.deepEqual([sync.session("ses_a"), sync.visible("ses_root"), sync.resumable("ses_root"), sync.spelled("fixer")], [undefined, [], [], "fixer"])
    assert.equal(said.length, 1)
    await sync.load("ses_root")
    assert.equal(sync.resumable("ses_root").length, 1)
  })

  it("A new engine gets the name that the old one gave a child", async () => {
    const { sync, add, sessions } = world()
    const asked = request({ task_id: "auth" })
    const decision = /** @type {any} */ (await sync.decide(asked))
    trap()
    sync.session("ses_root")
    add("ses_a", child({ metadata: undefined }))
    await sync.commit(decision, asked, "ses_a")
    const { action, sessionID } = /** @type {any} */ (await sync.decide(request({ task_id: "auth" })))
    assert.deepEqual([sync.session("ses_a")?.slug, sessionID], ["auth", "ses_a"])
    assert.notEqual(action, "spawn")
    assert.equal(await sync.whenStored("ses_a"), true)
    assert.equal(sessions.ses_a.metadata.delegate.slug, "auth")
  })

  it("A new engine leaves the prompt of a child that is being created to its call, and knows the child's name", async () => {
    const prompt = { parts: [{ type: "text", text: "Go." }], agent: "fixer", models: [], permission: [] }
    const { sync, sessions, effects } = world()
    await sync.load("ses_root")
    const record = { v: 2, id: "ses_1_mend", prompt, messageID: "msg_1", process: sync.process, tasks: undefined }
    sessions.ses_a = { id: "ses_a", time: { created: 9, updated: 9 }, ...child({ metadata: recorded(record) }) }
    sync.creating.add("ses_1_mend")
    trap()
    sync.session("ses_root")
    await sync.load("ses_root")
    await sync.load("ses_a")
    assert.equal((await sync.resolve({ sessionID: "ses_root", task_id: "mend" }))?.id, "ses_a")
    assert.deepEqual(effects.filter(({ type }) => type === "check"), [])
  })

  it("A new engine counts a call of the old one once", async () => {
    const { sync, add } = world({ ses_a: child({ metadata: recorded({ used: 0 }) }) })
    const asked = request({ sessionID: "ses_a", callerAgent: "fixer" })
    const decision = await sync.decide(asked)
    trap()
    add("ses_b", child({ parentID: "ses_a", metadata: undefined }))
    await sync.commit(decision, asked, "ses_b")
    assert.equal(sync.session("ses_a")?.used, 1)
    sync.refund(decision)
    assert.equal(sync.session("ses_a")?.used, 1)
  })

  it("A new engine reports no loss of a deleted child again whose event comes late", async () => {
    const task = { id: "bg_12345678", prompt_no: 1, callerID: "ses_root", state: "running", since: 1_000, messageID: "msg_0000000000000000000000001", delivered: false }
    const { sync, sessions, effects } = world({ ses_a: child({ metadata: recorded({ v: 2, process: "an ended one", tasks: [task] }) }) })
    await sync.load("ses_root")
    const { ses_a } = sessions
    delete sessions.ses_a
    sync.apply({ type: "session.deleted", now: 2_000, sessionID: "ses_a" })
    const delivered = () => effects.filter(({ type }) => type === "deliver").length
    const before = delivered()
    trap()
    await sync.resolve({ sessionID: "ses_root", task_id: "mend" })
    await sync.sessionDeleted(ses_a)
    assert.equal(delivered(), before)
    assert.ok(before > 0)
  })

  it("A trap during a load starts the load again", async () => {
    const { sync, host } = world({ ses_a: child() })
    const { children } = host
    let traps = true
    host.children = async (id) => {
      if (traps) trap()
      traps = false
      return children(id)
    }
    const { action, sessionID } = /** @type {any} */ (await sync.decide(request({ task_id: "mend" })))
    assert.deepEqual([action, sessionID], ["resume", "ses_a"])
  })

  it("A name is found if the engine traps during the load", async () => {
    const { sync, host } = world({ ses_a: child() })
    const { children } = host
    let traps = 1
    host.children = async (id) => {
      if (traps-- > 0) trap()
      return children(id)
    }
    assert.equal((await sync.resolve({ sessionID: "ses_root", task_id: "mend" }))?.id, "ses_a")
  })

  it("A call is decided if another finds the trap during the read that it waits for", async () => {
    const { sync, host, said } = world({ ses_a: child() })
    await sync.load("ses_root")
    const { children } = host
    const reads = /** @type {((value: unknown) => void)[]} */ ([])
    host.children = async (id) => {
      await new Promise((resolve) => reads.push(resolve))
      return children(id)
    }
    const found = sync.resolve({ sessionID: "ses_root", task_id: "nobody" })
    await later()
    trap()
    assert.equal(sync.session("ses_a"), undefined)
    const asked = sync.decide(request({ task_id: "mend" }))
    for (let rounds = 0; rounds < 20; rounds++) {
      reads.shift()?.(undefined)
      await later(2)
    }
    assert.equal(/** @type {any} */ (await asked).sessionID, "ses_a")
    await found
    assert.equal(said.length, 1)
  })

  it("A call is decided with all sessions, whenever another finds the trap", async () => {
    for (let turns = 0; turns < 30; turns++) {
      const { sync } = world({ ses_a: child({ metadata: recorded({ slug: "mend-it" }) }) })
      await sync.load("ses_root")
      trap()
      const asked = sync.decide(request())
      for (let turn = 0; turn < turns; turn++) await null
      sync.session("ses_root")
      assert.equal(/** @type {any} */ (await asked).slug, "mend-it-2", `after ${turns} turns`)
    }
  })

  it("Calls that are decided at once share the new engine", async () => {
    const { sync, said } = world({ ses_a: child() })
    await sync.load("ses_root")
    const asked = ["auth", "map", "mend"].map((task_id) => sync.decide(request({ callID: task_id, task_id })))
    trap()
    const decisions = /** @type {any[]} */ (await Promise.all(asked))
    assert.deepEqual(decisions.map(({ action }) => action), ["spawn", "spawn", "resume"])
    assert.equal(said.length, 1)
    assert.equal(sync.session("ses_a")?.slug, "mend")
  })

  it("A load that traps three times leaves no session behind that looks loaded", async () => {
    const { sync, host } = world({ ses_a: child({ metadata: recorded({ slug: "other" }) }), ses_b: child() })
    const { children } = host
    let traps = 3
    host.children = async (id) => {
      if (traps-- > 0) trap()
      return children(id)
    }
    await assert.rejects(sync.load("ses_root"), { code: "engine_trap" })
    await sync.load("ses_b")
    assert.equal(sync.session("ses_b")?.slug, "mend")
  })

  it("A trap at the commit gives the call to the new engine", async () => {
    const { sync, add } = world()
    const asked = request({ task_id: "auth" })
    const decision = await sync.decide(asked)
    add("ses_a", child({ metadata: undefined }))
    trap()
    await sync.commit(decision, asked, "ses_a")
    assert.equal(sync.session("ses_a")?.slug, "auth")
  })

  it("A session that is deleted during a trap stays unknown", async () => {
    const { sync, sessions } = world({ ses_a: child() })
    const asked = request({ task_id: "mend" })
    const decision = await sync.decide(asked)
    trap()
    sync.session("ses_a")
    delete sessions.ses_a
    await sync.commit(decision, asked, "ses_a")
    assert.deepEqual([decision.action, sync.session("ses_a")], ["resume", undefined])
  })

  it("A refund that traps asks OpenCode for no session", async () => {
    const { sync, asked, said } = world()
    const decision = await sync.decide(request())
    asked.length = 0
    trap()
    sync.refund(decision)
    await later()
    assert.match(said.join(), SAID)
    assert.deepEqual(asked, [])
  })

  it("A ticket of the old engine changes nothing in the new one", async () => {
    const { sync } = world({ ses_a: child() })
    const asks = () => sync.decide(request({ sessionID: "ses_a", callerAgent: "fixer" }))
    const before = await asks()
    trap()
    const after = await asks()
    assert.deepEqual([before.action, after.action], ["spawn", "spawn"])
    sync.refund(before)
    assert.equal(/** @type {any} */ (await asks()).code, "budget_exhausted")
    sync.refund(after)
    assert.equal((await asks()).action, "spawn")
  })

  it("A commit of the old engine commits no other call of the new one", async () => {
    const { sync, add } = world()
    const asks = ["auth", "map"].map((task_id) => request({ task_id }))
    const before = await sync.decide(asks[0])
    trap()
    const after = await sync.decide(asks[1])
    add("ses_a", child({ metadata: undefined }))
    await sync.commit(before, asks[0], "ses_a")
    sync.sessionCreated(add("ses_b", child({ metadata: undefined })))
    await sync.commit(after, asks[1], "ses_b")
    assert.deepEqual(["ses_a", "ses_b"].map((id) => sync.session(id)?.slug), ["auth", "map"])
  })

  it("A denial of the old engine is no call of the new one", async () => {
    const { sync, asked } = world({ ses_a: child() })
    const denied = await sync.decide(request({ agent: "nobody" }))
    trap()
    assert.equal(sync.spelled("fixer"), "fixer")
    asked.length = 0
    await sync.commit(denied, request({ agent: "nobody" }), "ses_a")
    assert.deepEqual([denied.action, asked], ["deny", []])
  })

  it("A late event of a session's creation brings back no task that was delivered since", async () => {
    const task = { id: "bg_1", prompt_no: 1, callerID: "ses_root", state: "running", since: 1, messageID: "msg_1" }
    const made = recorded({ v: 2, tasks: [{ ...task, delivered: false }], process: "an ended one" })
    const later = recorded({ v: 2, tasks: [{ ...task, prompt_no: 2, messageID: "msg_2", state: "completed", delivered: true }] })
    const { sync, sessions, effects } = world({ ses_a: child({ metadata: later }) })
    await sync.load("ses_root")
    trap()
    sync.apply({ type: "session.status", now: Date.now(), sessionID: "ses_a", status: "idle" })
    await sync.load("ses_root")
    sync.sessionCreated({ ...sessions.ses_a, metadata: made })
    assert.deepEqual(effects.filter(({ type }) => type === "check" || type === "deliver"), [])
  })

  it("Any other error keeps the engine", async () => {
    const { sync, said } = world()
    await sync.load("ses_root")
    assert.throws(() => sync.apply(/** @type {any} */ ({ type: "nonsense", now: 1 })), { code: "invalid_event" })
    await assert.rejects(sync.decide(/** @type {any} */ (request({ prompt: 5 }))), { code: "invalid_request" })
    assert.deepEqual(said, [])
    assert.equal(sync.visible("ses_root").length, 1)
  })
})
