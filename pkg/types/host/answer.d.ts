export type HostMessage = import("./client.js").HostMessage;
export type Answer = {
    text: string;
} | {
    error: string;
};
export type Trouble = {
    name: string;
    message: string;
    retryable?: boolean;
};
/**
 * @typedef {import("./client.js").HostMessage} HostMessage
 * @typedef {{ text: string } | { error: string }} Answer
 * @typedef {{ name: string, message: string, retryable?: boolean }} Trouble
 */
/**
 * The answer in an assistant's message, or what kept it from being one. As in OpenCode's own tool the last text is the
 * answer, and a tool that failed at the end is its failure.
 * @param {HostMessage} message
 * @returns {{ answer: Answer } | { trouble: Trouble }}
 */
export declare function answerOf({ info, parts }: HostMessage): {
    answer: Answer;
} | {
    trouble: Trouble;
};
/**
 * The last words of a session, whatever came of them.
 * @param {HostMessage[]} messages
 * @returns {string | undefined}
 */
export declare function lastWords(messages: HostMessage[]): string | undefined;
/**
 * The answer to a user message, if it has one: the last before somebody asked something else. To go on after a failure
 * adds user messages without parts, which ask nothing.
 * @param {HostMessage[]} messages
 * @param {string} [messageID] left out, the last answer of all
 * @returns {{ asked: boolean, answer?: Answer, trouble?: Trouble }}
 */
export declare function answerTo(messages: HostMessage[], messageID?: string): {
    asked: boolean;
    answer?: Answer;
    trouble?: Trouble;
};
