// The terminal half of the plugin. OpenCode brings @opentui/solid and solid-js.

import { setup, tui } from "./tui/index.js"

/**
 * OpenCode 1 calls `tui`, for `plugin` in tui.json. OpenCode 2 calls `setup` of each package that is listed as a plugin.
 * @type {{ id: string, tui: import("@opencode-ai/plugin/tui").TuiPlugin, setup: (context: any) => Promise<() => void> }}
 */
const plugin = { id: "opencode-delegate", tui, setup }

export default plugin
