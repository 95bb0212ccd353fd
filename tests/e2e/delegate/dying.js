// The death of the process at a word.

import { existsSync, writeFileSync } from "node:fs"
import { join } from "node:path"

/** Dies at a word, but never twice. @param {string} directory @param {string} place @param {string} text */
export function dieAt(directory, place, text) {
  const word = /\bDIE-[\w-]*/.exec(text.split("<script>")[0])?.[0] ?? ""
  const mark = join(directory, `${word}.died`)
  if (!word.startsWith(`DIE-${place}`) || existsSync(mark)) return
  writeFileSync(mark, "")
  process.kill(process.pid, "SIGKILL")
}
