// opencode-orchestrator, composed with the engine. OpenCode 1 takes every export of this module for a plugin, so there is only one.

import { ORCHESTRATOR, composedServer } from "./compose/index.js"

/** @type {{ id: string, server: import("@opencode-ai/plugin").Plugin }} */
const plugin = { id: "opencode-delegate/orchestrator", server: composedServer(ORCHESTRATOR) }

export default plugin
