// The renaming of a session: a person types a name, and the server half gives it.

import { createSignal } from "solid-js"
import { component, line } from "./elements.js"
import { cut } from "./figures.js"

/**
 * @typedef {import("./start.js").View} View
 * @typedef {import("./outline.js").Row} Row
 */

/** The command that the server half hears. It is no command of a terminal. */
export const RENAME = "opencode-delegate.rename"
/** The patience with the server half, in milliseconds. */
const ANSWER_MS = 5_000

/**
 * Asks for a name.
 * @param {View} view
 * @param {Row} row
 * @param {(make: () => any) => void} show shows a dialog, and the list after it
 */
export async function askForName(view, { sessionID, name, title }, show) {
  const { api, guarded } = view
  const { faultOf, slugOf } = await import("./names.js")
  const [fault, setFault] = createSignal("")
  const taken = (/** @type {string} */ slug) => view.rows().some((row) => row.name === slug && row.sessionID !== sessionID)
  const confirm = guarded("rename a session", async (/** @type {string} */ given) => {
    const why = faultOf(given) ?? (taken(slugOf(given)) ? `Another session is called ${slugOf(given)}.` : undefined)
    if (why) return void setFault(why)
    const slug = slugOf(given)
    api.ui.dialog.clear()
    if (slug === name) return
    await view.host.tell(`${RENAME} ${sessionID} ${slug}`)
    const renamed = await whenRenamed(view, sessionID, slug)
    api.ui.toast(renamed ? { variant: "success", message: `${title} is called ${slug} now. The former name still works.` } : { variant: "error", message: `${title} keeps its name: the server half of opencode-delegate did not answer.` })
  })
  show(() => component(api.ui.DialogPrompt, {
    title: cut(`Rename ${title}`, 50),
    placeholder: "A short name, such as explore-auth",
    value: name ?? "",
    description: () => line({ fg: () => view.colour(fault() ? "error" : "textMuted") }, () => fault() || "Models and you call the session by its name."),
    onConfirm: confirm,
  }))
}

/** Whether a session gets a name within a while. @param {View} view @param {string} sessionID @param {string} slug @returns {Promise<boolean>} */
async function whenRenamed(view, sessionID, slug) {
  for (const deadline = Date.now() + ANSWER_MS; Date.now() < deadline; await new Promise((next) => setTimeout(next, 100))) {
    if (view.row(sessionID)?.name === slug) return true
  }
  return false
}
