// oh-my-opencode-slim, composed with the engine. OpenCode 1 takes every export of this module for a plugin, so there is only one.

import { SLIM_CALLS, SLIM_DESCRIPTION, composeSetup, composedServer, importForOpenCode2, loadReported } from "./compose/index.js"
import { reporter } from "./core/index.js"
import { bindContext, isOpenCode2 } from "./opencode2/index.js"

/** @param {any} context */
async function setup(context) {
  if (!isOpenCode2(context)) return async () => {}
  const slim = await loadReported(reporter(bindContext(context)), SLIM_DESCRIPTION, importForOpenCode2)
  return slim?.setup ? composeSetup(context, slim.setup, plugin.id, context.options, SLIM_CALLS) : composeSetup(context, async () => {}, plugin.id, context.options)
}

/**
 * OpenCode 1 calls `server`, OpenCode 2 calls `setup`.
 * @type {{ id: string, server: import("@opencode-ai/plugin").Plugin, setup: (context: any) => Promise<unknown> }}
 */
const plugin = { id: "opencode-delegate/slim", server: composedServer(SLIM_DESCRIPTION), setup }

export default plugin
