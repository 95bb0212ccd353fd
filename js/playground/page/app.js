// The page: its tabs, its address, and its engine.

import { init } from "../../web.js"
import { mount as decide } from "./decide.js"
import { announce, byID, h, put } from "./dom.js"
import { read, write } from "./link.js"
import { mount as play } from "./play.js"
import { mount as replay } from "./replay.js"

/**
 * @typedef {{ name?: string, state?: any }} Shown an example by its name, or a state
 * @typedef {(shown: Shown) => void} Save puts a tab's content into the address
 * @typedef {{ show: (shown: Shown) => unknown }} View
 */

const TABS = ["play", "decide", "replay"]
const [FIRST] = TABS

/** The pause before the address changes, in milliseconds: browsers limit how often it may. */
const QUIET_MS = 200

const BROKEN = "This address is cut short or changed, and cannot be read."

const wasm = fetch(new URL("opencode_delegate_bg.wasm", document.baseURI)).then(compile)
const ready = wasm.then((module) => init(module))

/** @type {Record<string, (panel: any, save: Save, module: WebAssembly.Module) => View>} */
const MOUNT = { decide, play, replay }
/** The opened tabs. @type {Map<string, Promise<View>>} */
const views = new Map()
/** The content of each tab, for a return to it. @type {Map<string, Shown>} */
const shown = new Map()
let tab = ""
/** The address of the shown content. */
let address = ""
let timer = 0

/** @param {string} name */
function open(name) {
  const view = views.get(name) ?? mount(name)
  views.set(name, view)
  return view
}

/** @param {string} name @returns {Promise<View>} */
async function mount(name) {
  await ready
  const panel = byID(`panel-${name}`)
  put(panel)
  return MOUNT[name](panel, (state) => keep(name, state), await wasm)
}

/** Puts the shown content into the address. @param {string} name @param {Shown} now */
function keep(name, now) {
  shown.set(name, now)
  clearTimeout(timer)
  timer = window.setTimeout(() => void enter(), QUIET_MS)
}

async function enter() {
  const of = tab
  const hash = await write({ tab: of, ...shown.get(of) })
  // The viewer may have followed a link meanwhile, whose event is still to come.
  if (of !== tab || hash === address || location.hash !== address) return
  address = hash
  history.replaceState(null, "", hash)
}

/** @param {string} name */
function select(name) {
  tab = name
  for (const each of TABS) {
    const chosen = each === name
    const button = byID(`tab-${each}`)
    button.setAttribute("aria-selected", String(chosen))
    button.tabIndex = chosen ? 0 : -1
    byID(`panel-${each}`).hidden = !chosen
  }
}

/** Shows the content of the address. */
async function follow() {
  if (address && location.hash === address) return
  clearTimeout(timer)
  address = location.hash
  try {
    const target = await read(location.hash).catch(() => {
      throw new Error(BROKEN)
    })
    const known = TABS.includes(target.tab)
    // An anchor of the page itself is no tab.
    if (!known && tab) return
    delete document.documentElement.dataset.ready
    delete document.documentElement.dataset.failed
    select(known ? target.tab : FIRST)
    const view = await open(tab)
    try {
      await view.show({ name: target.name, state: target.state })
    } catch (error) {
      // A state comes from the address, so the address is at fault.
      throw target.state === undefined ? error : new Error(BROKEN, { cause: error })
    }
    document.documentElement.dataset.ready = tab
    performance.mark("ready")
  } catch (error) {
    fail(error)
  }
}

/** @param {string} name */
async function go(name) {
  clearTimeout(timer)
  const hash = await write({ tab: name, ...shown.get(name) })
  if (hash === location.hash) select(name)
  else location.hash = hash
}

/** @param {any} error */
function fail(error) {
  select(tab || FIRST)
  views.delete(tab)
  const again = h("a", { href: `#${tab}`, onclick: () => (address = "") }, "Start with an example")
  document.documentElement.dataset.failed = String(error?.message ?? error)
  put(byID(`panel-${tab}`), h("div", { class: "card trouble", role: "alert" }, h("h2", {}, "That did not work"), h("p", {}, error?.message ?? String(error)), h("p", {}, again)))
}

/** The module, even from a server that sends no type for it. @param {Response} response */
async function compile(response) {
  if (!response.ok) throw new Error(`The engine could not be loaded: ${response.status} ${response.statusText}`)
  const copy = response.clone()
  return WebAssembly.compileStreaming(response).catch(async () => WebAssembly.compile(await copy.arrayBuffer()))
}

for (const [index, name] of TABS.entries()) {
  const button = byID(`tab-${name}`)
  button.addEventListener("click", () => go(name))
  button.addEventListener("keydown", (/** @type {KeyboardEvent} */ { key }) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[key]
    if (!step) return
    const next = TABS[(index + step + TABS.length) % TABS.length]
    byID(`tab-${next}`).focus()
    go(next)
  })
}

byID("share").addEventListener("click", async () => {
  await enter()
  try {
    await navigator.clipboard.writeText(location.href)
    announce("The link is copied.")
    flash("Copied")
  } catch {
    flash("It is in the address")
  }
})

/** @param {string} text */
function flash(text) {
  const button = byID("share")
  button.textContent = text
  window.setTimeout(() => (button.textContent = "Copy link"), 1_500)
}

const root = document.documentElement
const dark = matchMedia("(prefers-color-scheme: dark)")
byID("theme").addEventListener("click", () => {
  const now = root.dataset.theme ?? (dark.matches ? "dark" : "light")
  root.dataset.theme = now === "dark" ? "light" : "dark"
})

addEventListener("hashchange", follow)
void follow()
