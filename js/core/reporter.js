// What a person is told: in OpenCode's log, on the screen, on standard error.

import { isMainThread } from "node:worker_threads"

/** @param {import("../opencode1/sdk/client.js").Host} host */
export function announce(host) {
  /** @param {"warn" | "error"} level @param {string} message */
  const log = (level, message) => void host.log(level, message).catch(() => {})
  /** @param {"warn" | "error"} level @param {string} message */
  const show = (level, message) => {
    log(level, message)
    host.toast(message, level === "warn" ? "warning" : level).catch(() => {})
    // The terminal interface draws on the whole screen, and runs plugins in a worker.
    if (isMainThread) console.error(`opencode-delegate: ${message}`)
  }
  return {
    /** Something that can be looked up. @param {string} message */
    say: (message) => log("warn", message),
    /** Something to look into. @param {string} message */
    warn: (message) => show("warn", message),
    /** Something that does not work. @param {string} message */
    alarm: (message) => show("error", message),
  }
}
