// The engine's JavaScript API: texts, errors, traps and the functions beside it. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { initSync } from "../../pkg/opencode_delegate.js"
import { DelegateError, Engine, deriveSessionID, evaluatePermission, hostSettings, normalizeSlug, rules } from "../../js/engine.js"

const request = { now: 1, callID: "c1", sessionID: "ses_root", agent: "explorer", description: "Explore auth", prompt: "Look." }

/** @param {() => unknown} call @param {string} code @param {string} [field] */
function throws(call, code, field) {
  assert.throws(call, (error) => {
    assert.ok(error instanceof DelegateError, String(error))
    assert.deepEqual([error.code, error.field], [code, field])
    return true
  })
}

describe("Engine", () => {
  it("An engine decides, applies, ranks, and lists its sessions", () => {
    const engine = new Engine({ agents: { explorer: {} } })
    const { decision } = engine.decide(request)
    assert.equal(decision.action, "spawn")
    assert.ok(decision.action === "spawn")
    const effects = engine.apply({ type: "ticket.commit", now: 2, ticket: decision.ticket, sessionID: "ses_child" })
    assert.deepEqual(effects.map((effect) => effect.type === "store" && effect.sessionID), ["ses_child"])
    assert.equal(engine.session("ses_child")?.slug, "explore-auth")
    assert.equal(engine.session("ses_nobody"), undefined)
    assert.deepEqual(engine.sessions("ses_root").map(({ id }) => id), ["ses_root", "ses_child"])
    assert.deepEqual(engine.rank(request).map(({ slug }) => slug), ["explore-auth"])
    assert.equal(engine.resolve({ ...request, task_id: "Explore Auth" })?.id, "ses_child")
    assert.equal(engine.resolve({ ...request, task_id: "other" }), undefined)
  })

  it("An engine takes text of any script, and lone surrogates", () => {
    const engine = new Engine()
    for (const [index, text] of ["Prüfung der Größe", "探索认证", "🦀 rust", "lone \ud800 surrogate", "\udc00", "a\u0000b", "ses\n\"quoted\""].entries()) {
      const { decision } = engine.decide({ ...request, callID: `c${index}${text}`, description: text, prompt: text, task_id: `näme ${index} 名` })
      assert.ok(decision.action === "spawn", text)
      assert.equal(decision.slug, `näme-${index}-名`)
      engine.apply({ type: "ticket.commit", now: 1, ticket: decision.ticket, sessionID: `ses_${index}` })
      assert.equal(engine.session(`ses_${index}`)?.description, text.toWellFormed())
    }
    assert.equal(Engine.restore(engine.snapshot()).snapshot(), engine.snapshot())
  })

  it("An engine takes a prompt of 1 MB", () => {
    const { decision } = new Engine().decide({ ...request, prompt: "é".repeat(1 << 20) })
    assert.equal(decision.action, "spawn")
  })

  it("An invalid value is refused with its field", () => {
    const engine = new Engine()
    const bad = (/** @type {any} */ fields) => () => engine.decide({ ...request, ...fields })
    for (const field of ["now", "callID", "sessionID", "agent", "description", "prompt"]) {
      throws(bad({ [field]: undefined }), "invalid_request", field)
      throws(bad({ [field]: {} }), "invalid_request", field)
    }
    throws(bad({ task_id: 5 }), "invalid_request", "task_id")
    throws(bad({ background: "yes" }), "invalid_request", "background")
    throws(bad({ callerAgent: [] }), "invalid_request", "callerAgent")
    for (const value of /** @type {any[]} */ ([null, undefined, 5, "text", []])) throws(() => engine.decide(value), "invalid_request", "")
    const event = (/** @type {any} */ value) => () => engine.apply(value)
    throws(event({ type: "nonsense", now: 1 }), "invalid_event", "type")
    throws(event({ type: "ticket.commit", now: 1, ticket: -1, sessionID: "a" }), "invalid_event", "ticket")
    throws(event({ type: "session.created", now: 1, session: { id: 5 } }), "invalid_event", "session.id")
    throws(() => new Engine(/** @type {any} */ ({ agents: { a: { task_budget: 1.5 } } })), "invalid_config", "agents.a.task_budget")
    throws(() => new Engine(/** @type {any} */ ({ nonsense: 1 })), "invalid_config", "nonsense")
    for (const [options, field] of /** @type {[any, string][]} */ ([[{ proces: "p1" }, "proces"], [{ process: 5 }, "process"], [{ process: null }, "process"], ["p1", ""], [["p1"], ""], [null, ""]])) {
      throws(() => new Engine({}, options), "invalid_config", field)
      throws(() => Engine.restore(engine.snapshot(), {}, options), "invalid_config", field)
    }
    assert.throws(() => new Engine({}, /** @type {any} */ ({ proces: "p1" })), { message: 'Invalid options, field "proces": the field is unknown; known fields are: process.' })
    throws(() => Engine.restore("{}"), "corrupt_snapshot")
    assert.equal(engine.decide(request).decision.action, "spawn")
  })

  it("A restored engine goes on with its prompts, in a new process until each is reported as lost", () => {
    const before = new Engine({}, { process: "p1" })
    before.apply({ type: "session.created", now: 1, session: { id: "ses_child", parentID: "ses_root", agent: "explorer", slug: "explore-auth" } })
    before.apply({ type: "prompt.kept", now: 2, callerID: "ses_root", sessionID: "ses_child", agent: "explorer", background: true, parts: [], permission: [] })
    const prompt = { now: 3, sessionID: "ses_child", prompt_no: 1, attempt: 1 }
    for (const [process, event, end] of /** @type {[string, import("../../js/engine.js").Event, string][]} */ ([
      ["p1", { ...prompt, type: "prompt.answered" }, "completed"],
      ["p2", { ...prompt, type: "prompt.failed", failure: { kind: "lost" } }, "lost"],
    ])) {
      const engine = Engine.restore(before.snapshot(), {}, { process })
      const action = (/** @type {string} */ callID) => engine.decide({ ...request, callID, task_id: "explore-auth" }).decision.action
      assert.equal(action("before"), "join", process)
      engine.apply(event)
      assert.equal(engine.session("ses_child")?.task?.state, end, process)
      assert.equal(action("after"), "resume", process)
    }
  })

  it("New engines work after a trap, and old ones report it", () => {
    const engine = new Engine()
    const snapshot = engine.snapshot()
    // A real trap: the memory of the wasm is overwritten, its allocator's own state included.
    const { memory } = /** @type {any} */ (initSync(/** @type {any} */ (undefined)))
    new Uint8Array(memory.buffer).fill(0xff)
    throws(() => engine.decide(request), "engine_trap")
    throws(() => engine.decide(request), "engine_trap")
    const next = new Engine()
    assert.equal(next.decide(request).decision.action, "spawn")
    assert.equal(Engine.restore(snapshot).decide(request).decision.action, "spawn")
    throws(() => engine.decide(request), "engine_trap")
    assert.equal(next.decide({ ...request, callID: "c2" }).decision.action, "spawn")
  })
})

describe("The first call after a trap", () => {
  const broken = () => new Uint8Array(/** @type {any} */ (initSync(/** @type {any} */ (undefined))).memory.buffer).fill(0xff)
  const snapshot = new Engine().snapshot()

  it("A function that needs no engine answers", () => {
    broken()
    assert.equal(normalizeSlug("Explore: the Auth!"), "explore-the-auth")
  })

  for (const [how, make] of /** @type {[string, () => Engine][]} */ ([["made", () => new Engine()], ["restored", () => Engine.restore(snapshot)]])) {
    it(`An engine that is ${how} decides`, () => {
      broken()
      assert.equal(make().decide(request).decision.action, "spawn")
    })
  }
})

describe("The functions beside the engine", () => {
  it("Ids are derived, names normalised and permissions evaluated", () => {
    assert.equal(deriveSessionID("ses_root", "explore-auth"), "ses_b1eb_explore-auth")
    assert.equal(normalizeSlug("Explore: the Auth!"), "explore-the-auth")
    assert.equal(normalizeSlug("?!"), undefined)
    const rules = [{ permission: "task", pattern: "explorer", action: /** @type {const} */ ("deny") }, { permission: "task", pattern: "*", action: /** @type {const} */ ("allow") }]
    assert.equal(evaluatePermission(rules, "task", "explorer"), "deny")
    assert.equal(evaluatePermission(rules, "task", "explorer", "last_match"), "allow")
    assert.equal(evaluatePermission([], "task", "explorer"), "ask")
    throws(() => evaluatePermission(/** @type {any} */ ([{}]), "task", "x"), "invalid_request", "rules.0.permission")
  })

  it("hostSettings returns the depth and permissions for budgets, and nothing without one", () => {
    const agent = { lead: { task_budget: 3 }, helper: {} }
    assert.deepEqual(hostSettings({ agent }), { subagent_depth: 3, max_depth: 3, task: { lead: "allow" } })
    assert.deepEqual(hostSettings({ agent, subagent_depth: 1, max_depth: 5 }), { max_depth: 1, task: { lead: "allow" } })
    assert.deepEqual(hostSettings({ agent, max_depth: 5 }).subagent_depth, 5)
    assert.deepEqual(hostSettings({ agent, permission: { "*": "ask" } }).task, { lead: "ask" })
    assert.deepEqual(hostSettings({ agent, permission: "deny" }).task, {})
    assert.deepEqual(hostSettings({ agent, permission: { task: { x: "deny" } } }).task, {})
    assert.deepEqual(hostSettings({ agent: { helper: {} } }), { max_depth: 1, task: {} })
    throws(() => hostSettings({ agent: { lead: { task_budget: -1 } } }), "invalid_config", "agent.lead.task_budget")
  })

  it("rules lists the decision table in order", () => {
    assert.deepEqual(rules().map(({ rule }) => rule).join(" "), "G1 G2 G3 G4 G5 G6 G7 G8 G9 G10 R1 R2 R3 R4 R5 R6 R7 R8 R9 R10 R11 R12")
  })
})
