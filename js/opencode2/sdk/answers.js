// A session's last answer, read from its messages as OpenCode 2 keeps them.

import { readAnswer } from "../../api.js"

/**
 * The last answer, with those of before if messages steered the session on after them.
 * @param {any[]} messages
 * @param {(messageID: string) => boolean} steers whether a message only steers its session
 * @returns {import("../../core/index.js").LastAnswer & { steered: boolean }} `steered`: whether the answer has earlier ones
 */
export function lastAnswer(messages, steers) {
  const { answer, earlier = [], error, failed, words } = readAnswer({ messages: messages.map((message) => outline(message, steers)) })
  const part = (/** @type {[number, number]} */ [message, index]) => messages[message].content[index]
  return {
    answer: answer ? { text: [...earlier, answer].map((at) => part(at).text).join("\n\n") } : error && { error: part(error).state.error.message },
    message: failed?.message,
    words: words && part(words).text,
    steered: earlier.length > 0,
  }
}

/**
 * Why the last turn of a session gave no answer.
 * @param {any[]} messages
 * @returns {import("../../api.js").AttemptFailure | undefined} none if it gave one
 */
export function attemptFailure(messages) {
  const asked = messages.findLastIndex(({ type }) => type === "user" || type === "synthetic")
  return readAnswer({ messages: messages.slice(asked + 1).map((message) => outline(message)) }).failed
}

/**
 * A message in the engine's terms, which are OpenCode 1's.
 * @param {any} message
 * @param {(messageID: string) => boolean} [steers]
 * @returns {import("../../api.js").MessageOutline}
 */
const outline = ({ id, type, error, finish, content, text }, steers) => ({
  id,
  role: type,
  error: error && { name: error.type, data: { message: error.message } },
  finish,
  parts: type === "user" ? [{ type: "text", text: text?.length, steers: steers?.(id) }] : (Array.isArray(content) ? content : []).map((part) => ({ type: part?.type, text: part?.text?.length, status: part?.state?.status })),
})
