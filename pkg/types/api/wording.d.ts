export type Text = import("./types.js").Text;
/** @typedef {import("./types.js").Text} Text */
/**
 * Writes a text of a delegation, for a model or a person to read. Fields of other names are ignored.
 *
 * @example
 * wording({ kind: "title", description: "Explore auth", action: "spawn", task_id: "explore-auth" }) // "Explore auth · spawned"
 * @param {Text} text
 * @returns {string}
 * @throws {DelegateError} `invalid_request`, naming the field, for a field that is missing or of another type
 */
export declare function wording(text: Text): string;
