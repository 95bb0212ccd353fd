// The shared cases, through JavaScript. Runs under Node and Bun.

import assert from "node:assert/strict"
import { readFileSync, readdirSync } from "node:fs"
import { describe, it } from "node:test"
import { DelegateError, Engine } from "../../js/engine.js"

const folder = new URL("../cases/", import.meta.url)
const files = readdirSync(folder).filter((name) => name.endsWith(".json"))
assert.ok(files.length > 0)

for (const file of files) {
  describe(file, () => {
    for (const world of JSON.parse(readFileSync(new URL(file, folder), "utf8"))) {
      it(world.name, () => play(world, false))
      it(`${world.name}, restored before each step`, () => play(world, true))
    }
  })
}

/** @param {any} world @param {boolean} restored whether each step runs in a new engine */
function play({ config, error, steps = [] }, restored) {
  if (error) return fails(() => new Engine(config), error)
  let engine = new Engine(config)
  let latest = config
  const tickets = /** @type {Record<string, number>} */ ({})
  for (const [index, step] of steps.entries()) {
    const now = step.now ?? 1000 + index
    const request = (/** @type {any} */ fields) => ({
      now: 1000 + index,
      callID: `call-${index}`,
      sessionID: "ses_root",
      agent: "explorer",
      description: "Explore auth",
      prompt: "Look.",
      ...fields,
    })
    const at = `step ${index}: ${JSON.stringify(step)}`
    const apply = (/** @type {any} */ given) => {
      // Natively 1 stands for a jitter that is absent; here it would be drawn.
      const event = given.type === "prompt.failed" && !("jitter" in given) ? { ...given, jitter: 1 } : given
      if (step.error) return fails(() => engine.apply(event), step.error)
      const effects = engine.apply(event)
      if (step.effects) assert.deepEqual(effects, step.effects, at)
      if (step.does) contains(effects, step.does, at)
    }
    // A snapshot does not hold notices.
    if (restored && "notices" in step) return
    if (restored) engine = Engine.restore(engine.snapshot(), latest)
    if ("apply" in step) {
      apply({ now, ...step.apply })
    } else if ("ask" in step) {
      const { ticket, ...fields } = step.ask
      apply({
        type: "prompt.kept",
        now,
        callerID: "ses_root",
        agent: "explorer",
        parts: [{ type: "text", text: "Look." }],
        permission: [],
        seed: "abcdefghijklmn",
        ticket: tickets[ticket] ?? ticket,
        ...fields,
      })
    } else if ("decide" in step) {
      if (step.error) {
        fails(() => engine.decide(request(step.decide)), step.error)
        continue
      }
      const { decision, effects } = engine.decide(request(step.decide))
      if (step.expect) contains(decision, step.expect, at)
      if (step.effects) assert.deepEqual(effects, step.effects, at)
      if (step.does) contains(effects, step.does, at)
      if (step.as && "ticket" in decision) tickets[step.as] = decision.ticket
    } else if ("commit" in step) {
      apply({ type: "ticket.commit", now, ticket: tickets[step.commit], sessionID: step.sessionID })
    } else if ("refund" in step) {
      apply({ type: "ticket.refund", now, ticket: tickets[step.refund] })
    } else if ("session" in step) {
      const session = engine.session(step.session)
      if (step.expect === null) assert.equal(session, undefined, at)
      else contains(session, step.expect, at)
    } else if ("sessions" in step) {
      assert.deepEqual(engine.sessions(step.sessions).map(({ id }) => id), step.expect, at)
    } else if ("rank" in step) {
      contains(engine.rank(request(step.rank)), step.expect, at)
    } else if ("resolve" in step) {
      contains(engine.resolve(request(step.resolve)), step.expect, at)
    } else if ("explain" in step) {
      contains(engine.explain(request(step.explain)), step.expect, at)
    } else if ("outline" in step) {
      contains(engine.outline(step.outline), step.expect, at)
    } else if ("list" in step) {
      const { sessionID, now, ...form } = step.list
      assert.equal(engine.list(sessionID, form, now), step.expect, at)
    } else if ("steer" in step) {
      contains(engine.steer(step.steer), step.expect, at)
    } else if ("nameFor" in step) {
      const [id, callerID] = step.nameFor
      assert.equal(engine.nameFor(id, callerID) ?? null, step.expect, at)
    } else if ("spelled" in step) {
      assert.equal(engine.spelled(step.spelled), step.expect, at)
    } else if ("restore" in step) {
      const snapshot = engine.snapshot()
      if (step.restore !== true) latest = step.restore
      engine = Engine.restore(snapshot, latest)
      assert.equal(engine.snapshot(), snapshot, at)
    } else if ("notices" in step) {
      assert.deepEqual(engine.notices(), step.notices, at)
    } else {
      assert.fail(`unknown step: ${at}`)
    }
  }
}

/** @param {() => unknown} act @param {any} error */
function fails(act, error) {
  assert.throws(act, (thrown) => {
    assert.ok(thrown instanceof DelegateError)
    const { code, field, message } = thrown
    return assert.deepEqual({ code, field, ...("message" in error ? { message } : {}) }, { field: undefined, ...error }) ?? true
  })
}

/**
 * Whether the actual value has all expected parts: fields by name (null: absent), lists element by element.
 * @param {any} actual @param {any} expected @param {string} at
 */
function contains(actual, expected, at) {
  if (expected === null) return assert.equal(actual ?? null, null, at)
  if (Array.isArray(expected)) {
    assert.equal(actual?.length, expected.length, at)
    return expected.forEach((item, index) => contains(actual[index], item, at))
  }
  if (typeof expected !== "object") return assert.deepEqual(actual, expected, at)
  for (const [key, value] of Object.entries(expected)) contains(actual?.[key], value, `${at}: ${key}`)
}
