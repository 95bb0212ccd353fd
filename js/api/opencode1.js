// OpenCode 1's own forms: titles, sessions, messages, errors, parts.

import * as wasm from "../../pkg/opencode_delegate.js"
import { call } from "./call.js"
import { foreignJSON, json, text } from "./json.js"

/**
 * @typedef {import("./types.js").HostFailure} HostFailure
 * @typedef {import("./types.js").MessageOutline} MessageOutline
 * @typedef {import("./types.js").PromptReading} PromptReading
 */

/**
 * The description in the title of a child, as OpenCode 1 titles it; the whole title if it is not of that form.
 *
 * @example
 * childDescription("Explore auth (@explorer subagent)") // "Explore auth"
 * @param {string} title
 * @returns {string}
 */
export function childDescription(title) {
  return openCode1("child_description", text(title, "title"))
}

/**
 * Whether a session of OpenCode 1 may have children, by its own rules and its record.
 *
 * @example
 * mayHaveChildren({ permission: [{ permission: "task", pattern: "*", action: "deny" }] }) // false
 * @param {{ permission?: unknown, record?: unknown }} session
 * @returns {boolean}
 */
export function mayHaveChildren(session) {
  return openCode1("may_have_children", foreignJSON(session))
}

/**
 * How a prompt stands in the messages of its session, read from their outline as OpenCode 1's own task tool reads them. Without
 * `messageID`, the answer is in the last assistant message of all.
 *
 * @example
 * const message = { role: "assistant", finish: "stop", parts: [{ type: "text", text: 9 }] }
 * readAnswer({ messages: [message] }).answer // [0, 0]
 * @param {{ messages: MessageOutline[], messageID?: string }} given
 * @returns {PromptReading}
 */
export function readAnswer(given) {
  return openCode1("read_answer", foreignJSON(given))
}

/**
 * The failure that an error of OpenCode 1 stands for.
 *
 * @example
 * readError({ name: "APIError", data: { message: "429" } }).message // "429"
 * @param {unknown} error
 * @returns {HostFailure}
 */
export function readError(error) {
  return openCode1("read_error", foreignJSON(error))
}

/**
 * The tokens that a session's context holds after an assistant message of OpenCode 1.
 *
 * @example
 * contextTokens({ tokens: { input: 100, output: 20, reasoning: 5, cache: { read: 3, write: 1 } } }) // 129
 * @param {{ tokens: { input: number, output: number, reasoning: number, cache: { read: number, write: number } }, summary?: unknown }} message
 * @returns {number}
 * @throws {DelegateError} `invalid_request`, naming the field, for a count that is missing or not a number
 */
export function contextTokens(message) {
  return openCode1("context_tokens", json(message, "invalid_request"))
}

/**
 * Whether a prompt that has ended gave an answer, so that its call has a result; otherwise its call fails.
 *
 * @example
 * isAnswered({ state: "idle", text: "Done." }) // true
 * isAnswered({ state: "cancelled", text: "Half of it" }) // false
 * @param {{ state: string, text?: string, error?: string }} end the end state, and the answer's text or the error of a tool
 * @returns {end is { state: "idle", text: string }}
 * @throws {DelegateError} `invalid_request`, naming the field, for a field that is missing or of another type
 */
export function isAnswered(end) {
  return openCode1("is_answered", json(end, "invalid_request"))
}

/**
 * Whether one of some parts delivers the same result as a part that is about to be sent.
 *
 * @example
 * holdsResult(["prt_000000000001abcdefghijklmn"], "prt_000000000002abcdefghijklmn") // true
 * @param {string[]} ids the ids of a session's parts
 * @param {string} partID
 * @returns {boolean}
 */
export function holdsResult(ids, partID) {
  const [known, part] = [ids.map((id) => text(id, "ids")).join("\n"), text(partID, "partID")]
  return call(() => wasm.holdsResult(known, part))
}

/** @param {string} rule @param {string} given */
const openCode1 = (rule, given) => JSON.parse(call(() => wasm.openCode1(rule, given)))
