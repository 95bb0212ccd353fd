// oh-my-openagent, composed with the engine. OpenCode 1 takes every export of this module for a plugin, so there is only one.

import { OMO, composedServer } from "./compose/index.js"

/** @type {{ id: string, server: import("@opencode-ai/plugin").Plugin }} */
const plugin = { id: "opencode-delegate/omo", server: composedServer(OMO) }

export default plugin
