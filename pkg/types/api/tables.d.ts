export type Recovery = import("./types.js").Recovery;
export type Rule = import("./types.js").Rule;
export type Transition = import("./types.js").Transition;
/**
 * @typedef {import("./types.js").Recovery} Recovery
 * @typedef {import("./types.js").Rule} Rule
 * @typedef {import("./types.js").Transition} Transition
 */
/**
 * The decision table, row by row.
 *
 * @example
 * rules()[0].rule // "G1"
 * @returns {Rule[]}
 */
export declare function rules(): Rule[];
/**
 * The prompt table, row by row: it decides about prompts.
 *
 * @example
 * transitions()[0].row // "B1"
 * @returns {Transition[]}
 */
export declare function transitions(): Transition[];
/**
 * The recovery table, row by row: it decides about the prompts and tasks of other processes.
 *
 * @example
 * recoveries()[0].row // "C1"
 * @returns {Recovery[]}
 */
export declare function recoveries(): Recovery[];
