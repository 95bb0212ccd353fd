// The results that a caller and its user read, in the real OpenCode.

import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import { NO_SUMMARY, script } from "../host/model.js"
import { EXECUTOR, OPENCODE2, boot, idIn, task } from "./fixture.js"

/** @type {Awaited<ReturnType<typeof boot>>} */
let world
const ends = /** @type {(() => Promise<void>)[]} */ ([])
before(async () => void (world = await boot({ after: (/** @type {() => Promise<void>} */ end) => void ends.push(end) }, { own: true, limit: OPENCODE2 ? undefined : { context: 10_000, output: 1_000 } })))
after(() => Promise.all(ends.map((end) => end())))

const secret = (/** @type {string} */ word) => [{ say: `SECRET=${word}` }]
const recall = [{ say: "recalled {{recall /SECRET=(\\w+)/}}" }]

/** Why this package summarises no session, for the `skip` of a test. */
const SUMMARISES = OPENCODE2 && "OpenCode 2 summarises a session by itself"

describe("A result", () => {
  it("A result keeps OpenCode's text and adds the name, the action and the reason", async () => {
    const { host, say } = world
    const root = await host.session()
    const first = await say(root, task("explorer", "Explore auth", secret("kumquat")))
    const own = OPENCODE2 ? /^<subagent sessionID="ses_\w+" state="completed">\nSECRET=kumquat\n<\/subagent>$/ : /^<task id="ses_\w+" state="completed">\n<task_result>\nSECRET=kumquat\n<\/task_result>\n<\/task>$/
    const [theirs, line] = first.split(/\n(?=task_id: )/)
    assert.match(theirs, own)
    assert.equal(line, "task_id: explore-auth (spawned: No session was named.)")
    const next = await say(root, task("explorer", "Go on", recall, "explore-auth"))
    assert.match(next, OPENCODE2 ? /<\/subagent>\ntask_id: explore-auth \(resumed: The task_id names this session\.\)$/ : /<\/task>\ntask_id: explore-auth \(resumed: The task_id names this session\.\)$/)
  })

  it("A result shows the action in its title", async () => {
    const { host, say, calls } = world
    const root = await host.session()
    await say(root, task("explorer", "Explore auth"))
    await say(root, task("explorer", "Explore auth", "More.", "explore-auth"), task("explorer", "Check it", "More.", "last"))
    assert.deepEqual((await calls(root)).map(({ state }) => state.title), [
      "Explore auth · spawned",
      "Explore auth · resumed",
      "Check it · explore-auth resumed",
    ])
  })

  it("A result points out a name that is nearly one in use", async () => {
    const { host, say } = world
    const root = await host.session()
    await say(root, task("explorer", "Explore", "Go.", "explore-auth"))
    const result = await say(root, task("explorer", "Explore", "Go.", "explore-auht"))
    assert.match(result, /task_id: explore-auht \(spawned: [^]*If you meant "explore-auth", that one can be resumed/)
  })

  it("A result says that a full session was summarised before it was resumed", { skip: SUMMARISES }, async () => {
    const { host, say, model, record } = world
    const root = await host.session()
    const id = idIn(await say(root, task("explorer", "Explore", [{ say: "SECRET=kumquat", usage: 8_900 }], "explore")))
    await record(id, (kept) => kept?.tokens > 8_000)
    model.clear()
    const result = await say(root, task("explorer", "Go on", recall, "explore"))
    assert.match(result, /recalled kumquat[^]*task_id: explore \(summarised and resumed: The named session's context is nearly full/)
    assert.deepEqual(model.requests.filter(({ sessionID }) => sessionID === id).map(({ kind }) => kind), ["summary", "chat"])
  })
})

describe("A summary that fails", () => {
  it("A failed summary is reported, and the session is resumed unchanged", { skip: SUMMARISES }, async () => {
    const { host, say, record } = world
    const root = await host.session()
    const id = idIn(await say(root, task("explorer", "Explore", [{ say: `SECRET=kumquat ${NO_SUMMARY}`, usage: 8_100 }], "explore")))
    await record(id, (kept) => kept?.tokens > 8_000)
    const result = await say(root, task("explorer", "Go on", recall, "explore"))
    assert.match(result, /recalled kumquat[^]*task_id: explore \(summarised and resumed: [^]*Its context could not be summarised, so it was resumed as it is/)
  })
})

describe("An error", () => {
  it("An error names the session, and the caller can resume it", async () => {
    const { host, say, calls } = world
    const root = await host.session()
    const failing = task("explorer", "Explore", [{ say: "SECRET=kumquat" }], "explore")
    await say(root, failing)
    const failed = await say(root, task("explorer", "Fail", [{ fail: { status: 400 } }, { say: "never" }], "explore"))
    assert.match(failed, OPENCODE2 ? /^Subagent failed \(sessionID: ses_\w+\): scripted failure\ntask_id: explore \(its session is kept: / : /^Subagent failed \(task_id: ses_\w+\): scripted failure\ntask_id: explore \(its session is kept: /)
    assert.match(await say(root, task("explorer", "Go on", recall, "explore")), /recalled kumquat/)
    const [, { state }] = await calls(root)
    assert.match(state.error, /\ntask_id: explore \(/, "OpenCode stores the text that the model reads")
    const id = idIn(await say(root, task("explorer", "Id", "Go.", "explore")))
    // OpenCode's own tool gets the session's id. This package's own tool gets the model's task_id.
    assert.equal(state.input.task_id, EXECUTOR === "host" ? id : "explore")
  })

  it("The error of a cancelled child names the child", async () => {
    const { host, say, model } = world
    const root = await host.session()
    const asked = say(root, task("explorer", "Explore", [{ gate: "cancelled", say: "never" }], "slow"))
    await model.reached("cancelled")
    const [{ id }] = await host.children(root)
    await host.abort(id)
    assert.match(await asked, OPENCODE2 ? /^Subagent cancelled \(sessionID: ses_\w+\)\ntask_id: slow \(its session is kept: / : /^Task cancelled\ntask_id: slow \(its session is kept: /)
    assert.match(await say(root, task("explorer", "Go on", [{ say: "here again" }], "slow")), /here again[^]*task_id: slow \(resumed: /)
  })

  it("A call that the user aborts leaves a session that can be resumed", async () => {
    const { host, say, model } = world
    const root = await host.session()
    const asked = host.prompt(root, script(task("explorer", "Explore", [{ gate: "aborted", say: "never" }], "slow"))).catch(() => {})
    await model.reached("aborted")
    await host.abort(root)
    await asked
    const again = await say(root, task("explorer", "Go on", [{ say: "here again" }], "slow"))
    assert.match(again, /here again[^]*task_id: slow \(resumed: The task_id names/)
  })
})

describe("The prompt cache", () => {
  it("Each message is sent again to the byte, with the model's own task_id", async () => {
    const { host, say, model } = world
    const root = await host.session()
    model.clear()
    await say(root, task("explorer", "Explore", secret("kumquat"), "Explore Auth"), task("explorer", "Go on", recall, "explore auth"))
    await say(root, task("explorer", "Fail", [{ fail: { status: 400 } }], "explore-auth"), task("explorer", "Odd", "Go.", "?!"))
    await say(root, task("explorer", "Last", recall, "last"))
    // By now OpenCode has stored the text that the model read.
    await new Promise((resolve) => setTimeout(resolve, 500))
    await say(root, task("explorer", "Last", recall, "last"))
    await host.restart()
    await say(root, task("explorer", "After a restart", recall, "explore-auth"))
    const sent = model.requests.filter(({ kind, sessionID }) => kind === "chat" && sessionID === root).map(({ body }) => body.messages)
    assert.ok(sent.length >= 12, `${sent.length} requests`)
    for (const [index, messages] of sent.entries()) {
      const before = sent[index - 1] ?? []
      assert.deepEqual(messages.slice(0, before.length).map((message) => JSON.stringify(message)), before.map((message) => JSON.stringify(message)))
    }
    const asked = sent.at(-1)?.flatMap(({ tool_calls = [] }) => tool_calls).map((call) => JSON.parse(/** @type {any} */ (call).function.arguments).task_id)
    assert.deepEqual(asked?.slice(0, 2), ["Explore Auth", "explore auth"])
    assert.equal(asked?.[3], "?!")
    assert.deepEqual(asked?.slice(4), ["last", "last", "explore-auth"])
  })
})
