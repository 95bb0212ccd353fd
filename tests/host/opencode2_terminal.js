// The real terminal interface of OpenCode 2, on a screen of tmux.

import { join } from "node:path"
import { write } from "./files.js"
import { prepare, startHost } from "./opencode2.js"
import { BINARY } from "./opencode2_binary.js"
import { startScreen } from "./screen.js"

/**
 * @typedef {import("./opencode2.js").Options & { tui?: string[], width?: number, height?: number, sessionID?: string, serves?: boolean }} Options
 *   `tui`: the plugins of a terminal whose server has none; `serves`: whether a server of its own runs, so that a test can
 *   call it
 */

/**
 * Starts a terminal, and the server that it is connected to. The caller stops both.
 * @param {Options} options
 */
export async function startTerminal({ tui = [], width = 160, height = 45, sessionID, serves = true, ...options }) {
  const host = serves ? await startHost(options) : undefined
  const { home, where: { cwd, env } } = host ?? prepare(options)
  // A terminal takes the halves of its server's plugins by itself.
  if (!options.plugin?.length) write(join(home, "config", "shuvcode", "cli.json"), { plugins: tui })
  const words = [BINARY, ...(host ? ["--server", host.url] : ["--standalone"]), ...(sessionID ? ["--session", sessionID] : [])]
  // The lines of the log would stand on the screen.
  const screen = await startScreen(words, { cwd, env: { ...env, OPENCODE_PRINT_LOGS: "" }, home, width, height })
  return {
    ...host,
    ...screen,
    async stop() {
      await screen.stop()
      await host?.stop()
    },
  }
}
