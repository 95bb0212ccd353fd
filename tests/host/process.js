// The processes of real hosts, and the folders that they live in.

import { spawn } from "node:child_process"
import { randomUUID } from "node:crypto"
import { once } from "node:events"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"

/**
 * @typedef {import("node:child_process").ChildProcess} ChildProcess
 * @typedef {{
 *   readonly url: string, pid(): number | undefined, log(): string,
 *   boot(): Promise<void>, kill(): Promise<void>, stop(): Promise<void>, restart(): Promise<void>, unref(): void
 * }} Server
 */

/** Limits that only end a hanging call: a busy machine must not reach them. */
export const [CALL_MS, PROMPT_MS] = [120_000, 200_000]
/** The patience with each attempt to boot. A server may lose an early request for good, so the first is short. */
const BOOT_MS = [15_000, 30_000, 60_000, 120_000]
/** The time to end by itself after a signal. */
const STOP_MS = 3_000

/** Process groups, the marks of servers, and homes that must not outlive this process. */
const groups = /** @type {Set<number>} */ (new Set())
const marks = /** @type {Set<string>} */ (new Set())
const homes = /** @type {Set<string>} */ (new Set())

process.on("exit", () => {
  for (const pid of groups) signal(-pid, "SIGKILL")
  for (const mark of marks) for (const pid of living(mark)) signal(pid, "SIGKILL")
  for (const home of homes) rmSync(home, { recursive: true, force: true, maxRetries: 3 })
})
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(name, () => process.exit(1))

/** The environment without what the developer has set for their own OpenCode. */
const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("OPENCODE")))

/**
 * A home, its project directory and the environment of processes that live in it. A new home goes with this process.
 * @param {string} [given] the home of an earlier host
 */
export function makeHome(given) {
  const home = given ?? mkdtempSync(join(tmpdir(), "opencode-host-"))
  if (!given) homes.add(home)
  const directory = join(home, "project")
  const folders = ["CONFIG", "DATA", "STATE", "CACHE"].map((name) => [`XDG_${name}_HOME`, join(home, name.toLowerCase())])
  // OpenCode unpacks libraries into the folder for temporary files, and leaves them there.
  const places = Object.fromEntries([["HOME", join(home, "home")], ["TMPDIR", join(home, "tmp")], ...folders])
  for (const path of [directory, ...Object.values(places)]) mkdirSync(path, { recursive: true })
  return { home, directory, env: /** @type {Record<string, string>} */ ({ ...inherited, PWD: directory, ...places }) }
}

/**
 * Starts a process in a group of its own, which ends with this process.
 * @param {string} program @param {string[]} words @param {{ cwd: string, env: Record<string, string> }} where
 * @param {(text: string) => void} hear what it prints @param {string} [input]
 */
function start(program, words, where, hear, input) {
  const child = spawn(program, words, { ...where, detached: true, stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"] })
  child.stdin?.end(input)
  if (child.pid) groups.add(child.pid)
  for (const pipe of [child.stdout, child.stderr]) pipe?.setEncoding("utf8").on("data", hear)
  return child
}

/**
 * Runs a program with this input to its end, and returns what it printed.
 * @param {string} program @param {string[]} words @param {{ cwd: string, env: Record<string, string> }} where @param {string} input
 */
export async function runToEnd(program, words, where, input) {
  let said = ""
  const child = start(program, words, where, (text) => (said += text), input)
  const [code] = await once(child, "close", { signal: AbortSignal.timeout(PROMPT_MS) })
  if (child.pid) groups.delete(child.pid)
  if (code !== 0) throw new Error(`${words.join(" ")} ends with ${code}: ${said}`)
  return said
}

/**
 * A server on a free port. It does not run yet.
 * @param {string} program @param {string[]} words @param {{ cwd: string, env: Record<string, string> }} where
 * @param {(ms: number) => Promise<unknown>} probe the first request, which waits this long for its answer
 * @returns {Server}
 */
export function makeServer(program, words, where, probe) {
  let url = ""
  let log = ""
  let server = /** @type {ChildProcess | undefined} */ (undefined)
  // Servers may share a home, so each marks its own processes.
  const mark = randomUUID()
  const marked = { ...where, env: { ...where.env, HOST_MARK: mark } }

  async function boot() {
    let trouble = ""
    let output = ""
    for (const patience of BOOT_MS) {
      const port = await freePort()
      output = ""
      marks.add(mark)
      const child = start(program, [...words, "--port", String(port), "--hostname", "127.0.0.1"], marked, (text) => {
        output += text
        log += text
      })
      server = child
      child.on("error", (error) => (log += String(error)))
      url = `http://127.0.0.1:${port}`
      const deadline = Date.now() + patience
      while (!output.includes("listening on") && child.exitCode === null && Date.now() < deadline) await sleep(20)
      // A server that is still loading and one that lost an early request for good differ only at the deadline.
      trouble = await probe(Math.max(1_000, deadline - Date.now())).then(() => "", String)
      if (!trouble) return
      await kill()
    }
    throw new Error(`OpenCode does not start: ${trouble}\n${output.slice(-4_000)}`)
  }

  /** @param {NodeJS.Signals} name @param {number} ms */
  async function end(name, ms) {
    const child = server
    if (!child?.pid) return
    const gone = (child.exitCode ?? child.signalCode) === null ? once(child, "exit") : Promise.resolve()
    signal(-child.pid, name)
    await Promise.race([gone, sleep(ms, undefined, { ref: false })])
    // The rest of the group (shells, language servers) goes with it, also when the server itself ended well.
    signal(-child.pid, "SIGKILL")
    await gone
    // OpenCode 2 starts each shell in a group of its own. A process that is killed is listed until the kernel has ended it.
    for (const deadline = Date.now() + STOP_MS; Date.now() < deadline; await sleep(5)) {
      const rest = living(mark)
      if (!rest.length) break
      for (const pid of rest) signal(pid, "SIGKILL")
    }
    marks.delete(mark)
    groups.delete(child.pid)
    server = undefined
  }
  const kill = () => end("SIGKILL", CALL_MS)
  const stop = () => end("SIGTERM", STOP_MS)

  return {
    get url() { return url },
    pid: () => server?.pid,
    log: () => log,
    boot,
    kill,
    stop,
    async restart() {
      await stop()
      await boot()
    },
    unref() {
      server?.unref()
      for (const pipe of [server?.stdout, server?.stderr]) /** @type {any} */ (pipe)?.unref()
    },
  }
}

/** A mark for processes that must not outlive this one, whoever starts them, and what ends them. */
export function markProcesses() {
  const mark = randomUUID()
  marks.add(mark)
  return {
    env: { HOST_MARK: mark },
    living: () => living(mark),
    async end() {
      for (const name of /** @type {NodeJS.Signals[]} */ (["SIGTERM", "SIGKILL"])) {
        for (const pid of living(mark)) signal(pid, name)
        for (const deadline = Date.now() + STOP_MS; living(mark).length && Date.now() < deadline; ) await sleep(20)
      }
      if (living(mark).length) throw new Error(`These processes do not end: ${living(mark).join(", ")}`)
      marks.delete(mark)
    },
  }
}

export async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1")
  await once(probe, "listening")
  const { port } = /** @type {import("node:net").AddressInfo} */ (probe.address())
  await once(probe.close(), "close")
  return port
}

/** The processes with a variable that begins like this. Only Linux can list them. @param {string} value */
export function living(value) {
  try {
    return readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && has(pid, value)).map(Number)
  } catch {
    return []
  }
}

/** @param {string} pid @param {string} value */
function has(pid, value) {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").includes(`=${value}`)
  } catch {
    return false
  }
}

/** Signals a process, or with a negative number its group. @param {number} pid @param {NodeJS.Signals} name */
function signal(pid, name) {
  try {
    process.kill(pid, name)
  } catch {
    // It is gone already.
  }
}
