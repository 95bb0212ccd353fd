// A child's answer, read from its messages.

import { readAnswer } from "../../api.js"
import { RECORD_KEY } from "../../core/index.js"

/**
 * @typedef {import("../../api.js").MessageOutline} MessageOutline
 * @typedef {import("../../api.js").AttemptFailure} AttemptFailure
 * @typedef {import("./client.js").HostMessage} HostMessage
 * @typedef {{ text: string } | { error: string }} Answer
 */

/**
 * The answer to a user message, if it has one, with those of before if messages steered the session on; without `messageID`, the last answer of the messages.
 * @param {HostMessage[]} messages
 * @param {string} [messageID]
 * @returns {{ asked: boolean, answer?: Answer, failed?: AttemptFailure, words?: string }} `asked`: whether the user message is
 *   among them, with its text; `failed`: the failure that prevented an answer; `words`: the last text of all, finished or not
 */
export function readMessages(messages, messageID) {
  const { asked, answer, earlier = [], error, failed, words } = readAnswer({ messages: messages.map(outline), messageID })
  const part = (/** @type {[number, number]} */ [message, index]) => messages[message].parts[index]
  return {
    asked,
    answer: answer ? { text: [...earlier, answer].map((at) => part(at).text).join("\n\n") } : error && { error: part(error).state.error },
    failed,
    words: words && part(words).text,
  }
}

/** Whether a part is a call of a tool that OpenCode runs: it goes on after the part's message, whatever that one's end says. @param {any} part */
export const callsTool = (part) => part?.type === "tool" && !part.metadata?.providerExecuted

/** A message of another form has no role and no parts. @param {HostMessage} message @returns {MessageOutline} */
const outline = ({ info, parts }) => ({
  id: info?.id,
  role: info?.role,
  error: info?.error,
  finish: info?.finish,
  summary: info?.summary,
  parts: (parts ?? []).map((part) => {
    const { steers, result } = part?.metadata?.[RECORD_KEY] ?? {}
    return { type: part?.type, text: part?.text?.length, status: part?.state?.status, continues: part?.metadata?.compaction_continue, steers, result }
  }),
})
