// The real terminal interface of OpenCode, on a screen of tmux.

import { join } from "node:path"
import { caller } from "./calls.js"
import { write } from "./files.js"
import { binary, headers, prepare, talk } from "./opencode.js"
import { freePort } from "./process.js"
import { startScreen } from "./screen.js"

export { MISSING } from "./screen.js"

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
  const words = [binary(), ...(port ? ["--port", String(port), "--hostname", "127.0.0.1"] : []), ...(sessionID ? ["--session", sessionID] : [])]
  const screen = await startScreen(words, { ...where, home, width, height })
  return { ...talk(api, directory, () => url), home, url, ...screen }
}
