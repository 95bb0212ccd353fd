// The link from a running call to its child: what is written to the part of the call. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { showChild } from "../../js/opencode1/execute/running_part.js"
import { later, noting } from "./opencode.js"

/** @param {string} status @returns {any} */
const part = (status) => ({ id: "prt_1", messageID: "msg_1", sessionID: "ses_1", type: "tool", state: { status, input: {}, metadata: { theirs: 1 } } })
const SHOWN = { ...part("running"), state: { status: "running", input: {}, title: "Explore", metadata: { theirs: 1, sessionId: "ses_2" } } }
const shows = (/** @type {any} */ host, /** @type {any} */ of, abort = new AbortController().signal) => showChild(host, of, "Explore", { sessionId: "ses_2" }, abort)

/** A host that stores a part in this state. @param {string | undefined} stored none: the part is removed @param {any} [answers] */
const storing = (stored, answers = {}) => noting({ message: () => ({ info: { id: "msg_1" }, parts: stored ? [part(stored)] : [] }), ...answers })

describe("A running child", () => {
  it("A child is shown after a while, once", async () => {
    const { host, calls } = storing("running")
    const shown = shows(host, part("running"))
    await later(300)
    await shown.now()
    assert.deepEqual(calls, [["setPart", SHOWN]])
  })

  it("A child is shown at once on request", async () => {
    const { host, calls } = storing("running")
    await shows(host, part("running")).now()
    assert.deepEqual(calls.slice(1), [["setPart", SHOWN]])
  })

  it("A child is not shown if its call has ended", async () => {
    const { host, calls } = storing("running")
    await shows(host, part("running")).settled()
    await later(300)
    assert.deepEqual(calls, [])
  })

  it("A child is not shown later if its call is aborted", async () => {
    const { host, calls } = storing("running")
    shows(host, part("running"), AbortSignal.abort())
    await later(300)
    assert.deepEqual(calls, [])
  })

  it("A child is shown only in a running call", async () => {
    for (const of of [part("pending"), part("completed"), { ...part("running"), state: undefined }, undefined]) {
      const { host, calls } = storing("running")
      await shows(host, of).now()
      assert.deepEqual(calls.filter(([name]) => name === "setPart"), [])
    }
  })

  for (const stored of ["error", "completed", undefined]) {
    it(`A child is not shown in a call that OpenCode has ${stored ? `stored as ${stored}` : "removed"}`, async () => {
      const { host, calls } = storing(stored)
      await shows(host, part("running")).now()
      assert.deepEqual(calls.map(([name]) => name), ["message"])
    })
  }

  for (const [what, stored] of /** @type {[string, any][]} */ ([["as completed, though another call still runs", part("completed")], ["without a state", { ...part("running"), state: undefined }]])) {
    it(`A child is not shown in a call that OpenCode has stored ${what}`, async () => {
      const other = { ...part("running"), id: "prt_2" }
      const { host, calls } = storing("running", { message: () => ({ info: { id: "msg_1" }, parts: [other, stored] }) })
      await shows(host, part("running")).now()
      assert.deepEqual(calls.map(([name]) => name), ["message"])
    })
  }

  it("A child is not shown if the call cannot be read", async () => {
    const { host, calls } = storing("running", { message: () => { throw new Error("refused") } })
    await shows(host, part("running")).now()
    assert.deepEqual(calls.map(([name]) => name), ["message"])
  })

  it("A request to show a child ends with its write, also if the write fails", async () => {
    /** @type {(error: Error) => void} */
    let refuse = () => {}
    const { host } = storing("running", { setPart: () => new Promise((_, reject) => (refuse = reject)) })
    const shown = shows(host, part("running"))
    let over = false
    const now = shown.now().then(() => (over = true))
    await later(5)
    assert.equal(over, false)
    refuse(new Error("refused"))
    await now
  })
})
