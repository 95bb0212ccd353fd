// A configuration file in JSON with comments: its values, their lines, and the text with one of them changed.

import { readFileSync } from "node:fs"
import { homedir } from "node:os"
import { dirname, resolve } from "node:path"
// Microsoft's parser, which OpenCode itself reads and edits these files with: it keeps comments and blanks.
import { applyEdits, findNodeAtLocation, getNodeValue, modify, parse, parseTree, printParseErrorCode } from "jsonc-parser"
import { linesOf, splice } from "./lines.js"

/** @typedef {(string | number)[]} Path */

const OPTIONS = { allowTrailingComma: true }
const BOM = "\ufeff"

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
        const path = name.startsWith("~/") ? resolve(homedir(), name.slice(2)) : resolve(dirname(file), name)
        return JSON.stringify(readFileSync(path, "utf8").trim()).slice(1, -1)
      } catch {
        missing.push(name)
        return ""
      }
    })
  return { filled, missing }
}

/** A file of this kind. It may have faults. */
export class JsonText {
  #text
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
    const [errors, raw] = /** @type {import("jsonc-parser").ParseError[][]} */ ([[], []])
    const bare = text.startsWith(BOM) ? ` ${text.slice(1)}` : text
    const { filled, missing } = substitute(bare, path, env)
    if (!text.trim()) {
      this.value = {}
      return
    }
    if (isTooDeep(filled)) {
      this.fault = { message: "it is nested too deeply" }
      return
    }
    const { value, error } = parsed(() => parse(filled, errors, OPTIONS), errors)
    this.value = value
    if (error) this.fault = { message: `it is not valid JSON: ${error.message}`, line: lineAt(filled, error.offset) }
    else if (missing[0] !== undefined) this.fault = { message: `it names a file that cannot be read: "${missing[0].slice(0, 80)}"` }
    else if (!isObject(this.value)) this.fault = { message: "it is not an object in braces", line: 1 }
    if (this.fault) this.value = undefined
    const tree = parsed(() => parseTree(bare, raw, OPTIONS), raw)
    this.#tree = tree.error ? undefined : tree.value
  }

  /** Whether this file can be changed here. */
  get isEditable() {
    return !this.fault && (Boolean(this.#tree) || !this.#text.trim())
  }

  /** @param {Path} path */
  #node(path) {
    return this.#tree && findNodeAtLocation(this.#tree, path)
  }

  /** The line of a value, from 1. @param {Path} path */
  line(path) {
    const node = this.#node(path)
    return node && lineAt(this.#text, node.offset)
  }

  /** Whether the text itself holds this value: no variable or file has changed it. @param {Path} path */
  holds(path) {
    const node = this.#node(path)
    return Boolean(node) && JSON.stringify(getNodeValue(/** @type {any} */ (node))) === JSON.stringify(path.reduce((value, key) => value?.[key], this.value))
  }

  /** The text with another value in this place. @param {Path} path @param {unknown} value */
  withValue(path, value) {
    const node = this.#node(path)
    return node ? splice(this.#text, node.offset, node.length, JSON.stringify(value)) : this.#modified(path, value)
  }

  /** The text with another name for this field. @param {Path} path @param {string} name */
  withName(path, name) {
    const key = this.#node(path)?.parent?.children?.[0]
    return key ? splice(this.#text, key.offset, key.length, JSON.stringify(name)) : this.#text
  }

  /** The text with one more value at the end of a list. The list is made if there is none. @param {string} list @param {unknown} value */
  withAdded(list, value) {
    const held = this.value?.[list]
    return Array.isArray(held) ? this.#modified([list, held.length], value, true) : this.#modified([list], [value])
  }

  /** The text without this value. Nothing else is formatted. @param {Path} path */
  without(path) {
    const mark = this.#text.startsWith(BOM) ? BOM : ""
    const body = this.#text.slice(mark.length)
    return mark + applyEdits(body, modify(body, path, undefined, {}))
  }

  /** @param {Path} path @param {unknown} value */
  #modified(path, value, isArrayInsertion = false) {
    const text = this.#text.trim() ? this.#text : "{}\n"
    const mark = text.startsWith(BOM) ? BOM : ""
    const body = text.slice(mark.length)
    const [, indent = "  "] = /^([ \t]+)\S/m.exec(body) ?? []
    const formattingOptions = { insertSpaces: !indent.includes("\t"), tabSize: indent.length, eol: body.includes("\r\n") ? "\r\n" : "\n" }
    return mark + applyEdits(body, modify(body, path, value, { formattingOptions, isArrayInsertion }))
  }
}

/**
 * What a parser gives, or its first error.
 * @template T
 * @param {() => T} parse @param {import("jsonc-parser").ParseError[]} errors those that it has noted
 * @returns {{ value?: T, error?: { message: string, offset: number } }}
 */
function parsed(parse, errors) {
  const value = parse()
  const [error] = errors
  return error ? { error: { message: readable(printParseErrorCode(error.error)), offset: error.offset } } : { value }
}

/** How deep brackets may be nested. The parsers call themselves for each, and a full stack can end the process. */
const DEEPEST = 200

/** Whether brackets, also those within strings, are nested too deeply. @param {string} text */
export function isTooDeep(text) {
  let depth = 0
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    depth += "[{".includes(bracket) ? 1 : -1
    if (depth > DEEPEST) return true
  }
  return false
}

/** @param {unknown} value @returns {value is Record<string, any>} */
export const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value)

/** @param {string} text @param {number} offset */
export const lineAt = (text, offset) => linesOf(text)(offset)


/** The parser's name of an error, as words. @param {string} code */
const readable = (code) => code.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).toLowerCase()
