// The configuration of this machine: its files, the plugins of both halves in their order, and this package's fields of
// the agents. Of several places, the one that OpenCode applies last wins.

import { pathToFileURL } from "node:url"
import { AGENT_FIELDS } from "../core/index.js"
import { AgentText } from "./agent_text.js"
import { JsonText, isObject } from "./json_text.js"
import { named } from "./packages.js"
import { filesIn, nameByFile, serverPlaces, terminalPlaces } from "./places.js"
import { shownLong } from "./shown.js"

/**
 * @typedef {import("./places.js").Machine} Machine
 * @typedef {import("./places.js").Place} Place
 * @typedef {import("./packages.js").Named} Named
 * @typedef {{ place: Place, text: JsonText }} Source
 * @typedef {Named & { spec: string, options: Record<string, any>, source: Source | undefined, file: string, index: number, line?: number,
 *   written: string, isHeld: boolean, isWhole: boolean }} Entry an entry of a `plugin` list; a local plugin has no source. `written`: the
 *   spec as the file has it; `isHeld`, `isWhole`: no variable or file changes the spec, or any of the entry
 * @typedef {{ file: string, line?: number, where?: string, isHeld?: boolean, isNameHeld?: boolean, withValue?: (value: unknown) => string | undefined, withName?: (name: string) => string | undefined }} Spot
 *   a place in a file, and the file's text with another value or another name there; none if that cannot be changed here
 * @typedef {Spot & { agent: string, field: string, value: unknown, isDirect: boolean }} AgentField `isDirect`: whether it stands on the agent
 *   itself, and not among its `options`
 * @typedef {{ path: string, message: string, line?: number, isRead?: boolean, isTerminal?: boolean }} Unreadable `isTerminal`: whether it is a
 *   configuration of the terminal half, and not of the server half
 * @typedef {{ machine: Machine, sources: Source[], unreadable: Unreadable[], server: Entry[], hidden: Entry[], terminal: Entry[],
 *   terminalSources: Source[], fields: AgentField[], strange: AgentField[], replaced: [entry: Entry, by: Entry][] }} Survey `hidden`: entries
 *   of global files whose list another global file replaces; `strange`: fields of agents that are nobody's; `replaced`: entries of the
 *   server half that a later entry of the same plugin replaces
 */

/** @typedef {import("./read_file.js").Reader} Reader */

/** @param {Machine} machine @param {Reader} read @returns {Survey} */
export function survey(machine, read) {
  const unreadable = /** @type {Unreadable[]} */ ([])
  const agents = new Agents()
  const server = /** @type {Source[]} */ ([])
  const entries = /** @type {Entry[]} */ ([])

  /** @param {string} path @param {boolean} [isTerminal] */
  const tryToRead = (path, isTerminal) => {
    try {
      return read(path)
    } catch (error) {
      unreadable.push({ path, isTerminal, message: shownLong(/** @type {Error} */ (error).message) })
      return undefined
    }
  }

  /** @param {Place} place @param {boolean} [isTerminal] @returns {Source | undefined} */
  const load = (place, isTerminal = false) => {
    const content = place.form === "text" ? machine.env[place.path] : tryToRead(place.path, isTerminal)
    if (content === undefined) return undefined
    const text = new JsonText(place.path, content, machine.env)
    if (text.fault) unreadable.push({ path: place.path, isRead: true, isTerminal, ...text.fault })
    return { place, text }
  }

  for (const place of serverPlaces(machine)) {
    if (place.form === "file" || place.form === "text") {
      const source = load(place)
      if (!source?.text.value) continue
      server.push(source)
      entries.push(...entriesOf(source, machine))
      agents.addFile(source)
    } else if (place.form === "plugins") {
      entries.push(...filesIn(place.path, ["plugin", "plugins"], /\.[jt]s$/, false).map((file) => localPlugin(file, machine)))
    } else {
      const [names, deep] = place.form === "agents" ? /** @type {const} */ ([["agent", "agents"], true]) : /** @type {const} */ ([["mode", "modes"], false])
      for (const file of filesIn(place.path, names.slice(), /\.md$/, deep)) {
        const content = tryToRead(file)
        if (content !== undefined) agents.addMarkdown(nameByFile(place.path, file), new AgentText(file, content))
      }
    }
  }

  const terminalSources = terminalPlaces(machine).flatMap((place) => {
    const source = load(place, true)
    return source?.text.value ? [source] : []
  })
  const lists = server.filter(({ place, text }) => place.globally && Array.isArray(text.value.plugin))
  const hidden = entries.filter(({ source }) => source && lists.slice(0, -1).includes(source))
  const listed = entries.filter((entry) => !hidden.includes(entry))
  const last = lastByPlugin(listed)
  return {
    machine, sources: server, unreadable, hidden, terminalSources,
    server: lastOfEach(listed),
    replaced: listed.flatMap((entry) => {
      const by = /** @type {Entry} */ (last.get(pluginOf(entry)))
      return by === entry ? [] : [/** @type {[Entry, Entry]} */ ([entry, by])]
    }),
    terminal: lastOfEach(terminalSources.flatMap((source) => entriesOf(source, machine))),
    ...agents.effective(),
  }
}

/** @param {Source} source @param {Machine} machine @returns {Entry[]} */
function entriesOf(source, machine) {
  const { path: file, text } = { path: source.place.path, text: source.text }
  const list = Array.isArray(text.value.plugin) ? text.value.plugin : []
  return list.flatMap((/** @type {unknown} */ item, /** @type {number} */ index) => {
    const [spec, options] = Array.isArray(item) ? item : [item, {}]
    if (typeof spec !== "string") return []
    const path = Array.isArray(item) ? ["plugin", index, 0] : ["plugin", index]
    const isHeld = text.holds(path)
    return [{
      ...named(spec, file, machine), spec, options: isObject(options) ? options : {}, source, file, index, line: text.line(["plugin", index]),
      isHeld, isWhole: text.holds(["plugin", index]), written: isHeld ? spec : (text.source(path) ?? "the value of a variable"),
    }]
  })
}

/** @param {string} file @param {Machine} machine @returns {Entry} */
const localPlugin = (file, machine) => ({ ...named(pathToFileURL(file).href, file, machine), spec: file, options: {}, source: undefined, file, index: 0, written: file, isHeld: true, isWhole: true })

/** What OpenCode takes for one plugin: a package, or a path. @param {Entry} entry */
const pluginOf = (entry) => (entry.pinned !== undefined || entry.spec === entry.name ? entry.name : `${entry.folder ?? ""}\n${entry.spec}`)

/** @param {Entry[]} entries */
const lastByPlugin = (entries) => new Map(entries.map((entry) => [pluginOf(entry), entry]))

/** The last entry of each plugin: OpenCode loads a package once, and each path once. @param {Entry[]} entries */
function lastOfEach(entries) {
  const last = new Set(lastByPlugin(entries).values())
  return entries.filter((entry) => last.has(entry))
}

/** The fields of the agents, as OpenCode merges them. */
class Agents {
  /** The fields that stand on an agent itself, and those among its `options`: the first ones win. @type {Map<string, AgentField>[]} */
  #levels = [new Map(), new Map()]
  /** @type {Map<string, AgentField>} */
  #strange = new Map()

  /** @param {Source} source */
  addFile({ place, text }) {
    for (const kind of ["agent", "mode"]) {
      const agents = text.value[kind]
      for (const [agent, settings] of isObject(agents) ? Object.entries(agents) : []) {
        if (!isObject(settings)) continue
        /** @param {number} level @param {string} field @param {unknown} value @param {(string | number)[]} path */
        const add = (level, field, value, path) => this.#add(level, {
          agent, field, value, isDirect: level === 0, file: place.path, line: text.line(path), where: path.join("."), isHeld: text.holds(path), isNameHeld: text.line(path) !== undefined,
          ...(text.isEditable && place.form === "file" && !place.managed && text.holds(path) && {
            withValue: (value) => text.withValue(path, value),
            withName: (name) => text.withName(path, name),
          }),
        })
        for (const [field, value] of Object.entries(settings)) add(0, field, value, [kind, agent, field])
        if (!isObject(settings.options)) continue
        for (const [field, value] of Object.entries(settings.options)) add(1, field, value, [kind, agent, "options", field])
      }
    }
  }

  /** @param {string} byFile the agent's name, unless its front matter gives one @param {AgentText} text */
  addMarkdown(byFile, text) {
    const given = text.value("name")
    const agent = typeof given === "string" ? given : byFile
    for (const field of text.names) {
      this.#add(0, {
        agent, field, value: text.value(field), isDirect: true, file: text.path, line: text.line(field), where: field, isHeld: true,
        withValue: (value) => text.withValue(field, value), withName: (name) => text.withName(field, name),
      })
    }
  }

  /** @param {number} level @param {AgentField} field */
  #add(level, field) {
    const isOurs = AGENT_FIELDS.some((ours) => ours === field.field)
    const into = isOurs ? this.#levels[level] : this.#strange
    const key = `${field.agent}\n${field.field}`
    // A later place replaces the value, and stands last.
    into.delete(key)
    into.set(key, field)
  }

  effective() {
    const [direct, options] = this.#levels
    return { fields: [...new Map([...options, ...direct]).values()], strange: [...this.#strange.values()] }
  }
}
