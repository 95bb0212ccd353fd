// The corrections that a finding proposes.

/**
 * @typedef {import("./findings.js").Finding} Finding
 * @typedef {import("./findings.js").Fix} Fix
 * @typedef {import("./survey.js").Source} Source
 */

/** A correction, if the file can be changed so. @param {string} file @param {string | undefined} text @param {string} change @param {string | undefined} where @returns {Fix | undefined} */
export const correction = (file, text, change, where = "") => (text === undefined ? undefined : { file, text, change, where })

/** A finding whose correction is made once, and when it is asked for: a file may have many. @param {Finding} finding @param {() => Fix | undefined} make @returns {Finding} */
export function withFix(finding, make) {
  /** @type {[Fix | undefined] | undefined} */
  let made
  return Object.defineProperty(finding, "fix", { enumerable: true, get: () => (made ??= [make()])[0] })
}

/** Whether the file of a source may be written. @param {Source | undefined} source @returns {source is Source} */
export const isOpen = (source) => source !== undefined && source.text.isEditable && source.place.form === "file" && !source.place.managed
