// The line at the end of a run, from OpenCode's events. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import "../../js/engine.js"
import { RunLine } from "../../js/opencode1/run_line.js"
import { CHILD, plugin } from "./opencode.js"

/** An event about the part of a call. @param {string} id @param {string | undefined} sessionId @param {{ status?: string, tool?: string, type?: string }} [more] @returns {[string, any]} */
const call = (id, sessionId, { status = "running", tool = "task", type = "tool" } = {}) => ["message.part.updated", { part: { id, type, tool, state: { status, metadata: sessionId && { sessionId } } } }]

/** @param {string} id @returns {[string, any]} */
const created = (id) => ["session.created", { info: { id } }]

/** The engine's sessions. @type {Record<string, { slug?: string }>} */
const SESSIONS = { ses_a: { slug: "explore-auth" }, ses_b: { slug: "fix-login" }, ses_c: {} }

describe("The line at the end of a run", () => {
  /** @type {[string, [string, any][], string][]} */
  const CASES = [
    ["A run without calls has no line", [created("ses_a")], ""],
    ["A session of an earlier run is resumed", [call("prt_1", "ses_a")], "opencode-delegate: resumed explore-auth"],
    ["A session of this run is started", [created("ses_b"), call("prt_1", "ses_b")], "opencode-delegate: started fix-login"],
    ["A session without a name is named by its id", [call("prt_1", "ses_c")], "opencode-delegate: resumed ses_c"],
    ["A call counts once, however often its part changes", [call("prt_1", "ses_a"), call("prt_1", "ses_a"), call("prt_2", "ses_a")], "opencode-delegate: resumed explore-auth (2 calls)"],
    ["A call without a session does not count", [call("prt_1", undefined)], ""],
    ["A part that a fork copies does not count", [call("prt_1", "ses_a", { status: "completed" })], ""],
    ["A call that is shown before it runs and after it counts", [call("prt_1", undefined, { status: "pending" }), call("prt_1", "ses_a", { status: "completed" })], "opencode-delegate: resumed explore-auth"],
    ["A call whose last part shows no session keeps its session", [call("prt_1", "ses_a"), call("prt_1", undefined, { status: "error" })], "opencode-delegate: resumed explore-auth"],
    ["Another tool's part does not count", [call("prt_1", "ses_a", { tool: "read" })], ""],
    ["A part that is no tool's does not count", [call("prt_1", "ses_a", { type: "text" })], ""],
    ["A part of another event does not count", [["message.part.removed", call("prt_1", "ses_a")[1]]], ""],
    ["A session that the engine does not know is left out", [call("prt_1", "ses_z"), call("prt_2", "ses_a")], "opencode-delegate: resumed explore-auth"],
  ]
  for (const [name, events, line] of CASES) {
    it(name, () => {
      const run = new RunLine()
      for (const event of events) run.handleEvent(...event)
      assert.equal(run.text((id) => SESSIONS[id]), line)
    })
  }
})

describe("What OpenCode prints on the error output when it ends", () => {
  /** The plugin's words, after a call or none. @param {string[]} words of the command line @param {boolean} calls */
  async function printed(words, calls) {
    const { argv } = process
    const { write } = process.stderr
    const said = /** @type {string[]} */ ([])
    process.argv = ["opencode", "main.js", ...words]
    try {
      const { hooks, add, speak, emit } = await plugin({})
      await speak()
      if (calls) {
        await emit("session.created", { info: add("ses_a", CHILD) })
        await emit(...call("prt_1", "ses_a"))
      }
      process.stderr.write = /** @type {any} */ ((/** @type {string} */ text) => said.push(text))
      await hooks.dispose()
    } finally {
      process.stderr.write = write
      process.argv = argv
    }
    return said
  }

  it("A run prints its line", async () => assert.deepEqual(await printed(["run", "Mend it"], true), ["opencode-delegate: started mend-it\n"]))
  it("A run without calls prints nothing", async () => assert.deepEqual(await printed(["run", "Mend it"], false), []))
  it("A process that is no run prints nothing", async () => assert.deepEqual(await printed(["serve"], true), []))
})
