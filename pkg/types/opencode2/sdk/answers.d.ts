/**
 * @param {any[]} messages
 * @returns {import("../../core/index.js").LastAnswer}
 */
export declare function lastAnswer(messages: any[]): import("../../core/index.js").LastAnswer;
