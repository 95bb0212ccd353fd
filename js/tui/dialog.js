// The list of delegations, and the actions on each.

import { onCleanup, untrack } from "solid-js"
import { component, el, line, show, span } from "./elements.js"
import { REMEDY } from "./fault.js"
import { LOOKS, cellsOf, cut, fitting, plainLine } from "./looks.js"
import { stopCommand } from "../core/index.js"
import { askForMessage } from "./message.js"
import { askForName } from "./rename.js"

/**
 * @typedef {import("./start.js").View} View
 * @typedef {import("./outline.js").Row} Row
 */

/** The widths of the screen from which a dialog is larger. */
const [LARGE, XLARGE] = [96, 128]

/** Shows the list. @param {View} view @param {string} [current] the session that is chosen at first */
export function showDelegations(view, current) {
  const { api } = view
  if (view.fault()) return api.ui.dialog.replace(() => component(api.ui.DialogAlert, { title: "Delegations", message: `${untrack(view.fault)}\n\nRun ${REMEDY}` }))
  if (!view.rows().length) {
    api.ui.toast({ variant: "info", message: view.viewed() ? "This conversation has no delegation yet." : "Open a conversation first." })
    return api.ui.dialog.clear()
  }
  const width = api.renderer.width
  // The terminal makes a dialog again when what it is made of changes: what was typed would be lost.
  api.ui.dialog.replace(() => untrack(() => delegations(view, current)))
  api.ui.dialog.setSize(width >= XLARGE ? "xlarge" : width >= LARGE ? "large" : "medium")
}

/** @param {View} view @param {string | undefined} current */
function delegations(view, current) {
  const { api, guarded } = view
  const room = api.renderer.width >= XLARGE ? 104 : api.renderer.width >= LARGE ? 76 : 50
  let chosen = view.rows().find(({ sessionID }) => sessionID === current)?.sessionID ?? view.rows()[0].sessionID

  /** @param {string} what @param {(view: View, row: Row) => unknown} act */
  const onChosen = (what, act) => guarded(what, () => {
    const row = view.row(chosen)
    return row && act(view, row)
  })
  const off = api.keymap.registerLayer({
    bindings: [
      { key: "ctrl+d", desc: "Stop", group: "Delegations", cmd: onChosen("stop a session", stop) },
      { key: "ctrl+s", desc: "Message", group: "Delegations", cmd: onChosen("steer a session", (_, row) => askForMessage(view, row, (make) => showOver(view, row.sessionID, make))) },
      { key: "ctrl+y", desc: "Copy the name", group: "Delegations", cmd: onChosen("copy a name", copyName) },
      { key: "ctrl+r", desc: "Rename", group: "Delegations", cmd: onChosen("rename a session", (_, row) => askForName(view, row, (make) => showOver(view, row.sessionID, make))) },
      { key: "ctrl+e", desc: "Why", group: "Delegations", cmd: onChosen("explain a call", explain) },
      { key: "ctrl+a", desc: "Answer", group: "Delegations", cmd: onChosen("answer a question", answer) },
    ],
  })
  onCleanup(off)

  return el("box", { flexDirection: "column" },
    component(api.ui.DialogSelect, {
      title: "Delegations",
      get placeholder() { return view.outline().all.summary },
      get options() { return view.rows().map((row) => option(row, room)) },
      ...(current === undefined ? {} : { current: chosen }),
      onMove: (/** @type {{ value: string } | undefined} */ option) => { chosen = option?.value ?? "" },
      onSelect: guarded("open a session", (/** @type {{ value: string }} */ { value }) => {
        api.ui.dialog.clear()
        view.open(value)
      }),
    }),
    el("box", { paddingLeft: 4, paddingRight: 4, paddingBottom: 1, flexDirection: "row", gap: 2, flexWrap: "wrap" },
      ...[["open", "enter"], ["stop", "ctrl+d"], ["message", "ctrl+s"], ["rename", "ctrl+r"], ["copy name", "ctrl+y"], ["why", "ctrl+e"]].map(([word, key]) => hint(view, word, key)),
      show(() => view.rows().some(({ state }) => state === "permission"), () => hint(view, "answer", "ctrl+a")),
    ),
  )
}

/** @param {View} view @param {string} word @param {string} key */
const hint = (view, word, key) => line({}, span(() => view.colour("text"), word), span(() => view.colour("textMuted"), ` ${key}`))

/**
 * Shows a dialog instead of the list, and the list again when it is closed.
 * @param {View} view @param {string} sessionID @param {() => any} make
 */
function showOver(view, sessionID, make) {
  const { api, guarded } = view
  const back = guarded("show the list", () => {
    if (!api.ui.dialog.open) showDelegations(view, sessionID)
  })
  // Another dialog may take the place of this one.
  api.ui.dialog.replace(make, () => setTimeout(back, 0))
}

/** @param {Row} row @param {number} room the cells of a line */
function option(row, room) {
  const title = `${"  ".repeat(Math.min(6, row.depth - 1))}${LOOKS[row.state].mark} ${row.title}`
  const shown = cut(title, Math.floor(room * 0.6))
  return { title: shown, value: row.sessionID, footer: fitting(row, room - cellsOf(shown) - 2) }
}

/** @param {View} view @param {Row} row */
async function stop({ host, api }, { sessionID, title, state }) {
  if (state === "done" || state === "failed" || state === "stopped") return api.ui.toast({ variant: "info", message: `${title} is not running.` })
  // Without an answer of the server half, the session alone is stopped.
  await host.command(stopCommand(sessionID), sessionID).catch(() => {})
  try {
    await host.abort(sessionID)
  } catch (error) {
    api.ui.toast({ variant: "error", message: `${title} could not be stopped.` })
    throw error
  }
  api.ui.toast({ variant: "success", message: `${title} is stopped. Its session is kept.` })
}

/** @param {View} view @param {Row} row */
function copyName({ api }, { named, title, sessionID }) {
  const name = named ? title : sessionID
  const copied = api.renderer.copyToClipboardOSC52(name)
  api.ui.toast(copied ? { variant: "success", message: `Copied ${name}` } : { variant: "warning", message: `This terminal takes no copy: ${name}` })
}

/** @param {View} view @param {Row} row */
async function explain(view, { sessionID, parentID, title }) {
  const [{ whyOf }, messages] = await Promise.all([import("./why.js"), view.host.messages(/** @type {string} */ (parentID))])
  showOver(view, sessionID, () => component(view.api.ui.DialogAlert, { title: cut(`Why ${title} was called`, 50), message: whyOf(messages, sessionID) }))
}

/** @param {View} view @param {Row} row */
function answer(view, { sessionID, title }) {
  const { api, guarded } = view
  const question = [...(view.conversations.of(sessionID)?.questions.values() ?? [])].find((one) => one.sessionID === sessionID)
  if (!question) return api.ui.toast({ variant: "info", message: `${title} asks nothing.` })
  const asked = plainLine(`${question.permission} ${question.patterns?.[0] ?? ""}`, 60)
  const options = [["Allow once", "once"], ["Allow always", "always"], ["Reject", "reject"]].map(([title, value]) => ({ title, value, description: value === "reject" ? "" : asked }))
  showOver(view, sessionID, () => component(api.ui.DialogSelect, {
    title: cut(`${title} asks for permission`, 50),
    options,
    onSelect: guarded("answer a question", async (/** @type {{ value: "once" | "always" | "reject" }} */ { value }) => {
      api.ui.dialog.clear()
      await view.host.reply(question, value)
    }),
  }))
}
