// What becomes of a child's prompt when the plugin that sent it is gone: another finds it, tells it or sends it. Runs under
// Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { answered, hosting, running } from "./children.js"
import { later, plugin } from "./opencode.js"

/**
 * A call whose plugin ends while its child is at work, and the plugin that is loaded then.
 * @param {Record<string, unknown>} given
 * @param {(id: string) => any[]} left what is found in the child's session then
 */
async function reloaded(given, left) {
  const host = hosting(({ nth }) => (nth === 1 ? new Promise(() => {}) : answered("Again.")))
  const first = await running(host)
  const call = first.call({ task_id: "auth", ...given })
  call.catch(() => {})
  await later()
  await first.hooks.dispose()
  await later()
  host.messages.ses_new1 = left(host.prompts[0].messageID)
  // Another plugin's client is another, of the same OpenCode.
  return { ...host, input: { ...host.input, client: { ...host.input.client } } }
}

const asked = (/** @type {string} */ id) => ({ info: { id, role: "user" }, parts: [{ type: "text", text: "Go." }] })
const said = { info: { id: "msg_a", role: "assistant", finish: "stop" }, parts: [{ type: "text", text: "Done." }] }

describe("a background task of a plugin that is gone", () => {
  /** @type {[string, (id: string) => any[], RegExp][]} */
  const CASES = [
    ["that was answered is told with the user's next message", (id) => [asked(id), said], /Background task bg_\w+ is completed[^]*\nDone\.\n/],
    ["that was not answered is told to be lost", (id) => [asked(id)], /Background task bg_\w+ was lost/],
    ["that was answered before it was asked is told to be lost", (id) => [said, asked(id)], /Background task bg_\w+ was lost/],
  ]
  for (const [what, left, expected] of CASES) {
    it(what, async () => {
      const host = await reloaded({ background: true }, left)
      const { speak } = await plugin({}, host)
      const parts = /** @type {any[]} */ ([])
      for (const _ of ["once", "again"]) await speak("build", parts)
      assert.equal(host.prompts.length, 1)
      assert.equal(parts.length, 1)
      assert.match(parts[0].text, expected)
    })
  }
})

describe("a prompt of a plugin that is gone", () => {
  /** @type {[string, (id: string) => any[], string[], boolean][]} */
  const CASES = [
    ["that never arrived goes along with the next, which is told", () => [], ["Go.", "Go on."], true],
    ["that arrived is not sent again", (id) => [asked(id)], ["Go on."], false],
    ["that was answered is not sent again", (id) => [asked(id), said], ["Go on."], false],
  ]
  for (const [what, left, sent, told] of CASES) {
    it(what, async () => {
      const host = await reloaded({}, left)
      // OpenCode takes its time to tell what became of it.
      const { messages } = host.input.client.session
      host.input.client.session.messages = async (/** @type {any} */ given) => (await later(50), messages(given))
      const { call } = await running(host)
      const { output } = await call({ task_id: "auth", prompt: "Go on." })
      assert.deepEqual(host.prompts.slice(1).map(({ id, parts }) => [id, parts.map((/** @type {any} */ { text }) => text)]), [["ses_new1", sent]])
      assert.match(output, /^<task id="ses_new1" state="completed">\n<task_result>\nAgain\.\n/)
      assert.equal(/Its earlier prompt never reached the session/.test(output), told)
    })
  }
})

describe("a plugin that has heard of nothing yet", () => {
  it("has a summary keep what can be resumed", async () => {
    const host = await reloaded({}, () => [])
    const { list } = await plugin({}, host)
    assert.match((await list()).join(), /\n- auth \(fixer\): Mend it$/)
  })
})
