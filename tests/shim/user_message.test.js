// A message of a user or of OpenCode on its way into a session: the read before it, and the notices with it. Runs under Node and
// Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { CHILD, opencode, plugin } from "./opencode.js"

describe("A user's message after a while", () => {
  for (const [executor, reads] of /** @type {[string, boolean][]} */ ([["delegate", true], ["host", false]])) {
    it(`A message under executor ${executor} ${reads ? "shows" : "reads nothing of"} the work of other processes`, async () => {
      const host = opencode()
      const { session } = host.input.client
      const { children } = session
      let read = 0
      session.children = (/** @type {any} */ given) => (read++, children(given))
      const { add, speak, list } = await plugin({ executor }, host)
      await speak()
      const before = read
      add("ses_theirs", CHILD)
      const { now } = Date
      Date.now = () => now() + 11_000
      try {
        await speak()
      } finally {
        Date.now = now
      }
      assert.deepEqual([read > before, (await list()).length], [reads, Number(reads)])
    })
  }
})

describe("The result of a background task that OpenCode ran for a subagent", () => {
  const RESULT = '<task id="ses_b" state="completed">\n<summary>Background task completed: Mend it</summary>\n<task_result>\nDone.\n</task_result>\n</task>'

  /** The parts that the root's next message has, after a message to the subagent. @param {Record<string, unknown>} options @param {any[]} parts */
  async function next(options, parts) {
    const { hooks, add, speak, emit } = await plugin(options)
    await speak()
    await emit("session.created", { info: add("ses_a", CHILD) })
    await emit("session.created", { info: add("ses_b", { ...CHILD, parentID: "ses_a", title: "Map it (@fixer subagent)" }) })
    await hooks["chat.message"]({ sessionID: "ses_a" }, { message: { id: "msg_2", agent: "fixer" }, parts })
    const asked = /** @type {any[]} */ ([{ type: "text", text: "Go on." }])
    await hooks["chat.message"]({ sessionID: "ses_root" }, { message: { id: "msg_3", agent: "build" }, parts: asked })
    return asked.slice(1)
  }

  it("The root's next message has a notice of the result", async () => {
    const [notice, ...more] = await next({ executor: "host" }, [{ type: "text", synthetic: true, text: RESULT }])
    assert.match(notice.text, /map-it/)
    assert.deepEqual(more, [])
  })

  /** The options, and the parts of the subagent's message. @type {[string, Record<string, unknown>, any[]][]} */
  const CASES = [
    ["A result that a user writes is no result", { executor: "host" }, [{ type: "text", text: RESULT }]],
    ["A result beside a user's text is no result", { executor: "host" }, [{ type: "text", synthetic: true, text: RESULT }, { type: "text", text: "Look." }]],
    ["A message without parts is no result", { executor: "host" }, []],
    ["A message of that form is no result if this package runs the children", {}, [{ type: "text", synthetic: true, text: RESULT }]],
  ]
  for (const [what, options, parts] of CASES) it(what, async () => assert.deepEqual(await next(options, parts), []))
})
