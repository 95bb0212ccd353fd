// Summarises a session before it is resumed, as OpenCode does it.

/**
 * @typedef {import("../sdk/client.js").Host} Host
 */

/**
 * @param {Host} host
 * @param {string} sessionID
 * @returns {Promise<string | undefined>} what went wrong, for the caller to read
 */
export async function compact(host, sessionID) {
  const before = new Set((await host.messages(sessionID)).map(({ info }) => info.id))
  try {
    const { model } = await host.session(sessionID)
    if (!model) throw new Error("its model is not known")
    const { error } = await host.summarize(sessionID, { providerID: model.providerID, modelID: model.id })
    if (error) throw new Error(JSON.stringify(error))
    const failed = (await host.messages(sessionID)).find(({ info }) => !before.has(info.id) && info.summary === true && info.error)
    if (failed) throw new Error(failed.info.error.data?.message ?? failed.info.error.name)
  } catch (error) {
    await withdraw(host, sessionID, before).catch(() => {})
    return `Its context could not be summarised, so it was resumed as it is: ${/** @type {Error} */ (error).message}`
  }
}

/**
 * Takes back what an attempt to summarise left: OpenCode would make it again before anything else.
 * @param {Host} host
 * @param {string} sessionID
 * @param {Set<string>} before the messages that were there
 */
async function withdraw(host, sessionID, before) {
  const left = (await host.messages(sessionID)).filter(
    ({ info, parts }) => !before.has(info.id) && (info.summary === true || parts.some(({ type }) => type === "compaction")),
  )
  for (const { info } of left) await host.removeMessage(sessionID, info.id)
}
