// A call that follows up a session without naming it, in the real OpenCode.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { script } from "../host/model.js"
import { OPENCODE2, boot, idIn, task } from "./fixture.js"

const files = { "src/auth/token.rs": "fn refresh() {}\n" }
/** A step that reads a file of the project. @param {{ directory: string }} host @param {string} file */
const read = ({ directory }, file) => ({ call: { tool: "read", args: OPENCODE2 ? { path: `${directory}/${file}` } : { filePath: `${directory}/${file}` } } })

/** @param {{ host: import("../host/opencode.js").Host, say: (id: string, ...steps: object[]) => Promise<string> }} world */
async function explored({ host, say }) {
  const root = await host.session()
  const auth = await say(root, task("explorer", "Explore token refresh", [read(host, "src/auth/token.rs"), { say: "Seen." }]))
  const docs = await say(root, task("explorer", "Write an index", "Go."))
  assert.deepEqual([/related:/.test(auth), /related:/.test(docs)], [false, false])
  return { root, auth, docs }
}
const fix = () => task("explorer", "Fix the token refresh", "Correct refresh in src/auth/token.rs.")

describe("A call that follows up a session without naming it", () => {
  it("The result names the session that the call most likely follows up, and the record counts the hint", async (t) => {
    const { host, say, record } = await boot(t, { files })
    const { root, auth } = await explored({ host, say })
    const read = await record(idIn(auth), ({ files }) => files)
    assert.deepEqual(read.files, ["src/auth/token.rs"])
    const second = await say(root, fix())
    assert.match(second, /task_id: fix-the-token-refresh \(spawned: No session was named\.\)\nrelated: explore-token-refresh \(likely\)\. Give task_id "explore-token-refresh" to continue it\.\s*$/)
    assert.notEqual(idIn(second), idIn(auth))
    const named = await say(root, task("explorer", "Go on", "Go on.", "explore-token-refresh"))
    assert.equal(idIn(named), idIn(auth))
    const { hinted, hint_followed } = await record(idIn(auth), (record) => record.hint_followed)
    assert.deepEqual([hinted, hint_followed], [1, 1])
  })

  it("With auto_resume the session is resumed, and a fan-out resumes none", async (t) => {
    const { host, say } = await boot(t, { files, options: { auto_resume: 0.8 } })
    const { root, auth } = await explored({ host, say })
    const second = await say(root, fix())
    assert.match(second, /task_id: explore-token-refresh \(resumed: No session was named, and this one is the most likely follow-up\.\)/)
    assert.equal(idIn(second), idIn(auth))

    const other = await host.session()
    const member = (/** @type {string} */ name) => task("fixer", `Team member ${name}`, `You are ${name} of the team that migrates tokens in src/auth/token.rs.`).task
    const members = [{ tasks: ["one", "two", "three"].map(member) }, { say: "RESULTS {{results}}" }]
    const { text } = await host.prompt(other, script(...members))
    assert.equal(text.match(/\(spawned: /g)?.length, 3, text)
    assert.doesNotMatch(text, /related:|resumed/)
    assert.equal((await host.children(other)).length, 3)
  })
})
