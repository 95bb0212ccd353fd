// Toasts that come shortly after each other. The terminal shows one at a time, so a later one repeats what nobody can have read.

/** @typedef {import("@opencode-ai/plugin/tui").TuiToast} Toast */

/** The time that a person needs for a message, in milliseconds. */
const READ_MS = 4_000
/** The number of messages that stand together. */
const MOST = 3

/** Which look wins. */
const RANK = ["info", "success", "warning", "error"]

/**
 * @param {(toast: Toast) => void} show
 * @param {() => number} [clock] in milliseconds
 * @returns {(toast: Toast) => void}
 */
export function toastStack(show, clock = Date.now) {
  let recent = /** @type {{ toast: Toast, at: number }[]} */ ([])
  return (toast) => {
    const now = clock()
    recent = [...recent.filter(({ at }) => now - at < READ_MS), { toast, at: now }].slice(-MOST)
    if (recent.length === 1) return show(toast)
    const variant = recent.map(({ toast }) => toast.variant ?? "info").reduce((one, other) => (RANK.indexOf(other) > RANK.indexOf(one) ? other : one))
    const message = recent.map(({ toast: { title, message } }) => (title ? `${title}: ${message}` : message)).join("\n\n")
    show({ variant, message, duration: Math.max(...recent.map(({ toast }) => toast.duration ?? 5_000)) })
  }
}
