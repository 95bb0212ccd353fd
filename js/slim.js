// oh-my-opencode-slim, composed with the engine. OpenCode 1 takes every export of this module for a plugin, so there is only one.

import { SLIM, SLIM_CALLS, TESTED, boardNicknames, compose, composeSetup, importForOpenCode2, loadSlim } from "./compose/index.js"
import { reporter } from "./core/index.js"
import { bindClient } from "./opencode1/index.js"
import { bindContext, isOpenCode2 } from "./opencode2/index.js"

/**
 * Loads slim, and says what is wrong with it.
 * @param {Parameters<typeof reporter>[0]} host
 * @param {Parameters<typeof loadSlim>} from its module
 */
async function load(host, ...from) {
  const { alarm, warn } = reporter(host)
  const slim = await loadSlim(...from).catch((error) => {
    alarm(`${error.message} Until then its agents and tools are missing, and delegation works as with opencode-delegate alone.`)
  })
  if (slim && slim.version !== TESTED) {
    warn(`This is ${SLIM} ${slim.version ?? "of an unknown version"}; opencode-delegate is tested with ${TESTED}. If delegations fail, install that version.`)
  }
  return slim
}

/** @type {import("@opencode-ai/plugin").Plugin} */
async function server(input, options = {}) {
  const slim = await load(bindClient(input.client))
  return slim ? compose(input, await slim.server(input), options, boardNicknames) : compose(input, {}, options)
}

/** @param {any} context */
async function setup(context) {
  if (!isOpenCode2(context)) return async () => {}
  const slim = await load(bindContext(context), importForOpenCode2)
  return slim?.setup ? composeSetup(context, slim.setup, plugin.id, context.options, SLIM_CALLS) : composeSetup(context, async () => {}, plugin.id, context.options)
}

/**
 * OpenCode 1 calls `server`, OpenCode 2 calls `setup`.
 * @type {{ id: string, server: import("@opencode-ai/plugin").Plugin, setup: (context: any) => Promise<unknown> }}
 */
const plugin = { id: "opencode-delegate/slim", server, setup }

export default plugin
