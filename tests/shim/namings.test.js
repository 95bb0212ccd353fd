// The sessions that messages name: forks and undone calls, as the engine learns them from OpenCode. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import "../../js/engine.js"
import { EngineSync } from "../../js/core/engine_sync.js"
import { namingOf } from "../../js/opencode1/sdk/naming.js"
import { trap } from "./opencode.js"

/** A call of a message that names a session. */
const naming = (/** @type {string} */ namedID, messageID = "msg_1") => ({ messageID, partID: "prt_1", namedID })

/** As much of OpenCode as the engine sync needs: a conversation with one child, and a fork of it whose messages name the child. */
function world() {
  const time = { created: 1, updated: 1 }
  const sessions = /** @type {Record<string, any>} */ ({
    ses_root: { id: "ses_root", title: "Root", time },
    ses_a: { id: "ses_a", title: "Mend it (@fixer subagent)", parentID: "ses_root", agent: "fixer", time },
    ses_fork: { id: "ses_fork", title: "Renamed", time },
  })
  const namings = /** @type {Record<string, any[]>} */ ({ ses_root: [naming("ses_a")], ses_fork: [naming("ses_a"), naming("ses_gone", "msg_2")] })
  const read = /** @type {string[]} */ ([])
  const host = {
    session: async (/** @type {string} */ id) => { if (!sessions[id]) throw new Error(`no ${id}`); return sessions[id] },
    children: async (/** @type {string} */ id) => Object.values(sessions).filter(({ parentID }) => parentID === id),
    status: async () => ({}),
    namings: async (/** @type {string} */ id) => (read.push(id), namings[id] ?? []),
    setMetadata: async (/** @type {string} */ id) => sessions[id],
  }
  const sync = new EngineSync(/** @type {any} */ (host), async () => ({}), () => {})
  let count = 0
  const decide = async (/** @type {string} */ sessionID, /** @type {string | undefined} */ task_id = undefined) => {
    const decision = await sync.decide({ now: 1_000, callID: `c${++count}`, sessionID, agent: "fixer", description: "Look", prompt: "Go.", task_id })
    return "sessionID" in decision ? `${decision.action} ${decision.sessionID.replace(/^ses_[0-9a-f]{4}_/, "")}` : decision.code
  }
  return { sync, sessions, namings, host, read, decide }
}

describe("A fork's messages", () => {
  it("A fork's messages are read once, at the first name that is not found, and its original is loaded", async () => {
    const { read, decide } = world()
    assert.equal(await decide("ses_fork", "mend-it"), "resume ses_a")
    assert.equal(await decide("ses_fork", "ses_a"), "join ses_a")
    assert.equal(await decide("ses_fork", "other"), "spawn other")
    assert.deepEqual(read, ["ses_fork"])
  })

  it("The messages of a root with a fork's title are read with it, so that its new names differ from theirs", async () => {
    const { sessions, read, decide } = world()
    sessions.ses_fork.title = "Root (fork #1)"
    sessions.ses_a.title = "Look (@fixer subagent)"
    assert.equal(await decide("ses_fork"), "spawn look-2")
    assert.deepEqual(read, ["ses_fork"])
  })

  it("A new name differs from those of a fork's messages, though one of these is removed while they are read", async () => {
    const { sessions, host, sync, decide } = world()
    sessions.ses_fork.title = "Root (fork #1)"
    sessions.ses_a.title = "Look (@fixer subagent)"
    const { namings } = host
    host.namings = async (id) => {
      const found = await namings(id)
      await sync.messageRemoved({ sessionID: "ses_fork", messageID: "msg_2" })
      return found
    }
    const loaded = sync.load("ses_fork")
    assert.deepEqual(await Promise.all([decide("ses_fork"), loaded.then(() => "loaded")]), ["spawn look-2", "loaded"])
  })

  it("A new name differs from those of a fork's messages, though the engine is lost while they are read", async () => {
    const { sessions, host, sync, decide } = world()
    sessions.ses_a.title = "Look (@fixer subagent)"
    await sync.load("ses_fork")
    sync.sessionNamed("ses_fork", naming("ses_a"))
    sessions.ses_fork.title = "Root (fork #1)"
    const { children } = host
    host.children = async (id) => {
      const list = await children(id)
      // The messages name the original's child, so its root is read.
      if (id === "ses_root") {
        host.children = children
        trap()
        sync.load("ses_fork").catch(() => {})
      }
      return list
    }
    assert.equal(await decide("ses_fork"), "spawn look-2")
  })

  for (const [title, reads] of /** @type {[string, number][]} */ ([["Root (fork #12)", 1], ["Root (fork #1) and more", 0], ["Root(fork #1)", 0], ["Root (fork #x)", 0]])) {
    it(`The messages of a root with the title "${title}" are ${reads ? "" : "not "}read with it`, async () => {
      const { sessions, read, sync } = world()
      sessions.ses_fork.title = title
      await sync.load("ses_fork")
      assert.equal(read.length, reads)
    })
  }

  it("A name of a fork is found after a trap of the engine", async () => {
    const { sync, decide } = world()
    assert.equal(await decide("ses_fork", "mend-it"), "resume ses_a")
    trap()
    sync.session("ses_fork")
    assert.equal(await decide("ses_fork", "mend-it"), "resume ses_a")
  })

  it("A name of a fork is found if the read of the fork itself meets the trap", async () => {
    const { sync, sessions, decide } = world()
    sessions.ses_fork.title = "Root (fork #1)"
    await sync.load("ses_root")
    trap()
    assert.equal(await decide("ses_fork", "mend-it"), "resume ses_a")
  })

  it("Two calls at once wait for the same read", async () => {
    const { read, decide } = world()
    const both = await Promise.all([decide("ses_fork", "mend-it"), decide("ses_fork", "mend-it")])
    assert.deepEqual(both, ["resume ses_a", "join ses_a"])
    assert.deepEqual(read, ["ses_fork"])
  })

  it("A failed read is repeated at the next name that is not found", async () => {
    const { host, decide } = world()
    const { namings } = host
    host.namings = async () => { throw new Error("busy") }
    assert.equal(await decide("ses_fork", "other"), "spawn other")
    host.namings = namings
    assert.equal(await decide("ses_fork", "mend-it"), "resume ses_a")
  })

  it("A child's name that is not found reads no messages", async () => {
    const { read, decide } = world()
    await decide("ses_root", "mend-it")
    read.length = 0
    await decide("ses_a", "other")
    assert.deepEqual(read, [])
  })

  it("A call of a child waits for the messages of its root, which name a session that is not known", async () => {
    const { sync, read, decide } = world()
    await decide("ses_root", "mend-it")
    read.length = 0
    sync.sessionNamed("ses_root", naming("ses_elsewhere"))
    await decide("ses_a")
    assert.deepEqual(read, ["ses_root"])
  })

  it("A new conversation is not read, unless its events name a session that is not known", async () => {
    const { sync, sessions, read, decide } = world()
    await sync.load("ses_root")
    sync.sessionCreated((sessions.ses_new = { ...sessions.ses_fork, id: "ses_new" }))
    sync.sessionNamed("ses_new", naming("ses_a"))
    assert.equal(await decide("ses_new", "other"), "spawn other")
    assert.equal(await decide("ses_new", "mend-it"), "resume ses_a")
    assert.deepEqual(read, [])
    sync.sessionNamed("ses_new", naming("ses_elsewhere"))
    await decide("ses_new", "another")
    assert.deepEqual(read, ["ses_new"])
  })

  it("A fork whose original is not loaded learns its names before a call without a name", async () => {
    const { sync, sessions, read, decide } = world()
    sessions.ses_a.title = "Look (@fixer subagent)"
    // The engine starts with the first session, whether that is there or not.
    await sync.load("ses_other").catch(() => {})
    sync.sessionCreated(sessions.ses_fork)
    sync.sessionNamed("ses_fork", naming("ses_a"))
    assert.deepEqual(await Promise.all([decide("ses_fork"), decide("ses_fork")]), ["spawn look-2", "spawn look-3"])
    assert.deepEqual(read, ["ses_fork"])
  })

  it("A message that is removed costs no name that a later message knows", async () => {
    const { sync, namings, decide } = world()
    namings.ses_fork = [naming("ses_a"), naming("ses_a", "msg_2")]
    assert.equal(await decide("ses_fork", "mend-it"), "resume ses_a")
    namings.ses_fork.shift()
    await sync.messageRemoved({ sessionID: "ses_fork", messageID: "msg_1" })
    assert.equal(await decide("ses_fork", "mend-it"), "join ses_a")
  })

  it("Two roots with a fork's title that name each other's sessions are loaded", async () => {
    const { sessions, namings, read, decide } = world()
    sessions.ses_fork.title = sessions.ses_root.title = "Root (fork #1)"
    sessions.ses_b = { ...sessions.ses_a, id: "ses_b", title: "Look (@fixer subagent)", parentID: "ses_fork" }
    namings.ses_root = [naming("ses_b")]
    namings.ses_fork = [naming("ses_a")]
    assert.deepEqual(await Promise.all([decide("ses_fork", "mend-it"), decide("ses_root", "look")]), ["resume ses_a", "resume ses_b"])
    assert.deepEqual(read.sort(), ["ses_fork", "ses_root"])
  })
})

describe("The messages of a root", () => {
  const record = { v: 2, slug: "mend", agent: "fixer", description: "Mend it", budget: 1, used: 0, tokens: 0, window: 0 }

  it("A root's messages are not read for a child of its child", async () => {
    const { sync, sessions, read } = world()
    sessions.ses_a.metadata = { delegate: { ...record, spawned: ["msg_1", "prt_1"] } }
    sessions.ses_b = { ...sessions.ses_a, id: "ses_b", parentID: "ses_a", metadata: { delegate: { ...record, slug: "below" } } }
    await sync.load("ses_root")
    assert.deepEqual([sync.session("ses_b")?.slug, read], ["below", []])
  })

  it("Each root that is loaded has its messages read, one after the other", async () => {
    const { sync, sessions, read } = world()
    sessions.ses_a.metadata = { delegate: record }
    sessions.ses_fork.title = "Root (fork #1)"
    for (const id of ["ses_root", "ses_fork"]) await sync.load(id)
    assert.deepEqual(read, ["ses_root", "ses_fork"])
  })

  it("A conversation that is loaded after another knows which message spawned its child", async () => {
    const { sync, sessions, namings } = world()
    sessions.ses_a.metadata = { delegate: record }
    sessions.ses_b = { ...sessions.ses_a, id: "ses_b", parentID: "ses_fork", metadata: { delegate: { ...record, slug: "map" } } }
    namings.ses_fork = [naming("ses_b", "msg_2")]
    for (const id of ["ses_root", "ses_fork"]) await sync.load(id)
    await sync.messageRemoved({ sessionID: "ses_fork", messageID: "msg_2" })
    assert.equal(await sync.resolve({ sessionID: "ses_fork", task_id: "map" }), undefined)
  })
})

describe("An undo", () => {
  it("A revert frees the name of its call, and its end gives the name back", async () => {
    const { sync, sessions } = world()
    await sync.load("ses_root")
    sync.sessionNamed("ses_root", naming("ses_a"))
    const found = async () => (await sync.resolve({ sessionID: "ses_root", task_id: "mend-it" }))?.id
    sessions.ses_root = { ...sessions.ses_root, revert: { messageID: "msg_0" } }
    sync.noteRevert("ses_root", sessions.ses_root.revert)
    assert.equal(await found(), undefined)
    sessions.ses_root = { ...sessions.ses_root, revert: undefined }
    sync.noteRevert("ses_root")
    assert.equal(await found(), "ses_a")
    await sync.messageRemoved({ sessionID: "ses_root", messageID: "msg_1" })
    assert.equal(await found(), undefined)
  })

  it("A child whose record does not say which call spawned it loses its name by the undo of that call", async () => {
    const { sync, sessions, read } = world()
    const record = { v: 2, slug: "mend", agent: "fixer", description: "Mend it", budget: 0, used: 0, tokens: 0, window: 0 }
    sessions.ses_a.metadata = { delegate: record }
    await sync.load("ses_root")
    assert.deepEqual(read, ["ses_root"])
    await sync.messageRemoved({ sessionID: "ses_root", messageID: "msg_1" })
    assert.equal(await sync.resolve({ sessionID: "ses_root", task_id: "mend" }), undefined)
  })

  it("A child that a later call brought back after an undo keeps its name when its record does not say that yet", async () => {
    const { sync, sessions, namings } = world()
    const record = { v: 2, slug: "mend", agent: "fixer", description: "Mend it", budget: 0, used: 0, tokens: 0, window: 0, spawned: ["msg_0", ""], undone: true }
    sessions.ses_a.metadata = { delegate: record }
    assert.equal(namings.ses_root[0].messageID, "msg_1")
    const decision = await sync.decide({ now: 2_000, callID: "c1", sessionID: "ses_root", agent: "fixer", description: "Mend", prompt: "Mend." })
    assert.equal("slug" in decision && decision.slug, "mend-2")
    assert.equal((await sync.resolve({ sessionID: "ses_root", task_id: "mend" }))?.id, "ses_a")
  })

  it("A child that is created while its root is read is found in the root's messages", async () => {
    const { sync, sessions, namings, host } = world()
    const { children } = host
    sessions.ses_late = { ...sessions.ses_a, id: "ses_late", title: "Look (@fixer subagent)" }
    sessions.ses_a.metadata = { delegate: { v: 2, slug: "mend", agent: "fixer", description: "Mend it", budget: 0, used: 0, tokens: 0, window: 0 } }
    namings.ses_root.push(naming("ses_late", "msg_2"))
    host.children = async (id) => (await children(id)).filter(({ id }) => id !== "ses_late")
    const found = sync.resolve({ sessionID: "ses_root", task_id: "look" })
    assert.equal((await Promise.race([found, new Promise((done) => setTimeout(done, 2_000))]))?.id, "ses_late")
  })

  it("A revert of a conversation that is read later counts", async () => {
    const { sync, sessions } = world()
    sessions.ses_root.revert = { messageID: "msg_1" }
    sessions.ses_a.metadata = { delegate: { v: 2, slug: "mend", agent: "fixer", description: "Mend it", budget: 0, used: 0, tokens: 0, window: 0, spawned: ["msg_1", "prt_1"] } }
    assert.equal(await sync.resolve({ sessionID: "ses_root", task_id: "mend" }), undefined)
  })
})

describe("A part", () => {
  it("Only a call of the task tool with a session names one", () => {
    const part = { type: "tool", tool: "task", id: "prt_1", messageID: "msg_1", state: { metadata: { sessionId: "ses_a" } } }
    assert.deepEqual(namingOf(part), naming("ses_a"))
    for (const other of [{ type: "text" }, { tool: "read" }, { state: {} }, { state: { metadata: { sessionId: 7 } } }, { state: undefined }, { id: undefined }, { messageID: undefined }]) {
      assert.equal(namingOf({ ...part, ...other }), undefined)
    }
  })
})
