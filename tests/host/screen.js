// A program on a screen of tmux: what it shows, and a person's hands on it.

import { execFile } from "node:child_process"
import { randomUUID } from "node:crypto"
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { promisify } from "node:util"
import { CALL_MS, markProcesses } from "./process.js"

const run = promisify(execFile)

/** The patience with a screen: a busy machine must not reach it. */
const SCREEN_MS = 60_000
/** The time between two looks at a screen. */
const LOOK_MS = 100

/** Why no terminal can run here, for the `skip` of a test: `false` if one can. */
export const MISSING = ["/usr/bin/tmux", "/usr/local/bin/tmux", "/opt/homebrew/bin/tmux"].some(existsSync) ? false : "This needs tmux: install it (apt-get install tmux)."

/** @typedef {Awaited<ReturnType<typeof startScreen>>} Screen */

/**
 * Starts a program on a screen of its own. The caller stops it.
 * @param {string[]} words the program and its arguments
 * @param {{ cwd: string, env: Record<string, string>, home: string, width: number, height: number }} where
 */
export async function startScreen(words, { cwd, env: given, home, width, height }) {
  const marked = markProcesses()
  const socket = `delegate-${randomUUID()}`
  const env = { ...given, ...marked.env, TERM: "xterm-256color", COLORTERM: "truecolor", TMUX: "", TMUX_TMPDIR: home }
  /** @param {string[]} words */
  const tmux = async (...words) => (await run("tmux", ["-L", socket, "-f", "/dev/null", ...words], { cwd, env, timeout: CALL_MS })).stdout

  // The screen hides what is not drawn.
  const raw = join(home, `${socket}.out`)
  writeFileSync(raw, "")
  // The screen stays after the program, so that a crash can be read.
  await tmux("new-session", "-d", "-x", String(width), "-y", String(height), words.map((word) => `'${word}'`).join(" "), ";", "set-option", "-g", "remain-on-exit", "on", ";", "set-option", "-g", "status", "off", ";", "set-option", "-g", "mouse", "on", ";", "pipe-pane", "-O", `cat > '${raw}'`)

  const onScreen = {
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
      const lines = (await onScreen.screen()).split("\n")
      const row = lines.findIndex((line) => line.includes(text))
      if (row < 0) throw new Error(`"${text}" is not on the screen:\n${lines.join("\n")}`)
      await onScreen.click([...lines[row].slice(0, lines[row].indexOf(text))].length, row)
    },
    /**
     * Waits until the screen has a text, or passes a test, and gives the screen.
     * @param {string | RegExp | ((screen: string) => unknown)} wanted @param {number} [ms]
     */
    async see(wanted, ms = SCREEN_MS) {
      const test = typeof wanted === "string" ? (/** @type {string} */ screen) => screen.includes(wanted) : wanted instanceof RegExp ? (/** @type {string} */ screen) => wanted.test(screen) : wanted
      let screen = ""
      for (const deadline = Date.now() + ms; Date.now() < deadline; await sleep(LOOK_MS)) {
        screen = await onScreen.screen()
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
      writeFileSync(join(folder, `${name}.txt`), await onScreen.screen())
      writeFileSync(join(folder, `${name}.ansi`), await onScreen.colours())
    },
    /** Ends the terminal and all that it has started. */
    async stop() {
      await tmux("kill-server").catch(() => {})
      await marked.end()
    },
  }
  return onScreen
}
