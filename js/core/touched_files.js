// The files that a call of a tool reads or changes, as its arguments name them.

/** The tools of OpenCode 1 and 2 that read or change files. */
const TOOLS = new Set(["read", "write", "edit", "multiedit", "patch", "apply_patch"])

/** The line of a patch that names a file. */
const IN_PATCH = /^\*\*\* (?:Add|Update|Delete) File: (.+)$|^\*\*\* Move to: (.+)$/gm

/** The most files of one call. The engine keeps no more of a session. */
const MOST = 64

/**
 * @param {string} tool
 * @param {any} input
 * @returns {string[]} as the model wrote them; none for any other tool
 */
export function touchedFiles(tool, input) {
  if (!TOOLS.has(tool)) return []
  const { filePath, path = filePath, patchText } = input ?? {}
  const files = typeof path === "string" ? [path] : []
  if (typeof patchText === "string") {
    for (const [, changed, moved] of patchText.matchAll(IN_PATCH)) {
      if (files.length < MOST) files.push((changed ?? moved).trim())
    }
  }
  return files
}
