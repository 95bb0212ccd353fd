// What is read from messages and put into them: a child's answer, the parts of its prompt. Runs under Node and Bun.

import assert from "node:assert/strict"
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs"
import { homedir, tmpdir } from "node:os"
import { join } from "node:path"
import { describe, it } from "node:test"
import { pathToFileURL } from "node:url"
import { answerOf, answerTo, lastWords } from "../../js/opencode1/sdk/answers.js"
import { promptParts } from "../../js/opencode1/execute/prompt_parts.js"

const text = (/** @type {string} */ text) => ({ type: "text", text })
const failed = { type: "tool", state: { status: "error", error: "No file." } }
const worked = { type: "tool", state: { status: "completed" } }

/** @param {any[]} parts @param {object} [info] */
const said = (parts, info) => ({ info: { id: "m", role: "assistant", finish: "stop", ...info }, parts })
/** @param {string} id @param {any[]} parts */
const asked = (id, parts = [text("Go.")]) => ({ info: { id, role: "user" }, parts })

describe("an answer", () => {
  /** @type {[string, any, ReturnType<typeof answerOf>][]} */
  const CASES = [
    ["is the last text", said([text("I begin."), worked, text("Done."), { type: "step-finish" }]), { answer: { text: "Done." } }],
    ["is no text without a word", said([text("Done."), text("")]), { answer: { text: "Done." } }],
    ["is the failure of a tool, whatever was said", said([text("Hm."), failed, worked]), { answer: { error: "No file." } }],
    ["is missing where nothing was said", said([{ type: "reasoning", text: "Hm." }, worked]), { trouble: { name: "EmptyAnswer", message: "It gave an empty answer.", retryable: true } }],
    ["is none where it was broken off", said([text("Do")], { finish: undefined }), { trouble: { name: "MessageAbortedError", message: "Aborted" } }],
    ["is none where the model failed", said([text("Do")], { error: { name: "APIError", data: { message: "429", isRetryable: true } } }), { trouble: { name: "APIError", message: "429", retryable: true } }],
    ["is none where nobody knows why it failed", said([], { error: { name: "UnknownError" } }), { trouble: { name: "UnknownError", message: "UnknownError", retryable: undefined } }],
  ]
  for (const [what, message, expected] of CASES) it(what, () => assert.deepEqual(answerOf(message), expected))
})

describe("the answer to a message", () => {
  const one = said([text("One.")])
  const two = said([text("Two.")])

  /** @type {[string, any[], string | undefined, ReturnType<typeof answerTo>][]} */
  const CASES = [
    ["is the last before the next question", [asked("u0"), two, asked("u1"), one, said([text("Done.")]), asked("u2"), two], "u1", { asked: true, answer: { text: "Done." } }],
    ["is the last of all where nothing else was asked", [asked("u1"), one, two], "u1", { asked: true, answer: { text: "Two." } }],
    ["goes on after a message without parts, which asks nothing", [asked("u1"), one, asked("u2", []), two], "u1", { asked: true, answer: { text: "Two." } }],
    ["is yet to come", [asked("u1")], "u1", { asked: true }],
    ["is yet to come where only others have one", [one, asked("u1"), asked("u2"), two], "u1", { asked: true }],
    ["is not to be had where that was never asked", [asked("u1"), one], "u2", { asked: false }],
    ["is a failure", [asked("u1"), said([])], "u1", { asked: true, trouble: { name: "EmptyAnswer", message: "It gave an empty answer.", retryable: true } }],
    ["to any message is the last of all", [asked("u1"), one, asked("u2"), two, asked("u3")], undefined, { asked: true, answer: { text: "Two." } }],
    ["to any message may be the first", [one], undefined, { asked: true, answer: { text: "One." } }],
  ]
  for (const [what, messages, id, expected] of CASES) it(what, () => assert.deepEqual(answerTo(messages, id), expected))
})

it("the last words are a child's own, of any of its messages", () => {
  assert.equal(lastWords([said([text("One.")]), said([text("Two."), text("")]), said([worked]), asked("u1")]), "Two.")
  assert.equal(lastWords([asked("u1"), said([{ type: "reasoning", text: "Hm." }])]), undefined)
})

describe("a prompt's parts", () => {
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
    ["are its text", "Read it.", []],
    ["are the files that it names", "Read @a.txt and @fixer.md", [file("a.txt"), file("fixer.md")]],
    ["are those at its beginning, and each once", "@a.txt, @a.txt", [file("a.txt")]],
    ["are those that end a sentence", "Read @a.txt.", [file("a.txt")]],
    ["are folders", "Look at @src and @src/", [directory("src"), { ...directory("src"), filename: "src/" }]],
    ["are what stands at home", "Look at @~/", [directory("~/", homedir())]],
    ["are what stands by its whole path", `Read @${join(folder, "a.txt")}`, [{ ...file("a.txt"), filename: join(folder, "a.txt") }]],
    ["are agents", "Ask @fixer, or @a.b.", [agent("fixer"), agent("a.b")]],
    ["are nothing that there is none of", "Ask @nobody and @b.txt", []],
    ["are nothing within a word", "Write to me@a.txt", []],
    ["are nothing in backquotes", "Read `@a.txt`", []],
  ]
  for (const [what, prompt, parts] of CASES) {
    it(what, async () => assert.deepEqual(await promptParts(prompt, folder, AGENTS), [{ type: "text", text: prompt }, ...parts]))
  }
})
