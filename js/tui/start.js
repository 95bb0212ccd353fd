// The view of the terminal half, and the events that keep it up to date.

import { createEffect, createMemo, createRoot, createSignal, on } from "solid-js"
import { bottom } from "./bottom.js"
import { coalesce } from "./coalesce.js"
import { Conversations } from "./conversations.js"
import { showDelegations } from "./dialog.js"
import { followFault } from "./fault.js"
import { makeGuard } from "./guard.js"
import { bindHost } from "./opencode1/index.js"
import { bindTerminal } from "./opencode2/index.js"
import { sidebar } from "./sidebar.js"
import { toastStack } from "./toast_stack.js"
import { toastOf } from "./toasts.js"

/**
 * @typedef {import("./opencode1/index.js").Api} Api
 * @typedef {import("./opencode1/index.js").Host} Host
 * @typedef {ReturnType<typeof begin>} View
 */

/** The time in which changes are shown together, in milliseconds. */
const TOGETHER_MS = 150
/** The time between two looks at the clock, in milliseconds: ages grow. */
const AGE_MS = 15_000
/** The pauses after a conversation could not be read, in milliseconds. */
const RETRIES_MS = [1_000, 5_000, 25_000]
/** Whether the tree is folded, in the terminal's memory. */
const FOLDED = "opencode-delegate.folded"

const NOTHING = /** @type {import("./outline.js").Outlines} */ ({ few: { rows: [], pressing: [], older: 0, summary: "" }, all: { rows: [], pressing: [], older: 0, summary: "" } })

const EVENTS = /** @type {const} */ ([
  "session.created", "session.updated", "session.deleted", "session.status", "message.updated", "message.part.updated",
  "permission.asked", "permission.replied",
])

/**
 * Starts the view in OpenCode 1.
 * @type {import("@opencode-ai/plugin/tui").TuiPlugin}
 */
export async function tui(api) {
  own(api, bindHost(api), 2)
}

/**
 * Starts the view in OpenCode 2.
 * @param {any} context
 * @returns {Promise<() => void>} ends it
 */
export async function setup(context) {
  const { api, host, end, follow } = bindTerminal(context)
  // OpenCode 2 has these cells around the place of the lines at the bottom itself.
  const { conversations, report } = own(api, host, 0)
  follow((sessionID) => conversations.follows(sessionID), report)
  return end
}

/** @param {Api} api @param {Host} host @param {number} padding the cells on both sides of the lines at the bottom */
const own = (api, host, padding) => createRoot((dispose) => {
  api.lifecycle.onDispose(dispose)
  return begin(api, host, padding)
})

/** @param {Api} api @param {Host} host @param {number} padding */
function begin(api, host, padding) {
  const { guarded, report } = makeGuard(host.log)
  // The engine costs a terminal nothing before it shows a session.
  const load = () => (loading ??= import("./outline.js").then((module) => (engine = module)))
  let loading = /** @type {Promise<typeof import("./outline.js")> | undefined} */ (undefined)
  let engine = /** @type {typeof import("./outline.js") | undefined} */ (undefined)

  const viewed = createMemo(() => {
    const { name, params } = /** @type {{ name: string, params?: Record<string, unknown> }} */ (api.route.current)
    return name === "session" && typeof params?.sessionID === "string" ? params.sessionID : undefined
  })
  const { fault, askFault } = followFault(api, host, guarded)
  const [outline, setOutline] = createSignal(NOTHING)
  const rows = () => outline().all.rows
  const [sidebars, setSidebars] = createSignal(0)
  const [folded, setFolded] = createSignal(api.kv.get(FOLDED, /** @type {unknown} */ (false)) === true)

  // Without the server half, nobody knows the names that this engine would make up.
  const outlineOf = (/** @type {import("./conversation.js").Conversation} */ conversation) => (engine && !fault() ? engine.outlineOf(conversation, Date.now()) : NOTHING)
  const refresh = guarded("show the conversation", () => {
    const conversation = conversations.of(viewed())
    setOutline(conversation && conversation.sessions.size > 1 ? outlineOf(conversation) : NOTHING)
  })
  const { ask, end } = coalesce(() => refresh(), TOGETHER_MS)

  const toasts = toastStack((toast) => api.ui.toast(toast))
  const conversations = new Conversations(host, (message) => engine?.usageOf(message, api.state.provider), ask, guarded("show a message", (happening, conversation) => {
    const { sessionID } = happening
    if (happening.kind === "permission" && host.asks(conversation, viewed(), sessionID)) return
    const nameOf = (/** @type {string} */ id) => outlineOf(conversation).all.rows.find(({ sessionID }) => sessionID === id)?.title ?? "A session"
    const toast = toastOf(happening, nameOf)
    if (toast) toasts(toast)
  }))
  const follow = guarded("read the conversation", async (/** @type {string} */ sessionID) => {
    const loaded = load()
    for (const wait of RETRIES_MS) {
      // The conversation keeps the events that come meanwhile.
      const read = await conversations.show(sessionID).then(() => true, () => false)
      await loaded
      if (read || viewed() !== sessionID) return ask()
      await new Promise((resolve) => setTimeout(resolve, wait))
    }
    await conversations.show(sessionID)
    ask()
  })
  createEffect(on(viewed, (sessionID) => {
    refresh()
    if (!sessionID) return
    follow(sessionID)
    askFault(sessionID)
  }))
  createEffect(on(fault, refresh))

  for (const type of EVENTS) api.event.on(type, guarded(`take in ${type}`, ({ properties }) => conversations.handleEvent(type, properties)))
  api.event.on("server.connected", guarded("read again", () => {
    const shown = viewed()
    if (shown) askFault(shown)
    return conversations.readAgain()
  }))
  const clock = setInterval(() => void (rows().length && ask()), AGE_MS)
  api.lifecycle.onDispose(() => {
    clearInterval(clock)
    end()
  })

  const view = {
    api,
    host,
    report,
    guarded,
    padding,
    viewed,
    fault,
    outline,
    rows,
    folded,
    conversations,
    hasSidebar: () => sidebars() > 0,
    countSidebar: (/** @type {1 | -1} */ more) => void setSidebars((count) => count + more),
    /** A colour of the theme, by its name. @param {"text" | "textMuted" | "info" | "warning" | "error" | "success"} name */
    colour: (name) => api.theme.current[name],
    fold: guarded("fold", () => {
      setFolded(!folded())
      api.kv.set(FOLDED, folded())
    }),
    open: guarded("open a session", (/** @type {string} */ sessionID) => api.route.navigate("session", { sessionID })),
    /** @param {string} sessionID */
    row: (sessionID) => rows().find((row) => row.sessionID === sessionID),
  }

  api.keymap.registerLayer({
    commands: [
      { name: "delegations.show", title: "Delegations", desc: "The sessions below this conversation", category: "Session", namespace: "palette", slashName: "delegations", run: guarded("show the list", () => showDelegations(view)) },
      { name: "delegations.fold", title: "Fold or unfold the delegations", category: "Session", namespace: "palette", run: guarded("fold", () => { view.fold(); api.ui.dialog.clear() }) },
    ],
  })
  api.slots.register({
    order: 150,
    slots: {
      sidebar_content: () => guarded("draw the sidebar", () => sidebar(view))() ?? null,
      app_bottom: () => guarded("draw the lines at the bottom", () => bottom(view))() ?? null,
    },
  })
  return view
}
