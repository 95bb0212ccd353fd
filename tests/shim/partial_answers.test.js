// The answer to a prompt whose turn did not end with it, in the child's messages. Runs under Node and Bun.

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import "../../js/engine.js"
import { RECORD_KEY } from "../../js/core/index.js"
import { ownAnswer, partialAnswer } from "../../js/opencode1/execute/partial_answer.js"

const text = (/** @type {string} */ text, more = {}) => ({ type: "text", text, ...more })
const failed = { type: "tool", state: { status: "error", error: "No file." } }
const worked = { type: "tool", state: { status: "completed" } }

/** @param {any[]} parts @param {object} [info] */
const said = (parts, info) => ({ info: { id: "m", role: "assistant", finish: "stop", ...info }, parts })
/** A message that a limit or a person ended. @param {string} words */
const broken = (words) => said([text(words)], { finish: undefined })
/** @param {string} id @param {any[]} [parts] */
const asked = (id, parts = [text("Go.")]) => ({ info: { id, role: "user" }, parts })

const session = (/** @type {any[]} */ messages) => ({ messages: async () => messages })
const summarised = [asked("u2", [{ type: "compaction" }]), said([text("All.")], { summary: true })]
const continued = asked("u3", [text("Continue.", { synthetic: true })])
const steering = asked("u4", [text("Faster.", { metadata: { [RECORD_KEY]: { steers: true } } })])
const odd = /** @type {any[]} */ ([{}, { info: null, parts: [null, {}] }, { info: { role: "user" } }, asked("u5", [null, {}])])

describe("The partial answer to a prompt", () => {
  /** @type {[string, any[], string | undefined, object | undefined][]} */
  const CASES = [
    ["The last words are the answer if the turn broke off", [asked("u1"), broken("One."), broken("Two.")], "u1", { text: "Two." }],
    ["Words before and after the turn are none of the answer", [asked("u0"), broken("No."), asked("u1"), broken("One."), asked("u2"), broken("No.")], "u1", { text: "One." }],
    ["A turn that broke off without words has no answer", [asked("u1"), said([worked], { finish: undefined })], "u1", undefined],
    ["A prompt that is not in the session has no answer", [asked("u0"), broken("No.")], "u1", undefined],
    ["A prompt that is not in a session without prompts has no answer", [broken("No.")], "u1", undefined],
    ["A tool that failed last is the answer of a turn that ended", [asked("u1"), said([text("Hm."), failed])], "u1", { error: "No file." }],
    ["The answers around a steering message are one", [asked("u1"), said([text("One.")]), steering, said([text("Two.")])], "u1", { text: "One.\n\nTwo." }],
    ["Words after a steering message belong to the answer", [asked("u1"), broken("One."), steering, broken("Two.")], "u1", { text: "Two." }],
    ["Words after a summary belong to the answer", [asked("u1"), broken("One."), ...summarised, continued, broken("Two.")], "u1", { text: "Two." }],
    ["A prompt with a file ends the answer before it", [asked("u1"), broken("One."), asked("u2", [text("Go."), { type: "file" }]), broken("No.")], "u1", { text: "One." }],
    ["A prompt with another plugin's metadata ends the answer before it", [asked("u1"), broken("One."), asked("u2", [text("Go.", { metadata: { other: 1 } })]), broken("No.")], "u1", { text: "One." }],
    ["Messages of other forms leave the answer as it is", [...odd, asked("u1"), ...odd, broken("One."), ...odd], "u1", { text: "One." }],
    ["Without a prompt the last one counts", [asked("u1"), said([text("No.")]), asked("u2"), broken("Two."), ...odd.slice(0, 2)], undefined, { text: "Two." }],
    ["Without a prompt the last one counts, though it has no words yet", [asked("u1"), said([text("No.")]), asked("u2")], undefined, undefined],
    ["A session without prompts has its last answer", [said([text("One.")])], undefined, { text: "One." }],
    ["An empty session has no answer", [], undefined, undefined],
  ]
  for (const [what, messages, id, expected] of CASES) it(what, async () => assert.deepEqual(await partialAnswer(session(messages), "ses_a", id), expected))
})

describe("The answer that a session ended before its next prompt", () => {
  const one = said([text("One.")])

  /** @type {[string, any[], object | undefined][]} */
  const CASES = [
    ["An answer before another prompt counts", [asked("u1"), one, asked("u2"), said([text("No.")])], { text: "One." }],
    ["A turn that broke off has none", [asked("u1"), broken("One."), asked("u2"), said([text("No.")])], undefined],
    ["A step before a call of a tool is none", [asked("u1"), said([text("One."), worked]), asked("u2"), said([text("No.")])], undefined],
    ["A step that another follows is none", [asked("u1"), said([text("One.")], { finish: "tool-calls" }), asked("u2")], undefined],
    ["An unanswered prompt has none", [one, asked("u1"), asked("u2"), said([text("No.")])], undefined],
    ["A message without parts is none", [asked("u1"), { info: one.info }], undefined],
    ["A summary after it leaves the answer as it is", [asked("u1"), one, ...summarised], { text: "One." }],
    ["The start of a summary after it leaves the answer as it is", [asked("u1"), one, summarised[0]], { text: "One." }],
    ["Messages of other forms after it leave the answer as it is", [asked("u1"), one, ...odd], { text: "One." }],
  ]
  for (const [what, messages, expected] of CASES) it(what, async () => assert.deepEqual(await ownAnswer(session(messages), "ses_a", "u1"), expected))
})
