// The files of the tarball, by rule: those that a consumer loads, reads or takes types from.

import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { dirname, join, normalize } from "node:path"
import { root, tarball } from "./project.js"

/** The files that people and npm read. */
const PAPERS = ["CHANGELOG.md", "LICENSE", "README.md", "package.json"]

/** The file that OpenCode 2 looks for in a package's folder. */
const IN_FOLDER = ["tui.js"]

/** The module of the types alone: OpenCode 1.14 follows the imports of types in comments of code. */
const FOLLOWED = ["pkg/opencode_delegate_types.js"]

/** Imports of modules and of types, in code and in JSDoc, and files that are named by their URL. */
const NAMED = /(?:from|import|import\(|new URL\()\s*["'](\.{1,2}\/[^"']+)["']/g

/** All files that the exports and the command of package.json reach, through any number of imports. */
export function reached() {
  const { exports, bin } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
  const entries = Object.values({ ...exports, ...bin }).flatMap((entry) => (typeof entry === "string" ? [entry] : Object.values(entry)))
  const found = new Set([...entries, ...IN_FOLDER].map(normalize))
  for (const path of found) {
    if (!/\.(js|ts)$/.test(path)) continue
    const isTypes = path.endsWith(".d.ts")
    const text = readFileSync(join(root, path), "utf8")
    // Comments of code name types, which are in files of their own.
    for (const [, name] of (isTypes ? text : text.replace(/\/\*\*[^]*?\*\//g, "")).matchAll(NAMED)) {
      const file = join(dirname(path), name)
      found.add(isTypes ? file.replace(/(?<!\.d)\.(js|ts)$/, ".d.ts") : file)
    }
  }
  return found
}

/** Compares the tarball with the rule, both ways. */
export function compare() {
  const held = tarball.files.map(({ path }) => path).sort()
  assert.deepEqual(held, [...new Set([...reached(), ...FOLLOWED, ...PAPERS])].sort())
  return `${held.length} files`
}
