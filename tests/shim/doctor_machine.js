// Machines whose configuration the doctor examines.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after } from "node:test"
import { findings } from "../../js/doctor/findings.js"
import { readFile } from "../../js/doctor/read_file.js"
import { survey } from "../../js/doctor/survey.js"

export const folder = mkdtempSync(join(tmpdir(), "opencode-delegate-doctor-"))
after(() => rmSync(folder, { recursive: true, force: true }))

export const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"))
export const published = { version: manifest.version, hasTerminalHalf: true }

/** A machine of its own with these global files. @param {Record<string, string | object>} files @param {Record<string, string>} [env] */
export function machine(files, env = {}) {
  const home = mkdtempSync(join(folder, "home-"))
  const config = join(home, ".config", "opencode")
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(config, path, ".."), { recursive: true })
    writeFileSync(join(config, path), typeof content === "string" ? content : JSON.stringify(content, undefined, 2))
  }
  const cwd = join(home, "project")
  mkdirSync(join(cwd, ".git"), { recursive: true })
  return { home, cwd, env, platform: "linux", config, text: (/** @type {string} */ path) => readFileSync(join(config, path), "utf8") }
}

/** @param {ReturnType<typeof machine>} on */
export const found = (on) => findings(survey(on, readFile), published)

/** The codes of what is found. @param {ReturnType<typeof machine>} on */
export const codes = (on) => found(on).map(({ code }) => code)

export const BOTH = { "opencode.json": { plugin: ["opencode-delegate"] }, "tui.json": { plugin: ["opencode-delegate"] } }
