// Writes a changed file whole, and keeps a copy of what it was.

import { accessSync, closeSync, constants, copyFileSync, fchmodSync, fsyncSync, ftruncateSync, lstatSync, mkdirSync, openSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import { readFile } from "./read_file.js"

/** The most copies of one file. */
const COPIES = 100

/** Whether anything stands there, also a link that leads nowhere. @param {string} path */
const isTaken = (path) => lstatSync(path, { throwIfNoEntry: false }) !== undefined

/**
 * @param {string} path @param {string | undefined} was the text that the change was made from; none for a new file
 * @param {string} text
 * @returns {string | undefined} the copy
 * @throws {Error} if the file is not to be written, or another program has written it meanwhile
 */
export function writeFile(path, was, text) {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (!stats && isTaken(path)) throw new Error("it is a link that leads nowhere")
  // A link stays a link: the file that it leads to changes.
  const file = stats ? realpathSync(path) : path
  if (stats && !isWritable(file, stats)) throw new Error("it is read-only")
  mkdirSync(dirname(file), { recursive: true })
  if (readFile(file) !== was) throw new Error("another program has changed it meanwhile")
  const copy = stats && keep(file)
  // A new file in its place would leave its other names, and its owner, with the former text.
  if (stats && (stats.nlink > 1 || stats.uid !== (process.getuid?.() ?? stats.uid))) overwrite(file, text)
  else replace(file, text, stats && stats.mode & 0o7777)
  return copy
}

/** An administrator can write any file: the file's own mode counts too. @param {string} file @param {import("node:fs").Stats} stats */
function isWritable(file, stats) {
  try {
    accessSync(file, constants.W_OK)
    return (stats.mode & 0o222) !== 0
  } catch {
    return false
  }
}

/** @param {string} file @param {string} text */
function overwrite(file, text) {
  const handle = openSync(file, "r+")
  try {
    ftruncateSync(handle)
    writeFileSync(handle, text)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

/** @param {string} file @param {string} text @param {number | undefined} mode that of the former file */
function replace(file, text, mode) {
  const draft = `${file}.${process.pid}.tmp`
  const handle = openSync(draft, "wx", mode ?? 0o666)
  try {
    try {
      // The mode of a new file lacks what the process masks.
      if (mode !== undefined) fchmodSync(handle, mode)
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
}

/** Copies a file beside itself, over no other file. @param {string} file */
function keep(file) {
  for (let number = 0; number < COPIES; number++) {
    const copy = `${file}.bak${number || ""}`
    if (isTaken(copy)) continue
    copyFileSync(file, copy, constants.COPYFILE_EXCL)
    return copy
  }
  throw new Error(`it has ${COPIES} copies already: remove some of ${file}.bak*`)
}
