// Carries out the corrections that the doctor proposes.

import { examineFiles } from "./examine.js"
import { readFile } from "./read_file.js"
import { shownLong } from "./shown.js"
import { writeFile } from "./write_file.js"

/** @typedef {{ file: string, change: string, where: string, copy?: string, error?: string }} Change */

/** More corrections than any configuration needs: a correction that brings up another without end stops here. */
const MOST = 200

/**
 * Corrects one finding after the other in the texts of the files, and then writes each changed file once.
 * @param {import("./places.js").Machine} machine
 * @param {import("./programs.js").Programs} [programs] what is installed here
 * @returns {Change[]}
 */
export function repair(machine, programs = {}) {
  const texts = /** @type {Map<string, string>} */ (new Map())
  // The text of each file when it was first read: a later change by another program is noticed.
  const held = /** @type {Map<string, string | undefined>} */ (new Map())
  const read = (/** @type {string} */ path) => {
    if (!held.has(path)) held.set(path, readFile(path))
    return texts.get(path) ?? held.get(path)
  }
  const changes = /** @type {Change[]} */ ([])
  while (changes.length < MOST) {
    const { found } = examineFiles(machine, programs, read)
    const fix = found.find(({ fix }) => fix && !changes.some(({ file, change, where }) => file === fix.file && change === fix.change && where === fix.where))?.fix
    if (!fix) break
    texts.set(fix.file, fix.text)
    changes.push({ file: fix.file, change: fix.change, where: fix.where })
  }
  for (const [file, text] of texts) {
    const mine = changes.filter((change) => change.file === file)
    try {
      const copy = writeFile(file, held.get(file), text)
      for (const change of mine) change.copy = copy
    } catch (error) {
      for (const change of mine) change.error = shownLong(/** @type {Error} */ (error).message)
    }
  }
  return changes
}
