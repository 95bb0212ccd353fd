// Replay: past sessions, and the engine's decisions about them.

import { DelegateError } from "../../api.js"
import { h, announce, put } from "./dom.js"
import { field, setNote, valueOf } from "./fields.js"
import { join, read } from "./past.js"
import { hadOne, recount, spared, total } from "./recount.js"

/**
 * @typedef {import("./app.js").Save} Save
 * @typedef {import("./app.js").Shown} Shown
 * @typedef {import("./past.js").History} History
 * @typedef {import("./recount.js").Line} Line
 */

/** Samples: real answers of OpenCode 1.18.33. @type {[string, string][]} */
const SAMPLES = [["list", "An answer of GET /session"], ["export", "An export, with the children"]]
const CONFIG = '{ "same_agent": "resume" }'
/** The longest address that an issue accepts, in characters. */
const LONG = 8_000
/** The number of listed calls: browsers lay out longer lists slowly. */
const LISTED = 1_000

/** @param {any} panel @param {Save} save */
export function mount(panel, save) {
  /** @type {{ history?: History, config: string, sample?: string }} */
  const state = { config: CONFIG }
  let taken = 0
  const file = h("input", { type: "file", id: "file", accept: ".json,application/json", multiple: true, class: "unseen", onchange: () => take(texts(file.files)) })
  const drop = h("div", { class: "drop" },
    h("p", {}, h("b", {}, "Drop JSON of OpenCode here")),
    h("p", { class: "dim" }, "answers of ", h("code", {}, "GET /session"), " and ", h("code", {}, "/session/:id/children"), ", or files of ", h("code", {}, "opencode export"), ". It stays on this page."),
    h("p", { class: "buttons" }, file, h("label", { htmlFor: "file", class: "button main" }, "Choose files"), h("button", { type: "button", onclick: paste }, "Paste"),
      SAMPLES.map(([name, text]) => h("a", { href: `#replay/${name}`, class: "button" }, text))))
  const trouble = h("div", { role: "alert" })
  const config = h("form", { class: "card", "aria-label": "Configuration", onsubmit: (/** @type {Event} */ event) => event.preventDefault() })
  const result = h("div", { class: "result" })
  put(panel,
    h("p", { class: "intro" }, "Past delegations, and the engine's decision about each."),
    drop, trouble, config, result)

  panel.ondragover = panel.ondragleave = panel.ondrop = (/** @type {any} */ event) => {
    event.preventDefault()
    drop.classList.toggle("over", event.type === "dragover")
    const { files } = event.dataTransfer
    if (event.type === "drop") void take(files.length ? texts(files) : [event.dataTransfer.getData("text")])
  }
  config.addEventListener("input", (/** @type {any} */ { target }) => {
    state.config = valueOf(target)
    draw()
  })

  async function paste() {
    const text = await navigator.clipboard.readText().catch(() => "")
    await take([text || prompt("Paste the JSON here.") || ""])
  }

  /** Takes in dropped files, unless others were dropped meanwhile. @param {string[] | Promise<string[]>} given */
  async function take(given) {
    const mine = ++taken
    panel.setAttribute("aria-busy", "true")
    try {
      const all = await given
      if (mine !== taken) return
      /** @type {History | undefined} */
      let history
      for (const text of all.filter((text) => text.trim())) history = join(history, read(parse(text)))
      put(trouble)
      if (!history) return
      Object.assign(state, { history, sample: undefined })
      draw()
      announce("The history was read.")
    } catch (error) {
      put(trouble, h("div", { class: "card trouble" }, h("h2", {}, "This could not be read"), h("p", {}, /** @type {Error} */ (error).message)))
    } finally {
      if (mine === taken) {
        file.value = ""
        panel.removeAttribute("aria-busy")
      }
    }
  }

  function draw() {
    config.hidden = !state.history
    if (!config.firstChild) put(config, h("h2", {}, "The engine's configuration"), h("div", { class: "fields" }, field({ path: "config", label: "as JSON: options, and agents if they matter", value: state.config, area: true, mono: true, wide: true })))
    const control = config.querySelector("textarea")
    if (control.value !== state.config) control.value = state.config
    setNote(control, "", false)
    save(state.sample && state.config === CONFIG ? { name: state.sample } : state.history ? { state: { history: state.history, config: state.config } } : {})
    if (!state.history) return put(result)
    try {
      put(result, ...resultView(recount(state.history, parse(state.config || "{}")), state.history))
    } catch (error) {
      if (!(error instanceof SyntaxError || (error instanceof DelegateError && error.code === "invalid_config"))) throw error
      setNote(control, error.message, true)
      put(result, h("p", { class: "card trouble" }, "The configuration is marked."))
    }
  }

  return {
    /** @param {Shown} shown */
    async show({ name, state: given }) {
      taken++
      panel.removeAttribute("aria-busy")
      Object.assign(state, { history: given?.history, config: String(given?.config ?? CONFIG), sample: undefined })
      put(trouble)
      if (SAMPLES.some(([sample]) => sample === name)) {
        const response = await fetch(new URL(`${name}.json`, document.baseURI))
        Object.assign(state, { history: read(await response.json()), sample: name })
      }
      draw()
    },
  }
}

/** @param {FileList} files */
const texts = (files) => Promise.all([...files].map((file) => file.text()))

/** @param {string} text */
function parse(text) {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new SyntaxError(`This is not JSON: ${/** @type {Error} */ (error).message}`)
  }
}

const number = new Intl.NumberFormat("en")
const COLUMNS = ["Call, UTC", "task_id", "It was", "The engine", "Tokens"]

/** @param {Line[]} lines @param {History} history */
function resultView(lines, { sessions }) {
  const titles = new Map(sessions.map(({ id, title }) => [id, title]))
  const name = (/** @type {string | undefined} */ id) => titles.get(id ?? "") || id || ""
  if (!lines.length) return [h("div", { class: "card" }, h("h2", {}, "No delegation"), h("p", { class: "empty" }, "None of these sessions has a parent, and there is no call of the task tool. Add the children, or an export of the conversation."))]
  const could = total(lines.filter(hadOne))
  const would = total(lines.filter(spared))
  const long = JSON.stringify(sessions).length > LONG
  return [
    h("section", { class: "card", "aria-labelledby": "h-sum" },
      h("h2", { id: "h-sum" }, "Summary"),
      h("div", { class: "figures" },
        figure(lines.length, "delegations", `${lines.filter(({ fresh }) => fresh).length} of them began a session`),
        figure(could.sessions, "began one though the caller had a session of that agent", tokens(could)),
        figure(would.sessions, "of those the engine would have resumed", tokens(would))),
      h("details", {}, h("summary", {}, "What is counted"),
        h("p", { class: "small" }, "The tokens that such a fresh session sent to its model over its life, as OpenCode counted them: uncached (input), written to the model's cache, read from it. A resumed session would have sent its own context instead, most of it from the cache: what resuming saves is at most these tokens."),
        h("p", { class: "small" }, "Each call is decided over the sessions that existed then, whatever was decided before. A call that only its session shows has no task_id here. A session is busy from its call to the call's end, or to its last change if no call is known. The fill of a context is unknown, so none counts as full."),
        long ? h("p", { class: "small" }, "This history is long: its address may not fit into an issue.") : null)),
    h("section", { class: "card", "aria-labelledby": "h-calls" },
      h("h2", { id: "h-calls" }, "Call by call"),
      h("div", { class: "scroll", tabindex: 0, role: "region", "aria-labelledby": "h-calls" }, h("table", {},
        h("thead", {}, h("tr", {}, COLUMNS.map((text) => h("th", { scope: "col" }, text)))),
        h("tbody", {}, lines.slice(0, LISTED).map((line) => row(line, name))))),
      lines.length > LISTED ? h("p", { class: "small dim" }, `The first ${number.format(LISTED)} of ${number.format(lines.length)} calls are listed; all are counted.`) : null),
  ]
}

/** @param {number} value @param {string} text @param {string} more */
const figure = (value, text, more) => h("div", {}, h("b", {}, number.format(value)), h("span", {}, text), h("span", { class: "dim" }, more))

/** @param {ReturnType<typeof total>} sum */
function tokens({ input, write, read, sessions, unknown }) {
  if (!sessions) return "no tokens"
  if (unknown === sessions) return "their tokens are unknown"
  return `${number.format(input)} input, ${number.format(write)} cache write, ${number.format(read)} cache read${unknown ? `; of ${unknown} unknown` : ""}`
}

/** @param {Line} line @param {(id: string | undefined) => string} name */
function row({ call, fresh, decision, others, tokens: of, recorded }, name) {
  const { action, rule } = decision
  const { agent, description, task_id, child, at } = call
  const into = action === "deny" ? decision.code : action === "spawn" ? decision.slug : name(decision.sessionID)
  const why = action === "deny" ? decision.message : [decision.reason, "notice" in decision && decision.notice].filter(Boolean).join(" ")
  const saved = spared({ call, fresh, decision, others, recorded })
  const cells = [
    [h("b", {}, description), h("span", { class: "dim" }, `${agent}, ${new Date(at).toISOString().slice(11, 19)}`)],
    task_id ? h("code", {}, task_id) : h("span", { class: "dim" }, recorded ? "left out" : "unknown"),
    [fresh === undefined ? h("span", { class: "dim" }, "unknown") : h("span", {}, fresh ? "a new session" : `${name(child)}, resumed`),
      fresh && others.length ? h("span", { class: "dim" }, `had ${others.length} of ${agent}`) : null],
    [h("span", { class: action }, h("b", { class: "action" }, action), " ", into, " ", h("span", { class: "rule" }, rule)), h("span", { class: "dim" }, why)],
    of ? [h("span", {}, `${number.format(of.input + of.write)} uncached`), h("span", { class: "dim" }, `${number.format(of.read)} from cache`)] : h("span", { class: "dim" }, fresh ? "unknown" : "–"),
  ]
  return h("tr", { class: saved ? "saved" : "" }, cells.map((cell, place) => h("td", { "data-label": COLUMNS[place] }, cell)))
}
