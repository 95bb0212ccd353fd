// The description of a plugin with delegation tools of its own: data, read once, with each fault named.

import { DelegateError } from "../api.js"

/**
 * Patterns are the sources of regular expressions. A place is where a result has something: a key of its metadata, and else the first
 * group of a pattern in its text, where `^` and `$` stand for the ends of a line.
 * @typedef {{ metadata?: string, text?: string }} Place
 *
 * A tool that delegates. The parameters: `session` takes the child to resume, `agent` its agent, `stand_ins` others that stand for an
 * agent, each with the name of that agent, `background` the flag of a call that does not wait. `description` and `prompt` need be
 * given only if they are called otherwise. `permission` is the one that the caller's agent needs. `child` and `task` are the places of
 * the child's id and of the plugin's own id of a task. With `tasks: "background"`, no other call has a task: a text with such an id is
 * the child's own then. `refusals` are results of calls that no child got; `forgotten` is the result of a
 * session that the plugin does not know any more: then the engine runs the continuation itself. `unready` is the result of a session
 * that has answered a background call, and that the plugin has not aborted yet to clear up: then the call is made again.
 * @typedef {{
 *   session: string, agent: string, stand_ins?: Record<string, string>, background?: string, description?: string, prompt?: string,
 *   permission?: string, child: Place, task?: Place, tasks?: "all" | "background", refusals?: string[], forgotten?: string, unready?: string
 * }} ToolDescription
 *
 * A tool that reads or cancels the task of an id. `id` is the parameter; `unknown` is the result for an id that the plugin does not
 * know: then the engine answers. `over` is the result of a reader for a task that has failed or was cancelled. `all` is the parameter of
 * a canceller for all tasks of its caller.
 * @typedef {{ id: string, unknown: string, over?: string, all?: string }} IDTool
 *
 * Names for sessions in requests to the model: in parts with the flag `metadata`, each match of `line` has a name and the id of its
 * session as its groups.
 * @typedef {{ metadata: string, line: string }} NicknamesDescription
 *
 * A plugin. `tools`, `readers` and `cancellers` are described by tool. `title` is the pattern of a child's title, with its description
 * as the first group, and its agent as the second if it has one. `nesting` says whether the plugin itself lets its subagents delegate. `swallows_ms`: how long it drops a prompt
 * that is identical with the one before it; `rests_ms`: how long it refuses to prompt a session again. `refuses_new` is its refusal of
 * a new session where it has dropped the given one. `withheld` are fields of OpenCode's input by which it would prompt children on ways
 * of its own: it does not get them.
 * @typedef {{
 *   plugin: string, tested?: string, tools?: Record<string, ToolDescription>, readers?: Record<string, IDTool>,
 *   cancellers?: Record<string, IDTool>, title?: string, nesting?: "plugin" | "engine", swallows_ms?: number, rests_ms?: number,
 *   nicknames?: NicknamesDescription, refuses_new?: string, withheld?: string[]
 * }} Description
 */

/** @typedef {(value: unknown, field: string) => void} Check */

/** @param {string} field @param {string} expected @param {unknown} value @returns {never} */
function fault(field, expected, value) {
  const message = `Invalid description, field "${field}": ${value === undefined ? "it is missing" : `expected ${expected}, got ${JSON.stringify(value)?.slice(0, 80)}`}.`
  throw new DelegateError({ code: "invalid_config", message, field })
}

/** @type {Check} */
const text = (value, field) => {
  if (typeof value !== "string" || !value) fault(field, "a text", value)
}

/** A pattern with a number of groups at least. @param {number} groups @returns {Check} */
const pattern = (groups) => (value, field) => {
  text(value, field)
  let found
  try {
    // It matches nothing at once, so what it finds has all groups.
    found = new RegExp(`|${value}`).exec("")
  } catch {
    fault(field, "a pattern", value)
  }
  if (/** @type {RegExpExecArray} */ (found).length <= groups) fault(field, `a pattern with ${groups} group${groups > 1 ? "s" : ""}`, value)
}

/** @type {Check} */
const milliseconds = (value, field) => {
  if (!Number.isInteger(value) || /** @type {number} */ (value) < 0) fault(field, "a number of milliseconds", value)
}

/** @param {string[]} words @returns {Check} */
const oneOf = (...words) => (value, field) => {
  if (!words.includes(/** @type {string} */ (value))) fault(field, words.join(" or "), value)
}

/** @param {Check} check @returns {Check} */
const listOf = (check) => (value, field) => {
  if (!Array.isArray(value)) fault(field, "a list", value)
  for (const [index, item] of value.entries()) check(item, `${field}[${index}]`)
}

/** @param {unknown} value @param {string} field @returns {asserts value is object} */
function object(value, field) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) fault(field, "an object", value)
}

/** @param {Check} check @returns {Check} */
const byName = (check) => (value, field) => {
  object(value, field)
  for (const [name, item] of Object.entries(value)) check(item, `${field}.${name}`)
}

/** An object of known fields. @param {Record<string, Check>} must @param {Record<string, Check>} [may] @returns {Check} */
const fields = (must, may = {}) => (value, field) => {
  object(value, field || "description")
  const at = (/** @type {string} */ name) => (field ? `${field}.${name}` : name)
  for (const [name, check] of Object.entries(must)) check(/** @type {any} */ (value)[name], at(name))
  for (const [name, item] of Object.entries(value)) {
    const check = must[name] ?? may[name] ?? fault(at(name), `one of the fields ${Object.keys({ ...must, ...may }).join(", ")}`, item)
    if (item !== undefined) check(item, at(name))
  }
}

/** @type {Check} */
const place = (value, field) => {
  fields({}, { metadata: text, text: pattern(1) })(value, field)
  if (!Object.keys(/** @type {object} */ (value)).length) fault(field, "metadata or text", value)
}

const tool = fields(
  { session: text, agent: text, child: place },
  { stand_ins: byName(text), background: text, description: text, prompt: text, permission: text, task: place, tasks: oneOf("all", "background"), refusals: listOf(pattern(0)), forgotten: pattern(0), unready: pattern(0) },
)
const idTool = fields({ id: text, unknown: pattern(0) }, { over: pattern(0), all: text })
const description = fields(
  { plugin: text },
  {
    tested: text,
    tools: byName(tool),
    readers: byName(idTool),
    cancellers: byName(idTool),
    title: pattern(1),
    nesting: oneOf("plugin", "engine"),
    swallows_ms: milliseconds,
    rests_ms: milliseconds,
    nicknames: fields({ metadata: text, line: pattern(2) }),
    refuses_new: pattern(0),
    withheld: listOf(text),
  },
)

/**
 * A description that holds.
 * @param {Description} given
 * @returns {Description}
 * @throws {DelegateError} `invalid_config`, naming the field at fault
 */
export function checkDescription(given) {
  description(given, "")
  return given
}
