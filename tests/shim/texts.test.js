// The texts about sessions for people and models: the table, the diagram, titles, results. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import "../../js/engine.js"
import { denial, ended, output, started, summaryGuide, title, verdict } from "../../js/core/texts/index.js"
import { diagram, table } from "../../js/core/texts/session_tree.js"

const NOW = 1_000_000_000

/** @param {Record<string, unknown>} fields @returns {any} a session with these fields, and defaults for the others */
const session = (fields) => ({ parentID: "r", depth: 1, description: "", status: "idle", lastUsed: NOW, tokens: 0, window: 0, budget: 0, used: 0, waiting: 0, ...fields })

const ROOT = session({ id: "r", parentID: undefined, depth: 0 })

/** The cells of a session's row. @param {Record<string, unknown>} fields */
const row = (fields) => table([ROOT, session({ id: "a", slug: "auth", ...fields })], NOW).split("\n")[2]

describe("A session's row", () => {
  /** The session's fields, and its row. @type {[string, Record<string, unknown>, string][]} */
  const CASES = [
    ["A row has the agent, the age, the tokens and the budget", { agent: "fixer", lastUsed: NOW - 5_000, tokens: 50, window: 200, budget: 3, used: 1 }, "| auth | fixer | idle | 5 s | 50 (25 %) | 1/3 |"],
    ["A row leaves unknown fields empty", {}, "| auth |  | idle | 0 s | 0 | - |"],
    ["A row has the id of a session without a name", { slug: undefined }, "| a |  | idle | 0 s | 0 | - |"],
    ["A row has no negative age", { lastUsed: NOW + 9_000 }, "| auth |  | idle | 0 s | 0 | - |"],
    ["A row counts seconds up to a minute", { lastUsed: NOW - 59_000 }, "| auth |  | idle | 59 s | 0 | - |"],
    ["A row counts minutes up to an hour", { lastUsed: NOW - 60_000 }, "| auth |  | idle | 1 min | 0 | - |"],
    ["A row counts hours up to a day", { lastUsed: NOW - 3_600_000 }, "| auth |  | idle | 1 h | 0 | - |"],
    ["A row counts days from one day", { lastUsed: NOW - 86_400_000 }, "| auth |  | idle | 1 d | 0 | - |"],
    ["A busy session is running", { status: "busy" }, "| auth |  | running | 0 s | 0 | - |"],
    ["A session that OpenCode retries is retrying", { status: "retry" }, "| auth |  | retrying | 0 s | 0 | - |"],
    ["A session with an unsent prompt is waiting", { prompt: "created" }, "| auth |  | waiting | 0 s | 0 | - |"],
    ["A session with a sent prompt is running", { prompt: "sent" }, "| auth |  | running | 0 s | 0 | - |"],
    ["A busy session with an unsent prompt is running", { prompt: "created", status: "busy" }, "| auth |  | running | 0 s | 0 | - |"],
    ["A running session counts its waiting prompts", { status: "busy", waiting: 2 }, "| auth |  | running +2 waiting | 0 s | 0 | - |"],
    ["A waiting session counts its other waiting prompts", { prompt: "created", waiting: 1 }, "| auth |  | waiting +1 waiting | 0 s | 0 | - |"],
    ["A row has the state of the last task", { task: { state: "lost", id: "bg_1" } }, "| auth |  | lost (bg_1) | 0 s | 0 | - |"],
  ]
  for (const [what, fields, expected] of CASES) it(what, () => assert.equal(row(fields), expected))
})

describe("The sessions of a root", () => {
  const SESSIONS = [ROOT, session({ id: "a" }), session({ id: "b", agent: "fixer" }), session({ id: "c", slug: "deep", parentID: "a", depth: 2 })]

  it("The table has each session under its parent", () => {
    const lines = table(SESSIONS, NOW).split("\n")
    assert.deepEqual(lines.slice(0, 2), ["| task_id | agent | state | last used | tokens | budget |", "|---|---|---|---|---|---|"])
    assert.deepEqual(lines.slice(2).map((line) => line.split(" | ")[0]), ["| a", "|   deep", "| b"])
  })

  it("A root without sessions gives a sentence", () => assert.equal(table([ROOT], NOW), "There is no subagent session yet."))

  it("The diagram has each session below its parent", () => {
    assert.deepEqual(diagram(SESSIONS).split("\n"), [
      "flowchart TD", '  s0["root"]', '  s0 --> s1["a<br>idle"]', '  s0 --> s2["b<br>fixer<br>idle"]', '  s1 --> s3["deep<br>idle"]',
    ])
  })

  it("The diagram escapes names, and draws a session without its deleted parent", () => {
    const [, root, child] = diagram([{ ...ROOT, agent: "build" }, session({ id: "a", agent: 'a "b"', parentID: "gone" })]).split("\n")
    assert.deepEqual([root, child], ['  s0["root<br>build"]', '  s1["a<br>a #quot;b#quot;<br>idle"]'])
  })
})

describe("A title", () => {
  /** @type {[any, string, string][]} */
  const CASES = [
    ["spawn", "explore-auth", "Explore auth · spawned"],
    ["resume", "explore-auth", "Explore auth · resumed"],
    ["compact", "explore-auth", "Explore auth · summarised and resumed"],
    ["join", "map", "Explore auth · map resumed"],
  ]
  for (const [action, name, expected] of CASES) it(`A title says ${action} of ${name}`, () => assert.equal(title("Explore auth", action, name), expected))
})

describe("The lines below a result", () => {
  const other = { sessionID: "ses_1", slug: "map", agent: "fixer", description: "Map it", confidence: 0, lastUsed: 0 }
  const decision = { action: "spawn", sessionID: "ses_d", rule: "R12", reason: "It is new.", ticket: "t", slug: "auth", candidates: [] }

  /** @type {[string, object, string | undefined, string][]} */
  const CASES = [
    ["A result line has the name and the reason", {}, undefined, "task_id: auth (spawned: It is new.)"],
    ["A notice follows the result line", { notice: "Did you mean aunt?" }, undefined, "task_id: auth (spawned: It is new.)\nDid you mean aunt?"],
    ["A failed summary follows the result line", {}, "It was not summarised.", "task_id: auth (spawned: It is new.)\nIt was not summarised."],
    ["A spawned session lists the candidates", { candidates: [other] }, undefined, "task_id: auth (spawned: It is new.)\nCould have been resumed instead:\n- map (fixer): Map it"],
    ["A resumed session lists no candidates", { action: "resume", candidates: [other] }, undefined, "task_id: auth (resumed: It is new.)"],
  ]
  for (const [what, fields, trouble, expected] of CASES) it(what, () => assert.equal(verdict(/** @type {any} */ ({ ...decision, ...fields }), "auth", trouble), expected))

  it("A denial has its message and the candidates", () => {
    const denied = /** @type {any} */ ({ action: "deny", message: "No.", candidates: [] })
    assert.equal(denial(denied), "No.")
    const bare = { ...other, slug: undefined, agent: undefined }
    assert.equal(denial({ ...denied, candidates: [other, bare] }), "No.\nSessions that can be resumed:\n- map (fixer): Map it\n- ses_1 (any agent): Map it")
  })
})

describe("A result", () => {
  it("A result has the form of OpenCode's own tool", () => {
    assert.equal(output({ sessionID: "ses_1", state: "completed", text: "Done." }), '<task id="ses_1" state="completed">\n<task_result>\nDone.\n</task_result>\n</task>')
    assert.equal(output({ sessionID: "ses_1", state: "error", summary: "It", text: "No." }), '<task id="ses_1" state="error">\n<summary>It</summary>\n<task_error>\nNo.\n</task_error>\n</task>')
  })

  it("A background result names its task and the prompts ahead of it", () => {
    for (const [behind, expected] of /** @type {[number, string][]} */ ([[0, "bg_1 started<"], [1, "bg_1 waits behind 1 prompt<"], [2, "bg_1 waits behind 2 prompts<"]])) {
      assert.ok(started("ses_1", "bg_1", behind).startsWith(`<task id="ses_1" state="running">\n<summary>Background task ${expected}/summary>\n<task_result>\n`))
    }
  })
})

describe("A delivered background result", () => {
  const task = { sessionID: "ses_1", task_id: "auth", taskID: "bg_1", state: "idle", notices: [], lost: false, gone: false }
  const KEPT = "task_id: auth (its session is kept: give this task_id to go on with it)"

  /** The task's fields, its summary, its text, and the lines below. @type {[string, Partial<Parameters<typeof ended>[0]>, string, RegExp, string[]][]} */
  const CASES = [
    ["A completed task gives its answer", { answer: { text: "Done." } }, "is completed", /^<task_result>\nDone\.\n/, ["task_id: auth"]],
    ["A failed tool gives its error", { answer: { error: "No file." } }, "failed", /^<task_error>\nNo file\.\n/, [KEPT]],
    ["An ended task without an answer says so", {}, "has ended", /^<task_error>\nIts answer is no longer/, [KEPT]],
    ["A failed task gives its message", { state: "failed", message: "429" }, "failed", /^<task_error>\n429\n/, [KEPT]],
    ["A failed task without a message says so", { state: "failed" }, "failed", /^<task_error>\nIt failed\.\n/, [KEPT]],
    ["A cancelled task says so", { state: "cancelled", message: "x" }, "was cancelled", /^<task_error>\nSomebody ended it/, [KEPT]],
    ["A lost task names its dead process", { state: "failed", lost: true }, "was lost", /^<task_error>\nThe process that ran it/, [KEPT]],
    ["A lost task of a deleted session offers no name", { state: "failed", lost: true, gone: true }, "was lost", /^<task_error>\nIts session was deleted/, []],
    ["A completed task of a deleted session gives its answer without a name", { answer: { text: "Done." }, gone: true }, "is completed", /^<task_result>\nDone\.\n/, []],
    ["A completed task adds its notices", { answer: { text: "Done." }, notices: ["Another model was asked."] }, "is completed", /^<task_result>/, ["task_id: auth", "Another model was asked."]],
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

it("A summary lists every session that can be resumed", () => {
  const [, ...lines] = summaryGuide([{ slug: "auth", agent: "fixer", description: "Mend it" }, { slug: "map", description: "Map it" }]).split("\n")
  assert.deepEqual(lines, ["- auth (fixer): Mend it", "- map (any agent): Map it"])
})
