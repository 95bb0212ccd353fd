// The command `opencode-delegate`.

import { homedir } from "node:os"
import { isAbsolute } from "node:path"
import { VERSION, examine } from "./examine.js"
import { programs } from "./programs.js"
import { shown } from "./shown.js"
import { repair } from "./repair.js"
import { changesText, help, text } from "./texts.js"

const FLAGS = ["--json", "--fix"]

/** The machine, or why it cannot be examined. @returns {import("./places.js").Machine | string} */
function machineHere() {
  let home = ""
  try {
    // Runtimes differ in what they make of an empty HOME.
    home = process.env.HOME ?? homedir()
  } catch {
    // A user may have no home.
  }
  // Below an empty path, the project itself would be taken for the home.
  if (!isAbsolute(home)) return "This command needs your home folder: set the variable HOME to its path."
  try {
    return { env: process.env, home, cwd: process.cwd(), platform: process.platform }
  } catch {
    return "The current folder does not exist any more: change to another one."
  }
}

/** A value as JSON, without the characters that a terminal or an editor obeys. @param {unknown} value */
const printed = (value) => JSON.stringify(value, null, 2).replace(/[\u007f-\u009f\u2028\u2029\p{Cf}]/gu, (mark) => mark.split("").map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`).join(""))

/**
 * @param {string[]} words what stands behind the command's name
 * @param {(text: string) => void} print
 * @returns {Promise<0 | 1>} the exit code
 */
export async function main(words, print) {
  const [command, ...flags] = words
  if (!command || ["--help", "-h", "help"].includes(command) || flags.includes("--help") || flags.includes("-h")) {
    print(help(VERSION))
    return 0
  }
  if (["--version", "-v"].includes(command)) {
    print(VERSION)
    return 0
  }
  const unknown = command === "doctor" ? flags.find((flag) => !FLAGS.includes(flag)) : command
  if (unknown !== undefined) {
    print(`There is no ${command === "doctor" ? "flag" : "command"} "${shown(unknown)}".\n\n${help(VERSION)}`)
    return 1
  }
  const machine = machineHere()
  if (typeof machine === "string") {
    print(machine)
    return 1
  }
  const installed = await programs(machine)
  const changes = flags.includes("--fix") ? repair(machine, installed) : undefined
  const report = examine(machine, installed)
  if (flags.includes("--json")) {
    const findings = report.findings.map(({ fix, ...finding }) => ({ ...finding, ...(fix && { fix: { file: fix.file, change: fix.change } }) }))
    print(printed({ ...report, findings, ...(changes && { changes }) }))
  } else {
    if (changes) print(changesText(changes, machine.home, report.healthy))
    print(text(report, machine.home))
  }
  return report.healthy && !changes?.some(({ error }) => error) ? 0 : 1
}
