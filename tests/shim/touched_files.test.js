// The files that calls of tools read or change, on their way to the engine. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { eventHandler } from "../../js/opencode2/events.js"
import { eventHook } from "../../js/opencode1/hooks/index.js"
import { touchedFiles } from "../../js/core/touched_files.js"

const PATCH = "*** Begin Patch\n*** Add File: src/new.rs\n+x\n*** Update File: src/old.rs\n*** Move to: src/moved.rs\n@@\n*** Delete File: gone.rs\r\n*** End Patch"

/** @type {[string, string, any, string[]][]} */
const CASES = [
  ["A file of OpenCode 1's tools is named by filePath", "read", { filePath: "/work/a.rs" }, ["/work/a.rs"]],
  ["A file of OpenCode 2's tools is named by path", "edit", { path: "a.rs", oldString: "x" }, ["a.rs"]],
  ["A patch names each file that it adds, changes, moves and deletes", "apply_patch", { patchText: PATCH }, ["src/new.rs", "src/old.rs", "src/moved.rs", "gone.rs"]],
  ["A file of a patch is named without the space around it", "patch", { patchText: "*** Update File:  a b.rs \t\n*** Move to:  c.rs\n" }, ["a b.rs", "c.rs"]],
  ["A patch gives at most 64 files", "patch", { patchText: "*** Add File: a\n".repeat(100) }, Array(64).fill("a")],
  ["A folder that is searched is no file", "grep", { path: "src", pattern: "x" }, []],
  ["A tool without arguments touches nothing", "read", undefined, []],
  ["A path that is no text is none", "write", { filePath: 5, patchText: {} }, []],
]
describe("The files of a call", () => {
  for (const [name, tool, input, files] of CASES) it(name, () => assert.deepEqual(touchedFiles(tool, input), files))
})

/** A stand-in that notes the events for the engine, and ignores every other call. */
function noting() {
  const events = /** @type {any[]} */ ([])
  const nothing = new Proxy({}, { get: () => () => undefined })
  const sync = { apply: (/** @type {any} */ { now, ...event }) => void events.push(event), session: (/** @type {string} */ id) => (id === "ses_c" ? { parentID: "ses_r" } : {}) }
  return { events, sync: /** @type {any} */ (sync), nothing: /** @type {any} */ (nothing) }
}
const touched = (/** @type {string[]} */ ...files) => ({ type: "session.touched", sessionID: "ses_c", files, project: "/work" })

describe("The files of a session", () => {
  it("OpenCode 1 shows a call of a tool in a part, and the end of the call is taken in once", async () => {
    const { events, sync, nothing } = noting()
    const hook = eventHook({ project: "/work", sync, host: nothing, actions: nothing, settings: nothing, requests: nothing, callCache: nothing, windows: nothing, runner: nothing, delivery: nothing, hostExecutor: nothing, delegateExecutor: nothing, pluginParts: () => []})
    const show = (/** @type {string} */ tool, /** @type {string} */ status, input = {}) =>
      hook({ event: /** @type {any} */ ({ type: "message.part.updated", properties: { part: { type: "tool", tool, sessionID: "ses_c", state: { status, input } } } }) })
    for (const status of ["pending", "running", "error", "completed"]) await show("read", status, { filePath: "/work/a.rs" })
    await show("bash", "completed", { command: "ls" })
    assert.deepEqual(events, [touched("/work/a.rs")])
  })

  it("OpenCode 2 shows a call of a tool in several events, and the files of one that succeeds are taken in", async () => {
    const { events, sync, nothing } = noting()
    const handle = eventHandler({ directory: "/work", host: nothing, sync, prompts: nothing })
    const show = (/** @type {string} */ type, /** @type {any} */ data) => handle(/** @type {any} */ ({ type: `session.tool.${type}`, data: { sessionID: "ses_c", ...data } }))
    const play = async (/** @type {any} */ { id, name, input, ...more }, end = "success") => {
      await show("input.started", { id, name, ...more })
      await show("called", { id, input, ...more })
      await show(end, { id, ...more })
      await show(end, { id, ...more })
    }
    await play({ id: "c1", name: "read", input: { path: "a.rs" } })
    await play({ id: "c1", name: "patch", input: { patchText: PATCH } })
    await play({ id: "c2", name: "write", input: { path: "b.rs" } }, "failed")
    await play({ id: "c3", name: "glob", input: { path: "src" } })
    await play({ id: "c4", name: "read", input: { path: "root.rs" }, sessionID: "ses_r" })
    await show("success", { id: "c5" })
    // Some providers give calls of two sessions one id.
    await show("input.started", { id: "c6", name: "read" })
    await show("called", { id: "c6", input: { path: "mine.rs" } })
    await show("input.started", { id: "c6", name: "read", sessionID: "ses_r" })
    await show("called", { id: "c6", input: { path: "other.rs" }, sessionID: "ses_r" })
    await show("success", { id: "c6" })
    assert.deepEqual(events, [touched("a.rs"), touched("src/new.rs", "src/old.rs", "src/moved.rs", "gone.rs"), touched("mine.rs")])
  })
})
