// The whole examination: versions, halves, plugins and findings, as one object.

import { readFileSync } from "node:fs"
import { SLIM, TESTED } from "../compose/index.js"
import { OLDEST, lossNotice } from "../opencode1/sync/index.js"
import { findings } from "./findings.js"
import { isTwoAlone } from "./programs.js"
import { readFile, readLoosely } from "./read_file.js"
import { survey } from "./survey.js"

/**
 * @typedef {import("./places.js").Machine} Machine
 * @typedef {import("./programs.js").Program} Program
 * @typedef {import("./programs.js").Programs} Programs
 * @typedef {import("./findings.js").Finding} Finding
 * @typedef {import("./survey.js").Entry} Entry
 * @typedef {{ spec: string, name: string, role: string, version?: string, file: string, line?: number }} Listed
 * @typedef {{
 *   version: string, opencode?: Program & { keepsNames?: boolean }, opencode2?: Program, slim?: { version?: string, tested: string },
 *   files: string[], server: Listed[], terminal: Listed[], findings: Finding[], healthy: boolean
 * }} Report
 */

const own = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"))

/** The version of this package. */
export const VERSION = /** @type {string} */ (own.version)

/** @param {Machine} machine @param {Programs} programs @param {import("./read_file.js").Reader} [read] */
export const examineFiles = (machine, programs, read = readFile) => {
  const surveyed = survey(machine, read)
  return { surveyed, found: findings(surveyed, { version: VERSION, hasTerminalHalf: "./tui" in own.exports, isTwoAlone: isTwoAlone(programs) }) }
}

/** @param {Entry} entry @returns {Listed} */
const listed = ({ written, isHeld, name, role, version, file, line }) => ({ spec: written, name: isHeld || role !== "other" ? name : written, role, version, file, line })

/** @param {Machine} machine @param {Programs} programs @returns {Report} */
export function examine(machine, programs) {
  const { opencode, opencode2 } = programs
  const { surveyed, found: inFiles } = examineFiles(machine, programs)
  const { server, terminal, sources, terminalSources } = surveyed
  const slim = server.find(({ role }) => role === "slim" || role === "composed")
  const all = [...programFindings(opencode, opencode2), ...inFiles]
  return {
    version: VERSION,
    opencode: opencode && { ...opencode, keepsNames: opencode.version === undefined ? undefined : !lossNotice(opencode.version) },
    opencode2,
    slim: slim && { version: slim.role === "slim" ? slim.version : slimBeside(slim), tested: TESTED },
    files: [...new Set([...sources, ...terminalSources].map(({ place }) => place.path))],
    server: server.map(listed), terminal: terminal.map(listed),
    findings: all, healthy: all.every(({ level }) => level !== "fault"),
  }
}

/** The version of the slim that the composed entry loads. @param {Entry} entry */
function slimBeside({ folder }) {
  try {
    return JSON.parse(readLoosely(`${folder}/../${SLIM}/package.json`) ?? "").version
  } catch {
    return undefined
  }
}

/** @param {Program | undefined} opencode @param {Program | undefined} opencode2 @returns {Finding[]} */
function programFindings(opencode, opencode2) {
  if (!opencode) {
    if (opencode2) return []
    return [{ level: "fault", code: "no_opencode", message: "There is no OpenCode on the PATH, so its version is not known.", next: "Install it (https://opencode.ai), or add its folder to the PATH." }]
  }
  if (opencode.version === undefined) {
    return [{ level: "advice", code: "unknown_version", file: opencode.path, message: "OpenCode does not say its version.", next: `Make sure that it is ${OLDEST} or later.` }]
  }
  const loss = lossNotice(opencode.version)
  return loss ? [{ level: "fault", code: "old_opencode", file: opencode.path, message: loss.replace(/ Update [^]*/, ""), next: `Update OpenCode to ${OLDEST} or later: opencode upgrade` }] : []
}
