// What people and models are shown of sessions: the table, the diagram, titles, results. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import "../../js/engine.js"
import { denial, ended, output, started, summaryGuide, title, verdict } from "../../js/core/texts/index.js"
import { diagram, table } from "../../js/core/texts/session_tree.js"

const NOW = 1_000_000_000

/** @param {Record<string, unknown>} fields @returns {any} a session of which nothing but these is remarkable */
const session = (fields) => ({ parentID: "r", depth: 1, description: "", status: "idle", lastUsed: NOW, tokens: 0, window: 0, budget: 0, used: 0, waiting: 0, ...fields })

const ROOT = session({ id: "r", parentID: undefined, depth: 0 })

/** The cells of a session's row. @param {Record<string, unknown>} fields */
const row = (fields) => table([ROOT, session({ id: "a", slug: "auth", ...fields })], NOW).split("\n")[2]

describe("a session's row", () => {
  /** What the session is, and its row. @type {[string, Record<string, unknown>, string][]} */
  const CASES = [
    ["says who, how long ago and what was spent", { agent: "fixer", lastUsed: NOW - 5_000, tokens: 50, window: 200, budget: 3, used: 1 }, "| auth | fixer | idle | 5 s | 50 (25 %) | 1/3 |"],
    ["leaves out what nobody knows", {}, "| auth |  | idle | 0 s | 0 | - |"],
    ["has the id of what has no name", { slug: undefined }, "| a |  | idle | 0 s | 0 | - |"],
    ["knows no age below nothing", { lastUsed: NOW + 9_000 }, "| auth |  | idle | 0 s | 0 | - |"],
    ["tells seconds up to a minute", { lastUsed: NOW - 59_000 }, "| auth |  | idle | 59 s | 0 | - |"],
    ["tells minutes from one", { lastUsed: NOW - 60_000 }, "| auth |  | idle | 1 min | 0 | - |"],
    ["tells hours from one", { lastUsed: NOW - 3_600_000 }, "| auth |  | idle | 1 h | 0 | - |"],
    ["tells days from one", { lastUsed: NOW - 86_400_000 }, "| auth |  | idle | 1 d | 0 | - |"],
    ["says that it runs", { status: "busy" }, "| auth |  | running | 0 s | 0 | - |"],
    ["says that OpenCode tries again", { status: "retry" }, "| auth |  | retrying | 0 s | 0 | - |"],
    ["says that its prompt is yet to be sent", { prompt: "created" }, "| auth |  | waiting | 0 s | 0 | - |"],
    ["says that it runs before OpenCode does", { prompt: "sent" }, "| auth |  | running | 0 s | 0 | - |"],
    ["says that it runs where another prompt waits", { prompt: "created", status: "busy" }, "| auth |  | running | 0 s | 0 | - |"],
    ["counts what waits", { status: "busy", waiting: 2 }, "| auth |  | running +2 waiting | 0 s | 0 | - |"],
    ["counts what waits behind what waits", { prompt: "created", waiting: 1 }, "| auth |  | waiting +1 waiting | 0 s | 0 | - |"],
    ["says what its last task came to", { task: { state: "lost", id: "bg_1" } }, "| auth |  | lost (bg_1) | 0 s | 0 | - |"],
  ]
  for (const [what, fields, expected] of CASES) it(what, () => assert.equal(row(fields), expected))
})

describe("the sessions of a root", () => {
  const SESSIONS = [ROOT, session({ id: "a" }), session({ id: "b", agent: "fixer" }), session({ id: "c", slug: "deep", parentID: "a", depth: 2 })]

  it("stand in a table, each under its parent", () => {
    const lines = table(SESSIONS, NOW).split("\n")
    assert.deepEqual(lines.slice(0, 2), ["| task_id | agent | state | last used | tokens | budget |", "|---|---|---|---|---|---|"])
    assert.deepEqual(lines.slice(2).map((line) => line.split(" | ")[0]), ["| a", "|   deep", "| b"])
  })

  it("are said to be none where there are none", () => assert.equal(table([ROOT], NOW), "There is no subagent session yet."))

  it("stand in a diagram, each below its parent", () => {
    assert.deepEqual(diagram(SESSIONS).split("\n"), [
      "flowchart TD", '  s0["root"]', '  s0 --> s1["a<br>idle"]', '  s0 --> s2["b<br>fixer<br>idle"]', '  s1 --> s3["deep<br>idle"]',
    ])
  })

  it("stand in a diagram that no name breaks, without a parent that is gone", () => {
    const [, root, child] = diagram([{ ...ROOT, agent: "build" }, session({ id: "a", agent: 'a "b"', parentID: "gone" })]).split("\n")
    assert.deepEqual([root, child], ['  s0["root<br>build"]', '  s1["a<br>a #quot;b#quot;<br>idle"]'])
  })
})

describe("a title", () => {
  /** @type {[any, string, string][]} */
  const CASES = [
    ["spawn", "explore-auth", "Explore auth · spawned"],
    ["resume", "explore-auth", "Explore auth · resumed"],
    ["compact", "explore-auth", "Explore auth · summarised and resumed"],
    ["join", "map", "Explore auth · map resumed"],
  ]
  for (const [action, name, expected] of CASES) it(`says ${action} of ${name}`, () => assert.equal(title("Explore auth", action, name), expected))
})

describe("below a result stands", () => {
  const other = { sessionID: "ses_1", slug: "map", agent: "fixer", description: "Map it", confidence: 0, lastUsed: 0 }
  const decision = { action: "spawn", sessionID: "ses_d", rule: "R12", reason: "It is new.", ticket: "t", slug: "auth", candidates: [] }

  /** @type {[string, object, string | undefined, string][]} */
  const CASES = [
    ["the name, and why", {}, undefined, "task_id: auth (spawned: It is new.)"],
    ["what is to be known beside", { notice: "Did you mean aunt?" }, undefined, "task_id: auth (spawned: It is new.)\nDid you mean aunt?"],
    ["what went wrong", {}, "It was not summarised.", "task_id: auth (spawned: It is new.)\nIt was not summarised."],
    ["what could have been resumed by a new one", { candidates: [other] }, undefined, "task_id: auth (spawned: It is new.)\nCould have been resumed instead:\n- map (fixer): Map it"],
    ["nothing of others by one that was resumed", { action: "resume", candidates: [other] }, undefined, "task_id: auth (resumed: It is new.)"],
  ]
  for (const [what, fields, trouble, expected] of CASES) it(what, () => assert.equal(verdict(/** @type {any} */ ({ ...decision, ...fields }), "auth", trouble), expected))

  it("nothing by a denial but its message, and what could be resumed", () => {
    const denied = /** @type {any} */ ({ action: "deny", message: "No.", candidates: [] })
    assert.equal(denial(denied), "No.")
    const bare = { ...other, slug: undefined, agent: undefined }
    assert.equal(denial({ ...denied, candidates: [other, bare] }), "No.\nSessions that can be resumed:\n- map (fixer): Map it\n- ses_1 (any agent): Map it")
  })
})

describe("a result", () => {
  it("is as OpenCode's own tool writes it", () => {
    assert.equal(output({ sessionID: "ses_1", state: "completed", text: "Done." }), '<task id="ses_1" state="completed">\n<task_result>\nDone.\n</task_result>\n</task>')
    assert.equal(output({ sessionID: "ses_1", state: "error", summary: "It", text: "No." }), '<task id="ses_1" state="error">\n<summary>It</summary>\n<task_error>\nNo.\n</task_error>\n</task>')
  })

  it("that is yet to come is told so, and what it waits for", () => {
    for (const [behind, expected] of /** @type {[number, string][]} */ ([[0, "bg_1 started<"], [1, "bg_1 waits behind 1 prompt<"], [2, "bg_1 waits behind 2 prompts<"]])) {
      assert.ok(started("ses_1", "bg_1", behind).startsWith(`<task id="ses_1" state="running">\n<summary>Background task ${expected}/summary>\n<task_result>\n`))
    }
  })
})

describe("of a background task a caller is told", () => {
  const task = { sessionID: "ses_1", task_id: "auth", taskID: "bg_1", state: "idle", notices: [], lost: false, gone: false }
  const KEPT = "task_id: auth (its session is kept: give this task_id to go on with it)"

  /** What is known of it, its summary, what is said in it, and the lines below. @type {[string, Partial<Parameters<typeof ended>[0]>, string, RegExp, string[]][]} */
  const CASES = [
    ["its answer", { answer: { text: "Done." } }, "is completed", /^<task_result>\nDone\.\n/, ["task_id: auth"]],
    ["that it failed, and with what", { answer: { error: "No file." } }, "failed", /^<task_error>\nNo file\.\n/, [KEPT]],
    ["that nothing is left of its answer", {}, "has ended", /^<task_error>\nIts session no longer holds the answer\.\n/, [KEPT]],
    ["why it came to no answer", { state: "failed", message: "429" }, "failed", /^<task_error>\n429\n/, [KEPT]],
    ["that it failed where nobody knows why", { state: "failed" }, "failed", /^<task_error>\nIt failed\.\n/, [KEPT]],
    ["that somebody ended it", { state: "cancelled", message: "x" }, "was cancelled", /^<task_error>\nIt was cancelled before it gave an answer\.\n/, [KEPT]],
    ["that its process is gone", { state: "failed", lost: true }, "was lost", /^<task_error>\nIts process ended before it gave an answer\.\n/, [KEPT]],
    ["that its session is gone, which nobody can go on with", { state: "failed", lost: true, gone: true }, "was lost", /^<task_error>\nIts session was deleted/, []],
    ["its answer where its session is gone since", { answer: { text: "Done." }, gone: true }, "is completed", /^<task_result>\nDone\.\n/, []],
    ["what went on meanwhile", { answer: { text: "Done." }, notices: ["Another model was asked."] }, "is completed", /^<task_result>/, ["task_id: auth", "Another model was asked."]],
  ]
  for (const [what, fields, summary, said, below] of CASES) {
    it(what, () => {
      const [above, after] = ended({ ...task, ...fields }).split("\n</task>")
      const state = summary === "is completed" ? "completed" : "error"
      const head = `<task id="ses_1" state="${state}">\n<summary>Background task bg_1 ${summary}</summary>\n`
      assert.ok(above.startsWith(head), above)
      assert.match(above.slice(head.length), said)
      assert.deepEqual(after.split("\n").slice(1), below)
    })
  }
})

it("a summary keeps every session that can be resumed", () => {
  const [, ...lines] = summaryGuide([{ slug: "auth", agent: "fixer", description: "Mend it" }, { slug: "map", description: "Map it" }]).split("\n")
  assert.deepEqual(lines, ["- auth (fixer): Mend it", "- map (any agent): Map it"])
})
