// The plugin's settings: its options, and the agents of opencode.json and OpenCode. Runs under Node and Bun.

import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { describe, it } from "node:test"
import "../../js/engine.js"
import { AGENT_FIELDS, EXECUTORS, LIMITS, OPTIONS, Settings } from "../../js/core/index.js"
import { readConfig, unknownFields } from "../../js/opencode1/hooks/index.js"

const settings = (/** @type {Record<string, unknown>} */ options = {}) => new Settings(EXECUTORS, options)

describe("The executor of children", () => {
  /** @type {[string, boolean, Record<string, unknown>, string[]?][]} */
  const CASES = [
    ["This package runs the children by default", true, {}],
    ["This package runs the children under executor delegate", true, { executor: "delegate" }],
    ["OpenCode runs the children under executor host", false, { executor: "host" }],
    ["OpenCode runs the children if host is the only executor", false, {}, ["host"]],
    ["OpenCode runs the children if an option is invalid", false, { max_depth: -1 }],
    ["OpenCode runs the children if an option is unknown", false, { nonsense: true }],
    ["OpenCode runs the children if the executor is unknown", false, { executor: "delegate" }, ["host"]],
  ]
  for (const [what, delegates, options, executors = EXECUTORS] of CASES) {
    it(what, () => assert.equal(new Settings(executors, options).delegates, delegates))
  }

  it("OpenCode runs the children if opencode.json is invalid", () => {
    const given = settings()
    assert.throws(() => readConfig(given, { agent: { lead: { task_budget: -1 } } }), { code: "invalid_config" })
    assert.equal(given.delegates, false)
  })
})

describe("An unknown executor", () => {
  const error = { code: "invalid_config", field: "executor", message: /expected delegate or host, got "nobody"/ }
  it("An unknown executor is named when opencode.json is read", () => assert.throws(() => readConfig(settings({ executor: "nobody" }), {}), error))
  it("An unknown executor is named when the engine is created", () => assert.throws(() => settings({ executor: "nobody" }).engine([]), error))
})

describe("An option that does not exist", () => {
  /** What the plugin says at start, and what a model reads with a result. @param {Record<string, unknown>} options */
  const said = (options) => {
    const messages = [() => readConfig(settings(options), {}), () => settings(options).engine([])].map((read) => {
      try {
        read()
        return "nothing"
      } catch (error) {
        return /** @type {Error} */ (error).message
      }
    })
    assert.equal(messages[0], messages[1])
    return messages[0]
  }
  const no = (/** @type {string} */ name) => `field "${name}": there is no such option.`
  const list = `The options are: ${OPTIONS.join(", ")}.`
  /** @type {[string, Record<string, unknown>, string][]} */
  const CASES = [
    ["An option that is nearly executor is named with it", { excutor: "host" }, `${no("excutor")} Did you mean "executor"?`],
    ["An option that is nearly one of the engine's is named with it", { maxDepth: 2 }, `${no("maxDepth")} Did you mean "max_depth"?`],
    ["An option of four letters may lack one", { reac: "caller" }, `${no("reac")} Did you mean "reach"?`],
    ["An option with a mark after each letter is named without them", { "m.a.x.d.e.p.t.h": 2 }, `${no("m.a.x.d.e.p.t.h")} Did you mean "max_depth"?`],
    ["An option with three letters before its name is near to none", { xyzmax_depth: 2 }, `${no("xyzmax_depth")} ${list}`],
    ["An option that is near to none is named with all", { colour: "red" }, `${no("colour")} ${list}`],
    ["Several unknown options are named with one list", { colour: "red", excutor: "host", shape: 1 }, `${no("colour")} F${no("excutor").slice(1)} Did you mean "executor"? F${no("shape").slice(1)} ${list}`],
    ["Agents are no option, and the place of their fields is named", { agents: { lead: { task_budget: 1 } } }, `${no("agents")} Fields of agents stand in opencode.json under "agent".`],
    ...["task_budget", "callable_by_subagents", "fallback_models", "models"].map((name) => /** @type {[string, Record<string, unknown>, string]} */ (
      [`An agent's field ${name} among the options gets its place`, { [name]: 1 }, `${no(name)} It is a field of an agent: write it in opencode.json, "agent": { "NAME": { "${name}": … } }.`])),
    ["A misspelt field of an agent among the options gets its place", { taskBudget: 1 }, `${no("taskBudget")} It is a field of an agent: write it in opencode.json, "agent": { "NAME": { "task_budget": … } }.`],
    ["One agent among the options gets its place", { agent: { lead: {} } }, `${no("agent")} Fields of agents stand in opencode.json under "agent".`],
    ["A field of limits among the options gets its place", { max_steps: 3 }, `${no("max_steps")} It is a field of limits: write "limits": { "max_steps": … }.`],
    ["An unknown option and a wrong executor are both named", { max_deth: 1, executor: "nobody" }, `${no("max_deth")} Did you mean "max_depth"? Field "executor": expected delegate or host, got "nobody".`],
  ]
  for (const [what, options, message] of CASES) it(what, () => assert.equal(said(options), `Invalid configuration, ${message}`))

  it("An unknown option is named beside an option with a wrong value", () => {
    assert.throws(() => readConfig(settings({ excutor: "host", max_depth: -1 }), {}), { message: /^Invalid configuration, field "excutor": .*"executor"\? Field "max_depth": expected a whole number from 0 up, got -1\.$/ })
  })

  it("A misspelt field of limits is named with the one that was meant", () => {
    const meant = (/** @type {string} */ words) => ({ message: new RegExp(`the field is unknown; .* Did you mean ${words}\\?$`) })
    assert.throws(() => readConfig(settings({ limits: { max_step: 3 } }), {}), meant('"max_steps"'))
    assert.throws(() => readConfig(settings({ limits: { timeout: 3, maxcost: 1 } }), { agent: { lead: { limits: { maxSteps: 2 } } } }), meant('"max_cost", "max_steps"'))
    assert.throws(() => readConfig(settings({ limits: { colour: 3 } }), {}), (/** @type {Error} */ { message }) => !message.includes("Did you mean"))
  })

  it("The error of an unknown option has the code of the configuration and the option's name", () => {
    assert.throws(() => readConfig(settings({ colour: "red" }), {}), { code: "invalid_config", field: "colour" })
  })

  it("A long name is cut: a model reads it", () => assert.ok(said({ ["x".repeat(10_000)]: 1 }).length < 600))
})

describe("The permissions of children", () => {
  const strict = { child_permissions: "caller" }
  const error = { code: "invalid_config", field: "child_permissions", message: /expected "host" with executor "host", got "caller"/ }
  it("Executor delegate narrows children to their callers", () => {
    assert.equal(settings(strict).childPermissions, "caller")
    assert.equal(settings(strict).delegates, true)
  })
  it("Executor host refuses to narrow children", () => {
    assert.throws(() => readConfig(settings({ ...strict, executor: "host" }), {}), error)
    assert.throws(() => settings({ ...strict, executor: "host" }).engine([]), error)
  })
  it("A plugin that is composed with this package refuses to narrow children", () => {
    const given = settings(strict)
    given.useHost()
    assert.equal(given.delegates, false)
    assert.throws(() => readConfig(given, {}), error)
  })
  it("A host whose tool this package wraps narrows children to their callers", () => {
    const given = settings(strict)
    given.useHost({ narrows: true })
    assert.equal(given.delegates, false)
    readConfig(given, {})
    assert.equal(given.engine([]).child_permissions, "caller")
  })
  it("Limits of prompts that run at once have an effect where this package wraps the host's tool, and none where it does not", () => {
    const idle = [{ narrows: true }, {}].map((tool) => {
      const given = settings({ max_parallel: 2 })
      given.useHost(tool)
      return given.idle
    })
    assert.deepEqual(idle, [[], ["max_parallel"]])
  })
})

describe("An agent's fields", () => {
  /** @param {any} config @param {any[]} [known] */
  const agents = (config, known = []) => {
    const given = settings()
    readConfig(given, config)
    return given.engine(known).agents
  }
  const FIELDS = { task_budget: 2, callable_by_subagents: true, fallback_models: ["p/two"] }

  it("Only the package's fields are read from an agent", () => {
    assert.deepEqual(agents({ agent: { lead: { ...FIELDS, temperature: 1 } } }), { lead: FIELDS })
  })

  it("Fields among an agent's options are read and removed: OpenCode would send them to the model's provider", () => {
    const lead = { options: { ...FIELDS, temperature: 1 } }
    assert.deepEqual(agents({ agent: { lead } }), { lead: FIELDS })
    assert.deepEqual(lead.options, { temperature: 1 })
  })

  it("A field beside the options wins over one among them", () => {
    assert.deepEqual(agents({ agent: { lead: { task_budget: 2, options: { task_budget: 9 } } } }), { lead: { task_budget: 2 } })
  })

  it("A configuration without agents gives none", () => assert.deepEqual(agents({}), {}))

  it("An agent that is null has no fields", () => assert.deepEqual(agents({ agent: { lead: null } }), { lead: {} }))

  it("Fields are merged with OpenCode's agent, and dropped if OpenCode does not know the agent", () => {
    const rule = { permission: "task", pattern: "*", action: "deny" }
    const known = [{ name: "lead", mode: "subagent", permission: [{ ...rule, more: 1 }], options: { fallback_models: ["p/three"], temperature: 1 } }, { name: "fixer" }]
    assert.deepEqual(agents({ agent: { lead: { task_budget: 2 }, off: { disable: true, task_budget: 1 } } }, known), {
      lead: { mode: "subagent", permission: [rule], fallback_models: ["p/three"], task_budget: 2 },
      fixer: { mode: undefined, permission: undefined },
    })
  })
})

describe("What calls may ask for", () => {
  const LESS = { max_steps: 3 }
  /** @param {Record<string, any>} agent @param {Record<string, unknown>} [options] */
  const configured = (agent, options) => {
    const given = settings(options)
    readConfig(given, { agent })
    return given
  }

  it("Calls may ask for the models that an agent lists", () => {
    const agent = { fixer: { models: ["p/one", "q/two"] }, lead: { task_budget: 1 }, idle: { models: [] }, mapper: { options: { models: ["p/one"] } }, none: null }
    assert.deepEqual(configured(agent).models, [["fixer", ["p/one", "q/two"]], ["mapper", ["p/one"]]])
    assert.deepEqual(settings().models, [])
  })

  /** @type {[string, boolean, Record<string, any>, Record<string, unknown>?][]} */
  const LIMITED = [
    ["if an option limits prompts", true, {}, { limits: LESS }],
    ["if an option limits prompts, and an agent does not", true, { lead: {} }, { limits: LESS }],
    ["if one of the agents limits them", true, { lead: {}, fixer: { limits: LESS } }],
    ["if an option and all agents limit them", true, { fixer: { limits: LESS } }, { limits: LESS }],
    ["without agents", false, {}],
    ["if no agent limits them", false, { lead: { task_budget: 1 }, none: null }, { max_depth: 2 }],
  ]
  for (const [what, limited, agent, options] of LIMITED) {
    it(`Calls may ask for ${limited ? "less" : "no limits"} ${what}`, () => assert.equal(configured(agent, options).limited, limited))
  }
})

describe("A field of an agent that is nearly this package's", () => {
  const none = undefined
  const says = (/** @type {string} */ field, /** @type {string} */ of, /** @type {string} */ meant) => `opencode-delegate knows no field "${field}" (on ${of}). Did you mean "${meant}"?`
  /** @type {[string, any, string | undefined][]} */
  const CASES = [
    ["A field beside the agent's others is named", { lead: { task_buget: 2 } }, says("task_buget", '"lead"', "task_budget")],
    ["A field among the agent's options is named", { lead: { options: { taskBudget: 2 } } }, says("taskBudget", '"lead"', "task_budget")],
    ["A field that OpenCode has copied among the options is named once", { lead: { limts: {}, options: { limts: {} } } }, says("limts", '"lead"', "limits")],
    ["A field of several agents is named once", { lead: { limts: {} }, fixer: { limts: {} } }, says("limts", '"lead", "fixer"', "limits")],
    ["A field of five agents is named with all five", Object.fromEntries([0, 1, 2, 3, 4].map((at) => [`a${at}`, { limts: {} }])), says("limts", '"a0", "a1", "a2", "a3", "a4"', "limits")],
    ["A field of an agent with a very long name is named with the name's beginning", { ["x".repeat(900)]: { limts: {} } }, says("limts", `"${"x".repeat(80)}"`, "limits")],
    ["A field of very many agents is named with the first five", Object.fromEntries(Array.from({ length: 900 }, (_, at) => [`a${at}`, { limts: {} }])), says("limts", '"a0", "a1", "a2", "a3", "a4" and 895 more', "limits")],
    ["Several fields are each named", { lead: { limts: {}, task_buget: 2 } }, `${says("limts", '"lead"', "limits")} ${says("task_buget", '"lead"', "task_budget")}`],
    ["Five fields are each named", { lead: Object.fromEntries(["limts", "limit", "limitss", "limiits", "liimits"].map((field) => [field, 1])) }, ["limts", "limit", "limitss", "limiits", "liimits"].map((field) => says(field, '"lead"', "limits")).join(" ")],
    ["Of very many fields the first five are named", { lead: Object.fromEntries(["limts", "limit", "limitss", "task_buget", "taskBudget", "modls", "modelss"].map((field) => [field, 1])) }, `${["limts", "limit", "limitss"].map((field) => says(field, '"lead"', "limits")).join(" ")} ${["task_buget", "taskBudget"].map((field) => says(field, '"lead"', "task_budget")).join(" ")} There are 2 more of them.`],
    ["Fields of OpenCode, of a provider and of another plugin are not named", { lead: { model: "p/one", mode: "all", prompt: "Go.", options: { model: "p/two", effort: "high", skills: [] } } }, none],
    ["This package's own fields are not named", { lead: { task_budget: 2, limits: {}, options: { models: [] } } }, none],
    ["An agent that is null has no field to name", { lead: null }, none],
  ]
  for (const [what, agent, notice] of CASES) it(what, () => assert.equal(unknownFields({ agent }), notice))
  it("A configuration without agents has no field to name", () => assert.equal(unknownFields({}), none))
})

describe("The changes to opencode.json", () => {
  /** @param {any} config @param {Record<string, unknown>} [options] */
  const taken = (config, options) => {
    const given = settings(options)
    readConfig(given, config)
    return { config, depth: given.engine([]).max_depth }
  }
  const lead = (fields = {}) => ({ agent: { lead: { mode: "subagent", task_budget: 2, ...fields } } })

  it("A configuration without budgets stays unchanged", () => assert.deepEqual(taken({ agent: { lead: { mode: "subagent" } } }).config, { agent: { lead: { mode: "subagent" } } }))

  it("A budget raises the depth, and permits the task tool", () => {
    const { config, depth } = taken(lead())
    assert.equal(config.subagent_depth, 3)
    assert.equal(depth, 3)
    assert.equal(config.agent.lead.permission.task, "allow")
  })

  it("The max_depth option sets the depth", () => assert.equal(taken(lead(), { max_depth: 5 }).config.subagent_depth, 5))
  it("A depth in opencode.json stays", () => assert.equal(taken({ ...lead(), subagent_depth: 2 }).depth, 2))

  for (const [what, permission, expected] of /** @type {[string, any, any][]} */ ([
    ["keeps its other permissions", { edit: "deny" }, { edit: "deny", task: "allow" }],
    ["keeps its general permission", "ask", { "*": "ask", task: "ask" }],
    ["keeps its denial of the task tool", { task: "deny" }, { task: "deny" }],
  ])) it(`An agent with a budget ${what}`, () => assert.deepEqual(taken(lead({ permission })).config.agent.lead.permission, expected))

  it("Executor host leaves the depth to OpenCode", () => {
    assert.equal(taken({ ...lead(), subagent_depth: 2 }, { executor: "host" }).depth, undefined)
  })
})

describe("The fields of limits", () => {
  it("The shim knows each field of limits of the published schema", () => {
    const { properties, definitions } = JSON.parse(readFileSync(new URL("../../schema/options.json", import.meta.url), "utf8"))
    for (const { limits } of [properties, definitions.agent.properties]) assert.deepEqual(Object.keys(limits.properties), [...LIMITS])
  })
})

describe("The fields of an agent", () => {
  it("The shim takes each field of the engine's AgentConfig that OpenCode does not have itself", () => {
    const types = readFileSync(new URL("../../pkg/opencode_delegate_types.d.ts", import.meta.url), "utf8")
    const body = /export interface AgentConfig {([^]*?)\n}/.exec(types)?.[1] ?? ""
    const fields = [...body.matchAll(/^ {4}(\w+)\??:/gm)].map(([, field = ""]) => field)
    assert.deepEqual(fields.filter((field) => field !== "mode" && field !== "permission"), [...AGENT_FIELDS])
  })
})
