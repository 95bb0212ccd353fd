// Play: a story of delegations in a model of OpenCode with the real plugin, and faults to inject.

import { announce, h, put } from "./dom.js"
import { lanes, names, picture } from "./picture.js"
import { STORIES, storyOf } from "../stories/index.js"
import { FAULTS, describe } from "./describe.js"

/**
 * @typedef {import("./app.js").Save} Save
 * @typedef {import("./app.js").Shown} Shown
 * @typedef {import("../stories/index.js").Fault} Fault
 * @typedef {import("../stories/index.js").Moment} Moment
 * @typedef {import("../stories/index.js").Played} Played
 * @typedef {{ story: string, seed: number, faults: Fault[], at: number, session: string }} State `at`: the shown moment, -1 for
 *   the last; `session`: the session whose record is shown, by the order of creation
 */

/** The length of a moment while the story runs, and of a moment to read, in milliseconds. */
const [TICK_MS, READ_MS] = [110, 900]
/** The moments to read. */
const READ = ["user", "decide", "fault", "fail", "delivered"]
/** The width of the names beside the picture. */
const NAMES = 192

/** @param {any} panel @param {Save} save @param {WebAssembly.Module} module */
export function mount(panel, save, module) {
  /** @type {State} */
  let state = { story: STORIES[0].id, seed: 0, faults: [], at: 0, session: "" }
  /** @type {Played} */
  let played = { moments: [], steps: 0, faults: [] }
  let running = 0
  let asked = 0
  const worker = new Worker(new URL("stage.js", document.baseURI), { type: "module" })

  const stories = h("nav", { class: "examples stories", "aria-label": "Stories" })
  const text = h("p", { class: "intro" })
  const caption = h("p", { class: "caption" })
  const back = h("button", { onclick: () => jump(cursor() - 1), "aria-label": "Step back" }, "‹")
  const run = h("button", { class: "main", onclick: () => (running ? stop() : start()) }, "Run")
  const next = h("button", { onclick: () => jump(cursor() + 1), "aria-label": "Step" }, "›")
  const scrub = h("input", { type: "range", min: 0, "aria-label": "Moment of the story", oninput: () => jump(Number(scrub.value)) })
  const clock = h("output", { class: "clock" })
  const victim = h("select", { "aria-label": "Which child to delete" })
  const faults = h("div", { class: "faults" })
  const seed = h("input", { id: "seed", type: "text", inputmode: "numeric", pattern: "\\d{1,6}", placeholder: "0", "aria-describedby": "seed-note", oninput: () => seed.validity.valid && again({ seed: Number(seed.value) || 0 }) })
  const seedNote = h("small", { id: "seed-note", class: "note" }, "0 has no faults; any other number has two.")
  const trouble = h("div", {})
  const stage = h("div", { class: "stage" })
  const log = h("ol", { class: "log" })
  const record = h("div", {})
  put(panel, stories, text, trouble,
    h("div", { class: "card play" },
      h("div", { class: "controls" }, h("div", { class: "steps" }, back, run, next), scrub, clock),
      caption,
      stage,
      h("p", { class: "legend" }, "A line is a session, and a bar is its turn. An arrow starts a session or goes back to one; a dotted curve leads from what it knew. A pale part is still to come."),
      h("div", { class: "controls inject" },
        h("span", { class: "label", id: "inject" }, "Here and now"),
        h("div", { class: "buttons", role: "group", "aria-labelledby": "inject" },
          h("button", { onclick: () => strike("fail") }, "Fail the next first prompt"),
          h("button", { onclick: () => strike("kill") }, "Kill the process"),
          h("button", { onclick: () => strike("reload") }, "Reload the plugin"),
          h("span", { class: "joined" }, h("button", { onclick: () => strike("delete") }, "Delete"), victim)),
        h("div", { class: "field seed" }, h("label", { htmlFor: "seed" }, "Faults by seed"), seed, seedNote)),
      faults),
    h("div", { class: "columns" },
      h("section", { class: "card", "aria-labelledby": "h-log" }, h("h2", { id: "h-log" }, "What happened"), log),
      h("section", { class: "card", "aria-labelledby": "h-kept" }, h("h2", { id: "h-kept" }, "What the engine stores"), record)))

  const cursor = () => (state.at < 0 ? played.moments.length - 1 : Math.min(state.at, played.moments.length - 1))
  const children = () => played.moments.filter(({ kind, parent }) => kind === "created" && parent).map(({ session }) => String(session))
  const name = (/** @type {string | undefined} */ id) => {
    const stored = played.moments.find(({ kind, session, record: { slug } = {} }) => kind === "stored" && session === id && slug)
    return stored?.record.slug ?? (id === played.moments.find(({ kind }) => kind === "created")?.session ? "the conversation" : id ?? "")
  }

  /** @param {number} at */
  function go(at) {
    const end = played.moments.length - 1
    state.at = at >= end ? -1 : Math.max(0, at)
    if (state.at < 0) stop()
    draw()
  }

  /** Goes to a moment by hand. @param {number} at */
  function jump(at) {
    stop()
    go(at)
  }

  function start() {
    if (state.at < 0) state.at = 0
    tick()
    draw()
  }

  /** Goes on after the length of the shown moment. */
  function tick() {
    const { kind = "" } = played.moments[cursor()] ?? {}
    running = window.setTimeout(() => {
      // Another tab is shown.
      if (panel.hidden) return jump(cursor())
      tick()
      go(cursor() + 1)
    }, READ.includes(kind) ? READ_MS : TICK_MS)
  }

  function stop() {
    clearTimeout(running)
    running = 0
    put(run, "Run")
  }

  /** @param {Fault["kind"]} kind */
  function strike(kind) {
    // The fault strikes after the shown moment.
    const at = 1 + (played.moments[cursor()]?.step ?? 0)
    const fault = { at, kind, ...(kind === "delete" ? { of: 1 + children().indexOf(victim.value) } : {}) }
    void again({ faults: [...state.faults, fault] }, fault)
  }

  /** Plays the story again. @param {Partial<State>} change @param {Fault} [by] the new fault */
  async function again(change, by) {
    stop()
    const at = cursor()
    state = { ...state, ...change }
    await perform()
    // The view moves to the new fault.
    if (by) state.at = Math.max(at, played.moments.findLastIndex(({ kind, fault, step }) => kind === "fault" && fault === by.kind && step <= by.at + 1))
    else state.at = -1
    if (by) announce(`${FAULTS[by.kind]}. The story continues from here.`)
    draw()
  }

  /** @returns {Promise<void>} */
  function perform() {
    const id = ++asked
    const { story, seed, faults } = state
    panel.setAttribute("aria-busy", "true")
    return new Promise((resolve) => {
      worker.onmessage = ({ data }) => {
        if (data.id !== id) return
        panel.removeAttribute("aria-busy")
        put(trouble, data.error ? h("div", { class: "card trouble", role: "alert" }, h("h2", {}, "The story broke off"), h("p", {}, data.error)) : null)
        if (data.played) played = data.played
        resolve()
      }
      worker.onerror = ({ message }) => {
        put(trouble, h("div", { class: "card trouble", role: "alert" }, h("h2", {}, "The story could not be played"), h("p", {}, message ?? "Its program could not be loaded.")))
        resolve()
      }
      worker.postMessage({ module, id, play: { story, seed, faults } })
    })
  }

  function draw() {
    const { moments } = played
    const at = cursor()
    // An element that is drawn again keeps the focus.
    const controls = () => [...panel.querySelectorAll("a, button, .scroll")]
    const focused = controls().indexOf(document.activeElement)
    const moment = moments[at]
    const story = storyOf(state.story)
    put(stories, ...STORIES.map(({ id, title }) => h("a", { href: `#play/${id}`, "aria-current": id === state.story && "true" }, title)))
    put(text, story.text)
    Object.assign(scrub, { max: Math.max(0, moments.length - 1), value: at })
    back.disabled = at <= 0
    next.disabled = state.at < 0
    put(run, running ? "Pause" : "Run")
    put(caption, ...(moment ? captionOf(describe(moment, name)) : []))
    put(clock, moment ? `${(moment.at / 1_000).toFixed(1)} s` : "")
    if (document.activeElement !== seed) seed.value = state.seed || ""

    const all = lanes(moments, at)
    const shown = all.filter(({ parent }) => parent)
    const chosen = all.find(({ id }) => id === state.session) ?? shown[0]
    const { node, now, width } = picture(moments, at, all, stage.clientWidth * 0.98 - NAMES)
    const old = stage.querySelector(".scroll")
    const scroll = h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": `The picture: ${all.length} sessions over ${((moments.at(-1)?.at ?? 0) / 1_000).toFixed(0)} seconds. The list below, What happened, says the same.` }, node)
    put(stage, names(all, chosen?.id ?? "", (id) => ((state.session = id), draw())), scroll)
    scroll.scrollLeft = old?.scrollLeft ?? 0
    if (now < scroll.scrollLeft + 20 || now > scroll.scrollLeft + scroll.clientWidth - 60) scroll.scrollLeft = Math.min(now - scroll.clientWidth / 2, width)

    const before = victim.value
    const living = shown.filter(({ id, gone }) => !gone && moments.findIndex(({ kind, session }) => kind === "created" && session === id) <= at)
    for (const control of [victim, victim.previousSibling]) control.disabled = !living.length
    put(victim, ...living.map(({ id }) => h("option", { value: id }, name(id))))
    if (living.some(({ id }) => id === before)) victim.value = before

    put(faults, ...(state.faults.length || state.seed ? [h("span", { class: "label" }, "Faults")] : []),
      ...state.faults.map((fault, place) => h("button", { class: "chip", title: "Take it out", onclick: () => again({ faults: state.faults.toSpliced(place, 1) }) }, FAULTS[fault.kind], h("span", { "aria-label": "take it out" }, " ×"))),
      ...(state.seed ? [h("span", { class: "chip" }, `two of seed ${state.seed}`)] : []))

    put(log, ...moments.slice(0, at + 1).map((each, place) => {
      const { who, text, more } = describe(each, name)
      return h("li", { class: who, "aria-current": place === at && "true" },
        h("button", { onclick: () => jump(place) }, h("span", { class: "when" }, (each.at / 1_000).toFixed(1)), h("span", { class: "who" }, who), h("span", {}, text, more && place === at ? h("span", { class: "more" }, more) : null)))
    }))
    log.scrollTop = log.scrollHeight
    scrub.setAttribute("aria-valuetext", moment ? describe(moment, name).text : "")
    put(record, ...recordView(chosen?.record, name(chosen?.id)))
    const fair = !state.seed && !state.faults.length && !state.session && (running || !state.at)
    save(fair ? { name: state.story } : { state })
    if (focused >= 0) controls()[focused]?.focus({ preventScroll: true })
  }

  return {
    /** @param {Shown} shown */
    async show({ name, state: given }) {
      stop()
      const { story = name, seed = 0, faults = [], at = 0, session = "" } = given ?? {}
      const known = [faults].flat().filter((/** @type {any} */ fault) => fault?.kind in FAULTS && Number.isFinite(fault.at))
      state = { story: storyOf(story).id, seed: Number(seed) || 0, faults: known, at: Number(at), session: String(session) }
      await perform()
      if (given || STILL.matches) draw()
      else start()
    },
  }
}

/** Whether the viewer wants no movement. */
const STILL = matchMedia("(prefers-reduced-motion: reduce)")

/** @param {import("./describe.js").Description} description */
const captionOf = ({ who, text, more }) => [h("b", { class: who }, who), ` ${text}`, more && who === "engine" ? h("span", { class: "dim" }, ` ${more}`) : null]

/** @param {any} record @param {string} name */
function recordView(record, name) {
  if (!record?.v) return [h("p", { class: "empty" }, "Nothing yet: no child was created.")]
  const { slug, id, agent, budget, used, tokens, window, prompt, process, tasks } = record
  const share = window ? `${tokens} of ${window}` : tokens || "none counted yet"
  /** @type {[string, any][]} */
  const facts = [
    ["name", h("code", {}, slug ?? name)], ["derived id", h("code", {}, id ?? "")], ["agent", agent], ["calls spent", budget ? `${used} of ${budget}` : "has no budget"],
    ["tokens", share], ["first prompt", prompt ? "stored, as it may have to be sent again" : "not stored: it is in the session"],
    ["run by", process ? h("code", {}, process) : "nobody now"], ...(tasks?.length ? [/** @type {[string, any]} */ (["background tasks", tasks.length])] : []),
  ]
  return [
    h("p", { class: "dim small" }, "In the session's metadata: it outlives the process. Choose a session in the picture."),
    h("dl", {}, facts.map(([term, value]) => h("div", {}, h("dt", {}, term), h("dd", {}, value)))),
    h("details", {}, h("summary", {}, "metadata.delegate"), h("pre", { tabindex: 0 }, JSON.stringify(record, null, 1))),
  ]
}
