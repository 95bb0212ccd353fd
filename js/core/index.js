// The face of core: all that a host needs beside its own calls. Core knows no host's SDK and no host's hooks.

/**
 * @typedef {import("./host.js").Host} Host
 * @typedef {import("./host_calls.js").HostCall} HostCall
 * @typedef {import("./host_calls.js").Granted} Granted
 * @typedef {import("./host.js").HostAgent} HostAgent
 * @typedef {import("./host.js").HostSession} HostSession
 * @typedef {import("./host.js").Naming} Naming
 * @typedef {import("./interrupted_calls.js").InterruptedCall} InterruptedCall
 * @typedef {import("./session_tools.js").LastAnswer} LastAnswer
 */

export { EngineSync } from "./engine_sync.js"
export { AGENT_FIELDS, IDLE_UNDER_HOST, LIMITS, OPTIONS, fieldMeant, fieldsNotice, nearest, placeOfOption } from "./field_names.js"
export { HostCalls } from "./host_calls.js"
export { HostRefusal, childrenInCalls, ifFound, isMissing, refusalOf } from "./host.js"
export { BRING_TOOLS, besideSlim, findToolBringer } from "./other_plugins.js"
export { addAlias, findSession } from "./other_names.js"
export { canDelegate, engineSession, isFollowed, unreadableSession } from "./host_session.js"
export { InterruptedCalls } from "./interrupted_calls.js"
export { isAlive, registerInstance, unregisterInstance } from "./instances.js"
export { readLine, readTree } from "./read_tree.js"
export { RECORD_KEY } from "./record_writer.js"
export { reporter } from "./reporter.js"
export { carryOut } from "./terminal_actions.js"
export { ASK_FAULT, LOGGED, faultCommand, readFault, readRename, renameCommand, steerCommand, stopCommand, terminalRPC } from "./terminal_commands.js"
export { countEnded, sessionTools } from "./session_tools.js"
export { RecentSet } from "./recent_set.js"
export { EXECUTORS, LOADED_AGAIN, Settings, faultNotice, idleNotice, pickAgentFields } from "./settings.js"
export { touchedFiles } from "./touched_files.js"
export { POLL_MS, abortable } from "./waiting.js"
