// A real OpenCode 2, as the package shuvcode-linux-x64-baseline has it.

import { mkdtempSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { caller, follow } from "./calls.js"
import { furnish } from "./files.js"
import { BINARY } from "./opencode2_binary.js"
import { makeHome, makeServer, PROMPT_MS, runToEnd } from "./process.js"

/**
 * @typedef {{ type: string, data: any, [key: string]: any }} HostEvent
 * @typedef {import("./files.js").Project} Project
 * @typedef {Project & { home?: string, env?: Record<string, string> }} Options
 * @typedef {{ id: string, type: string, content?: any[], text?: string, [key: string]: any }} Message
 * @typedef {{ id: string, title?: string, parentID?: string, agent?: string, metadata?: any, [key: string]: any }} Session
 * @typedef {Session & { children: Tree[] }} Tree
 * @typedef {{
 *   readonly url: string, directory: string, home: string, where: { cwd: string, env: Record<string, string> }, pid(): number | undefined, log(): string, api: import("./calls.js").Api,
 *   session(body?: object): Promise<string>,
 *   prompt(sessionID: string, text: string, options?: { agent?: string, [key: string]: any }): Promise<Message & { text: string }>,
 *   record(sessionID: string): Promise<any>, fork(sessionID: string): Promise<string>, abort(sessionID: string): Promise<unknown>,
 *   revert(sessionID: string, messageID: string): Promise<unknown>, unrevert(sessionID: string): Promise<unknown>, remove(sessionID: string): Promise<unknown>, summarise(sessionID: string): Promise<unknown>, command(sessionID: string, name: string): Promise<unknown>,
 *   messages(sessionID: string): Promise<Message[]>, children(sessionID: string): Promise<Session[]>, tree(sessionID: string): Promise<Tree>,
 *   events(): Promise<import("./calls.js").Events<HostEvent>>, run(words: string[], input: string): Promise<string>, kill(): Promise<void>, stop(): Promise<void>, restart(): Promise<void>,
 *   project(options: Project): Promise<Host>, unref(): void
 * }} Host
 */

const PASSWORD = "scripted"

/**
 * A real OpenCode 2 server with its own home and project directory, whose only model is `model`; give it the `home` of an
 * earlier host to find that one's sessions again. `api` calls the routes under `/api` and returns their `data`.
 * @param {Options} options
 * @returns {Promise<Host>}
 */
export async function startHost(options) {
  const { home, directory, where } = prepare(options)
  const server = makeServer(BINARY, ["serve"], where, (ms) => api("GET", "/info", undefined, ms))
  const url = () => server.url
  const at = (/** @type {string} */ project) => caller(() => `${server.url}/api`, headers(project))
  const api = at(directory)

  await server.boot()
  return {
    get url() { return server.url },
    home,
    where,
    pid: server.pid,
    log: server.log,
    ...talk(api, directory, url),
    run: (words, input) => runToEnd(BINARY, ["run", "--standalone", ...words], { ...where, env: { ...where.env, OPENCODE_PRINT_LOGS: "" } }, input),
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
        where,
        pid: server.pid,
        log: () => server.log().slice(began),
        ...talk(here, folder, url),
        run: no,
        kill: no,
        restart: no,
        project: no,
        stop: async () => void await here("DELETE", "/debug/location"),
        unref() {},
      }
    },
    unref: server.unref,
  }
}

/**
 * Furnishes a home and its project, and returns them with the environment of a process that lives in them.
 * @param {Options} options
 */
export function prepare({ home: given, env = {}, ...options }) {
  const { home, directory, env: homeEnv } = makeHome(given)
  furnish(directory, options)
  return { home, directory, where: { cwd: directory, env: { ...homeEnv, ...QUIET, OPENCODE_PASSWORD: PASSWORD, OPENCODE_PRINT_LOGS: "1", ...env } } }
}

/** @param {string} directory */
const headers = (directory) => ({
  authorization: `Basic ${Buffer.from(`opencode:${PASSWORD}`).toString("base64")}`,
  "x-opencode-directory": encodeURIComponent(directory),
})

/**
 * The calls of a host for one project.
 * @param {Host["api"]} call @param {string} directory @param {() => string} url
 */
function talk(call, directory, url) {
  /** All pages of a list. @param {string} path @returns {Promise<any[]>} */
  async function pages(path) {
    const items = []
    for (let query = "order=asc"; ;) {
      const { data, cursor } = await call("GET", path + query)
      items.push(...data)
      if (!data.length || !cursor.next) return items
      query = `cursor=${encodeURIComponent(cursor.next)}`
    }
  }

  const host = {
    directory,
    /** @type {Host["api"]} */
    async api(method, path, body, ms) {
      const answer = await call(method, path, body, ms)
      return answer && "data" in answer ? answer.data : answer
    },
    /** Only an import gives a session a parent. @param {any} [body] */
    async session({ parentID, ...body } = {}) {
      const { id, ...info } = await host.api("POST", "/session", { location: { directory }, ...body })
      if (!parentID) return id
      await host.remove(id)
      await host.api("POST", "/experimental/session/import", { info: { ...info, ...body, id, parentID }, messages: [], location: { directory } })
      return id
    },
    /** @type {Host["prompt"]} */
    async prompt(sessionID, text, { agent, ...options } = {}) {
      if (agent) await host.api("POST", `/session/${sessionID}/agent`, { agent })
      const { id } = await host.api("POST", `/session/${sessionID}/prompt`, { ...options, text })
      // The session may be at rest before it has read the prompt, so its own messages say when the turn is over.
      for (const deadline = Date.now() + PROMPT_MS; Date.now() < deadline; await sleep(20)) {
        await host.api("POST", `/experimental/session/${sessionID}/wait`, undefined, PROMPT_MS)
        const messages = await host.messages(sessionID)
        const turn = messages.slice(messages.findIndex((message) => message.id === id))
        if (turn[0]?.id !== id || !turn.some(({ type }) => type === "idle")) continue
        const answer = turn.findLast(({ type }) => type === "assistant") ?? turn[0]
        const texts = (answer.content ?? []).flatMap((part) => (part.type === "text" && part.text ? [part.text] : []))
        return { ...answer, text: texts.join("\n") }
      }
      throw new Error(`session ${sessionID} does not come to rest after prompt ${id}`)
    },
    /** @type {Host["messages"]} */
    messages: (sessionID) => pages(`/session/${sessionID}/message?`),
    /** @param {string} sessionID */
    record: async (sessionID) => JSON.parse(await readFile(join(directory, "..", "records", `${sessionID}.json`), "utf8").catch(() => "null")),
    fork: async (/** @type {string} */ sessionID) => (await host.api("POST", `/session/${sessionID}/fork`, {})).id,
    revert: (/** @type {string} */ sessionID, /** @type {string} */ messageID) => host.api("POST", `/session/${sessionID}/revert/stage`, { messageID }),
    unrevert: (/** @type {string} */ sessionID) => host.api("DELETE", `/session/${sessionID}/revert`),
    abort: (/** @type {string} */ sessionID) => host.api("POST", `/session/${sessionID}/interrupt`),
    remove: (/** @type {string} */ sessionID) => host.api("DELETE", `/session/${sessionID}`),
    async summarise(/** @type {string} */ sessionID) {
      await host.api("POST", `/session/${sessionID}/compact`, {})
      await host.api("POST", `/experimental/session/${sessionID}/wait`, undefined, PROMPT_MS)
    },
    /** Resolves when the session has read the result. @type {Host["command"]} */
    async command(sessionID, name) {
      const { length } = await host.messages(sessionID)
      await host.api("POST", `/session/${sessionID}/command`, { name, text: "" })
      for (const deadline = Date.now() + PROMPT_MS; Date.now() < deadline; await sleep(20)) {
        if ((await host.messages(sessionID)).slice(length).some(({ type }) => type === "idle")) return
      }
      throw new Error(`session ${sessionID} does not come to rest after command ${name}`)
    },
    /** @type {Host["children"]} */
    children: (sessionID) => pages(`/session?parentID=${sessionID}&`),
    /** @type {Host["tree"]} */
    async tree(sessionID) {
      const children = (await host.children(sessionID)).sort((a, b) => a.time.created - b.time.created)
      return { ...(await host.api("GET", `/session/${sessionID}`)), children: await Promise.all(children.map(({ id }) => host.tree(id))) }
    },
    /** The events of all projects of the server. @type {Host["events"]} */
    events: () => follow(`${url()}/api/event`, headers(directory)),
  }
  return host
}

/** Nothing may reach for the network. */
const QUIET = Object.fromEntries(["AUTOUPDATE", "MODELS_FETCH", "FFF"].map((name) => [`OPENCODE_DISABLE_${name}`, "1"]))
