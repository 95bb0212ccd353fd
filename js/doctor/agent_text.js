// An agent in Markdown: the fields of its front matter, their lines, and the text with one of them changed.

import { isDeepStrictEqual } from "node:util"
// A YAML parser that knows the place of each value, and has no dependencies.
import { isMap, isScalar, parseDocument } from "yaml"
import { linesOf, splice } from "./lines.js"

/** @typedef {[number, number]} Span */
/** @typedef {{ value: unknown, key?: Span, at?: Span }} Field a value, and where its name and itself stand; neither if it is merged from elsewhere */

const FRONT = /^(?:\ufeff)?---[ \t]*\r?\n([^]*?)(?:\r?\n)?^---/m

/** Lists in lists in lists, on one line. */
const DEEP_LISTS = /(?:[-?] +){200}/

/** A comment of YAML, and a text in quotes on one line. */
const COMMENT = /(?:^|\s)#/m
const QUOTED = /"(?:\\.|[^"\\\n])*"|'(?:''|[^'\n])*'/g

/** OpenCode reads front matter as YAML 1.1, in which it takes no other words than these for truth values. @type {any} */
const BOOLEAN = {
  tag: "tag:yaml.org,2002:bool", default: true, test: /^(?:[tT]rue|TRUE|[fF]alse|FALSE)$/,
  identify: (/** @type {unknown} */ value) => typeof value === "boolean",
  resolve: (/** @type {string} */ word) => /^t/i.test(word),
}

/** @type {import("yaml").ParseOptions & import("yaml").DocumentOptions & import("yaml").SchemaOptions} */
const YAML = {
  version: "1.1", merge: true,
  customTags: (tags) => [BOOLEAN, ...tags.filter((tag) => typeof tag === "string" || tag.tag !== BOOLEAN.tag)],
  // Pretty errors hold a copy of the text each.
  prettyErrors: false,
}

/** A file of this kind. */
export class AgentText {
  #text
  #lineAt
  /** @type {Map<string, Field>} */
  #fields = new Map()

  /** @param {string} path @param {string} text */
  constructor(path, text) {
    this.path = path
    this.#text = text
    this.#lineAt = linesOf(text)
    const front = FRONT.exec(text)
    if (!front || front.index !== 0) return
    const start = front[0].indexOf(front[1], front[0].indexOf("\n"))
    const whole = fieldsOf(front[1], start)
    // OpenCode reads front matter that is no YAML by lines, so one bad field costs no other.
    const fields = whole ?? entries(front[1]).flatMap(([entry, offset]) => fieldsOf(entry, start + offset) ?? [])
    for (const [name, field] of fields) this.#fields.set(name, field)
  }

  get names() {
    return [...this.#fields.keys()]
  }

  /** @param {string} name */
  value(name) {
    return this.#fields.get(name)?.value
  }

  /** @param {string} name */
  line(name) {
    const key = this.#fields.get(name)?.key
    return key && this.#lineAt(key[0])
  }

  /** The text with another value of this field; none if that changes anything else. @param {string} name @param {unknown} value */
  withValue(name, value) {
    const at = this.#fields.get(name)?.at
    if (!at) return undefined
    // The line break behind a value of several lines belongs to the next field.
    const held = this.#text.slice(...at).trimEnd()
    if (COMMENT.test(held.replace(QUOTED, ""))) return undefined
    return this.#checked(splice(this.#text, at[0], held.length, JSON.stringify(value)), (was) => (was === name ? [was, value] : [was, this.value(was)]))
  }

  /** The text with another name for this field; none if that changes anything else. @param {string} name @param {string} other */
  withName(name, other) {
    const key = this.#fields.get(name)?.key
    return key && this.#checked(splice(this.#text, key[0], key[1] - key[0], other), (was) => [was === name ? other : was, this.value(was)])
  }

  /** A changed text, if it differs and has the meant fields. @param {string} text @param {(name: string) => [string, unknown]} meant */
  #checked(text, meant) {
    const now = new AgentText(this.path, text)
    const isMeant = isDeepStrictEqual(now.names.map((name) => [name, now.value(name)]), this.names.map(meant))
    return isMeant && text !== this.#text ? text : undefined
  }
}

/** How deep brackets may be nested: the parser calls itself for each. */
const DEEPEST = 200

/** Whether brackets are nested too deeply. @param {string} text */
function isTooDeep(text) {
  let depth = 0
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    depth = Math.max(0, depth + ("[{".includes(bracket) ? 1 : -1))
    if (depth > DEEPEST) return true
  }
  return false
}

/** The fields of some YAML; nothing if it is none. @param {string} yaml @param {number} start its place @returns {[string, Field][] | undefined} */
function fieldsOf(yaml, start) {
  if (isTooDeep(yaml.replace(QUOTED, "")) || DEEP_LISTS.test(yaml)) return undefined
  let document
  let values = /** @type {any} */ (undefined)
  try {
    document = parseDocument(yaml, YAML)
    values = document.errors.length ? undefined : document.toJS()
    // A value that holds itself, or no end of values, is none that an agent can have.
    JSON.stringify(values)
  } catch {
    // Some YAML names its own parts too often, or is nested too deeply.
    return undefined
  }
  if (values === undefined) return undefined
  if (!isMap(document.contents)) return []
  /** @type {Map<string, Field>} */
  const fields = new Map()
  for (const { key, value } of document.contents.items) {
    if (!isScalar(key) || typeof key.value !== "string" || !key.range) continue
    const range = /** @type {any} */ (value)?.range
    const place = (/** @type {number[]} */ [from, to]) => /** @type {Span} */ ([start + from, start + to])
    fields.set(key.value, { value: values[key.value], key: place(key.range), at: range && place(range) })
  }
  for (const name of Object.keys(values)) if (!fields.has(name)) fields.set(name, { value: values[name] })
  return [...fields]
}

/** The parts of front matter that begin with a name in the first column, each with its place. @param {string} yaml @returns {[string, number][]} */
const entries = (yaml) => [...yaml.matchAll(/^[A-Za-z_][\w-]*[ \t]*:.*(?:\r?\n(?:[ \t#-].*|[ \t]*))*/gm)].map(({ 0: entry, index }) => [entry, index])
