// The OpenCode plugin. OpenCode takes every export of this module for a plugin, so there is one.

import { server } from "./host/server.js"

export default { id: "opencode-delegate", server }
