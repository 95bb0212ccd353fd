// A real OpenCode 1.

import { mkdirSync, mkdtempSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { caller, follow } from "./calls.js"
import { furnish as furnishProject, write } from "./files.js"
import { makeHome, makeServer, PROMPT_MS, runToEnd } from "./process.js"

/**
 * @typedef {{ type: string, properties: any }} HostEvent
 * @typedef {import("./calls.js").Events<HostEvent>} Events
 * @typedef {import("./files.js").Project} Project
 * @typedef {Project & { home?: string, env?: Record<string, string> }} Options
 * @typedef {{ info: any, parts: any[] }} Message
 * @typedef {{ id: string, title: string, parentID?: string, agent?: string, metadata?: any, [key: string]: any }} Session
 * @typedef {Session & { children: Tree[] }} Tree
 * @typedef {{
 *   readonly url: string, directory: string, home: string, pid(): number | undefined, log(): string, api: import("./calls.js").Api,
 *   session(body?: object): Promise<string>,
 *   prompt(sessionID: string, input: string | object[], options?: { agent?: string, [key: string]: any }): Promise<Message & { text: string }>,
 *   record(sessionID: string): Promise<any>, fork(sessionID: string): Promise<string>, abort(sessionID: string): Promise<unknown>,
 *   revert(sessionID: string, messageID: string): Promise<unknown>, unrevert(sessionID: string): Promise<unknown>, remove(sessionID: string): Promise<unknown>, summarise(sessionID: string): Promise<unknown>, command(sessionID: string, name: string): Promise<unknown>,
 *   messages(sessionID: string): Promise<Message[]>, children(sessionID: string): Promise<Session[]>, tree(sessionID: string): Promise<Tree>,
 *   events(): Promise<Events>, run(words: string[], input: string): Promise<string>, kill(): Promise<void>, stop(): Promise<void>, restart(): Promise<void>,
 *   project(options: Project): Promise<Host>, unref(): void
 * }} Host
 */

/**
 * A real OpenCode server with its own home and project directory, whose only model is `model`; give it the `home` of an
 * earlier host to find that one's sessions again.
 * @param {Options} options
 * @returns {Promise<Host>}
 */
export async function startHost(options) {
  const { home, directory, where } = prepare(options)
  const server = makeServer(binary(), ["serve", "--print-logs"], where, (ms) => api("GET", "/agent", undefined, ms))
  const url = () => server.url
  const at = (/** @type {string} */ project) => caller(url, headers(project))
  const api = at(directory)

  await server.boot()
  return {
    get url() { return server.url },
    home,
    pid: server.pid,
    log: server.log,
    ...talk(api, directory, url),
    run: (words, input) => runToEnd(binary(), ["run", ...words], where, input),
    kill: server.kill,
    stop: server.stop,
    restart: server.restart,
    async project(options) {
      const own = mkdtempSync(join(home, "project-"))
      const folder = join(own, "project")
      furnish(folder, options)
      const began = server.log().length
      const here = at(folder)
      const no = async () => {
        throw new Error("Other projects share this server.")
      }
      return {
        get url() { return server.url },
        home: own,
        pid: server.pid,
        log: () => server.log().slice(began),
        ...talk(here, folder, url),
        run: no,
        kill: no,
        restart: no,
        project: no,
        stop: async () => void await here("POST", "/instance/dispose"),
        unref() {},
      }
    },
    unref: server.unref,
  }
}

/**
 * A home with a project in it, and where a process of OpenCode lives in it.
 * @param {Options} options
 */
export function prepare({ home: given, env = {}, ...options }) {
  const { home, directory, env: homeEnv } = makeHome(given)
  satisfy(join(homeEnv.XDG_CONFIG_HOME, "opencode"))
  // The only model is the scripted one. Reading the catalogue of all others takes OpenCode seconds for every project.
  const catalogue = join(home, "models.json")
  write(catalogue, {})
  furnish(directory, options)
  return { home, directory, where: { cwd: directory, env: { ...homeEnv, ...QUIET, OPENCODE_MODELS_PATH: catalogue, ...env } } }
}

/** @param {string} directory */
export const headers = (directory) => ({ "x-opencode-directory": directory })

/**
 * The calls of a host for one project.
 * @param {Host["api"]} api @param {string} directory @param {() => string} url
 */
export function talk(api, directory, url) {
  const host = {
    directory,
    api,
    session: async (body = {}) => (await api("POST", "/session", body)).id,
    /** @type {Host["prompt"]} */
    async prompt(sessionID, input, options = {}) {
      const parts = typeof input === "string" ? [{ type: "text", text: input }] : input
      const answer = await api("POST", `/session/${sessionID}/message`, { ...options, parts }, PROMPT_MS)
      const texts = answer.parts.flatMap((/** @type {any} */ part) => (part.type === "text" && part.text ? [part.text] : []))
      return { ...answer, text: texts.join("\n") }
    },
    /** @type {Host["messages"]} */
    messages: (sessionID) => api("GET", `/session/${sessionID}/message`),
    record: async (/** @type {string} */ sessionID) => (await api("GET", `/session/${sessionID}`)).metadata?.delegate,
    fork: async (/** @type {string} */ sessionID) => (await api("POST", `/session/${sessionID}/fork`, {})).id,
    revert: (/** @type {string} */ sessionID, /** @type {string} */ messageID) => api("POST", `/session/${sessionID}/revert`, { messageID }),
    unrevert: (/** @type {string} */ sessionID) => api("POST", `/session/${sessionID}/unrevert`),
    abort: (/** @type {string} */ sessionID) => api("POST", `/session/${sessionID}/abort`),
    remove: (/** @type {string} */ sessionID) => api("DELETE", `/session/${sessionID}`),
    summarise: (/** @type {string} */ sessionID) => api("POST", `/session/${sessionID}/summarize`, { providerID: "scripted", modelID: "m" }),
    command: (/** @type {string} */ sessionID, /** @type {string} */ command) => api("POST", `/session/${sessionID}/command`, { command, arguments: "" }, PROMPT_MS),
    /** @type {Host["children"]} */
    children: (sessionID) => api("GET", `/session/${sessionID}/children`),
    /** @type {Host["tree"]} */
    async tree(sessionID) {
      const children = (await host.children(sessionID)).sort((a, b) => a.time.created - b.time.created)
      return { ...(await api("GET", `/session/${sessionID}`)), children: await Promise.all(children.map(({ id }) => host.tree(id))) }
    },
    events: () => /** @type {Promise<Events>} */ (follow(`${url()}/event`, headers(directory))),
  }
  return host
}

/** Nothing may reach for the network or for the developer's own OpenCode. */
const QUIET = Object.fromEntries(
  ["AUTOUPDATE", "MODELS_FETCH", "LSP_DOWNLOAD", "DEFAULT_PLUGINS"].map((name) => [`OPENCODE_DISABLE_${name}`, "1"]),
)

/** @param {string} directory @param {Project} options */
function furnish(directory, options) {
  furnishProject(directory, options)
  if (Object.keys(options.files ?? {}).some((path) => path.startsWith(".opencode/"))) satisfy(join(directory, ".opencode"))
}

/**
 * OpenCode installs its plugin package from npm into each of its configuration folders, and plugins wait for that,
 * unless the folder looks installed already.
 * @param {string} folder
 */
function satisfy(folder) {
  const dependencies = { "@opencode-ai/plugin": "*" }
  mkdirSync(join(folder, "node_modules"), { recursive: true })
  write(join(folder, "package.json"), { dependencies })
  write(join(folder, "package-lock.json"), { lockfileVersion: 3, packages: { "": { dependencies } } })
}

export function binary() {
  const from = createRequire(createRequire(import.meta.url).resolve("opencode-ai/package.json"))
  return join(dirname(from.resolve(`opencode-${process.platform}-${process.arch}/package.json`)), "bin", "opencode")
}
