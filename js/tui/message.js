// A message for a running session: a person types it, and the server half gives it.

import { steerCommand } from "../core/index.js"
import { component, line } from "./elements.js"
import { cut } from "./looks.js"

/**
 * Asks for a message. The server half says in a toast what became of it.
 * @param {import("./start.js").View} view
 * @param {import("./outline.js").Row} row
 * @param {(make: () => any) => void} show shows a dialog, and the list after it
 */
export function askForMessage(view, { sessionID, title, state }, show) {
  const { api, guarded } = view
  if (state === "done" || state === "failed" || state === "stopped") return api.ui.toast({ variant: "info", message: `${title} is not running.` })
  const confirm = guarded("steer a session", async (/** @type {string} */ message) => {
    api.ui.dialog.clear()
    if (!message.trim()) return
    try {
      await view.host.command(steerCommand(sessionID, message), sessionID)
    } catch (error) {
      api.ui.toast({ variant: "error", message: `${title} got no message: the server half of opencode-delegate does not answer.` })
      throw error
    }
  })
  show(() => component(api.ui.DialogPrompt, {
    title: cut(`Message to ${title}`, 50),
    placeholder: "What it is to know or to do otherwise",
    description: () => line({ fg: () => view.colour("textMuted") }, "It reads this at its next step."),
    onConfirm: confirm,
  }))
}
