// A real terminal with both halves of this plugin and the scripted model, for a test. It keeps the screens that a test has looked at.

import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join, relative } from "node:path"
import { after, before } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { MISSING as NO_HOST, OPENCODE2, OURS, task } from "../e2e/fixture.js"
import { script, startModel } from "../host/model.js"
import { startTerminal as startTerminal2 } from "../host/opencode2_terminal.js"
import { MISSING as NO_TERMINAL, startTerminal as startTerminal1 } from "../host/terminal.js"

export { OPENCODE2, OURS, script, task }

/** Why no terminal of the host can run here, for the `skip` of a test: `false` if one can. */
export const MISSING = NO_TERMINAL || NO_HOST
const startTerminal = /** @type {typeof startTerminal1} */ (/** @type {unknown} */ (OPENCODE2 ? startTerminal2 : startTerminal1))

const root = fileURLToPath(new URL("../..", import.meta.url))
/** The folder of the screens. */
export const SCREENS = join(root, "target", OPENCODE2 ? "terminal2" : "terminal")
/** Its path for a person, in the repository. */
export const SHOWN = relative(root, SCREENS)

/** The terminal half. OpenCode 2 takes it from the list of its server's plugins, and takes folders alone. */
export const TERMINAL = new URL(OPENCODE2 ? "../e2e/opencode2/recorded" : "../../js/tui.js", import.meta.url).href

const subagent = (/** @type {string} */ description, fields = {}) => ({ mode: "subagent", description, prompt: `You are one of several. ${description}.`, ...fields })

export const AGENTS = {
  explorer: subagent("Reads code", { callable_by_subagents: true }),
  閱讀程式碼的研究員: subagent("Reads code, and is called in wide letters", { callable_by_subagents: true }),
  fixer: subagent("Changes code"),
  asker: subagent("Runs commands", { callable_by_subagents: true, permission: { bash: "ask" } }),
  lead: subagent("Leads others", { task_budget: 3, callable_by_subagents: true, permission: { task: "allow" } }),
}

/** A call of the tool that runs commands. @param {string} command */
export const run = (command) => ({ call: { tool: OPENCODE2 ? "shell" : "bash", args: { command, description: "Says it" } } })

/** Whether a line has an edge of a toast beside that of a message. @param {string} line */
const hasToast = (line) => line.split("┃").length > 2

/** The patience with a terminal of OpenCode 2 that is to show a session. */
const SHOWS_MS = 30_000
/** The time between two looks, and the time in which a terminal of OpenCode 2 reads a conversation, in milliseconds. */
const [LOOK_MS, READ_MS] = [20, 500]
/** How often a person tries a thing that a busy terminal loses, and the time that each try has, in milliseconds. */
const [TRIES, TRY_MS] = [6, 10_000]

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
    model, plugin: [OURS], tui: [TERMINAL], width: 160, height: 45, config: { agent: AGENTS, ...PRICED, ...(OPENCODE2 ? { experimental: { subagent_depth: 5 } } : {}), ...config },
    env: { OPENCODE_EXPERIMENTAL_BACKGROUND_SUBAGENTS: "true", ...env }, ...setup,
  })
  t.after(async () => {
    await terminal.stop()
    await model.close()
  })
  await terminal.see(/Ask anything|Build · Scripted/)
  // In OpenCode 2 the server half prints what the terminal half reports.
  /** @returns {string} */
  const log = () => (OPENCODE2 ? /** @type {any} */ (terminal).log() : readFileSync(join(terminal.home, "data", "opencode", "log", "opencode.log"), "utf8"))
  /**
   * Does a thing until the screen shows its effect. A busy terminal loses keys, and so does a person's first try.
   * @param {(attempt: number) => Promise<unknown>} act @param {string | RegExp | ((screen: string) => unknown)} wanted
   */
  async function until(act, wanted) {
    for (let attempt = 1; ; attempt++) {
      await act(attempt)
      try {
        return await terminal.see(wanted, TRY_MS)
      } catch (error) {
        if (attempt === TRIES) throw error
      }
    }
  }
  /** Shows a session. @param {string} sessionID */
  async function show(sessionID) {
    if (!OPENCODE2) return terminal.api("POST", "/tui/select-session", { sessionID })
    const file = join(terminal.directory, "..", "show")
    const navigate = async () => {
      writeFileSync(file, sessionID)
      for (const deadline = Date.now() + SHOWS_MS; existsSync(file); await sleep(LOOK_MS)) if (Date.now() > deadline) throw new Error(`The terminal does not show ${sessionID}.`)
      await sleep(READ_MS)
    }
    // OpenCode 2.0.14 draws nothing below its tabs if it is shown a session before it hears that the session was created.
    await until(navigate, (screen) => screen.trim().includes("\n"))
  }
  /** Types the command of the list, and waits until the terminal offers it. */
  const typeCommand = () =>
    until(async (attempt) => {
      if (attempt > 1) await terminal.keys("C-u")
      await terminal.type("/delegations")
    }, "The sessions below this conversation")
  /** @param {object[]} steps */
  const turn = (steps) => script(...steps, { say: "The turn is over." })
  return {
    ...terminal,
    model,
    show,
    typeCommand,
    /** Types a prompt on the first screen, as a person does. @param {string} text */
    async typePrompt(text) {
      await terminal.see(/Build · Scripted/)
      await terminal.type(text)
      await until(() => terminal.keys("Enter"), () => model.requests.length)
    },
    /** @param {number} width @param {number} height */
    async resize(width, height) {
      await terminal.resize(width, height)
      // OpenCode 2.0.14 draws no prompt in a conversation that is shown while the size changes.
      if (OPENCODE2) await sleep(READ_MS)
    },
    /** Makes a session, shows it, and gives its id. */
    async conversation() {
      // OpenCode 1.18.33 shows no toast any more after one that stands while the conversation changes.
      await terminal.see((screen) => !screen.split("\n").some(hasToast))
      const id = await terminal.session()
      await show(id)
      await terminal.see((screen) => screen.includes("Build · Scripted") && !screen.includes("Ask anything"))
      return id
    },
    /** Has a session play these steps, and waits for the end. @param {string} sessionID @param {...object} steps */
    say: (sessionID, ...steps) => terminal.prompt(sessionID, turn(steps)),
    /** The same, without waiting. @param {string} sessionID @param {...object} steps */
    begin: (sessionID, ...steps) =>
      OPENCODE2 ? terminal.api("POST", `/session/${sessionID}/prompt`, { text: turn(steps) }) : terminal.api("POST", `/session/${sessionID}/prompt_async`, { parts: [{ type: "text", text: turn(steps) }] }),
    /** Opens the list of delegations as a person does. */
    async list() {
      await until(async (attempt) => {
        // The list closes if the terminal changes the conversation at that moment.
        if (attempt > 1) await terminal.keys("Escape")
        if (!OPENCODE2) await typeCommand()
        else {
          // A question of OpenCode 2 takes the place of the line to type in.
          await until(() => terminal.keys("C-p"), /Commands .*esc/)
          await terminal.type("Delegations")
          await terminal.see("The sessions below this")
        }
        await terminal.keys("Enter")
      }, "ctrl+d")
    },
    /** The sessions that run. @returns {Promise<Record<string, { type: string }>>} */
    running: () => terminal.api("GET", OPENCODE2 ? "/session/active" : "/session/status"),
    /** Whether a session's last turn was interrupted. @param {string} sessionID */
    async wasInterrupted(sessionID) {
      const last = /** @type {any} */ ((await terminal.messages(sessionID)).at(-1))
      return OPENCODE2 ? last.outcome === "interrupted" : last.info.error?.name === "MessageAbortedError"
    },
    /** Rejects the one permission question that is open. */
    async reject() {
      const [{ id, sessionID }] = await terminal.api("GET", OPENCODE2 ? "/permission/request" : "/permission")
      if (OPENCODE2) await terminal.api("POST", `/session/${sessionID}/permission/${id}/reply`, { decision: "reject" })
      else await terminal.api("POST", `/permission/${id}/reply`, { reply: "reject" })
    },
    /** Waits until the screen has all of this at once, and keeps it. @param {string} name @param {...(string | RegExp | ((screen: string) => unknown))} wanted */
    async look(name, ...wanted) {
      const screen = await terminal.see((shown) => wanted.every((one) => (typeof one === "function" ? one(shown) : typeof one === "string" ? shown.includes(one) : one.test(shown)))).catch((error) => {
        throw new Error(`Not all of this is on the screen: ${wanted.join(" and ")}. ${error.message}`)
      })
      await terminal.keep(SCREENS, name)
      return screen
    },
    /** The lines that this plugin and OpenCode have logged as faults. */
    faults: () => log().split("\n").filter((line) => /terminal half failed|TextBuffer|level=ERROR.*tui/.test(line)),
  }
}
