// A real OpenCode with this plugin and the scripted model, for a test.

import { fileURLToPath } from "node:url"
import { script, startModel } from "../host/model.js"
import { startHost as startOpenCode1 } from "../host/opencode.js"
import { startHost as startOpenCode2 } from "../host/opencode2.js"
import { MISSING as MISSING2 } from "../host/opencode2_binary.js"

/** What runs the children: an executor of OpenCode 1, or OpenCode 2. Each test runs once for each. */
export const EXECUTOR = process.env.EXECUTOR ?? "delegate"
export const OPENCODE2 = EXECUTOR === "opencode2"
export const startHost = /** @type {typeof startOpenCode1} */ (OPENCODE2 ? startOpenCode2 : startOpenCode1)

/** Why the host cannot run here, for the `skip` of a test: `false` if it can. */
export const MISSING = OPENCODE2 && MISSING2

export const PLUGIN = new URL(OPENCODE2 ? "./opencode2/recorded" : "../../js/plugin.js", import.meta.url).href

/** This plugin under the executor. @type {[string, object]} */
export const OURS = [PLUGIN, OPENCODE2 ? {} : { executor: EXECUTOR }]

/** OpenCode 2 allows children of children only by its own configuration. */
const DEEP = OPENCODE2 ? { experimental: { subagent_depth: 5 } } : {}

/** The agents of most tests. */
export const AGENTS = {
  explorer: { mode: "subagent", description: "Reads code", prompt: "You explore." },
  fixer: { mode: "subagent", description: "Changes code", prompt: "You fix." },
}

/** The server that the tests of this file share. It ends with the process. @type {Promise<import("../host/opencode.js").Host> | undefined} */
let shared

/**
 * Starts a host and a model that end with the test. The host is a project of its own in the server that the tests of the
 * file share. With `own` it is a server of its own, which the test can kill and restart.
 * @param {import("node:test").TestContext | { after(end: () => Promise<void>): void }} t
 * @param {Partial<import("../host/opencode.js").Options> & { options?: object, agent?: object, own?: boolean }} [setup]
 */
export async function boot(t, { options, agent = AGENTS, config = {}, plugin, own = false, ...setup } = {}) {
  const model = await startModel()
  const project = { model, plugin: plugin ?? [[PLUGIN, { ...OURS[1], ...options }]], config: { ...DEEP, agent, ...config }, ...setup }
  const starting = own ? startHost(project) : (shared ??= serve()).then((server) => server.project(project))
  const host = await starting.catch(async (error) => {
    await model.close()
    throw error
  })
  t.after(async () => {
    await host.stop()
    await model.close()
  })
  return { model, host, ...talk(host) }
}

/** A server without plugins, for projects. */
async function serve() {
  const server = await startHost({ model: { url: "http://127.0.0.1:9/v1" } })
  server.unref()
  return server
}

/** Results with the texts of their errors, which OpenCode 2 hands to models as JSON. @param {string} text */
export const plain = (text) => text.replace(/\{"error":\{"type":"[\w.]+","message":"(?:[^"\\]|\\.)*"\},"content":\[\]\}/g, (json) => JSON.parse(json).error.message)

/** @param {import("../host/opencode.js").Host} host */
export function talk(host) {
  return {
    /**
     * Has a session make these calls of the task tool, one after the other, and returns their results as the model reads them.
     * @param {string} sessionID
     * @param {...object} steps
     */
    async say(sessionID, ...steps) {
      const { text } = await host.prompt(sessionID, script(...steps, { say: "RESULTS {{results}}" }))
      return plain(text).replace(/^RESULTS /, "")
    },
    /** The parts of a session's calls of the delegation tool, in the form of OpenCode 1. @param {string} sessionID */
    async calls(sessionID) {
      const messages = /** @type {any[]} */ (await host.messages(sessionID))
      if (!OPENCODE2) return messages.flatMap(({ parts }) => parts).filter((part) => part.type === "tool" && part.tool === "task")
      const tools = messages.flatMap(({ content = [] }) => content).filter((/** @type {any} */ part) => part.type === "tool" && part.name === "subagent")
      const text = (/** @type {any} */ { content = [] }) => content.map((/** @type {any} */ { text }) => text).join("\n")
      return tools.map((/** @type {any} */ { state }) => ({ type: "tool", tool: "task", state: { ...state, title: state.metadata?.title, output: text(state), error: state.error?.message } }))
    },
    /** The prompts of a session, as they stand in its messages. @param {string} sessionID @returns {Promise<string[]>} */
    async asked(sessionID) {
      const messages = /** @type {any[]} */ (await host.messages(sessionID))
      if (OPENCODE2) return messages.filter(({ type }) => type === "user").map(({ text }) => text)
      return messages.filter(({ info }) => info.role === "user").map(({ parts }) => parts.map((/** @type {any} */ { text = "" }) => text).join("\n"))
    },
    /** The answers of a session, each text by itself. @param {string} sessionID @returns {Promise<string[]>} */
    async answers(sessionID) {
      const messages = /** @type {any[]} */ (await host.messages(sessionID))
      const parts = messages.flatMap(OPENCODE2 ? ({ type, content }) => (type === "assistant" ? content : []) : ({ info, parts }) => (info.role === "assistant" ? parts : []))
      return parts.flatMap((/** @type {any} */ { type, text }) => (type === "text" ? [text] : []))
    },
    /** The sessions that run, with their state. @returns {Promise<Record<string, { type: string }>>} */
    running: () => host.api("GET", OPENCODE2 ? "/session/active" : "/session/status"),
    /** The names of the tools that a session has called. @param {string} [sessionID] @returns {Promise<string[]>} */
    async used(sessionID = "") {
      const messages = /** @type {any[]} */ (await host.messages(sessionID))
      const parts = messages.flatMap(({ parts, content = [] }) => parts ?? content)
      return parts.flatMap(({ type, tool, name }) => (type === "tool" ? [tool ?? name] : []))
    },
    /** The texts in a session that neither its user nor a model wrote. @param {string} sessionID @returns {Promise<string[]>} */
    async told(sessionID) {
      const messages = /** @type {any[]} */ (await host.messages(sessionID))
      const texts = OPENCODE2 ? messages.filter(({ type }) => type === "synthetic") : messages.flatMap(({ parts }) => parts).filter(({ synthetic }) => synthetic)
      return texts.map(({ text }) => text)
    },
    /** The record of a session, as soon as it is stored. @param {string} sessionID @param {(record: any) => unknown} [test] */
    async record(sessionID, test = Boolean) {
      for (const deadline = Date.now() + 120_000; Date.now() < deadline; await new Promise((next) => setTimeout(next, 150))) {
        const record = await host.record(sessionID)
        if (test(record)) return record
      }
      throw new Error(`no such record of session ${sessionID}`)
    },
  }
}

/**
 * A step that delegates.
 * @param {string} subagent_type
 * @param {string} description
 * @param {string | object[]} prompt the child's prompt, or the script that it plays
 * @param {string} [task_id]
 */
export function task(subagent_type, description, prompt = "Go on.", task_id = undefined) {
  const text = typeof prompt === "string" ? prompt : script(...prompt)
  return { task: { description, prompt: text, subagent_type, ...(task_id === undefined ? {} : { task_id }) } }
}

/** The id of the session in a result. @param {string} result */
export const idIn = (result) => /<(?:task id|subagent sessionID)="(ses_\w+)"/.exec(result)?.[1] ?? ""

export const projectFile = (/** @type {string} */ path) => fileURLToPath(new URL(`../../${path}`, import.meta.url))
