// The terminal half of the plugin, for `plugin` in tui.json. OpenCode brings @opentui/solid and solid-js.

import { tui } from "./tui/index.js"

/** @type {{ id: string, tui: import("@opencode-ai/plugin/tui").TuiPlugin }} */
const plugin = { id: "opencode-delegate", tui }

export default plugin
