// The pages that people read: README.md and docs/*.md. Programs write some parts of them, each between two marks.

import { readFileSync, readdirSync, writeFileSync } from "node:fs"

const root = new URL("../", import.meta.url)

/** The paths of the pages, from the root of the project. */
export const PAGES = ["README.md", ...readdirSync(new URL("docs/", root)).filter((name) => name.endsWith(".md")).sort().map((name) => `docs/${name}`)]

/** @param {string} page */
export const read = (page) => readFileSync(new URL(page, root), "utf8")

/** The names of the marks on a page, in order. @param {string} text */
export const marksOf = (text) => [...text.matchAll(/^<!-- ([\w-]+) -->$/gm)].map(([, mark]) => mark)

/** The part between two marks. @param {string} text @param {string} mark */
export function partOf(text, mark) {
  const part = between(mark).exec(text)?.[2]
  if (part === undefined) throw new Error(`No page part between the marks of ${mark}`)
  return part
}

/** The page with another part between these marks. @param {string} text @param {string} mark @param {string} part */
export function withPart(text, mark, part) {
  partOf(text, mark)
  return text.replace(between(mark), (_, head, _was, tail) => head + part + tail)
}

/** Writes a part into its page. @param {string} page @param {string} mark @param {string} part */
export const publish = (page, mark, part) => writeFileSync(new URL(page, root), withPart(read(page), mark, part))

/** @param {string} mark */
const between = (mark) => new RegExp(`(<!-- ${mark} -->\n)([^]*?)(<!-- /${mark} -->)`)
