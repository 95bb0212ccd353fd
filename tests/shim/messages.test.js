// A child's answer in its messages, and the parts of its prompt. Runs under Node and Bun.

import assert from "node:assert/strict"
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs"
import { homedir, tmpdir } from "node:os"
import { join } from "node:path"
import { describe, it } from "node:test"
import { pathToFileURL } from "node:url"
import { readMessages } from "../../js/opencode1/sdk/answers.js"
import "../../js/engine.js"
import { promptParts } from "../../js/opencode1/execute/prompt_parts.js"

const text = (/** @type {string} */ text) => ({ type: "text", text })
const failed = { type: "tool", state: { status: "error", error: "No file." } }
const worked = { type: "tool", state: { status: "completed" } }

/** @param {any[]} parts @param {object} [info] */
const said = (parts, info) => ({ info: { id: "m", role: "assistant", finish: "stop", ...info }, parts })
/** @param {string} id @param {any[]} parts */
const asked = (id, parts = [text("Go.")]) => ({ info: { id, role: "user" }, parts })

/** How a prompt stands. @param {any[]} messages @param {string} [id] @returns {object} */
function standing(messages, id) {
  const { words, ...standing } = readMessages(messages, id)
  return Object.fromEntries(Object.entries(standing).filter(([, value]) => value !== undefined))
}

describe("An answer", () => {
  /** @type {[string, any, object][]} */
  const CASES = [
    ["The last text is the answer", said([text("I begin."), worked, text("Done."), { type: "step-finish" }]), { answer: { text: "Done." } }],
    ["An empty text is no answer", said([text("Done."), text("")]), { answer: { text: "Done." } }],
    ["A failed tool is the answer, whatever the texts say", said([text("Hm."), failed, worked]), { answer: { error: "No file." } }],
    ["A message without text has no answer", said([{ type: "reasoning", text: "Hm." }, worked]), { failed: { kind: "empty", message: "It gave an empty answer." } }],
    ["An aborted message has no answer", said([text("Do")], { finish: undefined }), { failed: { kind: "host", name: "MessageAbortedError", message: "Aborted" } }],
    ["A failed message has no answer, but its error", said([text("Do")], { error: { name: "APIError", data: { message: "429", isRetryable: true } } }), { failed: { kind: "host", name: "APIError", message: "429", retryable: true } }],
    ["An error without a message gives its name", said([], { error: { name: "UnknownError" } }), { failed: { kind: "host", name: "UnknownError", message: "UnknownError" } }],
  ]
  for (const [what, message, expected] of CASES) it(what, () => assert.deepEqual(standing([message]), { asked: true, ...expected }))
})

it("A message of another form has no answer, and hides none", () => {
  const odd = /** @type {any[]} */ ([{}, { info: null, parts: [null, {}] }, { info: { role: "user" } }])
  for (const messages of [[said([text("Done.")]), ...odd.slice(0, 2)], [...odd, said([null, {}, text("Done.")])]]) {
    assert.deepEqual(readMessages(messages).answer, { text: "Done." })
  }
})

describe("The answer to a message", () => {
  const one = said([text("One.")])
  const two = said([text("Two.")])

  /** @type {[string, any[], string | undefined, object][]} */
  const CASES = [
    ["The last message before the next prompt is the answer", [asked("u0"), two, asked("u1"), one, said([text("Done.")]), asked("u2"), two], "u1", { asked: true, answer: { text: "Done." } }],
    ["The last message is the answer if no other prompt follows", [asked("u1"), one, two], "u1", { asked: true, answer: { text: "Two." } }],
    ["A user message without parts does not end the answer", [asked("u1"), one, asked("u2", []), two], "u1", { asked: true, answer: { text: "Two." } }],
    ["A user message of another form does not end the answer", [asked("u1"), one, { info: { id: "u2", role: "user" } }, two], "u1", { asked: true, answer: { text: "Two." } }],
    [
      "A prompt that OpenCode summarises and continues is answered after the summary",
      [asked("u1"), one, asked("u2", [{ type: "compaction" }]), said([text("All.")], { summary: true }), asked("u3", [{ ...text("Continue."), metadata: { compaction_continue: true } }]), two],
      "u1", { asked: true, answer: { text: "Two." } },
    ],
    ["A summary is no answer", [asked("u1"), said([text("All.")], { summary: true })], "u1", { asked: true }],
    ["An unanswered prompt has no answer yet", [asked("u1")], "u1", { asked: true }],
    ["A prompt has no answer yet if only others have one", [one, asked("u1"), asked("u2"), two], "u1", { asked: true }],
    ["A prompt that is not in the session has no answer", [asked("u1"), one], "u2", { asked: false }],
    ["A failed answer gives its error", [asked("u1"), said([])], "u1", { asked: true, failed: { kind: "empty", message: "It gave an empty answer." } }],
    ["Without a prompt the last message is the answer", [asked("u1"), one, asked("u2"), two, asked("u3")], undefined, { asked: true, answer: { text: "Two." } }],
    ["Without a prompt the first message may be the answer", [one], undefined, { asked: true, answer: { text: "One." } }],
  ]
  for (const [what, messages, id, expected] of CASES) it(what, () => assert.deepEqual(standing(messages, id), expected))
})

it("The last words are the last text of the child in any message", () => {
  assert.equal(readMessages([said([text("One.")]), said([text("Two."), text("")]), said([worked]), asked("u1")]).words, "Two.")
  assert.equal(readMessages([asked("u1"), said([{ type: "reasoning", text: "Hm." }])]).words, undefined)
})

describe("A prompt's parts", () => {
  const AGENTS = new Set(["fixer", "a.b"])
  const folder = mkdtempSync(join(tmpdir(), "opencode-delegate-parts-"))
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }))
  mkdirSync(join(folder, "src"))
  for (const name of ["a.txt", "fixer.md"]) writeFileSync(join(folder, name), "")

  const file = (/** @type {string} */ name, path = join(folder, name)) => ({ type: "file", url: pathToFileURL(path).href, filename: name, mime: "text/plain" })
  const directory = (/** @type {string} */ name, path = join(folder, name)) => ({ ...file(name, path), mime: "application/x-directory" })
  const agent = (/** @type {string} */ name) => ({ type: "agent", name })

  /** @type {[string, string, object[]][]} */
  const CASES = [
    ["A plain prompt is one text", "Read it.", []],
    ["A file that the prompt mentions becomes a part", "Read @a.txt and @fixer.md", [file("a.txt"), file("fixer.md")]],
    ["A file is attached once, also at the beginning", "@a.txt, @a.txt", [file("a.txt")]],
    ["A file at the end of a sentence becomes a part", "Read @a.txt.", [file("a.txt")]],
    ["A folder becomes a part", "Look at @src and @src/", [directory("src"), { ...directory("src"), filename: "src/" }]],
    ["A path in the home folder becomes a part", "Look at @~/", [directory("~/", homedir())]],
    ["A path beside the home folder becomes a part", "Look at @~/../", [directory("~/../", join(homedir(), "../"))]],
    ["An absolute path becomes a part", `Read @${join(folder, "a.txt")}`, [{ ...file("a.txt"), filename: join(folder, "a.txt") }]],
    ["An agent becomes a part", "Ask @fixer, or @a.b.", [agent("fixer"), agent("a.b")]],
    ["A mention of an unknown agent or file stays text", "Ask @nobody and @b.txt", []],
    ["A mention within a word stays text", "Write to me@a.txt", []],
    ["A mention in backquotes stays text", "Read `@a.txt`", []],
  ]
  for (const [what, prompt, parts] of CASES) {
    it(what, async () => assert.deepEqual(await promptParts(prompt, folder, AGENTS), [{ type: "text", text: prompt }, ...parts]))
  }
})
