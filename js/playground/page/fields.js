// Form fields, each with its label and a note for its fault.

import { h } from "./dom.js"

/**
 * @typedef {{
 *   path: string, label: string, value: any, choices?: string[] | [string, string][], wide?: boolean, check?: boolean, area?: boolean,
 *   mono?: boolean, hint?: string, pattern?: string, required?: boolean, list?: string
 * }} Field `path`: the path of its value in the state
 */

/** The pattern of a whole number. */
export const WHOLE = "\\d*"

/** @param {Field} field */
export function field({ path, label, value, choices, wide, check, area, mono, hint, pattern, required, list }) {
  const id = `f-${path.replaceAll("/", "-")}`
  const given = { id, "data-path": path, "aria-describedby": `${id}-note`, class: mono && "mono", required, spellcheck: "false", autocomplete: "off" }
  const control = check
    ? h("input", { ...given, type: "checkbox", checked: value })
    : choices
      ? h("select", { ...given, value }, options(choices, value))
      : area
        ? h("textarea", { ...given, rows: 2, value })
        : h("input", { ...given, type: "text", value, pattern, list, inputmode: pattern === WHOLE && "numeric", placeholder: hint })
  const note = h("small", { id: `${id}-note`, class: "note" })
  return h("div", { class: ["field", wide && "wide", check && "check"].filter(Boolean).join(" ") }, h("label", { htmlFor: id }, label), control, note)
}

/** @param {string[] | [string, string][]} choices @param {string} value */
function options(choices, value) {
  const pairs = choices.map((choice) => (typeof choice === "string" ? [choice, choice] : choice))
  // A value that is no longer a choice stays visible until another is chosen.
  if (!pairs.some(([name]) => name === value)) pairs.unshift([value, value || "none"])
  return pairs.map(([name, text]) => h("option", { value: name }, text))
}

/**
 * Marks the faults: the engine's, and those of values that a field does not accept.
 * @param {HTMLElement} form
 * @param {{ path: string, message: string } | undefined} fault
 * @returns {boolean} whether a field shows the engine's fault
 */
export function mark(form, fault) {
  let met = false
  for (const control of /** @type {NodeListOf<any>} */ (form.querySelectorAll("[data-path]"))) {
    const { path } = control.dataset
    const own = control.validity?.patternMismatch ? "A whole number." : control.validity?.valueMissing ? "This cannot be empty." : ""
    const here = fault?.path === path
    met ||= here
    setNote(control, here ? fault?.message ?? "" : own, here || own !== "")
  }
  return met
}

/** Puts a note under a field. @param {any} control @param {string} text @param {boolean} wrong */
export function setNote(control, text, wrong) {
  const note = document.getElementById(`${control.id}-note`)
  if (note && note.textContent !== text) note.textContent = text
  control.setAttribute("aria-invalid", String(wrong))
}

/** Sets the value at a path. @param {any} state @param {string} path @param {unknown} value */
export function set(state, path, value) {
  const keys = path.split("/")
  const last = /** @type {string} */ (keys.pop())
  for (const key of keys) state = state[key]
  state[last] = value
}

/** The value of a field. @param {any} control */
export const valueOf = (control) => (control.type === "checkbox" ? control.checked : control.value)
