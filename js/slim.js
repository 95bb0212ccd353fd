// oh-my-opencode-slim, composed with the engine. OpenCode takes every export of this module for a plugin, so there is one.

import { announce } from "./core/reporter.js"
import { bind } from "./opencode1/sdk/client.js"
import { compose } from "./compose/compose.js"
import { SLIM, TESTED, aliases, load } from "./compose/slim.js"

/** @type {import("@opencode-ai/plugin").Plugin} */
async function server(input, options = {}) {
  const { alarm, warn } = announce(bind(input.client))
  const slim = await load().catch((error) => {
    alarm(`${error.message} Until then there are none of its agents and tools; delegation works as with opencode-delegate alone.`)
  })
  if (!slim) return compose(input, {}, options)
  if (slim.version !== TESTED) {
    warn(`This is ${SLIM} ${slim.version ?? "of an unknown version"}; opencode-delegate is tested with ${TESTED}. Should delegations go wrong, install that one.`)
  }
  return compose(input, await slim.server(input), options, aliases)
}

/** @type {{ id: string, server: import("@opencode-ai/plugin").Plugin }} */
const plugin = { id: "opencode-delegate/slim", server }

export default plugin
