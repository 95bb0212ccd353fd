// The doctor reads the places that OpenCode 1 reads, in its order: compared with what OpenCode itself resolves.

import assert from "node:assert/strict"
import { mkdirSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { describe, it } from "node:test"
import { AGENT_FIELDS } from "../../js/core/index.js"
import { readFile } from "../../js/doctor/read_file.js"
import { survey } from "../../js/doctor/survey.js"
import { write } from "../host/files.js"
import { binary } from "../host/opencode.js"
import { makeHome, runToEnd } from "../host/process.js"

/** Front matter. @param {string} yaml */
const agent = (yaml) => `---\n${yaml}\n---\nYou help.\n`

/**
 * The plugins and the fields of agents by both, for a home and a project with these files.
 * @param {Record<string, string | object>} files by their path: `config/`, `home/`, `project/` and `other/` are folders
 * @param {{ env?: (home: string) => Record<string, string>, cwd?: string, git?: boolean, links?: Record<string, string> }} [setting]
 */
async function both(files, { env: more = () => ({}), cwd = ".", git = true, links = {} } = {}) {
  const { home, directory, env: homeEnv } = makeHome()
  const quiet = Object.fromEntries(["AUTOUPDATE", "MODELS_FETCH", "LSP_DOWNLOAD", "DEFAULT_PLUGINS"].map((name) => [`OPENCODE_DISABLE_${name}`, "1"]))
  // No package is there: the list alone is compared.
  const env = /** @type {Record<string, string>} */ ({ ...homeEnv, ...quiet, npm_config_registry: "http://127.0.0.1:9/", npm_config_fetch_retries: "0", ...more(home) })
  for (const [path, content] of Object.entries(files)) write(join(home, path.replace(/^config\//, "config/opencode/")), content)
  for (const [from, to] of Object.entries(links)) symlinkSync(join(home, to), join(home, from))
  if (git) mkdirSync(join(directory, ".git"))
  mkdirSync(join(directory, cwd), { recursive: true })
  const at = join(directory, cwd)
  const said = await runToEnd(binary(), ["debug", "config"], { cwd: at, env: { ...env, PWD: at } }, "")
  const config = JSON.parse(said.slice(said.indexOf("{")))
  const theirs = {
    plugins: (config.plugin_origins ?? []).map((/** @type {any} */ { spec }) => nameOf([spec].flat()[0])),
    fields: fieldsOf(Object.entries(config.agent ?? {}).flatMap(([agent, settings]) => AGENT_FIELDS.map((field) => [agent, field, settings[field] ?? settings.options?.[field]]))),
  }
  const { server, fields } = survey({ env, home: env.HOME ?? "", cwd: at, platform: process.platform }, readFile)
  return { theirs, ours: { plugins: server.map(({ spec }) => nameOf(spec)), fields: fieldsOf(fields.map(({ agent, field, value }) => [agent, field, value])) } }
}

/** @param {string} spec */
const nameOf = (spec) => spec.split("/").at(-1)

/** @param {any[][]} fields */
const fieldsOf = (fields) => Object.fromEntries(fields.filter(([, , value]) => value !== undefined).map(([agent, field, value]) => [`${agent}.${field}`, value]).sort())

/** A file with one plugin and one agent. @param {string} name @param {number} budget */
const file = (name, budget) => ({ plugin: [`./${name}.js`], agent: { shared: { task_budget: budget }, [name]: { callable_by_subagents: true } } })

describe("The places that the doctor reads", () => {
  it("Every place is read, and the last one wins, as in OpenCode", async () => {
    const { theirs, ours } = await both({
      "config/config.json": file("global-config", 1),
      "config/opencode.json": file("global-json", 2),
      "config/opencode.jsonc": file("global-jsonc", 3),
      "config/agent/shared.md": agent("task_budget: 4\ncallable_by_subagents: true"),
      "config/agents/deep/down.md": agent("task_budget: 1"),
      "config/mode/speaker.md": agent("task_budget: 1"),
      "config/plugin/local-global.js": "export default {}\n",
      "home/.opencode/opencode.json": file("of-home", 5),
      "other/custom.json": file("custom", 6),
      "other/folder/opencode.json": file("of-folder", 7),
      "other/folder/agents/in-folder.md": agent("fallback_models: [acme/one]"),
      "project/opencode.json": file("root-json", 8),
      "project/opencode.jsonc": file("root-jsonc", 9),
      "project/.opencode/opencode.jsonc": { ...file("root-own", 10), mode: { old: { task_budget: 2 } } },
      "project/.opencode/agent/renamed.md": agent("name: other\ntask_budget: 3"),
      "other/linked/far.md": agent("task_budget: 4"),
      "project/sub/opencode.json": file("sub-json", 11),
      "project/sub/.opencode/opencode.json": { ...file("sub-own", 12), agent: { shared: { options: { task_budget: 77 } }, lone: { options: { task_budget: 5 } } } },
      "project/sub/.opencode/plugins/local-sub.ts": "export default {}\n",
    }, {
      cwd: "sub/sub2",
      links: { "project/.opencode/agents": "other/linked" },
      env: (home) => ({ OPENCODE_CONFIG: join(home, "other/custom.json"), OPENCODE_CONFIG_DIR: join(home, "other/folder"), OPENCODE_CONFIG_CONTENT: JSON.stringify(file("content", 13)) }),
    })
    assert.ok(theirs.plugins.length > 10 && Object.keys(theirs.fields).length > 15, JSON.stringify(theirs))
    assert.deepEqual(ours, theirs)
  })

  it("A project without git is read up to the root of the file system", async () => {
    const { theirs, ours } = await both({ "project/opencode.json": file("above", 1), "project/.opencode/opencode.json": file("own-above", 2) }, { cwd: "sub", git: false })
    assert.deepEqual(theirs.plugins.slice().sort(), ["above.js", "own-above.js"])
    assert.deepEqual(ours, theirs)
  })

  it("A project's files are left out where OpenCode leaves them out", async () => {
    const { theirs, ours } = await both({ "config/opencode.json": file("global", 1), "project/opencode.json": file("project", 2), "project/.opencode/opencode.json": file("own", 3) }, { env: () => ({ OPENCODE_DISABLE_PROJECT_CONFIG: "1" }) })
    assert.deepEqual(theirs.plugins, ["global.js"])
    assert.deepEqual(ours, theirs)
  })

  it("Variables, files, comments and broken front matter are read as OpenCode reads them", async () => {
    const { theirs, ours } = await both({
      "config/opencode.json": '{\n  // {file:none}\n  "agent": { "env": { "task_budget": {env:BUDGET} }, "file": { "task_budget": {file:./budget} }, },\n}\n',
      "config/budget": "7\n",
      "config/agent/loose.md": agent("description: Use it: always\ntask_budget: 3\nfallback_models:\n  - acme/one\n  - acme/two"),
      "config/agent/words.md": agent("callable_by_subagents: yes\ntask_budget: '2'"),
      "config/agent/bare.md": "Nothing in front.\n",
    }, { env: () => ({ BUDGET: "4" }) })
    assert.equal(theirs.fields["env.task_budget"], 4)
    assert.deepEqual(ours, theirs)
  })

  it("One package in several places counts once, where it stands last", async () => {
    const { theirs, ours } = await both({ "config/opencode.json": { plugin: ["acme-one", "acme-two@1.0.0"] }, "project/opencode.json": { plugin: ["acme-one@2.0.0"] } })
    assert.deepEqual(theirs.plugins, ["acme-two@1.0.0", "acme-one@2.0.0"])
    assert.deepEqual(ours, theirs)
  })
})
