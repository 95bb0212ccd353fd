// The OpenCode plugin. OpenCode takes every export of this module for a plugin, so there is only one.

import { server } from "./opencode1/index.js"

/** @type {{ id: string, server: import("@opencode-ai/plugin").Plugin }} */
const plugin = { id: "opencode-delegate", server }

export default plugin
