// The plugin's hooks for a summary, for a command of the terminal and for the files of a session. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { steerCommand } from "../../js/core/index.js"
import { CHILD, data, opencode, plugin } from "./opencode.js"

describe("A summary of a conversation with very many sessions", () => {
  for (const [version, names] of /** @type {[string, boolean][]} */ ([["1.18.33", true], ["1.14.41", false]])) {
    it(`It ${names ? "names delegate_list for the rest" : "names no tool that OpenCode does not offer"} in version ${version}`, async () => {
      const { hooks, speak, add, emit, list } = await plugin({}, opencode({ version }))
      await hooks.config({})
      await speak()
      for (let at = 0; at < 60; at++) await emit("session.created", { info: add(`ses_${at}`, { ...CHILD, title: `Mend ${at}` }) })
      assert.match((await list()).join(), names ? /\n- and \d+ older, which delegate_list shows$/ : /\n- and \d+ older$/)
    })
  }
})

it("A message that a person gives a running session in the terminal reaches the session", async () => {
  const host = opencode()
  const prompts = /** @type {any[]} */ ([])
  host.input.client.session.prompt = (/** @type {any} */ { path, body }) => (prompts.push([path.id, body.parts[0].text]), data({}))
  const { add, speak, emit, toasts } = await plugin({}, host)
  await speak()
  await emit("session.created", { info: add("ses_a", CHILD) })
  await emit("session.status", { sessionID: "ses_a", status: { type: "busy" } })
  await emit("tui.command.execute", { command: steerCommand("ses_a", "Faster.") })
  assert.deepEqual(prompts, [["ses_a", "Your caller adds to your task:\n\nFaster."]])
  assert.match(toasts.join(), /^info,"mend-it" reads the message at its next step/)
})

describe("A file that a session reads", () => {
  for (const [where, worktree, files] of /** @type {[string, string, string[]][]} */ ([["the repository", "/work", ["sub/a.rs"]], ["the folder, outside a repository", "/", ["a.rs"]]])) {
    it(`Its path in the session's record begins in ${where}`, async () => {
      const host = opencode()
      Object.assign(host.input, { worktree, directory: "/work/sub" })
      const { hooks, add, sessions, speak, emit, before } = await plugin({ executor: "host" }, host)
      await speak()
      await before({ task_id: "auth" }, "c1")
      await emit("session.created", { info: add("ses_a", CHILD) })
      const shown = (/** @type {object} */ part) => emit("message.part.updated", { part: { id: "prt_1", messageID: "msg_1", type: "tool", ...part } })
      await shown({ sessionID: "ses_root", callID: "c1", tool: "task", state: { status: "running", input: {}, metadata: { sessionId: "ses_a" } } })
      await shown({ sessionID: "ses_a", callID: "c2", tool: "read", state: { status: "completed", input: { filePath: "/work/sub/a.rs" } } })
      for (const type of ["busy", "idle"]) await emit("session.status", { sessionID: "ses_a", status: { type } })
      await hooks.dispose()
      assert.deepEqual(sessions.ses_a.metadata.delegate.files, files)
    })
  }
})
