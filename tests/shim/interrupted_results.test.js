// The names in the errors of interrupted calls, in OpenCode 2's requests to the model. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import "../../js/engine.js"
import { InterruptedResults } from "../../js/opencode2/subagent/interrupted_results.js"

const LINE = /^Tool execution interrupted: subagent\ntask_id: (\S+) \(its session is kept: give this task_id to go on with it\)$/

/** A call and its result, as in a request. @param {string} messageID @param {object} [input] @param {object} [error] */
const call = (messageID, input = {}, error = { type: "aborted", message: "Tool execution interrupted: subagent" }) => [
  { id: messageID, role: "assistant", content: [{ type: "tool-call", id: "call_0", name: "subagent", input }] },
  { role: "tool", content: [{ type: "tool-result", id: "call_0", name: "subagent", result: { type: "error", value: { error, content: [] } } }] },
]

/** The names in the errors of a request. @param {object[]} messages @param {{ namings?: object[], resolve?: (lookup: any) => object | undefined }} [known] */
async function named(messages, { namings = [], resolve = () => undefined } = {}) {
  let reads = 0
  const host = /** @type {any} */ ({ namings: async () => (reads++, namings) })
  const slugs = /** @type {Record<string, object>} */ ({ ses_a: { slug: "auth" }, ses_b: { slug: "map" } })
  const sync = /** @type {any} */ ({ session: (/** @type {string} */ id) => slugs[id], resolve: async (/** @type {any} */ lookup) => resolve(lookup) })
  const calls = new InterruptedResults(host, sync)
  const request = structuredClone(messages)
  await calls.name("ses_root", request)
  const again = structuredClone(messages)
  await calls.name("ses_root", again)
  assert.deepEqual(again, request)
  const errors = request.flatMap((/** @type {any} */ { content }) => content).flatMap(({ result }) => result?.value.error?.message ?? [])
  return { names: errors.map((/** @type {string} */ message) => LINE.exec(message)?.[1] ?? message), reads }
}

describe("An interrupted call in OpenCode 2", () => {
  it("A call has the name of the session that it showed, and is looked up once", async () => {
    const namings = [{ messageID: "msg_1", partID: "call_0", namedID: "ses_a" }]
    assert.deepEqual(await named(call("msg_1"), { namings }), { names: ["auth"], reads: 1 })
  })

  it("Calls of two messages with one id have a session each", async () => {
    const namings = [{ messageID: "msg_1", partID: "call_0", namedID: "ses_a" }, { messageID: "msg_2", partID: "call_0", namedID: "ses_b" }]
    assert.deepEqual((await named([...call("msg_1"), ...call("msg_2")], { namings })).names, ["auth", "map"])
  })

  it("A call that showed nothing has the name of the session that the engine finds for it", async () => {
    const lookups = /** @type {object[]} */ ([])
    const resolve = (/** @type {any} */ lookup) => (lookups.push(lookup), { id: "ses_b" })
    assert.deepEqual((await named(call("msg_1", { task_id: "map" }), { resolve })).names, ["map"])
    assert.deepEqual((await named(call("msg_1", { sessionID: "ses_b" }), { resolve })).names, ["map"])
    const of = { sessionID: "ses_root", messageID: "msg_1", partID: "call_0" }
    assert.deepEqual(lookups, [{ ...of, task_id: "map" }, { ...of, task_id: "ses_b" }])
  })

  it("Another error, and a call without a session, stay as they are", async () => {
    assert.deepEqual((await named(call("msg_1", {}, { type: "unknown", message: "No." }), { resolve: () => ({ id: "ses_b" }) })).names, ["No."])
    assert.deepEqual((await named(call("msg_1"))).names, ["Tool execution interrupted: subagent"])
  })

  it("A call that cannot be looked up is left as it is, and costs no other its name", async () => {
    let reads = 0
    const refused = async () => Promise.reject(new Error(`busy ${reads++}`))
    const sync = { session: (/** @type {string} */ id) => (id ? { slug: "map" } : undefined), resolve: async (/** @type {any} */ { task_id }) => (task_id === "map" ? { id: "ses_b" } : Promise.reject(new Error("No."))) }
    const calls = new InterruptedResults(/** @type {any} */ ({ namings: refused }), /** @type {any} */ (sync))
    for (let request = 0; request < 3; request++) {
      const messages = [...call("msg_1", { task_id: "auth" }), ...call("msg_2", { task_id: "map" })]
      await calls.name("ses_root", messages)
      const errors = /** @type {any[]} */ (messages).flatMap(({ content }) => content).flatMap(({ result }) => result?.value.error.message ?? [])
      assert.deepEqual(errors.map((message) => LINE.exec(message)?.[1]), [undefined, "map"])
    }
    assert.equal(reads, 1)
  })

  it("A request of another form is no error", async () => {
    const calls = new InterruptedResults(/** @type {any} */ ({}), /** @type {any} */ ({}))
    await calls.name("ses_root", undefined)
    await calls.name("ses_root", [{ role: "user", content: "text" }, { role: "tool", content: [{ type: "tool-result", name: "subagent", id: "x" }] }])
  })
})
