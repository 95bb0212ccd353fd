// The answer so far of a turn that was ended before its own end.

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
  const { words } = readMessages(from < 0 ? [] : messages.slice(from))
  return words === undefined ? undefined : { text: words }
}
