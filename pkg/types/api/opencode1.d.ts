export type HostFailure = import("./types.js").HostFailure;
export type MessageOutline = import("./types.js").MessageOutline;
export type PromptReading = import("./types.js").PromptReading;
/**
 * @typedef {import("./types.js").HostFailure} HostFailure
 * @typedef {import("./types.js").MessageOutline} MessageOutline
 * @typedef {import("./types.js").PromptReading} PromptReading
 */
/**
 * The description in the title of a child, as OpenCode 1 titles it; the whole title if it is not of that form.
 *
 * @example
 * childDescription("Explore auth (@explorer subagent)") // "Explore auth"
 * @param {string} title
 * @returns {string}
 */
export declare function childDescription(title: string): string;
/**
 * Whether a session of OpenCode 1 may have children, by its own rules and the budget of its record, in calls.
 *
 * @example
 * mayHaveChildren({ permission: [{ permission: "task", pattern: "*", action: "deny" }] }) // false
 * @param {{ permission?: unknown, budget?: unknown }} session
 * @returns {boolean}
 */
export declare function mayHaveChildren(session: {
    permission?: unknown;
    budget?: unknown;
}): boolean;
/**
 * How a prompt stands in the messages of its session, read from their outline as OpenCode 1's own task tool reads them. Without
 * `messageID`, the answer is in the last assistant message of all.
 *
 * @example
 * const message = { role: "assistant", finish: "stop", parts: [{ type: "text", text: 9 }] }
 * readAnswer({ messages: [message] }).answer // [0, 0]
 * @param {{ messages: MessageOutline[], messageID?: string }} given
 * @returns {PromptReading}
 */
export declare function readAnswer(given: {
    messages: MessageOutline[];
    messageID?: string;
}): PromptReading;
/**
 * The failure that an error of OpenCode 1 stands for.
 *
 * @example
 * readError({ name: "APIError", data: { message: "429" } }).message // "429"
 * @param {unknown} error
 * @returns {HostFailure}
 */
export declare function readError(error: unknown): HostFailure;
/**
 * Whether one of some parts delivers the same result as a part that is about to be sent.
 *
 * @example
 * holdsResult(["prt_000000000001abcdefghijklmn"], "prt_000000000002abcdefghijklmn") // true
 * @param {string[]} ids the ids of a session's parts
 * @param {string} partID
 * @returns {boolean}
 */
export declare function holdsResult(ids: string[], partID: string): boolean;
