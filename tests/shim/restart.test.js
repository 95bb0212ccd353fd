// A child's prompt after its plugin is unloaded: the next plugin delivers its answer, reports it lost or sends it again. Runs
// under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { isAlive } from "../../js/core/index.js"
import { answered, hosting, running } from "./children.js"
import { later, plugin } from "./opencode.js"

/**
 * A call whose plugin ends while its child is busy, and the plugin that is loaded afterwards.
 * @param {Record<string, unknown>} given
 * @param {(id: string) => any[]} left the messages that the child's session has then
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

it("The record of a running child names the process that runs it", async () => {
  const { call, sessions } = await running(hosting(() => new Promise(() => {})))
  await call({ task_id: "auth", background: true })
  assert.equal(isAlive(sessions.ses_new1.metadata.delegate.process), true)
})

describe("A background task of an unloaded plugin", () => {
  /** @type {[string, (id: string) => any[], RegExp][]} */
  const CASES = [
    ["An answered task is delivered with the user's next message", (id) => [asked(id), said], /Background task bg_\w+ is completed[^]*\nDone\.\n/],
    ["An unanswered task is reported lost", (id) => [asked(id)], /Background task bg_\w+ was lost/],
    ["A task whose only answer is older than its prompt is reported lost", (id) => [said, asked(id)], /Background task bg_\w+ was lost/],
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

describe("The first message after a plugin was unloaded", () => {
  /** The new plugin in an OpenCode that holds back the child's messages, and the first message. @param {Record<string, unknown>} options */
  async function first(options) {
    const host = await reloaded({ background: true }, (id) => [asked(id), said])
    const { session } = host.input.client
    const { messages } = session
    let answer = () => {}
    const held = new Promise((resolve) => (answer = () => resolve(undefined)))
    session.messages = async (/** @type {any} */ given) => (given.path.id === "ses_new1" && (await held), messages(given))
    const { speak } = await plugin(options, host)
    const parts = /** @type {any[]} */ ([])
    let through = false
    const spoken = speak("build", parts).then(() => (through = true))
    await later(50)
    return { parts, speak, answer, spoken, isThrough: () => through }
  }

  it("The message waits until the tasks of that plugin are looked up, and has the result", async () => {
    const { parts, answer, spoken, isThrough } = await first({})
    assert.equal(isThrough(), false)
    answer()
    await spoken
    assert.match(parts.map(({ text }) => text).join(), /is completed[^]*\nDone\.\n/)
  })

  it("The message does not wait if OpenCode runs the children now, and the next one has the result", async () => {
    const { parts, speak, answer, isThrough } = await first({ executor: "host" })
    assert.deepEqual([isThrough(), parts], [true, []])
    answer()
    await later()
    await speak("build", parts)
    assert.match(parts.map(({ text }) => text).join(), /is completed[^]*\nDone\.\n/)
  })
})

describe("A prompt of an unloaded plugin", () => {
  /** @type {[string, (id: string) => any[], string[], boolean][]} */
  const CASES = [
    ["A prompt that never arrived is sent with the next one, and the result says so", () => [], ["Go.", "Go on."], true],
    ["A prompt that arrived is not sent again", (id) => [asked(id)], ["Go on."], false],
    ["A prompt that was answered is not sent again", (id) => [asked(id), said], ["Go on."], false],
  ]
  for (const [what, left, sent, late] of CASES) {
    it(what, async () => {
      const host = await reloaded({}, left)
      // OpenCode answers late.
      const { messages } = host.input.client.session
      host.input.client.session.messages = async (/** @type {any} */ given) => (await later(50), messages(given))
      const { call } = await running(host)
      const { output } = await call({ task_id: "auth", prompt: "Go on." })
      assert.deepEqual(host.prompts.slice(1).map(({ id, parts }) => [id, parts.map((/** @type {any} */ { text }) => text)]), [["ses_new1", sent]])
      assert.match(output, /^<task id="ses_new1" state="completed">\n<task_result>\nAgain\.\n/)
      assert.equal(/Its earlier prompt never reached the session/.test(output), late)
    })
  }
})

describe("A plugin without events", () => {
  it("A summary lists the sessions that can be resumed", async () => {
    const host = await reloaded({}, () => [])
    const { list } = await plugin({}, host)
    assert.match((await list()).join(), /\n- auth \("fixer"\): "Mend it"$/)
  })
})
