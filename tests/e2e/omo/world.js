// A real OpenCode with oh-my-openagent, alone or composed with this package's engine, and the scripted model.

import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { script, startModel } from "../../host/model.js"
import { startHost } from "../../host/opencode.js"
import { until } from "../delegate/world.js"
import { talk } from "../fixture.js"

const installed = new URL("./node_modules/oh-my-openagent/dist/index.js", import.meta.url)

export const ALONE = installed.href

/** The folder of an installation of both: this package loads the other from the folder beside it. */
const modules = join(mkdtempSync(join(tmpdir(), "omo-")), "node_modules")
process.on("exit", () => rmSync(join(modules, ".."), { recursive: true, force: true }))
const ours = join(modules, "opencode-delegate")
mkdirSync(ours, { recursive: true })
for (const part of ["js", "pkg", "package.json"]) cpSync(fileURLToPath(new URL(`../../../${part}`, import.meta.url)), join(ours, part), { recursive: true })
for (const plugin of ["oh-my-openagent", "opencode-orchestrator"]) symlinkSync(fileURLToPath(new URL(`./node_modules/${plugin}`, import.meta.url)), join(modules, plugin))

export const WITH_US = pathToFileURL(join(ours, "js", "omo.js")).href

/** Why these tests cannot run here, for the `skip` of a test: `false` if they can. */
export const MISSING = existsSync(fileURLToPath(installed)) ? false : "oh-my-openagent is not installed: node tests/setup.js --omo"

/** The agents of oh-my-openagent, each with the scripted model. */
const AGENTS = ["sisyphus", "hephaestus", "prometheus", "atlas", "oracle", "librarian", "explore", "metis", "momus", "multimodal-looker", "sisyphus-junior", "plan", "build"]
const CATEGORIES = ["visual-engineering", "ultrabrain", "deep", "artistry", "quick", "unspecified-low", "unspecified-high", "writing"]
const scripted = (/** @type {string[]} */ names) => Object.fromEntries(names.map((name) => [name, { model: "scripted/m" }]))

/** No access to the network, no other programs, and nothing that prompts by itself. */
const SETTINGS = {
  agents: scripted(AGENTS),
  categories: {
    ...scripted(CATEGORIES),
    // The first model fails each time, so that the next one gets another session.
    careful: { model: "broken/m", fallback_models: ["scripted/m"], tools: { bash: false }, description: "Works without bash" },
  },
  disabled_mcps: ["websearch", "context7", "grep_app"],
  disabled_hooks: ["auto-update-checker", "startup-toast", "legacy-plugin-toast", "comment-checker", "ast-grep-sg-provision", "codegraph-bootstrap", "session-notification", "todo-continuation-enforcer", "unstable-agent-babysitter"],
  telemetry: false,
  codegraph: { enabled: false },
  tmux: { enabled: false },
}

/** A child's secret, and a step that repeats it. Only the same session can repeat it. */
export const secret = (/** @type {string} */ word) => [{ say: `SECRET=${word}` }]
export const recall = [{ say: "recalled {{recall /SECRET=(\\w+)/}}" }]

/** A step that calls a tool. @param {string} tool @param {Record<string, unknown>} args */
export const use = (tool, args) => ({ call: { tool, args } })

/** A step that calls the tool `task`. @param {Record<string, unknown>} args @param {object[]} steps what the child plays */
export const task = (args, steps = [{ say: "done" }]) => use("task", { prompt: script(...steps), ...args })

/** The id of the session in a result. @param {string} result */
export const idIn = (result) => /session_id: (ses_\w+)/.exec(result)?.[1] ?? ""

/** omo's id of the background task in a result. @param {string} result */
export const bgIn = (result) => /Task ID: (bg_\w+)/.exec(result)?.[1] ?? ""

/** @typedef {Awaited<ReturnType<typeof boot>>} World */

/**
 * Boots a host and a model that end with the test.
 * @param {{ after(end: () => Promise<void>): void }} t
 * @param {(string | [string, object])[]} plugin
 * @param {Record<string, any>} [config] of OpenCode
 */
export async function boot(t, plugin, config = {}) {
  const model = await startModel()
  const provider = { broken: { npm: "@ai-sdk/openai-compatible", name: "Broken", options: { baseURL: `${model.url}/broken`, apiKey: "none" }, models: { m: { name: "Broken", tool_call: true, limit: { context: 200_000, output: 8_192 } } } } }
  const host = await startHost({
    model,
    plugin,
    config: { provider, ...config },
    files: { ".opencode/oh-my-openagent.json": SETTINGS },
    env: { OMO_DISABLE_POSTHOG: "1", OMO_SEND_ANONYMOUS_TELEMETRY: "0", DO_NOT_TRACK: "1" },
  }).catch(async (error) => {
    await model.close()
    throw error
  })
  t.after(async () => {
    await host.stop()
    await model.close()
  })
  const { say, asked } = talk(host)
  /** The requests that a session made to the model, in order. @param {string} id */
  const requests = (id) => model.requests.filter(({ kind, sessionID }) => kind === "chat" && sessionID === id)
  const rests = (/** @type {string} */ id) => until(async () => !(await host.api("GET", "/session/status"))[id], `${id} idle`)
  return { host, model, say, asked, requests, rests, children: async (/** @type {string} */ id) => (await host.tree(id)).children }
}
