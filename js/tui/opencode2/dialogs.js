// The dialogs of the terminal half in OpenCode 2: its own give a plugin neither the chosen row nor the text that a person types.

import { useTerminalDimensions } from "@opentui/solid"
import { createEffect, createMemo, createSignal, on } from "solid-js"
import { el, line, list, show, span } from "../elements.js"

/**
 * @typedef {import("./shapes.js").Context} Context
 * @typedef {{ title: string, value: string, description?: string, footer?: string }} Option
 */

/** The lines of half a screen that stand around the rows of a list. */
const AROUND = 6

/**
 * The frame of a dialog: its title, and how to close it.
 * @param {Context} context
 * @param {string} title
 * @param {...any} content
 */
function frame({ theme, ui }, title, ...content) {
  const { text } = theme.surface("dialog")
  return el("box", { flexDirection: "column", gap: 1, paddingLeft: 4, paddingRight: 4, paddingBottom: 1 },
    el("box", { flexDirection: "row", justifyContent: "space-between" },
      line({ fg: text.base }, el("b", {}, title)),
      line({ fg: text.muted, onMouseUp: () => ui.dialog.clear() }, "esc"),
    ),
    ...content,
  )
}

/**
 * A line to type in, which has the keys as long as its dialog is open.
 * @param {Context} context
 * @param {{ placeholder?: () => string, value?: string, onInput: (text: string) => void }} properties
 */
function input({ theme }, { placeholder = () => "", value = "", onInput }) {
  const { text, background } = theme.surface("dialog")
  const node = el("input", {
    onInput, placeholder, value, placeholderColor: text.muted, focusedTextColor: text.formfield.focused, cursorColor: text.formfield.focused, focusedBackgroundColor: background.formfield.focused,
  })
  setTimeout(() => node.isDestroyed || node.focus(), 1)
  return node
}

/** @param {Context} context */
export const selectDialog = (context) =>
  /** @param {{ title: string, placeholder?: string, options: Option[], current?: string, onMove?: (option: Option | undefined) => void, onSelect: (option: Option) => void }} properties */
  (properties) => {
    const { keymap, theme } = context
    const { text, background } = theme.surface("dialog")
    const size = useTerminalDimensions()
    const [typed, setTyped] = createSignal("")
    const [chosen, setChosen] = createSignal(properties.current)
    const words = () => typed().toLowerCase().split(/\s+/).filter(Boolean)
    const options = createMemo(() => properties.options.filter(({ title, footer = "" }) => words().every((word) => `${title} ${footer}`.toLowerCase().includes(word))))
    const place = createMemo(() => Math.max(0, options().findIndex(({ value }) => value === chosen())))
    const room = () => Math.max(3, Math.floor(size().height / 2) - AROUND)
    const first = () => Math.max(0, Math.min(place() - Math.floor(room() / 2), options().length - room()))

    const choose = (/** @type {number} */ at) => {
      const all = options()
      const option = all[(at + all.length) % all.length]
      if (option) setChosen(option.value)
    }
    // The row that looks chosen is the chosen one, whatever has changed it.
    createEffect(on(() => options()[place()]?.value, () => properties.onMove?.(options()[place()])))
    const select = () => {
      const option = options()[place()]
      if (option) properties.onSelect(option)
    }
    const move = (/** @type {number} */ by) => choose(place() + by)
    const jump = (/** @type {number} */ by) => choose(Math.max(0, Math.min(options().length - 1, place() + by)))
    const keys = /** @type {[string, string, () => void][]} */ ([
      ["up", "Previous", () => move(-1)], ["down", "Next", () => move(1)],
      ["pageup", "Page up", () => jump(-room())], ["pagedown", "Page down", () => jump(room())],
      ["return", "Select", select],
    ])
    keymap.layer(() => ({ mode: "modal", commands: keys.map(([bind, title, run]) => ({ bind, title, group: "Dialog", run })) }))

    const isChosen = (/** @type {Option} */ option) => options()[place()]?.value === option.value
    const colour = (/** @type {() => Option} */ option, /** @type {any} */ otherwise) => () => (isChosen(option()) ? text.action.primary.focused : otherwise)
    return frame(context, properties.title,
      input(context, { placeholder: () => properties.placeholder ?? "", onInput: (value) => { setTyped(value); choose(0) } }),
      el("box", { flexDirection: "column" },
        list(() => options().slice(first(), first() + room()), (option) =>
          el("box", {
            flexDirection: "row", justifyContent: "space-between", gap: 2,
            backgroundColor: () => (isChosen(option()) ? background.action.primary.focused : undefined),
            onMouseUp: () => { choose(options().findIndex(({ value }) => value === option().value)); select() },
          },
            line({}, span(colour(option, text.base), () => option().title), span(colour(option, text.muted), () => (option().description ? ` ${option().description}` : ""))),
            line({ fg: colour(option, text.muted), flexShrink: 0 }, () => option().footer ?? ""),
          )),
        show(() => !options().length, () => line({ fg: text.muted }, "Nothing has these words.")),
      ),
    )
  }

/** @param {Context} context */
export const promptDialog = (context) =>
  /** @param {{ title: string, placeholder?: string, value?: string, description?: () => any, onConfirm: (value: string) => void }} properties */
  ({ title, placeholder, value = "", description, onConfirm }) => {
    let typed = value
    context.keymap.layer(() => ({ mode: "modal", commands: [{ bind: "return", title: "Confirm", group: "Dialog", run: () => onConfirm(typed) }] }))
    return frame(context, title, description?.(), input(context, { placeholder: () => placeholder ?? "", value, onInput: (text) => { typed = text } }))
  }

/** @param {Context} context */
export const alertDialog = (context) =>
  /** @param {{ title: string, message: string }} properties */
  ({ title, message }) => {
    const { keymap, theme, ui } = context
    keymap.layer(() => ({ mode: "modal", commands: [{ bind: "return", title: "Close", group: "Dialog", run: () => ui.dialog.clear() }] }))
    return frame(context, title, el("text", { fg: theme.surface("dialog").text.base, wrapMode: "word" }, message))
  }
