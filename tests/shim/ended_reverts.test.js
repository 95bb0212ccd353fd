// The end of a revert in another process, of which no event comes: the next read finds it. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { child, recorded, request, world } from "./syncing.js"

/** @param {string} slug @param {string} messageID of the call that spawned it */
const spawned = (slug, messageID, fields = {}) => child({ metadata: recorded({ v: 2, slug, description: slug, budget: 0, used: 0, spawned: [messageID, "prt_1"], ...fields }) })

/** A conversation that is reverted from its second message on. The host's messages stand in `messages`. */
async function reverted({ partID = /** @type {string | undefined} */ (undefined) } = {}) {
  const parts = world({ ses_a: spawned("mend", "msg_2") })
  const { host, sync, sessions } = parts
  const messages = [{ id: "msg_2", partIDs: ["prt_1"] }]
  const asked = /** @type {string[]} */ ([])
  const from = async (/** @type {string} */ id, /** @type {string} */ messageID) => (asked.push(id), messages.filter((it) => it.id >= messageID))
  Object.assign(host, { messagesFrom: from })
  await sync.load("ses_root")
  sessions.ses_root.revert = { messageID: "msg_2", partID }
  sync.noteRevert("ses_root", sessions.ses_root.revert)
  const decide = async (/** @type {string} */ task_id) => {
    const decision = await sync.decide(request({ task_id, messageID: "msg_9" }))
    return decision.action === "resume" ? decision.sessionID : decision.action
  }
  return { ...parts, messages, asked, decide }
}

describe("A revert that another process ends", () => {
  it("A reverted conversation frees the name", async () => {
    const { decide, asked } = await reverted()
    assert.equal(await decide("mend"), "spawn")
    assert.deepEqual(asked, [])
  })

  for (const partID of [undefined, "prt_1"]) {
    it(`A redo of another process gives the name back (${partID ? "a part" : "a message"})`, async () => {
      const { sessions, decide, asked } = await reverted({ partID })
      delete sessions.ses_root.revert
      assert.equal(await decide("mend"), "ses_a")
      assert.deepEqual(asked, ["ses_root"])
    })
  }

  it("A prompt of another process removes the reverted messages, and its own calls stand", async () => {
    const { sessions, add, messages, decide } = await reverted()
    delete sessions.ses_root.revert
    messages.splice(0, 1, { id: "msg_3", partIDs: ["prt_1"] })
    add("ses_b", spawned("look", "msg_3"))
    assert.equal(await decide("look"), "ses_b")
    assert.equal(await decide("mend"), "spawn")
  })

  it("A prompt of another process removes the messages after those too, and what it changed in the session is taken in", async () => {
    const { sessions, add, messages, decide } = await reverted()
    delete sessions.ses_root.revert
    sessions.ses_root.time.updated += 1
    add("ses_c", spawned("map", "msg_3"))
    messages.splice(0, 1, { id: "msg_4", partIDs: ["prt_1"] })
    assert.equal(await decide("map"), "spawn")
    assert.equal(await decide("mend"), "spawn")
  })

  it("A removed part frees the name, though its message stands", async () => {
    const { sessions, add, messages, decide } = await reverted({ partID: "prt_1" })
    delete sessions.ses_root.revert
    messages.splice(0, 1, { id: "msg_2", partIDs: [] }, { id: "msg_3", partIDs: ["prt_1"] })
    add("ses_b", spawned("look", "msg_3"))
    assert.equal(await decide("look"), "ses_b")
    assert.equal(await decide("mend"), "spawn")
  })

  it("Messages that cannot be read are read again with the next name that is not found", async () => {
    const { sessions, host, decide } = await reverted()
    delete sessions.ses_root.revert
    const { messagesFrom } = /** @type {any} */ (host)
    Object.assign(host, { messagesFrom: async () => Promise.reject(new Error("database is locked")) })
    assert.equal(await decide("other"), "spawn")
    Object.assign(host, { messagesFrom })
    assert.equal(await decide("mend"), "ses_a")
  })

  it("An event that reports the end during the read counts", async () => {
    const { sessions, sync, host, messages, decide } = await reverted()
    delete sessions.ses_root.revert
    Object.assign(host, { messagesFrom: async () => (sync.noteRevert("ses_root"), messages.slice(1)) })
    assert.equal(await decide("mend"), "ses_a")
  })
})

describe("A conversation that is read while its user undoes and redoes", () => {
  /**
   * The caller's name "mend", read by a read that began before an event.
   * @param {string | undefined} before from which message on the conversation is reverted as the read begins
   * @param {string | undefined} since the same, by the event
   */
  async function read(before, since) {
    const { sync, host, sessions } = world({ ses_a: spawned("mend", "msg_2") })
    const revert = (/** @type {string | undefined} */ messageID) => (messageID ? { messageID } : undefined)
    const { session } = host
    host.session = async (id) => {
      const shown = { ...(await session(id)), revert: id === "ses_root" ? revert(before) : undefined }
      if (id === "ses_root") sync.noteRevert("ses_root", (sessions.ses_root.revert = revert(since)))
      return shown
    }
    Object.assign(host, { messagesFrom: async () => [{ id: "msg_2", partIDs: ["prt_1"] }] })
    await sync.load("ses_root")
    host.session = session
    const decide = async () => (await sync.decide(request({ task_id: "mend", messageID: "msg_9" }))).action
    return { sessions, decide }
  }

  for (const [what, before, since, expected] of /** @type {[string, string | undefined, string | undefined, string][]} */ ([
    ["An event that ends a revert", "msg_1", undefined, "resume"],
    ["An event that moves a revert behind the call", "msg_1", "msg_3", "resume"],
    ["An event that moves a revert before the call", "msg_3", "msg_1", "spawn"],
    ["An event that begins a revert", undefined, "msg_1", "spawn"],
  ])) {
    it(`${what} is newer than the read`, async () => assert.equal(await (await read(before, since)).decide(), expected))
  }

  it("The next read is newer than the event", async () => {
    const { sessions, decide } = await read(undefined, "msg_1")
    delete sessions.ses_root.revert
    assert.equal(await decide(), "resume")
  })
})

describe("A late event of a root whose read failed", () => {
  it("The next call reads the whole root", async () => {
    const { sync, sessions, host } = world({ ses_a: child() })
    const { children } = host
    host.children = async () => Promise.reject(new Error("database is locked"))
    await assert.rejects(sync.load("ses_root"))
    host.children = children
    sync.sessionCreated(sessions.ses_root)
    await sync.load("ses_root")
    assert.equal(sync.session("ses_a")?.slug, "mend")
  })
})
