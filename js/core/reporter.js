// Messages for a person: in the host's log, on the screen, on standard error.

import { isMainThread } from "node:worker_threads"

/** @param {Pick<import("./host.js").Host, "log" | "toast">} host */
export function reporter(host) {
  /** Whether the host's screen is drawn: a message before that is lost. */
  let drawn = false
  /** The messages for the screen. @type {{ level: "warn" | "error", message: string }[]} */
  let waiting = []

  /** @param {"warn" | "error"} level @param {string} message */
  const log = (level, message) => void host.log(level, message).catch(() => {})

  /** Shows the messages together: the screen keeps one at a time. */
  const flush = () => {
    if (!drawn || !waiting.length) return
    const variant = waiting.some(({ level }) => level === "error") ? "error" : "warning"
    const text = waiting.map(({ message }) => message).join("\n\n")
    waiting = []
    host.toast(text, variant).catch(() => {})
  }

  /** @param {"warn" | "error"} level @param {string} message */
  const show = (level, message) => {
    log(level, message)
    waiting.push({ level, message })
    queueMicrotask(flush)
  }

  return {
    /** Reports in the log alone. @param {string} message */
    report: (message) => log("warn", message),
    /** Shows a warning on the screen. @param {string} message */
    warn: (message) => show("warn", message),
    /** Shows an error: a part of the plugin does not work. @param {string} message */
    alarm(message) {
      show("error", message)
      // The terminal interface draws on the whole screen, and runs plugins in a worker.
      if (isMainThread) console.error(`opencode-delegate: ${message}`)
    },
    /** Takes in that the screen is drawn: a person has sent a message. */
    screenDrawn() {
      drawn = true
      flush()
    },
  }
}
