// The texts of delegations for people and models: each through the wasm, and the lists of sessions. Runs under Node and Bun.

import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { describe, it } from "node:test"
import { DelegateError, Engine, wording } from "../../js/engine.js"
import { besidePlugin, callEnded, callerEnded, childTitle, denial, ended, endedBelow, failed, goOn, modelGuide, noAnswer, notSummarised, output, reloaded, sessionGone, started, subagentOutput, summaryGuide, title, twoSessions, undecidedSubagent, verdict, waited } from "../../js/core/texts/index.js"

/** The table of texts that the tests of the crate read too. */
const TABLE = JSON.parse(readFileSync(new URL("../unit/wording.json", import.meta.url), "utf8"))

describe("The texts of the shared table", () => {
  assert.ok(TABLE.texts.length > 0 && TABLE.errors.length > 0)
  for (const { name, given, text } of TABLE.texts) it(name, () => assert.equal(wording(given), text))
  for (const { name, given, field, message } of TABLE.errors) {
    it(name, () => assert.throws(() => wording(given), (/** @type {any} */ error) => {
      assert.ok(error instanceof DelegateError)
      assert.deepEqual([error.code, error.field], ["invalid_request", field])
      return error.message.includes(message)
    }))
  }
})

describe("The sessions of a root", () => {
  const NOW = 1_000_000_000

  /** An engine with a root, and sessions below it. @param {Record<string, any>[]} sessions */
  function listed(...sessions) {
    const engine = new Engine()
    for (const { at = NOW, status, usage, ...session } of [{ id: "r" }, ...sessions]) {
      engine.apply({ type: "session.created", now: at, session: /** @type {any} */ ({ parentID: session.id === "r" ? undefined : "r", description: session.id, ...session }) })
      if (usage) engine.apply({ type: "session.usage", now: at, sessionID: session.id, tokens: usage[0], window: usage[1] })
      if (status) engine.apply({ type: "session.status", now: at, sessionID: session.id, status })
    }
    return engine
  }

  /** The fields of a session, and its row. @type {[string, Record<string, unknown>, string][]} */
  const ROWS = [
    ["A row has the agent, the age, the tokens and the budget", { agent: "fixer", at: NOW - 5_000, usage: [50, 200], record: { v: 2, slug: "auth", agent: "fixer", budget: 3, used: 1, tasks: [] } }, "| auth | fixer | idle | 5 s | 50 (25 %) | 1/3 |"],
    ["A row leaves unknown fields empty", { slug: "auth" }, "| auth |  | idle | 0 s | 0 | - |"],
    ["A row has no negative age", { slug: "auth", at: NOW + 9_000 }, "| auth |  | idle | 0 s | 0 | - |"],
    ["A row counts minutes up to an hour", { slug: "auth", at: NOW - 60_000 }, "| auth |  | idle | 1 min | 0 | - |"],
    ["A busy session is running", { slug: "auth", status: "busy" }, "| auth |  | running | 0 s | 0 | - |"],
    ["A session that OpenCode retries is retrying", { slug: "auth", status: "retry" }, "| auth |  | retrying | 0 s | 0 | - |"],
  ]
  for (const [what, fields, expected] of ROWS) it(what, () => assert.equal(listed({ id: "a", ...fields }).list("r", {}, NOW).split("\n")[2], expected))

  const SESSIONS = [{ id: "a" }, { id: "b", agent: "fixer" }, { id: "c", slug: "deep", parentID: "a" }]

  it("The table has each session under its parent", () => {
    const lines = listed(...SESSIONS).list("r", {}, NOW).split("\n")
    assert.deepEqual(lines.slice(0, 2), ["| task_id | agent | state | last used | tokens | budget |", "|---|---|---|---|---|---|"])
    assert.deepEqual(lines.slice(2).map((line) => line.split(" | ")[0]), ["| a", "|   deep", "| b"])
  })

  it("A root without sessions gives a sentence, and so does an unknown root", () => {
    for (const root of ["r", "ses_unknown"]) assert.equal(listed().list(root, {}, NOW), "There is no subagent session yet.")
  })

  it("The diagram has each session below its parent", () => {
    assert.deepEqual(listed(...SESSIONS).list("r", { mermaid: true }, NOW).split("\n"), [
      "flowchart TD", '  s0["root"]', '  s0 --> s1["a<br>idle"]', '  s0 --> s2["b<br>fixer<br>idle"]', '  s1 --> s3["deep<br>idle"]',
    ])
  })

  it("The diagram keeps the quotes of names in their box", () => {
    const [, , child] = listed({ id: "a", agent: 'a "b"' }).list("r", { mermaid: true }, NOW).split("\n")
    assert.equal(child, `  s0 --> s1["a<br>a 'b'<br>idle"]`)
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

  it("A title does not repeat a name that differs in its Unicode form alone", () => {
    assert.equal(title("Cafe\u0301", "spawn", "caf\u00e9"), "Caf\u00e9 · spawned")
  })

  it("A child's title names its agent", () => assert.equal(childTitle("Explore auth", "explorer"), "Explore auth (@explorer subagent)"))
})

describe("The lines below a result", () => {
  const other = { sessionID: "ses_1", slug: "map", agent: "fixer", description: "Map it", confidence: 0, lastUsed: 0 }
  const decision = { action: "spawn", sessionID: "ses_d", rule: "R12", reason: "It is new.", ticket: "t", slug: "auth", candidates: [] }

  /** @type {[string, object, string | undefined, string][]} */
  const CASES = [
    ["A result line has the name and the reason", {}, undefined, "task_id: auth (spawned: It is new.)"],
    ["A notice follows the result line", { notice: "Did you mean aunt?" }, undefined, "task_id: auth (spawned: It is new.)\nDid you mean aunt?"],
    ["A failed summary follows the result line", {}, "It was not summarised.", "task_id: auth (spawned: It is new.)\nIt was not summarised."],
    ["A spawned session lists no candidates", { candidates: [other] }, undefined, "task_id: auth (spawned: It is new.)"],
    ["A resumed session lists no candidates", { action: "resume", candidates: [other] }, undefined, "task_id: auth (resumed: It is new.)"],
  ]
  for (const [what, fields, trouble, expected] of CASES) it(what, () => assert.equal(verdict(/** @type {any} */ ({ ...decision, ...fields }), "auth", trouble), expected))

  it("A denial has its message and the candidates", () => {
    const denied = /** @type {any} */ ({ action: "deny", message: "No.", candidates: [] })
    assert.equal(denial(denied), "No.")
    const bare = { ...other, slug: undefined, agent: undefined }
    assert.equal(denial({ ...denied, candidates: [other, bare] }), "No.\nSessions that can be resumed:\n- map (\"fixer\"): \"Map it\"\n- ses_1 (any agent): \"Map it\"")
  })
})

describe("A result", () => {
  it("A result has the form of OpenCode's own tool", () => {
    assert.equal(output({ sessionID: "ses_1", state: "completed", text: "Done." }), '<task id="ses_1" state="completed">\n<task_result>\nDone.\n</task_result>\n</task>')
    assert.equal(output({ sessionID: "ses_1", state: "error", text: "No." }), '<task id="ses_1" state="error">\n<task_error>\nNo.\n</task_error>\n</task>')
  })

  it("A background result names its task and the prompts ahead of it", () => {
    for (const [behind, expected] of /** @type {[number, string][]} */ ([[0, "bg_1 started<"], [1, "bg_1 waits behind 1 prompt<"], [2, "bg_1 waits behind 2 prompts<"]])) {
      assert.ok(started("ses_1", "bg_1", behind).startsWith(`<task id="ses_1" state="running">\n<summary>Background task ${expected}/summary>\n<task_result>\n`))
    }
  })
})

/** @type {[string, () => string, RegExp][]} */
const WITH_DATA = [
  ["A warning names the other plugin and the entry for both", () => besidePlugin("theirs", "./both"), /^theirs has delegation tools of its own,.* list "\.\/both" /],
  ["A session is asked to go on from its last answer", goOn, /^Your last answer did not come to its end\. Go on /],
  ["A refusal names the two sessions of one call", () => twoSessions("auth", "ses_1"), /^The task_id "auth" and the sessionID ses_1 name different sessions\./],
  ["A result of OpenCode 2 stands in a block of its own", () => subagentOutput({ sessionID: "ses_1", text: "Done." }), /^<subagent sessionID="ses_1" state="completed">\nDone\.\n<\/subagent>$/],
]
for (const [what, text, expected] of WITH_DATA) it(what, () => assert.match(text(), expected))

describe("A delivered background result", () => {
  const task = { sessionID: "ses_1", task_id: "auth", taskID: "bg_1", state: "idle", notices: [], lost: false, gone: false }
  const KEPT = "task_id: auth (its session is kept: give this task_id to go on with it)"

  /** The task's fields, its summary, its text, and the lines below. @type {[string, Partial<Parameters<typeof ended>[0]>, string, RegExp, string[]][]} */
  const CASES = [
    ["A completed task gives its answer", { answer: { text: "Done." } }, "is completed", /^<task_result>\nDone\.\n/, ["task_id: auth"]],
    ["A failed tool gives its error", { answer: { error: "No file." } }, "failed", /^<task_error>\nNo file\.\n/, [KEPT]],
    ["An ended task without an answer says so", {}, "has ended", /^<task_error>\nIts session holds no answer\.\n/, [KEPT]],
    ["A failed task gives its message", { state: "failed", message: "429" }, "failed", /^<task_error>\n429\n/, [KEPT]],
    ["A failed task without a message says so", { state: "failed" }, "failed", /^<task_error>\nIt failed\.\n/, [KEPT]],
    ["A cancelled task says so", { state: "cancelled", message: "x" }, "was cancelled", /^<task_error>\nIt was cancelled before it gave an answer\.\n/, [KEPT]],
    ["A lost task names its dead process", { state: "failed", lost: true }, "was lost", /^<task_error>\nIts process ended before it gave an answer\.\n/, [KEPT]],
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

describe("A call without an answer", () => {
  const prompt = { sessionID: "ses_1", task_id: "auth", state: "idle", notices: ["Another model was asked."] }
  const BELOW = "\ntask_id: auth (its session is kept: give this task_id to go on with it)\nAnother model was asked."

  /** The prompt's fields, and the text. @type {[string, Partial<Parameters<typeof failed>[0]>, string][]} */
  const CASES = [
    ["A failed tool gives its error", { answer: { error: "No file." } }, `Subagent failed (task_id: ses_1): No file.${BELOW}`],
    ["A failed prompt gives its message", { state: "failed", message: "429" }, `Subagent failed (task_id: ses_1): 429${BELOW}`],
    ["A prompt without a message has a sentence", {}, `Subagent failed (task_id: ses_1): It gave no answer.${BELOW}`],
    ["A cancelled prompt names its session", { state: "cancelled" }, `Task cancelled${BELOW}`],
    ["A prompt of a deleted session offers no name", { state: "deleted" }, "Task cancelled: its session was deleted. Call again to start a new one."],
  ]
  for (const [what, fields, expected] of CASES) it(what, () => assert.equal(failed({ ...prompt, ...fields }), expected))
})

it("Each refusal without data has a sentence", () => {
  assert.deepEqual([reloaded(), sessionGone(), callEnded(), callerEnded(), noAnswer(), notSummarised("429"), undecidedSubagent("429"), waited()], [
    "OpenCode reloaded this plugin during the call. Call again.",
    "The session of this task is gone. Call again without its task_id to start a new one.",
    "The call ended before its session was created. Call again.",
    "The calling session has ended its turn.",
    "OpenCode gave no answer.",
    "Its context could not be summarised, so it was resumed as it is: 429",
    "A subagent's call that cannot be decided is denied: 429",
    "\"opencode run\" ends with its turn, so this call did not go to the background and waited for its result.",
  ])
})

it("A notice of a subagent's task names the task and its caller", () => {
  assert.match(endedBelow({ task_id: "tests", description: "Find tests", caller: "lead", state: "idle", lost: false }), /^Background task "Find tests" \(task_id "tests"\) of "lead" has ended: completed\./)
})

it("A summary names delegate_list only to a model that has it", () => {
  const sessions = Array.from({ length: 300 }, (_, at) => ({ slug: `mend-${at}`, description: "Mend it" }))
  assert.match(summaryGuide(sessions, true), /older, which delegate_list shows/)
  for (const lists of [false, undefined]) assert.match(summaryGuide(sessions, lists), /older(?!, which)/)
})

it("The models of agents are listed up to 600 characters", () => {
  const guide = (/** @type {number} */ length) => modelGuide([["a", ["m".repeat(length - 3)]]])
  assert.ok(guide(600).includes(`a: ${"m".repeat(597)}.`))
  assert.match(guide(601), /A denial names them\.$/)
})

it("A summary lists every session that can be resumed", () => {
  const [, ...lines] = summaryGuide([{ slug: "auth", agent: "fixer", description: "Mend it" }, { slug: "map", description: "Map it" }]).split("\n")
  assert.deepEqual(lines, ['- auth ("fixer"): "Mend it"', '- map (any agent): "Map it"'])
})
