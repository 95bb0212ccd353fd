// Writes a changed file whole, and keeps a copy of what it was.

import { closeSync, constants, copyFileSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"

/** The most copies of one file. */
const COPIES = 100

/**
 * @param {string} path @param {string | undefined} was the text that the change was made from; none for a new file
 * @param {string} text
 * @returns {string | undefined} the copy
 * @throws {Error} if another program has written the file meanwhile
 */
export function writeFile(path, was, text) {
  // A link stays a link: the file that it leads to changes.
  const file = existsSync(path) ? realpathSync(path) : path
  mkdirSync(dirname(file), { recursive: true })
  const now = existsSync(file) ? readFileSync(file, "utf8") : undefined
  if (now !== was) throw new Error("another program has changed it meanwhile")
  const copy = was === undefined ? undefined : keep(file)
  const draft = `${file}.${process.pid}.tmp`
  try {
    const handle = openSync(draft, "wx", was === undefined ? 0o666 : statSync(file).mode)
    try {
      writeFileSync(handle, text)
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
    renameSync(draft, file)
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  }
  return copy
}

/** Copies a file beside itself, over no other file. @param {string} file */
function keep(file) {
  for (let number = 0; number < COPIES; number++) {
    const copy = `${file}.bak${number || ""}`
    if (existsSync(copy)) continue
    copyFileSync(file, copy, constants.COPYFILE_EXCL)
    return copy
  }
  throw new Error(`it has ${COPIES} copies already: remove some of ${file}.bak*`)
}
