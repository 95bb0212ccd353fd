// Reads a file of others: only a regular one, and only text.

import { readFileSync, statSync } from "node:fs"
import { devNull } from "node:os"

/** Reads a file; nothing if there is none. @typedef {(path: string) => string | undefined} Reader */

/** What stands in the place of a file. @param {import("node:fs").Stats} stats */
const kindOf = (stats) => (stats.isDirectory() ? "a folder" : stats.isFIFO() ? "a pipe" : stats.isSocket() ? "a socket" : "a device")

/** @type {Reader} */
export function readFile(path) {
  let bytes
  try {
    const stats = statSync(path)
    if (path === devNull) return ""
    // A pipe or a device may keep its reader waiting for ever.
    if (!stats.isFile()) throw new Error(`it is ${kindOf(stats)}, and no file`)
    bytes = readFileSync(path)
  } catch (error) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error)
    if (code === "ENOENT" || code === "ENOTDIR") return undefined
    throw code ? new Error(code) : new Error(message)
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new Error("it is not UTF-8")
  }
}
