// The aborts of a session that meet each other and a prompt. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe } from "node:test"
import { runs, send, settle } from "./prompts.js"

const abort = /** @type {any} */ ({ type: "abort", sessionID: "ses_a" })

describe("Two aborts of a session", () => {
  const ends = /** @type {(() => void)[]} */ ([])

  runs("A prompt waits for both aborts, and neither is repeated", async ({ runner, follow, perform, calls }) => {
    ends.length = 0
    for (const _ of ["once", "again"]) runner.perform(abort)
    await settle()
    assert.equal(calls("abort").length, 2)
    ends[0]()
    await settle()
    follow()
    await perform(send())
    assert.deepEqual(calls("prompt"), [])
    ends[1]()
    await settle()
    assert.deepEqual([calls("abort").length, calls("prompt").length], [2, 1])
  }, { abort: () => new Promise((resolve) => ends.push(() => resolve(true))) })
})
