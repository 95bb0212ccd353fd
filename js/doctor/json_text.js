// A configuration file in JSON with comments: its values, their lines, and the text with one of them changed.

import { homedir } from "node:os"
import { dirname, resolve } from "node:path"
import { isDeepStrictEqual } from "node:util"
// Microsoft's parser, which OpenCode itself reads these files with.
import { getNodeValue, parse, parseTree, printParseErrorCode } from "jsonc-parser"
import { BOM, commentsOf, isTooDeep, nodeAt, repeatedNames, withEntry, withoutEntry } from "./json_edit.js"
import { linesOf, splice } from "./lines.js"
import { readLoosely } from "./read_file.js"
import { shown, shownLong } from "./shown.js"

/** @typedef {import("./json_edit.js").Path} Path */

const OPTIONS = { allowTrailingComma: true }

/** The names of the whole that the doctor reads. */
const READ = ["plugin", "agent", "mode"]

/**
 * A text with the values of variables and files in place of `{env:NAME}` and `{file:path}`, as OpenCode reads it.
 * @param {string} text @param {string} file @param {Record<string, string | undefined>} env
 */
function substitute(text, file, env) {
  const missing = /** @type {string[]} */ ([])
  const filled = text
    .replace(/\{env:([^}]+)\}/g, (_, name) => env[name] || "")
    .replace(/\{file:([^}]+)\}/g, (mark, name, place, /** @type {string} */ whole) => {
      const before = whole.slice(whole.lastIndexOf("\n", place - 1) + 1, place)
      if (before.trimStart().startsWith("//")) return mark
      try {
        const path = name.startsWith("~/") ? resolve(env.HOME ?? homedir(), name.slice(2)) : resolve(dirname(file), name)
        const content = readLoosely(path)
        if (content !== undefined) return JSON.stringify(content.trim()).slice(1, -1)
      } catch {
        // A file that cannot be read counts as a missing one.
      }
      missing.push(name)
      return ""
    })
  return { filled, missing }
}

/** A file of this kind. It may have faults. A change gives the new text, or none if it would change anything else or lose a comment. */
export class JsonText {
  #text
  #env
  #lineAt
  /** The tree, whose offsets are those of the text; none if values of variables make it JSON. */
  #tree
  /** @type {any} */
  value
  /** Why OpenCode cannot read it, with the line. @type {{ message: string, line?: number } | undefined} */
  fault

  /** @param {string} path @param {string} text @param {Record<string, string | undefined>} env */
  constructor(path, text, env) {
    this.path = path
    this.#text = text
    this.#env = env
    this.#lineAt = linesOf(text)
    const bare = text.startsWith(BOM) ? ` ${text.slice(1)}` : text
    const { filled, missing } = substitute(bare, path, env)
    if (!text.trim()) {
      this.value = {}
      return
    }
    if (isTooDeep(filled) || isTooDeep(bare)) {
      this.fault = { message: "it is nested too deeply" }
      return
    }
    const { value, error } = parsed((errors) => parse(filled, errors, OPTIONS))
    this.value = value
    if (error) this.fault = { message: `it is not valid JSON: ${error.message}`, line: linesOf(filled)(error.offset) }
    else if (missing[0] !== undefined) this.fault = { message: `it names a file that cannot be read: "${shown(missing[0])}"` }
    else if (!isObject(this.value)) this.fault = { message: "it is not an object in braces", line: 1 }
    if (this.fault) this.value = undefined
    this.#tree = parsed((errors) => parseTree(bare, errors, OPTIONS)).value
  }

  /** Whether this file can be changed here. */
  get isEditable() {
    return !this.fault && (Boolean(this.#tree) || !this.#text.trim())
  }

  /** The names that the doctor reads and that stand more than once, each with its last line. */
  get repeated() {
    if (this.fault || !this.#tree) return []
    const top = repeatedNames({ ...this.#tree, children: this.#tree.children?.map((property) => ({ ...property, children: property.children?.slice(0, 1) })) }).filter(({ value }) => READ.includes(value))
    const below = READ.flatMap((name) => this.#node([name]) ?? []).flatMap(repeatedNames)
    return [...top, ...below].map(({ value, offset }) => ({ name: /** @type {string} */ (value), line: this.#lineAt(offset) }))
  }

  /** @param {Path} path */
  #node(path) {
    return nodeAt(this.#tree, path)
  }

  /** The line of a value, from 1. @param {Path} path */
  line(path) {
    const node = this.#node(path)
    return node && this.#lineAt(node.offset)
  }

  /** Whether the text itself holds this value: no variable or file has changed it. @param {Path} path */
  holds(path) {
    const node = this.#node(path)
    return Boolean(node) && JSON.stringify(getNodeValue(/** @type {any} */ (node))) === JSON.stringify(path.reduce((value, key) => value?.[key], this.value))
  }

  /** A value as the text writes it, with its comments, and with the names of variables and files. @param {Path} path */
  source(path) {
    const node = this.#node(path)
    return node && this.#text.slice(node.offset, node.offset + node.length)
  }

  /** The text with another value in this place. @param {Path} path @param {unknown} value */
  withValue(path, value) {
    const node = this.#node(path)
    return node && this.#checked(splice(this.#text, node.offset, node.length, JSON.stringify(value)), (whole) => {
      at(whole, path.slice(0, -1))[/** @type {string} */ (path.at(-1))] = value
    })
  }

  /** The text with another name for this field. @param {Path} path @param {string} name */
  withName(path, name) {
    const key = this.#node(path)?.parent?.children?.[0]
    return key && this.#checked(splice(this.#text, key.offset, key.length, JSON.stringify(name)), (whole) => {
      const [parent, former] = [at(whole, path.slice(0, -1)), /** @type {string} */ (path.at(-1))]
      parent[name] = parent[former]
      delete parent[former]
    })
  }

  /** The text with one more entry, as a text writes it, at the end of a list. The list is made if there is none. @param {string} list @param {string} source */
  withAdded(list, source) {
    if (!this.isEditable) return undefined
    return this.#checked(withEntry(this.#text, this.#tree, list, source), (whole) => {
      // A value that is no list is somebody's mistake, and is not overwritten.
      if (whole[list] !== undefined && !Array.isArray(whole[list])) return false
      whole[list] = [...(whole[list] ?? []), parse(source, [], OPTIONS)]
    })
  }

  /** The text without this entry of a list. @param {string} list @param {number} index */
  without(list, index) {
    const node = this.#node([list, index])
    return node && this.#checked(withoutEntry(this.#text, node), (whole) => void whole[list].splice(index, 1))
  }

  /** The text with one entry of a list in the place of another, and under another name. @param {string} list @param {number} from @param {number} to @param {string} name */
  withMerged(list, from, to, name) {
    const named = JSON.stringify(name)
    const [own, spec, other] = [this.#node([list, from]), this.#node([list, from, 0]), this.#node([list, to])]
    if (!own || !other) return undefined
    const source = spec ? splice(this.#text.slice(own.offset, own.offset + own.length), spec.offset - own.offset, spec.length, named) : named
    const rest = new JsonText(this.path, withoutEntry(this.#text, own), this.#env)
    const place = rest.#node([list, from < to ? to - 1 : to])
    return place && this.#checked(splice(rest.#text, place.offset, place.length, source), (whole) => {
      const held = whole[list][from]
      whole[list][to] = Array.isArray(held) ? [name, ...held.slice(1)] : name
      whole[list].splice(from, 1)
    })
  }

  /** The text with an entry of a list and the one behind it in brackets of their own. @param {string} list @param {number} index */
  withJoined(list, index) {
    const [first, second] = [this.#node([list, index]), this.#node([list, index + 1])]
    if (!first || !second) return undefined
    const length = second.offset + second.length - first.offset
    return this.#checked(splice(this.#text, first.offset, length, `[${this.#text.slice(first.offset, first.offset + length)}]`), (whole) => {
      whole[list].splice(index, 2, [whole[list][index], whole[list][index + 1]])
    })
  }

  /** The value of the text, before any variable. */
  get #plain() {
    return this.#tree ? JSON.parse(JSON.stringify(getNodeValue(this.#tree))) : {}
  }

  /** A changed text, if it differs, has the meant value, and keeps each comment. @param {string} text @param {(whole: any) => false | void} change the same change of the value */
  #checked(text, change) {
    const now = new JsonText(this.path, text, this.#env)
    const meant = this.#plain
    if (text === this.#text || change(meant) === false || !isDeepStrictEqual(now.#plain, JSON.parse(JSON.stringify(meant)))) return undefined
    const kept = commentsOf(text)
    for (const comment of commentsOf(this.#text)) {
      const place = kept.indexOf(comment)
      if (place < 0) return undefined
      kept.splice(place, 1)
    }
    return text
  }
}

/** @param {any} whole @param {Path} path */
const at = (whole, path) => path.reduce((value, key) => value[key], whole)

/**
 * The value that a parser gives, or its first error.
 * @template T
 * @param {(errors: import("jsonc-parser").ParseError[]) => T} parse
 * @returns {{ value?: T, error?: { message: string, offset: number } }}
 */
function parsed(parse) {
  const errors = /** @type {import("jsonc-parser").ParseError[]} */ ([])
  try {
    const value = parse(errors)
    const [error] = errors
    return error ? { error: { message: readable(printParseErrorCode(error.error)), offset: error.offset } } : { value }
  } catch (error) {
    return { error: { message: shownLong(/** @type {Error} */ (error).message), offset: 0 } }
  }
}

/** @param {unknown} value @returns {value is Record<string, any>} */
export const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value)

/** The parser's name of an error, as words. @param {string} code */
const readable = (code) => code.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).toLowerCase()
