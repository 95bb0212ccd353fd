// Executor "host": a call whose session reaches a limit. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { data, later } from "./opencode.js"
import { calling, refused } from "./task_calls.js"

const STEP = { role: "assistant", finish: "tool-calls", cost: 0, tokens: { input: 1, output: 1, reasoning: 0, cache: { read: 0, write: 0 } } }
const PROMPT = { info: { id: "msg_p", role: "user" }, parts: [{ type: "text", text: "Go." }] }
const SAID = { info: { ...STEP, id: "msg_a", parentID: "msg_p" }, parts: [{ type: "text", text: "So far." }] }

/** A call whose session has made the last step that it may make. @param {() => any} read its messages */
async function limited(read = () => data([])) {
  const stored = /** @type {any[]} */ ([])
  const world = await calling(({ input }) => {
    input.client.session.messages = (/** @type {any} */ { path }) => (path.id === "ses_a" ? read() : data([]))
    input.client._client.patch = (/** @type {any} */ { body }) => (stored.push(body.state), data(true))
  }, { executor: "host", limits: { max_steps: 1 } })
  await world.before({ task_id: "Auth" }, "c1")
  await world.begin("c1", "ses_a")
  await world.emit("message.updated", { info: { ...STEP, id: "msg_a", sessionID: "ses_a", time: { created: 1, completed: 2 } } })
  assert.deepEqual(world.done, [["abort", "ses_a"]])
  return { ...world, stored }
}

describe("A call whose session is ended at a limit", () => {
  /** What the session's messages are, and the answer so far. @type {[string, () => any, string][]} */
  const FAILED = [
    ["the session's answer so far", () => data([PROMPT, SAID]), "So far."],
    ["an empty answer if the session has written nothing", () => data([PROMPT]), ""],
    ["an empty answer if OpenCode does not show the session's messages", refused, ""],
  ]
  for (const [what, read, text] of FAILED) {
    it(`A call that fails for it gets ${what} as its result, with the name and the limit`, async () => {
      const { shown, stored } = await limited(read)
      await shown("c1", { status: "error", error: "No.", metadata: { sessionId: "ses_a", theirs: 1 } })
      await later()
      const [{ output, ...state }] = stored
      const delegate = { task_id: "auth", action: "spawn", rule: "R5", asked: "Auth", place: 3 }
      assert.deepEqual(state, { input: {}, status: "completed", title: "Mend it · auth spawned", metadata: { sessionId: "ses_a", theirs: 1, delegate } })
      const [answer, ...lines] = output.split("\ntask_id: ")
      assert.equal(answer, `<task id="ses_a" state="completed">\n<task_result>\n${text}\n</task_result>\n</task>`)
      assert.match(lines.join(), /^auth \(spawned: [^\n]*\)\nIts work is unfinished\. It was ended at its limit of 1 step, [^\n]*$/)
    })
  }

  for (const [what, background, said] of /** @type {[string, boolean | undefined, boolean][]} */ ([["A result", undefined, true], ["The result of a call in the background, whose session still works,", true, false]])) {
    it(`${what} says ${said ? "that the work is unfinished" : "nothing of the limit"}`, async () => {
      const { end } = await limited()
      const { output } = await end("c1", "ses_a", { metadata: { sessionId: "ses_a", background } })
      assert.match(output, /^done\ntask_id: auth \(spawned: /)
      assert.equal(output.includes("Its work is unfinished."), said)
    })
  }
})
