// README's two transcripts, played in the real OpenCode: without the plugin and with it.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { read } from "../../pages.js"
import { boot, idIn, OURS, task } from "../fixture.js"

/** The tags around an answer, which the transcripts leave out. */
const TAGS = ["<task_result>", "</task_result>", "</task>"]

const [STOCK = "", WITH_PLUGIN = ""] = [...read("README.md").matchAll(/```text\n([^]*?)```/g)].map(([, block]) => block)

/** The child's answers: to the first call, and from its own history to any later call. */
const FIRST = [{ say: "Tokens are refreshed in src/auth/refresh.ts." }]
const LATER = [{ say: "I read {{recall /refreshed in (\\S+)\\.\\s/}}." }]

/** The id with another last letter. @param {string} id */
const mistyped = (id) => id.slice(0, -1) + (id.endsWith("0") ? "1" : "0")

/** The transcript with its ids numbered, in order of appearance. @param {string} text */
function numbered(text) {
  const ids = [...new Set(text.match(/ses_\w+/g))]
  return text.replace(/ses_\w+/g, (id) => `ses_${ids.indexOf(id)}`)
}

/**
 * Makes a transcript's calls in a new conversation, and writes their transcript.
 * @param {{ host: import("../../host/opencode.js").Host, say: (sessionID: string, ...steps: object[]) => Promise<string> }} world
 * @param {string} transcript
 */
async function replay({ host, say }, transcript) {
  const root = await host.session()
  let id = ""
  const lines = []
  for (const [, agent = "", description = "", given] of transcript.matchAll(/^> task (\S+) "(.*?)"(?: with task_id "(.*)")?$/gm)) {
    const task_id = given?.startsWith("ses_") ? mistyped(id) : given
    const result = await say(root, task(agent, description, id ? LATER : FIRST, task_id))
    id ||= idIn(result)
    lines.push(`> task ${agent} "${description}"${task_id ? ` with task_id "${task_id}"` : ""}`, ...result.split("\n").filter((line) => !TAGS.includes(line)))
  }
  return `${lines.join("\n")}\n`
}

describe("README's transcript", () => {
  for (const [name, transcript, plugin] of /** @type {const} */ ([["stock OpenCode", STOCK, []], ["OpenCode with the plugin", WITH_PLUGIN, [OURS]]])) {
    it(`README's transcript is what a model reads in ${name}`, async (t) => {
      const world = await boot(t, { plugin: [...plugin] })
      assert.equal(numbered(await replay(world, transcript)), numbered(transcript))
    })

    it(`README's transcript gives ${name} an id with one wrong letter`, () => {
      const [right = "", wrong = ""] = new Set(transcript.match(/ses_\w+/g))
      assert.equal(wrong.length, right.length)
      assert.equal([...right].filter((letter, place) => letter !== wrong[place]).length, 1)
    })
  }
})
