// Executor "host": the calls that a subagent's budget counts. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { data, trap } from "./opencode.js"
import { calling, isThrough } from "./task_calls.js"

/** The plugin, and a subagent's session that may make two calls. @param {Parameters<typeof calling>[0]} [change] */
async function budgeted(change) {
  const agents = [{ name: "lead", mode: "subagent", options: { task_budget: 2 } }, { name: "fixer", mode: "subagent", options: { callable_by_subagents: true } }]
  const world = await calling((host) => {
    host.input.client.app.agents = () => data(agents)
    change?.(host)
  })
  await world.create("ses_lead", { agent: "lead" })
  const call = (/** @type {string} */ callID, given = {}) => world.before({ task_id: callID, ...given }, callID, "ses_lead")
  const begin = async (/** @type {string} */ callID, /** @type {string} */ id) => {
    await world.create(id, { parentID: "ses_lead" })
    await world.shown(callID, { status: "running", metadata: { sessionId: id } }, { sessionID: "ses_lead" })
  }
  return { ...world, call, begin }
}

describe("The budget of a subagent", () => {
  for (const born of [true, false]) {
    it(`A call that waits for a session ${born ? "that runs" : "that is to be created"} counts once if the session goes`, async () => {
      const { call, begin, end, sessions } = await budgeted(({ input, sessions }) => {
        const { get } = input.client.session
        input.client.session.get = async (/** @type {any} */ given) => (sessions[given.path.id] ? get(given) : { error: { name: "NotFoundError" } })
      })
      await call("one")
      if (born) await begin("one", "ses_a")
      const second = call("two", { task_id: "one" })
      assert.equal(await isThrough(second), false)
      if (!born) await begin("one", "ses_a")
      assert.equal(await isThrough(second), false)
      delete sessions.ses_a
      await end("one", "ses_a", { caller: "ses_lead" })
      assert.equal((await second).task_id, undefined)
      await assert.rejects(call("three"), /Task budget exhausted/)
    })
  }

  it("A call counts if its session is deleted once it may prompt it, and OpenCode starts another", async () => {
    const { call, begin, end, emit, sessions } = await budgeted()
    await call("one")
    await begin("one", "ses_a")
    await end("one", "ses_a", { caller: "ses_lead" })
    assert.equal((await call("two", { task_id: "one" })).task_id, "ses_a")
    const { ses_a } = sessions
    delete sessions.ses_a
    await emit("session.deleted", { info: ses_a })
    await assert.rejects(call("early"), /Task budget exhausted/)
    await begin("two", "ses_b")
    await end("two", "ses_b", { caller: "ses_lead" })
    await assert.rejects(call("three"), /Task budget exhausted/)
  })

  it("A call that OpenCode shows again after a trap counts once", async () => {
    const { call, begin, shown, before } = await budgeted()
    await call("one")
    await begin("one", "ses_a")
    trap()
    // The next call makes the new engine.
    await before({ task_id: "auth" }, "c1")
    await shown("one", { status: "running", metadata: { sessionId: "ses_a" } }, { sessionID: "ses_lead" })
    await call("two")
    await assert.rejects(call("three"), /Task budget exhausted/)
  })
})
