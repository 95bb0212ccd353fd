// @tarquinen/opencode-dcp composed with the engine: names survive its changes to a conversation, and its changes stay the same.

import assert from "node:assert/strict"
import { before, describe, it } from "node:test"
import { TOOL_GUIDE, TASK_ID_GUIDE } from "../../../js/core/texts/index.js"
import { script } from "../../host/model.js"
import { idIn, task } from "../fixture.js"
import { hosts, recall, secret, shown, use } from "./world.js"

const ALONE = "../../../node_modules/@tarquinen/opencode-dcp/dist/index.js"
const COMPOSED = "./dcp.js"

/** Stops DCP from looking for a newer version of itself on npm. @param {object} settings */
const files = (settings) => ({
  ".opencode/dcp.jsonc": { autoUpdate: false, pruneNotification: "off", ...settings },
  "a.txt": "alpha\n",
  "b.txt": "beta\n",
})

/** DCP with early reminders, and with subagents. */
const RANGES = files({
  experimental: { allowSubAgents: true },
  compress: { minContextLimit: 1_000, maxContextLimit: 50_000, nudgeFrequency: 1, iterationNudgeThreshold: 3 },
  strategies: { purgeErrors: { turns: 2 } },
})

/** DCP by message: it compresses message by message, and says how large each is. */
const MESSAGES = files({ compress: { mode: "message", minContextLimit: 1_000, protectUserMessages: true } })

const world = hosts({
  alone: { plugin: ALONE, files: RANGES },
  composed: { plugin: COMPOSED, files: RANGES },
  aloneByMessage: { plugin: ALONE, files: MESSAGES },
  composedByMessage: { plugin: COMPOSED, files: MESSAGES },
})

/** @typedef {import("./world.js").World} World */

/** Steps with token counts from the model: DCP's own count would include our lines. @param {number} usage @param {...object} steps */
const at = (usage, ...steps) => steps.map((step) => ({ usage, ...step }))

/** @param {World} world @param {string} file */
const read = ({ host }, file) => use("read", { filePath: `${host.directory}/${file}` })

/** @param {string} startId @param {string} endId @param {string} summary */
const compress = (startId, endId, summary) => use("compress", { topic: "What was", content: [{ startId, endId, summary }] })

/** The id of the first session that a result names. */
const FIRST = '{{recall /<task id="(ses_\\w+)"/}}'

describe("A task_id", () => {
  /** @type {[string, (world: World) => Promise<void>][]} */
  const CASES = [
    ["A name resumes its session, and stays as the model wrote it", async ({ host, say, seen }) => {
      const root = await host.session()
      const first = await say(root, task("explorer", "Explore auth", secret("kumquat"), "explore-auth"))
      const again = await say(root, task("explorer", "Go on", recall, "Explore Auth"))
      assert.match(again, /recalled kumquat/)
      assert.equal(idIn(again), idIn(first))
      assert.ok(seen(root).includes(String.raw`\"task_id\":\"Explore Auth\"`), seen(root))
      assert.equal((await host.children(root)).length, 1)
    }],
    ["A mistyped id resumes its session", async ({ host, say }) => {
      const root = await host.session()
      const id = idIn(await say(root, task("explorer", "Explore", secret("lime"))))
      const wrong = id.slice(0, -1) + (id.endsWith("0") ? "1" : "0")
      const result = await say(root, task("explorer", "Again", recall, wrong))
      assert.match(result, /recalled lime/)
      assert.match(result, new RegExp(`There is no session "${wrong}"; "${id}" is nearly the same and was resumed`))
      assert.equal((await host.children(root)).length, 1)
    }],
    ["An unknown id is refused, and the sessions are listed", async ({ host, say }) => {
      const root = await host.session()
      await say(root, task("explorer", "Explore auth", secret("lemon")))
      const result = await say(root, task("explorer", "Again", recall, "ses_00000000000000000000000000"))
      assert.match(result, /There is no session "ses_0+" to resume[^]*- explore-auth \("explorer"\): "Explore auth"/)
      assert.equal((await host.children(root)).length, 1)
    }],
    ["A name survives the compression of its call, and resumes its session", async ({ host, say, seen }) => {
      const root = await host.session()
      await say(root, task("explorer", "Explore auth", secret("plum")))
      await say(root, compress("m0001", "m0003", "Auth was explored."))
      const result = await say(root, task("explorer", "Go on", recall, "{{recall /task_id: ([\\w-]+) \\(spawned/}}"))
      assert.match(seen(root), /Auth was explored\.[^]*task_id: explore-auth \(spawned/)
      assert.match(result, /recalled plum/)
      assert.equal((await host.children(root)).length, 1)
    }],
  ]
  for (const [name, body] of CASES) shown(name, async () => body(await world("composed")), async () => body(await world("alone")))
})

/** Our lines in the first conversation. They are our only addition. */
const LINES = [
  "\ntask_id: explore-auth (spawned: No session was named.)",
  "\ntask_id: explore-auth (resumed: The task_id names this session.)",
  "\ntask_id: fail (its session is kept: give this task_id to go on with it)",
  "\ntask_id: twice (spawned: No session was named.)",
  "\ntask_id: twice-2 (spawned: No session was named.)\nrelated: twice (likely). Give task_id \"twice\" to continue it.",
]

/** A text of the model that looks like DCP's number, which DCP removes. It is split here, since DCP would remove it here, too. */
const MADE_UP = String.raw`{{recall /(.dcp-message-id>m\d+..dcp-message-id>)/}}`

/** Every function of DCP once: reminders, pruning, compression, its command. @param {World} world @param {string} root */
async function byRange(world, root) {
  const { host } = world
  const twice = task("fixer", "Twice", at(10, { say: "Again." }))
  const goOn = task("explorer", "Go on", at(2_000, ...recall), FIRST)
  const fail = task("explorer", "Fail", [{ fail: { status: 400 } }])
  const turns = [
    at(10, read(world, "a.txt"), read(world, "missing.txt"), task("explorer", "Explore auth", at(2_000, ...secret("fig"))), fail, { say: `One ${MADE_UP}.` }),
    at(2_000, read(world, "b.txt"), read(world, "b.txt"), read(world, "missing.txt"), goOn, twice, twice, { say: "Two." }),
    at(60_000, read(world, "a.txt"), { say: "Three." }),
    at(10, compress("m0001", "m0006", "It began."), { say: "Four." }),
    at(2_000, goOn, { say: "Five." }),
  ]
  for (const steps of turns) await host.prompt(root, script(...steps))
  const asked = script(...at(10, compress("b1", "m0010", "Before: (b1)"), { say: "Six." }))
  await host.api("POST", `/session/${root}/command`, { command: "dcp-compress", arguments: `the reads ${asked}` })
  await host.prompt(root, script(...at(10, { say: "Seven." })))
}

/** Our lines in the second conversation. */
const LINES_BY_MESSAGE = [
  "\ntask_id: small (spawned: No session was named.)",
  "\ntask_id: medium (spawned: No session was named.)\nrelated: small (likely). Give task_id \"small\" to continue it.",
  "\ntask_id: large (spawned: No session was named.)\nrelated: medium (likely). Give task_id \"medium\" to continue it.",
  "\ntask_id: small (resumed: The task_id names this session.)",
]

/** Results of three sizes, which DCP labels and compresses one by one. @param {World} world @param {string} root */
async function byMessage({ host }, root) {
  const sizes = Object.entries({ small: 10, medium: 400, large: 3_000 })
  const tasks = sizes.map(([name, words]) => task("explorer", name, at(10, { say: "word ".repeat(words) })))
  const content = ["m0003", "m0004"].map((messageId) => ({ messageId, topic: "A size", summary: `It was ${messageId}.` }))
  await host.prompt(root, script(...at(2_000, ...tasks, { say: "One." })))
  await host.prompt(root, script(...at(2_000, use("compress", { topic: "Sizes", content }), { say: "Two." })))
  await host.prompt(root, script(...at(2_000, task("explorer", "Go on", at(10, { say: "Word." }), FIRST), { say: "Three." })))
}

/**
 * The requests without the differences between runs: each id is replaced by the order of its first appearance.
 * @param {World} world
 * @returns {any[]}
 */
function normalised({ host, requests }) {
  const ids = /** @type {string[]} */ ([])
  const number = (/** @type {string} */ id) => (ids.includes(id) ? ids.indexOf(id) : ids.push(id) - 1)
  const text = JSON.stringify(requests().map(({ sessionID, body }) => ({ sessionID, body })))
    .replaceAll(host.home, "~")
    .replace(/\b(ses|call)_\w+/g, (id, kind) => `${kind}#${number(id)}`)
    .replace(/Today's date: [\w ]+/g, "Today's date: this one")
  return JSON.parse(text)
}

/** A text as a JSON string contains it. @param {string} text */
const inJSON = (text) => JSON.stringify(text).slice(1, -1)

/** The task tool of a request. @param {any} body */
const taskTool = (body) => body.tools.find((/** @type {any} */ tool) => tool.function.name === "task")?.function

/** The parts of the requests one by one, without our words in the task tool. @param {any[]} requests @returns {string[]} */
function parts(requests) {
  return requests.flatMap(({ sessionID, body: { messages, tools, ...rest } }) => {
    const described = tools.map((/** @type {any} */ tool) => {
      if (tool.function.name !== "task") return tool
      const { description, parameters: { properties: { task_id, ...properties } } } = tool.function
      return { ...tool, function: { ...tool.function, description: description.replace(`\n\n${TOOL_GUIDE}`, ""), parameters: { ...tool.function.parameters, properties } } }
    })
    return [{ sessionID, ...rest }, ...messages, ...described].map((part) => JSON.stringify(part))
  })
}

/**
 * The conversations: the way of compression, the script, the hosts, our lines, and DCP's texts.
 * @type {[string, (world: World, root: string) => Promise<void>, Parameters<typeof world>[0][], string[], [string, string][]][]}
 */
const CONVERSATIONS = [
  ["by range", byRange, ["alone", "composed"], LINES, [
    ["its system prompt", "You operate in a context-constrained environment."],
    ["its system prompt for subagents", "You are operating in a subagent environment."],
    ["its numbers of messages", "<dcp-message-id>m0012</dcp-message-id>"],
    ["its reminder at a turn", "Evaluate the conversation for compressible ranges."],
    ["its reminder in a long turn", "You've been iterating for a while after the last user message."],
    ["its reminder at the limit", "CRITICAL WARNING: MAX CONTEXT LIMIT REACHED"],
    ["an output that it prunes", "[Output removed to save context - information superseded or no longer needed]"],
    ["an input that it prunes", "[input removed due to failed tool call]"],
    ["the result of its tool", "Compressed 6 messages into [Compressed conversation section]."],
    ["the summary of its tool", "[Compressed conversation section]\nIt began."],
    ["the kept task results", "### Tool: task\n<task id="],
    ["a summary of a summary", "Before: It began."],
    ["its command", "<compress triggered manually>"],
  ]],
  ["by message", byMessage, ["aloneByMessage", "composedByMessage"], LINES_BY_MESSAGE, [
    ["a small result", '<dcp-message-id priority="low">m0002</dcp-message-id>'],
    ["a medium result", '<dcp-message-id priority="medium">m0003</dcp-message-id>'],
    ["a large result", '<dcp-message-id priority="high">m0004</dcp-message-id>'],
    ["its reminder of the large result", "High-priority message IDs before this point: m0004"],
    ["a user's message that it protects", "<dcp-message-id>BLOCKED</dcp-message-id>"],
    ["the summary of its tool", "[Compressed conversation section]\nIt was m0004."],
  ]],
]

for (const [how, play, names, lines, marks] of CONVERSATIONS) {
  describe(`A conversation with DCP that compresses ${how}`, () => {
    /** @type {any[][]} */
    let both
    /** The answers as a user reads them. @type {string[][]} */
    let answers
    before(async () => {
      const worlds = await Promise.all(names.map(world))
      answers = await Promise.all(worlds.map(async (at) => {
        const root = await at.host.session()
        at.model.clear()
        await play(at, root)
        const messages = await at.host.messages(root)
        return messages.filter(({ info }) => info.role === "assistant").flatMap(({ parts }) => parts.flatMap(({ text }) => text ?? []))
      }))
      both = worlds.map(normalised)
    })

    for (const [what, text] of marks) {
      it(`The composed DCP adds ${what} as often as DCP alone`, () => {
        const [theirs, ours] = both.map((requests) => requests.map(({ body }) => JSON.stringify(body.messages).split(inJSON(text)).length - 1))
        assert.ok(theirs.some(Boolean), text)
        assert.deepEqual(ours, theirs)
      })
    }

    it("The model reads the same bytes, except our lines and the task tool's text", () => {
      const [theirs, ours] = both.map(parts)
      const without = (/** @type {string} */ part) => lines.reduce((rest, line) => rest.replaceAll(inJSON(line), ""), part)
      for (const [index, part] of ours.entries()) assert.equal(without(part), theirs[index])
      assert.equal(ours.length, theirs.length)
    })

    it("The user reads the same bytes, without the model's invented number", () => {
      const [theirs, ours] = answers
      assert.deepEqual(ours, theirs)
      assert.match(theirs[0], /^One ?\.$/)
    })

    it("Only the composed conversation has our lines", () => {
      const [theirs, ours] = both.map((requests) => JSON.stringify(requests))
      for (const line of lines.map(inJSON)) assert.deepEqual([theirs.includes(line), ours.includes(line)], [false, true], line)
    })

    it("The task tool has our text after OpenCode's own", () => {
      const [theirs, ours] = both.map(([{ body }]) => taskTool(body))
      assert.equal(ours.description.replace(`\n\n${TOOL_GUIDE}`, ""), theirs.description)
      const { task_id, ...properties } = ours.parameters.properties
      assert.deepEqual(ours.parameters, { ...theirs.parameters, properties: { ...properties, task_id: { ...theirs.parameters.properties.task_id, description: TASK_ID_GUIDE } } })
    })
  })
}

describe("DCP's size of a result", () => {
  it("A result just below a limit of DCP exceeds it with our lines", async () => {
    const sizes = await Promise.all(/** @type {const} */ (["aloneByMessage", "composedByMessage"]).map(async (name) => {
      const { host, seen } = await world(name)
      const root = await host.session()
      const first = task("explorer", "Look at everything that has to do with the refresh of tokens in this project")
      const near = task("explorer", "Near", [{ say: "word ".repeat(212) }])
      await host.prompt(root, script(first, near, { say: "One." }))
      return /priority=\\"(\w+)\\">m0003/.exec(seen(root))?.[1]
    }))
    assert.deepEqual(sizes, ["low", "medium"])
  })
})
