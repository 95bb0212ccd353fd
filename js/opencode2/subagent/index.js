// The face of subagent: the built-in tool, wrapped.

/** @typedef {import("./other_plugins.js").OtherPlugin} OtherPlugin */

export { ChildPrompts } from "./child_prompts.js"
export { InterruptedResults } from "./interrupted_results.js"
export { SubagentCalls } from "./subagent_calls.js"
export { wrapTool } from "./wrap_tool.js"
