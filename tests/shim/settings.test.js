// What the plugin goes by: its options, and what opencode.json and OpenCode say of the agents. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import "../../js/engine.js"
import { EXECUTORS, Settings } from "../../js/core/index.js"
import { readConfig } from "../../js/opencode1/hooks/index.js"

const settings = (/** @type {Record<string, unknown>} */ options = {}) => new Settings(EXECUTORS, options)

describe("the children are run", () => {
  /** @type {[string, boolean, Record<string, unknown>, string[]?][]} */
  const CASES = [
    ["by this package", true, {}],
    ["by this package where that is asked for", true, { executor: "delegate" }],
    ["by OpenCode where that is asked for", false, { executor: "host" }],
    ["by OpenCode where there is nobody else", false, {}, ["host"]],
    ["by OpenCode with an option that is wrong", false, { max_depth: -1 }],
    ["by OpenCode with an option that there is none of", false, { nonsense: true }],
    ["by OpenCode with an executor that there is none of", false, { executor: "delegate" }, ["host"]],
  ]
  for (const [what, delegates, options, executors = EXECUTORS] of CASES) {
    it(what, () => assert.equal(new Settings(executors, options).delegates, delegates))
  }

  it("by OpenCode once opencode.json turns out to be wrong", () => {
    const given = settings()
    assert.throws(() => readConfig(given, { agent: { lead: { task_budget: -1 } } }), { code: "invalid_config" })
    assert.equal(given.delegates, false)
  })
})

describe("an executor that there is none of", () => {
  const error = { code: "invalid_config", field: "executor", message: /expected delegate or host, got "nobody"/ }
  it("is named when opencode.json is read", () => assert.throws(() => readConfig(settings({ executor: "nobody" }), {}), error))
  it("is named when the engine is made", () => assert.throws(() => settings({ executor: "nobody" }).engine([]), error))
})

describe("an agent's fields", () => {
  /** @param {any} config @param {any[]} [known] */
  const agents = (config, known = []) => {
    const given = settings()
    readConfig(given, config)
    return given.engine(known).agents
  }
  const FIELDS = { task_budget: 2, callable_by_subagents: true, fallback_models: ["p/two"] }

  it("are read where they stand, and no other is", () => {
    assert.deepEqual(agents({ agent: { lead: { ...FIELDS, temperature: 1 } } }), { lead: FIELDS })
  })

  it("are read among the options too, and taken out: OpenCode would send them to the model's provider", () => {
    const lead = { options: { ...FIELDS, temperature: 1 } }
    assert.deepEqual(agents({ agent: { lead } }), { lead: FIELDS })
    assert.deepEqual(lead.options, { temperature: 1 })
  })

  it("count more beside the options than among them", () => {
    assert.deepEqual(agents({ agent: { lead: { task_budget: 2, options: { task_budget: 9 } } } }), { lead: { task_budget: 2 } })
  })

  it("are none where there is no agent", () => assert.deepEqual(agents({}), {}))

  it("are none of an agent that is nothing", () => assert.deepEqual(agents({ agent: { lead: null } }), { lead: {} }))

  it("go with what OpenCode knows of it, and are nobody's that it does not know", () => {
    const rule = { permission: "task", pattern: "*", action: "deny" }
    const known = [{ name: "lead", mode: "subagent", permission: [{ ...rule, more: 1 }], options: { fallback_models: ["p/three"], temperature: 1 } }, { name: "fixer" }]
    assert.deepEqual(agents({ agent: { lead: { task_budget: 2 }, off: { disable: true, task_budget: 1 } } }, known), {
      lead: { mode: "subagent", permission: [rule], fallback_models: ["p/three"], task_budget: 2 },
      fixer: { mode: undefined, permission: undefined },
    })
  })
})

describe("that agents with a budget can delegate, opencode.json gets", () => {
  /** @param {any} config @param {Record<string, unknown>} [options] */
  const taken = (config, options) => {
    const given = settings(options)
    readConfig(given, config)
    return { config, depth: given.engine([]).max_depth }
  }
  const lead = (fields = {}) => ({ agent: { lead: { mode: "subagent", task_budget: 2, ...fields } } })

  it("nothing where nobody has one", () => assert.deepEqual(taken({ agent: { lead: { mode: "subagent" } } }).config, { agent: { lead: { mode: "subagent" } } }))

  it("the depth, and the permission of each", () => {
    const { config, depth } = taken(lead())
    assert.equal(config.subagent_depth, 3)
    assert.equal(depth, 3)
    assert.equal(config.agent.lead.permission.task, "allow")
  })

  it("the depth of the options", () => assert.equal(taken(lead(), { max_depth: 5 }).config.subagent_depth, 5))
  it("no depth where it has one, which holds", () => assert.equal(taken({ ...lead(), subagent_depth: 2 }).depth, 2))

  for (const [what, permission, expected] of /** @type {[string, any, any][]} */ ([
    ["beside what else is allowed", { edit: "deny" }, { edit: "deny", task: "allow" }],
    ["beside what is allowed at large", "ask", { "*": "ask", task: "ask" }],
    ["not where it is denied", { task: "deny" }, { task: "deny" }],
  ])) it(`the permission ${what}`, () => assert.deepEqual(taken(lead({ permission })).config.agent.lead.permission, expected))

  it("no depth that the engine is to look at where OpenCode looks at it", () => {
    assert.equal(taken({ ...lead(), subagent_depth: 2 }, { executor: "host" }).depth, undefined)
  })
})
