// Edits of JSON with comments that keep the text around them, and what they need to know of its parts.

// Microsoft's parser, which OpenCode itself edits these files with: it keeps comments and blanks.
import { SyntaxKind, applyEdits, createScanner, modify } from "jsonc-parser"
import { splice } from "./lines.js"

/** @typedef {import("jsonc-parser").Node} Node */
/** @typedef {(string | number)[]} Path */

export const BOM = "\ufeff"

/** How deep brackets may be nested. The parsers call themselves for each, and a full stack can end the process. */
const DEEPEST = 200

/** The parts of a text, comments and blanks among them. @param {string} text */
function* parts(text) {
  const scanner = createScanner(text, false)
  for (let kind = scanner.scan(); kind !== SyntaxKind.EOF; kind = scanner.scan()) {
    yield { kind, offset: scanner.getTokenOffset(), length: scanner.getTokenLength() }
  }
}

/** Whether brackets are nested too deeply: those in texts and comments are not nested. @param {string} text */
export function isTooDeep(text) {
  let depth = 0
  for (const { kind } of parts(text)) {
    if (kind === SyntaxKind.OpenBraceToken || kind === SyntaxKind.OpenBracketToken) depth++
    if (kind === SyntaxKind.CloseBraceToken || kind === SyntaxKind.CloseBracketToken) depth--
    if (depth > DEEPEST) return true
  }
  return false
}

/** The comments of a text. @param {string} text */
export const commentsOf = (text) => [...parts(text)].filter(({ kind }) => kind === SyntaxKind.LineCommentTrivia || kind === SyntaxKind.BlockCommentTrivia)
  .map(({ offset, length }) => text.slice(offset, offset + length).trimEnd())

/** The node in this place. Of equal names, the last one counts. @param {Node | undefined} tree @param {Path} path @returns {Node | undefined} */
export function nodeAt(tree, path) {
  return path.reduce((/** @type {Node | undefined} */ node, key) => {
    if (typeof key === "number") return node?.type === "array" ? node.children?.[key] : undefined
    return node?.type === "object" ? node.children?.findLast(({ children }) => children?.[0]?.value === key)?.children?.[1] : undefined
  }, tree)
}

/** The names that stand more than once in an object of this tree, each at its last place. @param {Node} node @returns {Node[]} */
export function repeatedNames(node) {
  const names = node.type === "object" ? (node.children ?? []).flatMap(({ children }) => children?.[0] ?? []) : []
  const repeated = names.filter(({ value }, index) => names.findLastIndex((other) => other.value === value) === index && names.findIndex((other) => other.value === value) !== index)
  return [...repeated, ...(node.children ?? []).flatMap(repeatedNames)]
}

/** The place of the comma between two places. @param {string} text @param {number} from @param {number} to */
function commaIn(text, from, to) {
  for (const { kind, offset } of parts(text.slice(from, to))) if (kind === SyntaxKind.CommaToken) return from + offset
  return undefined
}

/** @param {Node} node */
const endOf = ({ offset, length }) => offset + length

/** The text without an entry of a list and its comma. Comments around it stay. @param {string} text @param {Node} entry */
export function withoutEntry(text, entry) {
  const list = /** @type {Node} */ (entry.parent)
  const all = list.children ?? []
  const index = all.indexOf(entry)
  const after = commaIn(text, endOf(entry), all[index + 1]?.offset ?? endOf(list) - 1)
  if (after !== undefined) return tidied(splice(splice(text, after, 1, ""), entry.offset, entry.length, ""), entry.offset)
  const before = index > 0 ? commaIn(text, endOf(all[index - 1]), entry.offset) : undefined
  const bare = splice(text, entry.offset, entry.length, "")
  return before === undefined ? tidied(bare, entry.offset) : tidied(splice(bare, before, 1, ""), entry.offset - 1)
}

/** The text without the blanks that a removed part leaves. @param {string} text @param {number} at where it stood */
function tidied(text, at) {
  const start = text.lastIndexOf("\n", at - 1) + 1
  const next = text.indexOf("\n", at)
  const end = next < 0 ? text.length : next + 1
  if (start > 0 && !text.slice(start, end).trim()) return splice(text, start, end - start, "")
  const [before, behind] = [text.slice(0, at), text.slice(at).replace(/^[ \t]+/, "")]
  return (/^(?:[\]\r\n]|$)/.test(behind) ? before.replace(/[ \t]+$/, "") : before) + behind
}

/** The text with a part at the end of a list or an object that has some. Comments stay beside their parts. @param {string} text @param {Node} list @param {string} source */
function withLast(text, list, source) {
  const last = endOf(/** @type {Node} */ (list.children?.at(-1)))
  const tail = text.slice(last, endOf(list) - 1)
  const comma = commaIn(text, last, endOf(list) - 1)
  const [indent] = /^[ \t]*/.exec(text.slice(text.lastIndexOf("\n", last - 1) + 1)) ?? [""]
  const gap = tail.includes("\n") ? (tail.includes("\r\n") ? "\r\n" : "\n") + indent : " "
  const added = splice(text, last + tail.trimEnd().length, 0, `${gap}${source}${comma === undefined ? "" : ","}`)
  return comma === undefined ? splice(added, last, 0, ",") : added
}

/** The text with an entry, given as a text, at the end of a list of the whole. @param {string} text @param {Node | undefined} tree @param {string} list @param {string} source */
export function withEntry(text, tree, list, source) {
  const node = nodeAt(tree, [list])
  // The library writes between a last part and the comment beside it.
  const into = node ?? tree
  const last = into?.children?.at(-1)
  if (into && last && commentsOf(text.slice(endOf(last), endOf(into) - 1)).length) return withLast(text, into, node ? source : `${JSON.stringify(list)}: [${source}]`)
  const whole = text.trim() ? text : "{}\n"
  const mark = whole.startsWith(BOM) ? BOM : ""
  const body = whole.slice(mark.length)
  const [, indent = "  "] = /^([ \t]+)\S/m.exec(body) ?? []
  const formattingOptions = { insertSpaces: !indent.includes("\t"), tabSize: indent.length, eol: body.includes("\r\n") ? "\r\n" : "\n" }
  // The library writes values alone, so a name that stands nowhere holds the place.
  let holder = "entry"
  while (body.includes(holder)) holder += "-"
  const isList = node?.type === "array"
  const edits = isList ? modify(body, [list, node.children?.length ?? 0], holder, { formattingOptions, isArrayInsertion: true }) : modify(body, [list], [holder], { formattingOptions })
  return mark + applyEdits(body, edits).replace(JSON.stringify(holder), () => source)
}
