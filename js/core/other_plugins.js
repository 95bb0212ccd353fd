// The plugins beside which this package cannot do its work, if both stand in one list.

/**
 * The plugins that bring delegation tools of their own: only one of the two can decide. Each has the entry for that plugin and this
 * package together.
 * @type {Record<string, string>}
 */
export const BRING_TOOLS = {
  "oh-my-openagent": "./node_modules/opencode-delegate/omo",
  "oh-my-opencode": "./node_modules/opencode-delegate/omo",
  "opencode-orchestrator": "./node_modules/opencode-delegate/orchestrator",
}

/** The plugins in a list. @param {unknown} list as in opencode.json @returns {(name: string) => boolean} whether it has a plugin */
function pluginsIn(list) {
  const entries = Array.isArray(list) ? list.map((entry) => String(Array.isArray(entry) ? entry[0] : entry)) : []
  return (name) => {
    const named = new RegExp(`(?:^|[/\\\\])${name}(?:$|[@/\\\\])`)
    return entries.some((written) => named.test(written))
  }
}

/**
 * The plugin with tools of its own that stands in a list of plugins.
 * @param {unknown} list as in opencode.json
 * @returns {{ plugin: string, entry: string } | undefined}
 */
export function findToolBringer(list) {
  const has = pluginsIn(list)
  const found = Object.entries(BRING_TOOLS).find(([plugin]) => has(plugin))
  return found && { plugin: found[0], entry: found[1] }
}

/**
 * The notice about oh-my-opencode-slim in a list of plugins beside this package.
 * @param {unknown} list as in opencode.json
 * @returns {string | undefined} none if it does not stand there
 */
export function besideSlim(list) {
  if (!pluginsIn(list)("oh-my-opencode-slim")) return undefined
  return 'oh-my-opencode-slim drops each task_id that it does not know, so a call by name starts a new session. List "./node_modules/opencode-delegate/slim" in place of both plugins, or run: npx opencode-delegate doctor --fix.'
}
