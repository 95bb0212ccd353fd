// The results of a replay: one figure, what is missing, and the calls.

import { rules } from "../../api.js"
import { announce, h, prose } from "./dom.js"
import { missing } from "./past.js"
import { resumes, total } from "./recount.js"

/**
 * @typedef {import("./past.js").History} History
 * @typedef {import("./recount.js").Line} Line
 */

/** The longest address that an issue accepts, in characters. */
const LONG = 8_000
/** The number of listed calls: browsers lay out longer lists slowly. */
const LISTED = 1_000
/** The number of commands that are shown at once. */
const COMMANDS = 20
/** The shown part of a name, a title or an id, and of an error, in characters. */
const [PIECE, ERROR] = [80, 240]

const number = new Intl.NumberFormat("en")
const COLUMNS = ["Hand-off, UTC", "task_id", "What happened", "The plugin", "Tokens"]

/** The words for a call that failed or was refused: what happened to it stands beside them. */
const NOT_AGAIN = ["not decided again", "It got no answer then. “What if” decides it."]
/** The actions of decisions. */
const ACTIONS = ["resume", "compact", "join", "spawn"]

/** A text of others, on one line. @param {string | undefined} text */
const brief = (text = "", most = PIECE) => text.replace(/[\s\p{C}]+/gu, " ").slice(0, most)

/** @param {number} count @param {string} noun */
const counted = (count, noun) => `${number.format(count)} ${noun}${count === 1 ? "" : "s"}`

/**
 * @param {Line[]} lines
 * @param {History} history
 * @param {{ form: Node, on: boolean }} whatIf its form, and whether it is on
 */
export function resultView(lines, history, { form, on }) {
  const { sessions, redacted = 0 } = history
  const absent = missing(history)
  const titles = new Map([...sessions, ...absent].map(({ id, name, title }) => [id, name || title]))
  const name = (/** @type {string | undefined} */ id = "") => brief(titles.get(id) || id)
  const hidden = redacted > 0 && h("p", { class: "card trouble" }, `${counted(redacted, "hand-off")} cannot be read: the export is redacted. Export it again without `, h("code", {}, "--sanitize"), ".")
  if (!lines.length) return [hidden || h("div", { class: "card" }, h("h2", {}, "No delegation"), h("p", { class: "empty" }, "None of these sessions has a parent, and there is no call of the task tool. Add the children, or an export of the conversation."))]
  return [
    hidden,
    summary(lines, on, JSON.stringify(sessions).length > LONG),
    absent.length > 0 && others(absent.map(({ id }) => id)),
    form,
    h("section", { class: "card", "aria-labelledby": "h-calls" },
      h("h2", { id: "h-calls" }, "Hand-off by hand-off"),
      h("div", { class: "scroll", tabindex: 0, role: "region", "aria-labelledby": "h-calls" }, h("table", {},
        h("thead", {}, h("tr", {}, COLUMNS.map((text, place) => h("th", { scope: "col" }, text, on && place === 3 && " with these options")))),
        h("tbody", {}, lines.slice(0, LISTED).map((line) => row(line, name, on))))),
      lines.length > LISTED ? h("p", { class: "small dim" }, `The first ${number.format(LISTED)} of ${number.format(lines.length)} calls are listed; all are counted.`) : null),
  ]
}

/** @param {Line[]} lines @param {boolean} on @param {boolean} long */
function summary(lines, on, long) {
  const ran = lines.filter(({ fresh, call }) => fresh !== undefined && call.error === undefined)
  const over = ran.filter((line) => line.over)
  // A child without its call does not show whether the call named it.
  const unsure = over.some(({ recorded }) => !recorded)
  const spared = over.filter(({ call, decision }) => (on || !call.action) && resumes(decision))
  const failed = lines.filter(({ fresh, call }) => fresh !== undefined && call.error !== undefined)
  const refused = lines.filter(({ fresh, call }) => fresh === undefined && call.error !== undefined)
  return h("section", { class: "card", "aria-labelledby": "h-sum" },
    h("h2", { id: "h-sum", class: "headline" }, unsure && "At most ", h("b", {}, over.length ? number.format(over.length) : "None"), ` of ${counted(ran.length, "hand-off")} started over${over.length ? ", though a session could have been resumed" : ""}.`),
    h("div", { class: "figures" },
      over.length > 0 && figure(total(over).unknown === over.length && over.length ? "?" : number.format(sent(over)), "tokens were sent by the sessions that started over", tokens(over)),
      over.length > 0 && figure(number.format(spared.length), on ? "of them the plugin resumes with these options" : "of them the plugin resumes by itself", on ? "" : "For the others it lists the sessions to resume."),
      figure(number.format(ran.filter(({ fresh }) => !fresh).length), "resumed a session", `${number.format(failed.length)} failed, ${number.format(refused.length)} were refused`)),
    h("details", {}, h("summary", {}, "How this is counted"),
      h("p", { class: "small" }, "A hand-off started over if it began a session, and the engine finds one to resume instead: by its task_id, or else the caller's most recent session of that agent, if it was idle and used within half an hour. These are the rows of the table with the default options and ", h("code", {}, "same_agent: resume"), ". Whether the work belonged together, only you know. Calls that failed or were refused are left out."),
      h("p", { class: "small" }, "The tokens are those that such a session sent to its model over its life, as OpenCode counted them: uncached (input), written to the model's cache, read from it. A resumed session would have sent its own context instead, most of it from the cache: what resuming saves is at most these tokens."),
      h("p", { class: "small" }, "Each call is decided over the sessions that existed then, whatever was decided before. What the plugin itself decided then is shown as it was. A call that only its session shows has no task_id here, so the figure says “at most”. A session is busy from its call to the call's end, or to its last change if no call is known. The fill of a context is unknown, so none counts as full."),
      long ? h("p", { class: "small" }, "This history is long: its address may not fit into an issue.") : null))
}

/** The commands that export the sessions that are not there. @param {string[]} ids */
function others(ids) {
  // Others wrote the file: only an id goes into a command.
  const safe = ids.filter((id) => /^ses_\w{1,40}$/.test(id))
  const text = safe.slice(0, COMMANDS).map((id) => `opencode export ${id} > ${id}.json`).join("\n")
  const copy = h("button", { type: "button", class: "quiet", onclick: () => navigator.clipboard.writeText(text).then(() => {
    copy.textContent = "Copied"
    announce("The commands are copied.")
  }, () => {}) }, "Copy")
  return h("section", { class: "card absent", "aria-labelledby": "h-absent" },
    h("div", { class: "head" }, h("h2", { id: "h-absent" }, `${counted(ids.length, "session")} of this conversation ${ids.length === 1 ? "is" : "are"} not here`), copy),
    h("p", { class: "small" }, "The tokens and the hand-offs of missing sessions are unknown. Export them with these commands, then drop the files here as well."),
    h("pre", { tabindex: 0, "aria-label": "Commands" }, text),
    safe.length > COMMANDS && h("p", { class: "small dim" }, `${number.format(safe.length - COMMANDS)} more come after these.`))
}

/** @param {string} value @param {string} text @param {string} more */
const figure = (value, text, more) => h("div", {}, h("b", {}, value), h("span", {}, text), h("span", { class: "dim" }, more))

/** @param {Line[]} lines */
function sent(lines) {
  const { input, write, read } = total(lines)
  return input + write + read
}

/** @param {Line[]} lines */
function tokens(lines) {
  const { input, write, read, sessions, unknown } = total(lines)
  if (unknown === sessions) return "their tokens are unknown"
  return `${number.format(input)} input, ${number.format(write)} cache write, ${number.format(read)} cache read${unknown ? `; of ${unknown} unknown` : ""}`
}

/** @param {Line} line @param {(id: string | undefined) => string} name @param {boolean} on */
function row(line, name, on) {
  const { call, fresh, over, tokens: of, recorded } = line
  const { agent, description, task_id, child, at, end, error } = call
  const began = fresh === undefined ? "" : fresh ? "a new session" : `${name(child)}, resumed`
  const ended = error !== undefined ? (fresh === undefined ? "refused" : "failed") : recorded && end === undefined && "not ended"
  const cells = [
    [h("b", {}, brief(description)), h("span", { class: "dim" }, `${brief(agent)}, ${new Date(at).toISOString().slice(11, 19)}`)],
    task_id ? h("code", {}, brief(task_id)) : h("span", { class: "dim" }, recorded ? "left out" : "unknown"),
    [h("span", {}, began, began && ended && ", ", ended && h("b", { class: "deny action" }, ended)),
      error ? h("span", { class: "dim" }, brief(error, ERROR)) : null, over && h("span", { class: "dim" }, "started over")],
    verdict(line, name, on),
    of ? [h("span", {}, `${number.format(of.input + of.write)} uncached`), h("span", { class: "dim" }, `${number.format(of.read)} from cache`)] : h("span", { class: "dim" }, fresh ? "unknown" : "–"),
  ]
  return h("tr", { class: over ? "over" : "" }, cells.map((cell, place) => h("td", { "data-label": COLUMNS[place] }, cell)))
}

/** The plugin's decision: of a call that it decided, the one of then. @param {Line} line @param {(id: string | undefined) => string} name @param {boolean} on */
function verdict({ call, decision }, name, on) {
  const { action, rule, child, error } = call
  const row = rules().find((each) => each.rule === rule)
  if (action && ACTIONS.includes(action) && !on) return act(action, name(child), row?.rule ?? "", row ? `Decided then: ${row.reason}` : "Decided then.")
  // A call that got no answer is not decided again, as if it had got one.
  if (error !== undefined && !on) return row ? h("span", { class: "dim" }, row.rule) : NOT_AGAIN.map((text) => h("span", { class: "dim" }, text))
  if (decision.action === "deny") return act("deny", decision.code, decision.rule, decision.message)
  const into = decision.action === "spawn" ? brief(decision.slug) : name(decision.sessionID)
  return act(decision.action, into, decision.rule, [decision.reason, decision.notice].filter(Boolean).join(" "))
}

/** @param {string} action @param {string} into @param {string} rule @param {string} why */
const act = (action, into, rule, why) => [h("span", { class: action }, h("b", { class: "action" }, action), " ", into, " ", h("span", { class: "rule" }, rule)), h("span", { class: "dim" }, prose(why))]
