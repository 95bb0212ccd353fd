// Records docs/delegations.svg: the real OpenCode in a real terminal, with both halves of this plugin. The person's messages and the
// model's answers are scripted; OpenCode and the plugin draw all else. `node tests/demo/cast/run.js`, or `npm run cast`.

import { execFileSync } from "node:child_process"
import { statSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { setTimeout as sleep } from "node:timers/promises"
import { MOST, drawing } from "./drawing.js"
import { startModel } from "../../host/model.js"
import { makeHome } from "../../host/process.js"
import { MISSING, startTerminal } from "../../host/terminal.js"

const PICTURE = fileURLToPath(new URL("../../../docs/delegations.svg", import.meta.url))
const [COLUMNS, ROWS] = [128, 32]

const PLUGIN = new URL("../../../js/plugin.js", import.meta.url).href
const TERMINAL = new URL("../../../js/tui.js", import.meta.url).href

const [ASK, GO_ON, READ, AGAIN, TESTS] = [
  "Find out how our access tokens are refreshed, and who tests that.",
  "A user is logged out after an hour. Ask the explorer again.",
  "Read how access tokens are refreshed.",
  "Why would a token not be refreshed after an hour?",
  "Look for the tests of the refresh.",
]
/** @param {string} filePath */
const read = (filePath) => ({ call: { tool: "read", args: { filePath } } })
const PLAYS = {
  [ASK]: [
    { say: "I hand this to two subagents.", tasks: [
      { description: "Explore auth", subagent_type: "explorer", prompt: READ, task_id: "explore-auth" },
      { description: "Find the tests", subagent_type: "lead", prompt: TESTS },
    ] },
    { say: "`src/auth/refresh.ts` refreshes them, and one test covers it." },
  ],
  [READ]: [read("src/auth/refresh.ts"), { gate: "read", say: "src/auth/refresh.ts refreshes a token five minutes before it ends." }],
  [TESTS]: [{ task: { description: "List the tests", subagent_type: "explorer", prompt: "List the tests." } }, { gate: "tests", say: "test/refresh.test.ts covers it." }],
  "List the tests.": [{ gate: "list", say: "test/refresh.test.ts" }],
  [GO_ON]: [
    { task: { description: "Explain the logout", subagent_type: "explorer", prompt: AGAIN, task_id: "explore-auth" } },
    { say: "The timer stops when the tab sleeps. The explorer still knew the file." },
  ],
  [AGAIN]: [{ gate: "again", say: "The timer in {{recall /(src\\S+refresh.ts)/}} stops when the tab sleeps." }],
}

const AGENTS = {
  explorer: { mode: "subagent", description: "Reads code", callable_by_subagents: true },
  lead: { mode: "subagent", description: "Leads others", task_budget: 3, permission: { task: "allow" } },
}
const FILES = { "src/auth/refresh.ts": "export const EARLY_MS = 5 * 60_000\n", "test/refresh.test.ts": "it(\"A token is refreshed early\", () => {})\n" }

if (MISSING) {
  console.error(MISSING)
  process.exit(1)
}
const model = await startModel({ plays: PLAYS, title: "Token refresh" })
const models = { m: { name: "Scripted", tool_call: true, limit: { context: 32_000, output: 4_000 }, cost: { input: 3, output: 15 } } }
const { home, directory } = makeHome()
// In a repository, OpenCode shows paths from its root on.
execFileSync("git", ["init", "--quiet", directory])
const terminal = await startTerminal({
  model, home, env: { HOME: home }, plugin: [PLUGIN], tui: [TERMINAL], width: COLUMNS, height: ROWS, files: FILES, config: { agent: AGENTS, provider: { scripted: { models } } },
})
/** @type {import("./drawing.js").Frame[]} */
const frames = []
/**
 * The screen with the temporary project named as one below a person's home. What follows on the line stays at its place.
 * @param {string} screen
 */
const atHome = (screen) =>
  screen.replaceAll(new RegExp(`${home}/((?:\\x1b\\[[\\d;:]*m)*)(project[\\w/.]*)`, "g"), (_, style, path) => `~/${style}${path}${" ".repeat(home.length - 1)}`)
try {
  /** Shows the screen for a while. @param {number} ms */
  const show = async (ms) => {
    // OpenCode draws a change within a few frames of its own.
    await sleep(600)
    frames.push({ screen: atHome(await terminal.colours()), ms })
  }
  /** Types a message as a person does, in pieces. @param {string} text */
  const write = async (text) => {
    const half = text.indexOf(" ", text.length / 2)
    for (const piece of [text.slice(0, half), text.slice(half)]) {
      await terminal.type(piece)
      await show(700)
    }
    await terminal.keys("Enter")
  }
  await terminal.see("Ask anything")
  await show(1_000)
  await write(ASK)
  await Promise.all(["read", "list"].map((name) => model.reached(name)))
  await show(2_600)
  model.open("read")
  await terminal.see("✓ explore-auth")
  await show(1_400)
  model.open("list")
  await model.reached("tests")
  model.open("tests")
  await terminal.see("one test covers it")
  await show(2_600)
  await write(GO_ON)
  await model.reached("again")
  await show(2_600)
  model.open("again")
  await terminal.see("still knew the file")
  await terminal.see("resumed 1×")
  await show(3_200)
  await terminal.type("/delegations")
  await show(1_200)
  await terminal.keys("Enter")
  await show(4_000)
} finally {
  await terminal.stop()
  await model.close()
}
const description = "OpenCode's terminal: a session is spawned as explore-auth, then resumed by its name. The sidebar shows the tree of sessions with state, tokens, cost and budget."
writeFileSync(PICTURE, drawing(frames, { columns: COLUMNS, rows: ROWS, title: "opencode-delegate in OpenCode's terminal", description }))
const { size } = statSync(PICTURE)
console.log(`docs/delegations.svg: ${frames.length} screens, ${size} bytes`)
if (size > MOST) {
  console.error(`It may have ${MOST} bytes at most.`)
  process.exitCode = 1
}
