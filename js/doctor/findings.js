// The findings of the doctor in a survey: each fault and each piece of advice, with its place, the next step and, if there is an
// obvious one, the correction.

import { basename, dirname, join, relative, sep } from "node:path"
import { isDeepStrictEqual } from "node:util"
import { SLIM, TESTED } from "../compose/index.js"
import { BRING_TOOLS, EXECUTORS, IDLE_UNDER_HOST, fieldMeant, nearest, placeOfOption } from "../core/index.js"
import { correction, isOpen, withFix } from "./fixes.js"
import { JsonText } from "./json_text.js"
import { OURS, versionIn } from "./packages.js"
import { misplaced } from "./misplaced.js"
import { CONTENT, configFolder } from "./places.js"
import { hasBadEntry, hasBadList, refused } from "./refused.js"
import { AGENT_FIELDS, OPTIONS, complaint, obvious, unnamed } from "./remedies.js"
import { json, shown, shownLong } from "./shown.js"

/**
 * @typedef {import("./survey.js").Survey} Survey
 * @typedef {import("./survey.js").Entry} Entry
 * @typedef {import("./survey.js").Spot} Spot
 * @typedef {import("./survey.js").Source} Source
 * @typedef {{ file: string, text: string, change: string, where: string }} Fix a file, its whole new text, what changes, and in which place
 * @typedef {{ level: "fault" | "advice", code: string, message: string, next: string, file?: string, line?: number, field?: string, fix?: Fix }} Finding
 */

/** The command that installs both halves. */
export const INSTALL = `opencode plugin ${OURS} -g`

/** The entry that is this package and slim, in a folder that has both. */
const COMPOSED = `./node_modules/${OURS}/slim`

/** Whether a folder has this package and another. @param {string} folder @param {string} [other] */
const isComposable = (folder, other = SLIM) => [OURS, other].every((name) => versionIn(join(folder, "node_modules", name)) !== undefined)

/**
 * @param {Survey} survey
 * @param {{ version: string, hasTerminalHalf: boolean, isTwoAlone?: boolean }} known what this version of the package has, and
 *   whether OpenCode 2 is the only OpenCode here: it takes the terminal half by itself, and each option has its effect
 * @returns {Finding[]}
 */
export function findings(survey, { version, hasTerminalHalf, isTwoAlone = false }) {
  return [
    ...unreadable(survey),
    ...refused(survey),
    ...repeatedNames(survey),
    ...hiddenLists(survey),
    ...halves(survey, hasTerminalHalf, isTwoAlone),
    ...otherVersion(survey, version),
    ...neighbours(survey),
    ...replacedOptions(survey),
    ...optionFaults(survey),
    ...fieldFaults(survey),
    ...(isTwoAlone ? [] : idleSettings(survey)),
    ...(survey.server.some(isOurs) ? misplaced(survey, isTwoAlone) : []),
  ]
}

/** @param {Entry} entry */
const isOurs = ({ role }) => role === "ours" || role === "composed"

/** @param {Survey} survey @returns {Finding[]} */
function unreadable({ unreadable }) {
  return unreadable.map(({ path: file, line, message, isRead }) => ({
    level: "fault", code: "unreadable_file", file, line, message: `${isRead ? "OpenCode cannot use" : "This command does not read"} this file: ${message}.`,
    next: "Correct the file. This command does not change it until then.",
  }))
}

/** @param {Survey} survey @returns {Finding[]} */
function repeatedNames({ sources, terminalSources }) {
  return [...sources, ...terminalSources].flatMap(({ place, text }) => text.repeated.map(({ name, line }) => ({
    level: /** @type {const} */ ("fault"), code: "repeated_name", file: place.path, line, field: shown(name),
    message: `The name ${json(name)} stands more than once in one object: OpenCode takes the last one.`, next: "Write all of it under one name.",
  })))
}

/** Whether what a half loads is not known, since one of its files is at fault. @param {Survey} survey @param {boolean} isTerminal */
const isUnclear = ({ unreadable, sources, terminalSources }, isTerminal) =>
  unreadable.some((file) => file.isTerminal === isTerminal) || (isTerminal ? terminalSources : sources).some((source) => hasBadList(source) || hasBadEntry(source))

/** @param {Survey} survey @returns {Finding[]} */
function hiddenLists({ hidden, server, sources }) {
  return [...new Set(hidden.map(({ file }) => file))].flatMap((file) => {
    const lost = hidden.filter((entry) => entry.file === file && !server.some(({ spec }) => spec === entry.spec))
    if (!lost.length) return []
    const winner = /** @type {Source} */ (sources.filter(({ place, text }) => place.globally && Array.isArray(text.value.plugin)).at(-1))
    const name = basename(winner.place.path)
    const own = lost.find(isOurs)
    return [/** @type {Finding} */ ({
      level: own ? "fault" : "advice", code: "hidden_list", file, line: (own ?? lost[0]).line, field: "plugin",
      message: `OpenCode does not load ${shown(lost.map(({ written }) => written).join(", "))}: the list "plugin" of ${name} in the same folder replaces this one.`,
      next: `Move the entries into ${name}.`, fix: own?.source && addition(winner.text, own.source.text.source(["plugin", own.index])),
    })]
  })
}

/** The file of a folder that `opencode plugin` would write. @param {Survey} survey @param {string} folder @param {"opencode" | "tui"} name */
function fileToWrite({ sources, terminalSources, unreadable, machine }, folder, name) {
  const all = [...(name === "tui" ? terminalSources : sources)].filter(({ place }) => dirname(place.path) === folder && basename(place.path).startsWith(`${name}.`))
  // A list hides the lists of earlier global files, so the last list of a folder is the one to extend.
  const held = all.filter(({ text }) => Array.isArray(text.value.plugin)).at(-1) ?? all[0]
  if (held) return held.text
  const path = join(folder, `${name}.json`)
  return unreadable.some((file) => dirname(file.path) === folder) ? undefined : new JsonText(path, "", machine.env)
}

/** @param {JsonText | undefined} text @param {string | undefined} entry as a text writes it @returns {Fix | undefined} */
const addition = (text, entry) => (text && entry !== undefined ? correction(text.path, text.withAdded("plugin", entry), `add ${shown(entry)} to "plugin"`, "plugin") : undefined)

/** Entries that mean this package, and that OpenCode cannot load. @param {Survey} survey @returns {Finding[]} */
function misspelt({ server, terminal }) {
  return [...server, ...terminal].flatMap((entry) => {
    const { spec, name, written, role, missing, file, line, source, index } = entry
    const at = { level: /** @type {const} */ ("fault"), file, line, field: "plugin" }
    if (role === "unloadable") {
      const isSlim = spec.startsWith(`${OURS}/slim`)
      return [{
        ...at, code: "unloadable_entry", message: `OpenCode cannot load ${json(written)}: it takes the name for a repository.`,
        next: isSlim ? composeCommand(dirname(file)) : `Write "${OURS}".`, fix: isSlim ? undefined : replacement(source, index, OURS),
      }]
    }
    if (role === "other" && missing === undefined && !spec.includes("/") && nearest(name, [OURS])) {
      // The package of that name may be another's, so this is no correction.
      const isElse = [...server, ...terminal].some((other) => isOurs(other))
      return [{ ...at, level: isElse ? /** @type {const} */ ("advice") : at.level, code: "other_package", message: `${json(written)} is not this package. Did you mean "${OURS}"?`, next: `If so, write "${OURS}".` }]
    }
    if (!missing || !/(^|[\\/])opencode-delegate([\\/]|$)/.test(spec)) return []
    return [{ ...at, code: "missing_path", message: `There is no file ${json(written)}.`, next: composeCommand(dirname(file)) }]
  })
}

/** @param {Survey} survey @param {boolean} hasTerminalHalf @param {boolean} isTwoAlone @returns {Finding[]} */
function halves(survey, hasTerminalHalf, isTwoAlone) {
  const { server, terminal, hidden } = survey
  const found = misspelt(survey)
  const [ours, panel] = [server.filter(isOurs), terminal.filter(isOurs)]
  // An entry that means this package is named already.
  if (!ours.length && !found.length && !hidden.some(isOurs) && !isUnclear(survey, false)) found.push(noServerHalf(survey, panel, isTwoAlone))
  for (const entry of ours.slice(0, -1)) {
    found.push({
      level: "advice", code: "listed_twice", file: entry.file, line: entry.line, field: "plugin", message: "This package is listed more than once: the options of the first entry apply.",
      next: "Remove one of the entries.",
    })
  }
  const last = ours.at(-1)
  if (last && !panel.length && hasTerminalHalf && !isTwoAlone && !isUnclear(survey, true)) found.push(noTerminalHalf(survey, last))
  return found
}

/** @param {Survey} survey @param {Entry[]} panel the entries of the terminal half @param {boolean} isTwoAlone @returns {Finding} */
function noServerHalf(survey, [panel], isTwoAlone) {
  const slim = survey.server.find(({ role }) => role === "slim")
  const spec = panel?.role === "ours" && panel.pinned !== undefined && panel.isHeld ? panel.spec : OURS
  return {
    level: "fault", code: panel ? "no_server_half" : "not_installed", field: "plugin",
    message: panel ? "Only the terminal half is installed: no list of plugins in opencode.json names this package." : "OpenCode does not load this package: no configuration file names it.",
    // The command is OpenCode 1's.
    next: slim ? composeCommand(dirname(slim.file)) : isTwoAlone ? `Add "${OURS}" to the list "plugin" of opencode.json.` : `Run: ${INSTALL}`,
    fix: !slim ? addition(fileToWrite(survey, configFolder(survey.machine), "opencode"), JSON.stringify(spec)) : isComposable(dirname(slim.file)) ? replacement(slim.source, slim.index, COMPOSED) : undefined,
  }
}

/** @param {Survey} survey @param {Entry} server the entry of the server half @returns {Finding} */
function noTerminalHalf(survey, { source, file, folder: own, spec, name, pinned, isHeld }) {
  const { env } = survey.machine
  const isBeside = source?.place.form === "file" && !source.place.managed && file !== env.OPENCODE_CONFIG
  const folder = isBeside ? dirname(file) : configFolder(survey.machine)
  const same = own && spec !== name && pinned === undefined ? pathFrom(folder, own) : spec
  return {
    level: "advice", code: "no_terminal_half", message: "Only the server half is installed: OpenCode's terminal shows no names.",
    next: `Add the terminal half to tui.json, or run: ${INSTALL}`, fix: isHeld ? addition(fileToWrite(survey, folder, "tui"), JSON.stringify(same)) : undefined,
  }
}

/** OpenCode installs a package once, and never updates it by itself. @param {Survey} survey @param {string} version @returns {Finding[]} */
function otherVersion({ server }, version) {
  const entry = server.findLast(isOurs)
  if (!entry?.version || entry.version === version) return []
  const isPath = entry.role === "composed" || (entry.pinned === undefined && entry.spec !== entry.name)
  return [{
    level: "advice", code: "other_version", file: entry.file, line: entry.line, field: "plugin",
    message: `OpenCode runs ${OURS} ${shown(entry.version)}, and this is ${version}. OpenCode does not update an installed plugin by itself.`,
    next: isPath ? `Install ${OURS}@${version} in the folder of this entry.` : `Run: opencode plugin ${OURS}@${version} -g -f`,
  }]
}

/** @param {string} folder @param {string} path */
function pathFrom(folder, path) {
  const short = relative(folder, path).split(sep).join("/")
  return short.startsWith("..") ? path : `./${short}`
}

/** @param {Source | undefined} source @param {number} index @param {string} spec @returns {Fix | undefined} */
function replacement(source, index, spec) {
  if (!isOpen(source)) return undefined
  const held = source.text.value.plugin[index]
  const path = Array.isArray(held) ? ["plugin", index, 0] : ["plugin", index]
  if (!source.text.holds(path)) return undefined
  return correction(source.place.path, source.text.withValue(path, spec), `${json(Array.isArray(held) ? held[0] : held)} -> ${json(spec)}`, path.join("."))
}

/** @param {string} folder */
const composeCommand = (folder) => `Run: npm install --prefix ${shown(folder)} ${OURS} ${SLIM}@${TESTED}. Then list "${COMPOSED}" in the place of both.`

/** The other plugins that delegate. @param {Survey} survey @returns {Finding[]} */
function neighbours({ server }) {
  const found = /** @type {Finding[]} */ ([])
  const ours = server.filter(isOurs)
  if (!ours.length) return found
  const place = server.lastIndexOf(/** @type {Entry} */ (ours.at(-1)))
  for (const [index, entry] of server.entries()) {
    const { file, line } = entry
    if (entry.role === "slim") found.push(besideSlim(entry, ours))
    else if (entry.role === "task") {
      found.push({
        level: "fault", code: "beside_task_tool", file, line, field: "plugin", message: `${entry.name} brings a task tool of its own, so this package decides nothing beside it, in either order of the two.`,
        next: `Install both in one folder, and list "${BRING_TOOLS[entry.name]}" in the place of the two.`,
        fix: isComposable(dirname(file), entry.name) && isOpen(entry.source) && ours[0].source === entry.source ? inPlaceOf(entry, ours[0], BRING_TOOLS[entry.name]) : undefined,
      })
    } else if (entry.role === "other" && index > place) {
      found.push({
        level: "advice", code: "unknown_plugin", file, line, field: "plugin", message: `Whether ${shown(entry.isHeld ? entry.name : entry.written)} brings a task tool is not known here. If it does, it takes this package's place, since it stands later.`,
        next: `If results of delegations do not end with a line "task_id:", put "${OURS}" last.`,
      })
    }
  }
  return found
}

/** Slim in the list beside this package: it drops each task_id that it does not know, in either order. @param {Entry} slim @param {Entry[]} ours @returns {Finding} */
function besideSlim(slim, ours) {
  const { file, line, source, index } = slim
  const composed = ours.find(({ role }) => role === "composed")
  if (composed) {
    return {
      level: "fault", code: "slim_twice", file, line, field: "plugin", message: `${SLIM} is loaded twice: ${json(composed.written)} holds it too.`, next: `Remove ${json(slim.written)} from this list.`,
      fix: isOpen(source) ? correction(file, source.text.without("plugin", index), `remove ${json(slim.written)}`, `plugin.${index}`) : undefined,
    }
  }
  const isThere = isComposable(dirname(file))
  const [own] = ours
  const fix = isThere && isOpen(source) && own.source === source ? inPlaceOf(slim, own) : undefined
  return {
    level: "fault", code: "beside_slim", file, line, field: "plugin",
    message: `${SLIM} drops each task_id that is not its own, so names are lost, in either order of the two.`,
    next: isThere ? `Write ${json(COMPOSED)} in the place of both entries.` : composeCommand(dirname(file)), fix,
  }
}

/** One entry in the place of both. @param {Entry} other @param {Entry} own @param {string} [composed] @returns {Fix | undefined} */
function inPlaceOf(other, own, composed = COMPOSED) {
  const { text, place } = /** @type {Source} */ (other.source)
  return correction(place.path, text.withMerged("plugin", own.index, other.index, composed), `${json(other.written)} and ${json(own.written)} -> ${json(composed)}`, "plugin")
}

/** Options of an entry that a later entry of this package replaces. @param {Survey} survey @returns {Finding[]} */
function replacedOptions({ replaced, machine }) {
  const isEmpty = (/** @type {Entry} */ { options }) => !Object.keys(options).length
  return replaced.filter(([entry, by]) => isOurs(entry) && !isEmpty(entry) && !isDeepStrictEqual(entry.options, by.options)).map(([{ file, line }, by]) => ({
    // An entry with options of its own may be meant to replace all of them.
    level: isEmpty(by) ? "fault" : "advice", code: "replaced_options", file, line, field: "plugin",
    message: `The options of this entry are not used: OpenCode takes the last entry of a package, ${shownLong(by.file.replace(machine.home, "~"))}${by.line ? `:${by.line}` : ""}.`,
    next: "Write the options in that entry, or remove it.",
  }))
}

/** Whether OpenCode 1's own tool runs the children. @param {Entry} entry */
const isUnderHost = ({ role, options }) => role === "composed" || options.executor === "host"

/** Options and fields that do nothing where OpenCode's own tool runs the children. @param {Survey} survey @returns {Finding[]} */
function idleSettings({ server, fields }) {
  const own = server.find(isOurs)
  if (!own || !isUnderHost(own)) return []
  const next = own.role === "composed" ? "Remove it, unless you run OpenCode 2 as well." : 'Remove it unless you run OpenCode 2 as well, or set "executor" to "delegate".'
  const options = Object.keys(own.options).filter((name) => Object.hasOwn(OPTIONS, name)).map((field) => ({ field, shownAs: field, file: own.file, line: own.source?.text.line(["plugin", own.index, 1, field]) ?? own.line }))
  const ofAgents = fields.map(({ agent, field, file, line }) => ({ field, shownAs: `${agent}.${field}`, file, line }))
  return [...options, ...ofAgents].filter(({ field }) => IDLE_UNDER_HOST.includes(field)).map(({ shownAs, file, line }) => ({
    level: "advice", code: "no_effect", file, line, field: shown(shownAs), message: "It has no effect in OpenCode 1 while OpenCode's own tool runs the subagents (executor \"host\").", next,
  }))
}

/** @param {Survey} survey @returns {Finding[]} */
function optionFaults({ server }) {
  return server.filter(isOurs).flatMap((entry) => {
    const { file, line, options, source, index, role } = entry
    const executors = role === "composed" ? ["host"] : EXECUTORS
    /** @param {Record<string, unknown>} some */
    const said = (some) => complaint(some, {}, executors)
    const found = Object.entries(options).flatMap(([name, value]) => {
      const path = ["plugin", index, 1, name]
      const text = source?.text
      const isFixable = text && text.holds(path) && isOpen(source)
      const spot = {
        file, line: text?.line(path) ?? line, where: path.join("."), isHeld: !text || text.holds(path), isNameHeld: !text || text.line(path) !== undefined,
        ...(isFixable && { withValue: (/** @type {unknown} */ value) => text.withValue(path, value), withName: (/** @type {string} */ other) => text.withName(path, other) }),
      }
      const taken = Object.keys(options)
      return faultOf(spot, name, name, value, OPTIONS, taken, (name, value) => said({ [name]: value }))
    })
    // Several options may be at fault together, though each is right alone.
    const together = found.length ? undefined : said(options)
    return together ? [...found, /** @type {Finding} */ ({ level: "fault", code: "invalid_options", file, line, message: entry.isWhole ? shown(together) : "The options do not fit together, with what variables or files hold.", next: "Correct the options." })] : found
  })
}

/** @param {Survey} survey @returns {Finding[]} */
function fieldFaults({ fields, strange, server }) {
  if (!server.some(isOurs)) return []
  /** @param {string} agent @returns {(field: string, value: unknown) => string | undefined} */
  const said = (agent) => (field, value) => complaint({}, { [agent]: { [field]: value } }, EXECUTORS)
  return [
    ...fields.flatMap((field) => faultOf(field, field.field, `agents.${field.agent}.${field.field}`, field.value, AGENT_FIELDS, [], said(field.agent))),
    ...strange.filter(({ field }) => fieldMeant(field)).flatMap((field) => {
      const taken = fields.filter(({ agent }) => agent === field.agent).map(({ field }) => field)
      return faultOf(field, field.field, `agents.${field.agent}.${field.field}`, field.value, AGENT_FIELDS, taken, said(field.agent))
    }),
  ]
}

/**
 * The fault of an option or of a field of an agent, if it has one.
 * @param {Spot} spot @param {string} name @param {string} field its path in the engine's words @param {unknown} value
 * @param {Record<string, any>} known @param {string[]} taken the names that stand there already
 * @param {(name: string, value: unknown) => string | undefined} said the plugin's own complaint about a value under a name
 * @returns {Finding[]}
 */
function faultOf(spot, name, field, value, known, taken, said) {
  const { file, line } = spot
  // The value of a variable or a file may be a secret.
  const isSecret = spot.isNameHeld === false
  const at = { level: /** @type {const} */ ("fault"), file: file === CONTENT ? `$${CONTENT}` : file, line, field: isSecret ? "…" : shown(field.replace(/^agents\./, "")) }
  const kind = field === name ? "option" : "field"
  if (!Object.hasOwn(known, name)) {
    const elsewhere = kind === "option" && !isSecret ? placeOfOption(name) : undefined
    const meant = elsewhere ? undefined : nearest(name, Object.keys(known).filter((other) => !taken.includes(other)))
    return [withFix({
      ...at, code: `unknown_${kind}`, message: `There is no ${kind} ${isSecret ? "of the name that a variable or a file holds" : json(name)}.`,
      next: elsewhere ?? (meant ? `Write "${meant}".` : `Remove it. The ${kind}s are: ${Object.keys(known).join(", ")}.`),
    }, () => (meant ? correction(file, spot.withName?.(meant), `${json(name)} -> "${meant}"`, spot.where) : undefined))]
  }
  const complaint = said(name, value)
  if (!complaint) return []
  const meant = obvious(value, known[name], (candidate) => !said(name, candidate))
  if (spot.isHeld === false) {
    return [{ ...at, code: `invalid_${kind}`, message: "The value of a variable or a file that stands here is not valid.", next: `Correct what it holds${meant === undefined ? "" : ": a value of another type is meant"}.` }]
  }
  const message = shownLong(unnamed(complaint, field))
  return [withFix({
    ...at, code: `invalid_${kind}`, message: message[0].toUpperCase() + message.slice(1),
    next: meant === undefined ? "Correct the value." : `Write ${json(meant)}.`,
  }, () => (meant !== undefined ? correction(file, spot.withValue?.(meant), `${shown(name)}: ${json(value)} -> ${json(meant)}`, spot.where) : undefined))]
}
