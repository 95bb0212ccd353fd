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
  const slugs = /** @type {Record<string, { slug: string }>} */ ({ ses_a: { slug: "auth" }, ses_b: { slug: "map" } })
  const sync = /** @type {any} */ ({ session: (/** @type {string} */ id) => slugs[id], nameFor: (/** @type {string} */ id) => slugs[id].slug, resolveAll: async (/** @type {any[]} */ lookups) => lookups.map(resolve) })
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
    for (const task_id of [{ toString: 1 }, 5, null]) assert.deepEqual((await named(call("msg_1", { task_id }), { resolve })).names, ["map"])
    assert.deepEqual((await named(call("msg_1", /** @type {any} */ (null)), { resolve })).names, ["map"])
    assert.deepEqual(lookups.slice(2), [1, 2, 3, 4].map(() => ({ ...of, task_id: undefined })))
  })

  it("Another error, and a call without a session, stay as they are", async () => {
    assert.deepEqual((await named(call("msg_1", {}, { type: "unknown", message: "No." }), { resolve: () => ({ id: "ses_b" }) })).names, ["No."])
    assert.deepEqual((await named(call("msg_1"))).names, ["Tool execution interrupted: subagent"])
  })

  it("A call without an id, or of a message without one, costs no other call its name", async () => {
    const resolve = (/** @type {any} */ { messageID, partID }) => (typeof messageID === "string" && typeof partID === "string" ? { id: "ses_b" } : assert.fail("No id."))
    const bare = call("msg_2")
    for (const { content } of bare) Object.assign(/** @type {any} */ (content)[0], { id: 5 })
    const messages = [...call("msg_1"), ...call(/** @type {any} */ (5)), ...call(/** @type {any} */ (undefined)), ...bare]
    assert.deepEqual((await named(messages, { resolve })).names, ["map", ...Array(3).fill("Tool execution interrupted: subagent")])
  })

  it("Of very many calls the last thousand have their names", async () => {
    const messages = Array.from({ length: 1_001 }, (_, at) => call(`msg_${at}`)).flat()
    const { names } = await named(messages, { resolve: () => ({ id: "ses_b" }) })
    assert.deepEqual([names.length, names.indexOf("map"), names.lastIndexOf("map")], [1_001, 1, 1_000])
  })

  it("A call whose look-up fails is looked up again with the next request, and one without a session after a minute", async (t) => {
    t.mock.timers.enable({ apis: ["Date"], now: 1_700_000_000_000 })
    const answers = /** @type {(() => any)[]} */ ([() => Promise.reject(new Error("busy")), () => [undefined], () => [{ id: "ses_b" }], () => assert.fail("It is known.")])
    const sync = { session: (/** @type {string} */ id) => (id ? { slug: "map" } : undefined), nameFor: () => "map", resolveAll: async () => answers.shift()?.() }
    const calls = new InterruptedResults(/** @type {any} */ ({ namings: async () => Promise.reject(new Error("busy")) }), /** @type {any} */ (sync))
    const left = []
    for (const wait of [0, 0, 59_000, 2_000, 0, 61_000]) {
      t.mock.timers.tick(wait)
      const messages = /** @type {any[]} */ (call("msg_1"))
      await calls.name("ses_root", messages)
      left.push([LINE.exec(messages[1].content[0].result.value.error.message)?.[1], answers.length])
    }
    assert.deepEqual(left, [[undefined, 3], [undefined, 2], [undefined, 2], ["map", 1], ["map", 1], ["map", 1]])
  })

  it("A request of another form is no error", async () => {
    const calls = new InterruptedResults(/** @type {any} */ ({}), /** @type {any} */ ({}))
    await calls.name("ses_root", undefined)
    await calls.name("ses_root", [{ role: "user", content: "text" }, { role: "tool", content: [{ type: "tool-result", name: "subagent", id: "x" }] }])
  })
})
