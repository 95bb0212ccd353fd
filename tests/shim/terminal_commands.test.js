// The commands of the terminal half, as the server half reads them and carries them out. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { ASK_FAULT, carryOut, faultCommand, readFault, readRename, renameCommand, steerCommand, stopCommand } from "../../js/core/index.js"
import { readSteer, readStop } from "../../js/core/terminal_commands.js"

describe("A command between the two halves", () => {
  it("The terminal half reads the fault that the server half says, and no other command", () => {
    assert.equal(readFault(faultCommand("Field \"a b\": no.")), "Field \"a b\": no.")
    assert.equal(readFault(faultCommand()), "")
    for (const command of ["session.new", "opencode-delegate.fault", ASK_FAULT, "opencode-delegate.faulty x", undefined, 7]) assert.equal(readFault(command), undefined)
  })

  it("The server half reads each of its commands, and no other", () => {
    const commands = [renameCommand("ses_a", "login-flow"), stopCommand("ses_a"), steerCommand("ses_a", "Leave  src/old out.")]
    assert.deepEqual(commands.map((command) => [readRename(command), readStop(command), readSteer(command)]), [
      [{ sessionID: "ses_a", name: "login-flow" }, undefined, undefined],
      [undefined, "ses_a", undefined],
      [undefined, undefined, { sessionID: "ses_a", message: "Leave  src/old out." }],
    ])
    const kinds = ["rename", "stop", "steer"].map((kind) => `opencode-delegate.${kind}`)
    for (const command of ["session.new ses_a", ...kinds, ...kinds.map((kind) => `${kind}  x`), "", undefined, 7]) {
      assert.deepEqual([readRename(command), readStop(command), readSteer(command)], [undefined, undefined, undefined], String(command))
    }
  })
})

/** What is done for the commands of a person. @param {unknown[]} commands @param {object} [sync] */
async function doneFor(commands, sync = {}) {
  const done = /** @type {any[]} */ ([])
  const parts = /** @type {any} */ ({
    sync: {
      load: async (/** @type {string} */ id) => void done.push(["load", id]),
      session: (/** @type {string} */ id) => ({ id, rootID: "ses_root" }),
      apply: (/** @type {any} */ { now: _, ...event }) => void done.push(event),
      steer: (/** @type {any} */ given) => (given.message === "no" ? { action: "refuse", message: "It is idle." } : { action: "send", ...given, answer: "It reads it." }),
      ...sync,
    },
    steer: async (/** @type {any} */ { sessionID, task_id, message }) => (message === "fail" ? Promise.reject(new Error("OpenCode is away.")) : void done.push(["steer", sessionID, task_id, message])),
    cancel: async (/** @type {string} */ id, /** @type {string} */ caller) => void done.push(["stop", id, caller]),
    show: async (/** @type {string} */ message) => void done.push(["show", message]),
  })
  for (const command of commands) await carryOut(command, parts)
  return done
}

describe("A person's command", () => {
  const load = ["load", "ses_a"]
  /** The command, and what is done for it. @type {[string, unknown, any[]][]} */
  const CASES = [
    ["A command stops a session", stopCommand("ses_a"), [load, ["stop", "ses_a", ""]]],
    ["A command gives a session a name", renameCommand("ses_a", "login-flow"), [load, { type: "session.renamed", sessionID: "ses_a", name: "login-flow" }]],
    ["A command gives a session a message, and the person reads what becomes of it", steerCommand("ses_a", "Leave  src/old out."), [load, ["steer", "ses_root", "ses_a", "Leave  src/old out."], ["show", "It reads it."]]],
    ["A person reads why a message is refused", steerCommand("ses_a", "no"), [load, ["show", "It is idle."]]],
    ["A person reads why a message does not arrive", steerCommand("ses_a", "fail"), [load, ["show", "OpenCode is away."]]],
    ["A command of another program does nothing", "session.new ses_a", []],
    ["A command that is no text does nothing", 5, []],
  ]
  for (const [what, command, done] of CASES) it(what, async () => assert.deepEqual(await doneFor([command]), done))

  it("A command is carried out though its session cannot be loaded", async () => {
    const away = { load: async () => Promise.reject(new Error("storage")), session: () => undefined }
    const done = await doneFor([stopCommand("ses_a"), steerCommand("ses_a", "Stop.")], away)
    assert.deepEqual(done, [["stop", "ses_a", ""], ["steer", "", "ses_a", "Stop."], ["show", "It reads it."]])
  })
})
