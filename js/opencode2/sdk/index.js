// The face of sdk: OpenCode 2's plugin context, as core and the rest of this folder need it.

/**
 * @typedef {import("./context.js").Context} Context
 * @typedef {import("./context.js").Host} Host
 * @typedef {import("./context.js").HostEvent} HostEvent
 * @typedef {import("./context.js").Model} Model
 * @typedef {import("./context.js").Registration} Registration
 * @typedef {import("./context.js").Emit} Emit
 * @typedef {import("./context.js").Tool} Tool
 * @typedef {import("./context.js").ToolContext} ToolContext
 * @typedef {import("./context.js").ToolResult} ToolResult
 */

export { AgentFields } from "./agents.js"
export { attemptFailure, lastAnswer } from "./answers.js"
export { bindContext } from "./context.js"
export { SUBAGENT } from "./namings.js"
