// A session's last answer, read from its messages as OpenCode 2 keeps them.

import { readAnswer } from "../../api.js"

/**
 * @param {any[]} messages
 * @returns {import("../../core/index.js").LastAnswer}
 */
export function lastAnswer(messages) {
  const { answer, error, failed, words } = readAnswer({ messages: messages.map(outline) })
  const part = (/** @type {[number, number]} */ [message, index]) => messages[message].content[index]
  return {
    answer: answer ? { text: part(answer).text } : error && { error: part(error).state.error.message },
    message: failed?.message,
    words: words && part(words).text,
  }
}

/**
 * Why the last turn of a session gave no answer.
 * @param {any[]} messages
 * @returns {import("../../api.js").AttemptFailure | undefined} none if it gave one
 */
export function attemptFailure(messages) {
  const asked = messages.findLastIndex(({ type }) => type === "user" || type === "synthetic")
  return readAnswer({ messages: messages.slice(asked + 1).map(outline) }).failed
}

/** A message in the engine's terms, which are OpenCode 1's. @param {any} message @returns {import("../../api.js").MessageOutline} */
const outline = ({ id, type, error, finish, content }) => ({
  id,
  role: type,
  error: error && { name: error.type, data: { message: error.message } },
  finish,
  parts: (Array.isArray(content) ? content : []).map((part) => ({ type: part?.type, text: part?.text?.length, status: part?.state?.status })),
})
