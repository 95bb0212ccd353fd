// The face of OpenCode 2 for the terminal half: its context as the parts of OpenCode 1's interface that the view uses.

import { alertDialog, promptDialog, selectDialog } from "./dialogs.js"
import { followEvents } from "./events.js"
import { bindHost } from "./host.js"
import { providersOf } from "./shapes.js"

/**
 * @typedef {import("./shapes.js").Context} Context
 * @typedef {import("../opencode1/index.js").Api} Api
 */

/** The place of each part of the view. The tree stands before OpenCode's own list of subagents, which may be long. */
const SLOTS = /** @type {const} */ ({ sidebar_content: { prepend: "sidebar.content" }, app_bottom: { append: "session.composer.top" } })

/**
 * @param {Context} context
 * @returns {{
 *   api: Api, host: import("../opencode1/index.js").Host, end: () => void,
 *   follow: (isFollowed: (sessionID: string) => boolean, report: (what: string, error: unknown) => void) => void
 * }} `follow` begins to hear of events, and `end` ends the view
 */
export function bindTerminal(context) {
  const { data, keymap, renderer, storage, ui } = context
  /** The project of the session that is shown: unknown at first. */
  const here = () => ({ directory: context.location?.directory })
  const ends = /** @type {(() => void)[]} */ ([])
  const handlers = /** @type {Map<string, ((event: any) => void)[]>} */ (new Map())
  const hear = (/** @type {string} */ type, /** @type {object} */ properties) => handlers.get(type)?.forEach((handler) => handler({ type, properties }))
  const host = bindHost(context, hear)
  const [memory, remember] = storage.store("view", { initial: {} })
  data.location.model.sync(here()).catch(() => {})
  /** The dialog of this plugin that is open. @type {object | undefined} */
  let open
  let isOver = false

  const api = {
    renderer,
    state: { get provider() { return providersOf(data.location.model.list(here()) ?? []) } },
    theme: { get current() { return coloursOf(context.theme) } },
    kv: {
      get: (/** @type {string} */ key, /** @type {unknown} */ otherwise) => memory[key] ?? otherwise,
      set: (/** @type {string} */ key, /** @type {unknown} */ value) => void remember((values) => { values[key] = value }),
    },
    route: {
      get current() {
        const { type, sessionID } = ui.router.current()
        return { name: type, params: { sessionID } }
      },
      navigate: (/** @type {string} */ type, /** @type {{ sessionID: string }} */ { sessionID }) => ui.router.navigate({ type, sessionID }),
    },
    lifecycle: { onDispose: (/** @type {() => void} */ end) => void ends.push(end) },
    event: { on: (/** @type {string} */ type, /** @type {(event: any) => void} */ handler) => void handlers.set(type, [...(handlers.get(type) ?? []), handler]) },
    slots: {
      /** @param {{ slots: Record<keyof typeof SLOTS, () => any> }} claims */
      register({ slots }) {
        for (const [name, place] of Object.entries(SLOTS)) ui.slot({ ...place, render: () => slots[/** @type {keyof typeof SLOTS} */ (name)]() })
      },
    },
    keymap: {
      /** @param {{ commands?: any[], bindings?: any[] }} layer */
      registerLayer({ commands, bindings }) {
        // A layer belongs to the element that makes it: commands to the whole view, keys to their dialog.
        if (commands) ui.slot({ append: "app", render: () => (keymap.layer(() => ({ mode: "global", commands: commands.map(commandOf) })), null) })
        else keymap.layer(() => ({ mode: "modal", commands: (bindings ?? []).map(({ key, desc, group, cmd }) => ({ bind: key, title: desc, group, run: cmd })) }))
        return () => {}
      },
    },
    ui: {
      toast: (/** @type {object} */ toast) => ui.toast.show(toast),
      dialog: {
        // Another dialog may stand there, and no dialog comes after the end.
        get open() { return isOver || open !== undefined || keymap.mode?.current() === "modal" },
        replace(/** @type {() => any} */ make, /** @type {(() => void) | undefined} */ onClose) {
          const one = {}
          ui.dialog.show(make, () => {
            if (open === one) open = undefined
            onClose?.()
          })
          open = one
        },
        clear: () => ui.dialog.clear(),
        setSize: (/** @type {"medium" | "large" | "xlarge"} */ size) => ui.dialog.set({ size }),
      },
      DialogSelect: selectDialog(context),
      DialogPrompt: promptDialog(context),
      DialogAlert: alertDialog(context),
    },
  }
  return {
    api: /** @type {any} */ (api),
    host,
    follow: (isFollowed, report) => void ends.push(followEvents(context, host, { isFollowed, report, toast: api.ui.toast, hear })),
    end() {
      isOver = true
      if (open) ui.dialog.clear()
      for (const end of ends.splice(0)) end()
    },
  }
}

/** @param {{ name: string, title: string, desc?: string, category?: string, slashName?: string, run: () => unknown }} command */
const commandOf = ({ name, title, desc, category, slashName, run }) => ({
  id: `opencode-delegate.${name}`, title, description: desc, group: category, palette: true, ...(slashName ? { slash: { name: slashName } } : {}), run,
})

/** The colours of a theme by OpenCode 1's names. @param {any} theme */
function coloursOf({ text }) {
  const { error, warning, success, info } = text.feedback
  return { text: text.base, textMuted: text.muted, error: error.base, warning: warning.base, success: success.base, info: info.base }
}
