// This package's names in places where nothing reads them. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { BOTH, found, machine } from "./doctor_machine.js"

/** What is said, with its level and line. @param {Record<string, string | object>} files */
const said = (files) => found(machine({ ...BOTH, ...files })).map(({ level, code, line, field, next }) => [`${level} ${code} ${line} ${field}`, next])

const PLUGIN = '"plugin": ["opencode-delegate"],\n'
const OPTION = (/** @type {string} */ name) => `Write it beside the package's name: "plugin": [["opencode-delegate", { "${name}": … }]].`

describe("A name in the wrong place", () => {
  it("Options and fields at the top level of opencode.json are named with their place", () => {
    assert.deepEqual(said({ "opencode.json": `{${PLUGIN}"max_depth": 2,\n"task_budget": 3,\n"opencode-delegate": {}, "model": "a/b", "colour": 1}` }), [
      ["advice misplaced 2 max_depth", OPTION("max_depth")],
      ["advice misplaced 3 task_budget", 'Write it on an agent: "agent": { "NAME": { "task_budget": … } }.'],
      ["advice misplaced 4 opencode-delegate", 'Write the options beside the package\'s name: "plugin": [["opencode-delegate", { … }]].'],
    ])
  })

  it("Options and fields of limits on an agent are named, in Markdown too", () => {
    const agent = { lead: { same_agent: "resume", max_steps: 3, max_cost: 1, maxSteps: 3, temperature: 1, options: { timeout_ms: 3 } } }
    const limit = (/** @type {string} */ name) => `Write it within limits: "limits": { "${name}": … }.`
    assert.deepEqual(said({ "opencode.json": `{${PLUGIN}"agent": ${JSON.stringify(agent)}}`, "agent/two.md": "---\ndescription: x\ntimeout_ms: 3\n---\n" }), [
      ["advice misplaced 2 lead.same_agent", OPTION("same_agent")], ["advice misplaced 2 lead.max_steps", limit("max_steps")], ["advice misplaced 2 lead.max_cost", limit("max_cost")],
      ["advice misplaced 3 two.timeout_ms", limit("timeout_ms")],
    ])
  })

  it("Fields under agents are named, since OpenCode 1 drops them", () => {
    assert.deepEqual(said({ "opencode.json": `{${PLUGIN}"agents": {"lead": {"mode": "subagent", "task_budget": 3}, "two": {"mode": "all"}, "three": 3}}` }), [["advice misplaced 2 lead.task_budget", 'Write the agent under "agent".']])
  })

  it("Options of the terminal half are named", () => {
    assert.deepEqual(said({ "tui.json": { plugin: [["opencode-delegate", { max_depth: 2 }]] } }), [["advice misplaced 3 plugin", 'Write them in the list "plugin" of opencode.json.']])
  })

  it("Many of them give five findings of a kind", () => {
    const agent = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`a${index}`, { same_agent: "resume" }]))
    assert.equal(said({ "opencode.json": { plugin: ["opencode-delegate"], agent } }).length, 5)
  })

  it("They are not named where this package is not listed", () => {
    const codes = found(machine({ "opencode.json": { plugin: ["acme"], max_depth: 2, agent: { lead: { same_agent: "x" } } } })).map(({ code }) => code)
    assert.deepEqual(codes, ["not_installed"])
  })
})
