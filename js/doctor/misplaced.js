// This package's names in places where neither it nor OpenCode reads them. Another plugin may use the same names, so each is advice.

import { AGENT_FIELDS, LIMITS, OPTIONS } from "../core/index.js"
import { isObject } from "./json_text.js"
import { OURS } from "./packages.js"
import { CONTENT } from "./places.js"
import { shown } from "./shown.js"

/**
 * @typedef {import("./findings.js").Finding} Finding
 * @typedef {import("./survey.js").Survey} Survey
 * @typedef {import("./survey.js").Source} Source
 * @typedef {import("./survey.js").Entry} Entry
 */

/** The most findings of one kind: the first ones show what is wrong. */
const MOST = 5

/** @param {readonly string[]} names @param {string} name */
const has = (names, name) => names.some((other) => other === name)

/** How to write an option. @param {string} name */
const asOption = (name) => `Write it beside the package's name: "plugin": [["${OURS}", { "${name}": … }]].`

/** How to write a field of an agent. @param {string} name */
const asField = (name) => `Write it on an agent: "agent": { "NAME": { "${name}": … } }.`

/** @param {Survey} survey @param {boolean} isTwoAlone whether OpenCode 1 is not here @returns {Finding[]} */
export function misplaced(survey, isTwoAlone) {
  const { sources, terminal, strange } = survey
  return [
    ...sources.flatMap(atTheTop).slice(0, MOST),
    ...strange.flatMap(onAnAgent).slice(0, MOST),
    ...(isTwoAlone ? [] : sources.flatMap(underAgents).slice(0, MOST)),
    ...terminal.flatMap(inTheTerminal).slice(0, MOST),
  ]
}

/** @param {Source} source @param {(string | number)[]} path @returns {Pick<Finding, "level" | "code" | "file" | "line">} */
const at = ({ place, text }, path) => ({ level: "advice", code: "misplaced", file: place.path === CONTENT ? `$${CONTENT}` : place.path, line: text.line(path) })

/** Names at the top level of a file, which OpenCode passes over. @param {Source} source @returns {Finding[]} */
function atTheTop(source) {
  const { text } = source
  return Object.keys(text.value).flatMap((name) => {
    // A name that a variable holds has no place in the text.
    if (text.line([name]) === undefined || ![OURS, ...OPTIONS, ...AGENT_FIELDS].includes(name)) return []
    const next = name === OURS ? `Write the options beside the package's name: "plugin": [["${OURS}", { … }]].` : has(OPTIONS, name) ? asOption(name) : asField(name)
    return [{ ...at(source, [name]), field: name, message: "It has no effect at the top level of this file.", next }]
  })
}

/** Options, and fields of limits, on an agent. @param {Survey["strange"][number]} spot @returns {Finding[]} */
function onAnAgent({ agent, field, file, line, isDirect }) {
  const isOption = has(OPTIONS, field)
  if (!isDirect || line === undefined || !(isOption || has(LIMITS, field))) return []
  return [{
    level: "advice", code: "misplaced", file: file === CONTENT ? `$${CONTENT}` : file, line, field: shown(`${agent}.${field}`),
    message: `This package does not read it on an agent${isOption ? "" : " itself"}, and OpenCode sends it to the model's provider.`,
    // A limit of costs is an option too.
    next: has(LIMITS, field) ? `Write it within limits: "limits": { "${field}": … }.` : asOption(field),
  }]
}

/** Fields of agents under "agents", whose agents OpenCode 1 takes without them. @param {Source} source @returns {Finding[]} */
function underAgents(source) {
  const { text } = source
  return Object.entries(isObject(text.value.agents) ? text.value.agents : {}).flatMap(([agent, fields]) => {
    const lost = isObject(fields) ? AGENT_FIELDS.filter((field) => Object.hasOwn(fields, field) && text.line(["agents", agent, field]) !== undefined) : []
    return lost.map((field) => ({
      ...at(source, ["agents", agent, field]), field: shown(`${agent}.${field}`),
      message: 'OpenCode 1 drops this field of an agent under "agents".', next: 'Write the agent under "agent".',
    }))
  })
}

/** Options of the terminal half, which has none. @param {Entry} entry @returns {Finding[]} */
function inTheTerminal({ role, options, source, index }) {
  const names = Object.keys(options).filter((name) => has(OPTIONS, name))
  if (!source || !names.length || (role !== "ours" && role !== "composed")) return []
  return [{
    ...at(source, ["plugin", index]), field: "plugin", message: `The terminal half has no options, so ${names.slice(0, MOST).join(", ")} ${names.length > 1 ? "have" : "has"} no effect here.`,
    next: "Write them in the list \"plugin\" of opencode.json.",
  }]
}
