// The summary of a session before its resume. Runs under Node and Bun.

import assert from "node:assert/strict"
import { it } from "node:test"
import "../../js/engine.js"
import { summarise } from "../../js/opencode1/execute/summarise.js"

it("A summary that takes too long is ended and removed, and the line says so", async () => {
  const did = /** @type {string[]} */ ([])
  const messages = [{ info: { id: "msg_1", role: "user" }, parts: [] }]
  const host = /** @type {any} */ ({
    messages: async () => [...messages],
    session: async () => ({ model: { providerID: "p", id: "one" } }),
    summarize: () => (messages.push(/** @type {any} */ ({ info: { id: "msg_2", role: "assistant", summary: true }, parts: [] })), new Promise(() => {})),
    abort: async (/** @type {string} */ id) => void did.push(`abort ${id}`),
    removeMessage: async (/** @type {string} */ id, /** @type {string} */ messageID) => void did.push(`remove ${id} ${messageID}`),
  })
  // The timer of the summary keeps no process alive.
  const alive = setInterval(() => {}, 10)
  const line = await summarise(host, "ses_a", 20)
  clearInterval(alive)
  assert.equal(line, "Its context could not be summarised, so it was resumed as it is: it took longer than 0.02 s")
  assert.deepEqual(did, ["abort ses_a", "remove ses_a msg_2"])
})
