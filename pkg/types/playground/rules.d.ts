export type Rule = {
    permission: string;
    pattern: string;
    action: "allow" | "ask" | "deny";
};
/**
 * @typedef {{ permission: string, pattern: string, action: "allow" | "ask" | "deny" }} Rule
 */
/** What OpenCode allows an agent of which nothing is said. @type {Rule[]} */
export declare const DEFAULTS: Rule[];
/**
 * @param {Rule[]} rules
 * @param {string} permission
 * @param {string} pattern
 * @returns {Rule["action"]}
 */
export declare function evaluate(rules: Rule[], permission: string, pattern: string): Rule["action"];
/** Whether a tool is not even offered. @param {Rule[]} rules @param {string} tool */
export declare function isHidden(rules: Rule[], tool: string): boolean;
/** The rules of a permission as opencode.json has it. @param {unknown} given @returns {Rule[]} */
export declare function rulesOf(given: unknown): Rule[];
