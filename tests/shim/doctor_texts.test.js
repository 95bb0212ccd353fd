// The texts that the doctor reads and changes: front matter, and JSON with comments. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { AgentText } from "../../js/doctor/agent_text.js"
import { JsonText } from "../../js/doctor/json_text.js"
import { linesOf } from "../../js/doctor/lines.js"

describe("Front matter", () => {
  it("A field of front matter that is no YAML is read, and its line is known", () => {
    const text = new AgentText("a.md", "---\r\ndescription: Use: it\r\ntask_budget: 3 # calls\r\nfallback_models:\r\n  - acme/one\r\n---\r\nBody")
    assert.deepEqual([text.value("task_budget"), text.line("task_budget"), text.value("fallback_models")], [3, 3, ["acme/one"]])
  })

  /** @type {[string, string, unknown, string | undefined][]} */
  const VALUES = [
    ["A folded block", "a: >-\n  true\npermission: x", true, "a: true\npermission: x"], ["A literal block", "a: |\r\n  true\r\n\r\npermission: x", true, "a: true\r\n\r\npermission: x"],
    ["A last block", "a: |\n  true\n", true, "a: true\n"], ["A list", "a:\n  - 1\npermission: x", 1, "a:\n  1\npermission: x"], ["A value in quotes", "a: '3' # calls\nb: x", 3, "a: 3 # calls\nb: x"], ["A value with a mark for comments", "a: \"3 #\"\nb: x", 3, "a: 3\nb: x"],
    ["A list with a comment", "a:\n  - 1 # mine\nb: x", 1, undefined], ["A value with a tag", "a: !!str 3\nb: x", 3, undefined], ["A value that another field repeats", "a: &one \"3\"\nb: *one", 3, undefined], ["The same value", "a: 3", 3, undefined],
  ]
  for (const [what, was, value, is] of VALUES) {
    it(`${what} ${is ? "is replaced alone" : "is not replaced"}`, () => {
      const whole = (/** @type {string} */ front) => `---\n${front}\n---\nBody\n`
      assert.equal(new AgentText("a.md", whole(was)).withValue("a", value), is && whole(is))
    })
  }

  it("Front matter is read as YAML 1.1, with the truth values of OpenCode's reader", () => {
    const text = new AgentText("a.md", "---\na: 1_000\nb: 0b11\nc: 1:30\nd: yes\ne: True\n<<: { f: 1, a: 2 }\n---\n")
    assert.deepEqual(["a", "b", "c", "d", "e", "f"].map((name) => text.value(name)), [1000, 3, 90, "yes", true, 1])
    assert.deepEqual([text.withValue("f", 2), text.withName("f", "g"), text.line("f")], [undefined, undefined, undefined])
  })

  it("A value that holds itself, and a deep one, end nothing", () => {
    for (const other of ["&a [*a]", `\n${Array.from({ length: 5000 }, (_, depth) => `${" ".repeat(depth + 1)}a:`).join("\n")}`]) assert.equal(new AgentText("a.md", `---\nother: ${other}\ntask_budget: 2\n---\n`).value("task_budget"), 2)
  })

  it("Brackets in quotes are not nested", () => {
    assert.deepEqual(new AgentText("a.md", `---\na: "${"[".repeat(300)}"\n? b\n: 1\n---\n`).names, ["a", "b"])
  })

  it("A text without front matter, and one whose front matter is a list, have no fields", () => {
    for (const text of ["", "Body", "---\n- one\n---\n", "--- no\ntask_budget: 1\n", "\n---\ntask_budget: 1\n---\n"]) assert.deepEqual(new AgentText("a.md", text).names, [], text)
  })
})

describe("A JSON file with comments", () => {
  it("A value from a variable is read, and is not overwritten", () => {
    const text = new JsonText("a.json", '{ "a": "{env:A}", "b": "1" }', { A: "x" })
    assert.deepEqual([text.value, text.holds(["a"]), text.holds(["b"])], [{ a: "x", b: "1" }, false, true])
  })

  it("A file that only variables make valid is read, and cannot be edited", () => {
    const text = new JsonText("a.json", '{ "a": {env:A} }', { A: "1" })
    assert.deepEqual([text.value, text.isEditable], [{ a: 1 }, false])
  })

  it("A file or front matter that is nested too deeply ends nothing", () => {
    const deep = "[".repeat(200_000)
    assert.match(new JsonText("a.json", `{"a":${deep}`, {}).fault?.message ?? "", /nested too deeply/)
    for (const other of [deep, "- ".repeat(200_000)]) assert.equal(new AgentText("a.md", `---\ntask_budget: 2\nother: ${other}\n---\n`).value("task_budget"), 2)
  })

  it("Brackets in a text or a comment are not nested, and hide none that are", () => {
    assert.deepEqual(new JsonText("a.json", `{ "a": "${"[".repeat(300)}" /* ${"{".repeat(300)} */ }`, {}).fault, undefined)
    assert.match(new JsonText("a.json", `{ "a": "${"]".repeat(200_000)}", "b": ${"[".repeat(200_000)}`, {}).fault?.message ?? "", /nested too deeply/)
  })

  it("Of a repeated name the last value is changed, and the repetition is known", () => {
    const text = new JsonText("a.json", '{\n"plugin": ["a"],\n"plugin": ["b"] }', {})
    assert.deepEqual([text.repeated, text.line(["plugin", 0])], [[{ name: "plugin", line: 3 }], 3])
    assert.equal(text.withValue(["plugin", 0], "c"), '{\n"plugin": ["a"],\n"plugin": ["c"] }')
    assert.equal(text.withAdded("plugin", '"c"'), undefined)
  })

  it("A value that holds a comment is not replaced", () => {
    const text = new JsonText("a.json", '{ "a": [3 /* mine */], "b": [3] }', {})
    assert.deepEqual([text.withValue(["a"], 3), text.withValue(["b"], 3), text.withValue(["b"], [3])], [undefined, '{ "a": [3 /* mine */], "b": 3 }', undefined])
  })

  it("A place belongs to the line that it stands in", () => {
    const lineAt = linesOf("a\n\r\nb")
    assert.deepEqual([0, 1, 2, 3, 4, 5].map(lineAt), [1, 1, 2, 2, 3, 3])
  })

  /** @type {[string, string, number, string | undefined][]} text, index, and without it */
  const LISTS = [
    ["one line", '{"plugin":["a", "b", "c"]}', 1, '{"plugin":["a", "c"]}'],
    ["the first", '{"plugin":["a", "b"]}', 0, '{"plugin":["b"]}'],
    ["the last", '{"plugin":["a", "b"]}', 1, '{"plugin":["a"]}'],
    ["the only one", '{"plugin":["a"]}', 0, '{"plugin":[]}'],
    ["comments", '{\n  "plugin": [\n    // A.\n    "a", // a\n    // B.\n    "b", // b\n  ]\n}', 0, '{\n  "plugin": [\n    // A.\n    // a\n    // B.\n    "b", // b\n  ]\n}'],
    ["a comment within", '{\r\n\t"plugin": [\r\n\t\t["a", { /* mine */ "x": "{env:X}" }],\r\n\t\t"b" // b\r\n\t]\r\n}', 0, undefined],
  ]
  for (const [what, was, index, without] of LISTS) {
    it(`An entry of a list is removed: ${what}`, () => {
      const text = new JsonText("a.json", was, { X: "secret" })
      assert.equal(text.without("plugin", index), without)
    })
  }

  /** @type {[string, string | undefined][]} */
  const ADDED = [
    ["", '{\n  "plugin": [\n    "n"\n  ]\n}\n'], ['{\n  "a": 1, // y\n}', '{\n  "a": 1, // y\n  "plugin": ["n"],\n}'], ['{\n  "a": 1 // y\n}', '{\n  "a": 1, // y\n  "plugin": ["n"]\n}'],
    ['{"plugin":["a" /* c */]}', '{"plugin":["a", /* c */ "n"]}'], ['{"plugin":"a"}', undefined], ['{"plugin":null}', undefined], ["{", undefined],
  ]
  for (const [was, is] of ADDED) it(`An entry ${is === undefined ? "is not added" : "is added"} to ${JSON.stringify(was)}`, () => assert.equal(new JsonText("a.json", was, {}).withAdded("plugin", '"n"'), is))

  it("One entry takes the place of two, and keeps what both lines say", () => {
    const text = (/** @type {string} */ list) => new JsonText("a.json", `{"plugin":${list}}`, {})
    assert.equal(text('["slim", ["own", { /* x */ "a": "{env:X}" }], "z"]').withMerged("plugin", 1, 0, "both"), '{"plugin":[["both", { /* x */ "a": "{env:X}" }], "z"]}')
    assert.equal(text('["own", "slim"]').withMerged("plugin", 0, 1, "both"), '{"plugin":["both"]}')
    assert.equal(text('[["slim" /* theirs */], "own"]').withMerged("plugin", 1, 0, "both"), undefined)
  })

  it("A file that is no object has a fault", () => {
    for (const content of ["[]", "1", "{", '{"a":1}}', '{"a":"{file:./none}"}']) assert.ok(new JsonText("a.json", content, {}).fault, content)
    assert.equal(new JsonText("a.json", "", {}).fault, undefined)
  })
})
