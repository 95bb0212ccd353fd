// oh-my-opencode-slim, composed with the engine. OpenCode takes every export of this module for a plugin, so there is only one.

import { SLIM, TESTED, boardNicknames, compose, loadSlim } from "./compose/index.js"
import { reporter } from "./core/index.js"
import { bindClient } from "./opencode1/index.js"

/** @type {import("@opencode-ai/plugin").Plugin} */
async function server(input, options = {}) {
  const { alarm, warn } = reporter(bindClient(input.client))
  const slim = await loadSlim().catch((error) => {
    alarm(`${error.message} Until then its agents and tools are missing, and delegation works as with opencode-delegate alone.`)
  })
  if (!slim) return compose(input, {}, options)
  if (slim.version !== TESTED) {
    warn(`This is ${SLIM} ${slim.version ?? "of an unknown version"}; opencode-delegate is tested with ${TESTED}. If delegations fail, install that version.`)
  }
  return compose(input, await slim.server(input), options, boardNicknames)
}

/** @type {{ id: string, server: import("@opencode-ai/plugin").Plugin }} */
const plugin = { id: "opencode-delegate/slim", server }

export default plugin
