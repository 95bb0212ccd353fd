// The face of subagent: the built-in tool, wrapped.

export { SubagentCalls } from "./subagent_calls.js"
export { wrapTool } from "./wrap_tool.js"
