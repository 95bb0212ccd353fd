import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"

/**
 * @typedef {{ type: string, properties: any }} HostEvent
 * @typedef {{ list: HostEvent[], wait(test: (event: HostEvent) => unknown, ms?: number): Promise<HostEvent>, stop(): void }} Events
 * @typedef {{ info: any, parts: any[] }} Message
 * @typedef {{ id: string, title: string, parentID?: string, agent?: string, metadata?: any, [key: string]: any }} Session
 * @typedef {Session & { children: Tree[] }} Tree
 * @typedef {{
 *   model: { url: string }, plugin?: (string | [string, object])[], config?: Record<string, any>,
 *   files?: Record<string, string | object>, home?: string, env?: Record<string, string>,
 *   limit?: { context: number, output: number }
 * }} Options
 * @typedef {Omit<Options, "home" | "env">} Project
 * @typedef {{
 *   readonly url: string, directory: string, home: string, pid(): number | undefined, log(): string,
 *   api(method: string, path: string, body?: unknown, ms?: number): Promise<any>,
 *   session(body?: object): Promise<string>,
 *   prompt(sessionID: string, input: string | object[], options?: { agent?: string, [key: string]: any }): Promise<Message & { text: string }>,
 *   messages(sessionID: string): Promise<Message[]>, children(sessionID: string): Promise<Session[]>, tree(sessionID: string): Promise<Tree>,
 *   events(): Promise<Events>, run(words: string[], input: string): Promise<string>, kill(): Promise<void>, stop(): Promise<void>, restart(): Promise<void>,
 *   project(options: Project): Promise<Host>, unref(): void
 * }} Host
 */

/** Limits that only end a hanging call: a busy machine must not reach them. */
const [CALL_MS, PROMPT_MS] = [120_000, 200_000]
/** The patience with each attempt to boot. A server may lose an early request for good, so the first is short. */
const BOOT_MS = [15_000, 30_000, 60_000, 120_000]

/** Servers, by process group, and homes that must not outlive this process. */
const groups = /** @type {Set<number>} */ (new Set())
const homes = /** @type {Set<string>} */ (new Set())

process.on("exit", () => {
  for (const pid of groups) signal(pid, "SIGKILL")
  for (const home of homes) rmSync(home, { recursive: true, force: true, maxRetries: 3 })
})
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(name, () => process.exit(1))

/**
 * A real OpenCode server with its own home and project directory, whose only model is `model`; give it the `home` of an
 * earlier host to find that one's sessions again.
 * @param {Options} options
 * @returns {Promise<Host>}
 */
export async function startHost({ home, env = {}, ...options }) {
  if (!home) homes.add((home = mkdtempSync(join(tmpdir(), "opencode-host-"))))
  const base = home
  const directory = join(base, "project")
  const folders = ["CONFIG", "DATA", "STATE", "CACHE"].map((name) => [`XDG_${name}_HOME`, join(base, name.toLowerCase())])
  // OpenCode unpacks libraries into the folder for temporary files, and leaves them there.
  const homeEnv = Object.fromEntries([["HOME", join(base, "home")], ["TMPDIR", join(base, "tmp")], ...folders])
  for (const path of Object.values(homeEnv)) mkdirSync(path, { recursive: true })
  satisfy(join(homeEnv.XDG_CONFIG_HOME, "opencode"))
  // The only model is the scripted one. Reading the catalogue of all others takes OpenCode seconds for every project.
  const catalogue = join(base, "models.json")
  write(catalogue, {})
  furnish(directory, options)

  let url = ""
  let log = ""
  let server = /** @type {import("node:child_process").ChildProcess | undefined} */ (undefined)

  async function boot() {
    let trouble = ""
    let output = ""
    for (const patience of BOOT_MS) {
      const port = await freePort()
      output = ""
      const child = spawn(binary(), ["serve", "--port", String(port), "--hostname", "127.0.0.1", "--print-logs"], {
        cwd: directory,
        detached: true,
        stdio: ["ignore", "pipe", "pipe"],
        env: { ...inherited, PWD: directory, ...homeEnv, ...QUIET, OPENCODE_MODELS_PATH: catalogue, ...env },
      })
      server = child
      if (child.pid) groups.add(child.pid)
      child.on("error", (error) => (log += String(error)))
      for (const pipe of [child.stdout, child.stderr]) {
        pipe.setEncoding("utf8").on("data", (text) => {
          output += text
          log += text
        })
      }
      url = `http://127.0.0.1:${port}`
      const deadline = Date.now() + patience
      while (!output.includes("listening on") && child.exitCode === null && Date.now() < deadline) await sleep(20)
      // A server that is still loading and one that lost an early request for good differ only at the deadline.
      trouble = await api("GET", "/agent", undefined, Math.max(1_000, deadline - Date.now())).then(() => "", String)
      if (!trouble) return
      await kill()
    }
    throw new Error(`OpenCode does not start: ${trouble}\n${output.slice(-4_000)}`)
  }

  const api = at(directory)

  /** Calls the server for a project. @param {string} project @returns {Host["api"]} */
  function at(project) {
    return async (method, path, body, ms = CALL_MS) => {
      const response = await fetch(url + path, {
        method,
        headers: { "content-type": "application/json", "x-opencode-directory": project },
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: AbortSignal.timeout(ms),
      })
      const text = await response.text()
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
      return text ? JSON.parse(text) : undefined
    }
  }

  /** @param {NodeJS.Signals} name @param {number} ms */
  async function end(name, ms) {
    const child = server
    if (!child?.pid) return
    const gone = (child.exitCode ?? child.signalCode) === null ? once(child, "exit") : Promise.resolve()
    signal(child.pid, name)
    await Promise.race([gone, sleep(ms, undefined, { ref: false })])
    // The rest of the group (shells, language servers) goes with it, also when the server itself ended well.
    signal(child.pid, "SIGKILL")
    await gone
    groups.delete(child.pid)
    server = undefined
  }
  const kill = () => end("SIGKILL", CALL_MS)

  /** Runs `opencode run` in the same home. @type {Host["run"]} */
  async function run(words, input) {
    const child = spawn(binary(), ["run", ...words], {
      cwd: directory,
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...inherited, PWD: directory, ...homeEnv, ...QUIET, OPENCODE_MODELS_PATH: catalogue, ...env },
    })
    if (child.pid) groups.add(child.pid)
    let said = ""
    for (const pipe of [child.stdout, child.stderr]) pipe.setEncoding("utf8").on("data", (text) => (said += text))
    child.stdin.end(input)
    const [code] = await once(child, "close", { signal: AbortSignal.timeout(PROMPT_MS) })
    if (child.pid) groups.delete(child.pid)
    if (code !== 0) throw new Error(`opencode run ends with ${code}: ${said}`)
    return said
  }

  await boot()
  return {
    get url() { return url },
    home: base,
    pid: () => server?.pid,
    log: () => log,
    ...talk(api, directory, () => url),
    run,
    kill,
    stop: () => end("SIGTERM", 3_000),
    async restart() {
      await end("SIGTERM", 3_000)
      await boot()
    },
    async project(options) {
      const home = mkdtempSync(join(base, "project-"))
      const folder = join(home, "project")
      furnish(folder, options)
      const began = log.length
      const here = at(folder)
      const no = async () => {
        throw new Error("Other projects share this server.")
      }
      return {
        get url() { return url },
        home,
        pid: () => server?.pid,
        log: () => log.slice(began),
        ...talk(here, folder, () => url),
        run: no,
        kill: no,
        restart: no,
        project: no,
        stop: async () => void await here("POST", "/instance/dispose"),
        unref() {},
      }
    },
    unref() {
      server?.unref()
      for (const pipe of [server?.stdout, server?.stderr]) /** @type {any} */ (pipe)?.unref()
    },
  }
}

/**
 * The calls of a host for one project.
 * @param {Host["api"]} api @param {string} directory @param {() => string} url
 */
function talk(api, directory, url) {
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
    /** @type {Host["children"]} */
    children: (sessionID) => api("GET", `/session/${sessionID}/children`),
    /** @type {Host["tree"]} */
    async tree(sessionID) {
      const children = (await host.children(sessionID)).sort((a, b) => a.time.created - b.time.created)
      return { ...(await api("GET", `/session/${sessionID}`)), children: await Promise.all(children.map(({ id }) => host.tree(id))) }
    },
    events: () => follow(url(), directory),
  }
  return host
}

/** Writes the files of a project. @param {string} directory @param {Project} options */
function furnish(directory, { model, plugin = [], config = {}, files = {}, limit }) {
  for (const [path, content] of Object.entries(files)) write(join(directory, path), content)
  write(join(directory, "opencode.json"), merge(settings(model.url, plugin, limit), config))
  if (Object.keys(files).some((path) => path.startsWith(".opencode/"))) satisfy(join(directory, ".opencode"))
}

const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("OPENCODE")))

/** Nothing may reach for the network or for the developer's own OpenCode. */
const QUIET = Object.fromEntries(
  ["AUTOUPDATE", "MODELS_FETCH", "LSP_DOWNLOAD", "DEFAULT_PLUGINS"].map((name) => [`OPENCODE_DISABLE_${name}`, "1"]),
)

/** @param {string} baseURL @param {Options["plugin"]} plugin @param {Options["limit"]} limit */
function settings(baseURL, plugin, limit = { context: 200_000, output: 8_192 }) {
  const models = { m: { name: "Scripted", tool_call: true, limit } }
  return {
    $schema: "https://opencode.ai/config.json",
    provider: { scripted: { npm: "@ai-sdk/openai-compatible", name: "Scripted", options: { baseURL, apiKey: "none" }, models } },
    model: "scripted/m",
    small_model: "scripted/m",
    plugin,
  }
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

function binary() {
  const from = createRequire(createRequire(import.meta.url).resolve("opencode-ai/package.json"))
  return join(dirname(from.resolve(`opencode-${process.platform}-${process.arch}/package.json`)), "bin", "opencode")
}

async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1")
  await once(probe, "listening")
  const { port } = /** @type {import("node:net").AddressInfo} */ (probe.address())
  await once(probe.close(), "close")
  return port
}

/** @param {string} url @param {string} directory @returns {Promise<Events>} */
async function follow(url, directory) {
  const stopped = new AbortController()
  const response = await fetch(`${url}/event`, { headers: { "x-opencode-directory": directory }, signal: stopped.signal })
  /** @type {HostEvent[]} */
  const list = []
  const read = async () => {
    let rest = ""
    for await (const text of /** @type {any} */ (response.body?.pipeThrough(new TextDecoderStream()))) {
      const lines = (rest + text).split("\n")
      rest = lines.pop() ?? ""
      for (const line of lines) if (line.startsWith("data: ")) list.push(JSON.parse(line.slice(6)))
    }
  }
  // The stream ends with the server. Its events stay in the list.
  read().catch(() => {})
  return {
    list,
    stop: () => stopped.abort(),
    async wait(test, ms = CALL_MS) {
      for (const deadline = Date.now() + ms; Date.now() < deadline; await sleep(10)) {
        const found = list.find(test)
        if (found) return found
      }
      throw new Error(`no such event within ${ms} ms; seen: ${[...new Set(list.map((event) => event.type))].join(", ")}`)
    },
  }
}

/** @param {number} pid @param {NodeJS.Signals} name */
function signal(pid, name) {
  try {
    process.kill(-pid, name)
  } catch {
    // It is gone already.
  }
}

/** @param {string} path @param {string | object} content */
function write(path, content) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content, null, 2))
}

/** @param {any} base @param {any} over @returns {any} */
function merge(base, over) {
  const plain = [base, over].every((value) => value && typeof value === "object" && !Array.isArray(value))
  if (!plain) return over ?? base
  return Object.fromEntries(Object.keys({ ...base, ...over }).map((key) => [key, merge(base[key], over[key])]))
}
