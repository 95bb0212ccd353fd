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
 * Whether a session of OpenCode 1 may have children, by its own rules and its record.
 *
 * @example
 * mayHaveChildren({ permission: [{ permission: "task", pattern: "*", action: "deny" }] }) // false
 * @param {{ permission?: unknown, record?: unknown }} session
 * @returns {boolean}
 */
export declare function mayHaveChildren(session: {
    permission?: unknown;
    record?: unknown;
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
 * The tokens that a session's context holds after an assistant message of OpenCode 1.
 *
 * @example
 * contextTokens({ tokens: { input: 100, output: 20, reasoning: 5, cache: { read: 3, write: 1 } } }) // 129
 * @param {{ tokens: { input: number, output: number, reasoning: number, cache: { read: number, write: number } }, summary?: unknown }} message
 * @returns {number}
 * @throws {DelegateError} `invalid_request`, naming the field, for a count that is missing or not a number
 */
export declare function contextTokens(message: {
    tokens: {
        input: number;
        output: number;
        reasoning: number;
        cache: {
            read: number;
            write: number;
        };
    };
    summary?: unknown;
}): number;
/**
 * Whether a prompt that has ended gave an answer, so that its call has a result; otherwise its call fails.
 *
 * @example
 * isAnswered({ state: "idle", text: "Done." }) // true
 * isAnswered({ state: "cancelled", text: "Half of it" }) // false
 * @param {{ state: string, text?: string, error?: string }} end the end state, and the answer's text or the error of a tool
 * @returns {end is { state: "idle", text: string }}
 * @throws {DelegateError} `invalid_request`, naming the field, for a field that is missing or of another type
 */
export declare function isAnswered(end: {
    state: string;
    text?: string;
    error?: string;
}): end is {
    state: "idle";
    text: string;
};
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
