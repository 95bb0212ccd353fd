// Replay: past sessions, and the engine's decisions about them.

import { DelegateError } from "../../api.js"
import { h, announce, put } from "./dom.js"
import { field, setNote, valueOf } from "./fields.js"
import { contents, dropped } from "./files.js"
import { join, missing, parse, read } from "./past.js"
import { recount } from "./recount.js"
import { resultView } from "./result.js"

/**
 * @typedef {import("./app.js").Save} Save
 * @typedef {import("./app.js").Shown} Shown
 * @typedef {import("./past.js").History} History
 * @typedef {import("./files.js").Given} Given
 * @typedef {{ history?: History, config?: string, sample?: string }} State `config`: the options of "what if", if it is on
 */

/** Forms of the sample, which OpenCode 1.18.33 wrote. @type {[string, string][]} */
const SAMPLES = [["export", "A sample: an export with its children"], ["list", "A sample: a list of sessions"]]
/** The options that "what if" begins with. */
const OTHER = '{ "same_agent": "resume" }'

/** @param {any} panel @param {Save} save */
export function mount(panel, save) {
  /** @type {State} */
  const state = {}
  let taken = 0
  const chooser = (/** @type {string} */ id, /** @type {object} */ more) =>
    h("input", { type: "file", id, class: "unseen", multiple: true, ...more, onchange: (/** @type {any} */ { target }) => take(contents([...target.files]), () => (target.value = "")) })
  const drop = h("div", { class: "drop" },
    h("p", {}, h("b", {}, "Drop files or a folder of exports here")),
    h("p", { class: "dim" }, "Each session is a file of its own: ", h("code", {}, "opencode export ses_… > conversation.json"), ". Answers of ", h("code", {}, "GET /session"), " are read as well. All of it stays on this page."),
    h("p", { class: "buttons" },
      chooser("file", { accept: ".json,application/json" }), h("label", { htmlFor: "file", class: "button main" }, "Choose files"),
      chooser("folder", { webkitdirectory: true }), h("label", { htmlFor: "folder", class: "button" }, "Choose a folder"),
      h("button", { type: "button", onclick: paste }, "Paste"),
      SAMPLES.map(([name, text]) => h("a", { href: `#replay/${name}`, class: "button" }, text))))
  const trouble = h("div", { role: "alert" })
  const result = h("div", { class: "result" })
  const whatIf = h("input", { type: "checkbox", id: "what-if", onchange: () => {
    state.config = whatIf.checked ? OTHER : undefined
    draw()
  } })
  const options = h("div", { class: "fields" }, field({ path: "config", label: "the plugin's options, as JSON; agents if they matter", value: "", area: true, mono: true, wide: true }))
  const control = options.querySelector("textarea")
  const form = h("form", { class: "card what-if", "aria-label": "What if", onsubmit: (/** @type {Event} */ event) => event.preventDefault() },
    h("p", { class: "field check" }, h("label", { htmlFor: "what-if" }, h("b", {}, "What if"), " the plugin had run with other options?"), whatIf), options)
  control.addEventListener("input", () => {
    state.config = valueOf(control)
    draw()
  })
  put(panel,
    h("p", { class: "intro" }, "Conversations of yours: what became of each hand-off to a subagent, and what the plugin decides about it."),
    drop, trouble, result)

  panel.ondragover = panel.ondragleave = panel.ondrop = (/** @type {any} */ event) => {
    event.preventDefault()
    drop.classList.toggle("over", event.type === "dragover")
    if (event.type === "drop") void take(dropped(event.dataTransfer))
  }

  async function paste() {
    const text = await navigator.clipboard.readText().catch(() => "")
    await take(Promise.resolve([{ name: "", text: text || prompt("Paste the JSON here.") || "" }]))
  }

  /** Takes in files, unless others were given meanwhile. @param {Promise<Given[]>} given @param {() => void} [then] */
  async function take(given, then) {
    const mine = ++taken
    panel.setAttribute("aria-busy", "true")
    try {
      const all = (await given).filter(({ text }) => text.trim())
      if (mine !== taken) return
      /** @type {History | undefined} */
      let history
      /** @type {string[]} */
      const left = []
      for (const { name, text } of all) {
        try {
          history = join(history, read(parse(text)))
        } catch (error) {
          if (all.length === 1) throw error instanceof SyntaxError ? notJSON(error) : error
          left.push(name)
        }
      }
      put(trouble, left.length > 0 && h("p", { class: "card trouble" }, `${left.length} of ${all.length} files hold no session, and are left out: ${left.slice(0, 5).join(", ")}${left.length > 5 ? ", …" : ""}.`))
      if (!history) return
      // The missing parts of a history come after it.
      const { sessions } = history
      const known = state.history
      const wanted = known && missing(known).some(({ id }) => sessions.some((session) => session.id === id))
      Object.assign(state, { history: wanted ? join(known, history) : history, sample: undefined })
      draw()
      announce("The history was read.")
    } catch (error) {
      put(trouble, h("div", { class: "card trouble" }, h("h2", {}, "This could not be read"), h("p", {}, /** @type {Error} */ (error).message)))
    } finally {
      if (mine === taken) {
        then?.()
        panel.removeAttribute("aria-busy")
      }
    }
  }

  function draw() {
    const { history, config, sample } = state
    whatIf.checked = !(options.hidden = config === undefined)
    if (config !== undefined && control.value !== config) control.value = config
    save(sample && config === undefined ? { name: sample } : history ? { state: { history, config } } : {})
    if (!history) return put(result)
    /** @type {any} */
    let given
    try {
      given = config === undefined ? undefined : JSON.parse(config || "{}")
      put(result, ...resultView(recount(history, given), history, { form, on: given !== undefined }))
      setNote(control, given ? "This is on: the engine decides every call again, with these options." : "", false)
    } catch (error) {
      if (!(error instanceof SyntaxError || (error instanceof DelegateError && error.code === "invalid_config"))) throw error
      put(result, form, h("p", { class: "card trouble" }, "The options are marked."))
      setNote(control, /** @type {Error} */ (error instanceof SyntaxError ? notJSON(error) : error).message, true)
    }
  }

  return {
    /** @param {Shown} shown */
    async show({ name, state: given }) {
      taken++
      panel.removeAttribute("aria-busy")
      Object.assign(state, { history: given?.history, config: given?.config === undefined ? undefined : String(given.config), sample: undefined })
      put(trouble)
      if (SAMPLES.some(([sample]) => sample === name)) {
        const response = await fetch(new URL("sample.json", document.baseURI))
        const history = read(await response.json())
        // A list of sessions holds no calls.
        Object.assign(state, { history: name === "list" ? { ...history, calls: [] } : history, sample: name })
      }
      draw()
    },
  }
}

/** @param {SyntaxError} error */
const notJSON = ({ message }) => new SyntaxError(`This is not JSON: ${message}`)
