/**
 * Wraps the tool, for `ctx.tool.transform`.
 * @param {{ update: (id: string, change: (tool: import("../sdk/index.js").Tool) => void) => void }} editor
 * @param {import("./subagent_calls.js").SubagentCalls} calls
 * @param {boolean} teaches whether the texts teach names: no text does if nothing looks names up
 */
export declare function wrapTool(editor: {
    update: (id: string, change: (tool: import("../sdk/index.js").Tool) => void) => void;
}, calls: import("./subagent_calls.js").SubagentCalls, teaches: boolean): void;
