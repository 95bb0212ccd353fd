// The summary of a session before it is resumed, made by OpenCode.

import { notSummarised } from "../../core/texts/index.js"

/** @typedef {import("../sdk/index.js").Host} Host */

/**
 * Summarises a session. After a failure the session is left as it was.
 * @param {Host} host
 * @param {string} sessionID
 * @returns {Promise<string | undefined>} the failure, as a line for the caller
 */
export async function summarise(host, sessionID) {
  const before = new Set((await host.messages(sessionID)).map(({ info }) => info.id))
  try {
    const { model } = await host.session(sessionID)
    if (!model) throw new Error("its model is not known")
    const { error } = await host.summarize(sessionID, { providerID: model.providerID, modelID: model.id })
    if (error) throw new Error(JSON.stringify(error))
    const failed = (await host.messages(sessionID)).find(({ info }) => !before.has(info.id) && info.summary === true && info.error)
    if (failed) throw new Error(failed.info.error.data?.message ?? failed.info.error.name)
  } catch (error) {
    await removeAttempt(host, sessionID, before).catch(() => {})
    return notSummarised(/** @type {Error} */ (error).message)
  }
}

/**
 * Removes the messages of a failed summary: OpenCode would repeat it before anything else.
 * @param {Host} host
 * @param {string} sessionID
 * @param {Set<string>} before the ids of the earlier messages
 */
async function removeAttempt(host, sessionID, before) {
  const left = (await host.messages(sessionID)).filter(
    ({ info, parts }) => !before.has(info.id) && (info.summary === true || parts.some(({ type }) => type === "compaction")),
  )
  for (const { info } of left) await host.removeMessage(sessionID, info.id)
}
