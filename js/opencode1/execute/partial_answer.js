// The answer to a prompt whose turn did not end with it: the turn was ended before its own end, or went on with another prompt.

import { RECORD_KEY, isFollowed } from "../../core/index.js"
import { callsTool, readMessages } from "../sdk/index.js"

/**
 * The last text that a session wrote for a prompt, if it wrote one.
 * @param {Pick<import("../sdk/index.js").Host, "messages">} host
 * @param {string} sessionID
 * @param {string} [messageID] the message of the prompt; the last one if it is left out
 * @returns {Promise<import("../sdk/index.js").Answer | undefined>}
 */
export async function partialAnswer(host, sessionID, messageID) {
  const messages = await host.messages(sessionID)
  const asked = messageID ?? messages.findLast(({ info }) => info?.role === "user")?.info.id
  const { answer } = readMessages(messages, asked)
  if (answer) return answer
  const { words } = readMessages(fromTo(messages, asked))
  return words === undefined ? undefined : { text: words }
}

/**
 * The answer that a session ended before its next prompt, if it did so. That may be a user's, or one of another process, which does
 * not see that the session runs.
 * @param {Pick<import("../sdk/index.js").Host, "messages">} host
 * @param {string} sessionID
 * @param {string} messageID the message of the prompt
 * @returns {Promise<import("../sdk/index.js").Answer | undefined>}
 */
export async function ownAnswer(host, sessionID, messageID) {
  const messages = fromTo(await host.messages(sessionID), messageID)
  const last = messages.findLast(({ info }) => info?.role === "assistant" && !info.summary)
  const ended = last?.info.finish && !isFollowed(last.info.finish) && !(last.parts ?? []).some(callsTool)
  return ended ? readMessages(messages, messageID).answer : undefined
}

/** The messages from a prompt up to the next one. @param {import("../sdk/index.js").HostMessage[]} messages @param {string} [messageID] */
function fromTo(messages, messageID) {
  const from = messages.findIndex(({ info }) => info?.id === messageID)
  const next = messages.findIndex((message, index) => index > from && isPrompt(message))
  return from < 0 ? [] : messages.slice(from, next < 0 ? undefined : next)
}

/** Whether a message is a prompt, and neither continues one nor steers its turn. @param {import("../sdk/index.js").HostMessage} message */
const isPrompt = ({ info, parts }) =>
  info?.role === "user" && (parts ?? []).some((part) => part?.type === "text" && !part.synthetic && !part.metadata?.[RECORD_KEY]?.steers)
