// Plain English: comments, test names, the playground's words and the pages avoid phrases that a colleague would not say. Runs
// under Node and Bun.

import assert from "node:assert/strict"
import { readFileSync, readdirSync } from "node:fs"
import { describe, it } from "node:test"
import { partOf, marksOf } from "../pages.js"

/** The folders, each with the names of its files. */
const FOLDERS = /** @type {[string, RegExp][]} */ ([["js", /\.js$/], ["src", /\.rs$/], ["tests", /\.(?:c?js|ts)$/], ["tests", /\.rs$/], ["docs", /\.md$/]])
/** Folders of other people's files, of builds, and of OpenCode's answers. */
const SKIPPED = new Set(["node_modules", "target", "sandbox", "samples"])
/** Files in which every line is read: their texts are the playground's words. */
const WORDS = /^js\/playground\/(?:page|stories)\//

const FORBIDDEN = ["told", "tells?", "telling", "lets? go", "letting go", "anew", "all the same", "comes? to nothing", "came of", "sets? aside", "whoever", "that which"]
const PATTERN = new RegExp(`\\b(?:${FORBIDDEN.join("|").replaceAll(" ", "[ \\n]")})\\b`, "gi")

const STRING = String.raw`(["'\x60])((?:\\.|(?!\1).)*)\1`
/** The name of a test, as an argument, as the first field of a row, or as a named field of a row. */
const NAME = new RegExp(String.raw`(?:\b(?:it|test|describe|shown|claim)\(\s*|^\s*\[|\b(?:when|name|which|shows)"?: )${STRING}`, "g")
/** The name of a function in Rust, which may be a test. */
const FUNCTION = /\bfn (\w+)/
const BLOCK = /\/\*.*?\*\//g
const LINE = /(?:^|\s)\/\/[/!]? (.*)$/

/** A comment without its types, its code and its marks. @param {string} text */
const plain = (text) => text.replace(/\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}|`[^`]*`/g, "").replace(/^\s*(?:\/\*+|\*\/?|\/\/[/!]?)\s?|\*\/.*/g, "").trim()

/** The prose of a source, line by line. @param {string} path @param {string} source */
function proseOfCode(path, source) {
  let inside = false
  return source.split("\n").map((line) => {
    if (WORDS.test(path)) return line.trim()
    const opens = /^\s*\/\*/.test(line)
    const comment = inside || (opens && !line.includes("*/"))
    inside = comment && !line.includes("*/")
    if (comment) return plain(line)
    const names = [...line.matchAll(NAME)].map(([, , name]) => name.replace(/\$\{.*?\}/g, ""))
    const blocks = (line.match(BLOCK) ?? []).map(plain)
    const called = path.endsWith(".rs") ? (FUNCTION.exec(line)?.[1] ?? "").replaceAll("_", " ") : ""
    return [called, ...names, ...blocks, plain(LINE.exec(line.replace(BLOCK, ""))?.[1] ?? "")].filter(Boolean).join(" · ")
  })
}

/** The prose of a page, line by line. Parts that a program renders belong to its source. @param {string} text */
function proseOfPage(text) {
  const blank = (/** @type {string} */ part) => part.replace(/[^\n]/g, "")
  const written = marksOf(text).reduce((rest, mark) => rest.replace(partOf(rest, mark), blank), text)
  return written.replace(/^```[^]*?^```$|`[^`\n]*`/gm, blank).split("\n").map((line) => line.trim())
}

/** Each forbidden phrase of a file, with its line. @param {string} path @param {string} text */
function faults(path, text) {
  const prose = (path.endsWith(".md") ? proseOfPage(text) : proseOfCode(path, text)).join("\n")
  return [...prose.matchAll(PATTERN)].map(({ 0: phrase, index }) => `${path}:${prose.slice(0, index).split("\n").length}: "${phrase.replace("\n", " ")}"`)
}

/** @param {string} folder @param {RegExp} names @returns {string[]} */
const filesOf = (folder, names) => readdirSync(new URL(`../../${folder}/`, import.meta.url), { withFileTypes: true }).flatMap((entry) => {
  const path = `${folder}/${entry.name}`
  if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : filesOf(path, names)
  return names.test(entry.name) ? [path] : []
})

const read = (/** @type {string} */ path) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8")

describe("Plain English", () => {
  it("No comment, test name or page has a forbidden phrase", () => {
    const paths = [...FOLDERS.flatMap(([folder, names]) => filesOf(folder, names)), "README.md"]
    const newest = read("CHANGELOG.md").split(/^(?=## )/m).slice(0, 2).join("")
    assert.deepEqual([...paths.flatMap((path) => faults(path, read(path))), ...faults("CHANGELOG.md", newest)], [])
  })

  /** A file, its text with a gap, and the line of the gap. @type {[string, string, number | undefined][]} */
  const PLACES = [
    ["js/a.js", "const one = 1 // It is _.", 1], ["js/a.js", "/**\n * It is\n * _ here.\n */", 3], ["tests/a.js", "/** It is _. @param {string} a */", 1], ["src/a.rs", "/// It is _.\nfn a() {}", 1],
    ["tests/a.test.js", 'it("A child _", () => {})', 1], ["tests/a.test.js", "describe(`${_} a child _`, () => {})", 1], ["tests/a.test.js", 'const ROWS = [\n  ["a child _", 1],\n]', 2],
    ["tests/a.test.js", '{ when: "a child _", asked: "_" }', 1], ["js/playground/page/a.js", 'h("p", {}, "It is _.")', 1], ["docs/a.md", "# A\n\n```js\n_\n```\n\nIt is _.", 7],
    ["js/a.js", "const _ = 'It is _.'", undefined], ["src/a.rs", 'const NAMES: &[(&str, &str)] = &[("_", "a")];', undefined], ["js/a.js", "/** @type {{ _: string }} The field `_`. */", undefined], ["docs/a.md", "The field `_`.\n<!-- x -->\nIt is _.\n<!-- /x -->", undefined],
  ]
  it("A forbidden phrase is found in prose, and not in code", () => {
    const phrases = FORBIDDEN.flatMap((form) => (form.includes("?") ? [form.replace("?", ""), form.replace(/.\?/, "")] : [form]))
    for (const phrase of phrases) {
      for (const [path, text, line] of PLACES) assert.deepEqual(faults(path, text.replaceAll("_", phrase)), line ? [`${path}:${line}: "${phrase}"`] : [], text)
    }
  })

  it("A forbidden phrase in the name of a Rust test is found", () => {
    assert.deepEqual(faults("tests/a.rs", "#[test]\nfn a_child_comes_to_nothing() {}"), ['tests/a.rs:2: "comes to nothing"'])
  })

  it("A forbidden phrase over two lines is found", () => assert.deepEqual(faults("js/a.js", "// It lets\n// go."), ['js/a.js:1: "lets go"']))
})
