// Values that cannot cross are the caller's own fault, and no engine pays for them.

import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { it } from "node:test"
import { DelegateError, Engine, childDescription, classifyTaskID, deriveSessionID, evaluatePermission, holdsResult, hostSettings, inheritedPermission, mayHaveChildren, normalizeSlug, readAnswer, readError } from "../../js/engine.js"
import { spentOf } from "../../js/core/host_session.js"

const request = { now: 1, callID: "c1", sessionID: "ses_root", agent: "explorer", description: "Explore auth", prompt: "Look." }

/** @param {number} levels */
const nested = (levels) => {
  let value = /** @type {any} */ ({})
  for (let level = 0; level < levels; level++) value = { value }
  return value
}
const cyclic = /** @type {any} */ ({})
cyclic.self = cyclic

for (const [name, value] of /** @type {[string, any][]} */ ([["nested 10 000 deep", nested(10_000)], ["nested 5 000 deep", nested(5_000)], ["cyclic", cyclic], ["a BigInt", 1n]])) {
  it(`A value that is ${name} is invalid, and the engine lives`, () => {
    const engine = new Engine()
    const before = engine.snapshot()
    /** @type {[string, () => unknown][]} */
    const calls = [
      ["invalid_config", () => new Engine({ agents: value })],
      ["invalid_config", () => Engine.restore(before, { agents: value })],
      ["invalid_config", () => new Engine({}, { process: value })],
      ["invalid_config", () => Engine.restore(before, {}, { process: value })],
      ["invalid_config", () => hostSettings({ agent: value, permission: value })],
      ["invalid_request", () => engine.decide({ ...request, prompt: value })],
      ["invalid_request", () => engine.rank({ sessionID: "ses_root", agent: value })],
      ["invalid_request", () => engine.resolve({ sessionID: "ses_root", task_id: value })],
      ["invalid_request", () => engine.explain({ ...request, prompt: value })],
      ["invalid_request", () => evaluatePermission(value, "task", "x")],
      ["invalid_request", () => inheritedPermission({ session: value, caller: [], agent: [] })],
      ["invalid_event", () => engine.apply({ type: "session.status", now: 1, sessionID: "ses_root", status: value })],
      ["invalid_event", () => engine.apply({ type: "prompt.kept", now: 1, callerID: "s", agent: "a", parts: [value], permission: [] })],
    ]
    for (const [code, call] of calls) {
      assert.throws(call, (error) => error instanceof DelegateError && error.code === code, `${call}`)
    }
    assert.equal(engine.snapshot(), before)
  })
}

it("A cost that is no amount of money is left out, and its session is known", () => {
  const tokens = { input: 1, output: 1, reasoning: 0, cache: { read: 0, write: 0 } }
  const of = (/** @type {any} */ cost) => spentOf(/** @type {any} */ ({ id: "ses_a", tokens, cost }))
  assert.deepEqual(["1", null, -1, NaN, Infinity].map(of), Array(5).fill(undefined))
  assert.deepEqual([of(0.5), of(undefined)], [{ tokens: 2, cost: 0.5 }, { tokens: 2, cost: 0 }])
})

it("A count of tokens that is zero or of another form is left out, and its session is known", () => {
  const counts = { input: 0, output: 0, reasoning: 0, cache: { read: 0, write: 0 } }
  for (const tokens of [undefined, null, 5, {}, counts, { ...counts, input: "1" }]) assert.equal(spentOf(/** @type {any} */ ({ id: "ses_a", tokens, cost: 1 })), undefined)
})

it("A record that is nested too deep costs its own session its record, and no other anything", () => {
  for (const record of [nested(150), nested(50_000), cyclic, { v: 2, slug: "auth", budget: 0, used: 0, prompt: { parts: [{ type: "text", deep: nested(200) }], agent: "a", models: [], permission: [] } }]) {
    const engine = new Engine()
    const created = (/** @type {string} */ id, /** @type {unknown} */ record) =>
      engine.apply({ type: "session.created", now: 1, session: { id, parentID: "ses_root", description: id, record } })
    assert.deepEqual(created("ses_a", record), [])
    created("ses_b", { v: 2, slug: "kept", budget: 0, used: 0 })
    assert.notEqual(engine.session("ses_a")?.slug, "auth")
    assert.equal(engine.session("ses_b")?.slug, "kept")
    assert.equal(engine.notices().length, 1)
    // It is left as it is.
    const { decision, effects } = engine.decide({ ...request, task_id: "ses_a" })
    assert.equal(decision.action, "resume")
    assert.deepEqual(effects, [])
  }
})

it("A message, a rule or an error that is nested too deep costs its neighbours nothing", () => {
  const deep = nested(5_000)
  const denied = { permission: "task", pattern: "*", action: "deny" }
  assert.equal(mayHaveChildren({ permission: [{ permission: deep }, denied] }), false)
  assert.equal(mayHaveChildren({ permission: [denied], record: { budget: deep } }), true)
  assert.equal(mayHaveChildren({ permission: [denied], record: deep }), true)
  assert.equal(mayHaveChildren({ permission: [denied], record: { budget: 1 } }), true)
  const answered = { role: "assistant", finish: "stop", parts: [{ type: "text", text: 9 }] }
  assert.deepEqual(readAnswer({ messages: [{ role: "assistant", error: deep, parts: [] }, answered] }).answer, [1, 0])
  assert.equal(readError({ name: "APIError", data: { message: "429", response: deep } }).message, "429")
  assert.throws(() => readError(cyclic), { code: "invalid_request" })
})

it("Each field of a request reaches the decision", () => {
  const base = { ...request, callerAgent: "größe", agent: "木", description: "Größe 木", prompt: "Lies 木.", background: false }
  const config = { agents: { 木: {}, größe: { permission: { task: { other: /** @type {const} */ ("deny") } } }, other: {} } }
  const decide = (/** @type {object} */ fields, engine = new Engine(config)) => /** @type {any} */ (engine.decide({ ...base, ...fields }).decision)
  const engine = new Engine(config)
  const first = decide({}, engine)
  assert.deepEqual([first.action, first.slug], ["spawn", "größe-木"])
  assert.deepEqual(decide({}, engine), first)
  const changes = [{ callID: "ö" }, { messageID: "msg_木" }, { messageID: "msg_größe" }, { sessionID: "ses_木" }, { description: "Größe 木 2" }, { prompt: "Lies." }, { background: true }, { task_id: "größe-木-9" }]
  for (const change of changes) assert.notEqual(decide(change, engine).ticket, first.ticket, JSON.stringify(change))
  assert.equal(decide({ description: "Über 木" }).slug, "über-木")
  assert.equal(decide({ task_id: "Über 木" }).slug, "über-木")
  assert.match(decide({ agent: "weiß" }).message, /weiß/)
  assert.match(decide({ agent: "other" }).message, /größe/)
  assert.equal(decide({ agent: "other", callerAgent: undefined }).action, "spawn")
  assert.equal(decide({ agent: "other", by: "user" }).action, "spawn")
  assert.match(decide({ agent: "other", by: "model" }).message, /größe/)
  assert.throws(() => decide({ by: "proxy" }), { code: "invalid_request", field: "by" })
  assert.throws(() => decide({ messageID: 1 }), { code: "invalid_request", field: "messageID" })
  assert.deepEqual(decide({ messageID: null, by: null }), first)
  assert.notEqual(decide({ sessionID: "ses_木" }).sessionID, first.sessionID)
  engine.apply({ type: "ticket.commit", now: 7, ticket: first.ticket, sessionID: "ses_c" })
  assert.equal(engine.session("ses_c")?.lastUsed, 7)
  decide({ now: 9, callID: "late", task_id: "ses_c", sessionID: "ses_root" }, engine)
})

it("Names in another form of Unicode are one name", () => {
  const [composed, apart] = ["größe".normalize("NFC"), "größe".normalize("NFD")]
  assert.notEqual(composed, apart)
  const engine = new Engine()
  const spawned = /** @type {any} */ (engine.decide({ ...request, description: apart }).decision)
  assert.equal(spawned.slug, composed)
  engine.apply({ type: "session.created", now: 1, session: { id: "ses_a", parentID: "ses_root", slug: "übel".normalize("NFD") } })
  engine.apply({ type: "session.alias", now: 2, sessionID: "ses_a", alias: "ähre".normalize("NFD") })
  for (const task_id of ["übel", "ähre", "übel".normalize("NFD"), " ähre ".normalize("NFD")]) {
    assert.equal(engine.resolve({ sessionID: "ses_root", task_id })?.id, "ses_a", task_id)
  }
  engine.apply({ type: "call.recovered", now: 3, sessionID: "ses_b", callerID: "ses_root", agent: "explorer", description: apart, name: "öde".normalize("NFD") })
  assert.equal(engine.resolve({ sessionID: "ses_root", task_id: "öde" })?.id, "ses_b")
})

it("A task_id is classified as the engine reads it", () => {
  const kinds = { "ses_1": "id", "`SES_1`": "id", "bg_0ccf5107": "task", " LAST ": "last", "Explore auth": "name", "?!": "invalid", "": "invalid" }
  for (const [text, kind] of Object.entries(kinds)) assert.equal(classifyTaskID(text), kind, text)
})

it("An engine has its process from its options, and a restored engine too", () => {
  const create = (/** @type {Engine} */ engine) => {
    const { ticket } = /** @type {any} */ (engine.decide(request).decision)
    const asked = engine.apply({ type: "prompt.kept", now: 5, ticket, callerID: "ses_root", agent: "explorer", parts: [{ type: "text", text: "Look." }], permission: [] })
    return asked.find((effect) => effect.type === "create")?.record.process
  }
  assert.equal(create(new Engine({}, { process: "1:a" })), "1:a")
  assert.equal(create(Engine.restore(new Engine().snapshot(), {}, { process: "1:b" })), "1:b")
  assert.equal(create(new Engine()), undefined)
  assert.throws(() => new Engine({}, /** @type {any} */ ({ process: 1 })), { code: "invalid_config", field: "process" })
})

it("A seed and a jitter that are left out are drawn", () => {
  const seen = new Set()
  for (let round = 0; round < 20; round++) {
    const engine = new Engine()
    const spawned = /** @type {any} */ (engine.decide(request).decision)
    engine.apply({ type: "prompt.kept", now: 5, ticket: spawned.ticket, callerID: "ses_root", agent: "explorer", parts: [{ type: "text", text: "Look." }], permission: [] })
    const sent = engine.apply({ type: "ticket.commit", now: 5, ticket: spawned.ticket, sessionID: "ses_c" }).find(({ type }) => type === "send")
    assert.ok(sent?.type === "send")
    assert.match(sent.message.messageID, /^msg_[0-9a-f]{12}[0-9a-z]{14}$/)
    const [retry] = engine.apply({ type: "prompt.failed", now: 6, sessionID: "ses_c", prompt_no: 1, attempt: 1, failure: { kind: "empty" } })
    assert.ok(retry.type === "retry" && retry.after >= 500 && retry.after <= 1000)
    seen.add(`${sent.message.messageID} ${retry.after}`)
  }
  assert.ok(seen.size > 15)
})

it("Every type that is declared can be imported from the engine", () => {
  const read = (/** @type {string} */ path) => readFileSync(new URL(path, import.meta.url), "utf8")
  const declared = [...read("../../pkg/opencode_delegate_types.d.ts").matchAll(/^export (?:type|interface) (\w+)/gm)].map(([, name]) => name)
  const imported = [...read("../../js/api/types.js").matchAll(/opencode_delegate_types\.js"\)\.(\w+)\} (\w+)/g)].map(([, name]) => name)
  assert.ok(declared.length > 60)
  assert.deepEqual([...new Set(imported)].sort(), declared.sort())
})

it("A value that is no string is refused before it reaches the wasm, and every engine lives", () => {
  const [engine, other] = [new Engine(), new Engine()]
  for (const value of /** @type {any[]} */ ([5, true, null, undefined, {}, [], NaN, 5n, Symbol("x"), Object.create(null)])) {
    /** @type {[string, () => unknown][]} */
    const calls = [
      ["corrupt_snapshot", () => Engine.restore(value)],
      ["invalid_request", () => normalizeSlug(value)],
      ["invalid_request", () => classifyTaskID(value)],
      ["invalid_request", () => deriveSessionID(value, "name")],
      ["invalid_request", () => deriveSessionID("ses_root", value)],
      ["invalid_request", () => childDescription(value)],
      ["invalid_request", () => holdsResult(["prt_1"], value)],
      ["invalid_request", () => engine.session(value)],
      ["invalid_request", () => engine.sessions(value)],
      ["invalid_request", () => engine.spelled(value)],
      ["invalid_request", () => engine.nameFor(value, "ses_root")],
      ["invalid_request", () => engine.nameFor("ses_a", value)],
      ["invalid_request", () => engine.list(value, {}, 1)],
      ["invalid_request", () => engine.list("ses_root", {}, value === 5 ? NaN : value)],
    ]
    for (const [code, call] of calls) {
      assert.throws(call, (error) => error instanceof DelegateError && error.code === code, `${call} of ${String(typeof value)}`)
    }
  }
  assert.equal(engine.snapshot(), other.snapshot())
})

it("A value that throws while it is read is invalid, and every engine lives", () => {
  const [engine, other] = [new Engine(), new Engine()]
  for (const Thrown of [RangeError, TypeError, WebAssembly.RuntimeError]) {
    const hostile = (/** @type {object} */ value, /** @type {string} */ field) =>
      /** @type {any} */ (Object.defineProperty({ ...value }, field, { enumerable: true, get: () => { throw new Thrown("no") } }))
    const event = { type: "session.status", now: 1, sessionID: "ses_a", status: "busy" }
    /** @type {[string, () => unknown][]} */
    const calls = [
      ["invalid_event", () => engine.apply(hostile(event, "status"))],
      ["invalid_event", () => engine.apply(hostile(event, "type"))],
      ["invalid_request", () => engine.decide(hostile(request, "prompt"))],
      ["invalid_request", () => engine.explain(hostile(request, "agent"))],
      ["invalid_request", () => engine.rank(hostile({ sessionID: "ses_root" }, "agent"))],
      ["invalid_request", () => engine.resolve(hostile({ sessionID: "ses_root" }, "task_id"))],
      ["invalid_config", () => new Engine(hostile({}, "agents"))],
    ]
    for (const [code, call] of calls) assert.throws(call, (error) => error instanceof DelegateError && error.code === code, `${call}`)
  }
  assert.equal(engine.snapshot(), other.snapshot())
})

it("A record that cannot cross is unreadable, and its session is known", () => {
  for (const record of /** @type {any[]} */ ([{ v: 2, "\ud800": 1 }, { v: 5n }, cyclic, nested(5_000)])) {
    const engine = new Engine()
    engine.apply({ type: "session.created", now: 1, session: { id: "ses_a", parentID: "ses_root", description: "Look", record } })
    assert.equal(engine.session("ses_a")?.slug, "look")
  }
})

it("A request whose fields turn into text is decided by that text", () => {
  const engine = new Engine()
  const text = (/** @type {string} */ value) => /** @type {any} */ ({ toJSON: () => value })
  const { decision } = engine.decide({ ...request, callID: text("c9"), task_id: text("my-name") })
  assert.equal(decision.action === "spawn" && decision.slug, "my-name")
  assert.deepEqual(engine.decide({ ...request, callID: "c9", task_id: "my-name" }).decision, decision)
})
