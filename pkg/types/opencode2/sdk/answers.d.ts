/**
 * @param {any[]} messages
 * @returns {import("../../core/session_tools.js").LastAnswer}
 */
export declare function lastAnswer(messages: any[]): import("../../core/session_tools.js").LastAnswer;
