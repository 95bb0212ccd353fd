// What OpenCode refuses in a valid file, and what the doctor says and corrects there. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { repair } from "../../js/doctor/repair.js"
import { BOTH, codes, found, machine } from "./doctor_machine.js"

describe("A refused file", () => {
  it("What OpenCode refuses in a list of plugins is named with its line and the next step", () => {
    /** @type {[string, RegExp, RegExp][]} */
    const cases = [
      ['["opencode-delegate",\n{ "max_depth": 2 }]', /an object stands in the list itself/, /^Write the name "opencode-delegate" and its options in brackets of their own: /],
      ['[\n["opencode-delegate", { "max_depth": 2 }, { "same_agent": "resume" }]]', /more than a name and one object of options/, /^Write all options in one object: /],
      ['[\n["opencode-delegate", ["max_depth", 2]]]', /the options of an entry are no object/, /^Write them in braces: /],
      ['[\n["opencode-delegate"]]', /an entry in brackets has no options/, /^Write the name without brackets\.$/],
      ['["opencode-delegate",\n3]', /neither a name nor a list/, /^Write a name, /],
      ['["opencode-delegate",\n[]]', /does not begin with the name of a plugin/, /^Write it as /],
    ]
    for (const [plugin, message, next] of cases) {
      for (const file of ["opencode.json", "tui.json"]) {
        const all = found(machine({ ...BOTH, [file]: `{"plugin": ${plugin}}` }))
        const [finding, ...more] = all.filter(({ code }) => code === "invalid_entry")
        assert.deepEqual([finding?.level, finding?.line, more], ["fault", 2, []], plugin)
        assert.match(finding.message, message)
        assert.ok(finding.message.startsWith(`OpenCode 1 ${file === "tui.json" ? "skips" : "refuses"} this file: `), finding.message)
        assert.match(finding.next, next)
      }
    }
  })

  it("A value in the place of an agent is named, and a field of an agent gets its place", () => {
    for (const kind of ["agent", "mode"]) {
      const [field, other] = found(machine({ ...BOTH, "opencode.json": `{"plugin": ["opencode-delegate"],\n"${kind}": { "task_budget": 3,\n"lead": null } }` }))
      assert.deepEqual([field.level, field.code, field.line, field.field], ["fault", "invalid_agent", 2, `${kind}.task_budget`])
      assert.equal(field.next, `Write the field on an agent: "${kind}": { "NAME": { "task_budget": … } }.`)
      assert.deepEqual([other.line, other.next], [3, "Write the fields of the agent in braces."])
    }
    assert.deepEqual(codes(machine({ ...BOTH, "opencode.json": { plugin: ["opencode-delegate"], agent: [] } })), ["invalid_agent"])
  })

  it("Options that stand behind the name go into one entry with it, and comments stay", () => {
    const on = machine({ ...BOTH, "opencode.json": '{"plugin": ["acme",\n  "opencode-delegate", // ours\n  { "max_depth": 2 }, // deep\n]}' })
    assert.deepEqual(repair(on).map(({ change }) => change), ['join "opencode-delegate" and the options behind it into one entry'])
    assert.equal(on.text("opencode.json"), '{"plugin": ["acme",\n  ["opencode-delegate", // ours\n  { "max_depth": 2 }], // deep\n]}')
    assert.deepEqual(codes(on), [])
  })

  it("Options that may be another entry's are not joined", () => {
    for (const plugin of [["acme", { a: 1 }], ["opencode-delegate", { max_depth: 2 }, { same_agent: "resume" }], [{ max_depth: 2 }, "opencode-delegate"]]) {
      const on = machine({ ...BOTH, "opencode.json": { plugin } })
      assert.ok(codes(on).includes("invalid_entry"))
      assert.deepEqual(repair(on), [], JSON.stringify(plugin))
    }
  })
})
