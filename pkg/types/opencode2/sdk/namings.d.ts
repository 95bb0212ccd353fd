/** The name of the built-in tool that delegates. */
export declare const SUBAGENT = "subagent";
/**
 * @param {any[]} messages
 * @returns {import("../../core/index.js").Naming[]}
 */
export declare function namings(messages: any[]): import("../../core/index.js").Naming[];
