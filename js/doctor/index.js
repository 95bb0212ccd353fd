// The command `opencode-delegate`.

import { homedir } from "node:os"
import { VERSION, examine } from "./examine.js"
import { shown } from "./shown.js"
import { repair } from "./repair.js"
import { changesText, help, text } from "./texts.js"

const FLAGS = ["--json", "--fix"]

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
  const machine = { env: process.env, home: homedir(), cwd: process.cwd(), platform: process.platform }
  const changes = flags.includes("--fix") ? repair(machine) : undefined
  const report = await examine(machine)
  if (flags.includes("--json")) {
    const findings = report.findings.map(({ fix, ...finding }) => ({ ...finding, ...(fix && { fix: { file: fix.file, change: fix.change } }) }))
    print(JSON.stringify({ ...report, findings, ...(changes && { changes }) }, null, 2))
  } else {
    if (changes) print(changesText(changes, machine.home))
    print(text(report, machine.home))
  }
  return report.healthy && !changes?.some(({ error }) => error) ? 0 : 1
}
