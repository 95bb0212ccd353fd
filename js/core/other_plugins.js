// The plugins that bring delegation tools of their own: in one list with this package, only one of the two can decide.

/** The entry for a plugin and this package together, by the plugin's name; none if there is none. @type {Record<string, string>} */
export const BRING_TOOLS = {
  "oh-my-openagent": "./node_modules/opencode-delegate/omo",
  "oh-my-opencode": "./node_modules/opencode-delegate/omo",
  "opencode-orchestrator": "./node_modules/opencode-delegate/orchestrator",
}

/**
 * The plugin of these that stands in a list of plugins.
 * @param {unknown} list as in opencode.json
 * @returns {{ plugin: string, entry: string } | undefined}
 */
export function findToolBringer(list) {
  const entries = Array.isArray(list) ? list.map((entry) => String(Array.isArray(entry) ? entry[0] : entry)) : []
  for (const [plugin, entry] of Object.entries(BRING_TOOLS)) {
    const named = new RegExp(`(?:^|[/\\\\])${plugin}(?:$|[@/\\\\])`)
    if (entries.some((written) => named.test(written))) return { plugin, entry }
  }
}
