// The real terminal interface of OpenCode, on a screen of tmux.

import { execFile } from "node:child_process"
import { randomUUID } from "node:crypto"
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { promisify } from "node:util"
import { caller } from "./calls.js"
import { write } from "./files.js"
import { binary, headers, prepare, talk } from "./opencode.js"
import { CALL_MS, freePort, markProcesses } from "./process.js"

const run = promisify(execFile)

/** The patience with a screen: a busy machine must not reach it. */
const SCREEN_MS = 30_000
/** The time between two looks at a screen. */
const LOOK_MS = 100

/** Why no terminal can run here, for the `skip` of a test: `false` if one can. */
export const MISSING = ["/usr/bin/tmux", "/usr/local/bin/tmux", "/opt/homebrew/bin/tmux"].some(existsSync) ? false : "This needs tmux: install it (apt-get install tmux)."

/**
 * @typedef {import("./opencode.js").Options & {
 *   tui?: (string | [string, object])[], width?: number, height?: number, sessionID?: string, serves?: boolean
 * }} Options `tui`: the plugins of the terminal; `serves`: whether the terminal serves HTTP, so that a test can call it
 * @typedef {Awaited<ReturnType<typeof startTerminal>>} Terminal
 */

/**
 * Starts OpenCode in a terminal. The caller stops it.
 * @param {Options} options
 */
export async function startTerminal({ tui = [], width = 120, height = 40, sessionID, serves = true, ...options }) {
  const { home, directory, where } = prepare(options)
  write(join(where.env.XDG_CONFIG_HOME, "opencode", "tui.json"), { $schema: "https://opencode.ai/tui.json", plugin: tui })
  const port = serves ? await freePort() : undefined
  const url = `http://127.0.0.1:${port}`
  const api = caller(() => url, headers(directory))
  const marked = markProcesses()
  const socket = `delegate-${randomUUID()}`
  const env = { ...where.env, ...marked.env, TERM: "xterm-256color", COLORTERM: "truecolor", TMUX: "", TMUX_TMPDIR: home }
  /** @param {string[]} words */
  const tmux = async (...words) => (await run("tmux", ["-L", socket, "-f", "/dev/null", ...words], { cwd: where.cwd, env, timeout: CALL_MS })).stdout

  const words = [binary(), ...(port ? ["--port", String(port), "--hostname", "127.0.0.1"] : []), ...(sessionID ? ["--session", sessionID] : [])]
  // The screen hides what is not drawn.
  const raw = join(home, `${socket}.out`)
  writeFileSync(raw, "")
  // The screen stays after the program, so that a crash can be read.
  await tmux("new-session", "-d", "-x", String(width), "-y", String(height), words.map((word) => `'${word}'`).join(" "), ";", "set-option", "-g", "remain-on-exit", "on", ";", "set-option", "-g", "status", "off", ";", "set-option", "-g", "mouse", "on", ";", "pipe-pane", "-O", `cat > '${raw}'`)

  const terminal = {
    ...talk(api, directory, () => url),
    home,
    url,
    /** The screen as text. @returns {Promise<string>} */
    screen: () => tmux("capture-pane", "-p"),
    /** The screen as text with colours. @returns {Promise<string>} */
    colours: () => tmux("capture-pane", "-p", "-e", "-N"),
    /** Presses keys, by the names that tmux gives them. @param {...string} keys */
    async keys(...keys) {
      for (const key of keys) await tmux("send-keys", key)
    },
    /** Types a text. @param {string} text */
    type: (text) => tmux("send-keys", "-l", text),
    /** Clicks at a place of the screen, as a terminal reports it. @param {number} column @param {number} row both from 0 */
    async click(column, row) {
      for (const end of ["M", "m"]) await tmux("send-keys", "-l", `\x1b[<0;${column + 1};${row + 1}${end}`)
    },
    /** Clicks on a text of the screen. @param {string} text */
    async clickOn(text) {
      const lines = (await terminal.screen()).split("\n")
      const row = lines.findIndex((line) => line.includes(text))
      if (row < 0) throw new Error(`"${text}" is not on the screen:\n${lines.join("\n")}`)
      await terminal.click([...lines[row].slice(0, lines[row].indexOf(text))].length, row)
    },
    /**
     * Waits until the screen has a text, or passes a test, and gives the screen.
     * @param {string | RegExp | ((screen: string) => unknown)} wanted @param {number} [ms]
     */
    async see(wanted, ms = SCREEN_MS) {
      const test = typeof wanted === "string" ? (/** @type {string} */ screen) => screen.includes(wanted) : wanted instanceof RegExp ? (/** @type {string} */ screen) => wanted.test(screen) : wanted
      let screen = ""
      for (const deadline = Date.now() + ms; Date.now() < deadline; await sleep(LOOK_MS)) {
        screen = await terminal.screen()
        if (test(screen)) return screen
      }
      throw new Error(`The screen does not show ${wanted} within ${ms} ms:\n${screen}`)
    },
    /** The text that OpenCode has handed to the terminal's clipboard last (OSC 52). */
    copied() {
      const [, encoded = ""] = [...readFileSync(raw, "latin1").matchAll(/\x1b\]52;\w*;([\w+/=]*)/g)].at(-1) ?? []
      return Buffer.from(encoded, "base64").toString()
    },
    /** @param {number} width @param {number} height */
    resize: (width, height) => tmux("resize-window", "-x", String(width), "-y", String(height)),
    /** The processes of the terminal. */
    living: marked.living,
    /** Keeps the screen as a file of text, and as one with its colours for `cat`. @param {string} folder @param {string} name */
    async keep(folder, name) {
      mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, `${name}.txt`), await terminal.screen())
      writeFileSync(join(folder, `${name}.ansi`), await terminal.colours())
    },
    /** Ends the terminal and all that it has started. */
    async stop() {
      await tmux("kill-server").catch(() => {})
      await marked.end()
    },
  }
  return terminal
}
