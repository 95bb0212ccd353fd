// Decide: a small world to edit, and the engine's decision in it.

import { rules } from "../../api.js"
import { NOW, ask } from "./ask.js"
import { announce, h, prose, put } from "./dom.js"
import { EXAMPLES, aSession, anAgent, worldOf } from "./examples.js"
import { WHOLE, field, mark, set, setNote, valueOf } from "./fields.js"

/**
 * @typedef {import("./app.js").Save} Save
 * @typedef {import("./app.js").Shown} Shown
 * @typedef {import("./ask.js").Answer} Answer
 * @typedef {import("./examples.js").World} World
 */

/** The options of the table, and their values or default. @type {[string, string[] | string][]} */
const OPTIONS = [
  ["on_agent_mismatch", ["", "deny", "spawn", "resume"]],
  ["on_context_full", ["", "compact", "resume", "spawn"]],
  ["same_agent", ["", "spawn", "resume"]],
  ["slug_scope", ["", "root", "caller"]],
  ["precedence", ["", "most_specific", "last_match"]],
  ["nested_calls", ["", "budget", "host"]],
  ["max_depth", "3"],
  ["max_cost", "none"],
  ["context_limit", "0.8"],
  ["resume_ttl_ms", "1800000"],
  ["auto_resume", "false"],
]
const FIRST = "R4"

/** @param {any} panel @param {Save} save */
export function mount(panel, save) {
  const state = { world: /** @type {World} */ (worldOf(FIRST)), name: /** @type {string | undefined} */ (FIRST), announced: "" }
  const table = rules()
  const examples = h("nav", { class: "examples rowwise", "aria-label": "Examples, one for each row of the table" },
    EXAMPLES.map(({ rule, name }) => h("a", { href: `#decide/${rule}`, "data-rule": rule }, name, " ", h("span", { class: "rule" }, rule))))
  // On a phone the decision stays in view beside the edited field. The full one is below.
  const glance = h("p", { class: "glance", "aria-hidden": "true" })
  const form = h("form", { class: "request card", "aria-label": "The request" })
  const world = h("form", { class: "world", "aria-label": "The world" })
  const result = h("div", { class: "result" })
  put(panel, h("div", { class: "intro" }, h("p", {}, "A request, in a world that you can edit. Each example fires one row of the table.")), examples, h("div", { class: "bench" }, glance, form, result, world))

  for (const each of [form, world]) {
    each.addEventListener("submit", (/** @type {Event} */ event) => event.preventDefault())
    each.addEventListener("input", (/** @type {any} */ { target }) => {
      set(state.world, target.dataset.path, valueOf(target))
      state.name = undefined
      // A session with a parent has other fields than a root.
      if (/\/parent$/.test(target.dataset.path)) return build()
      // Other fields offer the names of agents and sessions as choices.
      if (/\/(name|id|agent|slug)$/.test(target.dataset.path)) choices()
      update()
    })
  }

  function build() {
    const { agents, sessions, options, window, request } = state.world
    put(form,
      h("h2", {}, "Request"),
      h("div", { class: "fields" },
        field({ path: "request/caller", label: "Caller", value: request.caller, choices: callers(), wide: true }),
        field({ path: "request/agent", label: "subagent_type", value: request.agent, mono: true, list: "agents" }),
        field({ path: "request/task_id", label: "task_id", value: request.task_id, mono: true, hint: "left out", list: "names" }),
        field({ path: "request/model", label: "model", value: request.model, mono: true, hint: "left out" }),
        field({ path: "request/description", label: "description", value: request.description, wide: true }),
        field({ path: "request/prompt", label: "prompt", value: request.prompt, area: true, wide: true }),
        field({ path: "request/background", label: "background", value: request.background, check: true }),
      ),
      h("datalist", { id: "agents" }), h("datalist", { id: "names" }))
    put(world,
      h("section", { class: "card" },
        h("div", { class: "head" }, h("h2", {}, "Sessions"), button("Add a session", () => sessions.push(aSession({ id: fresh(sessions), parent: sessions[0]?.id ?? "", description: "New work" })))),
        sessions.length ? null : h("p", { class: "empty" }, "There is no session yet."),
        sessions.map((session, place) => {
          const child = session.parent !== ""
          const of = (/** @type {string} */ name) => ({ path: `sessions/${place}/${name}`, value: /** @type {any} */ (session)[name] })
          return entry("sessions", place, session.id, h("div", { class: "fields", style: `--depth:${depth(sessions, session)}` },
            child && field({ ...of("slug"), label: "name", mono: true, hint: "from its description" }),
            field({ ...of("agent"), label: "agent", mono: true, list: "agents" }),
            field({ ...of("state"), label: "state", choices: ["idle", "busy", "retry"] }),
            child && field({ ...of("age"), label: "minutes ago", pattern: "\\d*\\.?\\d*" }),
            child && field({ ...of("tokens"), label: "tokens", pattern: WHOLE }),
            field({ ...of("id"), label: "id", mono: true, required: true }),
            field({ ...of("parent"), label: "child of", choices: parents(session.id) }),
            child && field({ ...of("description"), label: "description" }),
            child && field({ ...of("used"), label: "calls spent", pattern: WHOLE })))
        })),
      h("section", { class: "card" },
        h("div", { class: "head" }, h("h2", {}, "Agents"), button("Add an agent", () => agents.push(anAgent({ name: `agent-${agents.length + 1}` })))),
        agents.map((agent, place) => entry("agents", place, agent.name, h("div", { class: "fields" },
          field({ path: `agents/${place}/name`, label: "agent", value: agent.name, mono: true, required: true }),
          field({ path: `agents/${place}/mode`, label: "mode", value: agent.mode, choices: ["primary", "subagent", "all"] }),
          field({ path: `agents/${place}/budget`, label: "task_budget", value: agent.budget, hint: "0" }),
          field({ path: `agents/${place}/task`, label: "permission.task", value: agent.task, mono: true, hint: "vault: deny" }),
          field({ path: `agents/${place}/models`, label: "models", value: agent.models, mono: true, hint: "acme/small" }),
          field({ path: `agents/${place}/callable`, label: "callable_by_subagents", value: agent.callable, check: true }),
        )))),
      h("section", { class: "card" },
        h("h2", {}, "Options"),
        h("div", { class: "fields" },
          OPTIONS.map(([name, given]) => field({
            path: `options/${name}`, label: name, value: options[name] ?? "",
            ...(Array.isArray(given) ? { choices: given.map((word, place) => /** @type {[string, string]} */ ([word, place ? word : `${given[1]} (default)`])) } : { hint: given }),
          })),
          field({ path: "window", label: "model's window, tokens", value: window, pattern: WHOLE }))))
    choices()
    update()
  }

  /** Updates the choices. */
  function choices() {
    const { agents, sessions, request } = state.world
    put(form.querySelector("#agents"), ...agents.map(({ name }) => h("option", { value: name })))
    put(form.querySelector("#names"), ...[...sessions.flatMap(({ parent, slug, id }) => (parent ? [slug, id] : [])), "last"].filter(Boolean).map((value) => h("option", { value })))
    const caller = form.querySelector("[data-path='request/caller']")
    put(caller, ...callers().map(([value, text]) => h("option", { value }, text)))
    caller.value = request.caller
  }

  function callers() {
    return state.world.sessions.map(({ id, agent, slug, parent }) => /** @type {[string, string]} */ ([id, `${agent || "no agent"} · ${slug || (parent ? id : `root ${id}`)}`]))
  }

  /** @param {string} own */
  function parents(own) {
    const others = state.world.sessions.filter(({ id }) => id !== own)
    return [/** @type {[string, string]} */ (["", "nobody: a root"]), ...others.map(({ id, slug }) => /** @type {[string, string]} */ ([id, slug || id]))]
  }

  /** @param {string} text @param {() => void} change */
  function button(text, change) {
    return h("button", { type: "button", class: "quiet", onclick: () => (change(), edited()) }, text)
  }

  /** @param {"sessions" | "agents"} list @param {number} place @param {string} name @param {any} fields */
  function entry(list, place, name, fields) {
    const remove = h("button", { type: "button", class: "remove", "aria-label": `Remove ${name}`, title: `Remove ${name}`, onclick: () => (state.world[list].splice(place, 1), edited()) }, "×")
    return h("fieldset", { class: "entry" }, h("legend", { class: "unseen" }, name), fields, remove)
  }

  function edited() {
    state.name = undefined
    build()
  }

  function update() {
    const asked = ask(state.world)
    const fault = "fault" in asked ? asked.fault : undefined
    const met = [mark(form, fault), mark(world, fault)].some(Boolean)
    if ("answer" in asked) {
      for (const [place, { id, slug, parent }] of state.world.sessions.entries()) {
        const name = asked.answer.names.get(id)
        const control = world.querySelector(`[data-path='sessions/${place}/slug']`)
        if (control && parent && name && name !== slug) setNote(control, `is ${name}`, false)
      }
      put(result, ...outcome(asked.answer, table, state.world))
      const { decision } = asked.answer
      const { rule, action } = decision
      put(glance, h("b", { class: `${action} action` }, action), " ", h("code", {}, nameOf(decision)), " ", h("span", { class: "dim" }, table.find((each) => each.rule === rule)?.reason, " ", h("span", { class: "rule" }, rule)))
      if (state.announced !== `${rule} ${action}`) announce(`${rule}: ${action}`)
      state.announced = `${rule} ${action}`
    } else {
      put(glance, h("b", { class: "deny action" }, "Not decided"), " ", fault?.message)
      put(result, h("div", { class: "card trouble" }, h("h2", {}, "Not decided"), h("p", {}, met ? "A field is marked: " : "", fault?.message)))
    }
    for (const link of examples.children) {
      const { rule } = link.dataset
      if (rule !== state.name) link.removeAttribute("aria-current")
      else if (!link.hasAttribute("aria-current")) {
        link.setAttribute("aria-current", "true")
        // On a phone the examples are one line.
        examples.scrollLeft = link.offsetLeft - 60
      }
    }
    save(state.name ? { name: state.name } : { state: state.world })
  }

  return {
    /** @param {Shown} shown */
    show({ name = FIRST, state: given }) {
      state.name = given ? undefined : worldOf(name) ? name : FIRST
      state.world = given ? complete(given) : /** @type {World} */ (worldOf(state.name))
      build()
    },
  }
}

/** The world of an address, with defaults for missing fields. @param {any} given @returns {World} */
function complete(given) {
  const plain = /** @type {World} */ (worldOf("R12"))
  const text = (/** @type {object} */ all) => Object.fromEntries(Object.entries(all).map(([name, value]) => [name, typeof value === "boolean" ? value : String(value ?? "")]))
  return {
    agents: (given.agents ?? []).map((/** @type {any} */ agent) => anAgent(/** @type {any} */ (text(agent)))),
    sessions: (given.sessions ?? []).map((/** @type {any} */ session) => aSession(/** @type {any} */ (text(session)))),
    options: /** @type {any} */ (text(given.options ?? {})),
    window: String(given.window ?? plain.window),
    request: { ...plain.request, .../** @type {any} */ (text(given.request ?? {})) },
  }
}

/** An unused session id. @param {World["sessions"]} sessions */
function fresh(sessions) {
  let number = sessions.length + 1
  while (sessions.some(({ id }) => id === `ses_new${number}`)) number++
  return `ses_new${number}`
}

/** @param {World["sessions"]} sessions @param {{ parent: string }} session @returns {number} */
function depth(sessions, { parent }) {
  let above = sessions.find(({ id }) => id === parent)
  let deep = 0
  for (; above && deep < 8; deep++) above = sessions.find(({ id }) => id === above?.parent)
  return deep
}

/** The session of a decision, or the code of a denial. @param {Answer["decision"]} decision */
const nameOf = (decision) => (decision.action === "deny" ? decision.code : `${decision.slug ?? decision.sessionID}`)

/** @param {Answer} answer @param {ReturnType<typeof rules>} table @param {World} world */
function outcome({ decision, looks, message }, table, world) {
  const { action, rule } = decision
  const candidates = "candidates" in decision ? decision.candidates : []
  const row = table.find((each) => each.rule === rule)
  return [
    h("section", { class: `card verdict ${action}`, "aria-labelledby": "h-decision" },
      h("h2", { id: "h-decision", class: "unseen" }, "Decision"),
      h("p", { class: "big" }, h("b", { class: "action" }, action), " ", h("code", {}, nameOf(decision))),
      h("p", { class: "why" }, row?.reason, " ", h("b", { class: "rule" }, rule)),
      "notice" in decision && decision.notice ? h("p", { class: "notice" }, decision.notice) : null,
      h("h3", {}, "What the model reads"),
      h("pre", { tabindex: "0", "aria-label": "What the model reads" }, message)),
    h("section", { class: "card" },
      h("h2", {}, "Candidates"),
      candidates.length
        ? h("ul", { class: "candidates" }, candidates.map(({ sessionID, slug, agent, description, confidence, lastUsed }) => h("li", {},
            h("code", {}, slug ?? sessionID), h("span", {}, agent), h("span", { class: "dim" }, description),
            confidence > 0 ? h("span", { class: "confidence" }, h("meter", { value: confidence, min: 0, max: 1, "aria-label": `confidence of ${slug ?? sessionID}` }), `${Math.round(confidence * 100)} %`) : null,
            h("span", { class: "dim age" }, `${Math.round((NOW - lastUsed) / 60_000)} min ago`))))
        : h("p", { class: "empty" }, action === "deny" ? "This denial lists none." : "None are listed: the caller chose, or there is nothing to resume.")),
    h("section", { class: "card" },
      h("h2", {}, "The table, row by row"),
      h("ol", { class: "rows" }, table.map((each, place) => {
        const look = looks[place]
        const fired = look?.holds
        const seen = look ? (fired ? "fires" : "does not hold") : "not looked at"
        return h("li", { class: fired ? `fires ${action}` : look ? "passed" : "after", "aria-current": fired && "true" },
          h("b", { class: "rule" }, each.rule),
          h("div", {},
            h("p", { class: "when" }, prose(each.when), h("span", { class: "unseen" }, ` (${seen})`)),
            look?.facts.length ? h("p", { class: "facts" }, look.facts.map(([name, how]) => h("span", {}, h("i", {}, name), ` ${how}`))) : null,
            fired ? h("p", { class: "then" }, "→ ", prose(each.outcome)) : null),
          h("span", { class: "mark", "aria-hidden": "true" }, fired ? "●" : look ? "×" : ""))
      }))),
  ]
}
