// A real OpenCode with oh-my-openagent, alone or composed with this package's engine, and the scripted model.

import assert from "node:assert/strict"
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs"
import { createServer } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, describe, it } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath, pathToFileURL } from "node:url"
import { script, startModel } from "../../host/model.js"
import { startHost } from "../../host/opencode.js"
import { until } from "../delegate/world.js"
import { talk } from "../fixture.js"
import { MISSING, moduleOf } from "./installed.js"
import { record } from "./table.js"

export { MISSING }

export const ALONE = moduleOf("oh-my-openagent/dist/index.js").href

/** The folder of an installation of both: this package loads the other from the folder beside it. */
const modules = join(mkdtempSync(join(tmpdir(), "omo-")), "node_modules")
process.on("exit", () => rmSync(join(modules, ".."), { recursive: true, force: true }))
const ours = join(modules, "opencode-delegate")
mkdirSync(ours, { recursive: true })
for (const part of ["js", "omo", "orchestrator", "pkg", "package.json"]) cpSync(fileURLToPath(new URL(`../../../${part}`, import.meta.url)), join(ours, part), { recursive: true })
for (const plugin of ["oh-my-openagent", "opencode-orchestrator"]) symlinkSync(fileURLToPath(moduleOf(plugin)), join(modules, plugin))

export const WITH_US = pathToFileURL(join(ours, "omo")).href
export const ORCHESTRATOR_ALONE = moduleOf("opencode-orchestrator/dist/index.js").href
export const ORCHESTRATOR_WITH_US = pathToFileURL(join(ours, "orchestrator")).href

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

/** How long a call may take here with the other plugin alone, in milliseconds. oh-my-openagent itself waits for half an hour. */
const HANGS_MS = 60_000
/** How long a call may take with us, in milliseconds: a slow machine is no fault. */
const SLOW_MS = 90_000

/** The pause of oh-my-openagent after the prompt of a session, in milliseconds. */
const RESTS_MS = 2_500

/** @typedef {Awaited<ReturnType<typeof boot>>} World */

/** A provider whose account is empty. */
async function startBroken() {
  const server = createServer((request, response) => {
    request.resume()
    response.writeHead(402, { "content-type": "application/json" }).end(JSON.stringify({ error: { message: "insufficient credit", type: "scripted" } }))
  })
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)))
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address())
  const close = () => new Promise((resolve) => {
    server.close(resolve)
    server.closeAllConnections()
  })
  return { url: `http://127.0.0.1:${port}/v1`, close }
}

/**
 * Boots a host and a model that end with the test.
 * @param {{ after(end: () => Promise<void>): void }} t
 * @param {(string | [string, object])[]} plugin
 * @param {Record<string, any>} [config] of OpenCode
 * @param {Record<string, any>} [settings] more of oh-my-openagent
 */
export async function boot(t, plugin, config = {}, settings = {}) {
  const model = await startModel()
  const broken = await startBroken()
  const provider = { broken: { npm: "@ai-sdk/openai-compatible", name: "Broken", options: { baseURL: broken.url, apiKey: "none" }, models: { m: { name: "Broken", tool_call: true, limit: { context: 200_000, output: 8_192 } } } } }
  const host = await startHost({
    model,
    plugin,
    config: { provider, ...config },
    files: { ".opencode/oh-my-openagent.json": { ...SETTINGS, ...settings } },
    env: { OMO_DISABLE_POSTHOG: "1", OMO_SEND_ANONYMOUS_TELEMETRY: "0", DO_NOT_TRACK: "1" },
  }).catch(async (error) => {
    await Promise.all([model.close(), broken.close()])
    throw error
  })
  t.after(async () => {
    await host.stop()
    await Promise.all([model.close(), broken.close()])
  })
  const { say: hasSaid, asked } = talk(host)
  const alone = [ALONE, ORCHESTRATOR_ALONE].includes(String(plugin[0]))
  /** @template T @param {Promise<T>} promise @param {string} what @returns {Promise<T>} */
  const patient = (promise, what) => {
    const stop = new AbortController()
    const late = sleep(alone ? HANGS_MS : SLOW_MS, undefined, { signal: stop.signal }).then(() => assert.fail(`${what} hangs`))
    return Promise.race([promise, late]).finally(() => stop.abort())
  }
  /** Whether a conversation has said something. */
  let begun = false
  /** As `say`; a call that hangs fails. @type {typeof hasSaid} */
  const say = async (root, ...steps) => {
    // Alone, omo refuses to prompt a session again at once: that would hide what it does after its pause.
    if (plugin[0] === ALONE && begun) await sleep(RESTS_MS)
    begun = true
    return patient(hasSaid(root, ...steps), "the call")
  }
  /** The requests that a session made to the model, in order. @param {string} id */
  const requests = (id) => model.requests.filter(({ kind, sessionID }) => kind === "chat" && sessionID === id)
  const rests = (/** @type {string} */ id) => until(async () => !(await host.api("GET", "/session/status"))[id], `${id} idle`)
  return { host, model, say, patient, asked, requests, rests, children: async (/** @type {string} */ id) => (await host.tree(id)).children }
}

/**
 * The two hosts of a file, each booted when it is first needed.
 * @param {Record<string, any>} [config] of OpenCode
 * @param {{ alone: string, withUs: string | [string, object] }} [plugins]
 * @param {Record<string, any>} [settings] more of oh-my-openagent
 */
export function hosts(config, { alone, withUs } = { alone: ALONE, withUs: WITH_US }, settings = {}) {
  /** @type {(() => Promise<void>)[]} */
  const ends = []
  /** @type {Map<string | [string, object], Promise<World>>} */
  const worlds = new Map()
  after(() => Promise.all(ends.map((end) => end())))
  const world = (/** @type {string | [string, object]} */ plugin) => {
    const booted = worlds.get(plugin) ?? boot({ after: (end) => void ends.push(end) }, [plugin], config, settings)
    worlds.set(plugin, booted)
    return booted
  }
  return {
    world,
    /** A test with us. @param {string} name @param {(world: World) => Promise<void>} body */
    test: (name, body) => it(name, { skip: MISSING }, async () => body(await world(withUs))),
    /** Two tests of one body. @param {string} name @param {(world: World) => Promise<void>} body @param {RegExp} [instead] */
    shown(name, body, instead) {
      // The hanging calls of all tests of a file hang at the same time.
      /** @type {Promise<any> | undefined} */
      let error
      before(() => {
        if (!MISSING) error = world(alone).then(body).then(() => undefined, (error) => error)
      })
      shown(name, () => world(withUs).then(body), async () => error, instead)
    },
  }
}

/**
 * Two tests of one body: the body passes with us, and one of its assertions fails with the other plugin alone.
 * @param {string} name
 * @param {() => Promise<void>} withUs
 * @param {() => Promise<any>} alone gives the error of the body
 * @param {RegExp} [instead] its own behaviour, in the message of that failure
 */
export function shown(name, withUs, alone, instead = /^/) {
  describe(name, { skip: MISSING }, () => {
    it(`With us: ${name}`, () => withUs().then(() => record(name, "withUs", undefined), (error) => {
      record(name, "withUs", error)
      throw error
    }))
    it(`The plugin alone fails: ${name}`, async (t) => {
      const error = await alone()
      record(name, "alone", error)
      assert.ok(error, "it passes")
      assert.equal(error.code, "ERR_ASSERTION", error.stack)
      assert.match(error.message, instead)
      t.diagnostic(`alone: ${error.message.replace(/\s+/g, " ").slice(0, 160)}`)
    })
  })
}
