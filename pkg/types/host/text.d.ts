export type Decision = import("../api.js").Decision;
export type Candidate = import("../api.js").Candidate;
/**
 * @typedef {import("../api.js").Decision} Decision
 * @typedef {import("../api.js").Candidate} Candidate
 */
/** What is added to the task tool's description: the same bytes at every call. */
export declare const TOOL_GUIDE = "Every subagent session has a name, its task_id. Each result ends with it and says whether the session was resumed or started new.\n- To go on with work that a subagent has done, give its task_id again with the same subagent_type: it still knows what it read and did. Prefer this to starting over.\n- To name a new session, give a short task_id of your own, such as \"explore-auth\". A name that is in use resumes that session.\n- task_id \"last\" resumes your most recent session of that subagent_type.\n- Leave task_id out for new, unrelated work.";
/** The text of the task tool's task_id parameter. */
export declare const TASK_ID_GUIDE = "The name of the subagent session to resume (such as \"explore-auth\"), its ses_ id, or \"last\" for your most recent session of this subagent_type; or a short new name to start a session under. Leave out for new, unrelated work.";
/**
 * What a denied caller is told: the engine's message, and what it can do instead.
 * @param {Extract<Decision, { action: "deny" }>} decision
 */
export declare function denial({ message, candidates }: Extract<Decision, {
    action: "deny";
}>): string;
/** What is added to that of this package's own task tool. */
export declare const BACKGROUND_GUIDE = "- With background: true the call returns at once, and the result comes in a later message of its own. Do not wait or poll for it: go on with other work, or end your turn.\n- delegate_output reads the last answer of a session at any time, delegate_cancel ends what it does, delegate_list shows all sessions.";
/** The words of the task tool's parameters where OpenCode's own are not to be had. */
export declare const PARAMETERS: {
    description: string;
    prompt: string;
    subagent_type: string;
    task_id: string;
    command: string;
    background: string;
};
/**
 * The lines under a result: the session's name, what was done and why.
 * @param {Exclude<Decision, { action: "deny" }>} decision
 * @param {string} task_id
 * @param {string | undefined} trouble
 */
export declare function verdict(decision: Exclude<Decision, {
    action: "deny";
}>, task_id: string, trouble: string | undefined): string;
/**
 * The line that names a session which was stopped and can be corrected and continued.
 * @param {string} task_id
 */
export declare function kept(task_id: string): string;
/**
 * A result as OpenCode's own task tool writes it.
 * @param {{ sessionID: string, state: "completed" | "running" | "error", summary?: string, text: string }} result
 */
export declare function output({ sessionID, state, summary, text }: {
    sessionID: string;
    state: "completed" | "running" | "error";
    summary?: string;
    text: string;
}): string;
/**
 * The result of a call that does not wait.
 * @param {string} sessionID
 * @param {string} taskID
 * @param {number} behind how many prompts are before it
 */
export declare function started(sessionID: string, taskID: string, behind: number): string;
/**
 * What a caller reads of a background task that has ended.
 * @param {{
 *   sessionID: string, task_id: string, taskID: string, state: string, message?: string, notices: string[], lost: boolean,
 *   gone: boolean, answer?: import("./answer.js").Answer
 * }} task
 */
export declare function ended({ sessionID, task_id, taskID, state, message, notices, lost, gone, answer }: {
    sessionID: string;
    task_id: string;
    taskID: string;
    state: string;
    message?: string;
    notices: string[];
    lost: boolean;
    gone: boolean;
    answer?: import("./answer.js").Answer;
}): string;
/** @param {string} sessionID @param {string} why */
export declare const failure: (sessionID: string, why: string) => string;
/** @param {number} number @param {string} noun */
export declare const count: (number: number, noun: string) => string;
/**
 * The title of a delegation in the terminal.
 * @param {string} description
 * @param {Exclude<Decision, { action: "deny" }>["action"]} action
 * @param {string} task_id
 */
export declare function title(description: string, action: Exclude<Decision, {
    action: "deny";
}>["action"], task_id: string): string;
/**
 * What a summary of a conversation must keep.
 * @param {{ slug?: string, agent?: string, description: string }[]} sessions
 */
export declare function summaryGuide(sessions: {
    slug?: string;
    agent?: string;
    description: string;
}[]): string;
/**
 * The line under the result of a call that could not be judged.
 * @param {string} why
 */
export declare const unjudged: (why: string) => string;
/** The line that tells of a name which such a call gave in vain. @param {string} task_id */
export declare const passedOver: (task_id: string) => string;
/** The error of a subagent's call that could not be judged. @param {string} why */
export declare const unjudgedSubagent: (why: string) => string;
