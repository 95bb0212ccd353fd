// The models read oh-my-openagent's own texts and our last line, and nothing else. A message that was sent once never changes.

import assert from "node:assert/strict"
import { after, describe, it } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"
import { script } from "../../host/model.js"
import { until } from "../delegate/world.js"
import { ALONE, MISSING, WITH_US, boot, task, secret } from "./world.js"

/** @typedef {import("../../host/model.js").Body} Body */

/** @type {(() => Promise<void>)[]} */
const ends = []
after(() => Promise.all(ends.map((end) => end())))

/** The text of a message. @param {import("../../host/model.js").Message} message */
const textOf = ({ content }) => (typeof content === "string" ? content : (content ?? []).map(({ text }) => text ?? "").join("\n"))

/** The report of omo about a task in the background. */
const WAKE = /BACKGROUND TASK|system-reminder/

/** Plays a conversation: an agent, a category, an agent in the background, and omo's report of it. @param {string} plugin */
async function converse(plugin) {
  const { host, say, requests, rests, children } = await boot({ after: (end) => void ends.push(end) }, [plugin])
  const agents = await host.api("GET", "/agent")
  const root = await host.session()
  await say(root, task({ subagent_type: "explore", description: "Explore auth" }, secret("fig")))
  await say(root, task({ category: "quick", description: "Mend it" }, secret("lime")))
  await say(root, task({ subagent_type: "explore", description: "Look around", run_in_background: true }, secret("plum")))
  for (const { id } of await children(root)) await rests(id)
  const wakes = () => requests(root).at(-1)?.body.messages.filter((message) => message.role === "user" && WAKE.test(textOf(message)))
  for (let turns = 0; turns < 20 && !wakes()?.length; turns++) {
    await sleep(500)
    await host.prompt(root, script({ say: "noted" }))
  }
  await until(() => wakes()?.length, "omo's report")
  await rests(root)
  const ids = [root, ...(await children(root)).map(({ id }) => id)]
  return { home: host.home, agents, root: requests(root).map(({ body }) => body), children: ids.slice(1).map((id) => requests(id).map(({ body }) => body)) }
}

/** @type {Promise<Awaited<ReturnType<typeof converse>>[]> | undefined} */
let both
const played = () => (both ??= Promise.all([ALONE, WITH_US].map(converse)))

/** The commands in a text of omo. It lists them in the order in which it has found them. */
const COMMAND = /<command>.*?<\/command>/g

/** OpenCode's own skill among them. omo lists it only if OpenCode answered in time while omo was loaded. */
const OWN = /(\\n *)?<command>\\n *<name>\/customize-opencode<.*?<\/command>/g

/** A text with its commands in alphabetical order. @param {string} text */
function sorted(text) {
  const listed = text.replace(OWN, "")
  const commands = (listed.match(COMMAND) ?? []).sort()
  return listed.replace(COMMAND, () => String(commands.shift()))
}

/** Gives ids a number in order of appearance, and what differs at each run a name. @param {string} home */
function plain(home) {
  const seen = new Map()
  return (/** @type {string} */ text) =>
    sorted(text).replaceAll(home, "HOME").replaceAll(home.slice(1), "HOME").replace(/\bin \d+(?:m \d+)?s\b/g, "in a moment").replace(/\*\*Duration:?\*\*:? *\S+|Duration: \S+/g, "DURATION").replace(/\b(ses|msg|prt|call|bg)_\w+/g, (id) => {
      if (!seen.has(id)) seen.set(id, `id-${seen.size}`)
      return seen.get(id)
    })
}

/** The results without the lines at their end that are ours. @param {string} text */
const theirs = (text) => text.replace(/\ntask_id: [\w-]+ \([^]*$/, "")

describe("The same conversation with oh-my-openagent alone and with us", { skip: MISSING }, () => {
  it("Both have the same tools and the same agents", async () => {
    const [alone, withUs] = (await played()).map(({ home, root, agents }) => ({ tools: plain(home)(JSON.stringify(root[0].tools)), agents: plain(home)(JSON.stringify(agents)) }))
    assert.equal(withUs.tools, alone.tools)
    assert.equal(withUs.agents, alone.agents)
  })

  it("Both give each child the same messages, tools and settings", async () => {
    const [alone, withUs] = (await played()).map(({ home, children }) => children.map((requests) => requests.map((body) => plain(home)(JSON.stringify(body)))))
    assert.equal(alone.length, 3)
    assert.deepEqual(withUs, alone)
  })

  it("Both give the root the same results up to our last line, and the same reports", async () => {
    const [alone, withUs] = (await played()).map(({ home, root }) => {
      const text = plain(home)
      const last = /** @type {Body} */ (root.at(-1)).messages
      const read = last.filter(({ role }) => role !== "assistant").map((message) => ({ role: message.role, text: text(message.role === "tool" ? theirs(textOf(message)) : textOf(message)) }))
      return read.filter(({ text }) => text !== script({ say: "noted" }))
    })
    assert.deepEqual(withUs, alone)
    const all = JSON.stringify(alone)
    for (const part of ["<task_metadata>", "to continue: task(", "Background task launched", "system-reminder"]) assert.ok(all.includes(part), part)
  })

  it("Our line stands below each result", async () => {
    const [, { root }] = await played()
    const results = /** @type {Body} */ (root.at(-1)).messages.filter(({ role }) => role === "tool").map(textOf)
    assert.deepEqual(results.map((text) => /\ntask_id: ([\w-]+) \(spawned/.exec(text)?.[1]), ["explore-auth", "mend-it", "look-around"])
  })

  it("No earlier message changes in a later request", async () => {
    const [, { root, children }] = await played()
    for (const requests of [root, ...children]) {
      for (const [index, { messages }] of requests.slice(0, -1).entries()) {
        assert.deepEqual(requests[index + 1].messages.slice(0, messages.length), messages)
      }
    }
  })
})
