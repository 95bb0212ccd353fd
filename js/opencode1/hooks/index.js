// The face of hooks: OpenCode's hooks, as this package fills them.

export { eventHook } from "./events.js"
export { readConfig, unknownFields } from "./read_config.js"
export { Requests } from "./requests.js"
export { ToolDefinition } from "./tool_definition.js"
