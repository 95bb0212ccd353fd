// The end of the turn that makes a call. Events alone do not show it: they come late, or not at all.

import { POLL_MS, ifFound } from "../../core/index.js"

/** The number of looks, if OpenCode does not answer. */
const LOOKS = 4

/**
 * Whether the turn that makes a call is over. OpenCode 1.18.33 (`SessionProcessor.cleanup`) completes the message of each call, also
 * after an abort. A completed message stays completed, so a later turn of the session changes no answer.
 * @param {import("../sdk/index.js").Host} host
 * @param {import("../../api.js").Request} request
 * @returns {Promise<boolean>} `false` if OpenCode does not answer
 */
export async function isTurnOver(host, { sessionID, messageID }) {
  for (let tries = 0; tries < LOOKS; tries++) {
    try {
      if (!messageID) return ((await host.status())[sessionID]?.type ?? "idle") === "idle"
      const message = await ifFound(host.message(sessionID, messageID))
      return !message || message.info.time?.completed !== undefined
    } catch {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS).unref())
    }
  }
  return false
}
