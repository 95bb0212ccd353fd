// The command of the published package, run as `npx` runs it: from the tarball, in fresh homes.

import assert from "node:assert/strict"
import { execFile, execFileSync } from "node:child_process"
import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { after, before, describe, it } from "node:test"
import { write } from "../host/files.js"
import { binary } from "../host/opencode.js"
import { makeHome } from "../host/process.js"
import { needed, ours, slim, startRegistry } from "./registry.js"

const [OURS, SLIM] = ["opencode-delegate", "oh-my-opencode-slim"]
/** The folder of npm's cache and of programs that the homes share. */
const shared = mkdtempSync(join(tmpdir(), "opencode-delegate-doctor-"))
/** @type {Awaited<ReturnType<typeof startRegistry>>} */
let registry
let packed = ""
let packedSlim = ""
before(async () => {
  packed = ours()
  packedSlim = slim()
  registry = await startRegistry([packed, ...needed()])
  mkdirSync(join(shared, "real"))
  symlinkSync(binary(), join(shared, "real", "opencode"))
})
after(async () => {
  await registry.close()
  rmSync(shared, { recursive: true, force: true, maxRetries: 3 })
})

/** A folder with an `opencode` that prints this. @param {string} said */
function fake(said) {
  const folder = mkdtempSync(join(shared, "fake-"))
  writeFileSync(join(folder, "opencode"), `#!/bin/sh\necho "${said}"\n`)
  chmodSync(join(folder, "opencode"), 0o755)
  return folder
}

/** Both halves, as OpenCode's command writes them. */
const BOTH = { "config/opencode.json": { plugin: [OURS] }, "config/tui.json": { plugin: [OURS] } }

/** @typedef {{ code: number, out: string, report?: any }} Ended */

/**
 * A fresh home with these files, and the command in it.
 * @param {Record<string, string | object>} files by their path; `config/` is OpenCode's folder
 * @param {{ opencode?: string | false }} [setting] the folder of OpenCode's program
 */
function fresh(files, { opencode = join(shared, "real") } = {}) {
  const { home, directory, env } = makeHome()
  mkdirSync(join(directory, ".git"))
  const at = (/** @type {string} */ path) => join(home, path.replace(/^config\//, "config/opencode/"))
  for (const [path, content] of Object.entries(files)) write(at(path), content)
  const PATH = [...(opencode === false ? [] : [opencode]), dirname(process.execPath), "/usr/bin", "/bin"].join(":")
  /** @param {string[]} words @returns {Promise<Ended>} */
  const run = (...words) => new Promise((resolve) => {
    const args = ["exec", "--yes", `--package=${packed}`, "--", OURS, ...words]
    const all = { ...env, PATH, npm_config_registry: registry.url, npm_config_cache: join(shared, "npm"), npm_config_update_notifier: "false" }
    execFile("npm", args, { cwd: directory, env: all, timeout: 100_000 }, (error, out, err) => {
      const code = error ? Number(error.code) : 0
      const isJson = words.includes("--json") && out.startsWith("{")
      resolve({ code, out: `${out}${err}`, report: isJson ? JSON.parse(out) : undefined })
    })
  })
  const text = (/** @type {string} */ path) => readFileSync(at(path), "utf8")
  return { home, at, run, text, doctor: (/** @type {string[]} */ ...flags) => run("doctor", ...flags), isThere: (/** @type {string} */ path) => existsSync(at(path)) }
}

/** A finding without its words. @param {any} report */
const codes = (report) => report.findings.map((/** @type {any} */ { level, code, field, line }) => [level, code, field, line].filter((part) => part !== undefined).join(" "))

describe("npx opencode-delegate", () => {
  it("Help says how to install and how to check, and exits with 0", async () => {
    const { code, out } = await fresh({}).run("--help")
    assert.equal(code, 0)
    for (const word of ["opencode plugin opencode-delegate -g", "npx opencode-delegate doctor [--json] [--fix]", "1.15.13"]) assert.ok(out.includes(word), word)
  })

  it("A word that is no command is named, and exits with 1", async () => {
    const { code, out } = await fresh({}).run("docter")
    assert.equal(code, 1)
    assert.match(out, /^There is no command "docter"\./)
  })
})

describe("npx opencode-delegate doctor", () => {
  it("A fresh home has nothing installed: the doctor names the command", async () => {
    const { doctor } = fresh({})
    const { code, out } = await doctor()
    assert.equal(code, 1)
    assert.match(out, /OpenCode 1: 1\.\d+\.\d+ \(.*\), keeps names over a restart/)
    assert.match(out, /✗ plugin: OpenCode does not load this package: [^]*Run: opencode plugin opencode-delegate -g[^]*1 fault\./)
  })

  it("A healthy home has no finding, and the report says what is loaded", async () => {
    const { doctor } = fresh(BOTH)
    const { code, report } = await doctor("--json")
    assert.equal(code, 0)
    assert.deepEqual(codes(report), [])
    assert.deepEqual([report.server, report.terminal].map(([entry]) => [entry.spec, entry.role, entry.line]), [[OURS, "ours", 3], [OURS, "ours", 3]])
    assert.equal(report.opencode.keepsNames, true)
    assert.equal(report.healthy, true)
    assert.match((await doctor()).out, /1\. opencode-delegate \(not installed yet: [^]*Nothing is at fault\./)
  })

  it("Slim beside this package is a fault in either order, and the doctor gives the command", async () => {
    for (const plugin of [[OURS, SLIM], [SLIM, OURS]]) {
      const { doctor } = fresh({ "config/opencode.json": { plugin }, "config/tui.json": { plugin } })
      const { code, report } = await doctor("--json")
      assert.equal(code, 1)
      assert.deepEqual(codes(report), [`fault beside_slim plugin ${3 + plugin.indexOf(SLIM)}`])
      assert.match(report.findings[0].next, /npm install --prefix .*config\/opencode opencode-delegate oh-my-opencode-slim@2\.2\.24/)
    }
  })

  it("Where both packages are installed, --fix puts one entry in the place of both", async () => {
    const home = fresh({ "config/opencode.json": '{\n  "plugin": [\n    "other", // before\n    ["opencode-delegate", { "max_depth": 2 }],\n    "oh-my-opencode-slim" // theirs\n  ]\n}\n', "config/tui.json": { plugin: [OURS, SLIM] } })
    for (const [name, tarball] of [[OURS, packed], [SLIM, packedSlim]]) {
      const folder = home.at(`config/node_modules/${name}`)
      mkdirSync(folder, { recursive: true })
      execFileSync("tar", ["-xzf", tarball, "-C", folder, "--strip-components=1"])
    }
    const { code, out } = await home.doctor("--fix")
    assert.equal(code, 0, out)
    assert.equal(home.text("config/opencode.json"), '{\n  "plugin": [\n    "other", // before\n    ["./node_modules/opencode-delegate/slim", { "max_depth": 2 }] // theirs\n  ]\n}\n')
    assert.match(out, /oh-my-opencode-slim: 2\.2\.24, tested with 2\.2\.24/)
  })

  it("A plugin with a task tool of its own is a fault in either order, and the doctor says which entry loads both", async () => {
    for (const plugin of [[[OURS, { max_depth: 2 }], "oh-my-openagent@4.19.4"], ["oh-my-openagent@4.19.4", [OURS, { max_depth: 2 }]]]) {
      const home = fresh({ ...BOTH, "config/opencode.json": { plugin } })
      const { report } = await home.doctor("--json")
      assert.deepEqual(report.findings.map((/** @type {any} */ { code }) => code), ["beside_task_tool"])
      assert.match(report.findings[0].next, /list "\.\/node_modules\/opencode-delegate\/omo" in the place of the two/)
    }
  })

  it("A bad option is named with its line in each kind of file", async () => {
    const bad = (/** @type {object} */ options) => JSON.stringify({ plugin: [[OURS, options]] }, null, 2)
    /** @type {[string, object, string, (string | undefined)?][]} */
    const cases = [
      ["config/opencode.json", { max_depth: "3" }, "fault invalid_option max_depth 6", "Write 3."],
      ["config/opencode.jsonc", { same_agent: "resum" }, "fault invalid_option same_agent 6", 'Write "resume".'],
      ["project/opencode.json", { maxDepth: 2 }, "fault unknown_option maxDepth 6", 'Write "max_depth".'],
      ["project/.opencode/opencode.jsonc", { max_parallel: 0 }, "fault invalid_option max_parallel 6", "Correct the value."],
      ["home/.opencode/opencode.json", { executor: "hosts" }, "fault invalid_option executor 6", 'Write "host".'],
      ["project/opencode.jsonc", { colour: "red" }, "fault unknown_option colour 6", undefined],
    ]
    for (const [path, options, expected, next] of cases) {
      const { doctor, at } = fresh({ [path]: bad(options), "config/tui.json": { plugin: [OURS] } })
      const { code, report } = await doctor("--json")
      assert.equal(code, 1)
      assert.deepEqual(codes(report), [expected], path)
      assert.equal(report.findings[0].file, at(path))
      if (next) assert.equal(report.findings[0].next, next)
    }
  })

  it("A field at fault of an agent in Markdown is named, and --fix changes that value alone", async () => {
    const markdown = '---\n# The lead.\ndescription: Leads: always\ntask_budget: "3"   # calls\ncallable_by_subagent: true\n---\n\nYou lead. task_budget: "3"\n'
    const home = fresh({ ...BOTH, "project/.opencode/agents/team/lead.md": markdown })
    const { report } = await home.doctor("--json")
    assert.deepEqual(codes(report), ["fault invalid_field team/lead.task_budget 4", "fault unknown_field team/lead.callable_by_subagent 5"])
    assert.equal((await home.doctor("--fix")).code, 0)
    assert.equal(home.text("project/.opencode/agents/team/lead.md"), markdown.replace('budget: "3"   #', "budget: 3   #").replace("subagent: true", "subagents: true"))
    assert.equal(home.text("project/.opencode/agents/team/lead.md.bak"), markdown)
  })

  it("A file with comments keeps every byte but the corrected ones, its mode, and a copy", async () => {
    const before = '\ufeff// Mine.\r\n{\r\n\t"plugin": [\r\n\t\t["opencode-delegate", { /* deep */ "max_deth" : "2", "context_limit": 0.5, }], // the only one\r\n\t],\r\n\t"agent": { "lead": {"task_budget":  "4" ,"mode":"subagent"} }, // leads\r\n}\r\n'
    const home = fresh({ "config/opencode.jsonc": before, "config/tui.json": { plugin: [OURS] } })
    chmodSync(home.at("config/opencode.jsonc"), 0o600)
    const { code, out } = await home.doctor("--fix")
    assert.equal(code, 0, out)
    assert.equal(home.text("config/opencode.jsonc"), before.replace('"max_deth" : "2"', '"max_depth" : 2').replace('"4"', "4"))
    assert.equal(home.text("config/opencode.jsonc.bak"), before)
    assert.equal(statSync(home.at("config/opencode.jsonc")).mode & 0o777, 0o600)
    assert.match(out, /opencode\.jsonc: "max_deth" -> "max_depth"\n.*max_depth: "2" -> 2\n.*task_budget: "4" -> 4\nCopy: .*opencode\.jsonc\.bak/)
    assert.deepEqual(readdirSync(home.at("config/")).filter((name) => name.includes("tmp")), [])
    const again = await home.doctor("--fix")
    assert.match(again.out, /^There was nothing to correct\./)
    assert.ok(!home.isThere("config/opencode.jsonc.bak1"))
  })

  it("A link to a file stays a link", async () => {
    const home = fresh({ "dotfiles/opencode.json": { plugin: [[OURS, { max_depth: "2" }]] }, "config/tui.json": { plugin: [OURS] } })
    symlinkSync(home.at("dotfiles/opencode.json"), home.at("config/opencode.json"))
    assert.equal((await home.doctor("--fix")).code, 0)
    assert.ok(lstatSync(home.at("config/opencode.json")).isSymbolicLink())
    assert.deepEqual(JSON.parse(home.text("dotfiles/opencode.json")).plugin, [[OURS, { max_depth: 2 }]])
  })

  it("A file that cannot be parsed is named with its line, and never written", async () => {
    const broken = '{\n  "plugin": ["opencode-delegate"\n  "agent": {}\n}\n'
    const home = fresh({ "config/opencode.json": broken, "config/tui.json": { plugin: [OURS] } })
    const { code, out } = await home.doctor("--fix")
    assert.equal(code, 1)
    assert.match(out, /✗ .*opencode\.json:3: OpenCode cannot use this file: it is not valid JSON: /)
    assert.equal(home.text("config/opencode.json"), broken)
    assert.deepEqual(readdirSync(home.at("config/")).sort(), ["opencode.json", "tui.json"])
  })

  it("Without --fix, nothing is written", async () => {
    const file = '{"plugin":[["opencode-delegate",{"max_depth":"3"}]]}'
    const home = fresh({ "config/opencode.json": file })
    assert.equal((await home.doctor()).code, 1)
    assert.equal(home.text("config/opencode.json"), file)
    assert.deepEqual(readdirSync(home.at("config/")), ["opencode.json"])
  })

  it("A missing half is added to its own file", async () => {
    const one = fresh({ "config/opencode.jsonc": { plugin: [OURS] } })
    const { code, report } = await one.doctor("--json")
    assert.deepEqual([code, codes(report)], [0, ["advice no_terminal_half"]])
    assert.equal((await one.doctor("--fix")).code, 0)
    assert.deepEqual(JSON.parse(one.text("config/tui.json")).plugin, [OURS])
    const other = fresh({ "config/opencode.jsonc": '{\n    // mine\n    "plugin": ["acme"],\n}\n', "config/tui.json": { plugin: [OURS] } })
    assert.deepEqual(codes((await other.doctor("--json")).report), ["fault no_server_half plugin"])
    assert.equal((await other.doctor("--fix")).code, 0)
    assert.equal(other.text("config/opencode.jsonc"), '{\n    // mine\n    "plugin": [\n        "acme",\n        "opencode-delegate"\n    ],\n}\n')
  })

  it("An installed version that is not this one is named, with the command", async () => {
    const manifest = { name: OURS, version: "0.0.9" }
    const { code, report } = await fresh({ ...BOTH, [`cache/opencode/packages/${OURS}@latest/node_modules/${OURS}/package.json`]: manifest }).doctor("--json")
    assert.deepEqual([code, codes(report), report.server[0].version], [0, ["advice other_version plugin 3"], "0.0.9"])
    assert.equal(report.findings[0].next, `Run: opencode plugin ${OURS}@${report.version} -g -f`)
  })

  it("A PATH without OpenCode is a fault", async () => {
    const { code, report } = await fresh(BOTH, { opencode: false }).doctor("--json")
    assert.deepEqual([code, codes(report), report.opencode], [1, ["fault no_opencode"], undefined])
  })

  it("An OpenCode that forgets metadata is a fault, and a newer one is none", async () => {
    for (const [version, found] of /** @type {[string, string[]][]} */ ([["1.14.0", ["fault old_opencode"]], ["1.15.12", ["fault old_opencode"]], ["1.15.13", []], ["local", ["advice unknown_version"]]])) {
      const { code, report } = await fresh(BOTH, { opencode: fake(version) }).doctor("--json")
      assert.deepEqual([code, codes(report)], [found[0]?.startsWith("fault") ? 1 : 0, found], version)
    }
  })

  it("An OpenCode 2 on the PATH is named as such", async () => {
    const { code, report } = await fresh(BOTH, { opencode: fake("2.0.14") }).doctor("--json")
    assert.deepEqual([code, report.opencode, report.opencode2.version], [0, undefined, "2.0.14"])
  })
})
