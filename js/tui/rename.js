// The renaming of a session: a person types a name, and the server half gives it.

import { createSignal } from "solid-js"
import { renameCommand } from "../core/index.js"
import { component, line } from "./elements.js"
import { cut } from "./looks.js"

/**
 * @typedef {import("./start.js").View} View
 * @typedef {import("./outline.js").Row} Row
 */

/** The patience with the server half, in milliseconds. */
const ANSWER_MS = 5_000
/** The time between two looks at what is shown, in milliseconds. */
const LOOK_MS = 100

/**
 * Asks for a name.
 * @param {View} view
 * @param {Row} row
 * @param {(make: () => any) => void} show shows a dialog, and the list after it
 */
export async function askForName(view, { sessionID, named, title }, show) {
  const { api, guarded } = view
  const { faultOf, slugOf } = await import("./names.js")
  const [fault, setFault] = createSignal("")
  const taken = (/** @type {string} */ slug) => view.rows().some((row) => row.named && row.title === slug && row.sessionID !== sessionID)
  const confirm = guarded("rename a session", async (/** @type {string} */ given) => {
    const why = faultOf(given) ?? (taken(slugOf(given)) ? `Another session is called ${slugOf(given)}.` : undefined)
    if (why) return void setFault(why)
    const slug = slugOf(given)
    api.ui.dialog.clear()
    if (named && slug === title) return
    // Without an answer, the toast says so.
    await view.host.command(renameCommand(sessionID, slug), sessionID).catch((error) => view.report("rename a session", error))
    const now = await whenRenamed(view, sessionID, named ? title : "")
    if (!view.row(sessionID)) return void api.ui.toast({ variant: "error", message: `${title} was deleted.` })
    api.ui.toast(now ? { variant: "success", message: `${title} is called ${now} now. The former name still works.` } : { variant: "error", message: `${title} keeps its name: the server half of opencode-delegate does not answer.` })
  })
  show(() => component(api.ui.DialogPrompt, {
    title: cut(`Rename ${title}`, 50),
    placeholder: "A short name, such as explore-auth",
    value: named ? title : "",
    description: () => line({ fg: () => view.colour(fault() ? "error" : "textMuted") }, () => fault() || "Models and you call the session by its name."),
    onConfirm: confirm,
  }))
}

/** The name that a session gets within a while. @param {View} view @param {string} sessionID @param {string} former @returns {Promise<string | undefined>} */
async function whenRenamed(view, sessionID, former) {
  for (const deadline = Date.now() + ANSWER_MS; Date.now() < deadline; await new Promise((next) => setTimeout(next, LOOK_MS))) {
    const row = view.row(sessionID)
    if (!row) return undefined
    if (row.named && row.title !== former) return row.title
  }
  return undefined
}
