// The answer so far of a turn that was ended before its own end.

import { RECORD_KEY } from "../../core/index.js"
import { readMessages } from "../sdk/index.js"

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
  const from = messages.findIndex(({ info }) => info?.id === asked)
  const next = messages.findIndex((message, index) => index > from && isPrompt(message))
  const { words } = readMessages(from < 0 ? [] : messages.slice(from, next < 0 ? undefined : next))
  return words === undefined ? undefined : { text: words }
}

/** Whether a message is a prompt, and neither continues one nor steers its turn. @param {import("../sdk/index.js").HostMessage} message */
const isPrompt = ({ info, parts }) =>
  info?.role === "user" && (parts ?? []).some((part) => part?.type === "text" && !part.synthetic && !part.metadata?.[RECORD_KEY]?.steers)
