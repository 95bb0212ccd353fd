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
 * @param {string} given
 * @returns {string | undefined}
 * @throws {DelegateError} `invalid_request` for a value that is no string
 */
export declare function normalizeSlug(given: string): string | undefined;
/**
 * Whether a `task_id` is a session's own: an id, or its name. Any other name may be another plugin's.
 *
 * @example
 * isOwnTaskID("Explore Auth", "explore-auth") // true
 * isOwnTaskID("exp-1", "explore-auth") // false
 * @param {string} given
 * @param {string} [slug] the session's name, if it has one
 * @returns {boolean}
 * @throws {DelegateError} `invalid_request` for a value that is no string
 */
export declare function isOwnTaskID(given: string, slug?: string): boolean;
/**
 * The kind of a `task_id`: the id of a session or of a background task, the word `last`, a name, or nothing usable.
 *
 * @example
 * classifyTaskID("Explore auth") // "name"
 * @param {string} given
 * @returns {TaskIDKind}
 * @throws {DelegateError} `invalid_request` for a value that is no string
 */
export declare function classifyTaskID(given: string): TaskIDKind;
