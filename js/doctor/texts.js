// The texts of the command for people.

import { SLIM } from "../compose/index.js"
import { OLDEST } from "../opencode1/sync/index.js"
import { INSTALL } from "./findings.js"
import { OURS } from "./packages.js"
import { shown, shownLong } from "./shown.js"

/** @typedef {import("./examine.js").Report} Report */
/** @typedef {import("./examine.js").Listed} Listed */

const FIX = `npx ${OURS} doctor --fix`

/** @param {string} version */
export const help = (version) => `${OURS} ${version}: subagents of OpenCode that can be resumed by name.

  ${INSTALL}
      installs both halves of the plugin for all your projects

  npx ${OURS} doctor [--json] [--fix]
      checks what OpenCode would load from this folder: the versions, both halves of the plugin, their order beside other
      plugins, the options, and the fields of the agents
      --json   prints one JSON object
      --fix    writes the corrections that it proposes, prints each one, and keeps a copy of each file beside it
      The exit code is 0 if nothing is at fault, and 1 otherwise.

  npx ${OURS} --help, --version

It reads what OpenCode 1 reads: the global opencode.json, opencode.jsonc and tui.json, OPENCODE_CONFIG and its like, the files
of the project and of each .opencode folder, and agents in Markdown. It sends nothing. Names outlive the process with
OpenCode ${OLDEST} or later.`

/** A path with ~ for the home. @param {string} path @param {string} home */
const short = (path, home) => shownLong(path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path)

/** @param {{ file?: string, line?: number }} at @param {string} home */
const place = ({ file, line }, home) => (file ? `${short(file, home)}${line ? `:${line}` : ""}` : "")

/** @param {Report} report @param {string} home */
export function text(report, home) {
  const { version, opencode, opencode2, slim, server, terminal, findings } = report
  const faults = findings.filter(({ level }) => level === "fault")
  const fixes = findings.filter(({ fix }) => fix)
  const lines = [
    `${OURS} ${version}`,
    `OpenCode 1: ${opencode ? `${shown(opencode.version ?? "unknown version")} (${shownLong(opencode.path)})${opencode.keepsNames ? ", keeps names over a restart" : ""}` : "not on the PATH"}`,
    `OpenCode 2: ${opencode2 ? `${shown(opencode2.version ?? "unknown version")} (${shownLong(opencode2.path)})` : "not on the PATH"}`,
    ...(slim ? [`${SLIM}: ${shown(slim.version ?? "not installed yet")}, tested with ${slim.tested}`] : []),
    "",
    ...list("Plugins of the server, in the order of loading", server, home),
    ...list("Plugins of the terminal", terminal, home),
    "",
    ...findings.flatMap((finding) => [
      `${finding.level === "fault" ? "✗" : "·"} ${[place(finding, home), finding.field].filter(Boolean).join(" ")}${finding.file || finding.field ? ": " : ""}${finding.message}`,
      `  ${finding.next}${finding.fix ? ` (--fix does it: ${finding.fix.change})` : ""}`,
    ]),
    ...(findings.length ? [""] : []),
    faults.length ? `${count(faults.length, "fault")}.` : findings.length ? `No fault, but ${count(findings.length, "note")} above.` : "Nothing is at fault.",
    ...(fixes.length ? [`${count(fixes.length, "correction")} can be made: ${FIX}`] : []),
  ]
  return lines.join("\n")
}

/** @param {number} number @param {string} word */
const count = (number, word) => `${number} ${word}${number === 1 ? "" : "s"}`

/** @param {string} title @param {Listed[]} entries @param {string} home */
function list(title, entries, home) {
  if (!entries.length) return [`${title}: none`]
  return [`${title}:`, ...entries.map((entry, index) => `  ${index + 1}. ${shown(entry.spec)}${about(entry)}  ${place(entry, home)}`)]
}

/** @param {Listed} entry */
function about({ role, version }) {
  const installed = version ? ` (${shown(version)})` : role === "ours" || role === "slim" ? " (not installed yet: OpenCode does that at its next start)" : ""
  const tools = { other: ", tools unknown", task: ", brings a task tool", composed: `, with ${SLIM}` }[role] ?? ""
  return installed + tools
}

/** @param {import("./repair.js").Change[]} changes @param {string} home @param {boolean} healthy whether nothing is at fault afterwards */
export function changesText(changes, home, healthy) {
  if (!changes.length) return healthy ? "There was nothing to correct.\n" : "Nothing was corrected: what is at fault below needs your own decision.\n"
  const copies = [...new Set(changes.flatMap(({ copy }) => copy ?? []))]
  return [
    ...changes.map(({ file, change, error }) => (error ? `Not written: ${short(file, home)}: ${shown(change)}, because ${error}` : `${short(file, home)}: ${shownLong(change)}`)),
    ...copies.map((copy) => `Copy: ${short(copy, home)}`),
    "",
  ].join("\n")
}
