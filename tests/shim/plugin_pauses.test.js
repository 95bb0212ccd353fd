// The pauses of another plugin after a prompt, and the marks of prompts that it would drop. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { PluginPauses } from "../../js/opencode1/execute/index.js"
import { later } from "./opencode.js"

const MARK = "\u2063"
const SWALLOWS_MS = 1_000

/** The pauses, and a clock. @param {typeof import("node:test").mock} mock @param {{ restMs: number, swallowsMs: number }[]} [tools] */
function pausing(mock, tools = [{ restMs: 0, swallowsMs: SWALLOWS_MS }]) {
  let now = 5_000_000
  mock.method(Date, "now", () => now)
  const pauses = new PluginPauses(tools)
  const mark = (/** @type {string} */ prompt, id = "ses_a") => pauses.markOf(id, prompt, SWALLOWS_MS)
  return { pauses, mark, pass: (/** @type {number} */ ms) => void (now += ms) }
}

describe("The mark of a prompt", () => {
  for (const [title, after, prompt, marks] of /** @type {const} */ ([
    ["An identical prompt is marked while the plugin would drop it", SWALLOWS_MS - 1, "Go.", 1],
    ["An identical prompt is not marked once the plugin would send it", SWALLOWS_MS, "Go.", 0],
    ["Another prompt is not marked", 0, "Go on.", 0],
  ])) {
    it(title, ({ mock }) => {
      const { pauses, mark, pass } = pausing(mock)
      pauses.prompted("ses_a", "Go.")
      pass(after)
      assert.equal(mark(prompt), MARK.repeat(marks))
    })
  }

  it("Each identical prompt in a row has one more mark, and another prompt has none", ({ mock }) => {
    const { pauses, mark, pass } = pausing(mock)
    pauses.prompted("ses_a", "Go.")
    const marks = ["Go.", "Go.", "Go on.", "Go on.", "Go."].map((prompt) => {
      pass(10)
      const given = mark(prompt)
      pauses.prompted("ses_a", prompt)
      return given.length
    })
    assert.deepEqual(marks, [1, 2, 0, 1, 0])
  })

  it("The prompts of other sessions, and of a session that is forgotten, give no mark", ({ mock }) => {
    const { pauses, mark } = pausing(mock)
    pauses.prompted("ses_a", "Go.")
    assert.equal(mark("Go.", "ses_b"), "")
    pauses.forget("ses_a")
    assert.equal(mark("Go."), "")
  })

  for (const tools of [[{ restMs: 20, swallowsMs: SWALLOWS_MS }], [{ restMs: SWALLOWS_MS, swallowsMs: 20 }], [{ restMs: 0, swallowsMs: 0 }, { restMs: 5, swallowsMs: SWALLOWS_MS }]]) {
    it(`A session is known for the longest pause of all tools, and no longer (${JSON.stringify(tools)})`, ({ mock }) => {
      const { pauses, mark, pass } = pausing(mock, tools)
      pauses.prompted("ses_a", "Go.")
      pass(SWALLOWS_MS - 1)
      pauses.prompted("ses_b", "Go.")
      assert.equal(mark("Go."), MARK)
      pass(2)
      pauses.prompted("ses_b", "Go.")
      pass(-2)
      assert.equal(mark("Go."), "")
    })
  }

  it("A session that was prompted again last is known the longest", ({ mock }) => {
    const { pauses, mark, pass } = pausing(mock)
    for (const id of ["ses_a", "ses_b", "ses_a"]) {
      pauses.prompted(id, "Go.")
      pass(600)
    }
    pauses.prompted("ses_c", "Go.")
    pass(-700)
    assert.deepEqual([mark("Go.", "ses_a"), mark("Go.", "ses_b")], [MARK, ""])
  })
})

describe("The pause before a prompt", () => {
  const never = new AbortController().signal
  /** Whether a promise has resolved a little later. @param {Promise<void>} promise */
  const isOver = (promise) => Promise.race([promise.then(() => true), later(30).then(() => false)])

  it("A session rests after its own prompt alone", async ({ mock }) => {
    const { pauses } = pausing(mock)
    pauses.prompted("ses_a")
    assert.equal(await isOver(pauses.rest("ses_a", 200, never)), false)
    assert.equal(await isOver(pauses.rest("ses_b", 200, never)), true)
  })

  it("A session rests no longer than its pause", async ({ mock }) => {
    const { pauses, pass } = pausing(mock)
    pauses.prompted("ses_a")
    pass(190)
    assert.equal(await isOver(pauses.rest("ses_a", 200, never)), true)
  })

  it("An abort ends the rest, whether it comes before or in it", async ({ mock }) => {
    const { pauses } = pausing(mock)
    pauses.prompted("ses_a")
    const stop = new AbortController()
    const resting = pauses.rest("ses_a", 3_000, stop.signal)
    assert.equal(await isOver(resting), false)
    stop.abort()
    assert.equal(await isOver(resting), true)
    assert.equal(await isOver(pauses.rest("ses_a", 3_000, stop.signal)), true)
  })
})
