// An agent in Markdown: the fields of its front matter, their lines, and the text with one of them changed.

// A YAML parser that knows the place of each value, and has no dependencies.
import { isMap, isScalar, parseDocument } from "yaml"
import { isTooDeep, lineAt, splice } from "./json_text.js"

/** @typedef {{ value: unknown, key: [number, number], at?: [number, number] }} Field a value, and where its name and itself stand */

const FRONT = /^(?:\ufeff)?---[ \t]*\r?\n([^]*?)(?:\r?\n)?^---/m

/** Lists in lists in lists, on one line. */
const DEEP_LISTS = /(?:[-?] +){200}/

/** A file of this kind. */
export class AgentText {
  #text
  /** @type {Map<string, Field>} */
  #fields = new Map()

  /** @param {string} path @param {string} text */
  constructor(path, text) {
    this.path = path
    this.#text = text
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
    const field = this.#fields.get(name)
    return field && lineAt(this.#text, field.key[0])
  }

  /** The text with another value of this field. @param {string} name @param {unknown} value */
  withValue(name, value) {
    const at = this.#fields.get(name)?.at
    return at ? splice(this.#text, at[0], at[1] - at[0], JSON.stringify(value)) : this.#text
  }

  /** The text with another name for this field. @param {string} name @param {string} other */
  withName(name, other) {
    const field = this.#fields.get(name)
    return field ? splice(this.#text, field.key[0], field.key[1] - field.key[0], other) : this.#text
  }
}

/** The fields of some YAML; nothing if it is none. @param {string} yaml @param {number} start its place @returns {[string, Field][] | undefined} */
function fieldsOf(yaml, start) {
  if (isTooDeep(yaml) || DEEP_LISTS.test(yaml)) return undefined
  let document
  let values = /** @type {any} */ (undefined)
  try {
    // Pretty errors hold a copy of the text each.
    document = parseDocument(yaml, { prettyErrors: false })
    values = document.errors.length ? undefined : document.toJS()
  } catch {
    // Some YAML names its own parts too often.
  }
  if (values === undefined || !document) return undefined
  if (!isMap(document.contents)) return []
  return document.contents.items.flatMap(({ key, value }) => {
    if (!isScalar(key) || typeof key.value !== "string" || !key.range) return []
    const range = /** @type {any} */ (value)?.range
    const place = (/** @type {number[]} */ [from, to]) => /** @type {[number, number]} */ ([start + from, start + to])
    return [[key.value, { value: values[key.value], key: place(key.range), at: range && place(range) }]]
  })
}

/** The parts of front matter that begin with a name in the first column, each with its place. @param {string} yaml @returns {[string, number][]} */
const entries = (yaml) => [...yaml.matchAll(/^[A-Za-z_][\w-]*[ \t]*:.*(?:\r?\n(?:[ \t#-].*|[ \t]*))*/gm)].map(({ 0: entry, index }) => [entry, index])
