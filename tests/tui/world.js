// A real terminal with both halves of this plugin and the scripted model, for a test. It keeps the screens that a test has looked at.

import { readFileSync } from "node:fs"
import { join, relative } from "node:path"
import { after, before } from "node:test"
import { fileURLToPath } from "node:url"
import { OURS, task } from "../e2e/fixture.js"
import { script, startModel } from "../host/model.js"
import { MISSING, startTerminal } from "../host/terminal.js"

export { MISSING, OURS, script, task }

const root = fileURLToPath(new URL("../..", import.meta.url))
/** The folder of the screens. */
export const SCREENS = join(root, "target", "terminal")
/** Its path for a person, in the repository. */
export const SHOWN = relative(root, SCREENS)

export const TERMINAL = new URL("../../js/tui.js", import.meta.url).href

const subagent = (/** @type {string} */ description, fields = {}) => ({ mode: "subagent", description, prompt: `You are one of several. ${description}.`, ...fields })

export const AGENTS = {
  explorer: subagent("Reads code", { callable_by_subagents: true }),
  閱讀程式碼的研究員: subagent("Reads code, and is called in wide letters", { callable_by_subagents: true }),
  fixer: subagent("Changes code"),
  asker: subagent("Runs commands", { callable_by_subagents: true, permission: { bash: "ask" } }),
  lead: subagent("Leads others", { task_budget: 3, callable_by_subagents: true, permission: { task: "allow" } }),
}

/** Whether a line has an edge of a toast beside that of a message. @param {string} line */
const hasToast = (line) => line.split("┃").length > 2

/** The prices of the scripted model. */
const PRICED = { provider: { scripted: { models: { m: { cost: { input: 100, output: 100 } } } } } }

/**
 * A terminal that the tests of a group share. It is there from the first test on, and ends after the last.
 * @param {Parameters<typeof open>[1]} [setup]
 */
export function shared(setup) {
  const world = /** @type {Awaited<ReturnType<typeof open>>} */ ({})
  const ends = /** @type {(() => Promise<void>)[]} */ ([])
  before(async () => void Object.assign(world, await open({ after: (end) => void ends.push(end) }, setup)))
  after(async () => {
    for (const end of ends) await end()
  })
  return world
}

/**
 * Starts a terminal and a model, which end with the test.
 * @param {{ after(end: () => Promise<void>): void }} t
 * @param {Partial<import("../host/terminal.js").Options> & { model?: Awaited<ReturnType<typeof startModel>> }} [setup]
 */
export async function open(t, { config = {}, env = {}, model: given, ...setup } = {}) {
  const model = given ?? (await startModel())
  const terminal = await startTerminal({
    model, plugin: [OURS], tui: [TERMINAL], width: 160, height: 45, config: { agent: AGENTS, ...PRICED, ...config },
    env: { OPENCODE_EXPERIMENTAL_BACKGROUND_SUBAGENTS: "true", ...env }, ...setup,
  })
  t.after(async () => {
    await terminal.stop()
    await model.close()
  })
  await terminal.see(/Ask anything|Build · Scripted/)
  return {
    ...terminal,
    model,
    /** Makes a session, shows it, and gives its id. */
    async conversation() {
      // OpenCode 1.18.33 shows no toast any more after one that stands while the conversation changes.
      await terminal.see((screen) => !screen.split("\n").some(hasToast))
      const id = await terminal.session()
      await terminal.api("POST", "/tui/select-session", { sessionID: id })
      await terminal.see((screen) => screen.includes("Build · Scripted") && !screen.includes("Ask anything"))
      return id
    },
    /** @param {string} sessionID */
    show: (sessionID) => terminal.api("POST", "/tui/select-session", { sessionID }),
    /** Has a session play these steps, and waits for the end. @param {string} sessionID @param {...object} steps */
    say: (sessionID, ...steps) => terminal.prompt(sessionID, script(...steps, { say: "The turn is over." })),
    /** The same, without waiting. @param {string} sessionID @param {...object} steps */
    begin: (sessionID, ...steps) => terminal.api("POST", `/session/${sessionID}/prompt_async`, { parts: [{ type: "text", text: script(...steps, { say: "The turn is over." }) }] }),
    /** Opens the list of delegations as a person does. */
    async list() {
      await terminal.type("/delegations")
      await terminal.see("The sessions below this conversation")
      await terminal.keys("Enter")
      await terminal.see("ctrl+d")
    },
    /** The sessions that run. @returns {Promise<Record<string, { type: string }>>} */
    running: () => terminal.api("GET", "/session/status"),
    /** Waits for the screen, and keeps it. @param {string} name @param {string | RegExp | ((screen: string) => unknown)} wanted */
    async look(name, wanted) {
      const screen = await terminal.see(wanted)
      await terminal.keep(SCREENS, name)
      return screen
    },
    /** The lines that this plugin and OpenCode have logged as faults. */
    faults: () => readFileSync(join(terminal.home, "data", "opencode", "log", "opencode.log"), "utf8").split("\n").filter((line) => /terminal half failed|TextBuffer|level=ERROR.*tui/.test(line)),
  }
}
