export type Context = import("./context.js").Context;
export type Host = import("./context.js").Host;
export type HostEvent = import("./context.js").HostEvent;
export type Tool = import("./context.js").Tool;
export type ToolContext = import("./context.js").ToolContext;
export type ToolResult = import("./context.js").ToolResult;
/**
 * @typedef {import("./context.js").Context} Context
 * @typedef {import("./context.js").Host} Host
 * @typedef {import("./context.js").HostEvent} HostEvent
 * @typedef {import("./context.js").Tool} Tool
 * @typedef {import("./context.js").ToolContext} ToolContext
 * @typedef {import("./context.js").ToolResult} ToolResult
 */
export { AgentFields } from "./agents.js";
export { lastAnswer } from "./answers.js";
export { bindContext } from "./context.js";
export { SUBAGENT } from "./namings.js";
