// The parts of the terminal half that draw nothing. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { coalesce } from "../../js/tui/coalesce.js"
import { Conversations } from "../../js/tui/conversations.js"
import { mostPressing } from "../../js/tui/few_lines.js"
import { makeGuard } from "../../js/tui/guard.js"
import { bindHost } from "../../js/tui/opencode1/host.js"
import { faultOf, slugOf } from "../../js/tui/names.js"
import { outlineOf } from "../../js/tui/outline.js"
import { toastOf } from "../../js/tui/toasts.js"

const wait = (/** @type {number} */ ms) => new Promise((next) => setTimeout(next, ms))

/** A child's record in the host. @param {string} id @param {string} slug @param {object} [more] @returns {any} */
const child = (id, slug, more = {}) => ({
  id, parentID: "ses_root", title: `${slug} (@explorer subagent)`, agent: "explorer", time: { created: 1, updated: 1 },
  metadata: { delegate: { v: 2, slug, agent: "explorer", description: slug, budget: 0, used: 0, lastUsed: 1, ...more } },
})
const ROOT = /** @type {any} */ ({ id: "ses_root", title: "Root", time: { created: 0, updated: 0 } })

/** Conversations over a host with these sessions. @param {any[]} sessions @param {Record<string, object>} [ends] how their last messages ended */
function following(sessions, ends = {}) {
  const asked = /** @type {string[]} */ ([])
  const happened = /** @type {any[]} */ ([])
  let changes = 0
  const host = /** @type {any} */ ({
    session: async (/** @type {string} */ id) => (asked.push(`session ${id}`), sessions.find((session) => session.id === id)),
    children: async (/** @type {string} */ id) => (asked.push(`children ${id}`), sessions.filter(({ parentID }) => parentID === id)),
    callChildren: async () => [],
    status: async () => ({}),
    questions: async () => [],
    lastEnd: async (/** @type {string} */ id) => (asked.push(`end ${id}`), ends[id]),
  })
  const conversations = new Conversations(host, ({ tokens }) => ({ tokens: tokens.input, window: 1_000 }), () => void changes++, (one) => happened.push(one))
  return { conversations, asked, happened, host, changes: () => changes }
}

describe("A conversation in the terminal", () => {
  it("An event of a session below the root changes the outline", async () => {
    const { conversations } = following([ROOT, child("ses_a", "auth")])
    const conversation = await conversations.show("ses_a")
    conversations.handleEvent("session.status", { sessionID: "ses_a", status: { type: "busy" } })
    conversations.handleEvent("session.updated", { info: child("ses_a", "auth", { resumed: 2, budget: 3, used: 1 }) })
    conversations.handleEvent("message.updated", { sessionID: "ses_a", info: { role: "assistant", sessionID: "ses_a", time: { completed: 2 }, tokens: { input: 100 } } })
    const [row] = outlineOf(conversation, Date.now() + 65_000).all.rows
    assert.equal(row.title, "auth")
    assert.equal(row.text, "explorer · running · resumed 2× · 100 tokens (10 %) · 1/3 calls · 1 min ago")
  })

  it("A conversation that is followed is not read again", async () => {
    const { conversations, asked } = following([ROOT, child("ses_a", "auth")])
    await Promise.all([conversations.show("ses_root"), conversations.show("ses_root")])
    const before = asked.length
    await conversations.show("ses_a")
    assert.equal(asked.length, before)
  })

  it("Events of other conversations change nothing", async () => {
    const { conversations, changes, happened } = following([ROOT])
    await conversations.show("ses_root")
    conversations.handleEvent("session.created", { info: { ...child("ses_x", "other"), parentID: "ses_other" } })
    conversations.handleEvent("permission.asked", { id: "per_1", sessionID: "ses_x", permission: "bash", patterns: [] })
    assert.deepEqual([changes(), happened], [0, []])
  })

  it("A question and the end of a background task happen once, however often their events come", async () => {
    const { conversations, happened } = following([ROOT, child("ses_a", "auth", { tasks: [task("running")] })])
    await conversations.show("ses_root")
    for (let time = 0; time < 3; time++) {
      conversations.handleEvent("permission.asked", { id: "per_1", sessionID: "ses_a", permission: "bash", patterns: ["ls"] })
      conversations.handleEvent("session.updated", { info: child("ses_a", "auth", { tasks: [task("completed")] }) })
    }
    assert.deepEqual(happened.map(({ kind }) => kind), ["permission", "task"])
  })

  it("A task that ended before the conversation was read is no news", async () => {
    const { conversations, happened } = following([ROOT, child("ses_a", "auth", { tasks: [task("completed")] })])
    await conversations.show("ses_root")
    conversations.handleEvent("session.updated", { info: child("ses_a", "auth", { tasks: [task("completed")] }) })
    assert.deepEqual(happened, [])
  })

  it("A refused call happens once, and a failed child is failed", async () => {
    const { conversations, happened } = following([ROOT, child("ses_a", "auth")])
    const conversation = await conversations.show("ses_root")
    const part = { id: "prt_1", type: "tool", tool: "task", sessionID: "ses_root", state: { status: "error", error: "No.", input: { subagent_type: "fixer" } } }
    for (let time = 0; time < 2; time++) conversations.handleEvent("message.part.updated", { sessionID: "ses_root", part })
    conversations.handleEvent("message.part.updated", { sessionID: "ses_root", part: { ...part, id: "prt_2", state: { status: "error", metadata: { sessionId: "ses_a" } } } })
    assert.deepEqual(happened.map(({ kind }) => kind), ["refused"])
    assert.equal(outlineOf(conversation, 1).all.rows[0].state, "failed")
  })

  it("A child that a person stopped is stopped, though its call fails too, and its next turn may end otherwise", async () => {
    const { conversations } = following([ROOT, child("ses_a", "auth")])
    const conversation = await conversations.show("ses_root")
    const state = () => outlineOf(conversation, 1).all.rows[0].state
    const ends = (/** @type {object | undefined} */ error) => conversations.handleEvent("message.updated", { sessionID: "ses_a", info: { role: "assistant", sessionID: "ses_a", time: { completed: 2 }, tokens: { input: 1 }, error } })
    const turn = (/** @type {string} */ type) => conversations.handleEvent("session.status", { sessionID: "ses_a", status: { type } })
    const call = { id: "prt_1", type: "tool", tool: "task", sessionID: "ses_root", state: { status: "error", metadata: { sessionId: "ses_a" } } }
    ends({ name: "MessageAbortedError" })
    conversations.handleEvent("message.part.updated", { sessionID: "ses_root", part: call })
    assert.equal(state(), "stopped")
    turn("busy")
    assert.equal(state(), "running")
    turn("idle")
    assert.equal(state(), "failed", "its next turn has no message")
    ends({ data: {} })
    assert.equal(state(), "failed")
    ends(undefined)
    assert.equal(state(), "done")
  })

  it("A conversation that is read shows which turns failed, were stopped or got no answer before, with one read each", async () => {
    const names = ["failed", "stopped", "killed", "well", "empty", "runs"]
    const ends = { ses_failed: { error: { name: "APIError" }, unanswered: false }, ses_stopped: { error: { name: "MessageAbortedError" }, unanswered: false }, ses_killed: { unanswered: true }, ses_well: { unanswered: false }, ses_runs: { unanswered: true } }
    const { conversations, host, asked, changes } = following([ROOT, ...names.map((name) => child(`ses_${name}`, name))], ends)
    host.status = async () => ({ ses_runs: { type: "busy" } })
    const conversation = await conversations.show("ses_root")
    const states = () => Object.fromEntries(outlineOf(conversation, 1).all.rows.map(({ title, state }) => [title, state]))
    await wait(5)
    assert.deepEqual(states(), { failed: "failed", stopped: "stopped", killed: "stopped", well: "done", empty: "done", runs: "running" })
    assert.equal(changes(), 1)
    await conversations.show("ses_root")
    assert.deepEqual(asked.filter((one) => one.startsWith("end ")).sort(), ["end ses_empty", "end ses_failed", "end ses_killed", "end ses_stopped", "end ses_well"])
    for (const type of ["busy", "idle"]) conversations.handleEvent("session.status", { sessionID: "ses_killed", status: { type } })
    conversations.handleEvent("message.updated", { sessionID: "ses_failed", info: { role: "assistant", sessionID: "ses_failed", time: { completed: 2 }, tokens: { input: 1 } } })
    assert.deepEqual([states().killed, states().failed], ["done", "done"])
  })

  it("The stored end of a turn is no news once an event has shown a later one, and a read of it that fails costs nothing", async () => {
    const { conversations, host } = following([ROOT, child("ses_a", "auth"), child("ses_b", "docs")])
    let answer = (/** @type {object} */ _end) => {}
    host.lastEnd = (/** @type {string} */ id) => (id === "ses_a" ? new Promise((done) => { answer = done }) : Promise.reject(new Error("No.")))
    const conversation = await conversations.show("ses_root")
    for (const type of ["busy", "idle"]) conversations.handleEvent("session.status", { sessionID: "ses_a", status: { type } })
    answer({ unanswered: true })
    await wait(5)
    assert.deepEqual(outlineOf(conversation, 1).all.rows.map(({ state }) => state), ["done", "done"])
  })

  it("Of many sessions, the last messages of those used last alone are read", async () => {
    const many = Array.from({ length: 80 }, (_, place) => ({ ...child(`ses_${place}`, `work-${place}`), time: { created: 1, updated: place } }))
    const { conversations, asked } = following([ROOT, ...many])
    await conversations.show("ses_root")
    await wait(20)
    const ends = asked.filter((one) => one.startsWith("end "))
    assert.deepEqual([ends.length, ends[0], ends.at(-1)], [50, "end ses_79", "end ses_30"])
  })

  it("A record that cannot be read costs no other session its row", async () => {
    const { conversations } = following([ROOT, { ...child("ses_a", "auth"), metadata: { delegate: { v: 2, slug: 7 } } }, child("ses_b", "docs")])
    const conversation = await conversations.show("ses_root")
    assert.deepEqual(outlineOf(conversation, 1).all.rows.map(({ sessionID }) => sessionID).sort(), ["ses_a", "ses_b"])
  })

  it("Sessions without names have those that the server half makes up", async () => {
    const unnamed = (/** @type {string} */ id) => ({ ...child(id, "Mend it"), metadata: {} })
    const { conversations } = following([ROOT, unnamed("ses_b"), unnamed("ses_a"), { ...child("ses_c", "mend-it"), parentID: "ses_a" }])
    const conversation = await conversations.show("ses_root")
    const titles = Object.fromEntries(outlineOf(conversation, 1).all.rows.map(({ sessionID, title }) => [sessionID, title]))
    assert.deepEqual(titles, { ses_b: "mend-it-2", ses_a: "mend-it-3", ses_c: "mend-it" })
  })

  it("The most pressing sessions stand in the few lines, at any depth, and without one the session that was used last", async () => {
    const { conversations } = following([ROOT, ...["a", "b", "c", "d"].map((name) => child(`ses_${name}`, name)), { ...child("ses_e", "below"), parentID: "ses_d" }])
    const conversation = await conversations.show("ses_root")
    const listed = () => mostPressing(outlineOf(conversation, 1).all, 3).map(({ sessionID, state }) => `${sessionID} ${state}`)
    assert.equal(listed().length, 1)
    const error = { name: "APIError" }
    for (const sessionID of ["ses_a", "ses_b", "ses_c"]) conversations.handleEvent("message.updated", { sessionID, info: { role: "assistant", sessionID, time: { completed: 2 }, tokens: { input: 1 }, error } })
    conversations.handleEvent("session.status", { sessionID: "ses_d", status: { type: "busy" } })
    conversations.handleEvent("session.status", { sessionID: "ses_e", status: { type: "busy" } })
    conversations.handleEvent("permission.asked", { id: "per_1", sessionID: "ses_e", permission: "bash", patterns: [] })
    assert.deepEqual([listed()[0], listed()[1], listed().length], ["ses_e permission", "ses_d running", 3])
    assert.match(listed()[2], / failed$/)
  })

  it("A deleted session goes with those below it", async () => {
    const { conversations } = following([ROOT, child("ses_a", "auth"), { ...child("ses_b", "below"), parentID: "ses_a" }])
    const conversation = await conversations.show("ses_root")
    conversations.handleEvent("session.deleted", { info: { id: "ses_a" } })
    assert.deepEqual([...conversation.sessions.keys()], ["ses_root"])
  })

  it("A deleted session comes back neither by a late event nor by a read that found it before", async () => {
    const { conversations, host } = following([ROOT, child("ses_a", "auth"), child("ses_b", "docs")])
    const { children } = host
    host.children = async (/** @type {string} */ id) => {
      const list = await children(id)
      if (id === "ses_root") conversations.handleEvent("session.deleted", { info: { id: "ses_b" } })
      return list
    }
    const conversation = await conversations.show("ses_root")
    conversations.handleEvent("session.deleted", { info: { id: "ses_a" } })
    conversations.handleEvent("session.updated", { info: child("ses_a", "auth") })
    assert.deepEqual([...conversation.sessions.keys()], ["ses_root"])
  })

  it("A read that fails takes away nothing that another read or an earlier one gave", async () => {
    const { conversations, host } = following([ROOT, child("ses_a", "auth")])
    const { children } = host
    await conversations.show("ses_root")
    host.children = async () => { throw new Error("No.") }
    await assert.rejects(conversations.readAgain(), /No\./)
    assert.equal(conversations.of("ses_a")?.sessions.size, 2)
    conversations.handleEvent("session.deleted", { info: ROOT })
    const reads = [conversations.show("ses_root"), conversations.show("ses_a")]
    host.children = children
    await Promise.allSettled(reads)
    await conversations.show("ses_a")
    assert.equal(conversations.of("ses_root")?.sessions.size, 2)
  })

  it("A conversation is shown though its questions cannot be read", async () => {
    const { conversations, host } = following([ROOT, child("ses_a", "auth")])
    host.questions = async () => { throw new Error("No.") }
    assert.equal((await conversations.show("ses_root")).sessions.size, 2)
  })

  it("A task of another form in a record is no news, and changes nothing of the happening", async () => {
    const strange = ["weird", "constructor", {}, undefined, 7].map((state, place) => ({ ...task("x"), prompt_no: place, state, kind: "refused", sessionID: "ses_other" }))
    const { conversations, happened } = following([ROOT, child("ses_a", "auth")])
    await conversations.show("ses_root")
    conversations.handleEvent("session.updated", { info: child("ses_a", "auth", { tasks: [...strange, null, 3] }) })
    for (const one of happened) assert.deepEqual([one.kind, one.sessionID, toastOf(one, () => "auth")], ["task", "ses_a", undefined])
  })
})

/** A background task of a record. @param {string} state */
const task = (state) => ({ id: "bg_12345678", prompt_no: 1, callerID: "ses_root", state, since: 1 })

describe("Work that is asked for often", () => {
  it("The work is done once for all that ask in the meantime, and again for later ones", async () => {
    let done = 0
    const { ask, end } = coalesce(() => void done++, 10)
    for (let time = 0; time < 50; time++) ask()
    await wait(40)
    assert.equal(done, 1)
    ask()
    await wait(40)
    assert.equal(done, 2)
    ask()
    end()
    ask()
    await wait(40)
    assert.equal(done, 2)
  })
})

describe("An error in the terminal half", () => {
  it("Each error is logged once, and the caller goes on", async () => {
    const said = /** @type {string[]} */ ([])
    const { guarded } = makeGuard(async (message) => said.push(message))
    const fails = guarded("draw", () => { throw new Error("no node") })
    const rejects = guarded("read", async () => { throw new Error("no host") })
    for (let time = 0; time < 3; time++) fails()
    rejects()
    await wait(5)
    assert.deepEqual(said, ["The terminal half failed to draw: no node", "The terminal half failed to read: no host"])
  })

  it("The last message of a session says its error, or that it has no answer, or none yet", async () => {
    const last = (/** @type {any[]} */ ...infos) => bindHost(/** @type {any} */ ({ client: { session: { messages: async () => ({ data: infos.map((info) => ({ info, parts: [] })) }) } } })).lastEnd("ses_a")
    const error = { name: "APIError" }
    assert.equal(await last(), undefined)
    assert.deepEqual(await last({ role: "user", time: { created: 1 } }), { error: undefined, unanswered: true })
    assert.deepEqual(await last({ role: "assistant", time: { created: 1 } }), { error: undefined, unanswered: true })
    assert.deepEqual(await last({ role: "assistant", time: { created: 1 }, error }), { error, unanswered: false })
    assert.deepEqual(await last({ role: "assistant", time: { created: 1, completed: 2 } }), { error: undefined, unanswered: false })
  })

  it("A host's refusal says whether the thing is missing", async () => {
    const client = { session: { get: async () => ({ error: { name: "NotFoundError" } }) } }
    await assert.rejects(bindHost(/** @type {any} */ ({ client })).session("ses_x"), { missing: true })
  })
})

describe("A name that a person types", () => {
  it("The engine says what can be a name", () => {
    assert.equal(faultOf("Login Flow"), undefined)
    assert.equal(slugOf("Login Flow"), "login-flow")
    for (const text of ["", "last", "ses_0123456789abABCDEFGHIJKLMN", "!!"]) assert.match(String(faultOf(text)), /can be no name/)
  })
})
