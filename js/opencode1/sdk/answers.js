// A child's answer, read from its messages.

/**
 * @typedef {import("./client.js").HostMessage} HostMessage
 * @typedef {{ text: string } | { error: string }} Answer
 * @typedef {{ name: string, message: string, retryable?: boolean }} Trouble
 */

/**
 * The answer in an assistant's message, or the trouble that prevented one. As in OpenCode's own tool, the last text is the
 * answer, and a failed tool at the end is a failure.
 * @param {HostMessage} message
 * @returns {{ answer: Answer } | { trouble: Trouble }}
 */
export function answerOf({ info, parts }) {
  if (info.error) {
    const { name, data } = info.error
    return { trouble: { name, message: data?.message ?? name, retryable: data?.isRetryable } }
  }
  // An attempt that is aborted while OpenCode waits to retry ends without an error.
  if (!info.finish) return { trouble: { name: "MessageAbortedError", message: "Aborted" } }
  const failed = parts.findLast(({ type, state }) => type === "tool" && state.status === "error")
  if (failed) return { answer: { error: failed.state.error } }
  const text = parts.findLast(({ type, text }) => type === "text" && text)?.text
  if (text === undefined) return { trouble: { name: "EmptyAnswer", message: "It gave an empty answer.", retryable: true } }
  return { answer: { text } }
}

/**
 * The last text of a session, finished or not.
 * @param {HostMessage[]} messages
 * @returns {string | undefined}
 */
export function lastWords(messages) {
  const said = messages.flatMap(({ info, parts }) => (info.role === "assistant" ? parts : []))
  return said.findLast(({ type, text }) => type === "text" && text)?.text
}

/**
 * The answer to a user message, if it has one: the last assistant's message before the next question. A retry adds user
 * messages without parts, and those ask nothing.
 * @param {HostMessage[]} messages
 * @param {string} [messageID] if left out, the last answer of the session
 * @returns {{ asked: boolean, answer?: Answer, trouble?: Trouble }}
 */
export function answerTo(messages, messageID) {
  const from = messageID ? messages.findIndex(({ info }) => info.id === messageID) : 0
  if (from < 0) return { asked: false }
  const after = messages.slice(from + (messageID ? 1 : 0))
  const next = messageID ? after.findIndex(({ info, parts }) => info.role === "user" && parts.length) : -1
  const last = (next < 0 ? after : after.slice(0, next)).findLast(({ info }) => info.role === "assistant")
  return last ? { asked: true, ...answerOf(last) } : { asked: true }
}
