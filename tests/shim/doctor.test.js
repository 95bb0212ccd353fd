// The doctor's findings and corrections, without a host. Runs under Node and Bun.

import assert from "node:assert/strict"
import { execFileSync, spawnSync } from "node:child_process"
import { chmodSync, existsSync, linkSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, it } from "node:test"
import { fileURLToPath } from "node:url"
import { EXECUTORS, AGENT_FIELDS as FIELDS, OPTIONS as NAMES, nearest } from "../../js/core/index.js"
import { findings } from "../../js/doctor/findings.js"
import { named } from "../../js/doctor/packages.js"
import { filesIn } from "../../js/doctor/places.js"
import { AGENT_FIELDS, OPTIONS, obvious } from "../../js/doctor/remedies.js"
import { repair } from "../../js/doctor/repair.js"
import { readFile } from "../../js/doctor/read_file.js"
import { shown } from "../../js/doctor/shown.js"
import { survey } from "../../js/doctor/survey.js"
import { writeFile } from "../../js/doctor/write_file.js"
import { OLDEST, lossNotice } from "../../js/opencode1/sync/index.js"
import { BOTH, codes, folder, found, machine, manifest, published } from "./doctor_machine.js"

describe("The published schema", () => {
  it("The schema has the options and the fields that the plugin takes", () => {
    assert.deepEqual(Object.keys(AGENT_FIELDS).sort(), [...FIELDS].sort())
    assert.deepEqual(OPTIONS.executor.enum, EXECUTORS)
    assert.equal(OPTIONS.executor.default, EXECUTORS[0])
    assert.deepEqual(Object.keys(OPTIONS), [...NAMES])
  })

  it("The schema of opencode.json names the other schema and its definitions", () => {
    const read = (/** @type {string} */ name) => JSON.parse(readFileSync(new URL(`../../schema/${name}`, import.meta.url), "utf8"))
    const [whole, options] = [read("opencode.json"), read("options.json")]
    assert.equal(whole.properties.agent.additionalProperties.$ref, "options.json#/definitions/agent")
    assert.ok(options.definitions.agent.properties.task_budget)
    const { if: is, then } = whole.properties.plugin.items
    assert.equal(then.items[1].$ref, "options.json")
    const pattern = new RegExp(is.items[0].pattern)
    for (const [spec, matches] of /** @type {[string, boolean][]} */ ([["opencode-delegate", true], ["opencode-delegate@0.1.0", true], ["./node_modules/opencode-delegate/slim", true], ["not-opencode-delegate", false], ["opencode-delegate-more", false]])) {
      assert.equal(pattern.test(spec), matches, spec)
    }
  })
})

describe("The oldest OpenCode", () => {
  it("package.json asks for the version from which names survive", () => {
    assert.equal(manifest.engines.opencode, `>=${OLDEST}`)
    assert.equal(lossNotice(OLDEST), undefined)
    assert.match(lossNotice("1.15.12") ?? "", /^OpenCode 1\.15\.12 does not keep the metadata/)
    for (const unknown of ["", "0.0.0-dev", "local"]) assert.equal(lossNotice(unknown), undefined)
  })
})

describe("A name that is nearly right", () => {
  /** @type {[string, string | undefined][]} */
  const CASES = [["max_deth", "max_depth"], ["maxDepth", "max_depth"], ["max-depth", "max_depth"], ["MAX_DEPTH", "max_depth"], ["stallms", "stall_ms"], ["depth", undefined], ["colour", undefined], ["", undefined], ["x".repeat(100_000), undefined]]
  for (const [name, meant] of CASES) it(`${name.slice(0, 20) || "No name"} ${meant ? `is ${meant}` : "is nothing known"}`, () => assert.equal(nearest(name, Object.keys(OPTIONS)), meant))
})

describe("A value of the wrong type", () => {
  /** @type {[unknown, object, unknown][]} */
  const CASES = [
    ["3", { type: "integer" }, 3], [" 3 ", { type: "integer" }, 3], ["three", { type: "integer" }, undefined], ["", { type: "integer" }, undefined], [[3], { type: "integer" }, 3], [[3, 4], { type: "integer" }, undefined],
    ["TRUE", { type: "boolean" }, true], ["false", { type: "boolean" }, false], ["Resume", { enum: ["spawn", "resume"] }, "resume"], ["resme", { enum: ["spawn", "resume"] }, "resume"],
    ["acme/one", { type: "array" }, ["acme/one"]], [null, { type: "integer" }, undefined], [{}, { type: "integer" }, undefined],
  ]
  for (const [value, kind, meant] of CASES) {
    it(`${JSON.stringify(value)} is ${JSON.stringify(meant)} as ${JSON.stringify(kind)}`, () => {
      const isValid = (/** @type {unknown} */ candidate) => JSON.stringify(candidate) === JSON.stringify(meant)
      assert.deepEqual(obvious(value, kind, isValid), meant)
    })
  }
})

describe("An entry of a list of plugins", () => {
  /** @type {[string, string, string?][]} */
  const CASES = [
    ["opencode-delegate", "ours"], ["opencode-delegate@0.1.0", "ours", "0.1.0"], ["opencode-delegate/slim", "unloadable"], ["oh-my-opencode-slim", "slim"], ["oh-my-openagent@latest", "task", "latest"],
    ["@acme/plugin@1", "other", "1"], ["@acme/opencode-delegate", "other"], ["acme/repository", "other"], ["./nowhere.js", "other"],
    [new URL("../../js/plugin.js", import.meta.url).href, "ours"], [new URL("../../slim", import.meta.url).href, "composed"], [new URL("../../js/slim.js", import.meta.url).href, "composed"],
  ]
  for (const [spec, role, pinned] of CASES) {
    it(`${spec.startsWith("file:") ? spec.slice(spec.lastIndexOf("/")) : spec} is ${role}`, () => {
      const found = named(spec, join(folder, "opencode.json"), machine({}))
      assert.deepEqual([found.role, found.pinned], [role, pinned])
    })
  }
})

describe("A finding", () => {
  it("An option with the name of a built-in property is unknown", () => {
    const on = machine({ ...BOTH, "opencode.json": '{"plugin":[["opencode-delegate",{"constructor":1,"__proto__":{"max_depth":1}}]]}' })
    assert.ok(codes(on).includes("unknown_option"))
  })

  it("An agent's field among the options gets its place, and is not removed", () => {
    const on = machine({ ...BOTH, "opencode.json": { plugin: [["opencode-delegate", { task_budget: 3, agent: { lead: {} } }]] } })
    assert.deepEqual(found(on).map(({ code, field, next }) => [code, field, next]), [
      ["unknown_option", "task_budget", 'It is a field of an agent: write it in opencode.json, "agent": { "NAME": { "task_budget": … } }.'],
      ["unknown_option", "agent", 'Fields of agents stand in opencode.json under "agent".'],
    ])
    assert.deepEqual(repair(on), [])
  })

  it("A field of OpenCode, of a provider or of another plugin is no misspelt one", () => {
    const lead = { model: "acme/one", mode: "all", steps: 3, options: { model: "two", effort: "high", cooldown: 5 } }
    assert.deepEqual(codes(machine({ ...BOTH, "opencode.json": { ...BOTH["opencode.json"], agent: { lead } } })), [])
  })

  it("Both halves without a fault give none", () => assert.deepEqual(codes(machine(BOTH)), []))

  it("A list that another global file replaces is named", () => {
    assert.deepEqual(codes(machine({ ...BOTH, "opencode.jsonc": { plugin: ["acme"] } })), ["hidden_list"])
    assert.deepEqual(codes(machine({ ...BOTH, "opencode.jsonc": { plugin: [] } })), ["hidden_list"])
    assert.deepEqual(codes(machine({ "opencode.json": { plugin: ["acme"] }, "opencode.jsonc": BOTH["opencode.json"], "tui.json": BOTH["tui.json"] })), ["hidden_list"])
  })

  it("Options of an entry that a later one replaces are named, with the entry that counts", () => {
    const options = { max_depth: 2 }
    /** @type {[object, any, string[]][]} */
    const cases = [
      [options, "opencode-delegate", ["fault replaced_options"]],
      [options, ["opencode-delegate", { same_agent: "resume" }], ["advice replaced_options"]],
      [options, ["opencode-delegate", options], []],
      [{}, ["opencode-delegate", options], []],
    ]
    for (const [first, second, expected] of cases) {
      const on = machine({ ...BOTH, "opencode.json": { plugin: [["opencode-delegate", first]] } })
      mkdirSync(join(on.cwd, ".opencode"))
      writeFileSync(join(on.cwd, ".opencode", "opencode.json"), JSON.stringify({ plugin: [second] }))
      const found = findings(survey(on, readFile), published)
      assert.deepEqual(found.map(({ level, code }) => `${level} ${code}`), expected, JSON.stringify([first, second]))
      if (found.length) assert.match(found[0].message, /are not used: OpenCode takes the last entry of a package, .*project\/\.opencode\/opencode\.json:1\.$/)
    }
  })

  it("Options and fields without an effect under executor host are named", () => {
    const composed = new URL("../../slim", import.meta.url).href
    const idle = { max_parallel: 2, stall_ms: 5_000, max_depth: 2 }
    const agent = { lead: { fallback_models: ["acme/one"], task_budget: 2 } }
    const named = (/** @type {any} */ entry) => findings(survey(machine({ ...BOTH, "opencode.json": { plugin: [entry], agent } }), readFile), published).filter(({ code }) => code === "no_effect").map(({ field }) => field)
    for (const entry of [["opencode-delegate", { ...idle, executor: "host" }], [composed, idle]]) assert.deepEqual(named(entry), ["max_parallel", "stall_ms", "lead.fallback_models"])
    for (const entry of [["opencode-delegate", idle], ["opencode-delegate", { ...idle, executor: "delegate" }]]) assert.deepEqual(named(entry), [])
  })

  it("An agent's field among the options is not said to have no effect: it gets its place", () => {
    assert.deepEqual(codes(machine({ ...BOTH, "opencode.json": { plugin: [["opencode-delegate", { executor: "host", fallback_models: ["a/b"] }]] } })), ["unknown_option"])
  })

  it("An unknown plugin is named only where it stands later", () => {
    assert.deepEqual(codes(machine({ ...BOTH, "opencode.json": { plugin: ["acme", "opencode-delegate"] } })), [])
    assert.deepEqual(codes(machine({ ...BOTH, "opencode.json": { plugin: ["opencode-delegate", "acme"] } })), ["unknown_plugin"])
  })

  it("Slim is named where the composed entry holds it already, and its own entry is removed", () => {
    const composed = new URL("../../slim", import.meta.url).href
    const on = machine({ ...BOTH, "opencode.json": { plugin: [[composed, { max_depth: 2 }], "oh-my-opencode-slim"] } })
    assert.deepEqual(codes(on), ["slim_twice"])
    repair(on)
    assert.deepEqual(JSON.parse(on.text("opencode.json")).plugin, [[composed, { max_depth: 2 }]])
  })

  it("Slim alone gets the command, and no entry beside it", () => {
    const on = machine({ "opencode.json": { plugin: ["oh-my-opencode-slim"] } })
    const [finding] = findings(survey(on, readFile), published)
    assert.match(finding?.next ?? "", /^Run: npm install --prefix /)
    assert.deepEqual([finding?.code, repair(on)], ["not_installed", []])
  })

  it("A name that OpenCode cannot load is named", () => {
    const on = machine({ ...BOTH, "opencode.json": { plugin: ["opencode-delegate/slim"] } })
    assert.deepEqual(codes(on), ["unloadable_entry"])
  })

  it("Options that are at fault only together are named", () => {
    assert.deepEqual(codes(machine({ ...BOTH, "opencode.json": { plugin: [["opencode-delegate", { executor: "host", child_permissions: "caller" }]] } })), ["invalid_options"])
  })

  it("A value of others stays on one line of 80 characters", () => {
    assert.equal(shown("a\u001b[31m\nb"), "a [31m b")
    assert.equal(shown("x".repeat(200)).length, 80)
    const on = machine({ ...BOTH, "opencode.json": { plugin: [["opencode-delegate", { [`x\n${"y".repeat(500)}`]: 1 }]] } })
    const [finding] = findings(survey(on, readFile), published)
    assert.ok(finding && !finding.message.includes("\n") && finding.message.length < 120 && (finding.field?.length ?? 0) <= 80)
  })

  it("A field of an agent counts where OpenCode takes it from", () => {
    const on = machine({ ...BOTH, "opencode.json": { plugin: ["opencode-delegate"], agent: { lead: { task_budget: "many" } } }, "agent/lead.md": "---\ntask_budget: 2\n---\n" })
    assert.deepEqual(codes(on), [])
  })

  it("A value of a managed file or a variable is named, and not corrected", () => {
    const on = machine({ "tui.json": BOTH["tui.json"] }, { OPENCODE_CONFIG_CONTENT: JSON.stringify({ plugin: [["opencode-delegate", { max_depth: "3" }]] }) })
    assert.deepEqual(codes(on), ["invalid_option"])
    assert.deepEqual(repair(on), [])
  })
})

describe("A correction", () => {
  it("A misspelt field of limits is corrected in an option, on an agent and in Markdown", () => {
    const on = machine({ ...BOTH, "opencode.json": { plugin: [["opencode-delegate", { limits: { max_step: "4" } }]], agent: { lead: { limits: { timeoutMs: 5, max_cost: 1 } } } }, "agent/two.md": "---\nlimits:\n  max_step: 4\n---\n" })
    assert.deepEqual(found(on).map(({ field, next }) => [field, next]), [["limits", 'Write {"max_steps":4}.'], ["lead.limits", 'Write {"timeout_ms":5,"max_cost":1}.'], ["two.limits", 'Write {"max_steps":4}.']])
    assert.match(found(on)[0].message, /Did you mean "max_steps"\?$/)
    repair(on)
    assert.deepEqual([codes(on), on.text("agent/two.md")], [[], '---\nlimits:\n  {"max_steps":4}\n---\n'])
  })

  it("A field of limits that is near to none is not corrected", () => {
    const on = machine({ ...BOTH, "opencode.json": { plugin: [["opencode-delegate", { limits: { colour: 4 } }]] } })
    assert.deepEqual([codes(on), repair(on)], [["invalid_option"], []])
  })

  it("Several corrections of one file are written once, with one copy", () => {
    const on = machine({ ...BOTH, "opencode.json": { plugin: [["opencode-delegate", { max_depth: "3", sameAgent: "resume", stall_ms: "1000" }]] } })
    const was = on.text("opencode.json")
    const changes = repair(on)
    assert.equal(changes.length, 3)
    assert.equal(on.text("opencode.json"), was.replace('"3"', "3").replace("sameAgent", "same_agent").replace('"1000"', "1000"))
    assert.deepEqual(readdirSync(on.config).sort(), ["opencode.json", "opencode.json.bak", "tui.json"])
    assert.deepEqual([codes(on), repair(on)], [[], []])
  })

  it("An entry whose list is replaced goes into the list that counts", () => {
    const on = machine({ ...BOTH, "opencode.jsonc": '{\n  // Mine.\n  "plugin": ["acme"]\n}\n' })
    assert.equal(repair(on).length, 1)
    assert.deepEqual(codes(on), [])
    assert.equal(on.text("opencode.jsonc"), '{\n  // Mine.\n  "plugin": [\n    "acme",\n    "opencode-delegate"\n  ]\n}\n')
  })

  it("Equal mistakes of one file are all corrected in one run, with one copy", () => {
    const agent = Object.fromEntries(["one", "two", "three"].map((name) => [name, { task_budget: "4" }]))
    const on = machine({ ...BOTH, "opencode.json": { plugin: ["opencode-delegate"], agent } })
    assert.equal(repair(on).length, 3)
    assert.deepEqual(Object.values(JSON.parse(on.text("opencode.json")).agent), [{ task_budget: 4 }, { task_budget: 4 }, { task_budget: 4 }])
    assert.deepEqual([codes(on), readdirSync(on.config).sort()], [[], ["opencode.json", "opencode.json.bak", "tui.json"]])
  })

  it("An entry is moved as its file writes it, and no value of a variable is shown or written", () => {
    const env = { SECRET: "hunter2", PACKAGE: "acme-hunter2" }
    const options = '{ /* mine */ "max_depth": "{env:SECRET}", "{env:SECRET}": 1 }'
    const later = machine({ ...BOTH, "opencode.json": `{"plugin": [["opencode-delegate", ${options}], "oh-my-openagent", "{env:PACKAGE}"]}` }, env)
    const hidden = machine({ ...BOTH, "opencode.json": `{"plugin": [["opencode-delegate", ${options}]]}`, "opencode.jsonc": '{"plugin": ["acme"]}' }, env)
    for (const [on, file] of /** @type {const} */ ([[later, "opencode.json"], [hidden, "opencode.jsonc"]])) {
      const said = [findings(survey(on, readFile), published), repair(on), findings(survey(on, readFile), published)].map((part) => JSON.stringify(part)).join("")
      assert.ok(!said.includes("hunter2"), said)
      assert.ok(on.text(file).trimEnd().includes(`["opencode-delegate", ${options}]`), on.text(file))
    }
  })

  it("A list of plugins that is no list is named, and not overwritten", () => {
    for (const plugin of ["acme", { a: 1 }, 3, null]) {
      const on = machine({ ...BOTH, "opencode.json": { plugin } })
      assert.deepEqual([codes(on), repair(on)], [["invalid_list"], []])
      const terminal = machine({ ...BOTH, "tui.json": { plugin } })
      assert.deepEqual([codes(terminal), repair(terminal)], [["invalid_list"], []])
    }
  })

  it("A repeated name is named, and what it hides is not corrected", () => {
    const on = machine({ ...BOTH, "opencode.json": '{"plugin":[["opencode-delegate",{"max_depth":"3"}]],"plugin":[["opencode-delegate",{"max_depth":"4"}]]}' })
    assert.deepEqual(codes(on), ["repeated_name", "invalid_option"])
    repair(on)
    assert.equal(on.text("opencode.json"), '{"plugin":[["opencode-delegate",{"max_depth":"3"}]],"plugin":[["opencode-delegate",{"max_depth":4}]]}')
  })

  it("A file that is not UTF-8 is named, and not written", () => {
    const on = machine({ ...BOTH, "agent/lead.md": "" })
    const bytes = Buffer.from('{"plugin":[["opencode-delegate",{"max_depth":"3"}]],"a":"\xe9"}', "latin1")
    writeFileSync(join(on.config, "opencode.json"), bytes)
    writeFileSync(join(on.config, "agent/lead.md"), Buffer.from("---\ntask_budget: '3'\n---\n\xe9", "latin1"))
    assert.deepEqual([codes(on), repair(on)], [["unreadable_file", "unreadable_file"], []])
    assert.deepEqual(readFileSync(join(on.config, "opencode.json")), bytes)
  })

  it("A broken file of one half does not mean that the half is missing", () => {
    assert.deepEqual(codes(machine({ ...BOTH, "opencode.json": "{" })), ["unreadable_file"])
    assert.deepEqual(codes(machine({ ...BOTH, "tui.json": "{" })), ["unreadable_file"])
  })

  it("A package with nearly this name is named", () => {
    assert.deepEqual(codes(machine({ ...BOTH, "opencode.json": { plugin: ["opencode-delegat"] } })), ["other_package"])
    const [finding] = findings(survey(machine({ ...BOTH, "opencode.json": { plugin: ["opencode-delegats@1", "opencode-delegate"] } }), readFile), published)
    assert.deepEqual([finding.code, finding.level, finding.message], ["other_package", "advice", '"opencode-delegats@1" is not this package. Did you mean "opencode-delegate"?'])
  })

  it("A file that another program has changed meanwhile is not written", () => {
    const file = join(folder, "changed.json")
    writeFileSync(file, "new")
    assert.throws(() => writeFile(file, "old", "mine"), /another program has changed it/)
    assert.equal(readFileSync(file, "utf8"), "new")
  })

  it("A link that leads nowhere stays, and the report says so", () => {
    const on = machine({ "tui.json": BOTH["tui.json"] })
    symlinkSync(join(on.home, "nowhere.json"), join(on.config, "opencode.json"))
    assert.deepEqual(repair(on).map(({ error }) => error), ["it is a link that leads nowhere"])
    assert.ok(lstatSync(join(on.config, "opencode.json")).isSymbolicLink())
    assert.ok(!existsSync(join(on.home, "nowhere.json")))
  })

  it("A read-only file is not changed, and gets no copy", () => {
    const on = machine({ ...BOTH, "opencode.json": { plugin: [["opencode-delegate", { max_depth: "3" }]] } })
    const was = on.text("opencode.json")
    chmodSync(join(on.config, "opencode.json"), 0o444)
    assert.deepEqual(repair(on).map(({ error, copy }) => [error, copy]), [["it is read-only", undefined]])
    assert.deepEqual([on.text("opencode.json"), readdirSync(on.config).sort()], [was, ["opencode.json", "tui.json"]])
  })

  it("A file keeps its mode and its other names", () => {
    const [one, other] = [join(folder, "one.json"), join(folder, "other.json")]
    writeFileSync(one, "a longer text")
    linkSync(one, other)
    chmodSync(one, 0o666)
    writeFile(one, "a longer text", "new")
    assert.deepEqual([readFileSync(other, "utf8"), statSync(other).mode & 0o777, statSync(one).ino === statSync(other).ino], ["new", 0o666, true])
    const alone = join(folder, "alone.json")
    writeFileSync(alone, "old")
    chmodSync(alone, 0o666)
    writeFile(alone, "old", "new")
    assert.equal(statSync(alone).mode & 0o777, 0o666)
  })

  it("A pipe or a folder in the place of a file is named, and neither read nor written", () => {
    const on = machine({ ...BOTH, "agent/other.md": "", "opencode.jsonc/inner": "" })
    execFileSync("mkfifo", [join(on.config, "agent/lead.md"), join(on.config, "config.json")])
    const found = findings(survey(on, readFile), published)
    assert.deepEqual(found.map(({ message }) => message), ["it is a pipe, and no file", "it is a folder, and no file", "it is a pipe, and no file"].map((why) => `This command does not read this file: ${why}.`))
    assert.deepEqual(repair(on), [])
  })

  it("Folders of agents that lead in many circles are each read once", () => {
    const on = machine({ ...BOTH, "agent/lead.md": "---\ntask_budget: 0.5\n---\n" })
    for (const name of ["a", "b", "c", "d"]) symlinkSync(join(on.config, "agent"), join(on.config, "agent", name))
    assert.deepEqual(filesIn(on.config, ["agent"], /\.md$/, true), [join(on.config, "agent/lead.md")])
  })

  it("An earlier copy is kept beside a new one", () => {
    const file = join(folder, "twice.json")
    writeFileSync(file, "one")
    assert.equal(writeFile(file, "one", "two"), `${file}.bak`)
    assert.equal(writeFile(file, "two", "three"), `${file}.bak1`)
    assert.deepEqual(["", ".bak", ".bak1"].map((end) => readFileSync(file + end, "utf8")), ["three", "one", "two"])
  })
})

describe("The command", () => {
  const program = fileURLToPath(new URL("../../js/doctor.js", import.meta.url))

  /** Runs it without a PATH. @param {string} script for the shell, with the command as its arguments @param {Record<string, string>} env @param {string} cwd */
  const run = (script, env, cwd) => spawnSync("/bin/sh", ["-c", script, "sh", process.execPath, program, "doctor"], { cwd, env: { PATH: "", ...env }, encoding: "utf8", timeout: 20_000 })

  it("A home or a folder that does not exist gives one sentence, and nothing is written", () => {
    const cwd = mkdtempSync(join(folder, "project-"))
    const gone = mkdtempSync(join(folder, "gone-"))
    for (const [script, env, at, said] of /** @type {const} */ ([
      ['"$@" --fix', { HOME: "" }, cwd, "This command needs your home folder: set the variable HOME to its path.\n"],
      ['"$@" --fix', { HOME: "." }, cwd, "This command needs your home folder: set the variable HOME to its path.\n"],
      // Bun knows the folder by its name still, and the command is Node's.
      ...(process.versions.bun ? [] : [/** @type {const} */ (['/bin/rmdir "$PWD"; "$@"', { HOME: cwd }, gone, "The current folder does not exist any more: change to another one.\n"])]),
    ])) {
      const { status, stdout, stderr } = run(script, env, at)
      assert.deepEqual([status, stdout, stderr], [1, said, ""])
    }
    // Bun keeps a folder of its own below whatever HOME says.
    assert.deepEqual(readdirSync(cwd).filter((name) => name !== ".bun"), [])
  })

  it("A fault that is not corrected is not called nothing to correct", () => {
    const on = machine({ ...BOTH, "opencode.json": { plugin: ["opencode-delgate"] } })
    const { status, stdout } = run('"$@" --fix', { HOME: on.home }, on.cwd)
    assert.equal(status, 1)
    assert.match(stdout, /^Nothing was corrected: what is at fault below needs your own decision\.\n/)
    assert.match(stdout, /"opencode-delgate" is not this package\. Did you mean "opencode-delegate"\?/)
  })

  it("No text of others reaches the terminal with its control characters", () => {
    const bad = "\u001b]0;x\u0007\u009b\u007f\u202e"
    const on = machine({
      "tui.json": { plugin: ["opencode-delegate", `acme${bad}`] }, [`agent/le${bad}ad.md`]: "---\ntask_budget: '3'\n---\n", [`plugin/x${bad}.js`]: "", "opencode.jsonc": `{ "$schema": "{file:./${bad}}" }`,
      "opencode.json": { plugin: ["opencode-delegate", [`acme${bad}`, {}], ["opencode-delegate@1", { [`max${bad}`]: bad, executor: `host${bad}` }]], agent: { [`x${bad}`]: { task_budget: bad, same_agent: `resume${bad}` } } },
    })
    for (const flags of ["", "--json", "--fix"]) {
      const { stdout, stderr } = run(`"$@" ${flags}`, { HOME: on.home }, on.cwd)
      assert.ok(stdout.includes("acme"), stdout + stderr)
      assert.ok(!/[^\P{C}\n]/u.test(stdout + stderr), JSON.stringify(stdout + stderr))
      if (flags === "--json") assert.equal(JSON.parse(stdout).terminal[1].spec, `acme${bad}`)
    }
  })
})
