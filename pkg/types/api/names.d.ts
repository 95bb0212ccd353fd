export type TaskIDKind = import("./types.js").TaskIDKind;
/** @typedef {import("./types.js").TaskIDKind} TaskIDKind */
/**
 * The id that a name has under a root, such as `ses_a3f2_explore-auth`.
 *
 * @example
 * deriveSessionID("ses_root", "explore-auth") // "ses_b1eb_explore-auth"
 * @param {string} rootID
 * @param {string} slug
 * @returns {string}
 */
export declare function deriveSessionID(rootID: string, slug: string): string;
/**
 * The name that a text stands for; `undefined` if no usable character is left.
 *
 * @example
 * normalizeSlug("Explore: the Auth!") // "explore-the-auth"
 * normalizeSlug("?!") // undefined
 * @param {string} text
 * @returns {string | undefined}
 */
export declare function normalizeSlug(text: string): string | undefined;
/**
 * The kind of a `task_id`: the id of a session or of a background task, the word `last`, a name, or nothing usable.
 *
 * @example
 * classifyTaskID("Explore auth") // "name"
 * @param {string} text
 * @returns {TaskIDKind}
 */
export declare function classifyTaskID(text: string): TaskIDKind;
