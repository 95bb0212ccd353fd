// The parts of the terminal half that draw nothing. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { ASK_FAULT, faultCommand, carryOut, readFault, readRename, renameCommand, steerCommand, stopCommand } from "../../js/core/index.js"
import { coalesce } from "../../js/tui/coalesce.js"
import { Conversations } from "../../js/tui/conversations.js"
import { makeGuard } from "../../js/tui/guard.js"
import { bindHost } from "../../js/tui/opencode1/host.js"
import { cellsOf, cut, fitting, linesOf, plainLine } from "../../js/tui/looks.js"
import { faultOf, slugOf } from "../../js/tui/names.js"
import { followEvents } from "../../js/tui/opencode2/events.js"
import { outlineOf } from "../../js/tui/outline.js"
import { sessionReads } from "../../js/tui/opencode2/session_reads.js"
import { toastStack } from "../../js/tui/toast_stack.js"
import { toastOf } from "../../js/tui/toasts.js"
import { whyOf } from "../../js/tui/why.js"

const wait = (/** @type {number} */ ms) => new Promise((next) => setTimeout(next, ms))

/** A child's record in the host. @param {string} id @param {string} slug @param {object} [more] @returns {any} */
const child = (id, slug, more = {}) => ({
  id, parentID: "ses_root", title: `${slug} (@explorer subagent)`, agent: "explorer", time: { created: 1, updated: 1 },
  metadata: { delegate: { v: 2, slug, agent: "explorer", description: slug, budget: 0, used: 0, lastUsed: 1, ...more } },
})
const ROOT = /** @type {any} */ ({ id: "ses_root", title: "Root", time: { created: 0, updated: 0 } })

/** Conversations over a host with these sessions. @param {any[]} sessions */
function following(sessions) {
  const asked = /** @type {string[]} */ ([])
  const happened = /** @type {any[]} */ ([])
  let changes = 0
  const host = /** @type {any} */ ({
    session: async (/** @type {string} */ id) => (asked.push(`session ${id}`), sessions.find((session) => session.id === id)),
    children: async (/** @type {string} */ id) => (asked.push(`children ${id}`), sessions.filter(({ parentID }) => parentID === id)),
    callChildren: async () => [],
    status: async () => ({}),
    questions: async () => [],
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

describe("OpenCode 2's events", () => {
  /** Follows events, and gives what they become. @param {object} [host] */
  function following2(host = {}) {
    const heard = /** @type {any[]} */ ([])
    const reported = /** @type {string[]} */ ([])
    let emit = (/** @type {any} */ _event) => {}
    const context = /** @type {any} */ ({
      location: { directory: "/here" },
      client: { session: { message: { get: async () => { throw new Error("not written yet") } } } },
      data: { listen: (/** @type {any} */ hear) => { emit = (details) => hear({ details }); return () => {} } },
    })
    followEvents(context, /** @type {any} */ (host), { hear: (type, properties) => heard.push([type, properties]), isFollowed: (id) => id === "ses_root", toast: (toast) => heard.push(["toast", toast]), report: (what) => reported.push(what) })
    return { heard, reported, emit: (/** @type {string} */ type, /** @type {any} */ data, /** @type {string} */ directory = "/here") => emit({ type, data, created: 1, location: { directory } }) }
  }

  it("A call that fails before its message is written is a refused call, with its agent and its error", () => {
    const { emit, heard } = following2()
    const call = { sessionID: "ses_root", id: "call_1" }
    emit("session.tool.input.started", { ...call, name: "subagent" })
    emit("session.tool.called", { ...call, input: { agent: "nobody" } })
    emit("session.tool.failed", { ...call, error: { type: "unknown", message: "No." } })
    const [[type, { part }]] = heard
    assert.deepEqual([type, part.tool, part.state.status, part.state.error, part.state.input.subagent_type], ["message.part.updated", "task", "error", "No.", "nobody"])
  })

  it("A call that a person interrupts is marked as one", () => {
    const { emit, heard } = following2()
    emit("session.tool.input.started", { sessionID: "ses_root", id: "call_1", name: "subagent" })
    emit("session.tool.failed", { sessionID: "ses_root", id: "call_1", error: { type: "aborted", message: "Tool execution interrupted" } })
    assert.equal(heard[0][1].part.state.metadata.interrupted, true)
  })

  it("A notice of another project is not shown, and one of this project is cut and has no control character", () => {
    const { emit, heard } = following2()
    emit("rpc.opencode-delegate.toast", { message: "theirs", variant: "warning" }, "/there")
    emit("rpc.opencode-delegate.toast", { message: `a\u001b[31m\nb ${"x".repeat(5_000)}`, variant: "warning" })
    assert.equal(heard.length, 1)
    assert.match(heard[0][1].message, /^a \[31m\nb x+$/)
    assert.equal(heard[0][1].message.length, 600)
  })

  it("A session that asks before its record is read asks after the read, and the answer comes behind", async () => {
    const { emit, heard } = following2({ session: async (/** @type {string} */ id) => ({ id, title: "read" }) })
    const asked = { sessionID: "ses_root", id: "per_1", action: "shell", resources: ["ls"] }
    emit("rpc.opencode-delegate.stored", { sessionID: "ses_root" })
    emit("permission.asked", asked)
    emit("permission.replied", { sessionID: "ses_root", requestID: "per_1" })
    const early = heard.length
    await wait(150)
    assert.deepEqual([early, heard.map(([type]) => type)], [0, ["session.updated", "permission.asked", "permission.replied"]])
    emit("permission.asked", asked)
    assert.equal(heard.length, 4)
  })

  it("A read that fails keeps no question back", async () => {
    const { emit, heard, reported } = following2({ session: async () => { throw new Error("busy") } })
    emit("session.renamed", { sessionID: "ses_root" })
    emit("permission.asked", { sessionID: "ses_root", id: "per_1", action: "shell", resources: [] })
    await wait(150)
    assert.deepEqual([heard.map(([type]) => type), reported], [["permission.asked"], ["read a session"]])
  })

  it("An event that waits for a read waits for the newer read, in order, and an older answer does not count", async () => {
    const answers = /** @type {((session: string) => void)[]} */ ([])
    const seen = /** @type {string[]} */ ([])
    const reads = sessionReads(() => /** @type {Promise<string>} */ (new Promise((answer) => answers.push(answer))), { take: (session) => seen.push(session), refused: () => {} })
    reads.ask("ses_a")
    await wait(120)
    reads.after("ses_a", () => seen.push("first"))
    reads.ask("ses_a")
    reads.after("ses_a", () => seen.push("second"))
    await wait(120)
    answers[1]("new")
    await wait(1)
    answers[0]("old")
    await wait(1)
    assert.deepEqual(seen, ["new", "first", "second"])
  })

  it("An event waits a second for a read, and no longer", async () => {
    const seen = /** @type {string[]} */ ([])
    const reads = sessionReads(() => new Promise(() => {}), { take: () => {}, refused: () => {} })
    reads.ask("ses_a")
    for (const name of ["first", "second"]) reads.after("ses_a", () => seen.push(name))
    await wait(500)
    assert.deepEqual([...seen], [])
    await wait(1_000)
    assert.deepEqual(seen, ["first", "second"])
  })

  it("An event that waits for a read is dropped at the end", async () => {
    const seen = /** @type {string[]} */ ([])
    const reads = sessionReads(async () => "read", { take: (session) => seen.push(session), refused: () => {} })
    reads.ask("ses_a")
    reads.after("ses_a", () => seen.push("event"))
    reads.end()
    await wait(1_200)
    assert.deepEqual(seen, [])
  })

  it("An event of another form is reported, and the listener goes on", () => {
    const { emit, heard, reported } = following2()
    emit("rpc.opencode-delegate.toast", undefined)
    emit("session.execution.started", { sessionID: "ses_root" })
    assert.deepEqual([reported, heard.map(([type]) => type)], [["take in an event"], ["session.status"]])
  })
})

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

  it("A host's refusal says whether the thing is missing", async () => {
    const client = { session: { get: async () => ({ error: { name: "NotFoundError" } }) } }
    await assert.rejects(bindHost(/** @type {any} */ ({ client })).session("ses_x"), { missing: true })
  })
})

describe("Texts of the terminal half", () => {
  it("A text is split between its pieces, and a long piece is cut", () => {
    assert.deepEqual(linesOf("explorer · running · 45 k tokens", 20), ["explorer · running", "45 k tokens"])
    assert.deepEqual(linesOf("a-very-long-agent-name · done", 10), ["a-very-lo…", "done"])
    assert.equal(cut("auth", 3), "au…")
    assert.equal(fitting({ text: "the long one", short: "short" }, 6), "short")
  })

  it("A text is cut by its cells, and never within what a person sees as one character", { skip: !process.versions.bun && "Bun alone counts cells" }, () => {
    assert.equal(cut("探索認證流程", 12), "探索認證流程")
    for (const [text, most, shown] of /** @type {[string, number, string][]} */ ([
      ["探索認證流程", 11, "探索認證流…"], ["探索認證流程", 8, "探索認…"], ["調べるe\u0301e\u0301e\u0301", 8, "調べるe\u0301…"], ["🙂👩‍👩‍👧‍👦🙂", 5, "🙂👩‍👩‍👧‍👦…"], ["探索", 0, "…"],
    ])) {
      assert.equal(cut(text, most), shown)
      assert.ok(cellsOf(shown) <= Math.max(1, most), text)
    }
    assert.deepEqual(linesOf("研究員 · 完成 · 五", 13), ["研究員 · 完成", "五"])
    assert.equal(fitting({ text: "研究員 · 完成", short: "完成" }, 12), "完成")
  })

  it("A text of others becomes one line without control characters", () => assert.equal(plainLine("a\u001b[31m\nb\u202ec", 80), "a [31m b c"))

  it("Toasts that come together stand together, and the gravest gives the look", () => {
    const shown = /** @type {any[]} */ ([])
    let now = 0
    const toast = toastStack((one) => shown.push(one), () => now)
    toast({ variant: "success", title: "One", message: "done" })
    toast({ variant: "warning", message: "two" })
    now = 60_000
    toast({ message: "three" })
    assert.deepEqual(shown.map(({ variant, message }) => [variant, message]), [["success", "done"], ["warning", "One: done\n\ntwo"], [undefined, "three"]])
  })

  it("A call that a person interrupted has no toast", () => {
    const part = { state: { status: "error", error: "Tool execution aborted", metadata: { interrupted: true } } }
    assert.equal(toastOf({ kind: "refused", sessionID: "ses_root", part }, () => "x"), undefined)
  })

  it("The last call of a session says the row that decided, its reason and its error", () => {
    const message = (/** @type {any} */ state) => ({ info: {}, parts: [{ type: "tool", tool: "task", state }] })
    const first = message({ status: "completed", metadata: { sessionId: "ses_a", delegate: { rule: "R5", action: "spawn" } } })
    const last = message({ status: "error", error: "It broke.\nBadly.", metadata: { sessionId: "ses_a" } })
    assert.equal(whyOf([first, message({ status: "completed", metadata: { sessionId: "ses_b" } })], "ses_a"), "R5, spawn: No session has this name yet.")
    assert.equal(whyOf([first, last], "ses_a"), "It broke. Badly.")
    assert.equal(whyOf([], "ses_a"), "No call of the last messages names this session.")
  })
})

describe("A name that a person types, and a fault", () => {
  it("The engine says what can be a name", () => {
    assert.equal(faultOf("Login Flow"), undefined)
    assert.equal(slugOf("Login Flow"), "login-flow")
    for (const text of ["", "last", "ses_0123456789abABCDEFGHIJKLMN", "!!"]) assert.match(String(faultOf(text)), /can be no name/)
  })

  it("The terminal half reads the fault that the server half says, and no other command", () => {
    assert.equal(readFault(faultCommand("Field \"a b\": no.")), "Field \"a b\": no.")
    assert.equal(readFault(faultCommand()), "")
    for (const command of ["session.new", "opencode-delegate.fault", ASK_FAULT, "opencode-delegate.faulty x", undefined, 7]) assert.equal(readFault(command), undefined)
  })

  it("The server half reads its command, and no other", () => {
    assert.deepEqual(readRename(renameCommand("ses_a", "login-flow")), { sessionID: "ses_a", name: "login-flow" })
    for (const command of ["session.new", "opencode-delegate.rename", "", undefined, 7]) assert.equal(readRename(command), undefined)
  })

  it("A person's command stops a session or gives it a message, and a message's answer is shown", async () => {
    const done = /** @type {any[]} */ ([])
    const parts = /** @type {any} */ ({
      sync: {
        load: async () => {},
        session: () => ({ rootID: "ses_root" }),
        steer: (/** @type {any} */ given) => (given.message === "no" ? { action: "refuse", message: "It is idle." } : { action: "send", ...given, answer: "It reads it." }),
      },
      steer: async (/** @type {any} */ { sessionID, task_id, message }) => void done.push(["steer", sessionID, task_id, message]),
      cancel: async (/** @type {string} */ id, /** @type {string} */ caller) => void done.push(["stop", id, caller]),
      show: async (/** @type {string} */ message) => void done.push(["show", message]),
    })
    for (const command of [stopCommand("ses_a"), steerCommand("ses_a", "Leave  src/old out."), steerCommand("ses_a", "no"), "session.new", 5]) await carryOut(command, parts)
    assert.deepEqual(done, [["stop", "ses_a", ""], ["steer", "ses_root", "ses_a", "Leave  src/old out."], ["show", "It reads it."], ["show", "It is idle."]])
  })
})
