// Descriptions of plugins with delegation tools of their own: each field at fault is named at load. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import "../../js/engine.js"
import { withDelegation } from "../../js/compose.js"
import { composedServer } from "../../js/compose/compose.js"
import { checkDescription } from "../../js/compose/description.js"
import { readTools } from "../../js/compose/described_tools.js"
import { findToolBringer } from "../../js/core/index.js"
import { loadReported } from "../../js/compose/load.js"
import { OMO } from "../../js/compose/omo.js"
import { ORCHESTRATOR } from "../../js/compose/orchestrator.js"
import { SLIM_DESCRIPTION } from "../../js/compose/slim.js"
import { opencode } from "./opencode.js"

/** A copy of a description with a value in one place. @param {object} description @param {string} path @param {unknown} value */
function withValue(description, path, value) {
  const copy = structuredClone(description)
  const names = path.replaceAll(/\[(\d+)\]/g, ".$1").split(".")
  const last = /** @type {string} */ (names.pop())
  names.reduce((/** @type {any} */ at, name) => at[name], copy)[last] = value
  return copy
}

/** The paths of all fields of a value. @param {unknown} value @param {string} [at] @returns {string[]} */
const paths = (value, at = "") =>
  typeof value !== "object" || value === null
    ? [at]
    : [...(at ? [at] : []), ...Object.entries(value).flatMap(([name, item]) => paths(item, Array.isArray(value) ? `${at}[${name}]` : at ? `${at}.${name}` : name))]

describe("A description", () => {
  for (const description of [OMO, ORCHESTRATOR, SLIM_DESCRIPTION]) {
    it(`The description of ${description.plugin} holds`, () => assert.equal(checkDescription(description), description))

    for (const path of paths(description)) {
      it(`The description of ${description.plugin} is refused by the name of ${path} if that is wrong`, () => {
        const message = new RegExp(`^Invalid description, field "${path.replaceAll(/[.[\]]/g, "\\$&")}": expected `)
        assert.throws(() => withDelegation(async () => ({}), {}, /** @type {any} */ (withValue(description, path, true))), { code: "invalid_config", field: path, message })
      })
    }
  }

  it("A field that is missing is named", () => {
    const { session: _, ...tool } = OMO.tools.task
    assert.throws(() => checkDescription(/** @type {any} */ ({ plugin: "x", tools: { task: tool } })), { field: "tools.task.session", message: 'Invalid description, field "tools.task.session": it is missing.' })
    assert.throws(() => checkDescription(/** @type {any} */ ({})), { field: "plugin" })
  })

  it("A field that does not exist is named", () => {
    assert.throws(() => checkDescription(/** @type {any} */ ({ plugin: "x", tolls: {} })), { field: "tolls", message: /expected one of the fields plugin, tested, tools/ })
  })

  it("A field without a value is as one that is not there", () => {
    const description = { plugin: "x", title: undefined, tools: undefined }
    assert.equal(checkDescription(description), description)
  })

  it("A plugin needs none", async () => {
    const field = {}
    for (const none of /** @type {any[]} */ ([undefined, null])) {
      const hooks = await /** @type {any} */ (withDelegation(async () => ({ field }), {}, none))(opencode().input)
      assert.equal(hooks.field, field)
    }
  })

  /** A description that is wrong, and its fault. @type {[string, any, string, string][]} */
  const FAULTS = [
    ["a text", "x", "description", 'expected an object, got "x"'],
    ["a list", [], "description", "expected an object, got []"],
    ["tools that are null", { plugin: "x", tools: null }, "tools", "expected an object, got null"],
    ["a value that JSON cannot say", { plugin: "x", title: () => {} }, "title", "expected a text, got undefined"],
    ["a long value", { plugin: "x", swallows_ms: "5".repeat(200) }, "swallows_ms", `expected a number of milliseconds, got "${"5".repeat(79)}`],
    ["milliseconds below 0", { plugin: "x", rests_ms: -1 }, "rests_ms", "expected a number of milliseconds, got -1"],
    ["a part of a millisecond", { plugin: "x", rests_ms: 0.5 }, "rests_ms", "expected a number of milliseconds, got 0.5"],
    ["a word that is none of two", { plugin: "x", nesting: "both" }, "nesting", 'expected plugin or engine, got "both"'],
    ["a pattern with an open end", { plugin: "x", refuses_new: "No\\" }, "refuses_new", 'expected a pattern, got "No\\\\"'],
    ["a pattern without its group", { plugin: "x", title: "x|" }, "title", 'expected a pattern with 1 group, got "x|"'],
  ]
  for (const [what, description, field, message] of FAULTS) {
    it(`The fault is named: ${what}`, () => {
      assert.throws(() => checkDescription(description), { code: "invalid_config", field, message: `Invalid description, field "${field}": ${message}.` })
    })
  }

  it("A plugin may take no time at all", () => assert.ok(checkDescription({ plugin: "x", swallows_ms: 0, rests_ms: 0 })))

  it("A pattern that is none, and one without its groups, are named", () => {
    assert.throws(() => checkDescription({ ...OMO, title: "(" }), { field: "title", message: /expected a pattern, got "\("/ })
    assert.throws(() => checkDescription({ ...OMO, title: "x" }), { field: "title", message: /expected a pattern with 1 group,/ })
    assert.throws(() => checkDescription({ plugin: "x", nicknames: { metadata: "m", line: "(x)" } }), { field: "nicknames.line", message: /with 2 groups/ })
    assert.throws(() => checkDescription(/** @type {any} */ (withValue(OMO, "tools.task.child", {}))), { field: "tools.task.child", message: /expected metadata or text/ })
  })
})

describe("A list of plugins", () => {
  /** @type {[string, unknown, string | undefined][]} */
  const CASES = [
    ["a name", ["other", "oh-my-openagent"], "oh-my-openagent"],
    ["a name with a version and options", [["oh-my-opencode@4.19.4", {}]], "oh-my-opencode"],
    ["a file", ["file:///home/me/node_modules/opencode-orchestrator/dist/index.js"], "opencode-orchestrator"],
    ["a file in Windows", ["C:\\me\\oh-my-openagent\\dist\\index.js"], "oh-my-openagent"],
    ["slim, whose name begins alike", ["oh-my-opencode-slim", "opencode-delegate"], undefined],
    ["the entry for both", ["./node_modules/opencode-delegate/omo", "./node_modules/opencode-delegate/orchestrator"], undefined],
    ["no list", { a: 1 }, undefined],
  ]
  for (const [what, list, expected] of CASES) {
    it(`A plugin with tools of its own is found in a list of plugins: ${what}`, () => assert.equal(findToolBringer(list)?.plugin, expected))
  }
})

describe("A plugin that is loaded by its name", () => {
  /** The messages that a person hears. @param {import("../../js/compose/description.js").Description} description */
  async function heard(description) {
    const said = /** @type {string[]} */ ([])
    const say = (/** @type {string} */ message) => void said.push(message)
    await loadReported({ alarm: say, warn: say }, description)
    return said
  }

  it("Another version than the tested one is said, and the tested one is not", async () => {
    assert.deepEqual(await heard(SLIM_DESCRIPTION), [])
    assert.match((await heard({ ...SLIM_DESCRIPTION, tested: "0.0.1" })).join(), /^This is oh-my-opencode-slim 2\.2\.24; opencode-delegate is tested with 0\.0\.1\./)
  })

  const named = { plugin: new URL("./named_plugin.js", import.meta.url).href, tools: { hand_over: { session: "resume", agent: "to", child: { metadata: "child" } } } }

  it("The plugin gets OpenCode's input, with a client that the engine follows, and its hooks are composed", async () => {
    const { input } = opencode()
    const { given, ...hooks } = /** @type {any} */ (await composedServer(named)(input))
    assert.deepEqual([given.directory, typeof given.client.session.get, given.client === input.client], ["/", "function", false])
    assert.deepEqual(Object.keys(given), Object.keys(input))
    assert.deepEqual([Object.keys(hooks.tool), typeof hooks["tool.execute.before"]], [["hand_over"], "function"])
  })

  it("The plugin does not get what its description withholds, and gets all else", async () => {
    const { input } = opencode()
    const { given } = /** @type {any} */ (await composedServer({ ...named, withheld: ["serverUrl"] })({ ...input, serverUrl: new URL("http://localhost"), project: { id: "p" } }))
    assert.deepEqual({ ...given, client: 0 }, { ...input, client: 0, serverUrl: undefined, project: { id: "p" } })
  })

  it("A plugin that is missing leaves the engine its hooks, and the log says so", async (t) => {
    t.mock.method(console, "error", () => {})
    const { input, done } = opencode()
    const hooks = /** @type {any} */ (await composedServer({ plugin: "no-such-agents", tested: "1.0.0" })(input))
    const definition = { description: "Delegates", jsonSchema: { properties: { task_id: {} } } }
    await hooks["tool.definition"]({ toolID: "task" }, definition)
    assert.match(definition.description, /Every subagent session has a name/)
    assert.match(String(done), /error,no-such-agents could not be loaded: /)
  })

  it("A plugin that is not installed is said, with the remedy", async () => {
    assert.match((await heard({ ...OMO, plugin: "no-such-agents" })).join(), /no-such-agents could not be loaded: [^]*Install it there: npm install no-such-agents@4\.19\.4/)
  })
})

describe("A described tool", () => {
  const tool = /** @type {import("../../js/opencode1/index.js").PluginTool} */ (readTools(OMO).get("task"))

  it("A stand-in is read as its agent, and a call without a description gets the first words of its prompt", () => {
    assert.deepEqual(tool.read({ category: "quick", prompt: "Mend all of the code" }), { agent: "Sisyphus-Junior", description: "Mend all of the", described: false, prompt: "Mend all of the code", task_id: undefined, background: false, permission: "task" })
    assert.equal(tool.read({ subagent_type: "explore", prompt: "" }).agent, "explore")
  })

  it("A session is written into the parameters, or taken from them", () => {
    assert.deepEqual(tool.write({ task_id: "a-name", prompt: "Go." }, "ses_a"), { task_id: "ses_a", prompt: "Go." })
    assert.deepEqual(tool.write({ task_id: "a-name", prompt: "Go." }, undefined), { prompt: "Go." })
  })

  it("A new session of an agent is written unless only a stand-in can name that agent", () => {
    assert.deepEqual(tool.writeNew({ task_id: "x", prompt: "Go." }, "explore"), { prompt: "Go.", subagent_type: "explore" })
    assert.deepEqual(tool.writeNew({ task_id: "x", prompt: "Go.", category: "quick" }, "Sisyphus-Junior"), { prompt: "Go.", category: "quick" })
    assert.equal(tool.writeNew({ task_id: "x", prompt: "Go." }, "Sisyphus-Junior"), undefined)
  })

  it("A child is found in the metadata, or else in the text", () => {
    const text = "Task completed\n<task_metadata>\nsession_id: ses_b\n"
    assert.equal(tool.child({ text, metadata: { sessionId: "ses_a" } }), "ses_a")
    assert.equal(tool.child({ text, metadata: {} }), "ses_b")
    assert.equal(tool.child({ text: "Task completed", metadata: {} }), undefined)
  })

  it("A word that a plugin publishes before its child exists is no child", () => assert.equal(tool.child({ text: "", metadata: { sessionId: "pending" } }), undefined))

  it("The child's own words in a call that waited are no task", () => {
    const text = "Task completed\nI launched Background Task ID: bg_1234\n"
    assert.equal(tool.task({ text, metadata: {} }, false), undefined)
    assert.equal(tool.task({ text: "Background Task ID: bg_1234", metadata: {} }, true), "bg_1234")
    assert.equal(tool.task({ text, metadata: { backgroundTaskId: "bg_9" } }, false), "bg_9")
  })

  it("A task is over by its own status, not by a line of its prompt", () => {
    const over = new RegExp(OMO.readers.background_output.over)
    const status = (/** @type {string} */ word) => `| Status | **${word}** |`
    for (const [word, expected] of /** @type {const} */ ([["pending", false], ["running", false], ["cancelled", true], ["error", true], ["interrupt", true]])) {
      const shown = `# Task Status\n\n| Field | Value |\n|-------|-------|\n| Agent | explore |\n${status(word)}\n\n## Original Prompt\n\n${status("cancelled")}`
      assert.equal(over.test(shown), expected, word)
    }
    assert.equal(over.test(`The answer of a task\n${status("cancelled")}`), false)
  })

  it("A title of a model's making is read in one pass", () => {
    const [, description, agent] = new RegExp(OMO.title).exec("Mend (@all) (@explore subagent)") ?? []
    assert.deepEqual([description, agent], ["Mend (@all)", "explore"])
    assert.equal(new RegExp(OMO.title).test(" (@".repeat(32_000)), false)
  })
})
