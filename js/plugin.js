// The OpenCode plugin. OpenCode 1 takes every export of this module for a plugin, so there is only one.

import { server } from "./opencode1/index.js"
import { setup } from "./opencode2/index.js"

/**
 * OpenCode 1 calls `server`, OpenCode 2 calls `setup`.
 * @type {{ id: string, server: import("@opencode-ai/plugin").Plugin, setup: (context: any) => Promise<() => Promise<void>> }}
 */
const plugin = { id: "opencode-delegate", server, setup }

export default plugin
