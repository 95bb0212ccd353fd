// Reads a file of others: only a regular one, and only text.

import { readFileSync, statSync } from "node:fs"
import { devNull } from "node:os"

/** Reads a file; nothing if there is none. @typedef {(path: string) => string | undefined} Reader */

/** The thing that stands in the place of a file, in words. @param {import("node:fs").Stats} stats */
const kindOf = (stats) => (stats.isDirectory() ? "a folder" : stats.isFIFO() ? "a pipe" : stats.isSocket() ? "a socket" : "a device")

/** The bytes of a file. @param {string} path */
function bytesOf(path) {
  try {
    const stats = statSync(path)
    if (path === devNull) return new Uint8Array()
    // A pipe or a device may keep its reader waiting for ever.
    if (!stats.isFile()) throw new Error(`it is ${kindOf(stats)}, and no file`)
    return readFileSync(path)
  } catch (error) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error)
    if (code === "ENOENT" || code === "ENOTDIR") return undefined
    throw new Error(code ? `it cannot be read (${code})` : message)
  }
}

/** Reads as OpenCode does: a byte that is not UTF-8 becomes a mark. @type {Reader} */
export function readLoosely(path) {
  const bytes = bytesOf(path)
  return bytes && new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes)
}

/** Reads what may be written again: nothing in it may be lost. @type {Reader} */
export function readFile(path) {
  const bytes = bytesOf(path)
  try {
    return bytes && new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new Error("it is not UTF-8")
  }
}
