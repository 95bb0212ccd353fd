// Executor "host": another plugin that sees and changes the task_id of a call. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { withDelegation } from "../../js/compose.js"
import { calling } from "./task_calls.js"

/**
 * The plugin, composed with one whose hook a test gives, and the sessions that OpenCode is asked for.
 * @param {Record<string, unknown>} [options]
 */
async function meddling(options) {
  const asked = /** @type {string[]} */ ([])
  const hook = { does: /** @type {(args: any) => unknown} */ (() => {}) }
  const theirs = async () => ({ "tool.execute.before": async (/** @type {any} */ _, /** @type {any} */ { args }) => void (await hook.does(args)) })
  const change = (/** @type {any} */ { input, add }) => {
    add("ses_other")
    add("ses_theirs", { parentID: "ses_other", agent: "fixer" })
    const { get } = input.client.session
    input.client.session.get = async (/** @type {any} */ given) => (asked.push(given.path.id), get(given))
  }
  const world = await calling(change, undefined, /** @type {any} */ (withDelegation(theirs, options)))
  await world.create("ses_a")
  await world.create("ses_b", { agent: "lead", title: "Lead it (@lead subagent)" })
  asked.length = 0
  return { ...world, asked, hook }
}

describe("A plugin that sees a call", () => {
  /** The model's task_id, and the one that the plugin reads. @type {[string | undefined, string | undefined][]} */
  const SEEN = [["mend-it", "ses_a"], ["ses_a", "ses_a"], ["last", "ses_a"], ["fresh", "fresh"], [undefined, undefined]]
  for (const [task_id, expected] of SEEN) {
    it(`The plugin reads ${expected} for the task_id ${task_id}`, async () => {
      const { before, hook } = await meddling()
      let seen
      hook.does = (args) => (seen = args.task_id)
      await before({ task_id }, "c1")
      assert.equal(seen, expected)
    })
  }

  it("The plugin reads no field task_id, not even an empty one, for a call that starts a session", async () => {
    const { before, hook } = await meddling()
    const fields = /** @type {string[][]} */ ([])
    hook.does = (args) => fields.push(Object.keys(args))
    for (const task_id of [undefined, null]) await before({ task_id }, "c1")
    assert.deepEqual(fields, Array(2).fill(["description", "prompt", "subagent_type"]))
  })

  it("The plugin's error reaches the model word for word, even if it reads like one of the engine", async () => {
    const { before, hook } = await meddling()
    const error = Object.freeze(new Error('Invalid request, field "agent": theirs.'))
    hook.does = () => { throw error }
    await assert.rejects(before({}, "c1"), (thrown) => thrown === error)
  })

  it("The call resumes its session if the plugin refuses a new one without a reason", async () => {
    const { before, hook } = await meddling()
    hook.does = (args) => { delete args.task_id; throw undefined }
    assert.equal((await before({ task_id: "mend-it" }, "c1")).task_id, "ses_a")
  })
})

describe("A task_id that may be the plugin's name for a session", () => {
  /** The model's task_id, and the plugin's change of it. @type {[string, string | undefined, (args: any) => unknown][]} */
  const KEPT = [
    ["a name that the plugin leaves", "fresh", () => {}],
    ["a name that the plugin removes", "fresh", (args) => delete args.task_id],
    ["no name", undefined, () => {}],
  ]
  for (const [what, task_id, does] of KEPT) {
    it(`OpenCode is asked for no session of ${what}`, async () => {
      const { before, hook, asked } = await meddling()
      hook.does = does
      await before({ task_id }, "c1")
      assert.deepEqual(asked.filter((id) => id !== "ses_root"), [])
    })
  }

  it("A call that resumes the plugin's session anyway says that another session has its name too", async () => {
    const { before, create, end, hook } = await meddling()
    await create("ses_c", { title: "Map it (@fixer subagent)" })
    const call = async (/** @type {string} */ callID, /** @type {string} */ sessionId) => {
      hook.does = (args) => (args.task_id = sessionId)
      assert.equal((await before({ task_id: "nick" }, callID)).task_id, sessionId)
      return (await end(callID, sessionId)).output
    }
    await call("c1", "ses_a")
    await call("c2", "ses_c")
    assert.match(await call("c3", "ses_a"), /\n"nick" was this session's name first\. Another session has it as an alias/)
  })

  it("A name for a session that the call does not resume is not that session's other name", async () => {
    const { before, create, end, hook } = await meddling({ on_agent_mismatch: "spawn" })
    hook.does = (args) => (args.task_id = "ses_b")
    assert.equal((await before({ task_id: "nick" }, "c1")).task_id, undefined)
    await create("ses_c")
    await end("c1", "ses_c")
    hook.does = () => {}
    assert.notEqual((await before({ task_id: "nick", subagent_type: "lead" }, "c2")).task_id, "ses_b")
  })

  it("A user's call whose name the plugin gives to an unreachable session runs as the plugin changed it", async () => {
    const { subtask, hook, end } = await meddling()
    hook.does = (args) => (args.task_id = "ses_theirs")
    assert.equal((await subtask({ task_id: "nick" }, "prt_1")).task_id, "ses_theirs")
    assert.match((await end("prt_1", "ses_theirs")).output, /^done\nopencode-delegate did not apply its rules/)
  })
})
