// Messages for a person: in the host's log, on the screen, on standard error.

import { isMainThread } from "node:worker_threads"

/** @param {Pick<import("./host.js").Host, "log" | "toast">} host */
export function reporter(host) {
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
    /** Reports in the log alone. @param {string} message */
    report: (message) => log("warn", message),
    /** Shows a warning. @param {string} message */
    warn: (message) => show("warn", message),
    /** Shows an error: a part of the plugin does not work. @param {string} message */
    alarm: (message) => show("error", message),
  }
}
