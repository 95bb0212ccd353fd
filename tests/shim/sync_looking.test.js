// What a name that is not found reads of OpenCode, and what it spares. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { HostRefusal } from "../../js/core/host.js"
import { child, recorded, world } from "./syncing.js"

describe("A name that is not found", () => {
  it("A known name is found without a request to OpenCode", async () => {
    const { sync, asked } = world({ ses_a: child() })
    await sync.load("ses_root")
    asked.length = 0
    assert.equal((await sync.resolve({ sessionID: "ses_root", task_id: "mend" }))?.id, "ses_a")
    assert.deepEqual(asked, [])
  })

  it("A child's unknown name reads its conversation from the root", async () => {
    const { sync, add, asked, sessions } = world({ ses_a: child() })
    await sync.load("ses_root")
    // Its turn, in another process, has created the other one.
    sessions.ses_a.time.updated += 1
    add("ses_b", child({ parentID: "ses_a", metadata: recorded({ slug: "theirs" }) }))
    asked.length = 0
    assert.equal((await sync.resolve({ sessionID: "ses_a", task_id: "theirs" }))?.id, "ses_b")
    assert.deepEqual(asked.slice(0, 2), ["below ses_root", "below ses_a"])
    assert.equal(await sync.isRoot("ses_a"), false)
  })

  /** The change of a session between two reads, and whether a name that is not found has the conversation read again. @type {[string, (session: any) => void, boolean][]} */
  const NEWS = [
    ["A session that is as it was is no news", () => {}, false],
    ["A session that was only updated is no news", (session) => (session.time.updated += 1), false],
    ["A session with another title is news", (session) => (session.title = "Mend that (@fixer subagent)"), true],
    ["A session with another record is news", (session) => (session.metadata = recorded({ used: 2 })), true],
    ["A session with a revert is news", (session) => (session.revert = { messageID: "msg_1" }), true],
  ]
  for (const [what, change, news] of NEWS) {
    it(`${what} for a name that is not found`, async () => {
      const { sync, sessions, asked } = world({ ses_a: child() })
      await sync.load("ses_root")
      change(sessions.ses_a)
      asked.length = 0
      assert.equal(await sync.resolve({ sessionID: "ses_root", task_id: "theirs" }), undefined)
      assert.equal(asked[0], "below ses_root")
      assert.equal(asked.includes("ses_root"), news)
    })
  }

  /** A child at the first read, its change since, and whether its children are read again. @type {[string, any, (session: any) => void, boolean][]} */
  const RESTING = [
    ["that had no children and has rested since is not asked for children", undefined, () => {}, false],
    ["that has begun a turn since is asked for children", undefined, (session) => (session.time.updated += 1), true],
    ["that ran at that read is asked for children", { ses_a: { type: "busy" } }, () => {}, true],
  ]
  for (const [what, statuses, change, again] of RESTING) {
    it(`A session ${what}`, async () => {
      const { sync, sessions, asked, add } = world({ ses_a: child() }, statuses)
      await sync.load("ses_root")
      assert.ok(asked.includes("below ses_a"))
      change(sessions.ses_a)
      for (const id of ["ses_new", "ses_other"]) {
        asked.length = 0
        if (id === "ses_other") add(id, child())
        assert.equal(await sync.resolve({ sessionID: "ses_root", task_id: "theirs" }), undefined)
        // The second time, the conversation has news, and is read whole.
        assert.deepEqual([asked.includes("below ses_a"), asked.includes("ses_root")], [again, id === "ses_other"], id)
      }
    })
  }

  /** What another process has done, and the sessions that are read then. @type {[string, (it: { add: Function, sessions: any }) => void, string[]][]} */
  const LISTED = [
    ["has no news is asked for ids alone", () => {}, []],
    ["has a new child is read", ({ add }) => add("ses_b", child({ metadata: recorded({ slug: "theirs" }) })), ["ses_root"]],
    ["has a new session below a child is read", ({ add }) => add("ses_b", child({ parentID: "ses_a", metadata: recorded({ slug: "theirs" }) })), ["ses_root"]],
  ]
  for (const [what, change, read] of LISTED) {
    it(`A conversation that ${what}, at a host that lists ids`, async () => {
      const { sync, host, asked, ...it } = world({ ses_a: child() })
      const ids = /** @type {string[]} */ ([])
      Object.assign(host, { childIDs: async (/** @type {string} */ id) => (ids.push(id), Object.values(it.sessions).filter(({ parentID }) => parentID === id).map(({ id }) => id)) })
      await sync.load("ses_root")
      if (read.length) it.sessions.ses_a.time.updated += 1
      change(it)
      asked.length = 0
      assert.equal((await sync.resolve({ sessionID: "ses_root", task_id: "theirs" }))?.id, read.length ? "ses_b" : undefined)
      assert.deepEqual([ids[0], asked.filter((id) => !id.startsWith("below")), asked.length > 0], ["ses_root", read, read.length > 0])
    })
  }

  it("A host that cannot list the ids of children has its conversation read", async () => {
    const { sync, host, asked } = world({ ses_a: child() })
    Object.assign(host, { childIDs: async () => { throw new Error("storage") } })
    await sync.load("ses_root")
    asked.length = 0
    assert.equal(await sync.resolve({ sessionID: "ses_root", task_id: "theirs" }), undefined)
    assert.ok(asked.includes("ses_root"))
  })

  it("A session below one that rests is found by its id, although no turn has created it", async () => {
    const { sync, add, asked } = world({ ses_a: child() })
    await sync.load("ses_root")
    add("ses_b", child({ parentID: "ses_a", metadata: recorded({ slug: "theirs" }) }))
    assert.equal((await sync.resolve({ sessionID: "ses_root", task_id: "ses_b" }))?.slug, "theirs")
    asked.length = 0
    await Promise.all(["ses_none", "ses_other"].map((task_id) => sync.resolve({ sessionID: "ses_root", task_id })))
    assert.deepEqual(asked.filter((what) => !what.startsWith("below")).sort(), ["ses_none", "ses_other"])
  })

  it("The children of a session that could not be read are looked for again", async () => {
    const { sync, host } = world({ ses_a: child(), ses_b: child({ parentID: "ses_a", metadata: recorded({ slug: "theirs" }) }) })
    const { children, session } = host
    const refused = async () => Promise.reject(new HostRefusal("No.", { missing: false }))
    host.children = async (id) => (id === "ses_a" ? refused() : children(id))
    host.session = async (id) => (id === "ses_b" ? refused() : session(id))
    Object.assign(host, { callChildren: async (/** @type {string} */ id) => (id === "ses_a" ? ["ses_b"] : []) })
    assert.equal(await sync.resolve({ sessionID: "ses_root", task_id: "theirs" }), undefined)
    Object.assign(host, { children, session })
    assert.equal((await sync.resolve({ sessionID: "ses_root", task_id: "theirs" }))?.id, "ses_b")
  })

  it("A session with children is asked for them again", async () => {
    const { sync, asked } = world({ ses_a: child(), ses_b: child({ parentID: "ses_a" }) })
    await sync.load("ses_root")
    asked.length = 0
    assert.equal(await sync.resolve({ sessionID: "ses_root", task_id: "theirs" }), undefined)
    assert.deepEqual(asked, ["below ses_root", "below ses_a"])
  })
})
