// The use of each child's context window, from the messages that its models send.

import { contextTokens } from "../../api.js"

/**
 * @typedef {import("../../core/index.js").EngineSync} EngineSync
 * @typedef {import("../sdk/index.js").Host} Host
 */

/**
 * Reports the use of context windows to the engine.
 */
export class ContextWindows {
  /** @type {Host} */
  #host
  /** @type {EngineSync} */
  #sync
  /** The models' windows in tokens, by provider and model. @type {Promise<Map<string, number>> | undefined} */
  #windows

  /** @param {Host} host @param {EngineSync} sync */
  constructor(host, sync) {
    this.#host = host
    this.#sync = sync
  }

  /** The windows, read from OpenCode once. A failed read is repeated at the next call. */
  load() {
    this.#windows ??= this.#host.providers().then(({ providers }) => new Map(
      providers.flatMap(({ id, models }) =>
        Object.entries(models).map(([model, { limit }]) => [`${id}/${model}`, limit?.context ?? 0]),
      ),
    ))
    this.#windows.catch(() => (this.#windows = undefined))
    return this.#windows
  }

  /** Takes in an assistant's message. @param {any} info */
  async handleMessage({ sessionID, providerID, modelID, tokens, summary, finish }) {
    if (!finish || !tokens || !this.#sync.session(sessionID)?.parentID) return
    const window = (await this.load().catch(() => undefined))?.get(`${providerID}/${modelID}`) ?? 0
    this.#sync.apply({ type: "session.usage", now: Date.now(), sessionID, tokens: contextTokens({ tokens, summary }), window })
  }
}
