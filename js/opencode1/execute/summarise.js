// The summary of a session before it is resumed, made by OpenCode.

import { notSummarised } from "../../core/texts/index.js"

/** @typedef {import("../sdk/index.js").Host} Host */

/** The longest time of a summary, in milliseconds: its call waits, and no limit of the prompt runs yet. */
const LONGEST_MS = 300_000

/**
 * Summarises a session. After a failure the session is left as it was.
 * @param {Host} host
 * @param {string} sessionID
 * @param {number} [longest] the longest time of a summary, in milliseconds
 * @returns {Promise<string | undefined>} the failure, as a line for the caller
 */
export async function summarise(host, sessionID, longest = LONGEST_MS) {
  const before = new Set((await host.messages(sessionID)).map(({ info }) => info.id))
  try {
    const { model } = await host.session(sessionID)
    if (!model) throw new Error("its model is not known")
    const { error } = await inTime(host, sessionID, host.summarize(sessionID, { providerID: model.providerID, modelID: model.id }), longest)
    if (error) throw new Error(JSON.stringify(error))
    const failed = (await host.messages(sessionID)).find(({ info }) => !before.has(info.id) && info.summary === true && info.error)
    if (failed) throw new Error(failed.info.error.data?.message ?? failed.info.error.name)
  } catch (error) {
    await removeAttempt(host, sessionID, before).catch(() => {})
    return notSummarised(/** @type {Error} */ (error).message)
  }
}

/**
 * Waits for a summary, and ends one that takes too long.
 * @template T
 * @param {Host} host
 * @param {string} sessionID
 * @param {Promise<T>} summary
 * @param {number} longest
 * @returns {Promise<T>}
 */
async function inTime(host, sessionID, summary, longest) {
  let timer = /** @type {NodeJS.Timeout | undefined} */ (undefined)
  const late = new Promise((resolve) => (timer = setTimeout(resolve, longest).unref()))
  const ended = await Promise.race([summary.then((answer) => ({ answer })), late])
  clearTimeout(timer)
  if (ended) return /** @type {{ answer: T }} */ (ended).answer
  await host.abort(sessionID).catch(() => {})
  throw new Error(`it took longer than ${longest / 1_000} s`)
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
