// The face of sync: facts about sessions that OpenCode's events have already delivered.

/**
 * @typedef {import("./call_cache.js").Origin} Origin
 * @typedef {import("./call_cache.js").Speaker} Speaker
 */

export { CallCache } from "./call_cache.js"
export { ContextWindows } from "./context_windows.js"
export { HostVersion, OLDEST, lossNotice } from "./host_version.js"
