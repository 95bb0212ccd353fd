// The real terminal interface of OpenCode 2, on a screen of tmux, with a server that a test can call.

import { startHost } from "./opencode2.js"
import { BINARY } from "./opencode2_binary.js"
import { startScreen } from "./screen.js"

export { MISSING } from "./opencode2_binary.js"

/**
 * @typedef {import("./opencode2.js").Options & { width?: number, height?: number, sessionID?: string }} Options
 * @typedef {Awaited<ReturnType<typeof startTerminal>>} Terminal
 */

/**
 * Starts a server of OpenCode 2, and a terminal that is connected to it. The caller stops both.
 * @param {Options} options
 */
export async function startTerminal({ width = 160, height = 45, sessionID, ...options }) {
  const host = await startHost(options)
  // The lines of the log would stand on the screen.
  const env = { ...host.where.env, OPENCODE_PRINT_LOGS: "" }
  /** @param {string} [shown] the session that the terminal begins with */
  const connect = (shown) => startScreen([BINARY, "--server", host.url, ...(shown ? ["--session", shown] : [])], { cwd: host.where.cwd, env, home: host.home, width, height })
  const screen = await connect(sessionID)
  return {
    ...host,
    ...screen,
    async stop() {
      await screen.stop()
      await host.stop()
    },
  }
}
