export { SubagentCalls } from "./subagent_calls.js";
export { wrapTool } from "./wrap_tool.js";
