// What OpenCode 1 refuses in a file that is valid JSON: with one such value it does not start, and it skips a tui.json.

import { AGENT_FIELDS } from "../core/index.js"
import { correction, isOpen, withFix } from "./fixes.js"
import { isObject } from "./json_text.js"
import { OURS, named } from "./packages.js"
import { CONTENT } from "./places.js"
import { json, shown } from "./shown.js"

/**
 * @typedef {import("./findings.js").Finding} Finding
 * @typedef {import("./survey.js").Survey} Survey
 * @typedef {import("./survey.js").Source} Source
 */

/** The most findings of one kind in one file. */
const MOST = 10

/** The right form of an entry with options. */
const FORM = `["${OURS}", { "max_depth": 2 }]`

/** @param {Source} source */
export const hasBadList = ({ text }) => text.value.plugin !== undefined && !Array.isArray(text.value.plugin)

/** Whether an entry of a list is one that OpenCode takes. @param {unknown} entry */
const isEntry = (entry) => typeof entry === "string" || (Array.isArray(entry) && entry.length === 2 && typeof entry[0] === "string" && isObject(entry[1]))

/** Whether a list of plugins has an entry that OpenCode refuses. @param {Source} source */
export const hasBadEntry = ({ text }) => Array.isArray(text.value.plugin) && !text.value.plugin.every(isEntry)

/** @param {Survey} survey @returns {Finding[]} */
export function refused(survey) {
  const { sources, terminalSources } = survey
  return [
    ...sources.flatMap((source) => [...badList(source, "refuses"), ...badEntries(source, survey, "refuses")]),
    ...terminalSources.flatMap((source) => [...badList(source, "skips"), ...badEntries(source, survey, "skips")]),
    ...sources.flatMap(badAgents),
  ]
}

/** @param {Source} source @param {string} does what OpenCode does with the file @returns {Finding[]} */
function badList(source, does) {
  if (!hasBadList(source)) return []
  return [{
    level: "fault", code: "invalid_list", ...at(source, ["plugin"]), field: "plugin",
    message: `OpenCode ${does} this file: "plugin" is no list.`, next: `Write the entries in brackets: "plugin": ["${OURS}"].`,
  }]
}

/** @param {Source} source @param {Survey} survey @param {string} does @returns {Finding[]} */
function badEntries(source, { machine }, does) {
  const { place, text } = source
  if (!hasBadEntry(source)) return []
  const list = /** @type {unknown[]} */ (text.value.plugin)
  return list.flatMap((entry, index) => {
    if (isEntry(entry)) return []
    const finding = /** @type {Finding} */ ({ level: "fault", code: "invalid_entry", ...at(source, ["plugin", index]), field: `plugin.${index}`, ...said(source, entry, index, does) })
    const before = list[index - 1]
    const isJoined = isObject(entry) && typeof before === "string" && isOurName(before, place.path, machine) && !isObject(list[index + 1])
    if (!isJoined || !isOpen(source) || !text.holds(["plugin", index - 1])) return [finding]
    return [withFix(finding, () => correction(place.path, text.withJoined("plugin", index - 1), `join "${shown(before)}" and the options behind it into one entry`, `plugin.${index}`))]
  }).slice(0, MOST)
}

/** Whether an entry names this package. @param {string} spec @param {string} file @param {Survey["machine"]} machine */
const isOurName = (spec, file, machine) => ["ours", "composed"].includes(named(spec, file, machine).role)

/** Why an entry is refused, and what to write. @param {Source} source @param {unknown} entry @param {number} index @param {string} does @returns {{ message: string, next: string }} */
function said({ text }, entry, index, does) {
  const no = (/** @type {string} */ why) => `OpenCode 1 ${does} this file: ${why}.`
  const before = text.value.plugin[index - 1]
  if (isObject(entry)) {
    const name = typeof before === "string" && text.holds(["plugin", index - 1]) ? json(before) : "of a plugin"
    return { message: no("an object stands in the list itself"), next: `Write the name ${name} and its options in brackets of their own: "plugin": [${FORM}].` }
  }
  if (!Array.isArray(entry)) return { message: no("an entry of the list is neither a name nor a list"), next: `Write a name, as "${OURS}", or a name with options, as ${FORM}.` }
  if (typeof entry[0] !== "string") return { message: no("an entry does not begin with the name of a plugin"), next: `Write it as ${FORM}.` }
  if (entry.length === 1) return { message: no("an entry in brackets has no options"), next: "Write the name without brackets." }
  if (!isObject(entry[1])) return { message: no("the options of an entry are no object"), next: `Write them in braces: ${FORM}.` }
  return { message: no("an entry has more than a name and one object of options"), next: `Write all options in one object: ["${OURS}", { "max_depth": 2, "same_agent": "resume" }].` }
}

/** @param {Source} source @returns {Finding[]} */
function badAgents(source) {
  const { text } = source
  return ["agent", "mode"].flatMap((kind) => {
    const agents = text.value[kind]
    if (agents === undefined) return []
    const finding = { level: /** @type {const} */ ("fault"), code: "invalid_agent" }
    if (!isObject(agents)) {
      return [{ ...finding, ...at(source, [kind]), field: kind, message: `OpenCode 1 refuses this file: "${kind}" is no object.`, next: `Write the agents in braces: "${kind}": { "NAME": { … } }.` }]
    }
    return Object.keys(agents).filter((name) => !isObject(agents[name])).slice(0, MOST).map((name) => {
      const isField = AGENT_FIELDS.some((field) => field === name)
      const spot = at(source, [kind, name])
      // A name that a variable holds has no place in the text.
      const called = spot.line === undefined ? "…" : shown(name)
      return {
        ...finding, ...spot, field: `${kind}.${called}`,
        message: `OpenCode 1 refuses this file: what stands under "${kind}" as "${called}" is no agent, since it is no object.`,
        next: isField ? `Write the field on an agent: "${kind}": { "NAME": { "${name}": … } }.` : "Write the fields of the agent in braces.",
      }
    })
  })
}

/** The place of a value. @param {Source} source @param {(string | number)[]} path */
const at = ({ place, text }, path) => ({ file: place.path === CONTENT ? `$${CONTENT}` : place.path, line: text.line(path) })
